"""The outage app beside its cases: order of arrival, questions, sentences, storms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cim.message import (
    Header,
    Kind,
    Message,
    ObjectId,
    Outgoing,
    Request,
    Result,
    Verb,
)
from cim.profiles.trouble_symptoms import TroubleSymptomsLightKind
from cim.profiles.unplanned_outages import UnplannedOutages
from tests.dms_apps.outage.conftest import after

LOST, RESTORED, ON = "3.26.0.85", "3.26.0.216", "3.26.0.1"
#  SS1 -- CB1 -+- R1 -+- T1: M1 M2 M3
#              |      +- T2: M4 M5 M6
#              +- T3: M7 M8 M9
DEVICES = [
    {"id": "CB1", "parent": "SS1", "kind": "breaker"},
    {"id": "R1", "parent": "CB1", "kind": "recloser"},
    {"id": "T1", "parent": "R1", "kind": "transformer", "premises": ["M1", "M2", "M3"]},
    {"id": "T2", "parent": "R1", "kind": "transformer", "premises": ["M4", "M5", "M6"]},
    {
        "id": "T3",
        "parent": "CB1",
        "kind": "transformer",
        "premises": ["M7", "M8", "M9"],
        "critical": ["M8"],
    },
]

meters = st.tuples(
    st.sampled_from([f"M{n}" for n in range(1, 11)]),  # M10 is not in the network
    st.sampled_from([LOST, LOST, RESTORED, ON]),
    st.integers(0, 600),
)
switches = st.tuples(
    st.sampled_from(["R1", "CB1"]), st.sampled_from(["open", "close"]), st.integers(0, 600)
)


def tell(run: Any, event: tuple[str, str, int], morning: datetime) -> None:
    name, says, seconds = event
    happened = morning + timedelta(seconds=seconds)
    if says in ("open", "close"):
        run.switch(name, says, happened)
    else:
        run.meter(name, says, happened)


def believed(run: Any) -> list[tuple[Any, ...]]:
    """What the app ends up with, without the history of how."""
    return sorted(
        (
            [e.mrid for e in outage.outage_isolation_equipment],
            outage.outage_kind,
            outage.reported_start_time,
            outage.original_customers_served,
            [(p.mrid, p.names) for p in outage.de_energized_usage_point],
        )
        for outage in run.outages()
    )


@given(
    # a switch cannot open and close in the same instant
    events=st.lists(
        meters | switches,
        max_size=25,
        unique_by=lambda e: (e[0], e[2]) if e[1] in ("open", "close") else e,
    ),
    order=st.randoms(use_true_random=False),
)
@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_order_of_arrival_and_duplicates_make_no_difference(
    start: Callable[..., Any], events: list[Any], order: Any
) -> None:
    said = [event for event in events if event[1] not in ("open", "close")]
    operated = sorted((e for e in events if e not in said), key=lambda e: e[2])
    shuffled = [*said, *said[:5], *[None] * len(operated)]
    order.shuffle(shuffled)
    # words of switches keep their order: they share an ordering key
    after, before = iter(operated), iter(operated)
    shuffled = [event or next(after) for event in shuffled]
    events = [event if event in said else next(before) for event in events]
    results = []
    for arrivals in (events, shuffled):
        run = start(DEVICES)
        morning = run.at
        for event in arrivals:
            run.until(run.at + timedelta(seconds=order.choice([0, 1, 40, 90])))
            tell(run, event, morning)
        run.settle()
        results.append(believed(run))
    assert results[0] == results[1]


@given(events=st.lists(meters, max_size=25), size=st.integers(2, 10))
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_several_events_of_one_message_are_as_if_each_came_alone(
    start: Callable[..., Any], events: list[Any], size: int
) -> None:
    results = []
    for step in (1, size):
        run = start(DEVICES)
        morning = run.at
        said = [(name, code, morning + timedelta(seconds=s)) for name, code, s in events]
        run.until(morning + timedelta(seconds=700))
        for first in range(0, len(said), step):
            run.meters(said[first : first + step])
        run.settle()
        results.append((believed(run), len(run.told)))
    assert results[0] == results[1]


@given(events=st.lists(meters | switches, max_size=25))
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nobody_is_in_two_outages_and_what_is_told_adds_up(
    start: Callable[..., Any], events: list[Any]
) -> None:
    run = start(DEVICES)
    for event in events:
        tell(run, event, run.at)
        run.until(run.at + timedelta(seconds=30))
    run.settle()
    points = [p for o in run.outages() for p in o.de_energized_usage_point]
    assert len({(p.mrid, p.names) for p in points}) == len(points)
    began: set[str] = set()
    for verb, outage in run.told:
        assert (outage.mrid in began) == (verb is not Verb.CREATED)
        began.add(outage.mrid)
        if verb is Verb.CLOSED:
            began.discard(outage.mrid)
            assert outage.actual_period.end >= outage.actual_period.start
        else:
            assert outage.meters_affected == len(outage.de_energized_usage_point) > 0


def ask(run: Any, *mrids: str, **period: Any) -> Outgoing:
    """The answer to get UnplannedOutages."""
    ids = tuple(ObjectId(value=mrid) for mrid in mrids)
    request = Request(ids=ids, **period) if mrids else None
    header = Header(verb=Verb.GET, noun="UnplannedOutages")
    [answer] = run.handle(Message(header=header, kind=Kind.REQUEST, request=request))
    assert isinstance(answer, Outgoing)
    assert answer.verb is Verb.REPLY
    return answer


def test_it_answers_with_the_open_outages(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    answer = ask(run)
    assert answer.reply is not None
    assert answer.reply.result is Result.OK
    assert answer.payload == UnplannedOutages()
    for meter in ("M7", "M8", "M9"):
        run.meter(meter, LOST, run.at)
    run.settle()
    assert ask(run).payload == UnplannedOutages(unplanned_outage=tuple(run.outages()))


def test_it_answers_by_id(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    run.meter("M1", LOST, run.at)
    run.settle()
    [outage] = run.outages()
    run.meter("M1", RESTORED, run.at)
    run.settle()
    answer = ask(run, outage.mrid)
    assert isinstance(answer.payload, UnplannedOutages)
    assert [o.outage_kind for o in answer.payload.unplanned_outage] == ["closed"]
    partial = ask(run, outage.mrid, "nobody").reply
    assert partial is not None
    assert (partial.result, partial.errors[0].code) == (Result.PARTIAL, "2.15")
    assert partial.errors[0].details == "There is no outage nobody."
    nothing = ask(run, "nobody").reply
    assert nothing is not None
    assert nothing.result is Result.FAILED


@pytest.mark.parametrize(
    ("period", "is_told"),
    [
        ({"start_time": after(minutes=10)}, False),
        ({"start_time": after(minutes=4)}, True),
        ({"end_time": after(minutes=-1)}, False),
        ({"start_time": after(minutes=-9), "end_time": after(minutes=1)}, True),
    ],
)
def test_of_outages_asked_for_by_id_those_of_the_period_are_told(
    start: Callable[..., Any], period: dict[str, datetime], is_told: bool
) -> None:
    run = start(DEVICES)
    run.meter("M1", LOST, after(minutes=0))
    run.settle()
    [outage] = run.outages()
    run.until(after(minutes=5))
    run.meter("M1", RESTORED, after(minutes=5))
    run.settle()
    answer = ask(run, outage.mrid, **period)
    assert isinstance(answer.payload, UnplannedOutages)
    assert [one.mrid for one in answer.payload.unplanned_outage] == [outage.mrid] * is_told
    assert answer.reply is not None
    assert answer.reply.result is Result.OK  # there is one of that name


def test_a_look_that_came_to_nothing_is_made_again(start: Any) -> None:
    places = []
    for fails in (False, True):
        run = start(DEVICES)
        run.settle()
        for point in ("M1", "M2", "M4"):
            run.meter(point, LOST, run.at)
        run.meter("M8", RESTORED, run.at)
        run.until(run.at + timedelta(seconds=10))  # all has been looked at, nothing told
        assert not run.told
        run.connection.commit()
        run.at, run.due = run.due, None
        if fails:
            assert list(run.app.wake(run))
            run.connection.rollback()
        run.due = run.at
        run.settle()
        places.append(run.places())
    assert places[0] == places[1]
    assert places[0] == {"R1": 6}


def test_a_danger_is_told_where_there_is_light(start: Any) -> None:
    run = start(DEVICES)
    run.call("M7", run.at)
    run.settle()  # of its own accord nothing is looked at any more
    run.call("M1", run.at, hazards=["wireDown"], light=TroubleSymptomsLightKind.DIM)
    run.settle()
    told = {outage.status.value: outage for outage in run.outages() if outage.status}
    assert told["hazard"].energized_usage_point[0].names[0].name == "M1"


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        (
            [("M1", LOST, 0), ("M2", LOST, 9), ("M4", LOST, 30)],
            "Recloser R1 is predicted open: 3 of 6 meters below it reported power lost between"
            " 2025-11-20 10:00:00 UTC and 2025-11-20 10:00:30 UTC; 3 meters elsewhere on feeder"
            " FDR-1 have not. 89 % likely; else breaker CB1 11 %, each service by itself 0 %.",
        ),
        (
            [("M1", LOST, 0)],
            "The meter at M1 reported power lost at 2025-11-20 10:00:00 UTC; the others below fuse"
            " T1 have not. 78 % likely; else fuse T1 19 %, recloser R1 2 %.",
        ),
        (
            [("R1", "open", 0), ("M1", LOST, 2)],
            "Recloser R1 was reported open at 2025-11-20 10:00:00 UTC: 6 customers below it have no"
            " other supply; 1 meter reported power lost.",
        ),
        (
            [("M10", LOST, 0)],
            "1 meter reported power lost and cannot be placed, because the network does not know"
            " MTR-M10.",
        ),
        (
            [("M7", LOST, 0), ("M8", LOST, 0), ("M7", RESTORED, 90), ("M8", RESTORED, 95)],
            "Power is back below fuse T3: no meter there is still known to be without.",
        ),
        (
            [("M1", LOST, 0), ("M4", LOST, 0), ("M5", LOST, 0), ("M6", ON, 120)],
            "The meter at M1 reported power lost at 2025-11-20 10:00:00 UTC; the others below fuse"
            " T1 have not. 80 % likely; else fuse T1 20 %, not recloser R1, below which somebody"
            " had power at 2025-11-20 10:02:00 UTC.",
        ),
    ],
)
def test_it_explains_itself(
    start: Callable[..., Any], events: list[tuple[str, str, int]], sentence: str
) -> None:
    run = start(DEVICES)
    morning = run.at
    for event in events:
        run.until(morning + timedelta(seconds=event[2]))
        tell(run, event, morning)
    run.settle()
    assert sentence in [outage.comment for _, outage in run.told]


def test_it_counts_the_critical_ones(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    for meter in ("M7", "M8", "M9"):
        run.meter(meter, LOST, run.at)
    run.settle()
    [outage] = run.outages()
    assert (outage.summary.total_count, outage.summary.critical_count) == (3, 1)


def test_other_events_of_meters_say_nothing(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    run.settle()
    run.meter("M1", "3.12.0.257", run.at)
    assert run.due is None


def test_no_outage_begins_with_a_loss_of_power_that_is_told_late(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    run.settle()
    long_ago = run.at - timedelta(hours=25)
    run.meter("M1", LOST, long_ago, late=True)
    assert run.due is None
    run.meter("M1", LOST, run.at)
    run.settle()
    [outage] = run.outages()
    assert outage.reported_start_time > long_ago
    run.meter("M1", RESTORED, run.at, late=True)
    run.settle()
    assert run.outages() == []


def test_a_meter_becomes_known_with_a_later_model(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    run.meter("M10", LOST, run.at)
    run.settle()
    assert run.places() == {"": 1}
    more = [*DEVICES, {"id": "T4", "parent": "CB1", "kind": "transformer", "premises": ["M10"]}]
    run.load(more)
    run.settle()
    assert run.places() == {"T4": 1}


def test_a_storm_is_assessed_once_for_each_wake(start: Callable[..., Any]) -> None:
    below = [
        {
            "id": f"T{n}",
            "parent": "R1",
            "kind": "transformer",
            "premises": [f"S{n}-{m}" for m in range(10)],
        }
        for n in range(60)
    ]
    run = start([*DEVICES[:2], *below])
    run.settle()
    for device in below:
        for point in device["premises"][:9]:
            run.meter(point, LOST, run.at)
    wakes = run.wakes
    run.settle()
    assert run.wakes == wakes + 1
    assert run.places() == {"R1": 600}


def test_an_outage_that_is_over_before_it_is_told_is_told_to_whoever_called(
    start: Callable[..., Any],
) -> None:
    run = start(DEVICES)
    morning = run.at
    run.until(morning + timedelta(hours=2))
    for meter in ("M1", "M2", "M3"):
        run.meter(meter, LOST, morning)
        run.meter(meter, RESTORED, morning + timedelta(hours=1))
    run.settle()
    assert run.told == []
    run.call("M2", morning + timedelta(minutes=30))
    run.settle()
    [(verb, outage)] = run.told
    assert verb is Verb.CLOSED
    assert {p.names[0].name for p in outage.energized_usage_point} == {"M1", "M2", "M3"}
    assert outage.actual_period is not None
    assert outage.actual_period.start == morning
    assert outage.actual_period.end == morning + timedelta(hours=1)
    run.call("M3", morning + timedelta(minutes=31))
    run.settle()
    assert len(run.told) == 1


def test_who_calls_is_no_meter(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    run.call("M1", run.at)
    run.settle()
    [outage] = run.outages()
    assert outage.comment.startswith(
        "A caller at M1 reported that power is lost at 2025-11-20 10:00:00 UTC; the others below"
    )
    assert outage.comment.endswith("1 call.")
