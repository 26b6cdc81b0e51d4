"""A hub put together and running: the one place where all parts meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import TracebackType

from cim import override
from cim.message import Edition, Format, Verb
from hub.channels.addresses import Addresses
from hub.channels.compression import Compression
from hub.channels.rabbitmq import AppQueues, Broker, RabbitChannel
from hub.channels.soap.channel import SoapChannel
from hub.channels.soap.partner import PartnerClient
from hub.config import Config
from hub.console import Component, ConsoleView, create
from hub.console.problem import API, at_the_door
from hub.console.public import PUBLIC, PUBLIC_API
from hub.dispatch import Hub, Retry, asked, operated, replying
from hub.dispatch.asked import JournalAnswers
from hub.dispatch.callbacks import Callbacks
from hub.dispatch.handed_in import hand_in
from hub.dispatch.mending import mend
from hub.dispatch.models import bring
from hub.dispatch.operated import NetworkAnswers
from hub.dispatch.recorder import Due, Recorder
from hub.dispatch.relay import Relay
from hub.dispatch.replay import Replay
from hub.dispatch.requested import act, request
from hub.dispatch.rights import Rights
from hub.dispatch.threads import Threads
from hub.dispatch.worker import Worker
from hub.front import Door, Limits, Route, Server
from hub.history.past import Past
from hub.history.snapshots import Keep
from hub.interfaces import App
from hub.journal import Journal, source_clocks
from hub.journal.addresses import LANES
from hub.journal.callbacks import Callback
from hub.journal.commits import Commits
from hub.main import components, outlets
from hub.main.components import EntryWay
from hub.main.lock import only
from hub.main.memory import give_back
from hub.main.names import BUS, EVERYTHING
from hub.main.parts import Parts, fares, passed_over, standing, unreached
from hub.main.schemas import install
from hub.message_channel import Outlet, Subscription
from hub.partner_settings import Partner as PartnerSettings
from hub.security import people, systems
from hub.security.roles import Roles
from hub.security.systems import System

LARGE = ("/api/v1/feeds", "/api/v1/models", "/api/v1/quarantine", "/api/v1/requests")
"""Calls whose bodies are documents."""
CONSOLE = Limits(body_bytes=64 * 1024)
"""What the console takes: its forms and calls are small."""
EVERYBODY = Limits(body_bytes=1024, at_once=50)
"""What is open to everybody has places of its own: no crowd there keeps others out."""
EDITOR = Limits(body_bytes=1024 * 1024)
"""What its editor of refused bytes takes."""


class Running:
    """A started hub; also a context manager that stops it.

    url:            of console, SOAP and REST.
    first_password: of the account `admin`, only at the very first start.
    """

    def __init__(
        self,
        config: Config,
        environ: Mapping[str, str],
        overruled: components.Settings | None = None,
    ) -> None:
        """Raises: ConfigError; nothing is left running."""
        self.config = config
        self._parts = Parts()
        with ExitStack() as stops:
            stops.enter_context(only(config.data))
            self._start(stops, environ, overruled or {})
            self._stops = stops.pop_all()

    def _start(
        self, stops: ExitStack, environ: Mapping[str, str], overruled: components.Settings
    ) -> None:
        config = self.config
        install(config)
        stops.callback(override.clear)
        self._dialects = config.spoken()
        self.addresses = Addresses.of(config)
        self.roles = Roles.read(config.folder / "roles.toml")
        self.journal = Journal.open(config.database_url)
        stops.callback(self.journal.close)
        self.first_password = self._first_start()
        self._codes = components.codes(config, environ)
        apps = components.apps(config, environ, overruled)
        self.hub = Hub(
            self.journal,
            apps,
            retry=retry(config),
            windows=components.windows(config),
            name=config.name,
            context=config.context,
            rights=Rights(self.journal, self.roles),
            addresses=self.addresses,
            replay=Replay(config.replay),
            own=self._answering(apps),
        )
        self._parts.note("app", apps)
        soap = self._attach_soap(stops)
        relay = self._attach_relay(stops)
        self._attach_adapters(stops, environ, overruled)
        self._record(stops)
        self.callbacks = Callbacks(
            self.journal, self._call_back, self.addresses, relay.holds, retry(config)
        )
        self._run(stops, relay)
        self._parts.watch(self.hub.failing)
        self._parts.watch(relay.failing)
        self.url = self._serve(stops, soap)
        give_back()  # not before: to open a large network takes a tenth longer with it

    def _seen(self) -> tuple[Component, ...]:
        """The parts, and the sources that speak of what the network does not know."""
        strays = self.hub.unknown.strays()
        sources = (
            Component(kind="source", name=s.source, state="waiting", note=str(s)) for s in strays
        )
        called = (fares("callback", n, e) for n, e in self.callbacks.seen().items())
        peers = unreached(self.hub.adapters)
        left = passed_over(self.hub.adapters)
        parts = standing(self._parts.seen(), self.hub.reading)
        return (*parts, *called, *peers, *left, *sources, *self._clocks())

    def _clocks(self) -> Iterator[Component]:
        """The sources whose clock cannot be right."""
        with self.journal.reading() as connection:
            found = source_clocks.wrong(connection)
        for one in found:
            if one.source in self.hub.adapters:
                yield Component(kind="clock", name=one.source, state="waiting", note=one.why)

    def _answering(self, apps: Mapping[str, App]) -> dict[str, App]:
        """What is asked and no app or partner answers, the journal does, or the live network."""
        taken = [t for app in apps.values() for t in app.topics]
        taken += [t for partner in self.config.partners for t in partner.subscribed()]
        answered = {topic.noun for topic in taken if topic.verb is Verb.GET}
        context = self.config.context
        own: dict[str, App] = {
            asked.NAME: JournalAnswers(self.journal, self.config.get, context, answered)
        }
        if operated.NOUN not in answered:
            past = Past(self.journal, now=lambda: self.hub.live.at)
            own[operated.NAME] = NetworkAnswers(past)
        return own | components.own(self.config)

    def _first_start(self) -> str | None:
        with self.journal.transaction() as transaction:
            return people.first_start(transaction.connection, self.roles, self.journal.clock())

    def _record(self, stops: ExitStack) -> None:
        """Keep the history, from the first message that the network takes."""
        given = self.config.history
        due = Due(messages=given.messages, minutes=given.minutes, pause=given.pause)
        keep = Keep(hours=given.hours, days=given.days)
        recorder = Recorder(self.journal, self.hub.live, due, keep)
        recorder.run()
        stops.callback(recorder.stop)
        self._parts.watch(recorder.failing)

    def _run(self, stops: ExitStack, relay: Relay) -> None:
        """Start the threads; the last to start is the first to stop."""
        rabbit = self.config.rabbitmq
        self.hub.run(apps=not rabbit.url)
        stops.callback(self.hub.stop)
        relay.run()
        stops.callback(relay.stop)
        self.callbacks.run()
        stops.callback(self.callbacks.stop)
        if rabbit.url and rabbit.run_apps:
            worker = Worker(self.hub, broker(self.config), retry(self.config))
            worker.run()
            stops.callback(worker.stop)

    # -- what comes in and goes out

    def _attach_adapters(
        self, stops: ExitStack, environ: Mapping[str, str], overruled: components.Settings
    ) -> None:
        config = self.config
        found = components.adapters(config, environ, overruled)
        for name, adapter in found.items():
            self.hub.attach_adapter(name, adapter)
            if hasattr(adapter, "stop"):
                stops.callback(adapter.stop)
            for way in components.entry_ways(config, name, adapter):
                self._bring(stops, name, way)
        self._parts.note("adapter", found)

    def _bring(self, stops: ExitStack, name: str, way: EntryWay) -> None:
        """Bring files into the folder of an adapter, in a thread."""
        threads = Threads()
        threads.work(f"{name}: bringing files", way.step, Commits(), lambda: way.pause)
        stops.callback(threads.stop, 10.0)
        self._parts.watch(threads.failing)

    def _attach_soap(self, stops: ExitStack) -> SoapChannel:
        channel = SoapChannel(
            schemas=outlets.SCHEMAS,
            source=self.config.name,
            authenticate=self._authenticate,
            replies=self.hub.answer,
            answer_seconds=self.config.soap.answer_seconds,
            payload=self.config.soap.payload,
            dialects=self._dialects,
        )
        stops.callback(channel.close)
        self.hub.attach_channel("soap", channel)
        self._parts.note("channel", ["soap"])
        return channel

    def _attach_relay(self, stops: ExitStack) -> Relay:
        relay = Relay(self.journal, retry(self.config), self.hub.voice)
        for partner in self.config.partners:
            subscription = Subscription(partner.name, partner.subscribed(), answers=False)
            relay.attach_channel(subscription, self._partner(partner, stops))
        self._parts.note("channel", (partner.name for partner in self.config.partners))
        self._attach_replies(relay, stops)
        if self.config.rabbitmq.url:
            self._attach_rabbitmq(relay, stops)
        return relay

    def _attach_replies(self, relay: Relay, stops: ExitStack) -> None:
        """Answers to where their requests have said."""
        config, trying = (
            self.config,
            replace(retry(self.config), attempts=self.config.replies.attempts),
        )
        second = self._dialects.edition2
        soap = outlets.SoapReplies(self.addresses, config.soap.payload, second)
        stops.callback(soap.close)
        relay.attach_replies(replying.SOAP, LANES[replying.SOAP], soap.send, trying)
        if config.rabbitmq.url:
            payload = config.rabbitmq.payload
            queues = outlets.QueueReplies(self.addresses, broker(config), payload, second)
            stops.callback(queues.close)
            lanes = LANES[replying.QUEUES]
            relay.attach_replies(replying.QUEUES, lanes, queues.send, trying)

    def _attach_rabbitmq(self, relay: Relay, stops: ExitStack) -> None:
        """Tickets for the workers, every event to the exchange, and what systems send."""
        rabbit = self.config.rabbitmq
        partitions = {name: h.app.partitions for name, h in self.hub.handlers.items()}
        learning = {name: past.step for name, past in self.hub.past.items()}
        relay.attach_apps(AppQueues(broker(self.config), partitions), learning)
        channel = RabbitChannel(
            broker(self.config),
            context=self.config.context,
            payload=rabbit.payload,
            inbound=rabbit.inbound,
            dialects=self._dialects,
        )
        stops.callback(channel.close)
        relay.attach_channel(EVERYTHING, channel)
        if rabbit.inbound:
            self.hub.attach_channel(BUS, channel)
        self._parts.note("channel", [BUS])

    def _partner(self, partner: PartnerSettings, stops: ExitStack) -> Outlet:
        if partner.channel == "soap":
            client = PartnerClient(outlets.called(partner, self._dialects.edition2))
            stops.callback(client.close)
            return client
        second = outlets.envelope_of(partner.edition, self._dialects.edition2)
        usual = Format.XML if partner.edition is Edition.SECOND else self.config.rabbitmq.payload
        channel = RabbitChannel(
            broker(self.config),
            context=self.config.context,
            payload=partner.payload or usual,
            compression=Compression(partner.compressed, partner.compress_above),
            queue=partner.queue,
            second=second,
        )
        stops.callback(channel.close)
        return channel

    def _call_back(self, callback: Callback) -> Outlet:
        way = outlets.Way(callback.url, callback.format, edition=callback.edition)
        return PartnerClient(outlets.named(self.addresses, way, self._dialects.edition2))

    # -- the front door

    def _authenticate(self, authorization: str | None, certificate: str | None) -> System | None:
        with self.journal.reading() as connection:
            return systems.authenticate(connection, authorization, certificate)

    def _serve(self, stops: ExitStack, soap: SoapChannel) -> str:
        http = self.config.http
        view = ConsoleView(
            journal=self.journal,
            roles=self.roles,
            network=lambda: self.hub.network,
            at=lambda: self.hub.live.at,
            bring=partial(bring, self.hub),
            mend=partial(mend, self.hub, dialects=self._dialects),
            hand_in=partial(hand_in, self.hub),
            request=partial(
                request,
                self.hub,
                dialects=self._dialects,
                seconds=self.config.soap.answer_seconds,
            ),
            act=partial(act, self.hub, seconds=self.config.soap.answer_seconds),
            apps={name: handler.app for name, handler in self.hub.handlers.items()},
            addresses=self.addresses,
            clock=lambda: datetime.now(UTC),
            components=self._seen,
            codes=self._codes,
            public=self.config.public,
            secure=http.key is not None,
        )
        limits = Limits(body_bytes=http.body_bytes, body_seconds=http.body_seconds)
        console = create(view)
        stops.callback(console.state.site.close)
        places = [
            Route(prefix=place, app=console, limits=most, refuse=at_the_door)
            for place, most in (*((large, limits) for large in LARGE), (API, CONSOLE))
        ]
        places += [
            Route(prefix=PUBLIC_API, app=console, limits=EVERYBODY, refuse=at_the_door),
            Route(prefix=PUBLIC, app=console, limits=EVERYBODY),
        ]
        places.append(Route(prefix="/quarantine", app=console, limits=EDITOR))
        places.append(Route(prefix="/", app=console, limits=CONSOLE))
        listening = Server(
            app=Door([soap.route(limits), *places]),
            host=http.host,
            port=http.port,
            certificate=http.certificate,
            key=http.key,
            client_ca=http.client_ca,
            header_seconds=http.header_seconds,
        ).start()
        stops.callback(listening.stop)
        return listening.url

    def stop(self) -> None:
        """Stop taking, finish what is in hand, close; what is open goes on at the next start."""
        self._stops.close()

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()


def retry(config: Config) -> Retry:
    """How deliveries are tried again."""
    given = config.retry
    return Retry(attempts=given.attempts, first=given.first, longest=given.longest)


def broker(config: Config) -> Broker:
    """How the broker is reached."""
    rabbit = config.rabbitmq
    return Broker(url=rabbit.url, queue_type=rabbit.queue_type, rabbitmqctl=rabbit.rabbitmqctl)
