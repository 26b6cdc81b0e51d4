"""Questions to the journal, for console, CLI and the hub itself; each takes a connection.

Lists are paged by key: pass the last row's `seq` (or id) as `before` to get the next page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from cim.message import STUDY, Verb
from hub.journal.corrections import Correction, of_message
from hub.journal.tables import (
    OPEN,
    delivery,
    is_accepted,
    is_dead,
    mention,
    quarantine,
)
from hub.journal.tables import (
    message as messages,
)

_PAGE = 50
_LINEAGE = 1_000  # rows of one lineage at most


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What to look for; every given field must match.

    text:         part of source, message id, correlation id or external id, any case.
    since, until: accepted at or after, before.
    state:        of at least one delivery: accepted, delivered or dead.
    """

    noun: str | None = None
    verb: str | None = None
    source: str | None = None
    channel: str | None = None
    mrid: str | None = None
    message_id: str | None = None
    correlation_id: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    state: str | None = None


@dataclass(frozen=True)
class Row:
    """One message without its bytes."""

    seq: int
    message_id: str
    source: str
    external_id: str | None
    kind: str
    verb: str
    noun: str
    context: str | None
    correlation_id: str | None
    ordering_key: str
    timestamp: datetime
    accepted_at: datetime
    channel: str
    principal: str
    cause: int | None

    @property
    def is_study(self) -> bool:
        """Whether what it says is only supposed."""
        return (self.context or "").upper() == STUDY


@dataclass(frozen=True)
class DeliveryRow:
    seq: int
    subscriber: str
    state: str
    attempts: int
    due_at: datetime | None
    published_at: datetime | None
    ended_at: datetime | None
    error: str | None


@dataclass(frozen=True)
class Detail:
    """One message with all that is known of it; `received` is never None here."""

    row: Row
    body: bytes
    received: bytes
    deliveries: tuple[DeliveryRow, ...]
    mentions: tuple[str, ...]
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Lineage:
    """causes: from the nearest to the first; effects: all that follow, in order."""

    causes: tuple[Row, ...]
    effects: tuple[Row, ...]


@dataclass(frozen=True)
class Dead:
    """A dead letter: who could not take what, and why."""

    message: Row
    delivery: DeliveryRow


@dataclass(frozen=True)
class Quarantined:
    """What was not accepted, without its bytes.

    at, origin: when and where it came since it is open; `times`, and `last_at` and `last_origin`.
    """

    id: int
    at: datetime
    channel: str
    principal: str
    origin: str
    reason: str
    violations: list[dict[str, object]]
    state: str
    times: int
    last_at: datetime
    last_origin: str

    @property
    def seen(self) -> str:
        """E.g. "seen 12 times, last in a.csv line 7 at 2026-07-14 15:00:00"; "" for once."""
        if self.times < 2:
            return ""
        where = "" if self.last_origin == self.channel else f" in {self.last_origin}"
        return f"seen {self.times:,} times, last{where} at {self.last_at:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True)
class QuarantinedDetail(Quarantined):
    """One item with its bytes."""

    received: bytes


@dataclass(frozen=True)
class Counts:
    """messages: in the journal; the others: deliveries and quarantined items that are open."""

    messages: int
    accepted: int
    dead: int
    quarantined: int


@dataclass(frozen=True)
class Backlog:
    """What a subscriber has still to take; `waiting` of it failed and is tried again later."""

    subscriber: str
    accepted: int
    waiting: int
    oldest: datetime | None
    dead: int


_ROW = [messages.c[name] for name in Row.__dataclass_fields__]
_DELIVERY = [delivery.c[name] for name in DeliveryRow.__dataclass_fields__]


def search(
    connection: Connection,
    wanted: Filter | None = None,
    before_seq: int | None = None,
    limit: int = _PAGE,
) -> list[Row]:
    """The newest messages first."""
    statement = _filtered(wanted or Filter())
    if before_seq is not None:
        statement = statement.where(messages.c.seq < before_seq)
    statement = statement.order_by(messages.c.seq.desc()).limit(limit)
    return [Row(*row) for row in connection.execute(statement)]


