"""Every record of a file is accounted for: accepted, late, duplicate or in quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.dispatch.records import Item
from hub.dispatch.taken import Refused, Taken
from hub.journal import Entry, Transaction, feed_files
from hub.parts import Part

_WEIGHT = (feed_files.QUARANTINED, feed_files.LATE, feed_files.ACCEPTED, feed_files.DUPLICATE)
"""Of a record that became several things, the first of these is told."""


@dataclass(frozen=True)
class Account:
    """Notes in the journal what became of the records of one part of a file.

    began: when taking them began.
    """

    source: str
    part: Part[Any]
    began: datetime
    clock: Callable[[], datetime]

    def note(
        self, groups: Sequence[Sequence[Item]], transaction: Transaction, taken: Taken
    ) -> None:
        """groups: what each record of the part became, `once` in the order of `taken`; in the
        transaction in which it was taken, so that a file that is read again goes on behind it."""
        counts = Counter(_verdicts(groups, taken))
        transaction.hold_order()
        feed_files.note(
            transaction.connection,
            self.source,
            self.part.file,
            self.part.end,
            counts,
            self.began,
            self.clock(),
        )


def once(groups: Sequence[Sequence[Item]]) -> list[Entry | Refused]:
    """All items in order; one that stands at several records is there once."""
    found = {id(item): item for group in groups for item in group if item is not None}
    return list(found.values())


def _verdicts(groups: Sequence[Sequence[Item]], taken: Taken) -> Iterator[str]:
    verdicts = {
        id(item): _verdict(item, result)
        for item, result in zip(once(groups), taken.results, strict=True)
    }
    for group in groups:
        became = {verdicts.get(id(item), feed_files.DUPLICATE) for item in group}
        yield next((one for one in _WEIGHT if one in became), feed_files.ACCEPTED)


def _verdict(item: Item, result: int | Refused | None) -> str:
    if isinstance(result, Refused):
        return feed_files.QUARANTINED
    if result is None:
        return feed_files.DUPLICATE
    late = isinstance(item, Entry) and item.message.header.is_late
    return feed_files.LATE if late else feed_files.ACCEPTED
