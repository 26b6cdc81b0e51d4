"""What is done counts however it is spelled, and whatever the clock says that tells it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cim.message import Header, Kind, Message, Verb
from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import Jumper, JumperAction
from cim.profiles.switching_events import (
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingEvent,
    SwitchingEvents,
)
from tests.cim.network.plain import done, said, terminals
from tests.dms_apps.outage.altering import altered
from tests.dms_apps.outage.conftest import LOST, Run, event_message, mrid
from tests.dms_apps.outage.test_altered import at
from tests.dms_apps.outage.test_switched import LINED

HERE = (mrid("node L1"), mrid("node CB2"))


def begun(start: Callable[..., Run]) -> Run:
    run = start(LINED)
    run.settle()
    return run


def jumper(there: bool, when: datetime, name: str = "J", ends: Any = HERE, **more: Any) -> Message:
    what = Jumper(mrid=name or None, terminals=terminals(*ends), **more)
    return said(jumper_action=JumperAction(kind=done(there), jumper=what, executed_date_time=when))


def switched(of: str, kind: str, when: datetime | None, made: datetime | None = None) -> Message:
    action = SwitchAction(
        kind=SwitchActionKind(kind), operated_switch=Switch(mrid=of), executed_date_time=when
    )
    payload = SwitchingEvents(switching_event=(SwitchingEvent(switching_action=action),))
    header = Header(verb=Verb.CREATED, noun="SwitchingEvents", timestamp=made)
    return Message(header=header, kind=Kind.EVENT, payload=payload)


def served(of: str, when: datetime, *, on: bool) -> Message:
    kind = PSREventKind.IN_SERVICE if on else PSREventKind.OUT_OF_SERVICE
    resource = PowerSystemResource(mrid=of)
    one = PSREvent(kind=kind, power_system_resource=resource, created_date_time=when)
    return event_message(PSREvents(psrevent=(one,)))


def times(run: Run) -> set[tuple[str, datetime, datetime | None]]:
    return {tuple(row[:3]) for row in run.ledger()}


def tell(run: Run, *messages: tuple[int, Message]) -> Run:
    for minute, message in messages:
        run.until(max(run.at, at(minute)))
        run.handle(message)
    run.until(run.at + timedelta(minutes=30))
    return run


def test_in_either_case(start: Callable[..., Run]) -> None:
    name = mrid("a jumper")
    run = tell(
        begun(start), (0, switched(mrid("S1").upper(), "open", at(0))),
        (10, jumper(True, at(10), name)), (30, jumper(False, at(30), name.upper(), ())),
        (40, switched(mrid("S1"), "close", at(40))),
    )  # fmt: skip
    both = ((at(0), at(10)), (at(30), at(40)))
    assert times(run) == {(point, *when) for point in ("M6", "M7") for when in both}
    run = tell(
        begun(start), (0, served(mrid("S1").upper(), at(0), on=False)),
        (30, served(mrid("S1"), at(30), on=True)),
    )  # fmt: skip
    assert times(run) == {(point, at(0), at(30)) for point in ("M6", "M7")}


def test_by_mrid_and_by_name(start: Callable[..., Run]) -> None:
    """Also once the app begins again, and before it has gone back in."""
    resource = PowerSystemResource(names=(Name(name="S1"),))
    kind, back = PSREventKind.IN_SERVICE, at(30)
    one = PSREvent(kind=kind, power_system_resource=resource, created_date_time=back)
    run = tell(
        begun(start), (0, served(mrid("S1"), at(0), on=False)),
        (30, event_message(PSREvents(psrevent=(one,)))),
    )  # fmt: skip
    ends = {(point, at(0), at(30)) for point in ("M6", "M7")}
    assert times(run) == ends
    run.app = type(run.app)(codes=run.app.codes)
    tell(
        run,
        (70, switched(mrid("S1"), "open", at(-10))),
        (71, switched(mrid("S1"), "close", at(-5))),
    )
    assert {row for row in times(run) if row[1] == at(0)} == ends


def test_by_terminals(start: Callable[..., Run]) -> None:
    """As by nodes."""
    run, ends = begun(start), (mrid("L1 terminal 2"), mrid("CB2 terminal 2"))
    tell(run, (0, switched(mrid("S1"), "open", at(0))), (10, jumper(True, at(10), ends=ends)))
    turns = run.app._memory.kept.past.turns
    assert [(turn.at, turn.moved) for turn in turns][:1] == [(at(10), {mrid("M6"), mrid("M7")})]


def test_a_long_name(start: Callable[..., Run]) -> None:
    run = begun(start)
    more: Any = {"name": "", "names": (Name(name="J" * 300),)}
    tell(run, (0, switched(mrid("S1"), "open", at(0))), (10, jumper(True, at(10), **more)))
    assert [turn.at for turn in run.app._memory.kept.past.turns][:1] == [at(10)]
    tell(run, (60, jumper(False, at(60), **more)))
    assert times(run) == {
        (point, *when) for point in ("M6", "M7") for when in ((at(0), at(10)), (at(60), None))
    }


@pytest.mark.parametrize("name", ["S2", mrid("TIE")])
def test_a_jumper_is_not_the_switch_that_is_called_alike(
    start: Callable[..., Run], name: str
) -> None:
    run = begun(start)
    tell(run, (0, switched(mrid("S1"), "open", at(0))), (10, jumper(True, at(10), name)))
    assert [turn.at for turn in run.app._memory.kept.past.turns][:1] == [at(10)]
    tell(run, (60, jumper(False, at(60), name)))
    assert {row[0] for row in run.ledger() if row[2] is None} == {"M6", "M7"}


def test_without_a_time_it_is_done_when_it_is_told(start: Callable[..., Run]) -> None:
    """Whenever the message says it was made: so it is in the network."""
    run = tell(
        begun(start), (10, switched(mrid("S1"), "open", at(10), at(10))),
        (20, switched(mrid("S1"), "close", None, at(9))),
    )  # fmt: skip
    assert times(run) == {(point, at(10), at(20)) for point in ("M6", "M7")}


def test_nothing_is_done_in_time_to_come(start: Callable[..., Run]) -> None:
    ahead = at(0) + timedelta(days=365)
    run = tell(
        begun(start), (10, switched(mrid("S1"), "open", ahead, ahead)),
        (20, switched(mrid("S1"), "close", None)),
    )  # fmt: skip
    assert times(run) == {(point, at(10), at(20)) for point in ("M6", "M7")}


@pytest.mark.parametrize("year", [1, 9999])
@pytest.mark.parametrize("what", ["switch", "service", "load", "meter", "call"])
def test_a_clock_that_is_not_set_stops_nothing(
    start: Callable[..., Run], what: str, year: int
) -> None:
    """What it tells counts as of now."""
    run, when = begun(start), datetime(year, 1, 1, tzinfo=UTC)
    run.until(at(5))
    match what:
        case "switch":
            run.switch("S1", "open", when)
        case "meter":
            run.meter("M6", LOST, when)
        case "call":
            run.call("M6", when, hazards=["WIRE_DOWN"])
        case _:
            run.handle(altered(what, "L1" if what == "service" else "M6", "open", when))
    run.until(at(60))
    run.meter("M8", LOST, at(60))
    run.until(at(90))
    without = {row[0]: row[1] for row in run.ledger()}
    assert without["M8"] == at(60)
    assert without["M6"] == at(5)
