"""One transaction of the journal: all that is said in it happens, or nothing of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    NestedTransaction,
    RootTransaction,
    Table,
    delete,
    exists,
    insert,
    select,
    update,
)

from cim.message import Message
from cim.violation import Refusal
from hub.inserts import insert_all
from hub.journal import callbacks, corrections, known, order, refused, rows, turns
from hub.journal.addresses import reply_addresses
from hub.journal.entry import Entry, Leased, ReplyTo, Routes, Unpublished, Woken
from hub.journal.tables import (
    ACCEPTED,
    DEAD,
    OPEN,
    REJECTED,
    correction,
    delivery,
    fact,
    is_accepted,
    is_dead,
    mention,
    message,
    quarantine,
    reply_address,
    wake,
)
from hub.message_channel import Subscription

_ERROR = 4_000  # characters of an error that are kept


def _rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    connection.execute(insert(table), rows)


class Overtaken(RuntimeError):
    """Somebody else did meanwhile what was to be done; the transaction must be given up."""


class Transaction:
    """What may be done to the journal; commit and rollback belong to `Journal.transaction`."""

    def __init__(self, connection: Connection, routes: Routes, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self.work: set[str] = set()  # subscribers that have something to do after the commit
        self.changed = False  # anything was added that somebody may wait for
        self._root: RootTransaction | None = None
        self._routes = routes
        self._postgres = connection.dialect.name == "postgresql"
        self._holds_order = not self._postgres  # SQLite has one writer

    def savepoint(self) -> NestedTransaction:
        """A part that can be rolled back by itself."""
        nested = self.connection.begin_nested()
        self.begin()
        return nested

    def begin(self) -> None:
        """Note which transaction it is, from where on it may end only with this one."""
        if self._root is None:
            if not self.connection.in_transaction():
                self.connection.begin()
            self._root = self.connection.get_transaction()

    @property
    def is_sound(self) -> bool:
        """Whether the transaction that was begun goes on; somebody may have ended it."""
        root = self._root
        return root is None or (root is self.connection.get_transaction() and root.is_active)

    # -- what comes in

    def accept(self, entries: Sequence[Entry]) -> list[int | None]:
        """Append `entries` in order, with their mentions and deliveries.

        Returns the seq of each; None for a duplicate, by message id or (source, external id), of
        a message in the journal or of an earlier entry.
        Raises: Overtaken when a message of several facts is not all news.
        """
        if not entries:
            return []
        self.hold_order()
        seq, is_called = known.standing(self.connection)
        taken = self._known(entries, seq)
        seqs: list[int | None] = []
        batch = rows.Batch(self._all_routes(is_called=is_called), self.now, self._asked(entries))
        for entry in entries:
            identities = rows.identities(entry)
            if not taken.isdisjoint(identities):
                if entry.facts:
                    raise Overtaken(f"{entry.source}: a fact of several was brought elsewhere")
                seqs.append(None)
                continue
            taken.update(identities)
            seq += 1
            seqs.append(seq)
            batch.add(seq, entry)
        self._insert(batch)
        return seqs

    def subscribers(self, message: Message) -> list[Subscription]:
        """Who gets `message`, of those that are configured."""
        return self._routes.of(message)

    def _all_routes(self, *, is_called: bool) -> list[Routes]:
        """What is configured, and what was subscribed to at run time, by whatever process."""
        everyone = callbacks.everyone(self.connection) if is_called else ()
        made = [one.subscription for one in everyone]
        return [self._routes, Routes(made)] if made else [self._routes]

    def hold_order(self) -> None:
        """Let nobody else add anything until the commit.

        Taken late: commits then follow one another in the order of seq, and a reader who has seen
        seq n has seen all before it.
        """
        if not self._holds_order:
            order.hold(self.connection)
            self._holds_order = True

    def _known(self, entries: Sequence[Entry], last: int) -> set[rows.Identity]:
        """What is known of these; `last`: the seq of the newest message."""
        ids, external = rows.wanted(entries, last)
        found: set[rows.Identity] = {(None, one) for one in known.message_ids(self.connection, ids)}
        for source, wanted in external.items():
            found.update((source, one) for one in known.facts(self.connection, source, wanted))
        return found

    def _asked(self, entries: Sequence[Entry]) -> dict[int, ReplyTo]:
        """Where the answers among `entries` go, by the message they answer."""
        causes = {e.cause for e in entries if e.cause is not None and rows.answers(e)}
        return reply_addresses(self.connection, causes) if causes else {}

    def _insert(self, batch: rows.Batch) -> None:
        for add, table, values in (
            (_rows, message, batch.messages),
            (insert_all, fact, batch.facts),
            (insert_all, mention, batch.mentions),
            (insert_all, delivery, batch.deliveries),
            (_rows, correction, batch.corrections),
            (_rows, reply_address, batch.addresses),
        ):
            if values:
                add(self.connection, table, values)
                self.changed = True
        self.work.update(row["subscriber"] for row in batch.deliveries)
        corrections.count(self.connection, batch.corrected)

    def quarantine(
        self, channel: str, principal: str, origin: str, received: bytes, refusal: Refusal
    ) -> int:
        """Keep what cannot be accepted, once (`hub.journal.refused`); the number of its item."""
        self.hold_order()
        self.changed = True
        what = channel, principal, origin, received, refusal
        return refused.keep(self.connection, *what, self.now)

    def reject(self, quarantine_id: int) -> bool:
        """Close a quarantined item that nobody will send again; False when it is not open."""
        return (
            self.connection.execute(
                update(quarantine)
                .where(quarantine.c.id == quarantine_id, quarantine.c.state == OPEN)
                .values(state=REJECTED)
            ).rowcount
            == 1
        )

    # -- what is handed out

    def lease(
        self, subscriber: str, lanes: Collection[int], limit: int, now: datetime
    ) -> list[Leased]:
        """The open deliveries whose turn it is, each lane in order, at most about `limit`.

        A key whose delivery waits for its next attempt is left out whole: its order is kept.
        Nothing is locked; `delivered` finds out when somebody else was quicker.
        """
        share = -(-limit // max(1, len(lanes)))
        given = {"subscriber": subscriber, "now": now, "most": share}
        found = (self.connection.execute(turns.of_lane, {**given, "lane": n}) for n in lanes)
        return [Leased(*row) for result in found for row in result]

    def claim(self, subscriber: str, message_id: str) -> Leased | None:
        """As `claim_all` for one message."""
        claimed = self.claim_all(subscriber, [message_id])
        return claimed[0] if claimed else None

    def claim_all(self, subscriber: str, message_ids: Sequence[str]) -> list[Leased]:
        """Lock the open deliveries of these messages, in the order of seq.

        Left out: what is no longer open, and what has an earlier open delivery of its key outside
        this batch; the latter counts as unpublished again, so commit before the broker is told.
        """
        statement = turns.leased().where(
            message.c.message_id.in_(message_ids), delivery.c.subscriber == subscriber, is_accepted
        )
        found = [
            Leased(*row)
            for row in self.connection.execute(
                statement.order_by(delivery.c.seq).with_for_update(of=delivery)
            )
        ]
        blocked = self._blocked(subscriber, [row.seq for row in found])
        if blocked:
            self.unpublish(subscriber, blocked)
        return [row for row in found if row.seq not in blocked]

    def _blocked(self, subscriber: str, seqs: Sequence[int]) -> set[int]:
        earlier = delivery.alias("earlier")
        statement = select(delivery.c.seq).where(
            delivery.c.subscriber == subscriber,
            delivery.c.seq.in_(seqs),
            exists().where(
                earlier.c.subscriber == subscriber,
                earlier.c.ordering_key == delivery.c.ordering_key,
                earlier.c.state == is_accepted.right,
                earlier.c.seq < delivery.c.seq,
                earlier.c.seq.not_in(seqs),
            ),
        )
        return set(self.connection.execute(statement).scalars())

    # -- what became of it

    def delivered(self, subscriber: str, seqs: Sequence[int], at: datetime) -> None:
        """The end receipt.  Raises: Overtaken when one of them is not open any more."""
        ended = 0
        end = turns.delivered[self._postgres]
        for chunk in rows.chunks(seqs):
            given = {"of": subscriber, "seqs": [*chunk], "at": at}
            ended += self.connection.execute(end, given).rowcount
        if ended != len(seqs):
            raise Overtaken(f"{subscriber}: {len(seqs) - ended} deliveries were ended elsewhere")

    def failed(self, subscriber: str, seq: int, error: str, due_at: datetime | None = None) -> None:
        """An attempt failed: it waits until `due_at`, or is dead when that is None."""
        end = {"state": DEAD, "ended_at": self.now} if due_at is None else {}
        ended = self.connection.execute(
            update(delivery)
            .where(delivery.c.subscriber == subscriber, delivery.c.seq == seq, is_accepted)
            .values(
                attempts=delivery.c.attempts + 1,
                error=error.replace("\0", "\\0")[:_ERROR],  # PostgreSQL takes no NUL
                due_at=due_at,
                published_at=None,
                **end,
            )
        ).rowcount
        if not ended:
            raise Overtaken(f"{subscriber}: delivery {seq} was ended elsewhere")
        self.work.add(subscriber)

    def replay(self, subscriber: str, seq: int) -> bool:
        """Open a dead delivery again, with all its attempts; False when it is not dead."""
        opened = self.connection.execute(
            update(delivery)
            .where(delivery.c.subscriber == subscriber, delivery.c.seq == seq, is_dead)
            .values(state=ACCEPTED, attempts=0, due_at=None, published_at=None, ended_at=None)
        ).rowcount
        if opened:
            self.work.add(subscriber)
        return bool(opened)

    # -- the way over a broker

    def unpublished(self, subscribers: Iterable[str], limit: int) -> list[Unpublished]:
        """Open deliveries that the broker has not got, each subscriber's in order."""
        found: list[Unpublished] = []
        for subscriber in subscribers:
            given = {"subscriber": subscriber, "now": self.now, "most": limit - len(found)}
            chosen = self.connection.execute(turns.unpublished, given)
            found += (Unpublished(*row) for row in chosen)
            if len(found) >= limit:
                break
        return found

    def published(self, subscriber: str, seqs: Sequence[int], at: datetime) -> None:
        """The broker has confirmed these."""
        self._set_published(subscriber, seqs, at)

    def unpublish(self, subscriber: str, seqs: Collection[int] | None = None) -> None:
        """The broker may have lost these, or everything open when `seqs` is None."""
        if seqs is not None:
            self._set_published(subscriber, list(seqs), None)
            return
        self.connection.execute(
            update(delivery)
            .where(
                delivery.c.subscriber == subscriber,
                is_accepted,
                delivery.c.published_at.is_not(None),
            )
            .values(published_at=None)
        )
        self.work.add(subscriber)

    def _set_published(self, subscriber: str, seqs: Sequence[int], at: datetime | None) -> None:
        for chunk in rows.chunks(seqs):
            self.connection.execute(
                update(delivery)
                .where(delivery.c.subscriber == subscriber, delivery.c.seq.in_(chunk), is_accepted)
                .values(published_at=at)
            )
        if at is None:
            self.work.add(subscriber)

    # -- timers

    def wake_at(self, subscriber: str, when: datetime, cause: int | None = None) -> None:
        """Wake `subscriber` at `when`; of several asked times the earliest counts.

        cause: seq of the message that made it ask.
        """
        asked = {"subscriber": subscriber, "due_at": when, "cause": cause}
        self.connection.execute(turns.wake_at[self._postgres], asked)
        self.work.add(subscriber)

    def is_due(self, subscriber: str, lanes: Collection[int]) -> bool:
        """Whether `take_wake` would take a timer now."""
        return self._has_come_up(subscriber, self.now, lanes)

    def take_wake(
        self, subscriber: str, now: datetime, lanes: Collection[int] = ()
    ) -> Woken | None:
        """Take the due timer of `subscriber` for this transaction; None when none is due.

        lanes: those in which nothing accepted before the timer was due may be open, but for what
               waits for its next attempt, and what is behind that: till then it is not taken.
        """
        if not self._has_come_up(subscriber, now, lanes, lock=True):
            return None
        taken = delete(wake).where(wake.c.subscriber == subscriber).returning(wake.c.cause)
        return Woken(*self.connection.execute(taken).one())

    def _has_come_up(
        self, subscriber: str, now: datetime, lanes: Collection[int], *, lock: bool = False
    ) -> bool:
        given = {"subscriber": subscriber, "now": now}
        due = self.connection.scalar(turns.timer_locked if lock else turns.timer, given)
        if due is None:
            return False
        # One look a lane, however much is open there.
        given["now"] = self.now
        firsts = ({**given, "lane": lane} for lane in lanes)
        accepted = (self.connection.scalar(turns.first_accepted, first) for first in firsts)
        return not any(at is not None and at < due for at in accepted)

    def postpone_wake(self, subscriber: str, until: datetime) -> None:
        """Move the timer of `subscriber`, because its waking failed."""
        self.connection.execute(
            update(wake).where(wake.c.subscriber == subscriber).values(due_at=until)
        )

    def next_due(self, subscriber: str) -> datetime | None:
        """When the next waiting attempt or timer of `subscriber` comes up."""
        given = {"subscriber": subscriber}
        times = [
            self.connection.scalar(one, given) for one in (turns.next_attempt, turns.next_timer)
        ]
        return min((t for t in times if t is not None), default=None)
