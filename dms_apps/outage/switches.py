"""Who lost supply by switching, and by what else was altered: exact by the times of the moves.

The network tells what is supplied now.  From the times of the moves it follows what was supplied at
each of them, so the order of arrival does not matter: of what comes late all that came after it is
worked out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cim.network import Network
from dms_apps.outage import moves
from dms_apps.outage.facts import Loss
from dms_apps.outage.moves import (
    CLOSE,
    JUMPER,
    OPEN,
    SOURCE,
    Move,
    Thing,
    all_below,
    as_of,
    is_normally_open,
    moved,
    still_open,
    to_blame,
)
from dms_apps.outage.tables import supply


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
    moves.looked_at(connection)
    return _save(connection, set(track.all()), since)


def losses(connection: sa.Connection) -> list[Loss]:
    """All that may still change what is believed."""
    return _losses(connection, supply.c.live)


def open_since(
    connection: sa.Connection, network: Network, known: Iterable[Move]
) -> list[datetime]:
    """From when on somebody may have no supply by what is open, also in a model that is new."""
    lost = connection.scalar(
        sa.select(sa.func.min(supply.c.lost_at)).where(supply.c.back_at.is_(None))
    )
    opened = (move.at for move in still_open(known) if not is_normally_open(network, move))
    return [at for at in (lost, next(opened, None)) if at is not None]


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


class _Track:
    """Goes along the moves, with the network as it is then."""

    def __init__(self, network: Network, before: Iterable[Move], kept: Iterable[Loss]) -> None:
        self.network = network
        self.losses: list[Loss] = []
        self._moves: list[Move] = []
        self._open: dict[Thing, Move] = {}
        self._dead = set(network.dead_usage_points)
        self._current = {loss.point: loss for loss in kept}
        for move in before:
            self._note(move)

    def _note(self, move: Move) -> Move:
        """Returns the move by which it was open before, or else this one; of a line that is cut
        elsewhere than before, this one."""
        self._moves.append(move)
        if move.kind != OPEN:
            return self._open.pop(move.thing, move)
        before = self._open.setdefault(move.thing, move)
        if before.said != move.said and to_blame(self.network, before) != to_blame(
            self.network, move
        ):
            self._open[move.thing] = move
        return self._open[move.thing]

    def take(self, move: Move) -> None:
        """The next move."""
        opened = self._note(move)
        self.network = moved(self.network, move)
        dead = set(self.network.dead_usage_points)
        for point in sorted(self._dead - dead):
            if (loss := self._current.pop(point, None)) is not None:
                self._over(loss, move.at)
        device = to_blame(self.network, opened)
        for point in sorted(dead - self._dead):
            self._current[point] = Loss(point, move.at, None, device, opened.at, opened.arrived_at)
        self._dead = dead
        if move.kind == CLOSE:
            self._hand_over(device)

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
            below = left & all_below(network, other)
            self._blame(below, to_blame(network, other), other)
            left -= below
        gone = [other for other in self._open.values() if other.what in (JUMPER, SOURCE)]
        if left and gone:  # they are above nobody any more
            last = max(gone, key=lambda other: other.at)
            self._blame(left, to_blame(network, last), last)

    def _blame(self, points: Iterable[str], device: str, opened: Move) -> None:
        for point in points:
            self._current[point] = self._current[point]._replace(device=device, opened=opened.at)

    def _since(self, lost: datetime) -> Network:
        """The network as it is now, where who has no supply has the way by which it was lost: that
        follows only from what was switched since."""
        earlier = [move for move in self._moves if move.at < lost]
        later = [move for move in self._moves if move.at >= lost]
        network = as_of(self.network, earlier, later)
        for move in later:
            network = moved(network, move)
        return network

    def all(self) -> Iterator[Loss]:
        yield from self.losses
        yield from self._current.values()
