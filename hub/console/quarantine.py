"""What was refused, with its bytes, and what is done about it from the console and over REST."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hub.console.bodies import shortened
from hub.console.identity import Identity, RefusedError
from hub.console.view import ConsoleView
from hub.dispatch import mending
from hub.dispatch.mending import Mended, NoItem, NotOpen
from hub.journal import attempts, queries
from hub.journal.attempts import Attempt
from hub.journal.queries import QuarantinedDetail
from hub.security import audit

EDITED = 96 * 1024
"""Characters that the editor of a page takes; larger ones are corrected by REST or command line."""

_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.\-]+)""")


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


def found(view: ConsoleView, identity: Identity, number: int) -> QuarantinedDetail:
    """Raises: RefusedError when there is no such item that `identity` may know of."""
    with view.journal.reading() as connection:
        item = queries.quarantined_item(connection, number)
    if item is None or not identity.may_know(item.principal):
        raise RefusedError(404, str(NoItem(number)))
    return item


def history(view: ConsoleView, number: int) -> list[Attempt]:
    """What was done about an item, the first attempt first."""
    with view.journal.reading() as connection:
        return attempts.attempts(connection, number)


def newest(view: ConsoleView, item: QuarantinedDetail, made: list[Attempt]) -> bytes:
    """The bytes of the last correction, to be corrected further; else those of the item."""
    with view.journal.reading() as connection:
        for one in reversed(made):
            if data := attempts.corrected(connection, item.id, one.number):
                return data
    return item.received


def editable(data: bytes) -> str | None:
    """The text for an editor; None for what would not come back from it as it went."""
    named = _ENCODING.match(data)
    if named and named[1].lower() not in (b"utf-8", b"us-ascii"):
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if len(text) <= EDITED and "\0" not in text else None


def edited(text: str, original: bytes) -> bytes:
    """What an editor gives back; a browser ends every line with CRLF, whatever it was."""
    text = text.replace("\r\n", "\n")
    return (text.replace("\n", "\r\n") if b"\r\n" in original else text).encode()


def note_view(view: ConsoleView, identity: Identity, number: int) -> None:
    """Nobody knows what refused bytes hold, so every look at them goes into the audit."""
    subject = f"item {number}"
    with view.writing() as connection:
        audit.record(
            connection, identity.name, "quarantine.view", subject, audit.OK, {}, view.clock()
        )


def mend(
    view: ConsoleView, identity: Identity, number: int, data: bytes | None, remark: str
) -> Mended:
    """Take an item again.  Raises: RefusedError when it is not there or not open."""
    found(view, identity, number)
    try:
        return view.mend(number, identity.name, data, remark)
    except NotOpen as error:
        raise RefusedError(409, str(error)) from None


def set_aside(view: ConsoleView, identity: Identity, number: int, reason: str) -> Mended:
    """Close an item that nobody will send again; its bytes are kept.

    Raises: RefusedError when it is not there or not open.
    """
    found(view, identity, number)
    try:
        return mending.reject(view.journal, number, identity.name, reason)
    except NotOpen as error:
        raise RefusedError(409, str(error)) from None
