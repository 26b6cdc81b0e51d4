"""Switch positions as reported: an overlay that outlives the model it was reported for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cim.network import phases
from cim.network.arcs import Bools
from cim.network.grid import Grid
from cim.network.phases import LIVE, SLOTS
from cim.network.texts import mrid_key
from cim.profiles.switching_events import SwitchAction, SwitchActionKind, SwitchingEvents


@dataclass(frozen=True)
class Position:
    """What is known about the poles of one switch.

    switch: mRID or name as reported.
    known:  bits of the phases it was operated on, which may be more than it has poles for.
    closed: bits of those of them that are closed now.
    """

    switch: str
    known: int
    closed: int

    def after(self, poles: int, *, closed: bool) -> Position:
        """The position once `poles` moved."""
        still = self.closed & ~poles
        return Position(self.switch, self.known | poles, still | poles if closed else still)


Positions = Mapping[str, Position]


def moves(events: SwitchingEvents) -> Iterator[tuple[str, int, bool]]:
    """Switch, poles that moved (all that exist where none is named) and whether they closed."""
    for event in events.switching_event:
        action = event.switching_action
        if action.kind in (SwitchActionKind.OPEN, SwitchActionKind.CLOSE):
            poles = phases.bits(action.phases) & LIVE if _names_poles(action) else LIVE
            yield _designation(action), poles, action.kind is SwitchActionKind.CLOSE


def _names_poles(action: SwitchAction) -> bool:
    return action.phases is not None and not action.phases.startswith(("X", "none"))


def _designation(action: SwitchAction) -> str:
    switch = action.operated_switch
    return switch.mrid or next((name.name for name in switch.names), "")


def moved(positions: Positions, events: SwitchingEvents) -> Positions:
    """The positions after `events`, in their order; those that did not change first."""
    after = dict(positions)
    for switch, poles, closed in moves(events):
        before = after.pop(mrid_key(switch), Position(switch, 0, 0))
        after[mrid_key(switch)] = before.after(poles, closed=closed)
    return after


def applied(grid: Grid, state: Bools, positions: Iterable[Position]) -> tuple[Bools, list[str]]:
    """The switch state with `positions` in it, and sentences about those that found no switch."""
    state = state.copy()
    problems = []
    for position in positions:
        try:
            number = _switch(grid, position.switch)
        except LookupError as error:
            problems.append(error.args[0])
            continue
        poles = int(grid.switches.poles[number])
        if not poles & position.known:
            names = ", ".join(sorted(phases.names(position.known)))
            problems.append(
                f"Switch {position.switch} was operated on {names}, where it has no pole."
            )
        for slot in phases.slots(poles & position.known):
            state[number * SLOTS + slot] = position.closed >> slot & 1 == 1
    return state, problems


def _switch(grid: Grid, designation: str) -> int:
    """The number of the switch of that mRID or, failing that, of that name."""
    try:
        rows = [grid.objects.row(designation)]
    except KeyError:
        rows = grid.objects.rows_named(designation)
    switches = [int(grid.switches.number[row]) for row in rows if grid.switches.number[row] >= 0]
    if len(switches) == 1:
        return switches[0]
    if switches:
        raise LookupError(f"{len(switches)} switches are called {designation}; none was moved.")
    if rows:
        kind = grid.objects.cim_class(rows[0])
        raise LookupError(f"{designation} was operated as a switch, but it is a {kind}.")
    raise LookupError(f"Switch {designation} was operated, but no model describes it.")
