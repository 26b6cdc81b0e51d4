"""What switches did, and who lost supply by it: exact by the times of the switches.

The network tells what is supplied now.  From the times at which switches moved it follows what was
supplied at each of them, so the order of arrival does not matter: of what comes late all that came
after it is worked out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from cim.message import Header, Kind, Message, Verb
from cim.network import Network
from cim.profiles.phases import PhaseCode
from cim.profiles.switching_events import (
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingEvent,
    SwitchingEvents,
)
from dms_apps.outage.evidence import insert
from dms_apps.outage.facts import Loss, Position
from dms_apps.outage.tables import supply, switching

OPEN, CLOSE = "open", "close"


class Move(NamedTuple):
    """A switch was operated."""

    device: str
    at: datetime
    kind: str
    phases: str
    arrived_at: datetime
    fresh: bool


def record_switches(
    connection: sa.Connection, events: SwitchingEvents, network: Network, now: datetime
) -> bool:
    """Keep what the events say.  Returns whether anything was news."""
    news = False
    for event in events.switching_event:
        action = event.switching_action
        if action is not None and action.kind in (SwitchActionKind.OPEN, SwitchActionKind.CLOSE):
            names = action.operated_switch.names
            device = action.operated_switch.mrid or (names[0].name if names else "")
            row = {
                "device": _mrid(network, device),
                "at": action.executed_date_time or event.created_date_time or now,
                "kind": action.kind.value,
                "phases": action.phases.value if action.phases else "",
                "fresh": True,
            }
            news |= bool(insert(connection, switching, [row], now))
    return news


def _mrid(network: Network, device: str) -> str:
    if network.knows(device):
        return device
    try:
        return network.equipment_named(device).mrid
    except KeyError:
        return device


def moves(connection: sa.Connection) -> list[Move]:
    """All that is known, by time; of one instant what opens first, then what closes.

    So who loses supply by one switch as another one gives it back is without it all along, and a
    recloser that opens and closes within the resolution of its clock is closed.
    """
    columns = [switching.c[name] for name in Move._fields]
    order = (switching.c.at, switching.c.kind.desc(), switching.c.device)
    query = sa.select(*columns).order_by(*order)
    return [Move(*row) for row in connection.execute(query)]


def positions(known: Iterable[Move]) -> list[Position]:
    """What was said of positions, by time."""
    return [Position(move.device, move.at, move.kind == CLOSE) for move in known]


def still_open(moves: Iterable[Move]) -> list[Move]:
    """The moves by which switches are open now, the first first."""
    opened: dict[str, Move] = {}
    for move in moves:
        if move.kind == OPEN:
            opened.setdefault(move.device, move)
        else:
            opened.pop(move.device, None)
    return sorted(opened.values(), key=lambda move: move.at)


def work_out(
    connection: sa.Connection, network: Network, known: Sequence[Move], since: datetime
) -> list[Loss]:
    """Bring the losses of supply up to date that follow from moves at `since` or later.

    Returns those that are new, and those that there are no longer as they were.
    """
    since = _as_it_began(connection, known, since)
    before = [move for move in known if move.at < since]
    after = [move for move in known if move.at >= since]
    kept = _undone(connection, since)
    track = _Track(as_of(network, before, after), before, kept)
    for move in after:
        track.take(move)
    connection.execute(sa.update(switching).where(switching.c.fresh).values(fresh=False))
    return _save(connection, set(track.all()), since)


def losses(connection: sa.Connection) -> list[Loss]:
    """All that may still change what is believed."""
    return _losses(connection, supply.c.live)


def put_away(connection: sa.Connection, over: Iterable[Loss]) -> None:
    """These do not matter any more, unless something late is heard."""
    rows = [{"of_point": loss.point, "of_at": loss.lost} for loss in over]
    if rows:
        update = sa.update(supply).where(
            supply.c.point == sa.bindparam("of_point"), supply.c.lost_at == sa.bindparam("of_at")
        )
        connection.execute(update.values(live=False), rows)


def take_up_again(connection: sa.Connection, points: Iterable[str], since: datetime) -> set[str]:
    """What was put away of these usage points from `since` on matters again.

    Returns those that lost supply by it and by the same openings of switches.
    """
    every = list(points)
    openings = set()
    for start in range(0, len(every), 1000):
        some = every[start : start + 1000]
        again = sa.update(supply).where(
            supply.c.point.in_(some), supply.c.lost_at >= since, ~supply.c.live
        )
        taken = again.values(live=True).returning(supply.c.device, supply.c.opened_at)
        openings |= {(device, opened) for device, opened in connection.execute(taken)}
    found = set[str]()
    for device, opened in openings:
        same = (supply.c.device == device) & (supply.c.opened_at == opened)
        found |= set(connection.scalars(sa.select(supply.c.point).where(same)))
    return found


def _losses(connection: sa.Connection, condition: Any) -> list[Loss]:
    columns = ("point", "lost_at", "back_at", "device", "opened_at", "arrived_at")
    query = sa.select(*(supply.c[name] for name in columns)).where(condition)
    return [Loss(*row) for row in connection.execute(query)]


def _as_it_began(connection: sa.Connection, known: Iterable[Move], since: datetime) -> datetime:
    """From when on losses are to be worked out.

    Where something comes late, a loss may have been handed over to another switch only later than
    that: which switch is to blame before is found from its beginning.
    """
    if all(move.fresh for move in known if move.at >= since):
        return since
    while True:
        begun = [loss.lost for loss in _since(connection, since)
                 if loss.lost < since and loss.opened != loss.lost]  # fmt: skip
        if not begun:
            return since
        since = min(begun)


def _undone(connection: sa.Connection, since: datetime) -> list[Loss]:
    """The losses as they were just before `since`, when nothing was known of what came then."""
    return [loss._replace(back=None) for loss in _since(connection, since) if loss.lost < since]


def _since(connection: sa.Connection, since: datetime) -> list[Loss]:
    return _losses(connection, sa.or_(supply.c.back_at.is_(None), supply.c.back_at >= since))


def _save(connection: sa.Connection, found: Set[Loss], since: datetime) -> list[Loss]:
    """What is as it was stays as it is, put away or not."""
    before = set(_since(connection, since))
    if gone := [{"of_point": loss.point, "of_at": loss.lost} for loss in before - found]:
        delete = sa.delete(supply).where(
            supply.c.point == sa.bindparam("of_point"), supply.c.lost_at == sa.bindparam("of_at")
        )
        connection.execute(delete, gone)
    rows = [
        {
            "point": loss.point, "lost_at": loss.lost, "back_at": loss.back, "device": loss.device,
            "opened_at": loss.opened, "arrived_at": loss.arrived_at, "live": True,
        }
        for loss in found - before
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(supply), rows)
    return list(found ^ before)


def as_of(network: Network, before: Sequence[Move], after: Sequence[Move]) -> Network:
    """The network with the switches that moved later as they were before."""
    devices = {move.device for move in after if network.knows(move.device)}
    for device in sorted(devices):
        earlier = [move for move in before if move.device == device]
        if not earlier:
            network = _stood(network, device)
        for move in earlier:
            network = moved(network, device, move.kind, move.phases)
    return network


def _stood(network: Network, device: str) -> Network:
    """The network with a switch in its normal position."""
    try:
        closed = bool(network.normal.switch_closed(device))
    except KeyError:
        return network
    return moved(network, device, CLOSE if closed else OPEN, "")


def moved(network: Network, device: str, kind: str, phases: str) -> Network:
    """The network once a switch is moved, whenever that is."""
    action = SwitchAction(
        kind=SwitchActionKind(kind),
        phases=PhaseCode(phases) if phases else None,
        operated_switch=Switch(mrid=device),
    )
    events = SwitchingEvents(switching_event=(SwitchingEvent(switching_action=action),))
    header = Header(verb=Verb.CREATED, noun="SwitchingEvents")
    return network.after(Message(header=header, kind=Kind.EVENT, payload=events))


class _Track:
    """Goes along the moves, with the network as it is then."""

    def __init__(self, network: Network, before: Iterable[Move], kept: Iterable[Loss]) -> None:
        self.network = network
        self.losses: list[Loss] = []
        self._moves: list[Move] = []
        self._open: dict[str, Move] = {}
        self._dead = set(network.dead_usage_points)
        self._current = {loss.point: loss for loss in kept}
        for move in before:
            self._note(move)

    def _note(self, move: Move) -> None:
        self._moves.append(move)
        if move.kind == OPEN:
            self._open.setdefault(move.device, move)
        else:
            self._open.pop(move.device, None)

    def take(self, move: Move) -> None:
        """The next move."""
        self._note(move)
        if self.network.knows(move.device):
            self.network = moved(self.network, move.device, move.kind, move.phases)
        dead = set(self.network.dead_usage_points)
        for point in sorted(self._dead - dead):
            if (loss := self._current.pop(point, None)) is not None:
                self._over(loss, move.at)
        for point in sorted(dead - self._dead):
            opened = self._open.get(move.device, move)
            self._current[point] = Loss(
                point, move.at, None, move.device, opened.at, opened.arrived_at
            )
        self._dead = dead
        if move.kind == CLOSE:
            self._hand_over(move.device)

    def _over(self, loss: Loss, at: datetime) -> None:
        if at > loss.lost:
            self.losses.append(loss._replace(back=at))

    def _hand_over(self, device: str) -> None:
        """Who is dead though the switch to blame is closed, is so by another one."""
        left = {p for p, loss in self._current.items() if loss.device == device}
        if not left or not self._open:
            return
        network = self._since(min(self._current[point].lost for point in left))
        for other in self._open.values():
            if network.knows(other.device):
                for point in left & network.usage_points_below(other.device):
                    self._current[point] = self._current[point]._replace(
                        device=other.device, opened=other.at
                    )
                    left.discard(point)

    def _since(self, lost: datetime) -> Network:
        """The network as it is now, where who has no supply has the way by which it was lost: that
        follows only from what was switched since."""
        earlier = [move for move in self._moves if move.at < lost]
        later = [move for move in self._moves if move.at >= lost]
        network = as_of(self.network, earlier, later)
        for move in later:
            if network.knows(move.device):
                network = moved(network, move.device, move.kind, move.phases)
        return network

    def all(self) -> Iterator[Loss]:
        yield from self.losses
        yield from self._current.values()
