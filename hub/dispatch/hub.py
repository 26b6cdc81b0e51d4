"""The hub: journal, live network and apps put together, and set in motion."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from cim.message import Message
from cim.network import Network
from hub.channels.addresses import Addresses
from hub.config import Replay as ReplaySettings
from hub.dispatch import sets
from hub.dispatch.active import Reading, Turn, reading
from hub.dispatch.answers import Answers
from hub.dispatch.around import Around
from hub.dispatch.catching_up import CatchUp, learning
from hub.dispatch.checks import Checks
from hub.dispatch.decoded import Decoded
from hub.dispatch.handled import Handled
from hub.dispatch.handling import Handler
from hub.dispatch.intake import Intake
from hub.dispatch.interlock import Interlock
from hub.dispatch.live import Live
from hub.dispatch.operating import OperatingSender
from hub.dispatch.replay import Replay
from hub.dispatch.retry import Retry
from hub.dispatch.rights import Rights
from hub.dispatch.sending import Sender, into, subscribed, subscription
from hub.dispatch.sets import Sets
from hub.dispatch.stamp import Voice
from hub.dispatch.taken import Refused, Settle, Taken, receipt
from hub.dispatch.threads import Source, Threads
from hub.dispatch.unknown import Unknown
from hub.dispatch.window import Window
from hub.handover import Noting
from hub.interfaces import Adapter, App, Operating, Outbound, Record
from hub.journal import Entry, Journal, network_events
from hub.journal.commits import Commits
from hub.journal.handed_over import HandedOver
from hub.message_channel import Channel, Delivery, Subscription

log = logging.getLogger(__name__)
_THREADS = 4  # of one app at most
_POLL = 0.5  # seconds between looks for work that another process has made
_SOON = 0.02  # seconds between looks at least


class Hub:
    """Takes what comes in, lets the apps handle it, and knows the answers.

    apps: those that run in this process, by name; their tables are created and their topics
          subscribed.  `journal` must also know the subscriptions of those that run elsewhere.
    name:   Header.Source of what the hub itself says.
    context: Header.Context of what begins here: adapters' messages, and apps' that answer nothing.
    rights: what each sender on a channel is held against; None lets everybody send everything.
    addresses: where replies may be sent; nowhere, unless it says so.
    replay: what messages with ReplayDetection are held against.
    windows: how long facts of adapters may take, by name.
    own: parts of the hub in the shape of apps; they run in its process, wherever the apps do.
    """

    def __init__(
        self,
        journal: Journal,
        apps: Mapping[str, App],
        clock: Callable[[], datetime] | None = None,
        retry: Retry = Retry(),  # noqa: B008 - immutable
        *,
        name: str = "GRIDBUS",
        context: str | None = None,
        rights: Rights | None = None,
        addresses: Addresses = Addresses(),  # noqa: B008 - immutable
        own: Mapping[str, App] = MappingProxyType({}),
        replay: Replay = Replay(ReplaySettings()),  # noqa: B008 - immutable
        windows: Mapping[str, Window] = MappingProxyType({}),
    ) -> None:
        if clock is not None:
            journal.clock = clock
        self.voice = Voice(name, context)
        self.journal = journal
        self.decoded = Decoded()
        self.live = Live(journal, self.decoded)
        self.unknown = Unknown()
        self._retry = retry
        self._answers = Answers(journal, self.voice)
        self._sets = Sets(journal, retry, self.voice)
        self.adapters: dict[str, Adapter[Any]] = {}
        self.reading: dict[str, Reading] = {}
        self._interlock = Interlock(self.live, journal.subscribers, context, self.adapters)
        checks = Checks(self.live, rights, self._interlock)
        self._intake = Intake(journal, checks, self.voice, self._sets, addresses, replay, windows)
        self._threads = Threads()
        self._starts: list[Callable[[], None]] = []
        self._ends: list[Callable[[], None]] = []
        self._app_starts: list[Callable[[], None]] = []
        self._handlers: dict[str, Handler] = {}
        self.past: dict[str, CatchUp] = {}
        for app_name, app in apps.items():
            self._attach_app(app_name, app, self._app_starts)
        self._own = frozenset(own)
        for app_name, app in own.items():
            self._attach_app(app_name, app, self._starts)
        self._starts.append(lambda: self._work(sets.NAME, sets.NAME, self.conduct))

    # -- what belongs to it

    def _attach_app(self, name: str, app: App, starts: list[Callable[[], None]]) -> None:
        self.journal.subscribe(subscribed(name, app))
        self.journal.relane(name, app.partitions)
        if app.tables is not None:
            self.journal.create_tables(app.tables)
        seen = self.live, self.decoded
        around = Around(self.journal, *seen, app.topics)
        self._handlers[name] = Handler(name, app, *seen, self._retry, around, self.voice)
        self.past |= learning(name, app, self.journal, *seen)

        def start() -> None:
            count = min(app.partitions, _THREADS)
            for first in range(count):
                lanes = range(first, app.partitions, count)
                self._work(name, f"{name}-{first}", partial(self._turn, name, lanes))

        starts.append(start)

    def attach_adapter(self, name: str, adapter: Adapter[Any]) -> None:
        """Read from a system, and write to it when the adapter can."""
        self.adapters[name] = adapter
        if isinstance(adapter, Noting):
            adapter.note_in(HandedOver(self.journal, name))
        read = self.reading[name] = reading(name, adapter, self.journal)
        take = partial(self._keep_taking, name, read)
        source: Source[Record] = Source(name, read.read, take, self._threads)
        self._starts.append(lambda: self._threads.start(f"read {name}", source.run))
        self._starts.append(partial(read.start, self._threads))
        self._ends.append(read.end)
        wanted = subscription(name, adapter)
        if wanted and isinstance(adapter, Operating):
            self._attach_operating(wanted, adapter, read.turn)
        elif wanted and isinstance(adapter, Outbound):
            self._attach_sender(wanted, into(name, adapter), read.turn.hold, confirms=True)

    def attach_channel(
        self,
        name: str,
        channel: Channel,
        wanted: Subscription | None = None,
        *,
        receive: bool = True,
    ) -> None:
        """Receive from a channel, and send through it what `wanted` asks for."""
        if receive:
            source: Source[Delivery] = Source(
                name, channel.receive, lambda batch: self._take(batch, name), self._threads
            )
            self._starts.append(lambda: self._threads.start(f"receive {name}", source.run))
        if wanted is not None:
            self._attach_sender(wanted, channel.send)

    def _attach_sender(
        self,
        wanted: Subscription,
        send: Callable[[Sequence[Message]], None],
        may: Callable[[], bool] = lambda: True,
        *,
        confirms: bool = False,
    ) -> None:
        name = wanted.subscriber
        self.journal.subscribe(wanted)
        sender = Sender(
            name, send, self.journal, self.decoded, self._retry, self.voice, confirms=confirms
        )
        lanes = range(wanted.partitions)
        self._starts.append(
            lambda: self._work(name, f"send {name}", lambda: may() and sender.step(lanes))
        )

    def _attach_operating(self, wanted: Subscription, of: Operating[Any], turn: Turn) -> None:
        name, journal, interlock = wanted.subscriber, self.journal, self._interlock
        journal.subscribe(wanted)
        journal.relane(name, wanted.partitions)
        sender = OperatingSender(
            name, of, journal, self.decoded, self._retry, self.voice, interlock, turn
        )
        for lane in range(wanted.partitions):
            step = partial(sender.step, [lane])
            self._starts.append(partial(self._work, name, f"operate {name}-{lane}", step))

    # -- running

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """The apps that run in this process, by name."""
        return {name: h for name, h in self._handlers.items() if name not in self._own}

    def run(self, *, apps: bool = True) -> None:
        """Start all threads; returns at once.

        apps: False leaves what the apps have to handle to workers.
        """
        self.live.catch_up()
        for start in (*self._starts, *(self._app_starts if apps else ())):
            start()

    def failing(self) -> dict[str, BaseException]:
        """The activities that fail at present, e.g. "gis: reading", with their newest failure."""
        return self._threads.failing()

    def stop(self, timeout: float = 10.0) -> None:
        """End all threads; what is open stays open and goes on at the next start."""
        for adapter in self.adapters.values():
            if hasattr(adapter, "stop"):  # it may be waiting for its turn at a slow system
                adapter.stop()
        for name in self._threads.stop(timeout):
            log.warning("%s did not end within %.0f s", name, timeout)
        for end in self._ends:
            end()

    def _work(self, subscriber: str, name: str, step: Callable[[], bool]) -> None:
        signal: Commits = self.journal.work[subscriber]
        self._threads.work(name, step, signal, lambda: self._pause(subscriber))

    def _pause(self, subscriber: str) -> float:
        due = self.journal.next_due(subscriber)
        left = _POLL if due is None else (due - self.journal.clock()).total_seconds()
        # What is due already is held by what another thread has in hand.
        return min(_POLL, max(_SOON, left))

    # -- what comes in

    @property
    def network(self) -> Network:
        """The network as operated, as of now."""
        return self.live.current

    def accept(self, deliveries: Sequence[Delivery], channel: str) -> list[int | None]:
        """Journal or quarantine what a channel has received, in one transaction, and ack it.

        Returns the seq of each, in order; None for a duplicate and for what was refused.
        Raises: the database's error; then nothing was taken and nothing acknowledged.
        """
        taken = self._intake.deliveries(deliveries, channel)
        self._tell(taken)
        for delivery, result in zip(deliveries, taken.results, strict=True):
            if not isinstance(result, Refused):
                self._answers.reply_at_once(delivery.content)
            receipt(delivery, result, channel)
        return [r if isinstance(r, int) else None for r in taken.results]

    def take(self, name: str, adapter: Adapter[Any], batch: Sequence[Record]) -> Taken:
        """Journal or quarantine what an adapter has read, in one transaction.

        Raises: the database's error; then nothing was taken.
        """
        taken = self._intake.records(name, adapter, batch)
        self._tell(taken)
        return taken

    def again(
        self,
        given: Delivery | Sequence[Record],
        channel: str,
        settle: Settle,
        adapter: Adapter[Any] | None = None,
    ) -> Taken:
        """Take what lay in quarantine: a message, or the records of an adapter, all or none.

        Raises: what `settle` does, the database's error; then nothing was taken.
        """
        if isinstance(given, Sequence):
            assert adapter is not None  # noqa: S101 - whose records they are
            taken = self._intake.records_again(channel, adapter, given, settle)
        else:
            taken = self._intake.delivery_again(given, channel, settle)
        self._tell(taken)
        return taken

    def _take(self, batch: Sequence[Delivery], channel: str) -> None:
        try:
            self.accept(batch, channel)
        except Exception as error:
            log.exception("%s: a batch of %d could not be taken", channel, len(batch))
            for delivery in batch:
                delivery.reject(f"the hub could not take it now: {type(error).__name__}")

    def _keep_taking(self, name: str, read: Reading, batch: Sequence[Record]) -> None:
        take = partial(self.take, name, read.adapter, batch)
        self._threads.until_done(f"{name}: taking", lambda: read.take(batch, take))

    def _tell(self, taken: Taken) -> None:
        self._remember(taken.entries)
        real = {s: e.message for s, e in taken.entries.items() if not e.message.header.is_study}
        moved = [s for s, message in real.items() if message.header.noun in network_events.NOUNS]
        if moved:
            self.live.follow(max(moved))
        for message in real.values():
            self.unknown.look(message, self.network)

    def _remember(self, entries: Mapping[int, Entry]) -> None:
        """What was accepted in one transaction."""
        for seq, entry in entries.items():
            self.decoded.remember(seq, entry.message, len(entry.body))
        self.live.pass_by({seq: entry.message.header.noun for seq, entry in entries.items()})

    # -- the apps' turns

    def deliver(self, subscriber: str, lanes: Sequence[int] | None = None) -> int:
        """Let an app handle one batch of what is open for it; how many were tried."""
        return self._handled(self._handlers[subscriber].deliver(self.journal, lanes))

    def _handled(self, handled: Handled) -> int:
        self.told(handled)
        return len(handled.seqs) + len(handled.failed)

    def wake(self, subscriber: str) -> bool:
        """Wake an app whose timer is due; False when it is not, or what was accepted before is
        still to be handled."""
        handled = self._handlers[subscriber].wake(self.journal)
        if handled is not None:
            self.told(handled)
        return handled is not None

    def told(self, handled: Handled) -> None:
        """After the commit: remember what an app has said and wake those who wait for it."""
        self._remember(handled.said)
        for message_id, reply in handled.replies:
            self._answers.give(message_id, reply)

    def conduct(self) -> bool:
        """Go on with operation sets of which an app has answered a part; False when there is
        none."""
        worked = False
        for said in self._sets.step():
            self._tell(Taken([], said))
            worked = True
        return worked

    def _turn(self, subscriber: str, lanes: Sequence[int]) -> bool:
        if subscriber in self.past and self.past[subscriber].step():
            return True
        handler = self._handlers[subscriber]
        self._threads.stopping.wait(handler.gathers)
        is_due, leased = handler.next(self.journal, lanes)
        if is_due and self.wake(subscriber):
            self.deliver(subscriber, lanes)
            return True
        return bool(self._handled(handler.handle(self.journal, leased)))

    # -- answers

    def answer(self, message_id: str, timeout: float) -> Message | None:
        """The reply to the request with this Header.MessageID; waits for it.

        A request that was sent again has the reply of the first.  When there is none after
        `timeout` seconds, one that says which app has failed so far, or None; what was refused has
        none, its sender hears it by `Refusable.refuse`.
        """
        return self._answers.wait(message_id, timeout)
