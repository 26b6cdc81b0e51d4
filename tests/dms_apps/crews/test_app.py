"""The app beside its cases: order of arrival, answers, places, what is forgotten, catching up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Result, Verb
from cim.profiles import crews as cim
from cim.profiles.trouble_orders import TroubleOrders
from dms_apps.crews import CrewsApp, tables
from hub.report import Form, Unanswerable
from tests.dms_apps.crews.playing import Run, moment, plain, question

CREWS, OUTAGES = st.sampled_from(["C-1", "C-2"]), st.sampled_from(["O-1", "O-2", "O-3"])
TIMES = st.integers(0, 59).map(lambda minute: f"08:{minute:02}")
SHIFTS = st.sampled_from([[["06:00", "14:00"]], [["14:00", "22:00"]]])
of_crews = st.fixed_dictionaries(
    {"id": CREWS, "as_of": TIMES, "verb": st.sampled_from(["created", "changed"])},
    optional={
        "skills": st.sampled_from([["live"], ["trees", "live"]]),
        "shifts": SHIFTS,
        "at": st.tuples(st.integers(0, 9), st.integers(0, 9)),
        "status": st.sampled_from(["available", "enroute", "arrived"]),
        "of": OUTAGES.map(lambda one: [one]),
    },
).map(lambda one: {"crew": one})
of_outages = st.fixed_dictionaries(
    {"id": OUTAGES, "as_of": TIMES, "verb": st.sampled_from(["created", "changed"])},
    optional={
        "customers": st.integers(1, 90),
        "critical": st.integers(1, 3),
        "since": TIMES,
        "state": st.sampled_from(["predicted", "confirmed", "restored"]),
    },
).map(lambda one: {"outage": one})
of_orders = st.fixed_dictionaries(
    {"outage": OUTAGES, "as_of": TIMES, "crews": CREWS.map(lambda one: [one])},
    optional={"status": st.sampled_from(["assigned", "enroute", "arrived", "fieldComplete"])},
).map(lambda one: {"erp": one})
of_ends = st.fixed_dictionaries(
    {"id": OUTAGES, "as_of": TIMES, "verb": st.sampled_from(["closed", "canceled"])}
).map(lambda one: {"outage": one})
of_incidents = st.fixed_dictionaries(
    {"id": st.sampled_from(["I-1", "I-2"]), "as_of": TIMES, "outage": OUTAGES},
    optional={"hazards": st.just(["wire down"]), "cleared": st.just(["wire down"])},
).map(lambda one: {"incident": one})
of_tickets = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["T-1", "T-2"]),
        "as_of": TIMES,
        "verb": st.sampled_from(["created", "changed", "closed", "canceled"]),
    },
    optional={"hazards": st.just(["wire down"])},
).map(lambda one: {"ticket": one})
some = of_crews | of_outages | of_orders


def heard(begun: Callable[..., Run], events: list[dict[str, Any]], *, woken: bool) -> list[Any]:
    """What is known once all has been told: crews, and orders with who is at them."""
    run = begun()
    run.until(moment("09:00"))
    for event in events:
        run.tell({"at": "09:00", **event})
        if woken:
            run.until(run.now + timedelta(seconds=2))
    run.until(moment("10:00"))
    queue = ("outage", "rank", "points", "about", "since", "status", "crews")
    crews = ("mRID", "on shift", "until", "skills", "first coordinate", "status", "since")
    return [sorted(map(repr, run.rows("work-queue", *queue))), run.rows("crews", *crews)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(some | of_ends | of_incidents | of_tickets, max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_of_arrival_and_duplicates_make_no_difference(
    begun: Callable[..., Run], events: list[dict[str, Any]], order_: Any
) -> None:
    mixed = [*events, *events[:3]]
    order_.shuffle(mixed)
    assert heard(begun, mixed, woken=False) == heard(begun, events, woken=False)


@settings(max_examples=25, deadline=None)
@given(st.lists(some, max_size=8), st.randoms(use_true_random=False))
def test_nor_does_it_when_orders_are_given_meanwhile(
    begun: Callable[..., Run], events: list[dict[str, Any]], order_: Any
) -> None:
    kept = [one for one in events if one.get("outage", {}).get("state") != "restored"]
    kept = [one for one in kept if one.get("erp", {}).get("status") != "fieldComplete"]
    mixed = kept.copy()
    order_.shuffle(mixed)
    assert heard(begun, mixed, woken=True) == heard(begun, kept, woken=False)


@settings(max_examples=30, deadline=None)
@given(st.lists(some | of_ends | of_incidents, max_size=14), st.sampled_from(["suggest", "assign"]))
def test_no_crew_is_at_two_orders_and_none_is_sent_off_shift(
    begun: Callable[..., Run], events: list[dict[str, Any]], assignment: str
) -> None:
    run = begun(assignment=assignment)
    run.until(moment("09:00"))
    for event in events:
        run.tell({"at": "09:00", **event})
        run.until(run.now + timedelta(seconds=2))
        at = [
            crew.split(" ")[1]
            for [crews] in run.rows("work-queue", "crews")
            for crew in crews.split(", ")
            if crew.endswith((" enroute", " arrived"))
        ]
        assert len(at) == len(set(at))
    on = {mrid for mrid, is_on in run.rows("crews", "mRID", "on shift") if is_on == "yes"}
    sent = run.connection.execute(
        sa.select(tables.step).where(
            tables.step.c.who == "crews", tables.step.c.stage == "assigned"
        )
    )
    assert {row.crew for row in sent} <= on


def test_it_tells_crews_with_what_they_are_at(begun: Callable[..., Run]) -> None:
    run = begun()
    first = {"id": "C-1", "by": "WE", "kind": "line", "skills": ["live"], "at": [8.5, 47.4]}
    run.tell({"at": "08:00", "crew": [first | {"depot": "North", "status": "available"}]})
    run.tell({"at": "08:00", "crew": {"id": "C-2", "shifts": [["07:00", "15:00"]]}})
    run.tell({"at": "08:00", "outage": {"id": "O-1", "customers": 3, "says": "Fuse open."}})
    run.tell({"at": "08:01", "ask": {"verb": "change", "of": "O-1", "crews": ["C-1"]}})
    run.tell({"at": "08:02", "ask": {"verb": "change", "of": "O-1", "status": "enroute"}})
    [reply] = run.take(question())
    assert isinstance(reply.payload, cim.Crews)
    one, other = reply.payload.crew
    assert one.status is not None
    assert (one.mrid, one.status.value, one.outage[0].mrid) == ("C-1", "enroute", "O-1")
    assert one.work_tasks[0].subject == "Fuse open."
    assert one.location is not None
    assert (one.location.position_points[0].x_position, one.location.names[0].name) == (
        "8.5",
        "North",
    )
    kind = one.names[0].name_type
    assert kind is not None
    assert kind.name_type_authority is not None
    assert kind.name_type_authority.name == "WE"
    assert [c.type for c in one.capabilities] == ["live"]
    assert other.status is None
    assert other.shift_patterns[0].validity_interval is not None
    assert other.shift_patterns[0].validity_interval.start == moment("07:00")
    [named] = run.take(question("Line C-2", "nobody"))
    assert named.reply is not None
    assert named.reply.result is Result.PARTIAL
    assert [e.details for e in named.reply.errors] == ["Crew 'nobody': there is none"]
    [nothing] = run.take(question("nobody"))
    assert nothing.reply is not None
    assert (nothing.reply.result, nothing.payload) == (Result.FAILED, None)


def test_a_crew_that_is_deleted_is_gone_until_it_is_told_again(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1"}})
    run.tell({"at": "08:01", "crew": {"id": "C-1", "verb": "deleted"}})
    assert run.rows("crews", "mRID") == []
    run.tell({"at": "08:02", "crew": {"id": "C-1"}})
    assert run.rows("crews", "mRID") == [["C-1"]]


def test_a_change_of_a_crew_leaves_what_it_does_not_say(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1", "skills": ["live"], "depot": "North"}})
    run.tell({"at": "08:01", "crew": {"id": "C-1", "verb": "changed", "status": "offDuty"}})
    columns = ("skills", "place", "status")
    assert run.rows("crews", *columns) == [["live", "North", "offDuty"]]
    run.tell({"at": "08:02", "crew": {"id": "C-1", "skills": ["trees"]}})
    assert run.rows("crews", *columns) == [["trees", "North", "offDuty"]]


def test_what_is_decided_later_counts_though_no_time_has_passed(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1"}, "outage": {"id": "O-1", "customers": 3}})
    run.until(moment("08:01"))
    off = {"verb": "change", "of": "O-1", "status": "awaitingCrewAssignment"}
    on = {"verb": "change", "of": "O-1", "crews": ["C-1"]}
    run.tell({"at": "08:01", "ask": [on, off]})
    assert run.rows("work-queue", "crews") == [[""]]
    run.tell({"at": "08:01", "ask": [on, off, on]})
    assert run.rows("work-queue", "crews") == [["Line C-1 assigned"]]


def test_a_request_that_is_refused_leaves_nothing_behind(begun: Callable[..., Run]) -> None:
    run = begun()
    asked = {"verb": "create", "id": "D-1", "says": "Patrol", "crews": ["nobody"]}
    run.tell({"at": "08:00", "ask": asked})
    run.until(moment("08:01"))
    assert run.rows("work-queue", "order") == []
    assert run.rows("log", "what") == []


def test_what_is_to_come_is_refused(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1"}, "outage": {"id": "O-1", "customers": 3}})
    change = {"verb": "change", "of": "O-1", "crews": ["C-1"], "status": "enroute"}
    later = run.play({"at": "08:02", "ask": change | {"as_of": "09:00"}})
    assert later[0].startswith("FAILED")
    assert "status.dateTime 2025-11-20T09:00:00+00:00: it lies in the future" in later[0]
    assert run.rows("work-queue", "crews") == [[""]]
    run.app = replace(run.app, days=0.001)
    before = run.play({"at": "08:03", "ask": change | {"as_of": "08:00"}})
    assert "08:00:00+00:00: it lies more than 0.001 days in the past" in before[0]
    run.app = replace(run.app, days=30.0)
    # A clock may be a little ahead: that is now.
    run.play({"at": "08:03", "ask": change | {"as_of": "08:05"}})
    assert run.rows("work-queue", "crews") == [["Line C-1 enroute"]]
    assert max(at for [at] in run.rows("log", "at")) <= run.now


def test_a_change_may_tell_again_when_the_crew_came_however_long_ago(
    begun: Callable[..., Run],
) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1"}, "outage": {"id": "O-1", "customers": 3}})
    change = {"verb": "change", "of": "O-1", "crews": ["C-1"]}
    run.play({"at": "08:02", "ask": change | {"status": "enroute", "as_of": "08:01"}})
    run.app = replace(run.app, days=0.001)
    run.play({"at": "08:30", "ask": change | {"status": "arrived", "as_of": "08:01"}})
    assert run.rows("work-queue", "crews") == [["Line C-1 arrived"]]


def test_who_did_what_is_kept_with_its_name(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1"}, "outage": {"id": "O-1", "customers": 3}})
    run.tell({"at": "08:01", "ask": {"verb": "change", "of": "O-1", "crews": ["C-1"], "rank": 2}})
    run.tell({"at": "08:02", "ask": {"verb": "change", "of": "O-1", "rank": 0, "user": "ben"}})
    run.tell({"at": "08:03", "ask": {"verb": "close", "of": "O-1", "user": "cleo"}})
    found = run.rows("log", "crew", "what", "who", order=run.numbers["O-1"])
    assert found == [
        ["Line C-1", "fieldComplete", "cleo"],
        ["", "closed", "cleo"],
        ["", "rank taken back", "ben"],
        ["", "rank 2", "anna"],
        ["Line C-1", "assigned", "anna"],
    ]
    assert "O-1 is not over, but order" in run.report("work-queue").remarks[0]
    with pytest.raises(Unanswerable, match="order: there is no order 'X'"):
        run.report("log", order="X")
    with pytest.raises(Unanswerable, match="hours: a number was expected"):
        run.report("log", hours="many")


def test_what_is_over_is_forgotten_after_a_while(begun: Callable[..., Run]) -> None:
    run = begun(days=1.0)
    run.tell({"at": "08:00", "outage": {"id": "O-1", "customers": 3}})
    run.tell({"at": "08:01", "outage": {"id": "O-1", "verb": "closed"}})
    run.until(moment("09:00") + timedelta(days=2))
    for table in tables.metadata.sorted_tables:
        assert run.connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_needed_crews_are_drawn(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "outage": {"id": "O-1", "customers": 3}})
    run.until(moment("08:01"))
    draw = run.report("needed-crews").draw
    assert draw is not None
    assert b"crews" in draw(Form.SVG)


def test_a_crew_named_before_it_is_known_is_found_when_it_is(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "outage": {"id": "O-1", "customers": 3}})
    given_ = {"outage": "O-1", "crews": ["Line C-1"], "status": "enroute", "as_of": "08:01"}
    run.tell({"at": "08:01", "erp": given_})
    run.until(moment("08:02"))
    assert run.report("work-queue").remarks[0] == "Nothing was told of crew Line C-1."
    run.tell({"at": "08:02", "crew": {"id": "C-1"}})
    assert run.rows("crews", "mRID", "status") == [["C-1", "enroute"]]


def test_what_it_says_while_it_learns_is_said_again(begun: Callable[..., Run]) -> None:
    """Its words of then are dropped: they do not come back to it."""
    run = begun(assignment="assign")
    run.echoes = False
    run.tell({"at": "08:00", "crew": {"id": "C-1"}, "outage": {"id": "O-1", "customers": 3}})
    run.tell({"at": "08:00", "outage": {"id": "O-2", "customers": 2}})
    run.tell({"at": "08:01", "outage": {"id": "O-2", "verb": "closed"}})
    run.until(moment("08:01:30"))
    run.echoes, run.said = True, []
    run.until(moment("08:10"))
    told = [line for one in run.said for line in plain(one, run.numbers)]
    assert told == [
        "created order of O-1: assigned, rank 4 [C-1 at 08:32]",
        "change outage O-1: assigned [C-1]",
    ]


def test_it_asks_to_learn_and_answers_dispatchers() -> None:
    app = CrewsApp()
    assert app.catch_up
    verbs = {topic.verb for topic in app.topics if topic.noun == "TroubleOrders"}
    assert verbs >= {Verb.CREATE, Verb.CHANGE, Verb.CLOSE, Verb.CANCEL}


def test_calls_without_a_danger_cost_nothing(begun: Callable[..., Run]) -> None:
    run = begun()
    for verb in ("created", "changed", "closed"):
        run.tell({"at": "08:00", "ticket": {"id": "T-1", "point": "P-1", "verb": verb}})
    assert run.due is None
    assert run.connection.scalar(sa.select(sa.func.count()).select_from(tables.told)) == 0


@pytest.mark.parametrize("verb", ["closed", "canceled", "deleted"])
def test_a_danger_told_after_its_call_is_over_is_none(begun: Callable[..., Run], verb: str) -> None:
    run = begun(days=1.0)
    over = {"id": "T-1", "verb": verb, "as_of": "08:00"}
    danger = {"id": "T-1", "hazards": ["wire"], "as_of": "07:59"}
    run.tell({"at": "08:00", "ticket": [over, over]})
    run.tell({"at": "08:01", "ticket": [danger, danger]})
    run.until(moment("09:00"))
    assert run.rows("work-queue", "about") == []
    run.tell({"at": "09:00", "ticket": over | {"id": "T-2"}})
    run.now += timedelta(days=2)
    run.wake_at(run.now)
    run.until(run.now)
    assert run.connection.scalar(sa.select(sa.func.count()).select_from(tables.ended)) == 0


def test_a_dispatcher_is_told_where_crews_of_several_outages_are(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": [{"id": "C-1"}, {"id": "C-2"}]})
    run.tell({"at": "08:00", "outage": [{"id": "O-1", "customers": 3}, {"id": "O-2"}]})
    run.tell({"at": "08:01", "ask": {"verb": "change", "of": "O-1", "crews": ["C-1"]}})
    run.tell({"at": "08:01", "ask": {"verb": "change", "of": "O-2", "crews": ["C-2"]}})
    run.tell({"at": "08:02", "outage": {"id": "O-1", "verb": "closed", "into": "O-2"}})
    run.until(moment("08:03"))
    [remark, _] = run.report("work-queue").remarks
    assert remark == (
        f"Order {run.numbers['O-2']}: outages have become one, and Line C-1 came to Line C-2. All"
        " stay until somebody takes them off."
    )
    run.tell({"at": "08:04", "ask": {"verb": "change", "of": "O-2", "crews": ["C-1"]}})
    assert len(run.report("work-queue").remarks) == 1


def test_an_order_that_was_closed_is_open_again_when_crews_come(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1"}})
    run.tell({"at": "08:00", "outage": [{"id": "O-1", "customers": 3}, {"id": "O-2"}]})
    run.tell({"at": "08:01", "ask": {"verb": "change", "of": "O-1", "crews": ["C-1"]}})
    run.tell({"at": "08:01", "ask": {"verb": "close", "of": "O-2"}})
    run.tell({"at": "08:02", "outage": {"id": "O-1", "verb": "closed", "into": "O-2"}})
    run.until(moment("08:03"))
    assert run.rows("work-queue", "outage", "crews") == [["O-2", "Line C-1 assigned"]]
    assert ["", "open again, as crews came"] in run.rows("log", "crew", "what")


def test_a_crew_of_an_outage_that_is_part_of_one_that_is_over_is_free(
    begun: Callable[..., Run],
) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1"}})
    run.tell({"at": "08:00", "outage": [{"id": "O-1", "customers": 3}, {"id": "O-2"}]})
    run.tell({"at": "08:01", "ask": {"verb": "change", "of": "O-1", "crews": ["C-1"]}})
    run.tell({"at": "08:02", "outage": {"id": "O-2", "verb": "closed"}})
    run.tell({"at": "08:02", "outage": {"id": "O-1", "verb": "closed", "into": "O-2"}})
    run.until(moment("08:03"))
    assert run.rows("work-queue", "outage") == []
    assert run.rows("log", "crew", "what")[0] == [
        "Line C-1",
        "awaitingCrewAssignment: the trouble is part of O-2",
    ]


def test_of_a_split_the_crew_stays_with_the_outage_to_which_it_was_sent(
    begun: Callable[..., Run],
) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1"}, "outage": {"id": "O-1", "customers": 9}})
    run.tell({"at": "08:01", "ask": {"verb": "change", "of": "O-1", "crews": ["C-1"]}})
    run.tell({"at": "08:02", "outage": {"id": "O-1", "verb": "changed", "customers": 4}})
    run.tell({"at": "08:02", "outage": {"id": "O-2", "customers": 5}})
    run.until(moment("08:03"))
    found = run.rows("work-queue", "outage", "crews")
    assert sorted(found) == [["O-1", "Line C-1 assigned"], ["O-2", ""]]


def test_an_order_says_how_long_the_work_takes_once_it_is_assessed(
    begun: Callable[..., Run],
) -> None:
    run = begun()
    run.tell({"at": "08:00", "outage": {"id": "O-1", "customers": 3}})
    run.tell({"at": "08:05", "incident": {"id": "I-1", "outage": "O-1", "works": ["W-1"]}})
    run.until(moment("08:06"))
    run.said = []
    run.tell({"at": "08:10", "work": {"id": "W-1", "estimate": ["09:00", "12:30"]}})
    run.until(moment("08:11"))
    [said] = run.said
    assert isinstance(said.payload, TroubleOrders)
    interval = said.payload.trouble_order[0].planned_execution_interval
    assert interval is not None
    assert interval.start is not None
    assert interval.end is not None
    assert interval.end - interval.start == timedelta(hours=3.5)


def test_an_outage_by_what_the_network_does_not_know_is_where_its_customers_are(
    begun: Callable[..., Run],
) -> None:
    run = begun([{"id": "M1", "kind": "Fuse", "at": [1, 2], "feeder": "FDR-7"}])
    run.play({"at": "08:00", "outage": {"id": "O-1", "device": "a jumper", "point": "M1"}})
    columns = ("place", "feeder", "zone")
    assert run.rows("work-queue", *columns) == [["M1", "FDR-7", "FDR-7"]]
