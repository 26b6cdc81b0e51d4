"""What was switched, placed, connected or put in or out of service, and the network as it was then.

Each by the time at which it was done, so the order in which it is heard does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar

import sqlalchemy as sa

from cim.bounds import fitting
from cim.kept import document, payload_in
from cim.message import Header, Kind, Message, Verb
from cim.model.terms import key
from cim.network import Network
from cim.network.overlay import Patch, patch_key, patch_name
from cim.network.reports import designation, fastening, is_placed
from cim.profile import Profile
from cim.profiles.phases import PhaseCode
from cim.profiles.psr_events import PSREventKind, PSREvents
from cim.profiles.switching_actions import (
    CutAction,
    EnergyConsumerAction,
    EnergySourceAction,
    JumperAction,
    SwitchingAction,
)
from cim.profiles.switching_events import (
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingEvent,
    SwitchingEvents,
)
from cim.times import done_at, zoned
from dms_apps.outage.evidence import insert
from dms_apps.outage.facts import Position
from dms_apps.outage.tables import alteration, switching

OPEN, CLOSE = "open", "close"
SWITCH, CUT, JUMPER, SOURCE, LOAD, SERVICE = "switch", "cut", "jumper", "source", "load", "service"
Thing = tuple[str, str]
A = TypeVar("A", bound=SwitchingAction)

_NOUNS: dict[str, type[SwitchingEvents] | type[PSREvents]] = {SERVICE: PSREvents}
_SERVED = {PSREventKind.OUT_OF_SERVICE: OPEN, PSREventKind.IN_SERVICE: CLOSE}


class Move(NamedTuple):
    """A way of supply is taken away, or given.

    device: of equipment that the models know the mRID; of what else is moved what the spellings of
            its mRID or name have in common.
    kind:   OPEN or CLOSE: a jumper that is placed closes, a line that is cut opens.
    what:   SWITCH; CUT, JUMPER or SOURCE, which are placed; SOURCE or LOAD, which are connected;
            SERVICE, which is any equipment.
    said:   the message that says so, without times; of a switch none.
    """

    device: str
    at: datetime
    kind: str
    phases: str
    arrived_at: datetime
    fresh: bool
    what: str = SWITCH
    said: bytes = b""

    @property
    def thing(self) -> Thing:
        """What was moved."""
        return self.what, self.device

    @property
    def message(self) -> Message:
        """That it is done, whenever that is."""
        payload: Profile
        if self.what == SWITCH:
            action = SwitchAction(
                kind=SwitchActionKind(self.kind),
                phases=PhaseCode(self.phases) if self.phases else None,
                operated_switch=Switch(mrid=self.device),
            )
            payload = SwitchingEvents(switching_event=(SwitchingEvent(switching_action=action),))
        else:
            payload = payload_in(self.said, _NOUNS.get(self.what, SwitchingEvents))
        header = Header(verb=Verb.CREATED, noun=type(payload).__name__)
        return Message(header=header, kind=Kind.EVENT, payload=payload)


def record(connection: sa.Connection, message: Message, network: Network, now: datetime) -> bool:
    """Keep what SwitchingEvents or PSREvents say.  Returns whether anything was news."""
    news = False
    for move in told(message, network, now):
        table = switching if move.what == SWITCH else alteration
        row = {name: value for name, value in move._asdict().items() if name in table.c}
        news |= bool(insert(connection, table, [row], now))
    return news


def told(message: Message, network: Network, now: datetime) -> Iterator[Move]:
    """What a message says was done; nothing of what changes no supply, such as earths and tags.

    What says no time was done now; nothing was done after the message was made: a time to come
    would hide all until then.
    """
    made = zoned(message.header.timestamp)
    made = min(made, now) if made else None
    match message.payload:
        case SwitchingEvents() as switched:
            for event in switched.switching_event:
                for action in event.actions:
                    said = action.executed_date_time or event.created_date_time
                    at = done_at(said, made) or now
                    if move := _of_action(action, network, at, now):
                        yield move
        case PSREvents() as events:
            for one in events.psrevent:
                if one.kind in _SERVED:
                    device = _mrid(network, designation(one.power_system_resource))
                    at = done_at(one.created_date_time, made) or now
                    untimed = PSREvents(psrevent=(replace(one, created_date_time=None),))
                    kind, words = _SERVED[one.kind], document(untimed)
                    yield Move(device, at, kind, "", now, True, SERVICE, words)


def _of_action(
    action: SwitchingAction, network: Network, at: datetime, now: datetime
) -> Move | None:
    is_there, phases = is_placed(action.kind), action.phases.value if action.phases else ""
    match action:
        case SwitchAction(kind=SwitchActionKind.OPEN | SwitchActionKind.CLOSE):
            switch = _mrid(network, designation(action.operated_switch))
            return Move(switch, at, action.kind.value, phases, now, fresh=True)
        case CutAction():
            what, of, closes = CUT, _patch(action), not is_there
            event = SwitchingEvent(cut_action=_untimed(action))
        case JumperAction():
            what, of, closes = JUMPER, _patch(action), is_there
            event = SwitchingEvent(jumper_action=_untimed(action))
        case EnergySourceAction():
            of = _mrid(network, designation(action.energy_source))
            what, closes = SOURCE, is_there
            event = SwitchingEvent(energy_source_action=_untimed(action))
        case EnergyConsumerAction():
            of = _mrid(network, designation(action.energy_consumer))
            what, closes = LOAD, is_there
            event = SwitchingEvent(energy_consumer_action=_untimed(action))
        case _:
            return None
    kind, said = CLOSE if closes else OPEN, document(SwitchingEvents(switching_event=(event,)))
    return Move(of, at, kind, phases, now, True, what, said)


def _untimed(action: A) -> A:
    return replace(action, executed_date_time=None)


def _patch(action: CutAction | JumperAction) -> str:
    return fitting(key(patch_name(*fastening(action))))


def _mrid(network: Network, device: str) -> str:
    """That of equipment called by mRID or name, as the models have it; what nobody knows goes by
    what the spellings of its name have in common."""
    if network.knows(device):
        return network.equipment(device).mrid
    try:
        return network.equipment_named(device).mrid
    except KeyError:
        return fitting(key(device))


def moves(
    connection: sa.Connection, first: datetime | None = None, last: datetime | None = None
) -> list[Move]:
    """All that is known, or from the first moment to the last, by time; of one instant what opens
    first, then what closes.

    So who loses supply by one switch as another one gives it back is without it all along, and a
    recloser that opens and closes within the resolution of its clock is closed.
    """
    found = list[Move]()
    for table in (switching, alteration):
        names = [name for name in Move._fields if name in table.c]
        query = sa.select(*(table.c[name] for name in names))
        if first is not None and last is not None:
            query = query.where(table.c.at.between(first, last))
        found += [Move(*row) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (one.at, one.kind == CLOSE, *one.thing, one.phases))


def looked_at(connection: sa.Connection) -> None:
    """Nothing is news any more."""
    for table in (switching, alteration):
        connection.execute(sa.update(table).where(table.c.fresh).values(fresh=False))


def positions(known: Iterable[Move]) -> list[Position]:
    """What was said of the positions of switches, by time."""
    some = (move for move in known if move.what == SWITCH)
    return [Position(move.device, move.at, move.kind == CLOSE) for move in some]


def still_open(moves: Iterable[Move]) -> list[Move]:
    """The moves by which a way is taken away now, the first first."""
    opened: dict[Thing, Move] = {}
    for move in moves:
        if move.kind == OPEN:
            opened.setdefault(move.thing, move)
        else:
            opened.pop(move.thing, None)
    return sorted(opened.values(), key=lambda move: move.at)


def to_blame(network: Network, move: Move) -> str:
    """The equipment without which there is no supply; of a jumper or a mobile source that is gone,
    which is none of the network, what it goes by."""
    if move.what == JUMPER or (move.what == SOURCE and not network.knows(move.device)):
        return fitting(_name(move.said, move.what))
    if move.what != CUT:
        return _mrid(network, move.device)
    payload = payload_in(move.said, SwitchingEvents)
    action = payload.switching_event[0].cut_action
    segment = designation(action.cut.acline_segment) if action else ""
    return _mrid(network, segment or move.device)


def all_below(network: Network, move: Move) -> Set[str]:
    """The usage points that have no supply without what was moved."""
    device = to_blame(network, move)
    if not network.knows(device):
        return frozenset()
    found = network.usage_points_below(device)
    return found if move.what == SWITCH else found | network.usage_points_on(device)


def is_normally_open(network: Network, move: Move) -> bool:
    """Whether what was moved gives no supply normally: a tie, a jumper, a mobile source."""
    if move.what == SWITCH:
        return state(network.normal, move) == frozenset()
    device = _mrid(network, move.device)
    if move.what == JUMPER or not network.knows(device):
        return move.what in (JUMPER, SOURCE)
    return not network.normal.in_service(device)


def matters(network: Network, move: Move) -> bool:
    """Whether it may do anything to a network; a switch that it does not know does not."""
    return move.what != SWITCH or network.knows(move.device)


def moved(network: Network, move: Move) -> Network:
    """The network once something is moved, whenever that is."""
    return network.after(move.message) if matters(network, move) else network


def as_of(network: Network, before: Sequence[Move], after: Sequence[Move]) -> Network:
    """The network with all that moved later as it was before."""
    later = {_spelled(move): move for move in after if matters(network, move)}
    for spelled in sorted(later):
        network = _as_built(network, later[spelled])
    things = {move.thing for move in later.values()}
    for move in before:
        if move.thing in things:
            network = moved(network, move)
    return network


def _spelled(move: Move) -> tuple[str, ...]:
    """A thing as a message calls it, by mRID or by name."""
    return *move.thing, key(_name(move.said, move.what)) if move.said else ""


def _as_built(network: Network, move: Move) -> Network:
    """The network with a switch in its normal position, or without what was said of else."""
    if move.what != SWITCH:
        return network.without(move.message)
    closed = state(network.normal, move)
    if closed is None:
        return network
    return moved(network, move._replace(kind=CLOSE if closed else OPEN, phases=""))


def places(moves: Iterable[Move], *networks: Network) -> Set[str] | None:
    """Equipment and nodes through which all is supplied that is supplied by what was moved, in any
    of some networks; None: nobody knows."""
    found: set[str] = set()
    for move in moves:
        for network in networks:
            if (some := _places(network, move)) is None:
                return None
            found |= some
    return found


def _places(network: Network, move: Move) -> Set[str] | None:
    patch = _patch_of(network, move) if move.said else None
    if patch is not None and move.what != CUT:
        return network.nodes_of_patch(patch.key)
    device = patch.ends[0].at if patch is not None and patch.ends else move.device
    if network.knows(device := _mrid(network, device)):
        return {device}
    return frozenset() if move.what in (CUT, JUMPER, SOURCE) else None


def _patch_of(network: Network, move: Move) -> Patch | None:
    """What is placed now of what was moved."""
    return network.overlay.patches.get(patch_key(move.what, _name(move.said, move.what)))


@lru_cache(maxsize=1000)
def _name(said: bytes, what: str) -> str:
    """What a message is about, as the message calls it."""
    if what == SERVICE:
        return designation(payload_in(said, PSREvents).psrevent[0].power_system_resource)
    [action] = payload_in(said, SwitchingEvents).switching_event[0].actions
    match action:
        case CutAction() | JumperAction():
            return patch_name(*fastening(action))
        case EnergySourceAction(energy_source=thing) | EnergyConsumerAction(energy_consumer=thing):
            return designation(thing)
    raise AssertionError(what)  # pragma: no cover - as it was kept


def state(network: Network, move: Move) -> object:
    """How something is that was moved, comparable: of a switch the phases on which it is closed;
    None of what is none, or of which nothing was said."""
    if move.what == SWITCH:
        try:
            closed: Set[str] = network.switch_closed(move.device)
        except KeyError:
            return None
        return closed
    over, of = network.overlay, key(_name(move.said, move.what))
    if move.what == SERVICE:
        return over.services.get(of)
    patch = _patch_of(network, move)
    if patch is None:
        return over.connections.get(of)
    return patch.ends, patch.phases
