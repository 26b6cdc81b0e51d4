"""What an app holds in its hands while it handles one message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, NestedTransaction, event

from cim.network import Network
from hub.journal import Transaction


class Whole:
    """A transaction in which apps change their tables; it is rolled back as a whole, or not.

    The database is touched only when the app asks for its tables: on SQLite an app that computes
    first does not hold the one write lock meanwhile.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    @property
    def connection(self) -> Connection:
        self._transaction.begin()
        return self._transaction.connection


class Part(Whole):
    """A part of it whose effects on the apps' tables can be taken back by themselves."""

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)
        self._savepoint: NestedTransaction | None = None

    @property
    def connection(self) -> Connection:
        if self._savepoint is None:
            self._savepoint = self._transaction.savepoint()
        return self._transaction.connection

    @contextmanager
    def revocable(self) -> Iterator[None]:
        """Take back what was written to the apps' tables when something is raised."""
        try:
            yield
        except BaseException:
            if self._savepoint is not None and self._savepoint.is_active:
                self._savepoint.rollback()
            raise
        if self._savepoint is not None:
            self._savepoint.commit()


class Turn:
    """One turn of an app (`hub.interfaces.Context`).

    around: gives the network before and after the message; None where there is no message.
    """

    def __init__(
        self,
        part: Whole,
        network: Network,
        now: datetime,
        around: Callable[[], tuple[Network, Network]] | None = None,
    ) -> None:
        self.network = network
        self.now = now
        self._wake: datetime | None = None
        self._part = part
        self._get_around = around

    @property
    def before(self) -> Network:
        return self._around[0]

    @property
    def after(self) -> Network:
        return self._around[1]

    @cached_property
    def _around(self) -> tuple[Network, Network]:
        return self._get_around() if self._get_around else (self.network, self.network)

    @property
    def connection(self) -> Connection:
        return self._part.connection

    def wake_at(self, when: datetime) -> None:
        self._wake = when if self._wake is None else min(self._wake, when)

    def keep_wake(self, transaction: Transaction, app: str, cause: int | None) -> None:
        """Have the app woken when it has asked for it, and if it has."""
        if self._wake is not None:
            transaction.wake_at(app, self._wake, cause)


@contextmanager
def guarded(connection: Connection) -> Iterator[None]:
    """Keep an app from ending the hub's transaction: the receipts would go without the effects."""
    for name in ("commit", "rollback"):
        event.listen(connection, name, _forbid)
    try:
        yield
    finally:
        for name in ("commit", "rollback"):
            event.remove(connection, name, _forbid)


def _forbid(_connection: Connection) -> None:
    raise RuntimeError("the hub ends the transaction of an app; use a savepoint instead")
