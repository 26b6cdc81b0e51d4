"""What goes into the journal and what is leased from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cim.dialect import Correction
from cim.message import Edition, Format, Kind, Message
from cim.violation import Refusal, Violation
from hub.message_channel import Subscription


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where answers go that nobody waits for on the same connection.

    subscriber: by which outlet.
    lanes:      how many lanes that outlet has.
    format:     how their payloads are written; None: as is usual there.
    edition:    in which their envelopes are written.
    """

    subscriber: str
    address: str
    lanes: int = 1
    format: Format | None = None
    compressed: bool = False
    edition: Edition = Edition.FIRST


@dataclass(frozen=True, slots=True)
class Kept:
    """What goes into quarantine of a record that is refused: where it was read, and its bytes."""

    origin: str
    received: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One message on its way into the journal.

    body:        the canonical envelope, as `hub.journal.canonical.encode` gives it.
    channel:     by which it came, or the app that said it.
    principal:   the authenticated sender.
    received:    the bytes as they came, when they differ from `body`.
    external_id: identity of the fact in its source; the pair is taken once.
    facts:       the same of each fact of a message that has several, in place of `external_id`.
    news_upto:   seq of the newest message when these were news; None: nobody has looked.
    key:         what keeps it in order; None: what the message is about.
    state_of:    mRID of the object whose whole state it is.
    exact:       what is kept of it when its external id has brought something else; None when it
                 is a duplicate then.
    cause:       seq of the message this one follows from.
    corrections: what was corrected in the bytes before they were read.
    reply_to:    where answers to it go; of a reply, where itself goes: else a reply goes where its
                 cause has said.
    """

    message: Message
    body: bytes
    channel: str
    principal: str
    received: bytes | None = None
    external_id: str | None = None
    cause: int | None = None
    corrections: Sequence[Correction] = ()
    reply_to: ReplyTo | None = None
    exact: Kept | None = None
    state_of: str | None = None
    facts: Sequence[str] = ()
    news_upto: int | None = None
    key: str | None = None

    @property
    def source(self) -> str:
        return self.message.header.source or self.principal


@dataclass(frozen=True, slots=True)
class Unpublished:
    """One open delivery that a broker has not got yet."""

    subscriber: str
    seq: int
    lane: int
    message_id: str


@dataclass(frozen=True, slots=True)
class Leased:
    """One open delivery in the hands of a subscriber; `attempts` were made before."""

    seq: int
    message_id: str
    body: bytes
    ordering_key: str
    attempts: int
    accepted_at: datetime
    channel: str


@dataclass(frozen=True, slots=True)
class Woken:
    """A timer that went off; `cause` is the seq of the message that made its app ask for it."""

    cause: int | None


class Routes:
    """Who gets which message, looked up by verb and noun."""

    def __init__(self, subscriptions: Sequence[Subscription]) -> None:
        self._by_topic: dict[tuple[str, str], list[Subscription]] = {}
        self._every_event = [s for s in subscriptions if not s.topics]
        for subscription in subscriptions:
            for topic in subscription.topics:
                self._by_topic.setdefault((topic.verb, topic.noun), []).append(subscription)
        self._shared = {
            topic
            for topic, found in self._by_topic.items()
            if sum(one.serves is not None for one in found) > 1
        }

    def of(self, message: Message) -> list[Subscription]:
        """The subscriptions that `message` matches; no topics at all means every event."""
        found = self._matching(message)
        return [one for one in found if one.studies] if message.header.is_study else found

    def _matching(self, message: Message) -> list[Subscription]:
        header = message.header
        named = self._by_topic.get((header.verb, header.noun), [])
        if (header.verb, header.noun) in self._shared:
            named = _whose(named, message)
        return [*named, *self._every_event] if message.kind is Kind.EVENT else named


def _whose(named: list[Subscription], message: Message) -> list[Subscription]:
    """Without those to whose system nothing in it belongs, where it belongs to another's."""
    others = [one for one in named if one.serves is not None and not one.serves(message)]
    choosing = [one for one in named if one.serves is not None]
    return named if len(others) == len(choosing) else [one for one in named if one not in others]


def violations_as_json(refusal: Refusal) -> list[dict[str, object]]:
    return [_as_json(v) for v in refusal.violations]


def _as_json(v: Violation) -> dict[str, object]:
    said: dict[str, object] = {
        "code": v.code,
        "rule": v.rule,
        "line": v.line,
        "column": v.column,
        "xpath": v.xpath,
        "value": v.value,
    }
    return said if v.operation_id is None else {**said, "operation": v.operation_id}
