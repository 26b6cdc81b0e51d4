"""Where answers go: noted with the message they answer, or with the answer itself."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from cim.message import Edition, Format
from hub.journal.entry import ReplyTo
from hub.journal.tables import message, reply_address

_NAMES = ("seq", "subscriber", "address", "format", "compressed", "edition")
_COLUMNS = [reply_address.c[name] for name in _NAMES]

LANES = {"replies-soap": 4, "replies-rabbitmq": 1}
"""How many addresses an outlet sends to side by side; any other one has one lane."""


def reply_addresses(connection: Connection, seqs: Collection[int]) -> dict[int, ReplyTo]:
    """Where answers to these messages go, for those that have said so."""
    found = connection.execute(select(*_COLUMNS).where(reply_address.c.seq.in_(seqs)))
    return {row.seq: _reply_to(*row[1:]) for row in found}


def destination(connection: Connection, seq: int) -> ReplyTo | None:
    """Where the answer `seq` goes."""
    asked = connection.scalar(select(message.c.cause).where(message.c.seq == seq)) or 0
    known = reply_addresses(connection, {seq, asked})
    return known.get(seq) or known.get(asked)


def _reply_to(
    subscriber: str, address: str, format_: str | None, compressed: int, edition: int | None
) -> ReplyTo:
    return ReplyTo(
        subscriber,
        address,
        LANES.get(subscriber, 1),
        format=Format(format_) if format_ else None,
        compressed=bool(compressed),
        edition=Edition(edition or Edition.FIRST),
    )