def _filtered(wanted: Filter) -> Select[*tuple[Any, ...]]:
    statement = select(*_ROW)
    for name in ("noun", "verb", "source", "channel", "message_id", "correlation_id"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(messages.c[name] == value)
    if wanted.since is not None:
        statement = statement.where(messages.c.accepted_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(messages.c.accepted_at < wanted.until)
    if wanted.mrid is not None:
        statement = statement.join(
            mention, and_(mention.c.seq == messages.c.seq, mention.c.mrid == wanted.mrid)
        )
    if wanted.state is not None:
        in_state = select(delivery.c.seq).where(_state(wanted.state))
        statement = statement.where(messages.c.seq.in_(in_state))
    return _containing(statement, wanted.text) if wanted.text else statement


def _state(state: str) -> ColumnElement[bool]:
    return {"accepted": is_accepted, "dead": is_dead}.get(state, delivery.c.state == state)


def _containing(statement: Select[*tuple[Any, ...]], text: str) -> Select[*tuple[Any, ...]]:
    columns = (
        messages.c.source,
        messages.c.message_id,
        messages.c.correlation_id,
        messages.c.external_id,
    )
    return statement.where(or_(*(c.icontains(text, autoescape=True) for c in columns)))


def message(connection: Connection, key: int | str) -> Detail | None:
    """One message by its seq or its message id."""
    column = messages.c.seq if isinstance(key, int) else messages.c.message_id
    found = connection.execute(
        select(*_ROW, messages.c.body, messages.c.received).where(column == key)
    ).one_or_none()
    if found is None:
        return None
    *row, body, received = found
    seq = row[0]
    return Detail(
        row=Row(*row),
        body=body,
        received=body if received is None else received,
        deliveries=tuple(deliveries(connection, seq)),
        mentions=tuple(
            connection.execute(
                select(mention.c.mrid).where(mention.c.seq == seq).order_by(mention.c.mrid)
            ).scalars()
        ),
        corrections=tuple(of_message(connection, seq)),
    )


def deliveries(connection: Connection, seq: int) -> list[DeliveryRow]:
    """What became of a message at each subscriber."""
    statement = select(*_DELIVERY).where(delivery.c.seq == seq).order_by(delivery.c.subscriber)
    return [DeliveryRow(*row) for row in connection.execute(statement)]


def lineage(connection: Connection, seq: int) -> Lineage:
    """The chain of messages that led to `seq`, and the tree of those that follow from it."""
    up = select(messages.c.cause.label("seq")).where(messages.c.seq == seq).cte(recursive=True)
    up = up.union(select(messages.c.cause).join_from(messages, up, messages.c.seq == up.c.seq))
    down = select(messages.c.seq).where(messages.c.cause == seq).cte(recursive=True)
    down = down.union(
        select(messages.c.seq).join_from(messages, down, messages.c.cause == down.c.seq)
    )
    causes = select(*_ROW).join(up, up.c.seq == messages.c.seq).order_by(messages.c.seq.desc())
    effects = select(*_ROW).join(down, down.c.seq == messages.c.seq).order_by(messages.c.seq)
    return Lineage(
        causes=tuple(Row(*row) for row in connection.execute(causes.limit(_LINEAGE))),
        effects=tuple(Row(*row) for row in connection.execute(effects.limit(_LINEAGE))),
    )


def dead(
    connection: Connection,
    subscriber: str | None = None,
    before_seq: int | None = None,
    limit: int = _PAGE,
) -> list[Dead]:
    """Dead letters, the newest message first."""
    statement = select(*_ROW, *_DELIVERY).join_from(delivery, messages).where(is_dead)
    if subscriber is not None:
        statement = statement.where(delivery.c.subscriber == subscriber)
    if before_seq is not None:
        statement = statement.where(delivery.c.seq < before_seq)
    statement = statement.order_by(delivery.c.seq.desc(), delivery.c.subscriber).limit(limit)
    width = len(_ROW)
    return [
        Dead(Row(*row[:width]), DeliveryRow(*row[width:])) for row in connection.execute(statement)
    ]


def quarantined(
    connection: Connection,
    state: str | None = OPEN,
    before_id: int | None = None,
    limit: int = _PAGE,
) -> list[Quarantined]:
    """What was not accepted, the newest first; `state` None shows all."""
    statement = select(*(quarantine.c[name] for name in Quarantined.__dataclass_fields__))
    if state is not None:
        statement = statement.where(quarantine.c.state == state)
    if before_id is not None:
        statement = statement.where(quarantine.c.id < before_id)
    statement = statement.order_by(quarantine.c.id.desc()).limit(limit)
    return [Quarantined(*row) for row in connection.execute(statement)]


def quarantined_item(connection: Connection, number: int) -> QuarantinedDetail | None:
    """One item with its bytes, whatever its state."""
    columns = (quarantine.c[name] for name in QuarantinedDetail.__dataclass_fields__)
    found = connection.execute(select(*columns).where(quarantine.c.id == number)).one_or_none()
    return None if found is None else QuarantinedDetail(*found)


def counts(connection: Connection) -> Counts:
    """The figures of an overview page; cheap, however long the journal is."""

    def count(statement: Select[int]) -> int:
        return connection.execute(statement).scalar_one()

    return Counts(
        messages=count(select(func.coalesce(func.max(messages.c.seq), 0))),  # seq has no gaps
        accepted=count(select(func.count()).select_from(delivery).where(is_accepted)),
        dead=count(select(func.count()).select_from(delivery).where(is_dead)),
        quarantined=count(
            select(func.count()).select_from(quarantine).where(quarantine.c.state == OPEN)
        ),
    )


def backlog(connection: Connection) -> list[Backlog]:
    """What each subscriber has open or dead, by name; a subscriber with nothing is left out."""
    waiting = func.count(delivery.c.due_at)
    opened = connection.execute(
        select(delivery.c.subscriber, func.count(), waiting, func.min(delivery.c.seq))
        .where(is_accepted)
        .group_by(delivery.c.subscriber)
    )
    open_by_name = {name: (count, late, seq) for name, count, late, seq in opened}
    died = connection.execute(
        select(delivery.c.subscriber, func.count()).where(is_dead).group_by(delivery.c.subscriber)
    )
    dead_by_name: dict[str, int] = dict(died.all())
    since = _accepted_at(connection, [seq for _, _, seq in open_by_name.values()])
    return [
        Backlog(name, count, late, since.get(seq), dead_by_name.get(name, 0))
        for name in sorted(open_by_name.keys() | dead_by_name.keys())
        for count, late, seq in [open_by_name.get(name, (0, 0, -1))]
    ]


def _accepted_at(connection: Connection, seqs: Sequence[int]) -> dict[int, datetime]:
    found = connection.execute(
        select(messages.c.seq, messages.c.accepted_at).where(messages.c.seq.in_(seqs))
    )
    return dict(found.all())


def replies(connection: Connection, message_ids: Collection[str]) -> Mapping[str, list[bytes]]:
    """The bodies of all replies to each of these requests that has one, the newest last."""
    asked = messages.alias()
    statement = (
        select(asked.c.message_id, messages.c.body)
        .join(asked, messages.c.cause == asked.c.seq)
        .where(
            asked.c.message_id.in_(message_ids),
            messages.c.verb == Verb.REPLY.value,
            # What an app says on waking follows from a message too, yet answers none.
            messages.c.correlation_id.is_not(None),
        )
        .order_by(messages.c.seq)
    )
    found = defaultdict[str, list[bytes]](list)
    for message_id, body in connection.execute(statement):
        found[message_id].append(body)
    return found
