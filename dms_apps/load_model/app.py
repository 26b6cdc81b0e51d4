"""The load model app: learns how customers draw, and tells what every load draws now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from pydantic import Field
from sqlalchemy import MetaData

from cim.message import Message, Outgoing, Topic, Verb
from cim.model import Model
from cim.network import Network
from cim.times import zoned
from dms_apps.load_model import learning, meters, news, reports, store
from dms_apps.load_model.days import Calendar
from dms_apps.load_model.estimates import Accuracy, Estimating
from dms_apps.load_model.moment import Known, Loads, Points, facts, loads
from dms_apps.load_model.notices import notice
from dms_apps.load_model.profiles import Curve, Profiles
from dms_apps.load_model.tables import metadata
from dms_apps.load_model.telemetered import Telemetered, telemetered
from dms_apps.load_model.weather import Response
from dms_apps.solver.allocation import Rules
from dms_apps.solver.answers import ANALYSIS, NOTHING, answered, options, refused
from dms_apps.solver.given import Given
from dms_apps.solver.live import Lives
from dms_apps.solver.sensors import Sensor, Value, of_model
from hub.interfaces import Asking, Context
from hub.report import Offer, Report, Unanswerable
from hub.settings import Hertz

NAME = "loads"
"""What the Request.Option `analysis` says of it."""
_TOLD = (Verb.CREATED, Verb.CHANGED, Verb.DELETED)
_NOUNS = ("CustomerAgreements", "DayTypes", "WeatherReports", "NetworkModels", "MeasurementValues")
_OF_NOW = "The network is that of now, and telemetry of another time is not used."
UNREADABLE = "2.6"


@dataclass(frozen=True, kw_only=True)
class LoadModelApp:
    """Settings, in `config/apps/load_model.toml`.

    every:     minutes between two tellings of all loads; 0: only on request.
    zone:      time zone in which customers live.
    minutes:   of a slot of a profile.
    seasons:   name -> month and day on which it begins.
    day_types: name of a type of days in DayTypes -> working, saturday, sunday, or another kind.
    classes:   CustomerKind of agreements -> class of profiles.
    default:   the class of customers of whom nothing is told.
    profiles:  class ("" any other) -> kind of day ("" any other) -> values of a day, at equal
               distances and in any unit: assumptions, until profiles are learned.
    spread:    standard deviation of one customer's load as a share of such a value.
    responses: class -> share by which load grows with each degree below `warm` or above `hot`;
               assumptions, until they are learned.
    accuracy:  what each kind of knowledge is worth.
    error:     standard deviation of telemetry, as a share, where nothing says how good a sensor
               is; 0: allocated loads must meet it.
    stale:     seconds that telemetry counts.
    tolerance: to which an allocation meets it, as a share.
    sample:    customers of a class from which to learn each day at most.
    least:     customer-days from which a learned profile counts.
    late:      days after which a day is learned from; later readings of it are not.
    history:   days to learn from when it begins.
    bills:     days that a billed energy counts.
    station:   weather station, by mRID or name; the first by mRID when empty.
    frequency: that of the hub, not of the file; as the models say when None.
    catch_up:  whether it is told of customers, days and weather from before it was added.
    """

    every: Annotated[float, Field(ge=0)] = 15.0
    zone: str = "UTC"
    minutes: Annotated[int, Field(gt=0)] = 30
    seasons: Mapping[str, str] = field(default_factory=lambda: {"year": "01-01"})
    day_types: Mapping[str, str] = field(default_factory=lambda: {"Holiday": "sunday"})
    classes: Mapping[str, str] = field(default_factory=dict)
    default: str = "residential"
    profiles: Mapping[str, Mapping[str, Sequence[float]]] = field(default_factory=dict)
    spread: Annotated[float, Field(ge=0)] = 0.6
    responses: Mapping[str, Response] = field(default_factory=dict)
    accuracy: Accuracy = field(default_factory=Accuracy)
    error: Annotated[float, Field(ge=0)] = 0.0
    stale: Annotated[float, Field(gt=0)] = 900.0
    tolerance: Annotated[float, Field(gt=0)] = 1e-4
    sample: Annotated[int, Field(gt=0)] = 300
    least: Annotated[int, Field(gt=0)] = 30
    late: Annotated[int, Field(ge=1)] = 2
    history: Annotated[int, Field(ge=0)] = 60
    bills: Annotated[float, Field(gt=0)] = 120.0
    station: str = ""
    frequency: Hertz | None = None
    catch_up: bool = True

    def __post_init__(self) -> None:
        self._calendar({})
        for kind, days in self.profiles.items():
            for day, values in days.items():
                try:
                    Curve.assumed(values, 1, self.spread)
                except ValueError as error:
                    raise ValueError(f"profiles.{kind}.{day}: {error}") from None

    @property
    def topics(self) -> frozenset[Topic]:
        """Customers, days, weather, sensors and models; and the request for loads of a moment."""
        told = {Topic(verb, noun) for verb in _TOLD for noun in _NOUNS}
        return frozenset(told | {Topic(Verb.CREATE, "StateVariables")})

    @property
    def tables(self) -> MetaData:
        """Profiles, classes of customers, kinds of days, and temperatures."""
        return metadata

    @property
    def partitions(self) -> int:
        """One: loads are of everything together."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Keep what is told; answer a request at once."""
        if message.header.verb is Verb.CREATE:
            yield from self._answer(message, context)
            return
        news.learn(message, context.connection, self.classes, self.day_types)
        if self.every and message.header.noun == "NetworkModels":
            context.wake_at(context.now)

    def prepare(self, network: Network) -> None:
        """Read the models, which takes long, before the transaction."""
        if network.version:
            self._lives.prepare(network)

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Learn from a day that is due, and tell the loads of now."""
        if not context.network.version:
            return
        self._learn(context)
        found = self._loads(context, context.now)
        if not found.is_of_the_model_alone:
            said = notice(found, context.now, context.network.version)
            yield Outgoing(Verb.CREATED, said)
        if self.every:
            context.wake_at(context.now + timedelta(minutes=self.every))

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """Loads of a moment, or the profiles."""
        if name == "profiles":
            calendar = self._calendar(store.days(given.connection))
            known = self._profiles(given.connection, calendar)
            kinds = sorted({kind for kind, _ in (*known.learned, *known.assumed)})
            return reports.profiles(known, kinds, self._responses(given, calendar), calendar)
        if not given.network.version:
            raise Unanswerable("no model of the network is in force")
        found = self._loads(given, _moment(asked["at"]) if "at" in asked else given.now)
        if name == "zones":
            return reports.zones(found, Given.of(given.network))
        return reports.loads(found, given.network) if name == "loads" else reports.allocation(found)

    # -- loads of a moment

    def _loads(self, at: Context | Asking, moment: datetime) -> Loads:
        """What is telemetered counts for now alone."""
        network, connection = at.network, at.connection
        live = self._lives.of(network, moment)
        layout, given = live.layout, live.given
        series = meters.series(connection, self._named(network))
        known = Known(
            self._kinds(network, connection),
            meters.at_moment(connection, series, moment),
            meters.newest(
                store.recent(connection, moment - timedelta(days=self.bills)),
                meters.bills(connection, series, moment, timedelta(days=self.bills)),
            ),
        )
        of = facts(layout, given, self._points(network), known, self.default)
        seen = Telemetered((), {}, (_OF_NOW,))
        if moment == at.now:
            shown = self._shown(network, connection)
            seen = telemetered(layout, shown, moment, self.error, self.stale)
        rules = Rules(tolerance=self.tolerance, stale=self.stale)
        return loads(layout, given, of, self._estimating(at, moment), seen, moment, rules)

    def _estimating(self, at: Context | Asking, moment: datetime) -> Estimating:
        connection = at.connection
        calendar = self._calendar(store.days(connection))
        profiles = self._profiles(connection, calendar)
        begin = moment - timedelta(days=self.bills + 100)
        times, celsius = store.temperatures(connection, self.station, begin, moment)
        seconds = np.array([one.timestamp() for one in times])

        def mean(start: datetime, end: datetime) -> float | None:
            inside = (seconds >= start.timestamp()) & (seconds < end.timestamp())
            return float(celsius[inside].mean()) if inside.any() else None

        def latest(when: datetime) -> float | None:
            near = [c for t, c in zip(times, celsius.tolist(), strict=True) if t <= when]
            fresh = times and abs(when - times[-1]) <= timedelta(hours=3)
            return near[-1] if near and fresh else None

        responses = self._responses(at, calendar)
        return Estimating(profiles, self.accuracy, responses, latest, mean)

    def _profiles(self, connection: sa.Connection, calendar: Calendar) -> Profiles:
        seen = store.moments(connection, calendar.slots)
        learned = {key: Curve.learned(one) for key, one in seen.items()}
        assumed = {
            (kind, day): Curve.assumed(values, calendar.slots, self.spread)
            for kind, days in self.profiles.items()
            for day, values in days.items()
        }
        return Profiles(calendar, learned, assumed, self.least)

    def _responses(self, at: Context | Asking, calendar: Calendar) -> dict[str, Response]:
        means = self._daily(at.connection, calendar, at.now)
        kinds = sorted({kind for kind, _ in store.moments(at.connection, calendar.slots)})
        return learning.responses(at.connection, kinds, means, self.responses)

    def _daily(
        self, connection: sa.Connection, calendar: Calendar, now: datetime
    ) -> dict[date, float]:
        """Mean temperature of each day."""
        times, celsius = store.temperatures(
            connection, self.station, now - timedelta(days=400), now
        )
        by_day: dict[date, list[float]] = {}
        for when, value in zip(times, celsius.tolist(), strict=True):
            by_day.setdefault(calendar.local(when).date(), []).append(value)
        return {day: float(np.mean(values)) for day, values in by_day.items()}

    def _kinds(self, network: Network, connection: sa.Connection) -> dict[str, str]:
        """Class by mRID of the usage point; of the others nothing is told."""
        point, found = self._named(network), {}
        for called, kind in store.classes(connection).items():
            if at := point(called):
                found[at] = kind
        return found

    # -- learning

    def _learn(self, context: Context) -> None:
        """From the oldest day that is due."""
        connection, calendar = context.connection, self._calendar(store.days(context.connection))
        today = calendar.local(context.now).date()
        days = [today - timedelta(days=n) for n in range(self.history, self.late - 1, -1)]
        known = store.learned_days(connection, days[0]) if days else set()
        due = next((day for day in days if day not in known), None)
        if due is None:
            return
        series = meters.series(connection, self._named(context.network))
        if not any(one.interval for one in series):
            return
        means = self._daily(connection, calendar, context.now)
        teach = learning.Learning(calendar, self.sample, self._responses(context, calendar))
        kinds = {one.point: self.default for one in series}
        kinds |= self._kinds(context.network, connection)
        teach.day(connection, series, kinds, due, means.get(due))
        store.keep_recent(connection, meters.recent(connection, series, *calendar.bounds(due)))
        store.forget(connection, context.now - timedelta(days=800))

    # -- asked

    def _answer(self, message: Message, context: Context) -> Iterator[Outgoing]:
        """The loads of the moment that the request names, of now when it names none."""
        asked = options(message)
        if asked.get(ANALYSIS) != NAME:
            return
        if not context.network.version:
            yield refused(NOTHING, "no model of the network is in force")
            return
        try:
            at = asked.get("at")
            moment = _moment(at) if at else context.now
        except Unanswerable as error:
            yield refused(UNREADABLE, str(error))
            return
        found = self._loads(context, moment)
        reply = answered(found.missing, found.remarks)
        payload = notice(found, context.now, context.network.version)
        yield Outgoing(Verb.REPLY, payload, reply=reply)

    def _calendar(self, holidays: Mapping[date, str]) -> Calendar:
        return Calendar(ZoneInfo(self.zone), self.seasons, holidays, self.minutes)

    def _shown(self, network: Network, connection: sa.Connection) -> dict[Sensor, Value]:
        """Sensors of flows with what they show; what a model says of one counts before messages."""
        kept = self._sensors
        if not kept or kept[0][0] is not network.models:
            models = [network.model(mrid) for mrid in network.version]
            own = [one for model in models for one in of_model(model)[0] if one.quantity != "V"]
            kept[:] = [(network.models, own)]
        named = {called for one in kept[0][1] for called in (one.mrid, one.name)}
        told = [one for mrid, one in store.sensors(connection).items() if mrid not in named]
        found = {one: network.measurement(one.mrid) for one in (*kept[0][1], *told)}
        return {one: Value.of(value) for one, value in found.items() if value is not None}

    def _points(self, network: Network) -> Points:
        kept = self._read
        if not kept or kept[0][0] is not network.models:
            kept[:] = [(network.models, Points.read(network))]
        return kept[0][1]

    def _named(self, network: Network) -> meters.Point:
        """Usage points by what they or their meters are called, looked up once in a model."""
        kept = self._looked_up
        if not kept or kept[0][0] is not network.models:
            kept[:] = [(network.models, {})]
        known = kept[0][1]

        def point(called: str) -> str | None:
            if called not in known:
                known[called] = network.usage_point_of(called)
            return known[called]

        return point

    @cached_property
    def _looked_up(self) -> list[tuple[Mapping[str, Model], dict[str, str | None]]]:
        return []

    @cached_property
    def _lives(self) -> Lives:
        return Lives(self.frequency)

    @cached_property
    def _sensors(self) -> list[tuple[Mapping[str, Model], list[Sensor]]]:
        return []

    @cached_property
    def _read(self) -> list[tuple[Mapping[str, Model], Points]]:
        return []


def _moment(text: str) -> datetime:
    """Raises: Unanswerable."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unanswerable(f"{text!r} is no time of ISO 8601", "at") from None
    return zoned(moment)
