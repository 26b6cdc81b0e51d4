"""A reply as JSON: its payload by the names of the noun's schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from cim.message import Level, Message, Result
from cim.profile import Profile, attributes


@dataclass(frozen=True)
class Told:
    """One error or remark of a reply; `code` is one of IEC 61968-9, annex B."""

    code: str
    level: Level | None
    reason: str | None
    details: str | None


@dataclass(frozen=True)
class Replied:
    """A reply.

    ids:        of what was created, changed or ended.
    properties: of its header, e.g. `continue`.
    payload:    as the elements of the noun; what may come several times is a list.
    """

    message_id: str | None
    correlation_id: str | None
    noun: str
    result: Result
    errors: Sequence[Told]
    ids: Sequence[str]
    properties: Mapping[str, str | None]
    payload: Mapping[str, Any] | None


def replied(message: Message) -> Replied:
    """What a reply says."""
    header, reply = message.header, message.reply
    assert reply is not None  # noqa: S101 - it is a reply
    payload = message.payload
    return Replied(
        message_id=header.message_id,
        correlation_id=header.correlation_id,
        noun=header.noun,
        result=reply.result,
        errors=[Told(e.code, e.level, e.reason, e.details) for e in reply.errors],
        ids=[one.value for one in reply.ids],
        properties={one.name: one.value for one in header.properties},
        payload=plain(payload) if isinstance(payload, Profile) else None,
    )


def plain(value: Profile) -> dict[str, Any]:
    """A payload, or a part of it, without what is not said; numbers with decimals are texts."""
    said = ((one.tag, getattr(value, one.name)) for one in attributes(type(value)))
    return {tag: _value(found) for tag, found in said if found not in (None, ())}


def _value(value: object) -> Any:
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    if isinstance(value, Profile):
        return plain(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, Decimal) else value
