"""The power quality app: voltages of every day, judged by limits; disturbances, classed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from itertools import groupby
from typing import Annotated
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy import MetaData

from cim.codes import Codes
from cim.message import Message, Outgoing, Topic, Verb
from cim.network import Network
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.measurement_values import MeasurementValues
from dms_apps.power_quality import events, measurements, reading, reports, store
from dms_apps.power_quality.disturbances import Disturbance
from dms_apps.power_quality.limits import Limit
from dms_apps.power_quality.measurements import Described
from dms_apps.power_quality.notices import notice
from dms_apps.power_quality.store import Progress
from dms_apps.power_quality.tables import metadata
from hub.interfaces import Asking, Context
from hub.report import Offer, Report

_SOON = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class PowerQualityApp:
    """Settings, in `config/apps/power_quality.toml`.

    zone:     time zone whose days are judged.
    late:     days after which a day is read; later values of it do not count.
    history:  days to read when it begins.
    batch:    places that are read at once.
    keep:     days that values and disturbances are kept.
    every:    minutes between two looks for a day that is due.
    usual:    nominal volts of meters, where what the model says is far from what is measured.
    types:    Measurement.measurementType -> thd, pst or plt.
    residual, duration: names of details of events, for per cent of nominal and seconds.
    limits:   what must be kept.
    catch_up: whether it is told of events and measurements from before it was added.
    codes:    what the codes of each source say, `[codes.<source>]` of `hub.toml`.
    """

    zone: str = "UTC"
    late: Annotated[int, Field(ge=1)] = 1
    history: Annotated[int, Field(ge=1)] = 8
    batch: Annotated[int, Field(gt=0)] = 500
    keep: Annotated[int, Field(gt=0)] = 400
    every: Annotated[float, Field(gt=0)] = 60.0
    usual: tuple[float, ...] = (120.0, 208.0, 230.0, 240.0, 277.0, 347.0, 400.0, 480.0, 600.0)
    types: Mapping[str, str] = field(
        default_factory=lambda: {"THD": "thd", "Pst": "pst", "Plt": "plt"}
    )
    residual: tuple[str, ...] = ("residualVoltage", "magnitude")
    duration: tuple[str, ...] = ("duration",)
    limits: tuple[Limit, ...] = ()
    catch_up: bool = True
    codes: Codes = field(default_factory=Codes)

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        names = [limit.name for limit in self.limits]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"limits: {twice} is there twice")

    @property
    def topics(self) -> frozenset[Topic]:
        """Events of meters, measurements; and models, with which it begins."""
        return frozenset(
            {
                Topic(Verb.CREATED, "EndDeviceEvents"),
                Topic(Verb.CREATED, "MeasurementValues"),
                Topic(Verb.CREATED, "NetworkModels"),
                Topic(Verb.CHANGED, "NetworkModels"),
            }
        )

    @property
    def tables(self) -> MetaData:
        """Values by day, disturbances, and limits that are not kept."""
        return metadata

    @property
    def partitions(self) -> int:
        """One: days are read one after the other."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Keep disturbances, and what measurements are of; days are read when they are over."""
        if isinstance(message.payload, MeasurementValues):
            told = measurements.of_message(message.payload, self.types)
            store.keep_measurements(context.connection, told)
            return ()
        context.wake_at(context.now + _SOON)
        if isinstance(message.payload, EndDeviceEvents):
            meaning = partial(self.codes.meaning, message.header.source)
            network, connection = context.network, context.connection
            how = events.Reading(self.residual, self.duration, meaning, network.usage_point_of)
            for one in how.found(message.payload):
                if isinstance(one, Disturbance):
                    store.add(connection, [one])
                else:
                    store.ended(connection, one.place, one.at)
        return ()

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Read some places of the day that is due; when it is done, judge."""
        connection, network = context.connection, context.network
        due = self._due(connection, context.now)
        every = self._series(due, context) if due is not None and network.version else []
        if due is None or not every:
            context.wake_at(context.now + timedelta(minutes=self.every))
            return
        after = self._read(due, every, context)
        store.keep_progress(connection, after)
        context.wake_at(context.now + _SOON)
        if after.is_done:
            self._listed.clear()
            yield from self._judge(due.date, context)
            before = due.date - timedelta(days=self.keep)
            store.forget(connection, before, context.now - timedelta(days=self.keep))

    def _due(self, connection: sa.Connection, now: datetime) -> Progress | None:
        """The first day that is over and not read to its end."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        days = [today - timedelta(days=n) for n in range(self.history, self.late - 1, -1)]
        known = store.progress(connection, days[0]) if days else {}
        begun = (known.get(day, Progress(day)) for day in days)
        return next((one for one in begun if not one.is_done), None)

    def _series(self, due: Progress, context: Context) -> list[reading.Series]:
        """All series of voltage and the like, listed once for each day."""
        kept, network = self._listed, context.network
        if not kept or not kept[0][2] or kept[0][:2] != (due.date, network.version):
            found = reading.series(
                context.connection,
                network.usage_point_of,
                {**store.measurements(context.connection), **self._described(network)},
                measurements.places(network),
            )
            kept[:] = [(due.date, network.version, found)]
        return kept[0][2]

    def _read(self, due: Progress, every: Sequence[reading.Series], context: Context) -> Progress:
        connection, network = context.connection, context.network
        places = {
            place: list(some)
            for place, some in groupby((s for s in every if s.place > due.after), lambda s: s.place)
        }
        now = dict(list(places.items())[: self.batch])
        left_out, guessed = due.left_out, due.guessed
        bounds = _bounds(due.date, ZoneInfo(self.zone))
        level = partial(_level, network)
        for one in reading.day(connection, now, bounds, level, self.usual):
            left_out += one.nominal is None
            guessed += one.nominal is not None and one.nominal != level(one.place)
            for (quantity, phase), values in one.values.items():
                key = one.place, quantity, phase
                store.keep_day(connection, key, due.date, one.nominal or 0.0, values)
            store.add(connection, one.disturbances)
        return Progress(due.date, max(now, default=""), len(now) == len(places), left_out, guessed)

    def _judge(self, last: date, context: Context) -> Iterator[Outgoing]:
        """What begins to be broken, and what is kept again."""
        connection, network, now = context.connection, context.network, context.now
        before = store.broken(connection)
        found = {
            (place, phase, verdict.limit.name): verdict.share
            for place, phase, verdict in reports.verdicts(connection, last, self.limits)
            if not verdict.is_kept
        }
        lasting = {key: (before.get(key, (now, 0.0))[0], share) for key, share in found.items()}
        store.keep_broken(connection, lasting)
        limits = {limit.name: limit for limit in self.limits}
        begun = {key: one for key, one in lasting.items() if key not in before}
        over = {key: one for key, one in before.items() if key not in lasting}
        for verb, some, cleared in ((Verb.CREATED, begun, False), (Verb.CLOSED, over, True)):
            payload = notice(some, limits, network, now, cleared=cleared)
            if payload.limit_violation:
                yield Outgoing(verb, payload)

    # -- reports

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """Of the days that are read, or of disturbances up to now."""
        connection, network, now = given.connection, given.network, given.now
        if name == "disturbances":
            return reports.disturbances(connection, network, now, reports.span(asked))
        if name == "classes":
            return reports.classes(connection, now, reports.span(asked))
        today = now.astimezone(ZoneInfo(self.zone)).date()
        known = store.progress(connection, today - timedelta(days=self.keep))
        done = [one for one in known.values() if one.is_done]
        last = max((one.date for one in done), default=today)
        remarks = _remarks(known[last]) if last in known else []
        if name == "indices":
            return reports.indices(connection, network, last, reports.span(asked), remarks)
        return reports.compliance(connection, network, last, self.limits, remarks)

    def _described(self, network: Network) -> Mapping[str, Described]:
        kept = self._known
        if not kept or kept[0][0] is not network.models:
            own = measurements.of_models(network, self.types)
            kept[:] = [(network.models, {one.called: one for one in own})]
        return kept[0][1]

    @cached_property
    def _listed(self) -> list[tuple[date, tuple[str, ...], list[reading.Series]]]:
        return []

    @cached_property
    def _known(self) -> list[tuple[object, Mapping[str, Described]]]:
        return []


def _remarks(day: Progress) -> list[str]:
    """Which places of a day are not judged by what the model says."""
    found = []
    if day.left_out:
        found.append(f"{day.left_out:,} places of {day.date} are left out: their nominal voltage is"
                     " not known.")  # fmt: skip
    if day.guessed:
        found.append(f"{day.guessed:,} places of {day.date} are judged by the usual voltage nearest"
                     " to theirs, which may hide how far they are off.")  # fmt: skip
    return found


def _level(network: Network, place: str) -> float | None:
    """Volts between phases of a usage point or node."""
    return network.voltage_level(place) if network.knows(place) else None


def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    after = day + timedelta(days=1)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    end = datetime(after.year, after.month, after.day, tzinfo=zone)
    return start.astimezone(UTC), end.astimezone(UTC)
