"""What was begun, and what became of it: noted in the hub's database, so that no control comes
twice, whichever hub goes on."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.scada.controls import Order
from hub.handover import Mark, Notes


@dataclass(frozen=True)
class Outcome:
    """expected: what was to confirm it, of one of which no more is known than that it was begun.
    why:      it failed, "" when it did not.
    """

    ended: bool
    why: str = ""
    expected: str = ""


class Outcomes:
    """Used by many threads, each for another control.  Raises: ConnectionError, without the
    database."""

    _notes: Notes

    def __init__(self) -> None:
        self._unnoted: dict[str, str] = {}

    def note_in(self, notes: Notes) -> None:
        """Note there, from now on: nothing can be begun before."""
        self._notes = notes

    def of(self, identity: str) -> Outcome | None:
        if (why := self._unnoted.get(identity)) is not None:
            self.end(identity, why)
        note = self._notes.of(identity)
        if note is None:
            return None
        if note.mark is Mark.BEGUN:
            return Outcome(ended=False, expected=note.said)
        return Outcome(ended=True, why=note.said)

    def begin(self, order: Order) -> bool:
        """Returns when it is noted for good: only then may anything be sent.  False when somebody
        else has begun it, or will let nobody begin it."""
        return self._notes.note(order.origin, Mark.BEGUN, order.expected)

    def end(self, identity: str, why: str = "") -> None:
        # Kept until it is noted: what is known is not to be guessed once more.
        self._unnoted[identity] = why
        self._notes.note(identity, Mark.FAILED if why else Mark.SENT, why)
        del self._unnoted[identity]
