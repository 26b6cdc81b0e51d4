"""The short-circuit app: fault levels of the network as operated, and what they ask of devices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import MetaData

from cim.message import STATED, Message, Outgoing, Topic, Verb
from cim.network import Network
from cim.profiles.limit_violations import LimitViolations
from cim.profiles.state_variables import StateVariables
from dms_apps.short_circuit import duty, reports, store
from dms_apps.short_circuit.found import Found, How
from dms_apps.short_circuit.notices import currents, notice
from dms_apps.short_circuit.tables import metadata, over
from dms_apps.solver import lasting
from dms_apps.solver.answers import ANALYSIS, NOT_SO, NOTHING, answered, options, refused
from dms_apps.solver.assumptions import assumed
from dms_apps.solver.faults import Impedance, during
from dms_apps.solver.iec60909 import Curve
from dms_apps.solver.live import Live, Lives
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.state import state_variables
from dms_apps.solver.unbalanced import Unbalanced
from hub.interfaces import Asking, Context
from hub.report import Offer, Report, Unanswerable
from hub.settings import Hertz

NAME = "short-circuit"
"""What the Request.Option `analysis` says of it."""
_MOVED = 0.01
"""Share by which the current of a device must have changed to be told."""


@dataclass(frozen=True, kw_only=True)
class ShortCircuitApp:
    """Settings, in `config/apps/short_circuit.toml`.

    every:      minutes between two runs by schedule; 0: none.
    settle:     seconds after a change of the network until it is computed.
    highest, lowest: factors on the voltages before the highest and the lowest faults.
    arc:        ohm in each phase of the lowest faults; ground: from there to earth.
    inverters:  their current in a fault over the rated one, where the model does not say it.
    before:     from what faults begin: "flat", without loads, or "load-flow".
    by:         what duty is judged by: "per-phase", or "iec60909".
    seconds:    of a short circuit, for heat.
    margin:     how many times its setting a device should see.
    frequency:  that of the hub, not of the file; as the models say when None.
    omit_motors: by IEC 60909, whether motors that are small beside the network are left out.
    curves:     of lambda by IEC 60909, for steady-state currents of machines alone.
    """

    every: Annotated[float, Field(ge=0)] = 0.0
    settle: Annotated[float, Field(ge=0)] = 5.0
    highest: Annotated[float, Field(gt=0)] = 1.0
    lowest: Annotated[float, Field(gt=0)] = 1.0
    arc: Annotated[float, Field(ge=0)] = 0.0
    ground: Annotated[float, Field(ge=0)] = 0.0
    inverters: Annotated[float, Field(ge=0)] = 1.2
    before: Literal["flat", "load-flow"] = "flat"
    by: Literal["per-phase", "iec60909"] = "per-phase"
    seconds: Annotated[float, Field(gt=0)] = 1.0
    margin: Annotated[float, Field(gt=0)] = 1.5
    frequency: Hertz | None = None
    omit_motors: bool = True
    curves: tuple[Curve, ...] = ()

    @property
    def topics(self) -> frozenset[Topic]:
        """What changes the network, and the request to compute one fault."""
        nouns = ("NetworkModels", "PSREvents", "SwitchingEvents")
        stated = {Topic(verb, noun) for verb in STATED for noun in nouns}
        more = {Topic(Verb.CREATE, "StateVariables"), Topic(Verb.DELETED, "NetworkModels")}
        return frozenset(stated | more)

    @property
    def studies(self) -> bool:
        """It answers requests of studies, too."""
        return True

    @property
    def tables(self) -> MetaData:
        """Fault levels, what devices meet and see, and ratings exceeded."""
        return metadata

    @property
    def partitions(self) -> int:
        """One: faults are of everything together."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Compute soon what has changed; answer a request at once."""
        if message.header.verb is Verb.CREATE:
            yield from self._answer(message, context)
        elif not message.header.is_study:
            context.wake_at(context.now + timedelta(seconds=self.settle))

    def prepare(self, network: Network) -> None:
        """Read the models, which takes long, before the transaction."""
        if network.version:
            self._lives.prepare(network)

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Compute, keep, and tell what is new."""
        if not context.network.version:
            return
        found = self._found(self._lives.of(context.network, context.now))
        levels = store.levels(found.highest, found.lowest)
        store.keep_levels(context.connection, levels, context.now)
        yield from self._currents(found, context)
        yield from self._violations(found, context)
        if self.every:
            context.wake_at(context.now + timedelta(minutes=self.every))

    # -- reports

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """Of the network of now."""
        live = self._lives.of(given.network, given.now)
        kept = store.known_levels(given.connection)
        shown = reports.Shown(
            self._found(live), given.network, given.now, self.margin, kept, live.remarks
        )
        return reports.report(name, asked, shown)

    # -- told

    def _found(self, live: Live) -> Found:
        if self.before == "flat":
            return Found(live.layout, live.given, self._how)
        solution = self._solver.solve(live.layout, live.given, Options())
        return Found(live.layout, live.given, self._how, solution)

    def _currents(self, found: Found, context: Context) -> Iterator[Outgoing]:
        """Of devices for which they are other ones than were told."""
        least = {one.device.mrid: one.own for one in found.reaches}
        now = {}
        for stress in found.stresses:
            mrid = stress.device.mrid
            own = least.get(mrid)
            now[mrid] = stress.initial, None if own is None else own.amperes
        before = store.devices(context.connection)
        moved = {m: two for m, two in now.items() if m not in before or _moved(before[m], two)}
        if moved:
            store.keep_devices(context.connection, moved, context.now)
            yield Outgoing(
                Verb.CREATED, currents(moved, context.network, context.now, found.engine)
            )

    def _violations(self, found: Found, context: Context) -> Iterator[Outgoing]:
        """What begins, what is over, and what is another value by a hundredth of its rating."""
        names = found.layout.view.names
        failed_checks = [one for one in found.duty[0] if not one.held and one.what != "load"]
        made = duty.violations(found.layout, found.duty[0])
        sentences = {
            one.mrid: check.sentence(names.get(one.node) or one.node)
            for one, check in zip(made, failed_checks, strict=True)
        }
        news = lasting.news(context.connection, over, made, context.now)
        network, now, by = context.network, context.now, found.engine

        def told(some: Sequence[lasting.Since], is_over: bool) -> LimitViolations:
            return notice(some, sentences, network, now, by, cleared=is_over)

        yield from news.told(told)

    # -- asked

    def _answer(self, message: Message, context: Context) -> Iterator[Outgoing]:
        """The state during one fault, of the network as it is or as the request assumes it."""
        asked = options(message)
        if asked.get(ANALYSIS) != NAME:
            return
        network = context.network
        if not network.version:
            yield refused(NOTHING, "no model of the network is in force")
            return
        live = self._lives.of(network, context.now)
        strays: tuple[str, ...] = ()
        if isinstance(message.payload, StateVariables):
            given, strays = assumed(message.payload, live.layout)
            live = replace(live, given=given.over(live.given))
        try:
            fault = reports.fault_of(live.layout, asked)
            solution = during(self._found(live).highest.before, fault)
        except (KeyError, ValueError) as error:
            yield refused(NOT_SO, _why(error))
            return
        case = _case(solution, fault.kind, live.layout.view.names.get(fault.node) or fault.node)
        payload = state_variables(solution, network, context.now, case)
        said = answered(strays, (*solution.remarks, *live.remarks))
        yield Outgoing(Verb.REPLY, payload, reply=said)

    @cached_property
    def _how(self) -> How:
        return How(
            self.highest,
            self.lowest,
            Impedance(self.arc, self.ground),
            self.inverters,
            self.by,
            self.seconds,
            self.frequency,
            self.omit_motors,
            self.curves,
        )

    @cached_property
    def _solver(self) -> Unbalanced:
        return Unbalanced()

    @cached_property
    def _lives(self) -> Lives:
        return Lives(self.frequency)


def _moved(before: tuple[float, float | None], now: tuple[float, float | None]) -> bool:
    return any(
        (one is None) != (two is None)
        or (one is not None and two is not None and abs(one - two) > _MOVED * abs(one))
        for one, two in zip(before, now, strict=True)
    )


def _why(error: Exception) -> str:
    if isinstance(error, Unanswerable) or not isinstance(error, KeyError):
        return str(error)
    node, phase = error.args[0]
    return f"node {node} has no phase {phase}"


def _case(solution: Solution, kind: str, node: str) -> str:
    phases = ", ".join(f"{one:,.1f}" for one in reports.sized(solution)[:-1])
    return f"{kind} fault at {node}, {phases} A, by {solution.engine.told}"
