"""From messages to facts: what was done and measured, into the overlay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any, TypeVar

from cim.model.terms import key
from cim.network import phases
from cim.network.overlay import (
    Changed,
    Kind,
    Measured,
    Overlay,
    Patch,
    PatchKind,
    Position,
    Service,
    Tag,
    patch_key,
    patch_name,
)
from cim.network.phases import LIVE
from cim.network.placing import End, Placing
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
from cim.times import done_at, time_of, zoned

Reports = SwitchingEvents | PSREvents | MeasurementValues
Value = AccumulatorValue | AnalogValue | DiscreteValue
_Fact = TypeVar("_Fact")
_FORGOTTEN = 10_000  # of so many patches that are gone it is kept when they went
_COLUMNS = tuple(one.name for one in fields(Overlay))

_MOVES = (SwitchActionKind.OPEN, SwitchActionKind.CLOSE)
_SERVICE = {PSREventKind.IN_SERVICE: True, PSREventKind.OUT_OF_SERVICE: False}


def noted(
    overlay: Overlay, report: Reports, at: datetime | None
) -> tuple[Overlay, tuple[Changed, ...]]:
    """The overlay with a report in it, and which facts about what conducts have changed.

    at: when the report was made, for values that do not say when they were measured.

    What is told late, such as events that an RTU has kept while nobody listened, does not take the
    place of what is newer, as far as both say when they were.  What says no time counts when it is
    told, and nothing is late after it.  Of the same time, what is told last counts.
    """
    notes, at = _Notes(overlay), time_of(at)
    match report:
        case SwitchingEvents():
            for event in report.switching_event:
                for action in event.actions:
                    said = time_of(action.executed_date_time) or event.created_date_time
                    notes.action(action, time_of(said), at)
        case PSREvents():
            for psr_event in report.psrevent:
                notes.service(psr_event, at)
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
    gone = {(name, of) for name, of in _about(report) if of in getattr(overlay, name)}
    if not gone:
        return overlay, ()
    columns: dict[str, Any] = {
        name: {of: fact for of, fact in getattr(overlay, name).items() if (name, of) not in gone}
        for name in {name for name, _ in gone}
    }
    left = replace(overlay, **columns)
    return left, tuple(fact for fact in overlay.facts() if fact in gone)


def _about(report: SwitchingEvents | PSREvents) -> Iterator[tuple[str, str]]:
    """Columns and keys."""
    if isinstance(report, PSREvents):
        for one in report.psrevent:
            if one.kind in _SERVICE:
                yield "services", key(designation(one.power_system_resource))
        return
    for event in report.switching_event:
        for action in event.actions:
            yield from _acted_on(action)


def _acted_on(action: SwitchingAction) -> Iterator[tuple[str, str]]:
    match action:
        case SwitchAction() if action.kind in _MOVES:
            yield "positions", key(designation(action.operated_switch))
        case CutAction() | GroundAction() | JumperAction():
            kind, mrid, ends = fastening(action)
            of = patch_key(kind, patch_name(kind, mrid, ends))
            yield from (("patches", of), ("placings", of))
        case EnergySourceAction(energy_source=source):
            yield "connections", key(designation(source))
            of = patch_key("source", designation(source))
            yield from (("patches", of), ("placings", of))
        case EnergyConsumerAction(energy_consumer=load):
            yield "connections", key(designation(load))


def _placing(patch: Patch | None) -> Placing:
    """What a patch itself says; all that is known where earlier versions put it down."""
    return Placing(patch.phases, patch.ends) if patch is not None else Placing()


def is_placed(kind: StrEnum) -> bool:
    """Whether the thing is there after it: placed or connected; else it is gone."""
    return kind in (TempEquipActionKind.PLACE, TempEquipActionKind.CONNECT)


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
        self._forget()
        changed = tuple(
            (kind, of)
            for kind, of in self._changed
            if of in self._columns[kind] or of in columns[kind]
        )
        return Overlay(**(columns | self._columns)), changed

    def _column(self, name: str) -> dict[str, Any]:
        if name not in self._columns:
            self._columns[name] = dict(getattr(self._before, name))
        return self._columns[name]

    def _known(self, name: str, of: str) -> Any:
        """The fact there is by now, or None; it makes no copy of the column."""
        return self._columns.get(name, getattr(self._before, name)).get(of)

    def _forget(self) -> None:
        """Of what was removed the longest ago, as told, it is no longer kept when."""
        placings = self._columns.get("placings", {})
        if len(placings) > _FORGOTTEN:
            gone = [of for of, placing in placings.items() if not placing.phases]
            for of in gone[:-_FORGOTTEN]:
                del placings[of]

    def _put(self, kind: Kind, of: str, fact: _Fact | None) -> None:
        """Put a fact about what conducts last; None takes it away."""
        self._note(kind, key(of), fact)
        self._changed[kind, key(of)] = None

    def _note(self, name: str, of: str, fact: _Fact | None) -> None:
        column = self._column(name)
        column.pop(of, None)
        if fact is not None:
            column[of] = fact

    def action(self, action: SwitchingAction, said: datetime | None, made: datetime | None) -> None:
        """said: when it was carried out, by itself; made: when it was reported."""
        match action:
            case SwitchAction():
                self._switch(action, done_at(said, made))
            case TagAction():
                self._tag(action, said or made)
            case CutAction() | GroundAction() | JumperAction():
                self._place(*fastening(action), action, done_at(said, made), made)
            case EnergySourceAction():
                self._source(action, done_at(said, made), made)
            case EnergyConsumerAction(energy_consumer=load):
                of = designation(load)
                self._serve("connections", of, is_placed(action.kind), done_at(said, made))

    def _switch(self, action: SwitchAction, at: datetime | None) -> None:
        if action.kind not in _MOVES:
            return
        switch = designation(action.operated_switch)
        before = self._known("positions", key(switch)) or Position(switch)
        closed = action.kind is SwitchActionKind.CLOSE
        after = before.after(poles(action.phases), closed=closed, at=at)
        if after is not before:
            self._put("positions", switch, after)

    def service(self, event: PSREvent, made: datetime | None) -> None:
        if event.kind in _SERVICE:
            of, at = designation(event.power_system_resource), event.created_date_time
            self._serve("services", of, _SERVICE[event.kind], done_at(at, made))

    def _serve(self, kind: Kind, of: str, on: bool, at: datetime | None) -> None:
        before: Service | None = self._known(kind, key(of))
        after = before.after(of, on, at) if before else Service(of, on, at)
        if after is not before:
            self._put(kind, of, after)

    def _source(
        self, action: EnergySourceAction, at: datetime | None, made: datetime | None
    ) -> None:
        """A mobile source has terminals, or had some that were told before; else it is of the
        models.  Only these know, so nothing else tells the two apart.
        """
        source, of = action.energy_source, designation(action.energy_source)
        is_mobile = self._place("source", of, _ends(source.terminals) or None, action, at, made)
        if not is_mobile:
            self._serve("connections", of, is_placed(action.kind), at)
        elif self._known("connections", key(of)):
            self._put("connections", of, None)  # said before it was known to be mobile

    def _place(
        self,
        kind: PatchKind,
        mrid: str,
        ends: tuple[End, ...] | None,
        action: Any,
        at: datetime | None,
        made: datetime | None,
    ) -> bool:
        """Place or remove, which need not say from where; and whether by now it is known where."""
        of = patch_key(kind, patch_name(kind, mrid, ends or ()))
        patch: Patch | None = self._known("patches", of)
        before = self._known("placings", of) or _placing(patch)
        is_there = is_placed(action.kind)
        after = (before.placed if is_there else before.removed)(poles(action.phases), ends, at)
        if after != before:
            self._note("placings", of, after)
        if after.ends is None:
            return False
        if patch is not None and not after.phases:
            self._put("patches", of, None)
        elif _placing(patch) != Placing(after.phases, after.ends) and after.phases:
            is_late = at is not None and after.at is not None and at < after.at
            since = at or made if patch is None or (is_there and not is_late) else patch.since
            self._put("patches", of, Patch(kind, mrid, after.ends, after.phases, since))
        return True

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
        at = time_of(value.time_stamp) or made
        before = self._measured.get(key(of)) or self._before.measured.get(key(of))
        if before and before.at and at and zoned(at) < zoned(before.at):
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
