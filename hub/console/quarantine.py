"""What was refused, with its bytes."""

from __future__ import annotations

from dataclasses import dataclass

from hub.console.bodies import shortened
from hub.console.identity import Identity, RefusedError
from hub.console.view import ConsoleView
from hub.journal.queries import QuarantinedDetail
from hub.security import audit


@dataclass(frozen=True)
class Line:
    """One line of refused bytes; `wrong`: a violation points at it."""

    number: int
    text: str
    wrong: bool


def lines(item: QuarantinedDetail) -> tuple[list[Line], int]:
    """The bytes line by line, and how many characters are left out at the end."""
    text = shortened(item.received)
    wrong = {v.get("line") for v in item.violations}
    numbered = enumerate(text.text.splitlines(), 1)
    return [Line(n, line, n in wrong) for n, line in numbered], text.left_out


def set_aside(view: ConsoleView, identity: Identity, number: int, reason: str) -> None:
    """Close an item that nobody will send again; its bytes are kept.

    Raises: RefusedError when it is not open.
    """
    with view.journal.transaction() as transaction:
        if not transaction.reject(number):
            raise RefusedError(409, f"Item {number} is not open any more.")
        audit.record(
            transaction.connection,
            identity.name,
            "quarantine.reject",
            f"item {number}",
            audit.OK,
            {"reason": reason},
            view.clock(),
        )
