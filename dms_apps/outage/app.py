"""The outage app: last gasps and switch positions become outages, with the reason for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property, partial

from sqlalchemy import MetaData

from cim.codes import Codes, Meaning
from cim.message import Error, Level, Message, Outgoing, Reply, Result, Topic, Verb
from cim.network import Network
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.network_models import NetworkModels
from cim.profiles.switching_events import SwitchingEvents
from dms_apps.outage import evidence, store
from dms_apps.outage.assessment import Found, View, assess
from dms_apps.outage.critical import critical_points, record_critical
from dms_apps.outage.forest import Forest
from dms_apps.outage.notices import notice
from dms_apps.outage.outages import Outage, Patience, Step, advance
from dms_apps.outage.prediction import Rules
from dms_apps.outage.tables import metadata
from dms_apps.outage.wording import Wording
from hub.interfaces import Context

NOUN = "UnplannedOutages"
_KINDS = {
    Meaning.POWER_OUT: evidence.DARK,
    Meaning.POWER_RESTORED: evidence.RESTORED,
    Meaning.POWER_ON: evidence.ALIVE,
}


@dataclass(frozen=True, kw_only=True)
class OutageApp:
    """Settings, in `config/apps/outage.toml`.

    hold_off: seconds an outage must be believed in before it is told (shorter interruptions are
              momentary), and without news before a restoration counts as settled.
    pace:     least seconds between two assessments.
    skew:     seconds that the clocks of meters and switches may differ.
    nested:   seconds after the closing of a switch in which a loss of power below it counts as left
              over from the outage before.
    codes:    what the codes of each source say, `[codes.<source>]` of `hub.toml`.
    delivery, rarity, device_share, transformer_share: see `prediction.Rules`.
    """

    hold_off: float = 60.0
    pace: float = 1.0
    skew: float = 60.0
    nested: float = 1800.0
    codes: Codes = field(default_factory=Codes)
    delivery: float = 0.5
    rarity: float = 0.001
    device_share: float = 0.2
    transformer_share: float = 0.0

    @property
    def topics(self) -> frozenset[Topic]:
        """What it listens to, and the question it answers."""
        return frozenset(
            {
                Topic(Verb.CREATED, "EndDeviceEvents"),
                Topic(Verb.CREATED, "SwitchingEvents"),
                Topic(Verb.CREATED, "NetworkModels"),
                Topic(Verb.GET, NOUN),
            }
        )

    @property
    def tables(self) -> MetaData:
        """Reports, switch positions and outages."""
        return metadata

    @property
    def partitions(self) -> int:
        """One: an outage follows from the reports of many meters."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Keep what is reported and assess it later; answer questions at once."""
        connection, now = context.connection, context.now
        soon = now + timedelta(seconds=self.pace)
        match message.payload:
            case EndDeviceEvents() as events:
                kind = partial(self._kind, message.header.source, late=message.header.is_late)
                news = evidence.record_meters(connection, events, kind, now)
                if news - {evidence.DARK}:
                    context.wake_at(soon)
                elif news:
                    context.wake_at(now + self._hold_off)
            case SwitchingEvents() as events:
                if evidence.record_switches(connection, events, context.network, now):
                    context.wake_at(soon)
            case NetworkModels() as models:
                record_critical(connection, models)
                context.wake_at(soon)
            case _ if message.header.verb is Verb.GET:
                yield self._answer(message, context)

    def prepare(self, network: Network) -> None:
        """Grow the forest of a network that is new."""
        self._forests.of(network)

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Assess what is known and tell what is new."""
        connection, network = context.connection, context.network
        told = store.open_outages(connection)
        evidence.prune(connection)
        since = min((outage.started_at for outage in told), default=None)
        known = evidence.load(connection, network, timedelta(seconds=self.nested), since)
        forest = self._forests.of(network)

        def assessed(held: frozenset[str]) -> list[Found]:
            return assess(self._view(network, forest, known, held))

        patience = Patience(now=context.now, hold_off=self._hold_off)
        step = _worded(advance(told, known, patience, assessed), Wording(network, forest, known))
        if step.due is not None:
            context.wake_at(max(step.due, context.now + timedelta(seconds=self.pace)))
        yield from self._tell(step, context)

    def _tell(self, step: Step, context: Context) -> Iterator[Outgoing]:
        ended = [outage for outage, _ in (*step.restored, *step.dropped)]
        critical = critical_points(context.connection)
        for verb, outages in (
            (Verb.CLOSED, ended),
            (Verb.CHANGED, step.changed),
            (Verb.CREATED, step.created),
        ):
            store.save(context.connection, outages)
            for outage in outages:
                yield Outgoing(verb, notice([outage], context.network, critical))

    def _answer(self, message: Message, context: Context) -> Outgoing:
        """The open outages, or those asked for by id."""
        asked = [i.value for i in message.request.ids] if message.request else []
        if asked:
            outages = store.named_outages(context.connection, asked)
        else:
            outages = store.open_outages(context.connection)
        missing = sorted(set(asked) - {outage.mrid for outage in outages})
        payload = notice(outages, context.network, critical_points(context.connection))
        return Outgoing(Verb.REPLY, payload, reply=_reply(missing, bool(outages)), noun=NOUN)

    def _view(
        self, network: Network, forest: Forest, known: evidence.Evidence, held: frozenset[str]
    ) -> View:
        return View(
            network=network,
            forest=forest,
            evidence=known,
            rules=self._rules,
            skew=timedelta(seconds=self.skew),
            nested=timedelta(seconds=self.nested),
            held=held,
        )

    @property
    def _hold_off(self) -> timedelta:
        return timedelta(seconds=self.hold_off)

    @cached_property
    def _rules(self) -> Rules:
        return Rules(
            delivery=self.delivery,
            rarity=self.rarity,
            device_share=self.device_share,
            transformer_share=self.transformer_share,
        )

    def _kind(self, source: str | None, code: str, *, late: bool) -> str | None:
        """What an event is evidence of.  A loss of power that is told late is none: by now the
        power is back, or the meter would not be heard, and nobody may be called out for it."""
        meaning = self.codes.meaning(source, code)
        kind = None if meaning is None else _KINDS.get(meaning)
        return None if late and kind == evidence.DARK else kind

    @cached_property
    def _forests(self) -> _Forests:
        return _Forests()


class _Forests:
    """The forest of the latest network seen; making one takes a look at all usage points."""

    def __init__(self) -> None:
        self._latest: tuple[Network, Forest] | None = None

    def of(self, network: Network) -> Forest:
        of, forest = self._latest or (None, None)
        if forest is None or network is not of:
            forest = Forest.of(network, forest)
            self._latest = network, forest
        return forest


def _worded(step: Step, wording: Wording) -> Step:
    """The step with a sentence for each outage."""

    def told(outages: list[Outage]) -> list[Outage]:
        return [replace(outage, comment=wording.told(outage)) for outage in outages]

    return Step(
        created=told(step.created),
        changed=told(step.changed),
        restored=[(replace(o, comment=wording.restored(o, n)), n) for o, n in step.restored],
        dropped=[(replace(o, comment=wording.ended(o, heir)), heir) for o, heir in step.dropped],
        due=step.due,
    )


def _reply(missing: list[str], found: bool) -> Reply:
    if not missing:
        return Reply(result=Result.OK)
    errors = tuple(
        Error(code="2.15", level=Level.FATAL, reason=f"There is no outage {mrid}.")
        for mrid in missing
    )
    return Reply(result=Result.PARTIAL if found else Result.FAILED, errors=errors)
