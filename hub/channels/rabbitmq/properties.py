"""The header of a message, mirrored in the properties of AMQP."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from pika import BasicProperties

from cim.message import Header, Message, Topic
from cim.times import zoned

CONTENT_TYPE = "application/xml"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PERSISTENT = 2
_WITHOUT_ID = uuid5(NAMESPACE_URL, "urn:gridbus:amqp:without-message-id")
_LONGEST = 255  # bytes of a short string in AMQP
_ANY = str.maketrans({".": "_", "*": "_", "#": "_", " ": "_"})


def properties(header: Header) -> BasicProperties:
    """The properties that mirror `header`; what is too long for AMQP stands in the header only."""
    return BasicProperties(
        content_type=CONTENT_TYPE,
        delivery_mode=_PERSISTENT,
        message_id=_short(header.message_id),
        correlation_id=_short(header.correlation_id),
        reply_to=_short(header.reply_address),
        timestamp=_seconds(header.timestamp),
        type=_short(f"{header.verb}.{header.noun}"),
        app_id=_short(header.source),
        headers={p.name: p.value for p in header.properties if _short(p.name)},
    )


def completed(message: Message, properties: BasicProperties, derived: str) -> Message:
    """`message` with what its header leaves out and the properties say.

    derived: the id it gets where neither gives it one.
    """
    header = message.header
    return replace(
        message,
        header=replace(
            header,
            message_id=header.message_id or properties.message_id or derived,
            correlation_id=header.correlation_id or properties.correlation_id,
            reply_address=header.reply_address or properties.reply_to,
        ),
    )


def derived_id(queue: str, body: bytes) -> str:
    """A UUIDv5 for a message without MessageID: the same whenever the broker delivers it again, so
    that it is taken once.

    Two messages of the same bytes in one queue count as one, too: a sender who repeats itself and
    means it must give a MessageID, in the header or in the properties.
    """
    return str(uuid5(_WITHOUT_ID, f"{queue} {hashlib.sha256(body).hexdigest()}"))


def routing_key(header: Header) -> str:
    """`<verb>.<noun>.<source>`; the source is one word, whatever it is made of."""
    source = (header.source or "unknown").translate(_ANY)
    key = f"{header.verb}.{header.noun}.{source}".encode()[:_LONGEST]
    return key.decode(errors="ignore")


def binding_key(topic: Topic) -> str:
    """The key that binds a queue to `topic`, from every source."""
    return f"{topic}.*"


def exchange(context: str) -> str:
    """The topic exchange of a context, e.g. gridbus.production."""
    return f"gridbus.{context.lower()}"


def _short(value: str | None) -> str | None:
    return value if value and len(value.encode()) <= _LONGEST else None


def _seconds(moment: datetime | None) -> int | None:
    # AMQP counts in whole seconds since 1970, unsigned; a time without zone is UTC.
    if moment is None:
        return None
    return max(0, int((zoned(moment) - _EPOCH).total_seconds()))
