"""Late facts, and clocks that cannot be right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cim.message import Outgoing, Property, Verb
from cim.profiles.end_device_events import EndDeviceEvents
from hub.dispatch.window import Lags, Window, judged, marked
from hub.journal import source_clocks
from tests import fakes

NOW = fakes.START


@pytest.mark.parametrize(
    ("hours", "late", "value"),
    [(24.0, 86_400, None), (24.5, 86_400, "PT88200S"), (9_000.0, 0, None), (None, 60, None)],
)
def test_what_is_late_says_by_how_much(hours: float | None, late: float, value: str | None) -> None:
    at = None if hours is None else NOW - timedelta(hours=hours)
    given = (Property("Zone", "7"),)
    outgoing = Outgoing(Verb.CREATED, fakes.last_gasp("a"), at=at, properties=given)
    age = Window(late=late).age(at, NOW)
    told = marked(outgoing, age)
    assert bool(age) == (value is not None)
    assert told.properties == (*given, *([Property("Late", value)] if value else []))


def test_what_lies_in_the_future_is_no_fact() -> None:
    window = Window(ahead=300, setting="feeds.ami.ahead")

    def told(seconds: float) -> Outgoing:
        at = NOW + timedelta(seconds=seconds)
        event = replace(fakes.last_gasp("a").end_device_event[0], created_date_time=at)
        return Outgoing(Verb.CREATED, EndDeviceEvents(end_device_event=(event,)), at=at)

    for outgoing in (told(300), told(-9), Outgoing(Verb.CREATED, told(900).payload)):
        window.check(outgoing, NOW)
    Window().check(told(10**9), NOW)
    with pytest.raises(ValueError, match="future") as caught:
        window.check(told(3_600), NOW)
    assert str(caught.value) == (
        "EndDeviceEvent.createdDateTime 2026-07-14T16:00:00+00:00 is 1 h 00 min in the future: it"
        " is 2026-07-14T15:00:00+00:00, and feeds.ami.ahead allows 300 s; is its clock or time zone"
        " wrong?"
    )
    with pytest.raises(ValueError, match="is 3,652 days in the future"):
        window.check(told(3_652 * 86_400), NOW)


def wrong(*minutes: float) -> str:
    lags = Lags()
    for ago in minutes:
        lags.look(NOW - timedelta(minutes=ago), NOW)
    return judged(lags.seconds[-source_clocks.SEEN :], 3_000.0)


def test_a_source_in_another_time_zone() -> None:
    assert wrong(*[420 + i % 9 for i in range(30)]) == (
        "its clock or time zone may be wrong: each of its last 30 facts was at least 7 h 00 min"
        " ago when it came"
    )


def test_a_source_that_is_ahead() -> None:
    assert "of its last 3 facts one lies 59 min in the future" in wrong(1, -59, 2)


@pytest.mark.parametrize("ago", [[1.0] * 30, [420.0] * 19, [*[420.0] * 30, 3.0], [-4.0], []])
def test_a_clock_that_may_be_right(ago: list[float]) -> None:
    assert wrong(*ago) == ""


def test_only_the_latest_facts_count() -> None:
    assert wrong(*[1.0] * 50, *[420.0] * 100)
    assert not wrong(*[420.0] * 100, *[1.0] * 50)
