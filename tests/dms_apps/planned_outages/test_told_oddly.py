"""What other systems tell of plans in an order, or in a way, that nobody would expect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from cim.message import Property, User, Verb
from cim.network import Network
from cim.profiles.identification import UsagePoint
from cim.profiles.planned_outages import PlannedOutages
from dms_apps.planned_outages import store
from dms_apps.planned_outages.plan import State
from dms_apps.planned_outages.tables import early
from hub.journal.canonical import decode, encode
from tests.dms_apps.planned_outages.conftest import Begin
from tests.dms_apps.planned_outages.playing import (
    Run,
    customer,
    message,
    moment,
    plain,
    plan,
    question,
    switched,
)

PERIOD = {"from": "8 10:00", "until": "8 12:00"}
NOBODY = (UsagePoint(),)


@pytest.fixture
def run(begun: Begin) -> Run:
    return begun()


def test_a_model_comes_in_which_a_switch_of_a_plan_is_a_line(run: Run) -> None:
    street, run.network = run.network, Network.empty()
    run.play({"at": "01:00", "created": {"id": "P-1", "then open": ["l"], **PERIOD}})
    run.until(moment("01:01"))
    run.network = street
    run.play({"at": "01:30", "created": {"id": "P-2", "open": ["S1"], **PERIOD}})
    run.play({"at": "01:40"})
    one = store.plan_of(run.connection, "P-1")
    assert one is not None
    assert "ACLineSegment l name (l) is no switch, it cannot be opened." in one.remarks[0]


def test_a_usage_point_that_is_called_nothing_is_none(run: Run) -> None:
    one = replace(plan({"id": "P-1", "open": ["S1"], **PERIOD}), de_energized_usage_point=NOBODY)
    told = message(PlannedOutages(planned_outage=(one,)), Verb.CREATED, run.now, "ERP")
    run.hand(decode(encode(told)))
    assert store.points(run.connection, "P-1").keys() == {"p1", "p2"}


@pytest.mark.parametrize(
    ("told", "created", "state"),
    [
        ({"id": "P-1"}, {"id": "P-1"}, State.CANCELLED),
        ({"names": ["17"]}, {"id": "P-1", "names": ["17"]}, State.CANCELLED),
        ({"id": "P-1", "names": ["17"]}, {"id": "P-2", "names": ["17"]}, State.NOTIFIED),
        ({"id": "P-1", "as_of": "07:59"}, {"id": "P-1"}, State.NOTIFIED),  # planned anew
    ],
)
def test_it_is_called_off_before_it_is_told(
    run: Run, told: dict[str, Any], created: dict[str, Any], state: State
) -> None:
    run.play({"at": "09:00", "canceled": {"as_of": "09:00", "why": "rain", **told}})
    said = run.play(
        {"at": "09:01", "created": {"as_of": "08:00", "open": ["S1"], **PERIOD, **created}}
    )
    said += run.play({"at": "5 10:00"})
    [one] = store.plans(run.connection)
    assert one.state == state
    assert any("announcement" in line for line in said) == (state is State.NOTIFIED)
    assert one.why == ("rain" if state is State.CANCELLED else "")


def test_what_ended_before_it_was_told_is_forgotten(run: Run) -> None:
    run.play({"at": "09:00", "canceled": {"id": "P-1", "as_of": "09:00"}})
    run.play({"at": "09:01", "created": {"id": "P-2", "open": ["S1"], "as_of": "08:00", **PERIOD}})
    run.play({"at": "500 09:00"})
    assert run.connection.execute(sa.select(early)).first() is None


def looked_at(run: Run, *, fails: bool) -> set[str]:
    """Whom a plan concerns after all have another supply, and a look at that was given up, or
    not."""
    plan_ = {"id": "P-1", "open": ["B"], "from": "20 10:00", "until": "20 12:00"}
    run.play({"at": "00:10", "create": plan_})
    run.until(moment("01:00"))
    assert {*store.points(run.connection, "P-1")} == {"p1", "p2", "p3"}
    run.due = None
    run.now = moment("02:00")
    run.hand(message(switched({"close": ["T"]}, run.now), Verb.CREATED, run.now, "SCADA"))
    run.now = moment("02:01")
    part = run.connection.begin_nested()
    list(run.app.wake(run))  # type: ignore[arg-type]  # enough of a context
    if fails:
        part.rollback()  # as when the transaction cannot be committed
    list(run.app.wake(run))  # type: ignore[arg-type]
    return {*store.points(run.connection, "P-1")}


@pytest.mark.parametrize("fails", [False, True])
def test_a_look_that_is_not_kept_is_none(run: Run, *, fails: bool) -> None:
    assert looked_at(run, fails=fails) == set()


def test_an_option_that_there_is_not_is_refused(run: Run) -> None:
    asked = question({"id": "P-1"}, run.now)
    assert asked.request is not None
    run.hand(replace(asked, request=replace(asked.request, options=(Property("statsu", "x"),))))
    assert list(plain(run.said[0])) == ["FAILED", "FATAL: Option 'statsu': it is not status"]


def test_of_a_customer_what_is_too_long_is_cut_or_not_said(begun: Begin) -> None:
    run = begun()
    told = customer({"point": "p1", "account": "A-1", "need": "n" * 1100})
    [one] = told.customer_agreement
    one = replace(one, customer=replace(one.customer, locale="x" * 50))
    run.hand(message(replace(told, customer_agreement=(one,)), Verb.CREATED, run.now, "CIS"))
    [row] = store.customers(run.connection, ["p1 name"])
    assert (row.locale, row.special_need) == ("", "n" * 1000)


def test_who_asks_by_a_long_name_is_kept_by_its_beginning(begun: Begin) -> None:
    run = begun()
    payload = PlannedOutages(planned_outage=(plan({"id": "P-1", "open": ["S1"], **PERIOD}),))
    asked = message(payload, Verb.CREATE, run.now, "ERP")
    run.hand(replace(asked, header=replace(asked.header, user=User(user_id="u" * 250))))
    assert list(plain(run.said[0])) == ["OK"]
    assert {row.who for row in store.decisions(run.connection)} == {"u" * 200}
