"""What matters of what was said, kept in memory from one look to the next.

In a storm most of it was there at the look before.  Whatever is kept follows from the tables, too:
it is read anew when another look has come between, or what was put away matters again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from cim.network import Network
from dms_apps.outage import evidence, indicators, switches
from dms_apps.outage.facts import Loss, Word
from dms_apps.outage.forest import Forest
from dms_apps.outage.indicators import Places
from dms_apps.outage.moves import Move
from dms_apps.outage.past import Past
from dms_apps.outage.sections import Indication, Indications, Placed, Sections
from dms_apps.outage.trees import NEVER, Turn

NOWHERE = ""
"""Where everything is that the network does not know."""


def root_of(forest: Forest, point: str) -> str:
    """The device next to the source above a usage point; "at " it where there is none."""
    if point not in forest.home:
        return NOWHERE
    device = forest.home[point]
    return f"at {point}" if device is None else forest.root[device]


class Remembered:
    """Words and losses that may still change what is believed.

    due:    root -> when its part must be looked at though nothing is heard.
    words:  by root.
    losses: of all.
    shown:  by fault indicators.
    moved:  roots between which usage points have moved since the look before, or had moved as is
            known since.
    past:   how the network was operated before.
    dark:   root -> who is in an outage that is told and has reported it, power not being back.
    """

    def __init__(self) -> None:
        self.due: dict[str, datetime] = {}
        self.words: dict[str, list[Word]] = {}
        self.losses: list[Loss] | None = None
        self.shown: set[Indication] | None = None
        self.moved: set[str] = set()
        self.dark: dict[str, set[str]] = {}
        self.past = Past()
        self._forest: Forest | None = None
        self._sections: tuple[Forest, frozenset[Placed], Sections] | None = None

    def look(
        self, connection: sa.Connection, forest: Forest, news: Iterable[Word], *, anew: bool
    ) -> None:
        """Bring it up to date.

        news: what was said since the look before.
        anew: nothing that is kept counts.
        """
        if anew:
            self.forget()
        if self._forest is None:
            self._take(forest, evidence.live_words(connection))
        elif forest.root is not self._forest.root:
            self.moved |= set(_moved(self._forest, forest))
            self._take(forest, [word for words in self.words.values() for word in words], news)
        else:
            self._forest = forest
            self._add(news)
        if self.losses is None:
            self.losses = switches.losses(connection)

    def turned(
        self, network: Network, forest: Forest, moves: Sequence[Move], since: datetime
    ) -> list[Turn]:
        """Bring up to date how the network was operated.  What is otherwise than was known, by what
        was newly told of switches.

        moves, since: as of `Past.look`.
        """
        turns = self.past.look(network, forest, moves, since)
        self.moved |= {root for turn in turns for root in turn.roots}
        told = min((move.at for move in moves if move.fresh), default=NEVER)
        return [turn for turn in turns if told <= turn.at]

    def wait(self, roots: Iterable[str], until: datetime) -> None:
        """Look at a part again then: at all its roots, for it may be one part no more."""
        for root in roots:
            self.due[root] = min(until, self.due.get(root, until))

    def forget(self) -> None:
        """Read all of it at the next look."""
        self._forest = self.losses = self.shown = None

    def indicated(
        self,
        connection: sa.Connection,
        network: Network,
        places: Callable[[], Places],
        news: Sequence[Indication],
    ) -> Indications | None:
        """What fault indicators show; None where there are none."""
        assert self._forest is not None  # noqa: S101 - which has been looked at
        if self.shown is None:
            self.shown = indicators.indications(connection)
        else:
            self.shown |= set(news)
        if not self.shown:
            return None
        known = places()
        called = {(one.indicator, one.place) for one in self.shown}
        where = {each: known.place(network, *each) for each in called}
        placed = frozenset(where.values())
        names = {called: one.mrid for (called, _), one in where.items()}
        sections = self._divided(network, placed)
        return Indications.of(self._forest, sections, placed, names, self.shown)

    def _divided(self, network: Network, placed: frozenset[Placed]) -> Sections:
        assert self._forest is not None  # noqa: S101 - as above
        of, there, sections = self._sections or (None, frozenset(), Sections())
        if of is not self._forest or there != placed:
            sections = Sections.of(network, self._forest, placed)
            self._sections = self._forest, placed, sections
        return sections

    def believe(self, points: Iterable[str], is_looked_at: Callable[[str], bool]) -> None:
        """These are dark below the roots that were looked at; below others it is as before."""
        assert self._forest is not None  # noqa: S101 - which has been looked at
        self.dark = {root: some for root, some in self.dark.items() if not is_looked_at(root)}
        for point in points:
            self.dark.setdefault(root_of(self._forest, point), set()).add(point)

    def drop(self, words: Iterable[Word]) -> None:
        """These have been put away, with all else that was said below the same roots."""
        assert self._forest is not None  # noqa: S101 - which has been looked at
        for root in {root_of(self._forest, word.point) for word in words}:
            self.words.pop(root, None)

    def _take(self, forest: Forest, *some: Iterable[Word]) -> None:
        self._forest, self.words = forest, {}
        for words in some:
            self._add(words)

    def _add(self, words: Iterable[Word]) -> None:
        assert self._forest is not None  # noqa: S101 - by which they are sorted
        for word in words:
            self.words.setdefault(root_of(self._forest, word.point), []).append(word)


def _moved(before: Forest, after: Forest) -> Iterator[str]:
    """The roots whose usage points are not those of before."""
    if before.home == after.home and before.root == after.root:
        return
    for point in before.home.keys() | after.home.keys():
        roots = root_of(before, point), root_of(after, point)
        if roots[0] != roots[1]:
            yield from roots


def earliest(words: Mapping[str, Iterable[Word]]) -> datetime | None:
    """When the first of all these was."""
    return min((word.at for some in words.values() for word in some), default=None)
