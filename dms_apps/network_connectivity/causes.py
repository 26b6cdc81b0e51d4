"""What a message says was done to the network, in words, and what it names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cim.message import Message, Verb
from cim.network import Network
from cim.network.overlay import patch_name
from cim.network.reports import designation, fastening, is_placed
from cim.profile import Profile
from cim.profiles.network_models import NetworkModels
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
    TempEquipActionKind,
    Terminal,
)
from cim.profiles.switching_events import SwitchingEvents
from cim.times import zoned

_SAID = 3  # deeds named in one sentence; the others are counted
_MOVES = {SwitchActionKind.OPEN: "opened", SwitchActionKind.CLOSE: "closed"}
_SERVICE = {PSREventKind.IN_SERVICE: "into", PSREventKind.OUT_OF_SERVICE: "out of"}


@dataclass(frozen=True)
class Deed:
    """One thing that was done.

    told:    in words that go on after "after", e.g. "switch S1 was opened on A".
    named:   all that it names, mRIDs or names; empty texts where it must name and does not.
    placed:  what it puts there for a time, as the network's patches are called.
    removed: what it takes away again, likewise; it must have been there.
    patch:   the kind of patch that this is.
    at:      when; None where it does not say.
    """

    told: str
    named: tuple[str, ...] = ()
    placed: str = ""
    removed: str = ""
    patch: str = ""
    at: datetime | None = None


def deeds(message: Message, network: Network) -> tuple[Deed, ...]:
    """All that a message does to connections; tags and reclosing are none of it.

    network: knows the names of things.
    """
    words = _Words(network)
    match message.payload:
        case SwitchingEvents() as events:
            found: Iterable[Deed | None] = (
                words.action(action, event.created_date_time)
                for event in events.switching_event
                for action in event.actions
            )
        case PSREvents() as events:
            found = map(words.service, events.psrevent)
        case NetworkModels() as models:
            done = "withdrawn" if message.header.verb is Verb.DELETED else "put in force"
            found = (Deed(f"model {one.mrid} was {done}") for one in models.network_model)
        case _:
            found = ()
    return tuple(deed for deed in found if deed is not None)


def told(done: Sequence[Deed]) -> str:
    """The deeds in words; empty where there is none."""
    named = [deed.told for deed in done[:_SAID]]
    if (rest := len(done) - _SAID) > 0:
        named.append(f"{rest:,} more {'thing was' if rest == 1 else 'things were'} done")
    return " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))


def when(done: Iterable[Deed], message: Message, now: datetime) -> datetime:
    """When the last of it was done, or else the message was made; UTC where no zone is said."""
    times = [zoned(deed.at) for deed in done if deed.at is not None]
    return max(times, default=zoned(message.header.timestamp or now))


class _Words:
    """Deeds in the names of the network."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def action(self, action: SwitchingAction, recorded: datetime | None) -> Deed | None:
        """What it does to connections, if anything."""
        at = action.executed_date_time or recorded
        match action:
            case SwitchAction(kind=kind, operated_switch=switch) if kind in _MOVES:
                told = f"switch {self._called(switch)} was {_MOVES[kind]}{_poles(action)}"
                return Deed(told, (designation(switch),), at=at)
            case EnergyConsumerAction(energy_consumer=load):
                done = _done(action.kind, "connected", "disconnected")
                return Deed(f"load {self._called(load)} was {done}", (designation(load),), at=at)
            case EnergySourceAction(energy_source=source):
                done = _done(action.kind, "connected", "disconnected")
                told = f"source {self._called(source)} was {done}"
                named = (designation(source), *_nodes(source.terminals))
                mobile = named[0] if named[1:] else ""
                return _temporary(action.kind, told, named, "source", mobile, at)
            case GroundAction() | JumperAction() | CutAction():
                thing, places = _fastened(action)
                named = tuple(filter(None, (thing, *places)))
                patch = fastening(action)
                told = self._placed(action, places)
                return _temporary(action.kind, told, named, patch[0], patch_name(*patch), at)
        return None

    def service(self, event: PSREvent) -> Deed | None:
        """That something went into service or out of it."""
        if event.kind not in _SERVICE:
            return None
        thing = event.power_system_resource
        told = f"{self._called(thing)} went {_SERVICE[event.kind]} service"
        return Deed(told, (designation(thing),), at=event.created_date_time)

    def _placed(self, action: _Fastened, places: Sequence[str]) -> str:
        what, there, gone = _PLACED[type(action)]
        at = ", ".join(self._name(place) for place in places)
        where = f" {at}" if what == "line" else f" at {at}" if at else ""
        return f"{what}{where} was {_done(action.kind, there, gone)}{_poles(action)}"

    def _called(self, thing: Profile) -> str:
        return self._name(designation(thing)) or "without a name"

    def _name(self, designation: str) -> str:
        known = self._network.knows(designation)
        return (self._network.name(designation) if known else "") or designation


_Fastened = GroundAction | JumperAction | CutAction
_PLACED = {
    CutAction: ("line", "cut", "joined again"),
    GroundAction: ("an earth", "placed", "removed"),
    JumperAction: ("a jumper", "placed", "removed"),
}


def _temporary(
    kind: TempEquipActionKind,
    told: str,
    named: tuple[str, ...],
    patch: str,
    name: str,
    at: datetime | None,
) -> Deed:
    """Something that is there for a time was placed or taken away."""
    if is_placed(kind):
        return Deed(told, named, placed=name, patch=patch, at=at)
    return Deed(told, named, removed=name, patch=patch, at=at)


def _done(kind: TempEquipActionKind, there: str, gone: str) -> str:
    return there if is_placed(kind) else gone


def _poles(action: SwitchingAction) -> str:
    return f" on {action.phases}" if action.phases else ""


def _nodes(terminals: Iterable[Terminal]) -> tuple[str, ...]:
    """Where terminals are, as far as they say."""
    places = (designation(one.connectivity_node or one) for one in terminals)
    return tuple(filter(None, places))


def _fastened(action: _Fastened) -> tuple[str, tuple[str, ...]]:
    """The thing itself and where it is, both as far as the message names them."""
    match action:
        case GroundAction(ground=thing):
            others = [action.grounded_equipment, action.along_acline_segment]
        case JumperAction(jumper=thing):
            others = [*action.jumped_equipments, *action.acline_segments]
        case CutAction(cut=cut):
            return designation(cut), _designations([cut.acline_segment])
    ends = _nodes(thing.terminals) if thing else ()
    return designation(thing), ends or _designations(others)


def _designations(things: Iterable[Profile | None]) -> tuple[str, ...]:
    return tuple(filter(None, map(designation, things)))
