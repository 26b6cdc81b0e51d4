"""Of which callers the meter is asked, and which outages wait for the answer.

SS1 ── CB1 ── F1 ... F4, with M0 ... M4, N0 ... N4 and so on
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cim.codes import Codes
from cim.message import Verb
from cim.profile import Reference
from cim.profiles.end_device_controls import EndDeviceControls
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import UsagePoint
from cim.profiles.unplanned_outages import CrewStatusKind
from dms_apps.outage import OutageApp, pings
from dms_apps.outage.evidence import record_meters
from dms_apps.outage.facts import MUTE
from dms_apps.outage.modes import Modes, RuleSet
from dms_apps.outage.tables import metadata
from tests.dms_apps.outage.conftest import LOST, ON, Run, after

FUSES = {"F1": "M", "F2": "N", "F3": "O", "F4": "P"}
DEVICES: list[dict[str, Any]] = [
    {"id": "CB1", "parent": "SS1", "kind": "breaker"},
    *(
        {"id": fuse, "parent": "CB1", "kind": "fuse", "premises": [f"{m}{n}" for n in range(5)]}
        for fuse, m in FUSES.items()
    ),
]
Start = Callable[..., Run]


@pytest.fixture
def run(start: Start) -> Run:
    found = start(DEVICES, ping="3.8.0.10")
    found.settle()
    found.at = after(seconds=0)
    return found


def _said(run: Run) -> list[tuple[Verb, str]]:
    return [(verb, one.status.value or "" if one.status else "") for verb, one in run.told]


def test_who_learns_asks_of_what_is_open_and_tells_it_before_anything_of_it(run: Run) -> None:
    run.call("M1", run.at)
    run.until(after(minutes=2))
    [one] = run.outages()
    run.pinged.clear()  # nobody has heard of it
    run.told.clear()
    run.app.learnt(run)  # type: ignore[arg-type]
    crew = replace(one, last_modified_date_time=None, status_kind=CrewStatusKind.ASSIGNED)
    run.ask(Verb.CHANGE, crew)
    run.until(after(minutes=3))
    assert [verb for verb, _ in run.told] == [Verb.CREATED, Verb.CHANGED]
    assert run.pinged == ["M1"]
    assert run.outages()[0].status_kind is CrewStatusKind.ASSIGNED


def test_an_outage_for_which_a_crew_may_go_does_not_wait_for_a_meter_again(run: Run) -> None:
    run.call("M1", run.at)
    run.until(after(seconds=30))
    run.meter("M1", ON, run.at)
    run.until(after(minutes=10))
    run.call("M1", run.at, number="again")
    run.until(after(minutes=12))
    assert _said(run)[-1] == (Verb.CHANGED, "")
    run.until(after(minutes=17))
    run.call("N1", run.at)
    run.until(after(minutes=19))
    assert _said(run)[2:] == [(Verb.CREATED, "asked")]
    assert run.pinged == ["M1", "N1"]


def test_who_asks_from_now_on_asks_of_what_was_told_and_does_not_wait(start: Start) -> None:
    run = start(DEVICES)
    run.settle()
    run.at = after(seconds=0)
    run.call("M1", run.at)
    run.until(after(minutes=2))
    assert _said(run) == [(Verb.CREATED, "")]
    run.app = OutageApp(ping="3.8.0.10")  # started again, with the setting
    run.call("N1", run.at)
    run.until(after(minutes=4))
    assert run.pinged == ["M1", "N1"]
    run.call("O1", run.at)
    run.until(after(minutes=8))
    assert run.pinged == ["M1", "N1", "O1"]
    assert _said(run) == [(Verb.CREATED, ""), *[(Verb.CREATED, "asked")] * 2]


def test_nobody_waits_for_a_meter_that_cannot_be_reached(run: Run) -> None:
    run.call("M1", run.at)
    run.until(after(minutes=2))
    assert _said(run) == [(Verb.CREATED, "asked")]
    point = run.network.usage_point_of("M1")
    event = EndDeviceEvent(
        created_date_time=run.at,
        end_device_event_type=Reference("3.23.136.1"),
        usage_point=UsagePoint(mrid=point),
    )
    events = EndDeviceEvents(end_device_event=(event,))
    news = record_meters(run.connection, events, lambda _: MUTE, run.network, run.at)
    assert news == {MUTE}
    run.wake_at(run.at)
    run.until(after(minutes=4))
    assert _said(run)[1:] == [(Verb.CHANGED, "")]
    [outage] = run.outages()
    assert outage.meters_affected == 1
    run.until(after(minutes=40))
    assert run.pinged == ["M1"]
    run.app._memory.look_anew()
    run.wake_at(run.at)
    run.until(after(minutes=41))
    assert len(_said(run)) == 2


def test_the_head_end_says_in_its_own_code_that_a_meter_cannot_be_reached(start: Start) -> None:
    codes = Codes({"*": {"3.23.136.1": "unreachable"}})
    run = start(DEVICES, ping="3.8.0.10", codes=codes)
    run.settle()
    run.at = after(seconds=0)
    run.call("M1", run.at)
    run.until(after(minutes=2))
    run.meter("M1", "3.23.136.1", run.at)
    run.until(after(minutes=3))
    assert _said(run) == [(Verb.CREATED, "asked"), (Verb.CHANGED, "")]


def test_meters_alone_are_told_after_the_shortest_hold_off(start: Start) -> None:
    run = start(DEVICES, modes=Modes(sets={"normal": RuleSet(hold_off=10.0)}))
    run.settle()
    run.at = after(seconds=0)
    run.meters([(f"M{n}", LOST, run.at) for n in range(5)])
    run.until(after(seconds=11))
    assert [verb for verb, _ in run.told] == [Verb.CREATED]


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield connection
    engine.dispose()


class Nameless:
    """A network of which no usage point has a name."""

    def name(self, _: str) -> str:
        return ""


def test_no_statement_has_more_values_than_a_database_takes(connection: sa.Connection) -> None:
    sizes: list[int] = []

    def seen(_: Any, __: Any, ___: str, parameters: Any, *____: Any) -> None:
        each = parameters if isinstance(parameters, list) else [parameters]
        sizes.extend(map(len, each))

    sa.event.listen(connection, "before_cursor_execute", seen)
    points = [f"P{n}" for n in range(2500)]
    wait = timedelta(minutes=15)
    for minutes, expected in ((0, 2500), (5, 0), (20, 2500)):
        now = after(minutes=minutes)
        said = pings.ask(connection, Nameless(), points, "3.8.0.10", wait, now, "why")  # type: ignore[arg-type]
        payloads = [one.payload for one in said]
        assert all(isinstance(one, EndDeviceControls) for one in payloads)
        controls = [c for one in payloads for c in one.end_device_control]
        assert sum(len(one.usage_points) for one in controls) == expected
    assert 900 < max(sizes) <= 1000
