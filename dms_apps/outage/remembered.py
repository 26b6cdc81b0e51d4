"""What matters of what was said, kept in memory from one look to the next.

In a storm most of it was there at the look before.  Whatever is kept follows from the tables, too:
it is read anew when another look has come between, or what was put away matters again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from dms_apps.outage import evidence, switches
from dms_apps.outage.facts import Loss, Word
from dms_apps.outage.forest import Forest

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

    due:    part -> when it must be looked at though nothing is heard.
    words:  by root.
    losses: of all.
    """

    def __init__(self) -> None:
        self.due: dict[str, datetime] = {}
        self.words: dict[str, list[Word]] = {}
        self.losses: list[Loss] | None = None
        self._forest: Forest | None = None

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
            self._take(forest, [word for words in self.words.values() for word in words], news)
        else:
            self._forest = forest
            self._add(news)
        if self.losses is None:
            self.losses = switches.losses(connection)

    def forget(self) -> None:
        """Read all of it at the next look."""
        self._forest = self.losses = None

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


def earliest(words: Mapping[str, Iterable[Word]]) -> datetime | None:
    """When the first of all these was."""
    return min((word.at for some in words.values() for word in some), default=None)
