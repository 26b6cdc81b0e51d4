"""Whatever dispatchers ask, amid whatever is heard: what holds of outages holds all the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cim.message import Reply, Result
from dms_apps.outage import audit
from dms_apps.outage.store import named_outages
from tests.dms_apps.outage.asking import ask
from tests.dms_apps.outage.test_app import DEVICES
from tests.dms_apps.outage.test_cases import CODES

METERS = [f"M{n}" for n in range(1, 10)]
PLACES = ["CB1", "R1", "T1", "T2", "T3", *METERS]
KINDS = ["predicted", "confirmed", "partiallyRestored", "restored", "closed"]

heard = st.fixed_dictionaries(
    {"meter": st.sampled_from(METERS), "says": st.sampled_from(["lost", "lost", "restored", "on"])}
)
operated = st.fixed_dictionaries(
    {"switch": st.sampled_from(["R1", "CB1"]), "to": st.sampled_from(["open", "close"])}
)
some = st.lists(st.sampled_from(METERS), min_size=1, max_size=3, unique=True)
device = st.sampled_from(PLACES[:5])
changes = st.fixed_dictionaries(
    {"ask": st.just("change"), "of": st.sampled_from(PLACES)},
    optional={
        "kind": st.sampled_from(KINDS),
        "device": device,
        "back": some,
        "into": st.sampled_from(PLACES),
        "crew": st.sampled_from(["assigned", "enroute", "arrived"]),
    },
)
entered = st.fixed_dictionaries(
    {"ask": st.just("create"), "new": st.sampled_from(["one", "two", "three"])},
    optional={"device": device, "out": some, "from": st.sampled_from(PLACES)},
)
ended = st.fixed_dictionaries(
    {"ask": st.sampled_from(["close", "cancel"]), "of": st.sampled_from(PLACES)}
)
happening = st.tuples(
    st.sampled_from([0, 5, 30, 90, 400]), heard | heard | operated | changes | entered | ended
)
AMID = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def play(run: Any, events: Sequence[tuple[int, Mapping[str, Any]]]) -> list[Reply]:
    """Hand over events, each so many seconds after the one before; the replies."""
    morning, replies = run.at, []
    for number, (wait, event) in enumerate(events):
        run.until(run.at + timedelta(seconds=wait))
        if "meter" in event:
            run.meter(event["meter"], CODES[event["says"]], run.at)
        elif "switch" in event:
            run.switch(event["switch"], event["to"], run.at)
        else:
            at = (run.at - morning).total_seconds()
            replies.append(ask(run, {**event, "at": at, "number": number}, morning))
    run.settle()
    return replies


@given(events=st.lists(happening, max_size=20))
@AMID
def test_nobody_is_in_two_outages_and_the_ledger_says_what_is_told(
    start: Callable[..., Any], events: list[Any]
) -> None:
    run = start(DEVICES)
    play(run, events)
    spans = defaultdict(list)
    for point, began, ended, outage in run.ledger():
        spans[point].append((began, ended, outage))
    for rows in spans.values():
        for one, other in pairwise(rows):
            assert one[1] is not None
            assert one[0] < one[1] <= other[0]
    now = {point: rows[-1][2] for point, rows in spans.items() if rows[-1][1] is None}
    told = {}
    for outage in run.outages():
        for point in outage.de_energized_usage_point:
            name = point.names[0].name
            assert name not in told
            told[name] = outage.mrid
    assert told == now
    outages = named_outages(run.connection, set(now.values()))
    assert all(one.is_open for one in outages)
    assert {one.mrid for one in outages} == set(now.values())


@given(events=st.lists(happening, max_size=15))
@AMID
def test_an_app_that_starts_anew_has_nothing_else_to_say(
    start: Callable[..., Any], events: list[Any]
) -> None:
    run = start(DEVICES)
    play(run, events)
    before, told = run.ledger(), len(run.told)
    run.app = replace(run.app)
    run.wake_at(run.at)
    run.settle()
    assert run.ledger() == before
    assert [(verb, one.comment) for verb, one in run.told[told:]] == []


@given(events=st.lists(happening, max_size=15))
@AMID
def test_what_is_refused_has_a_reason_and_what_is_done_is_kept(
    start: Callable[..., Any], events: list[Any]
) -> None:
    run = start(DEVICES)
    for reply in play(run, events):
        if reply.result is Result.OK:
            assert reply.ids
            continue
        [error] = reply.errors
        assert error.code in {"2.12", "2.15", "5.8", "6.1"}
        assert error.details
        assert error.details.endswith(".")
        assert "utage" in error.details or "Option" in error.details
    for _, one in run.told:
        assert audit.history(run.connection, one.mrid)


decided = st.sampled_from(
    [
        {"ask": "create", "new": "one", "device": "T1"},
        {"ask": "create", "new": "one", "device": "R1", "kind": "predicted"},
        {"ask": "create", "new": "two", "out": ["M4", "M7"]},
        {"ask": "change", "of": "one", "device": "T2"},
        {"ask": "change", "of": "one", "kind": "restored"},
        {"ask": "change", "of": "two", "into": "one"},
        {"ask": "close", "of": "two"},
    ]
)


@given(
    events=st.lists(st.tuples(heard, st.integers(0, 900)), max_size=15),
    decisions=st.lists(decided, max_size=5),
    order=st.randoms(use_true_random=False),
)
@settings(AMID, max_examples=15)
def test_what_was_decided_and_heard_counts_in_whatever_order_it_is_heard(
    start: Callable[..., Any], events: list[Any], decisions: list[Any], order: Any
) -> None:
    shuffled = [*events, *events[:4]]
    order.shuffle(shuffled)
    ledgers = []
    for arrivals in (events, shuffled):
        run = start(DEVICES)
        morning = run.at
        for number, event in enumerate(decisions):
            at = 100 * (number + 1)
            run.until(morning + timedelta(seconds=at))
            ask(run, {**event, "at": at}, morning)
        run.until(morning + timedelta(seconds=1000))
        for event, seconds in arrivals:
            run.until(run.at + timedelta(seconds=order.choice([0, 1, 40, 90])))
            happened = morning + timedelta(seconds=seconds)
            run.meter(event["meter"], CODES[event["says"]], happened)
        run.settle()
        ledgers.append([(name, began, ended) for name, began, ended, _ in run.ledger()])
    assert ledgers[0] == ledgers[1]
