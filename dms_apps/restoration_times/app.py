"""The app of restoration times: estimates them, tells them, and keeps how good they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import Connection, MetaData

from cim.message import Message, Outgoing, Topic, Verb
from cim.network import Network
from cim.profiles.crews import Crews
from cim.profiles.outages import MERGED
from cim.profiles.trouble_orders import TroubleOrders
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from dms_apps.restoration_times import reports, store
from dms_apps.restoration_times.estimates import OURS, Estimate, Situation, estimates, rounded
from dms_apps.restoration_times.history import History, Step
from dms_apps.restoration_times.joint import latest
from dms_apps.restoration_times.notices import wanted
from dms_apps.restoration_times.overrides import ZONE, Override, Overrides
from dms_apps.restoration_times.store import Row
from dms_apps.restoration_times.tables import metadata
from dms_apps.restoration_times.told import assessed, columns, steps
from hub.interfaces import Asking, Context
from hub.report import Offer, Report

_CREWS = "crews"
"""Header.Source of the app that knows what damage assessment says: when others plan to do the work
says nothing of how long it takes."""
_OVER = frozenset({Verb.CLOSED, Verb.CANCELED, Verb.DELETED})


@dataclass(frozen=True, kw_only=True)
class RestorationTimesApp:
    """Settings, in `config/apps/restoration_times.toml`.

    share:    of outages that are to be over by the time told.
    least:    how many outages alike the past must have, for zone, kind, hour and weather to count.
    hours:    length of the parts of the day that are held apart.
    whole, travel, repair: minutes, as long as too little is known.
    storm:    open outages from which there is a storm; its outages are a past of their own.
    hold:     minutes into an outage, in a storm, before which no time is told, unless a crew has
              looked at an outage of the zone.
    together: in a storm, "latest": all outages of a zone that wait get the time of the last one;
              "latest of kind": all of a zone and kind of device; "each": their own.
    rounding: minutes to whose next multiple a time is told.
    moved:    minutes by which another estimate differs, to be told.
    every:    minutes between two looks at open outages.
    settle:   seconds after news, before estimates are made.
    keep:     days of the past that count.
    overrides: times that go before estimates (`overrides.Override`).
    catch_up: whether it learns, when it is added, from the outages that the hub knows.

    A time that somebody else has told, a crew or a dispatcher, is left as it is; what was told of
    all outages of a zone is that of those that follow in it, too, until it has passed, or the last
    outage that has it is over: a new storm is another one.
    """

    share: Annotated[float, Field(gt=0, lt=1)] = 0.8
    least: Annotated[int, Field(ge=1)] = 20
    hours: Annotated[int, Field(ge=1, le=24)] = 6
    whole: Annotated[float, Field(gt=0)] = 120.0
    travel: Annotated[float, Field(gt=0)] = 30.0
    repair: Annotated[float, Field(gt=0)] = 90.0
    storm: Annotated[int, Field(ge=1)] = 50
    hold: Annotated[float, Field(ge=0)] = 240.0
    together: Literal["each", "latest", "latest of kind"] = "each"
    rounding: Annotated[int, Field(ge=1)] = 15
    moved: Annotated[float, Field(ge=0)] = 30.0
    every: Annotated[float, Field(gt=0)] = 10.0
    settle: Annotated[float, Field(ge=0)] = 5.0
    keep: Annotated[float, Field(gt=0)] = 1100.0
    overrides: Mapping[str, Override] = field(default_factory=dict)
    catch_up: bool = True

    @property
    def topics(self) -> frozenset[Topic]:
        """What becomes of outages, how long their repair takes, and which crews there are."""
        verbs = {Verb.CREATED, Verb.CHANGED} | _OVER
        heard = {Topic(v, n) for v in verbs for n in ("UnplannedOutages", "Crews")}
        orders = {Topic(verb, "TroubleOrders") for verb in (Verb.CREATED, Verb.CHANGED)}
        return frozenset(heard | orders)

    @property
    def tables(self) -> MetaData:
        return metadata

    @property
    def partitions(self) -> int:
        """One: crews are shared by all outages."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Keep what is new; estimates are made when it has settled."""
        verb = message.header.verb
        match message.payload:
            case UnplannedOutages() as outages:
                at = message.header.timestamp or context.now
                for one in outages.unplanned_outage:
                    self._outage(one, verb, one.last_modified_date_time or at, context)
            case Crews() as crews:
                at = message.header.timestamp or context.now
                for crew in crews.crew:
                    store.keep_crew(context.connection, crew, verb, at)
            case TroubleOrders() as orders if message.header.source == _CREWS:
                at = message.header.timestamp or context.now
                for outage, seconds in assessed(orders):
                    store.keep_assessed(context.connection, outage, seconds, at)
        context.wake_at(context.now + timedelta(seconds=self.settle))
        return ()

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Estimate all that is open, and tell what is news."""
        connection, now = context.connection, context.now
        store.prune(connection, now - timedelta(days=self.keep))
        outages = store.open_outages(connection)
        if not outages:
            return
        here = self._situation(connection, len(outages), now)
        for row in outages:
            if row.storm != here.storm:
                store.keep(connection, row.mrid, {"storm": here.storm}, new=False)
        found = self._estimates(outages, here, context.network)
        tellable = [(row, found[row.mrid]) for row in self._tellable(outages, here)]
        yield from wanted((row.mrid, one) for row, one in tellable if self._is_news(row, one, now))
        passing = [row.ert for row in outages if row.ert is not None and row.ert > now]
        context.wake_at(min([now + timedelta(minutes=self.every), *passing]))

    # -- reports

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """The estimates of now, or how good those of the past were."""
        if name == reports.ACCURACY:
            return reports.accuracy(given.connection, asked, given.now)
        outages = store.open_outages(given.connection)
        here = self._situation(given.connection, len(outages), given.now)
        found = self._estimates(outages, here, given.network)
        return reports.expected(outages, found, given.network, given.now)

    # -- what is told of outages

    def _outage(self, one: UnplannedOutage, verb: Verb, as_of: datetime, context: Context) -> None:
        identity = one.mrid or next((n.name for n in one.names), "")
        connection = context.connection
        before = store.outage_of(connection, identity) if identity else None
        if not identity or (before is not None and before.as_of > as_of):
            return
        if before is None:
            gone_at = store.last_heard(connection, store.OUTAGES, identity)
            if gone_at is not None and gone_at >= as_of:
                return
        is_merged = one.status is not None and one.status.value == MERGED
        if is_merged or verb in (Verb.CANCELED, Verb.DELETED):
            store.remove(connection, identity, as_of)
            return
        values = columns(one, before, as_of, context.network, over=verb is Verb.CLOSED)
        if verb is Verb.CLOSED:
            period = one.actual_period
            values["ended_at"] = (period.end if period else None) or as_of
        store.keep(connection, identity, values, new=before is None)
        row = store.outage_of(connection, identity)
        if row is not None and row.ended_at is not None:
            store.keep_steps(connection, steps(row))

    # -- estimates

    def _situation(self, connection: Connection, outages: int, now: datetime) -> Situation:
        known, here = store.crews(connection, now)
        crews = max(here, 1) if known else 0
        work = store.assessments(connection)
        return Situation(now, self._history(connection), crews, outages >= self.storm, work)

    def _history(self, connection: Connection) -> History:
        """The past; made anew when it has grown."""
        state, kept = store.steps_state(connection), self._kept
        if not kept or kept[0][0] != state:
            minutes = {Step.WHOLE: self.whole, Step.TRAVEL: self.travel, Step.REPAIR: self.repair}
            history = History(
                store.steps(connection),
                {step: 60 * some for step, some in minutes.items()},
                share=self.share,
                least=self.least,
                hours=self.hours,
            )
            kept[:] = [(state, history)]
        return kept[0][1]

    @cached_property
    def _kept(self) -> list[tuple[tuple[Any, ...], History]]:
        return []

    def _estimates(
        self, outages: Sequence[Row], here: Situation, network: Network
    ) -> Mapping[str, Estimate]:
        found = estimates(outages, here)
        if here.storm and self.together != "each":
            found = latest(outages, found, by_kind=self.together == "latest of kind")
        overrides = Overrides(self.overrides, network, here.now, here.storm)
        return {
            mrid: one if one.source == ZONE else replace(one, at=self._rounded(one.at, here.now))
            for mrid, one in overrides.applied(outages, found).items()
        }

    def _rounded(self, at: datetime, now: datetime) -> datetime:
        return rounded(max(at, now), self.rounding)

    def _tellable(self, outages: Sequence[Row], here: Situation) -> Iterator[Row]:
        """Those of which a time may be told."""
        seen = {row.zone for row in outages if row.arrived_at is not None}
        for row in outages:
            if row.ert is not None and row.ert_source not in OURS:
                continue
            old = here.now - row.started_at >= timedelta(minutes=self.hold)
            if not here.storm or row.zone in seen or old:
                yield row

    def _is_news(self, row: Row, one: Estimate, now: datetime) -> bool:
        told: datetime | None = row.ert
        if one.source == ZONE:
            return True
        if told is None or told <= now:
            return told != one.at
        return abs(one.at - told) >= timedelta(minutes=self.moved)
