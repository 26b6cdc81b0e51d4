"""Which trees there were, by what is known of switches; like supply it is worked out backwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cim.network import Network
from dms_apps.outage.forest import Forest
from dms_apps.outage.switches import CLOSE, Move, as_of, moved
from dms_apps.outage.trees import Tree, Trees, Turn


class Past:
    """Trees, kept from one look to the next: only what has been switched since is gone through."""

    def __init__(self) -> None:
        self._ties: _Ties | None = None
        self._built: tuple[object, ...] = ()
        self._later: list[Move] = []
        self._network: Network | None = None
        self._forest: Forest | None = None
        self._every: list[Tree] = []
        self._turns: list[Turn] = []

    def trees(
        self, network: Network, forest: Forest, moves: Sequence[Move], since: datetime
    ) -> Trees:
        """All trees there were since a moment, up to that of now.

        moves: all that is known, by time.
        """
        later = [move for move in moves if move.at > since and network.knows(move.device)]
        if not later or not self._may_differ(network, moves, since):
            self._built, self._later, self._every, self._turns = (), [], [], []
            self._network = self._forest = None
            return Trees([Tree(network, forest)])
        if not self._goes_on(network, later, since):
            self._begin(network, forest, moves, since)
        for move in later[len(self._later) :]:
            self._go(move)
        self._later = later
        latest = self._every[-1]
        today = Tree(network, forest, latest.dead)
        return Trees([*self._every[:-1], today], self._turns)

    def _may_differ(self, network: Network, moves: Sequence[Move], since: datetime) -> bool:
        """Whether a way of supply may have changed: as long as no switch is closed that is normally
        open, the network is what it was built to be, and switches only take its ways away."""
        if self._ties is None or self._ties.models is not network.models:
            self._ties = _Ties(network)
        return self._ties.were_closed(moves, since)

    def _goes_on(self, network: Network, later: Sequence[Move], since: datetime) -> bool:
        """Whether there is nothing new but at the end; what is before `since` is dropped."""
        if not self._built or any(
            a is not b for a, b in zip(self._built, built(network), strict=True)
        ):
            return False
        self._later = [move for move in self._later if move.at > since]
        self._turns = [turn for turn in self._turns if turn.at > since]
        self._every = self._every[-1 - len(self._turns) :]
        known = later[: len(self._later)]
        return [move[:4] for move in known] == [move[:4] for move in self._later]

    def _begin(
        self, network: Network, forest: Forest, moves: Sequence[Move], since: datetime
    ) -> None:
        earlier = [move for move in moves if move.at <= since]
        then = as_of(network, earlier, [move for move in moves if move.at > since])
        self._built, self._later = built(network), []
        self._network, self._forest = then, Forest.of(then, forest)
        self._every, self._turns = [Tree(then, self._forest)], []

    def _go(self, move: Move) -> None:
        """The next switching; of those of one instant all together count."""
        assert self._network is not None  # noqa: S101 - it has begun
        before = self._forest
        self._network = moved(self._network, move.device, move.kind, move.phases)
        self._forest = Forest.of(self._network, before)
        is_more = bool(self._turns) and self._turns[-1].at == move.at
        if before is not None and self._forest.root is before.root and not is_more:
            return
        latest = Tree(self._network, self._forest, self._forest.dead)
        if is_more:
            del self._every[-1], self._turns[-1]
        turn = Turn.of(move.at, self._every[-1], latest)
        if turn.moved:
            self._turns.append(turn)
            self._every.append(latest)


def built(network: Network) -> tuple[object, ...]:
    """All by which supply follows but the switches; each is another one when it changes."""
    over = network.overlay
    return network.models, over.services, over.connections, over.patches


class _Ties:
    """The switches of a network that are normally open."""

    def __init__(self, network: Network) -> None:
        self.models = network.models
        self._normal = network.normal
        self._known: dict[str, bool] = {}

    def __contains__(self, device: str) -> bool:
        if device not in self._known:
            try:
                self._known[device] = not self._normal.switch_closed(device)
            except KeyError:
                self._known[device] = False
        return self._known[device]

    def were_closed(self, moves: Sequence[Move], since: datetime) -> bool:
        """Whether any was at a moment or later."""
        closed = dict[str, bool]()
        for move in moves:
            is_closed = move.kind == CLOSE
            closed[move.device] = is_closed or (move.at > since and closed.get(move.device, False))
        return any(closed[device] for device in closed if device in self)
