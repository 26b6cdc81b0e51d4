"""How the network was operated before, by what is known of switches and of what else was altered.

Like supply it is worked out backwards.  Whole trees would be large: kept is what moved with each
switching, and the network before it; a tree is grown of the part that is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from itertools import takewhile

from cim.network import Network
from dms_apps.outage.forest import Forest
from dms_apps.outage.moves import (
    CLOSE,
    JUMPER,
    SOURCE,
    Move,
    Thing,
    as_of,
    is_normally_open,
    matters,
    moved,
    places,
    state,
)
from dms_apps.outage.trees import NEVER, Tree, Trees, Turn

_MOST = 1_000_000
"""So many usage points are kept in trees."""


class Past:
    """Kept from one look to the next: only what has been switched since is gone through.

    turns: all since the first of what matters; last, at NEVER, that to what the network looks like.
    """

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._ties: _Ties | None = None
        self._models: object = None
        self._moves: list[Move] = []
        self._last: Network | None = None
        self._places: Set[str] | None = frozenset()
        self._above: dict[str, str] | None = None
        self._instant: tuple[datetime, Network] | None = None
        self._today: tuple[Network, Forest] | None = None
        self._looked: tuple[object, ...] = ()
        self._since: datetime | None = None
        self._trees: dict[Turn, Tree] = {}

    def look(
        self, network: Network, forest: Forest, moves: Sequence[Move], since: datetime
    ) -> list[Turn]:
        """Bring it up to date.  Returns the turns that are new, and those that there are no longer.

        moves: all that is known, by time.
        since: what was before does not matter any more; nobody was without supply by switches
               just before.
        """
        before = self.turns
        known = [move for move in moves if matters(network, move)]
        self._today = network, forest
        if not known or known[-1].at < since or not self._may_differ(network, known, since):
            self._forget()
        elif not self._goes_on(network, known, since):
            self._begin(network, known, since)
        for move in known[len(self._moves) :] if self._last is not None else ():
            self._go(move)
            self._moves.append(move)
        self._look_at(network)
        self.turns = [turn for turn in self.turns if turn.at >= since]
        if sum(tree.size for tree in self._trees.values()) > _MOST:
            self._trees.clear()
        for turn in self._trees.keys() - {*self.turns}:
            del self._trees[turn]
        changed = {*before} ^ {*self.turns}
        if changed:
            self._above = None
        return [turn for turn in changed if turn.at >= since]

    def trees(self, turns: Sequence[Turn], points: Set[str]) -> Trees:
        """Those before each of some turns, and that of today.

        points: the usage points of which they are asked.
        """
        assert self._today is not None  # noqa: S101 - one has looked
        network, forest = self._today
        points = self._same(turns, points)
        last = Tree(network, points)
        last.forest = forest
        return Trees([*(self._before(turn, points) for turn in turns), last], turns)

    def root(self, device: str) -> str | None:
        """The device next to the source above one, when it last was above who has moved since."""
        if self._above is None:
            every = (turn.above for turn in self.turns)
            self._above = {device: root for above in every for device, root in above.items()}
        return self._above.get(device)

    def _before(self, turn: Turn, points: Set[str]) -> Tree:
        tree = self._trees.get(turn)
        if tree is None or tree.points is not points:
            tree = self._trees[turn] = Tree(turn.before, points)
        return tree

    def _same(self, turns: Sequence[Turn], points: Set[str]) -> Set[str]:
        """The usage points as trees that were asked for before have them, where they are those."""
        known = (self._trees[turn].points for turn in turns if turn in self._trees)
        return next((some for some in known if some == points), points)

    def _may_differ(self, network: Network, moves: Sequence[Move], since: datetime) -> bool:
        """Whether a way of supply may have changed: as long as nothing is closed that is normally
        open, the network is what it was built to be, and moves only take its ways away."""
        if self._ties is None or self._ties.models is not network.models:
            self._ties = _Ties(network)
        return self._ties.were_closed(moves, since)

    def _forget(self) -> None:
        self.turns, self._moves = [], []
        self._last = self._instant = self._since = self._models = None
        self._trees.clear()

    def _goes_on(self, network: Network, moves: Sequence[Move], since: datetime) -> bool:
        """Whether nothing is new but since a turn; what is before `since` is dropped."""
        if self._models is not network.models:
            return False
        assert self._since is not None  # noqa: S101 - it has begun
        if any(since <= move.at < self._since for move in moves):
            return False
        kept = [*map(_said, self._moves)]
        first = _said(moves[0])
        if first not in kept:
            return False
        gone = kept.index(first)
        if any(move.at >= since for move in self._moves[:gone]):
            return False
        told = {move.thing for move in self._moves}
        self._moves, kept = self._moves[gone:], kept[gone:]
        same = _alike(kept, [*map(_said, moves)])
        if same < len(kept):
            late = min(move.at for move in (self._moves[same], *moves[same : same + 1]))
            if not self._goes_back(late):
                return False
        if not self._begun_right(move for move in moves if move.thing not in told):
            return False
        self._since = since
        return True

    def _goes_back(self, late: datetime) -> bool:
        """Begin again at the last turn before something that is told late, if there is any."""
        last = next((turn for turn in reversed(self.turns) if turn.at <= late), None)
        if last is None:
            return False
        self._last, self._instant = last.before, None
        self._moves = [move for move in self._moves if move.at < last.at]
        self.turns = [turn for turn in self.turns if turn.at < last.at]
        return True

    def _begun_right(self, moves: Iterable[Move]) -> bool:
        """Whether what is told of for the first time was as it should be by then."""
        assert self._last is not None  # noqa: S101 - it has begun
        first = {move.thing: move for move in moves}.values()
        return all(state(self._last, one) == state(self._last.normal, one) for one in first)

    def _begin(self, network: Network, moves: Sequence[Move], since: datetime) -> None:
        self._forget()
        self._moves = [move for move in moves if move.at < since]
        self._last = as_of(network, self._moves, [move for move in moves if move.at >= since])
        self._since, self._models = since, network.models

    def _look_at(self, network: Network) -> None:
        """End with the network as it looks: who has no supply may have lost it by another way than
        it looks to who heard of the switching in another order."""
        looked, self._looked = self._looked, (*shape(network), self._last)
        if looked and all(a is b for a, b in zip(looked, self._looked, strict=True)):
            return
        self.turns = [turn for turn in self.turns if turn.at < NEVER]
        if self._last is None or network.is_supplied_like(self._last):
            return
        some = (move for move in self._moves if move.at >= (self._since or move.at))
        things = {move.thing: move for move in some}.values()
        if all(state(network, one) == state(self._last, one) for one in things):
            was_placed = any(move.what in (JUMPER, SOURCE) for move in things)
            there = None if was_placed else places(things, self._last, network)
            turn = Turn.of(NEVER, self._last, network, there)
            self.turns += [turn] if turn else []

    def _go(self, move: Move) -> None:
        """The next switching; of those of one instant all together count."""
        assert self._last is not None  # noqa: S101 - it has begun
        if self._instant is None or self._instant[0] != move.at:
            self._instant, self._places = (move.at, self._last), frozenset()
        self.turns = [turn for turn in self.turns if turn.at < move.at]
        before, self._last = self._last, moved(self._last, move)
        there = places([move], before, self._last)
        known = self._places is not None and there is not None
        self._places = {*(self._places or ()), *(there or ())} if known else None
        turn = Turn.of(move.at, self._instant[1], self._last, self._places)
        if turn is not None:
            self.turns = [*self.turns, turn]


def shape(network: Network) -> tuple[object, ...]:
    """All by which supply follows; each is another one when it changes."""
    over = network.overlay
    return network.models, over.positions, over.services, over.connections, over.patches


def _said(move: Move) -> tuple[object, ...]:
    """What a move is, whenever it was heard."""
    return *move.thing, move.at, move.kind, move.phases


def _alike(one: Sequence[object], other: Sequence[object]) -> int:
    """How many of both are alike from the first on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


class _Ties:
    """What of a network is normally open."""

    def __init__(self, network: Network) -> None:
        self.models, self._network = network.models, network
        self._known: dict[Thing, bool] = {}

    def _is_one(self, move: Move) -> bool:
        if move.thing not in self._known:
            self._known[move.thing] = is_normally_open(self._network, move)
        return self._known[move.thing]

    def were_closed(self, moves: Sequence[Move], since: datetime) -> bool:
        """Whether any was at a moment or later."""
        closed = dict[Thing, bool]()
        for move in moves:
            if self._is_one(move):
                was = move.at >= since and closed.get(move.thing, False)
                closed[move.thing] = move.kind == CLOSE or was
        return any(closed.values())
