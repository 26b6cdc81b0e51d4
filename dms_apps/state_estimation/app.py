"""The state estimation app: the most likely state of the network, what in its measurements is bad,
and which meters are worth a reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import MetaData

from cim.message import STATED, Message, Outgoing, Topic, Verb
from cim.network import Network
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.meter_readings import MeterReadings
from cim.profiles.state_variables import StateVariables
from dms_apps.solver import estimated as estimated_loads
from dms_apps.solver.answers import ANALYSIS, FAILED, NOTHING, answered, options, refused
from dms_apps.solver.assumptions import assumed
from dms_apps.solver.given import Given
from dms_apps.solver.live import Live, Lives
from dms_apps.solver.sensors import Sensor, Value, of_message
from dms_apps.solver.state import rows_of, state_variables
from dms_apps.state_estimation import notices, positions, reports, store
from dms_apps.state_estimation.bellwether import chosen
from dms_apps.state_estimation.estimation import Estimated, How, estimated
from dms_apps.state_estimation.live import Meters
from dms_apps.state_estimation.measurements import Accuracy, Origin
from dms_apps.state_estimation.readings import is_read, read
from dms_apps.state_estimation.tables import load, metadata
from hub.interfaces import Asking, Context
from hub.report import Offer, Report
from hub.settings import Hertz

NAME = "state-estimation"
"""What the Request.Option `analysis` says of it."""
Share = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, kw_only=True)
class StateEstimationApp:
    """Settings, in `config/apps/state_estimation.toml`.

    every:   minutes between two estimates; 0: none by schedule.
    settle:  seconds after a change of the network until it is estimated.
    method:  "squares", "huber" or "absolute" (see `estimation.How`).
    limit:   normalised residual above which a measurement is bad.
    stale:   minutes that a measured value counts.
    volts, amperes, power, load, source: standard deviations as shares (see `Accuracy`).
    flows:   whose powers are told: of "injections" (loads, generators, sources), "all", "none".
    forming: mRIDs or names of generators that may hold the voltage of an island of their own.
    loads:   sources of StateVariables from which powers of loads are taken.
    old:     hours that such powers, and measured tap positions, count.
    frequency: that of the hub, not of the file; as the models say when None.
    bellwethers: meters that are asked for a reading now and then; 0: none.
    ask_every: hours between two such requests.
    reading_types: what they are asked for.
    """

    every: Annotated[float, Field(ge=0)] = 15.0
    settle: Annotated[float, Field(ge=0)] = 5.0
    method: Literal["squares", "huber", "absolute"] = "squares"
    limit: Share = 4.0
    stale: Share = 30.0
    volts: Share = 0.005
    amperes: Share = 0.01
    power: Share = 0.02
    load: Share = 0.3
    source: Share = 0.02
    flows: Literal["injections", "all", "none"] = "injections"
    forming: tuple[str, ...] = ()
    loads: tuple[str, ...] = ("load_model",)
    old: Share = 24.0
    frequency: Hertz | None = None
    bellwethers: Annotated[int, Field(ge=0)] = 0
    ask_every: Share = 24.0
    reading_types: tuple[str, ...] = ("0.0.0.12.0.1.54.0.0.0.0.0.0.0.128.0.29.0",)

    @property
    def topics(self) -> frozenset[Topic]:
        """What changes the network, what is measured, estimated loads, and requests."""
        nouns = ("NetworkModels", "PSREvents", "SwitchingEvents")
        stated = {Topic(verb, noun) for verb in STATED for noun in nouns}
        stated |= {Topic(Verb.DELETED, "NetworkModels"), Topic(Verb.CREATED, "MeasurementValues")}
        stated |= {Topic(Verb.CREATED, "MeterReadings")}
        states = {Topic(Verb.CREATED, "StateVariables"), Topic(Verb.CREATE, "StateVariables")}
        return frozenset(stated | states)

    @property
    def tables(self) -> MetaData:
        """Sensors with their latest values, what was bad, and estimated loads."""
        return metadata

    @property
    def partitions(self) -> int:
        """One: a state is of everything together."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Note what is measured; estimate soon what has changed; answer a request at once."""
        payload = message.payload
        if message.header.verb is Verb.CREATE:
            yield from self._answer(message, context)
        elif isinstance(payload, MeasurementValues):
            self._note(dict(_shown(payload, message)), context)
        elif isinstance(payload, MeterReadings):
            loads = self._meters.loads(context.network)
            self._note(dict(read(payload, context.network, loads)), context)
        elif isinstance(payload, StateVariables):
            self._learn(payload, message.header.source or "", context)
        else:
            context.wake_at(context.now + timedelta(seconds=self.settle))

    def prepare(self, network: Network) -> None:
        """Read the models, which takes long, before the transaction."""
        if network.version:
            self._lives.prepare(network)
            self._meters.prepare(network)

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Estimate, and tell what was found."""
        if not context.network.version:
            return
        live, found = self._found(context.network, context.now, context)
        yield Outgoing(Verb.CREATED, self._noun(found, context.network, context.now))
        if found.cleaned is not None and found.solution.converged:
            yield from self._told(found, context)
            yield from self._asked(live, found, context)
        if self.every:
            context.wake_at(context.now + timedelta(minutes=self.every))

    # -- reports

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """Estimate the network of now, and show it."""
        live, found = self._found(given.network, given.now, given)
        return reports.report(name, asked, reports.Shown(live, found, given.network, given.now))

    # -- estimating

    def _found(
        self, network: Network, now: datetime, at: Context | Asking, given: Given | None = None
    ) -> tuple[Live, Estimated]:
        live = self._lives.of(network, now)
        since = now - timedelta(hours=self.old)
        loads = estimated_loads.given(at.connection, load, since, live.layout)
        whole = loads.over(live.given)
        whole = whole if given is None else given.over(whole)
        live = replace(live, given=whole)
        said = self._meters.telemetry(network, store.values(at.connection), now)
        return live, estimated(live.layout, live.given, said, self._how)

    @cached_property
    def _how(self) -> How:
        accuracy = Accuracy(
            volts=self.volts,
            amperes=self.amperes,
            power=self.power,
            load=self.load,
            source=self.source,
        )
        return How(
            method=self.method,
            limit=self.limit,
            stale=timedelta(minutes=self.stale),
            accuracy=accuracy,
        )

    def _noun(self, found: Estimated, network: Network, now: datetime) -> StateVariables:
        rows = rows_of(found.solution.layout, self.flows)
        return state_variables(found.solution, network, now, case(found), rows=rows)

    # -- told and asked

    def _told(self, found: Estimated, context: Context) -> Iterator[Outgoing]:
        """Measurements that are bad from now on, and those that fit again; positions, too."""
        sensors = self._meters.sensors(context.network, store.values(context.connection))
        now = {one for one in _bad(found) if not is_read(one)}
        now |= {one.mrid for one in found.contradicted}
        before = store.bad(context.connection)
        begun = [one for one in sorted(now) if one not in before and one in sensors]
        over = [one for one in sorted(before) if one not in now]
        store.keep_bad(context.connection, begun, over, context.now)
        fits = [sensors[one] for one in over if one in sensors]
        for some, suspect in (([sensors[one] for one in begun], True), (fits, False)):
            if some:
                payload = notices.quality(some, context.now, suspect=suspect)
                yield Outgoing(Verb.CHANGED, payload)

    def _asked(self, live: Live, found: Estimated, context: Context) -> Iterator[Outgoing]:
        """The bellwether meters, when it is time to read them."""
        last = store.bellwethers_at(context.connection)
        due = last is None or context.now - last >= timedelta(hours=self.ask_every)
        if not self.bellwethers or not due:
            return
        places = notices.metered_places(live.layout, notices.usage_points(context.network))
        choice = chosen(found, places, self.bellwethers, self.volts)
        asked = notices.read_now(choice, places, self.reading_types, context.network)
        if asked is not None:
            store.keep_bellwethers_at(context.connection, context.now)
            yield asked

    def _note(self, told: Mapping[Sensor, Value], context: Context) -> None:
        """They count in the next estimate."""
        store.keep_values(context.connection, told)
        if self.every:
            context.wake_at(context.now + timedelta(minutes=self.every))

    def _learn(self, said: StateVariables, source: str, context: Context) -> None:
        """Powers of loads that another application has estimated."""
        if source in self.loads:
            estimated_loads.learn(context.connection, load, said)

    def _answer(self, message: Message, context: Context) -> Iterator[Outgoing]:
        """The state as it is, or with the positions and loads of the request."""
        if options(message).get(ANALYSIS) != NAME:
            return
        network = context.network
        if not network.version:
            yield refused(NOTHING, "no model of the network is in force")
            return
        given, strays = None, tuple[str, ...]()
        if isinstance(message.payload, StateVariables):
            layout = self._lives.of(network, context.now).layout
            given, strays = assumed(message.payload, layout)
        live, found = self._found(network, context.now, context, given)
        if not found.solution.converged:
            yield refused(FAILED, found.solution.remarks[0])
            return
        said = answered(strays, (*found.solution.remarks, *live.remarks))
        yield Outgoing(Verb.REPLY, self._noun(found, network, context.now), reply=said)

    @cached_property
    def _lives(self) -> Lives:
        return Lives(self.frequency, self.forming, timedelta(hours=self.old))

    @cached_property
    def _meters(self) -> Meters:
        return Meters()


def case(found: Estimated) -> str:
    """What was estimated, from what, and how well it fits; a sentence."""
    engine = found.solution.engine
    if not found.solution.converged:
        return f"No state estimate: {found.solution.remarks[0]} ({engine.told})"
    estimate, origins = found.estimate, found.measurements.origin
    sensors = int((origins == Origin.MEASURED).sum())
    return (
        f"State estimate: {sensors} measured values, {len(_bad(found))} of them bad;"
        f" J {estimate.objective:,.1f} with {estimate.freedom} degrees of freedom; by {engine.told}"
    )


def _bad(found: Estimated) -> frozenset[str]:
    """Sensors whose values do not fit the others, by mRID."""
    numbers = found.cleaned.bad if found.cleaned else ()
    measured = found.measurements.origin
    return frozenset(found.measurements.mrid[n] for n in numbers if measured[n] == Origin.MEASURED)


def _shown(payload: MeasurementValues, message: Message) -> Iterator[tuple[Sensor, Value]]:
    """Sensors of a message, and what they show.

    What another application has computed, such as a fault current, is measured by none.
    """
    for said in payload.analog_value:
        quality = said.measurement_value_quality
        sensor = None if quality and quality.estimator_replaced else of_message(said)
        if sensor is not None:
            at = said.time_stamp or message.header.timestamp
            validity = str(quality.validity or "") if quality else ""
            yield sensor, Value.judged(said.value, at, validity)
    for state in payload.discrete_value:
        quality = state.measurement_value_quality
        sensor = None if quality and quality.estimator_replaced else positions.of_message(state)
        if sensor is not None:
            at = state.time_stamp or message.header.timestamp
            validity = str(quality.validity or "") if quality else ""
            yield sensor, Value.judged(state.value, at, validity)
