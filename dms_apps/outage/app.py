"""The outage app: what meters, switches and people say becomes outages, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial

import sqlalchemy as sa
from sqlalchemy import MetaData

from cim.codes import Codes, Meaning
from cim.message import STATED, Message, Outgoing, Topic, Verb
from cim.network import Network
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.incidents import Incidents
from cim.profiles.measurement_values import MeasurementValues
from cim.replies import failed
from cim.violation import Refusal
from dms_apps.outage import (
    affected,
    audit,
    evidence,
    facts,
    hearing,
    incidents,
    indicators,
    lifecycle,
    plans,
    reports,
    requests,
    store,
    weighing,
)
from dms_apps.outage.answers import Wanted
from dms_apps.outage.asked import Bounds
from dms_apps.outage.assessment import Assessed, Assessment
from dms_apps.outage.course import Times
from dms_apps.outage.critical import critical_points
from dms_apps.outage.expected import expected
from dms_apps.outage.heirs import hand_on
from dms_apps.outage.indicators import Places, Shown
from dms_apps.outage.lifecycle import CANCELLED
from dms_apps.outage.memory import Memory
from dms_apps.outage.modes import PROBABILITIES, Modes, Share, note_storms, timeline
from dms_apps.outage.notices import late, notice
from dms_apps.outage.ordering import ordered
from dms_apps.outage.outages import Outage
from dms_apps.outage.prediction import Rules
from dms_apps.outage.reliability import offers
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.recording import Recorder
from dms_apps.outage.tables import metadata
from dms_apps.outage.verification import questions, verify
from dms_apps.outage.wording import Wording
from hub.bulk import Accepted
from hub.interfaces import Asking, Context
from hub.report import Offer, Report

NOUN = "UnplannedOutages"
_KINDS = {
    Meaning.POWER_OUT: facts.DARK,
    Meaning.POWER_RESTORED: facts.RESTORED,
    Meaning.POWER_ON: facts.ALIVE,
    Meaning.UNREACHABLE: facts.MUTE,
}
_TOLD = (Verb.CREATED, Verb.CHANGED, Verb.CLOSED, Verb.CANCELED, Verb.DELETED)
_ASKED = (Verb.GET, Verb.CREATE, Verb.CHANGE, Verb.CLOSE, Verb.CANCEL)


@dataclass(frozen=True, kw_only=True)
class OutageApp:
    """Settings, in `config/apps/outage.toml`.

    hold_off: seconds an outage must be believed in before it is told (shorter interruptions are
              momentary), and without news before a restoration counts as settled.
    pace:     least seconds between two assessments.
    skew:     seconds that the clocks of meters and switches may differ.
    nested:   seconds after power was thought to be back in which a loss of it counts as left over
              from the outage before.
    window:   seconds; losses of power further apart than this have no common cause.
    verify:   seconds after a call in which a meter with power says that the trouble is behind it.
    closing:  seconds that an outage which a crew calls restored is kept open for who is not.
    ping:     EndDeviceControlType of a ping, as agreed with the head-end: with it a meter is asked
              before a crew goes out for a single call, which is told as `asked` until it answers
              or cannot be reached, or `verify` is over; "": it is not.
    sample:   how many meters of an outage must say that power is back before it counts as
              verified; they are asked by `ping` once a person says so.
    days:     how long what was heard is kept, for what comes late; the ledger is kept for good.
              What is asked of outages must not be about a time before.
    ahead:    days; a restoration time further ahead is refused.
    catch_up: whether it learns, when it is added, what the hub has heard before: the ledger is that
              of one that was there all along, and of its outages those that are open are told.  Not
              in events is what was asked of outages meanwhile, and whom the network served before:
              it counts the customers of now for the past as well.
    codes:    what the codes of each source say, `[codes.<source>]` of `hub.toml`.
    indicators: how telemetry tells of fault indicators, see `indicators.Shown`.
    delivery, rarity, device_share, transformer_share, indicator, indicator_false: see
              `prediction.Rules`.
    modes:    rules for storms, and when there is one, see `modes.Modes`.
    reliability: how interruptions are counted, see `reliability.conventions.Conventions`.
    """

    hold_off: float = 60.0
    pace: float = 1.0
    skew: float = 60.0
    nested: float = 1800.0
    window: float = 1800.0
    verify: float = 900.0
    closing: float = 900.0
    ping: str = ""
    sample: int = 3
    days: float = 60.0
    ahead: float = 30.0
    catch_up: bool = True
    codes: Codes = field(default_factory=Codes)
    indicators: Shown = field(default_factory=Shown)
    delivery: Share = 0.5
    rarity: Share = 0.001
    device_share: Share = 0.2
    transformer_share: Share = 0.0
    indicator: Share = 0.9
    indicator_false: Share = 0.02
    modes: Modes = field(default_factory=Modes)
    reliability: Conventions = field(default_factory=Conventions)

    @property
    def topics(self) -> frozenset[Topic]:
        """What it listens to, and the requests it answers."""
        return frozenset(
            {
                Topic(Verb.CREATED, "EndDeviceEvents"),
                Topic(Verb.CREATED, "MeasurementValues"),
                *(Topic(verb, "SwitchingEvents") for verb in STATED),
                *(Topic(verb, "PSREvents") for verb in STATED),
                Topic(Verb.CREATED, "NetworkModels"),
                *(Topic(verb, "TroubleTickets") for verb in _TOLD),
                *(Topic(verb, "PlannedOutages") for verb in _TOLD),
                *(Topic(verb, incidents.NOUN) for verb in _TOLD),
                *(Topic(verb, noun) for verb in _ASKED for noun in (NOUN, incidents.NOUN)),
            }
        )

    @property
    def tables(self) -> MetaData:
        """Evidence, outages, and who was without power when."""
        return metadata

    @property
    def partitions(self) -> int:
        """One: an outage follows from the reports of many meters."""
        return 1

    @property
    def bulk(self) -> frozenset[Topic]:
        """New calls: of a storm very many come at once."""
        return frozenset({Topic(Verb.CREATED, "TroubleTickets")})

    def handle_all(
        self, messages: Sequence[Accepted], context: Context
    ) -> Iterable[Iterable[Outgoing]]:
        """Keep new calls, with as many statements as one."""
        if hearing.record_calls([one.message for one in messages], context):
            context.wake_at(context.now + timedelta(seconds=self.pace))
        return [()] * len(messages)

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Keep what is reported and assess it later; answer requests at once."""
        verb = message.header.verb
        if message.header.noun == incidents.NOUN and verb in _ASKED:
            yield from self._incidents(message, context)
        elif verb is Verb.GET:
            yield self._answer(message, context)
        elif verb in _ASKED:
            yield from self._carry_out(message, context)
        else:
            self._keep(message, context)

    def _keep(self, message: Message, context: Context) -> None:
        now = context.now
        if isinstance(message.payload, EndDeviceEvents):
            kind = partial(self._kind, message.header.source, late=message.header.is_late)
            connection, network = context.connection, context.network
            news = evidence.record_meters(connection, message.payload, kind, network, now)
            meaning = partial(self.codes.meaning, message.header.source)
            places = partial(self._places, network)
            is_urgent = indicators.record_events(connection, message.payload, meaning, places, now)
            is_urgent |= bool(news - {facts.DARK})
        elif isinstance(message.payload, MeasurementValues):
            places, news = partial(self._places, context.network), set()
            is_urgent = indicators.record_values(
                context.connection, message.payload, self.indicators, places, now
            )
        else:
            is_urgent = hearing.record(message, context)
            news = set()
        if is_urgent:
            context.wake_at(now + timedelta(seconds=self.pace))
        elif news:
            context.wake_at(now + self.modes.shortest(self._times.hold_off))

    def prepare(self, network: Network) -> None:
        """Grow the forest of a network that is new, and count what it serves."""
        self._memory.forest(network)
        self._served.prepare(network)

    def learnt(self, context: Context) -> None:
        """Have told what is open, and meters asked: what it said when it learnt of it nobody has
        heard."""
        store.tell_anew(context.connection)
        self._memory.look_anew()
        context.wake_at(context.now)

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Assess what is known and tell what is new."""
        yield from self._notices(Verb.CREATED, store.untold(context.connection), context)
        network, forest = context.network, self._memory.forest(context.network)
        if not self._served.record(context.connection, network, context.now):
            context.wake_at(context.now + timedelta(seconds=self.pace))
        everything = self._memory.is_new(context.connection, network)
        if everything:  # what this network knows may be what another one did not
            evidence.place_again(context.connection, network)
        replanned = plans.news(context.connection, network, forest)
        everything |= note_storms(context.connection, self.modes, forest.feeder)
        look = self._assessment(context.connection, network, context.now)
        look.kept, look.replanned, look.ping = self._memory.kept, replanned, self.ping
        look.everything = everything or bool(replanned)
        assessed = look.run()
        old = context.now - timedelta(days=self.days)
        evidence.forget(context.connection, old)
        if indicators.forget(context.connection, old):
            self._memory.kept.shown = None
        due = assessed.step.due
        if due is not None:
            context.wake_at(max(due, context.now + timedelta(seconds=self.pace)))
        wording = Wording(network, forest, assessed.told, assessed.modes, look.kept.dark)
        yield from self._tell(assessed, wording, context)
        yield from assessed.questions
        yield from self._verify(context)

    def _verify(self, context: Context) -> Iterator[Outgoing]:
        """Have meters confirm what a person calls restored, and tell when they have."""
        connection, network, now = context.connection, context.network, context.now
        called = store.restored_outages(connection)
        confirmed, silent = verify(connection, called, self.sample, now)
        before = {one.mrid: one for one in called}
        for one in confirmed:
            audit.keep_found(connection, before[one.mrid], one, now)
        store.save(connection, confirmed)
        yield from self._notices(Verb.CHANGED, confirmed, context)
        if self.ping and silent:
            again = self._times.verify
            yield from questions(connection, network, silent, self.ping, again, now)

    def _assessment(self, connection: sa.Connection, network: Network, now: datetime) -> Assessment:
        forest = self._memory.forest(network)
        return Assessment(
            connection=connection,
            network=network,
            forest=forest,
            rules=self._rules,
            times=self._times,
            now=now,
            modes=timeline(connection, self.modes, forest.feeder),
            places=partial(self._places, network),
        )

    @property
    def reports(self) -> Sequence[Offer]:
        """Indices of reliability and what is behind them; what is known of one outage, and what
        waits for somebody."""
        return (*offers.OFFERS, *affected.OFFERS, *reports.OFFERS, *weighing.OFFERS)

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """Of the interruptions and outages that are recorded."""
        if name in (affected.AFFECTED, affected.EVIDENCE):
            places = partial(self._places, given.network)
            return affected.answer(name, asked, given, places, self._times.window)
        if name in reports.NAMES:
            return reports.answer(name, asked, given)
        if name == weighing.RULES:
            feeder = self._memory.forest(given.network).feeder
            return weighing.rules(timeline(given.connection, self.modes, feeder), given.now)
        if name == weighing.HYPOTHESES:
            look = self._assessment(given.connection, given.network, given.now)
            return weighing.hypotheses(given, asked["outage"], look.explained)
        return offers.answer(name, asked, given, self.reliability)

    def _tell(self, assessed: Assessed, wording: Wording, context: Context) -> Iterator[Outgoing]:
        step, connection = assessed.step, context.connection
        hand_on(step)
        ended = [replace(o, comment=wording.restored(o, left)) for o, left in step.ended]
        dropped = [(replace(o, comment=wording.ended(o, heir)), heir) for o, heir in step.dropped]
        ended += [o for o, heir in dropped if heir or o.mrid not in assessed.cancelled]
        none = [
            replace(o, state=CANCELLED, comment=wording.cancelled(o))
            for o, heir in dropped
            if not heir and o.mrid in assessed.cancelled
        ]
        said = {
            Verb.CLOSED: ended,
            Verb.CANCELED: none,
            Verb.CHANGED: [replace(o, comment=wording.told(o)) for o in step.changed],
            Verb.CREATED: [replace(o, comment=wording.told(o)) for o in step.created],
        }
        passed = [o if o.comment else replace(o, comment=wording.restored(o, 0))
                  for o in step.passed]  # fmt: skip
        yield from late(connection, passed, context.network)
        store.save(connection, passed)
        for verb, outages in said.items():
            before = {o.mrid: o for o in store.named_outages(connection, [o.mrid for o in outages])}
            for one in outages:
                audit.keep_found(connection, before.get(one.mrid), one, context.now)
            store.save(connection, outages)
            yield from self._notices(verb, outages, context)

    def _notices(
        self, verb: Verb, outages: Sequence[Outage], context: Context
    ) -> Iterator[Outgoing]:
        if not outages:
            return
        without = store.without(context.connection, [one.mrid for one in outages])
        critical = critical_points(context.connection)
        for outage in outages:
            yield Outgoing(verb, notice([outage], without, context.network, critical))

    def _answer(self, message: Message, context: Context) -> Outgoing:
        """The open outages, or those asked for."""
        forest = self._memory.forest(context.network)
        try:
            wanted = Wanted.of(message)
        except Refusal as refusal:
            return Outgoing(Verb.REPLY, reply=failed(refusal.violations), noun=NOUN)
        outages = wanted.found(context, forest)
        without = store.without(context.connection, [one.mrid for one in outages])
        critical = critical_points(context.connection)
        payload = notice(outages, without, context.network, critical)
        return Outgoing(Verb.REPLY, payload, reply=wanted.reply(outages), noun=NOUN)

    def _incidents(self, message: Message, context: Context) -> Iterator[Outgoing]:
        """What is asked of incidents becomes what is told of them, and is kept like that."""
        connection, now = context.connection, context.now
        if message.header.verb is Verb.GET:
            yield incidents.answer(message, connection)
            return
        for said in incidents.handle(message, connection, now, self._bounds):
            yield said
            if isinstance(said.payload, Incidents):
                incidents.record(connection, said.payload, said.verb, context.network, now)
                context.wake_at(now)

    def _carry_out(self, message: Message, context: Context) -> Iterator[Outgoing]:
        forest = self._memory.forest(context.network)
        created = [*self._notices(Verb.CREATED, store.untold(context.connection), context)]
        asked = ordered(message, context, self.modes)
        asked = asked or expected(message, context, forest, self.modes, self._bounds)
        asked = asked or requests.handle(message, context, forest, self._bounds)
        if asked.says_something:
            context.wake_at(context.now)
        yield Outgoing(Verb.REPLY, reply=asked.reply, noun=NOUN)
        yield from created
        for verb in (Verb.CHANGED, Verb.CLOSED, Verb.CANCELED):
            some = [one for one in asked.changed if lifecycle.verb(one) is verb]
            yield from self._notices(verb, [one for one in some if not one.planned], context)

    @cached_property
    def _times(self) -> Times:
        names = ("hold_off", "skew", "nested", "window", "verify", "closing")
        return Times(**{name: timedelta(seconds=getattr(self, name)) for name in names})

    @cached_property
    def _bounds(self) -> Bounds:
        return Bounds(timedelta(days=self.days), timedelta(days=self.ahead))

    @cached_property
    def _rules(self) -> Rules:
        return Rules(**{name: getattr(self, name) for name in PROBABILITIES})

    def _kind(self, source: str | None, code: str, *, late: bool) -> str | None:
        """What an event is evidence of.  A loss of power that is told late is none: by now the
        power is back, or the meter would not be heard, and nobody may be called out for it."""
        meaning = self.codes.meaning(source, code)
        kind = None if meaning is None else _KINDS.get(meaning)
        return None if late and kind == facts.DARK else kind

    def _places(self, network: Network) -> Places:
        return self._memory.places(network, self.indicators)

    @cached_property
    def _served(self) -> Recorder:
        return Recorder(self.reliability)

    @cached_property
    def _memory(self) -> Memory:
        return Memory()
