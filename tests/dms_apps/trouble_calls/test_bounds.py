"""What is longer or larger than the tables have room for, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from cim.message import Verb
from cim.profiles.compounds import Status
from cim.profiles.customer_contacts import CustomerNotification
from cim.profiles.kinds import NotificationTriggerKind
from cim.profiles.premises import ServiceLocation
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from dms_apps.trouble_calls import store
from dms_apps.trouble_calls.tables import outage, planned, wish
from tests.dms_apps.trouble_calls.playing import Run, call, customer, event, moment, names
from tests.dms_apps.trouble_calls.test_cases import begun
from tests.dms_apps.trouble_calls.test_requests import ask, refused, ticket


@pytest.fixture
def run(database_url: str) -> Iterator[Run]:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        yield begun(connection, zone="UTC")
    engine.dispose()


def take(run: Run, one: Any) -> None:
    run.said = list(run.app.handle(one, run))  # type: ignore[arg-type]  # enough of a context


LONG = "9" * 210
OUTAGE = UnplannedOutage(mrid="O-1", original_customers_served=10)


def test_of_a_call_what_is_too_long_is_not_said(run: Run) -> None:
    wants = {"phone": LONG, "wants": ["powerRestored"]}
    take(run, call({"id": "T-1", "premise": "y" * 195, "point": "p", **wants}, moment("08:00")))
    [row] = store.tickets(run.connection, sa.true())
    assert store.points_of_ticket(run.connection, row.id) == ["p"]
    [wanted] = run.connection.execute(sa.select(wish))
    assert (wanted.contact_type, wanted.contact_value) == ("phone", None)
    said = {"account": "A" * 195, "premise": "y" * 195, "phone": LONG}
    take(run, customer({"point": "p", **said}, moment("08:01")))
    assert store.known_points(run.connection, ["UsagePoint p"]) == {"mrid of p"}


def test_of_an_outage_a_long_cause_is_cut_and_what_cannot_be_counted_is_not_said(run: Run) -> None:
    for meters in (3_000_000_000, 10**400, -1):
        one = replace(OUTAGE, mrid=f"O{meters}"[:20], cause="z" * 1100, meters_affected=meters)
        told = UnplannedOutages(unplanned_outage=(one,))
        take(run, event(told, Verb.CREATED, moment("08:00")))
    for row in run.connection.execute(sa.select(outage)):
        assert (row.without, row.cause) == (None, "z" * 1000)
    period = {"begins": "10:00", "ends": "11:00", "points": ["p"], "reason": "z" * 1100}
    run.play({"at": "09:00", "plan": {"id": "P-1", "verb": "created", **period}})
    [plan] = run.connection.execute(sa.select(planned))
    assert plan.reason == "z" * 1000


def test_no_outage_is_called_by_a_long_text(run: Run) -> None:
    merged = Status(value="merged", reason="z" * 300)
    told = UnplannedOutages(unplanned_outage=(replace(OUTAGE, status=merged),))
    take(run, event(told, Verb.CLOSED, moment("08:00")))
    assert [row.id for row in run.connection.execute(sa.select(outage))] == ["O-1"]


def told_to(kind: str, value: str) -> CustomerNotification:
    trigger = NotificationTriggerKind.POWER_RESTORED
    return CustomerNotification(contact_type=kind, contact_value=value, trigger=trigger)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"notification": (told_to("phone", LONG),)}, "notification, contactValue"),
        ({"notification": (told_to(LONG, "1"),)}, "notification, contactType"),
        ({"service_location": ServiceLocation(names=names("y" * 195))}, "PremiseNumber"),
    ],
)
def test_who_asks_for_what_is_too_long_is_told_so(
    run: Run, said: dict[str, Any], rule: str
) -> None:
    run.until(moment("08:00"))
    ask(run, Verb.CREATE, ticket("T-1", moment("07:58")))
    for verb, mrid in ((Verb.CREATE, "T-2"), (Verb.CHANGE, "T-1")):
        one = ticket(mrid, moment("07:59") if verb is Verb.CREATE else None, **said)
        [(code, sentence)] = refused(ask(run, verb, one))
        assert code == "6.1"
        assert f"TroubleTicket {mrid}, {rule}: it has" in (sentence or "")
    assert [row.id for row in store.tickets(run.connection, sa.true())] == ["T-1"]
