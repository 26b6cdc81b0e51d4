"""Stand-ins for systems, senders and apps, and messages to go between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import uuid4

import sqlalchemy as sa

from cim.message import Header, Kind, Message, Outgoing, Reply, Result, Topic, Verb
from cim.profile import Profile, Reference
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import UsagePoint
from cim.violation import Refusal
from hub.handover import Mark, Note
from hub.interfaces import Context
from hub.journal import Entry, queries
from hub.journal.canonical import encode

START = datetime(2026, 7, 14, 15, 0, tzinfo=UTC)
Effects = Callable[[], list[str]]
LAST_GASP = Reference("3.26.0.85")
REPORTED = Topic(Verb.CREATED, "EndDeviceEvents")
ASKED = Topic(Verb.CREATE, "EndDeviceEvents")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def last_gasp(usage_point: str, reason: str | None = None) -> EndDeviceEvents:
    """One meter says that its supply failed."""
    event = EndDeviceEvent(
        created_date_time=START,
        reason=reason,
        end_device_event_type=LAST_GASP,
        usage_point=UsagePoint(mrid=usage_point),
    )
    return EndDeviceEvents(end_device_event=(event,))


def usage_point(message: Message) -> str:
    """The usage point of a `last_gasp`."""
    assert isinstance(message.payload, EndDeviceEvents)
    point = message.payload.end_device_event[0].usage_point
    assert point is not None
    assert point.mrid is not None
    return point.mrid


def message(
    payload: Profile | None,
    verb: Verb = Verb.CREATED,
    *,
    message_id: str | None = None,
    correlation_id: str | None = None,
    source: str = "ami",
    noun: str = "EndDeviceEvents",
) -> Message:
    """A message as a partner would send it."""
    header = Header(
        verb=verb,
        noun=noun,
        timestamp=START,
        source=source,
        message_id=message_id or str(uuid4()),
        correlation_id=correlation_id,
    )
    reply = Reply(result=Result.OK) if verb is Verb.REPLY else None
    return Message(header=header, kind=Kind.of(verb), reply=reply, payload=payload)


def entry(content: Message, external_id: str | None = None, cause: int | None = None) -> Entry:
    """The message on its way into the journal."""
    return Entry(content, encode(content), "test", "ami", external_id=external_id, cause=cause)


@dataclass
class Handed:
    """A delivery that remembers what became of it (`hub.message_channel.Delivery`)."""

    content: Message | Refusal
    body: bytes
    principal: str = "ami"
    acked: int = 0
    rejected: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, content: Message) -> Self:
        return cls(content, encode(content))

    def ack(self) -> None:
        self.acked += 1

    def reject(self, why: str) -> None:
        self.rejected.append(why)


@dataclass
class Noted:
    """Notes in memory, which outlive who makes them (`hub.handover.Notes`).

    log: all that was noted, in order.
    """

    known: dict[str, Note] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def of(self, identity: str) -> Note | None:
        return self.known.get(identity)

    def note(self, identity: str, mark: Mark, said: str = "") -> bool:
        before = self.known.get(identity)
        if mark is Mark.BEGUN and before and before.mark is not Mark.VOID:
            return False
        self.known[identity] = Note(mark, said)
        self.log.append(f"{mark} {identity}")
        return True


@dataclass(frozen=True)
class Line:
    """A record of a text file: `<external id> <usage point>`."""

    text: str
    number: int = 1

    @property
    def origin(self) -> str:
        return f"meters.txt line {self.number}"

    @property
    def raw(self) -> bytes:
        return self.text.encode()


@dataclass
class Lines:
    """An adapter that reads given batches (`hub.interfaces.Adapter`).

    durable: how many batches it was told are durable.
    """

    batches: Sequence[Sequence[Line]]
    durable: int = 0

    def read(self) -> Iterator[Sequence[Line]]:
        for batch in self.batches[self.durable :]:
            yield batch
            self.durable += 1

    def to_cim(self, record: Line) -> Iterable[Outgoing]:
        external_id, space, point = record.text.partition(" ")
        if not space:
            raise ValueError(f"no usage point in {record.text!r}")
        yield Outgoing(Verb.CREATED, last_gasp(point, external_id), external_id=external_id)


_tables = sa.MetaData()
effects = sa.Table(
    "counting_effect",
    _tables,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("usage_point", sa.String(200), nullable=False),
    sa.Column("reason", sa.String(200)),
)


@dataclass
class CountingApp:
    """Writes one row and says one message for each last gasp (`hub.interfaces.App`).

    failing: usage points whose messages raise after the row is written.
    """

    partitions: int = 1
    failing: set[str] = field(default_factory=set)
    handled: list[str] = field(default_factory=list)

    @property
    def topics(self) -> frozenset[Topic]:
        return frozenset({REPORTED})

    @property
    def tables(self) -> sa.MetaData:
        return _tables

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        assert isinstance(message.payload, EndDeviceEvents)
        point = usage_point(message)
        reason = message.payload.end_device_event[0].reason
        context.connection.execute(sa.insert(effects).values(usage_point=point, reason=reason))
        if point in self.failing:
            raise RuntimeError(f"cannot handle {point}")
        self.handled.append(reason or point)
        yield Outgoing(Verb.CHANGED, message.payload)


def quarantined(connection: sa.Connection) -> queries.QuarantinedDetail:
    """The one open item of the quarantine, with its bytes."""
    [listed] = queries.quarantined(connection)
    kept = queries.quarantined_item(connection, listed.id)
    assert kept
    return kept
