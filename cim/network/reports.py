"""From messages to facts: what was done and measured, into the overlay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any, TypeVar

from cim.model.terms import key
from cim.network import phases
from cim.network.overlay import (
    Changed,
    End,
    Kind,
    Measured,
    Overlay,
    Patch,
    PatchKind,
    Position,
    Service,
    Tag,
)
from cim.network.phases import LIVE
from cim.profile import Profile
from cim.profiles.measurement_values import (
    Accumulator,
    AccumulatorValue,
    AnalogValue,
    DiscreteValue,
    Measurement,
    MeasurementValueQuality,
    MeasurementValues,
)
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import (
    CutAction,
    EnergyConsumerAction,
    EnergySourceAction,
    GroundAction,
    JumperAction,
    SwitchAction,
    SwitchActionKind,
    SwitchingAction,
    TagAction,
    TagActionKind,
    TempEquipActionKind,
    Terminal,
)
from cim.profiles.switching_events import SwitchingEvents

Reports = SwitchingEvents | PSREvents | MeasurementValues
Value = AccumulatorValue | AnalogValue | DiscreteValue
_Fact = TypeVar("_Fact")
_COLUMNS = tuple(one.name for one in fields(Overlay))

_MOVES = (SwitchActionKind.OPEN, SwitchActionKind.CLOSE)
_THERE = (TempEquipActionKind.PLACE, TempEquipActionKind.CONNECT)
_SERVICE = {PSREventKind.IN_SERVICE: True, PSREventKind.OUT_OF_SERVICE: False}


def noted(
    overlay: Overlay, report: Reports, at: datetime | None
) -> tuple[Overlay, tuple[Changed, ...]]:
    """The overlay with a report in it, and which facts about what conducts have changed.

    at: when the report was made, for values that do not say when they were measured.

    What is told late, such as events that an RTU has kept while nobody listened, does not take the
    place of what is newer, of values and of positions that say when they were.
    """
    notes = _Notes(overlay)
    match report:
        case SwitchingEvents():
            for event in report.switching_event:
                for action in event.actions:
                    said = action.executed_date_time or event.created_date_time
                    notes.action(action, said, at)
        case PSREvents():
            for psr_event in report.psrevent:
                notes.service(psr_event)
        case MeasurementValues():
            values: tuple[Value, ...]
            for values in (report.accumulator_value, report.analog_value, report.discrete_value):
                for value in values:
                    notes.value(value, at)
    return notes.overlay()


def without(
    overlay: Overlay, report: SwitchingEvents | PSREvents
) -> tuple[Overlay, tuple[Changed, ...]]:
    """The overlay without the facts about what conducts that a report is about; and these facts."""
    gone = {(kind, of) for kind, of in _about(overlay, report) if of in getattr(overlay, kind)}
    if not gone:
        return overlay, ()
    columns: dict[str, Any] = {
        kind: {of: fact for of, fact in getattr(overlay, kind).items() if (kind, of) not in gone}
        for kind in {kind for kind, _ in gone}
    }
    return replace(overlay, **columns), tuple(gone)


def _about(overlay: Overlay, report: SwitchingEvents | PSREvents) -> Iterator[Changed]:
    if isinstance(report, PSREvents):
        for one in report.psrevent:
            if one.kind in _SERVICE:
                yield "services", key(designation(one.power_system_resource))
        return
    for event in report.switching_event:
        for action in event.actions:
            yield from _acted_on(overlay, action)


def _acted_on(overlay: Overlay, action: SwitchingAction) -> Iterator[Changed]:
    match action:
        case SwitchAction() if action.kind in _MOVES:
            yield "positions", key(designation(action.operated_switch))
        case CutAction() | GroundAction() | JumperAction():
            yield "patches", key(patch_name(*fastening(action)))
        case EnergySourceAction(energy_source=source):
            of = key(designation(source))
            yield "connections", of
            if _mobile(overlay.patches.get(of)):
                yield "patches", of
        case EnergyConsumerAction(energy_consumer=load):
            yield "connections", key(designation(load))


def _mobile(patch: Patch | None) -> Patch | None:
    """A mobile source; None of what else goes by the same name."""
    return patch if patch is not None and patch.kind == "source" else None


def designation(thing: Profile | None) -> str:
    """The mRID of what a message points at, or its first name; empty where it has neither."""
    named: Any = thing
    if named is None:
        return ""
    return named.mrid or next((one.name for one in named.names), "")


def fastening(
    action: CutAction | GroundAction | JumperAction,
) -> tuple[PatchKind, str, tuple[End, ...]]:
    """The kind of patch that an action is about, its mRID or name, and where it is; as it says."""
    match action:
        case CutAction(cut=cut):
            segment = designation(cut.acline_segment)
            return "cut", designation(cut), (End(segment),) if segment else ()
        case GroundAction(ground=ground):
            ends = _ends(ground.terminals if ground else ())
            where = (action.grounded_equipment, action.along_acline_segment)
            return "ground", designation(ground), ends or _places(where)[:1]
        case JumperAction(jumper=jumper):
            ends = _ends(jumper.terminals if jumper else ())
            pieces = chain(action.jumped_equipments, action.acline_segments)
            return "jumper", designation(jumper), ends or _places(pieces)


def patch_name(kind: PatchKind, mrid: str, ends: Iterable[End]) -> str:
    """What a patch goes by: its mRID or name, or else its kind and places."""
    return mrid or " ".join((kind, *sorted(end.at for end in ends)))


class _Notes:
    """Copies of the columns that change, made when the first fact in them does."""

    def __init__(self, overlay: Overlay) -> None:
        self._before = overlay
        self._columns: dict[str, dict[str, Any]] = {}
        self._measured: dict[str, Measured] = {}
        self._changed: dict[Changed, None] = {}

    def overlay(self) -> tuple[Overlay, tuple[Changed, ...]]:
        if not self._columns and not self._measured:
            return self._before, ()
        columns = {name: getattr(self._before, name) for name in _COLUMNS}
        columns["measured"] = self._before.measured.plus(self._measured)
        changed = tuple(
            (kind, of)
            for kind, of in self._changed
            if self._columns[kind].get(of) != columns[kind].get(of)
        )
        return Overlay(**(columns | self._columns)), changed

    def _column(self, name: str) -> dict[str, Any]:
        if name not in self._columns:
            self._columns[name] = dict(getattr(self._before, name))
        return self._columns[name]

    def _put(self, kind: Kind, of: str, fact: _Fact | None) -> None:
        """Put a fact last; None takes it away."""
        column = self._column(kind)
        column.pop(key(of), None)
        if fact is not None:
            column[key(of)] = fact
        self._changed[kind, key(of)] = None

    def action(self, action: SwitchingAction, said: datetime | None, made: datetime | None) -> None:
        """said: when it was carried out, by itself; made: when it was reported."""
        at = said or made
        match action:
            case SwitchAction():
                self._switch(action, said, made)
            case TagAction():
                self._tag(action, at)
            case CutAction() | GroundAction() | JumperAction():
                self._place(*fastening(action), action, at)
            case EnergySourceAction():
                self._source(action, at)
            case EnergyConsumerAction(energy_consumer=load):
                self._connect(designation(load), action.kind in _THERE)

    def _switch(self, action: SwitchAction, said: datetime | None, made: datetime | None) -> None:
        """Who says no time counts when it is told: what is meant may be newer than it looks.

        Nothing was carried out after it was reported: a time to come would hide all until then.
        """
        if action.kind not in _MOVES:
            return
        switch = designation(action.operated_switch)
        before = self._column("positions").get(key(switch), Position(switch))
        closed, at = action.kind is SwitchActionKind.CLOSE, said and _aware(said)
        if at and made:
            at = min(at, _aware(made))
        after = before.after(poles(action.phases), closed=closed, at=at)
        if after is not before:
            self._put("positions", switch, after)

    def _connect(self, of: str, on: bool) -> None:
        self._put("connections", of, Service(of, on))

    def _source(self, action: EnergySourceAction, at: datetime | None) -> None:
        """A mobile source has terminals, or was placed with some before; else it is of the models.

        Only the models know the latter, so nothing else tells the two apart.
        """
        source, of = action.energy_source, designation(action.energy_source)
        before = _mobile(self._column("patches").get(key(of)))
        if not source.terminals and before is None:
            self._connect(of, action.kind in _THERE)
            return
        ends = _ends(source.terminals) or (before.ends if before else ())
        self._place("source", of, ends, action, at)
        if key(of) in self._column("connections"):
            self._put("connections", of, None)  # said before it was known to be mobile

    def service(self, event: PSREvent) -> None:
        if event.kind in _SERVICE:
            of = designation(event.power_system_resource)
            self._put("services", of, Service(of, _SERVICE[event.kind]))

    def _place(
        self,
        kind: PatchKind,
        mrid: str,
        ends: tuple[End, ...],
        action: Any,
        at: datetime | None,
    ) -> None:
        """Place or remove; what is removed need not say where it was."""
        of = patch_name(kind, mrid, ends)
        before: Patch | None = self._column("patches").get(key(of))
        bits = poles(action.phases)
        if action.kind in _THERE:
            force = bits | (before.phases if before and before.ends == ends else 0)
            since = before.since if before and before.phases == force else at
            self._put("patches", of, Patch(kind, mrid, ends, force, since))
        elif before is not None and (left := before.phases & ~bits):
            self._put("patches", of, Patch(kind, before.mrid, before.ends, left, before.since))
        else:
            self._put("patches", of, None)

    def _tag(self, action: TagAction, at: datetime | None) -> None:
        tag = action.operational_tag
        on = designation(tag.power_system_resource)
        of = key(designation(tag) or f"{tag.type or 'tag'} on {on}")
        column = self._column("tags")
        if action.kind is TagActionKind.REMOVE:
            column.pop(of, None)
        elif action.kind is TagActionKind.PLACE or of not in column:
            column[of] = Tag(
                designation(tag),
                on,
                tag.type or "",
                tag.description or "",
                tag.comment or "",
                tag.author_name or "",
                tag.created_date_time or at,
            )

    def value(self, value: Value, made: datetime | None) -> None:
        """Note a value, unless a later one is known; a quality without one is of the last value."""
        of = designation(_measurement(value))
        at = value.time_stamp or made
        before = self._measured.get(key(of)) or self._before.measured.get(key(of))
        if before and before.at and at and _aware(at) < _aware(before.at):
            return
        validity, flags = _quality(value.measurement_value_quality)
        source = designation(value.measurement_value_source)
        number = before.value if before and value.value is None else value.value
        self._measured[key(of)] = Measured(of, number, at, validity, flags, source)


def _measurement(value: Value) -> Accumulator | Measurement:
    match value:
        case AccumulatorValue():
            return value.accumulator
        case AnalogValue():
            return value.analog
        case DiscreteValue():
            return value.discrete


def poles(code: str | None) -> int:
    """The phases that an action names; all that exist where it names none."""
    if code is None or code.startswith(("X", "none")):
        return LIVE
    return phases.bits(code) & LIVE


def _places(things: Iterable[Profile | None]) -> tuple[End, ...]:
    return tuple(End(named) for named in map(designation, things) if named)


def _ends(terminals: Iterable[Terminal]) -> tuple[End, ...]:
    """Where terminals are: at the node named, or at what the models know by the terminal's mRID."""
    ordered = sorted(terminals, key=lambda terminal: terminal.sequence_number or 0)
    ends = []
    for terminal in ordered:
        at = designation(terminal.connectivity_node) or designation(terminal)
        bits = phases.bits(terminal.phases) & LIVE if terminal.phases else 0
        ends.append(End(at, bits))
    return tuple(ends)


def _quality(quality: MeasurementValueQuality | None) -> tuple[str, tuple[str, ...]]:
    if quality is None:
        return "", ()
    flags = (one.name for one in fields(quality) if getattr(quality, one.name) is True)
    return str(quality.validity or ""), tuple(flags)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
