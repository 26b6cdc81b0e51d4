"""Hand what is open in the journal to those outside this process: workers and partners.

One relay at a time works on a database, however many hubs are started; the others stand by.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from hub.channels.rabbitmq import AppQueues, Ticket
from hub.dispatch.alone import Alone
from hub.dispatch.decoded import Decoded
from hub.dispatch.replying import ReplySender, Send
from hub.dispatch.retry import Retry
from hub.dispatch.sending import Sender
from hub.dispatch.stamp import Voice
from hub.dispatch.threads import Threads
from hub.journal import Journal
from hub.message_channel import Outlet, Subscription

_BATCH = 1000
_POLL = 0.2  # seconds between looks for work that another process has made
_WAKE_SECONDS = 2.0  # until a timer nobody has answered is told again


class AppRelay:
    """Gives the workers of one app a ticket for each open delivery, in order.

    A delivery counts as published from before its ticket is on the way until the worker's commit;
    whenever a ticket may be lost (connection, broker, relay) everything open is published again,
    which the workers see through.
    """

    def __init__(
        self,
        app: str,
        journal: Journal,
        queues: AppQueues,
        alone: Alone,
        learn: Callable[[], bool] | None = None,
    ) -> None:
        """learn: tells an app that is new what came before it; False when that is over."""
        self._app = app
        self._journal = journal
        self._queues = queues
        self._alone = alone
        self._learn = learn
        self._known: tuple[int, int] | None = None
        self._wake_told = float("-inf")

    def step(self) -> bool:
        """Publish one batch; False when nothing is left.  Raises: ConnectionError."""
        if not self._alone.hold():
            return False
        if self._learn is not None and self._learn():
            return True
        self._begin_anew()
        tickets = self._wake() + self._open()
        if not tickets:
            return False
        try:
            self._queues.publish(tickets)
        except BaseException:
            self._known = None
            raise
        return True

    def _begin_anew(self) -> None:
        now = (self._alone.term, self._queues.open())
        if now != self._known:
            with self._journal.transaction() as transaction:
                transaction.unpublish(self._app)
            self._known = now
            self._wake_told = float("-inf")

    def _open(self) -> list[Ticket]:
        # Marked first: a worker that fails at once clears the mark, and nothing may set it later.
        with self._journal.transaction() as transaction:
            rows = transaction.unpublished([self._app], _BATCH)
            transaction.published(self._app, [row.seq for row in rows], transaction.now)
        return [Ticket(self._app, row.lane, row.message_id) for row in rows]

    def _wake(self) -> list[Ticket]:
        if not self._journal.is_due(self._app, range(self._queues.partitions[self._app])):
            self._wake_told = float("-inf")
            return []
        now = time.monotonic()
        if now - self._wake_told < _WAKE_SECONDS:
            return []
        self._wake_told = now
        return [Ticket(self._app, 0, None)]


class Relay:
    """The threads that hand over, one an app or partner: none waits for another.

    `journal` must know the subscriptions of the apps; those of partners are added here.
    """

    def __init__(
        self,
        journal: Journal,
        retry: Retry = Retry(),  # noqa: B008 - immutable
        voice: Voice = Voice(),  # noqa: B008 - immutable
    ) -> None:
        self._journal = journal
        self._retry = retry
        self._voice = voice
        self._decoded = Decoded()
        self._alone = Alone(journal.engine, "relay")
        self._threads = Threads()
        self._steps: dict[str, Callable[[], bool]] = {}
        self._signals: dict[str, str] = {}  # of a step, when it is not called as its subscriber
        self._queues: list[AppQueues] = []

    def holds(self) -> bool:
        """Whether it is this process that sends."""
        return self._alone.hold()

    def attach_apps(
        self, queues: AppQueues, learning: Mapping[str, Callable[[], bool]] = MappingProxyType({})
    ) -> None:
        """Give tickets to the workers of these apps; to the new ones once they have learnt."""
        self._queues.append(queues)
        for app in queues.partitions:
            self._steps[app] = AppRelay(
                app, self._journal, queues, self._alone, learning.get(app)
            ).step

    def attach_channel(self, subscription: Subscription, channel: Outlet) -> None:
        """Send what `subscription` asks for through `channel`; sent counts as delivered."""
        name = subscription.subscriber
        self._journal.subscribe(subscription)
        sender = Sender(name, channel.send, self._journal, self._decoded, self._retry, self._voice)
        lanes = range(subscription.partitions)
        self._steps[name] = lambda: self._alone.hold() and sender.step(lanes)

    def attach_replies(self, subscriber: str, lanes: int, send: Send, retry: Retry) -> None:
        """Send answers to where their requests have said, some addresses side by side."""
        self._journal.relane(subscriber, lanes)
        for lane in range(lanes):
            sender = ReplySender(subscriber, send, self._journal, self._decoded, retry)
            self._steps[f"{subscriber}-{lane}"] = partial(self._reply, sender, lane)
            self._signals[f"{subscriber}-{lane}"] = subscriber

    def _reply(self, sender: ReplySender, lane: int) -> bool:
        return self._alone.hold() and sender.step([lane])

    def run(self) -> None:
        """Start all threads; returns at once."""
        for name, step in self._steps.items():
            work = self._journal.work[self._signals.get(name, name)]
            self._threads.work(f"relay {name}", step, work, lambda: _POLL)

    def failing(self) -> dict[str, BaseException]:
        """The hand-overs that fail at present, e.g. "relay mdm", with their newest failure."""
        return self._threads.failing()

    def stop(self, timeout: float = 10.0) -> list[str]:
        """End; the names of the threads that did not within `timeout` seconds."""
        late = self._threads.stop(timeout)
        for queues in self._queues:
            queues.close()
        self._alone.release()
        return late
