"""The journal as an object: open it, write to it in transactions, read from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, MetaData

from cim.message import Message
from hub.journal import migration
from hub.journal.commits import Commits
from hub.journal.database import READING, connect
from hub.journal.entry import Leased, Routes
from hub.journal.lanes import relane
from hub.journal.transaction import Transaction
from hub.message_channel import Subscription


def utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """The database of the hub; safe to share between threads and, opened anew, processes.

    subscriptions: who gets which messages; every process that accepts must know all of them.
    clock:         UTC time of what is recorded.
    commits:       grows when a transaction of this process added anything.
    work:          for each subscriber, grows when a transaction of this process gave it work.
    """

    def __init__(
        self,
        engine: Engine,
        subscriptions: Sequence[Subscription] = (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.commits = Commits()
        self.work: defaultdict[str, Commits] = defaultdict(Commits)
        self.subscriptions: tuple[Subscription, ...] = ()
        self.subscribe(*subscriptions)

    @classmethod
    def open(
        cls,
        url: str,
        subscriptions: Sequence[Subscription] = (),
        clock: Callable[[], datetime] = utc_now,
    ) -> Journal:
        """Open the database at `url` and bring its tables up to date."""
        engine = connect(url)
        migration.upgrade(engine)
        return cls(engine, subscriptions, clock)

    def subscribe(self, *subscriptions: Subscription) -> None:
        """Add or, by the subscriber's name, replace subscriptions; for messages from now on."""
        by_name = {s.subscriber: s for s in (*self.subscriptions, *subscriptions)}
        self.subscriptions = tuple(by_name.values())
        self._routes = Routes(self.subscriptions)

    def relane(self, subscriber: str, partitions: int) -> int:
        """Move what `subscriber` has not got yet into so many lanes; how many were moved.

        At the start, before anybody leases: the number may differ from when they were accepted.
        """
        with self.transaction() as transaction:
            moved = relane(transaction.connection, subscriber, partitions)
            if moved:
                transaction.work.add(subscriber)
        return moved

    @property
    def has_one_writer(self) -> bool:
        """Whether a transaction that writes keeps all others from it (SQLite)."""
        return self.engine.dialect.name == "sqlite"

    def create_tables(self, metadata: MetaData) -> None:
        """Create the tables of an app that are not there yet."""
        migration.create_tables(self.engine, metadata)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commit at the end, or roll everything back when something is raised.

        On SQLite the one write lock is taken by the first statement, not before.
        """
        with self.engine.connect() as connection:
            transaction = Transaction(connection, self._routes, self.clock())
            try:
                yield transaction
                connection.commit()
            except BaseException:
                if not connection.invalidated:
                    # Past SQLAlchemy, which takes a transaction for ended when an app tried to.
                    connection.connection.rollback()
                raise
        for subscriber in transaction.work:
            self.work[subscriber].notify()
        if transaction.work or transaction.changed:
            self.commits.notify()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; never blocks a writer."""
        options = {READING: True}
        if self.engine.dialect.name == "postgresql":
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}  # type: ignore[dict-item]
        with self.engine.connect().execution_options(**options) as connection:
            yield connection

    def lease(self, subscriber: str, lanes: Collection[int], limit: int) -> list[Leased]:
        """As `Transaction.lease`, from a view that blocks nobody."""
        now = self.clock()
        with self.reading() as connection:
            return Transaction(connection, self._routes, now).lease(subscriber, lanes, limit, now)

    def next(
        self, subscriber: str, lanes: Collection[int], limit: int, timer: Collection[int]
    ) -> tuple[bool, list[Leased]]:
        """As `is_due`, by the lanes of `timer`, and as `lease`, from one view."""
        now = self.clock()
        with self.reading() as connection:
            view = Transaction(connection, self._routes, now)
            return view.is_due(subscriber, timer), view.lease(subscriber, lanes, limit, now)

    def next_due(self, subscriber: str) -> datetime | None:
        """When the next waiting attempt or timer of `subscriber` comes up."""
        with self.reading() as connection:
            return Transaction(connection, self._routes, self.clock()).next_due(subscriber)

    def is_due(self, subscriber: str, lanes: Collection[int]) -> bool:
        """Whether a timer of `subscriber` has come up, and what was accepted before is done with
        in these lanes (`Transaction.take_wake`)."""
        with self.reading() as connection:
            return Transaction(connection, self._routes, self.clock()).is_due(subscriber, lanes)

    def subscribers(self, message: Message) -> list[Subscription]:
        """Who gets `message`."""
        return self._routes.of(message)

    def close(self) -> None:
        self.engine.dispose()
