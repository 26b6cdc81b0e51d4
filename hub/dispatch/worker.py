"""Run apps in a process of their own, on tickets from the broker.

The journal decides: a ticket says where to look, the delivery row says whether there is anything
to do.  App tables, messages and receipt are committed together, then the ticket is acknowledged.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from hub.channels.rabbitmq import AppTickets, Broker, Taken
from hub.dispatch import unanswered
from hub.dispatch.handling import Handler
from hub.dispatch.hub import Hub
from hub.dispatch.retry import Retry
from hub.dispatch.threads import Threads
from hub.journal import Entry, Journal, Leased, Transaction
from hub.journal.commits import Commits

_BATCH = 200
_WAIT_SECONDS = 0.5
_AGAIN_SECONDS = 0.5
_SHARE_SECONDS = 5.0
_ENDED = "a worker ended while it had this in hand"


class AppWorker:
    """Handles the tickets of one app; kill it at any moment.

    A ticket that was delivered before may have ended the worker that had it.  That is counted as
    an attempt before it is tried again, and from the second time it is tried alone, so that a
    message that kills its worker ends as a dead letter and takes no other with it.
    """

    def __init__(self, handler: Handler, hub: Hub, broker: Broker, retry: Retry) -> None:
        self.name = handler.name
        self._handler = handler
        self._hub = hub
        self._journal: Journal = hub.journal
        self._broker = broker
        self._retry = retry
        self._tickets: AppTickets | None = None
        self._noted: set[str] = set()
        self._shared_at = 0.0

    def step(self) -> bool:
        """Handle one batch, or wait for one for half a second.  Raises: ConnectionError."""
        self._handler.failures.tell()
        tickets = self._open()
        try:
            self._share(tickets)
            taken = tickets.take(_BATCH, _WAIT_SECONDS)
        except ConnectionError:
            self.close()
            raise
        if taken:
            try:
                self._handle(taken)
            except BaseException:
                tickets.again(taken, _AGAIN_SECONDS)
                raise
            tickets.done(taken)
        return True

    def close(self) -> None:
        tickets, self._tickets = self._tickets, None
        if tickets is not None:
            tickets.close()

    def _open(self) -> AppTickets:
        if self._tickets is None:
            self._tickets = AppTickets(self._broker, self.name, self._handler.app.partitions)
            self._noted.clear()
        return self._tickets

    def _share(self, tickets: AppTickets) -> None:
        now = time.monotonic()
        if now - self._shared_at >= _SHARE_SECONDS:
            self._shared_at = now
            tickets.share()

    def _handle(self, taken: Sequence[Taken]) -> None:
        if any(ticket.message_id is None for ticket in taken):
            self._hub.wake(self.name)
        alone = self._note([t.message_id for t in taken if t.redelivered and t.message_id])
        together = [t.message_id for t in taken if t.message_id and t.message_id not in alone]
        self._handle_all(together)
        for message_id in alone:
            with self._journal.transaction() as transaction:
                self._count(transaction, transaction.claim_all(self.name, [message_id]))
            self._handle_all([message_id])

    def _handle_all(self, message_ids: Sequence[str]) -> None:
        if not message_ids:
            return
        handled = self._handler.run(
            self._journal, lambda transaction: transaction.claim_all(self.name, message_ids)
        )
        self._hub.told(handled)

    def _note(self, message_ids: Sequence[str]) -> list[str]:
        """Count what is here for the second time; the ids of what has been counted before."""
        fresh = [m for m in message_ids if m not in self._noted]
        if not fresh:
            return []
        with self._journal.transaction() as transaction:
            rows = transaction.claim_all(self.name, fresh)
            self._count(transaction, [row for row in rows if not row.attempts])
        self._noted.update(fresh)
        return [row.message_id for row in rows if row.attempts]

    def _count(self, transaction: Transaction, rows: Sequence[Leased]) -> None:
        said: list[Entry] = []
        for row in rows:
            made = row.attempts + 1
            is_last = self._retry.due(made, transaction.now) is None
            due = None if is_last else transaction.now
            transaction.failed(self.name, row.seq, _ENDED, due)
            if is_last:
                said += unanswered.dead(transaction, row.seq, self.name, made, self._hub.voice)
        # It is in hand here: the relay need not publish it again.
        transaction.published(self.name, [row.seq for row in rows], transaction.now)
        transaction.accept(said)


class Worker:
    """The threads of one worker process, one an app of `hub`, which itself is not run."""

    def __init__(self, hub: Hub, broker: Broker, retry: Retry = Retry()) -> None:  # noqa: B008
        self._threads = Threads()
        self._apps = [AppWorker(h, hub, broker, retry) for h in hub.handlers.values()]

    def run(self) -> None:
        """Start; returns at once."""
        for app in self._apps:
            # The tickets are what is waited for, inside the step.
            self._threads.work(f"work {app.name}", app.step, Commits(), lambda: 0.0)

    def stop(self, timeout: float = 10.0) -> list[str]:
        """End; the names of the threads that did not within `timeout` seconds."""
        late = self._threads.stop(timeout)
        for app in self._apps:
            app.close()
        return late
