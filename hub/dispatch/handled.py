"""What became of what an app was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cim.message import Message, Verb
from hub.journal import Entry, Leased


@dataclass
class Handled:
    """What became of a batch, to be told to the others after the commit.

    seqs:    handled for good.
    failed:  tried again later, or dead.
    held:    not tried, because an earlier one of the same ordering key failed.
    said:    the app's messages by their place in the journal.
    asked:   message ids of the batch by their places in the journal.
    """

    seqs: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    said: dict[int, Entry] = field(default_factory=dict)
    asked: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, leased: Sequence[Leased]) -> Handled:
        return cls(asked={row.seq: row.message_id for row in leased})

    def add(self, other: Handled) -> None:
        self.seqs += other.seqs
        self.failed += other.failed
        self.held += other.held
        self.said |= other.said
        self.asked |= other.asked

    @property
    def replies(self) -> list[tuple[str, Message]]:
        """Message id of the request, and the reply to it."""
        return [
            (self.asked[entry.cause], entry.message)
            for entry in self.said.values()
            if entry.message.header.verb is Verb.REPLY and entry.cause in self.asked
        ]
