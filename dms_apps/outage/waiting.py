"""Which parts of the network are looked at: those of which something is new, once it may matter.

Where nothing is said but that power is lost, and not for long, nothing is told before the hold-off
is over, whether meters say so or callers.  Such a part waits until then: looked at with every call,
a storm would be gone through again every second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from dms_apps.outage.facts import DARK, METER, Word
from dms_apps.outage.forest import Forest
from dms_apps.outage.parts import Parts
from dms_apps.outage.remembered import NOWHERE, Remembered, root_of


@dataclass(frozen=True, kw_only=True)
class News:
    """words:   what was said of the supply of usage points.
    called:  the usage points where there is a new call, or one that is otherwise than it was.
    stirred: the usage points and devices of which anything else is new.
    """

    words: Sequence[Word]
    called: Sequence[str]
    stirred: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """busy: the parts where an outage is open, or a danger; None: no part waits that somebody has
    called from."""

    forest: Forest
    parts: Parts
    kept: Remembered
    hold_off: timedelta
    now: datetime
    busy: Callable[[], Set[str]] | None

    def wanted(self, news: News) -> set[str]:
        """The parts to be looked at now; those that wait for it no longer do."""
        calm = self._calm(news)
        found = set(map(self._part, news.stirred))
        found |= {part for part in map(self._part, news.called) if part not in calm}
        found |= self._said(news.words, calm)
        found |= {self.parts.now(root) for root in self.kept.moved}
        self.kept.moved.clear()
        found |= {self.parts.now(root) for root, due in self.kept.due.items() if due <= self.now}
        for root in [root for root in self.kept.due if self.parts.now(root) in found]:
            del self.kept.due[root]
        return found

    def _part(self, one: str) -> str:
        """That of a usage point or a device."""
        if one in self.forest.home:
            return self.parts.of(one)
        return self.parts.of_device(one) or NOWHERE

    def _said(self, words: Iterable[Word], calm: Set[str]) -> set[str]:
        """The parts to be looked at for what was said; those that can wait are waited for."""
        found = set()
        for word in words:
            part = self.parts.of(word.point)
            if word.kind == DARK and (word.by == METER or part in calm):
                ripe = word.arrived_at + self.hold_off
                self.kept.wait([root_of(self.forest, word.point)], ripe)
            else:
                found.add(part)
        return found

    def _calm(self, news: News) -> set[str]:
        """Of the parts from which somebody has called, those where nothing can be told yet."""
        if self.busy is None or not news.called:
            return set()
        called = {self._part(point) for point in news.called}
        return {part for part in called - self.busy() if self._is_young(part)}

    def _is_young(self, part: str) -> bool:
        """Whether all that is known of it is that power was lost, and none of it is ripe."""
        words = self.parts.nothing_but_words(part)
        since = self.now - self.hold_off
        return bool(words) and all(w.kind == DARK and w.arrived_at > since for w in words)
