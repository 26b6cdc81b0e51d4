"""The load flow app: solves the network as operated, tells its state, and limits it violates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from sqlalchemy import MetaData

from cim.message import STATED, Message, Outgoing, Topic, Verb
from cim.network import Network
from cim.profiles.state_variables import StateVariables
from dms_apps.load_flow import reports, store
from dms_apps.load_flow.notices import notice
from dms_apps.load_flow.tables import load, metadata, violation
from dms_apps.solver import estimated, lasting
from dms_apps.solver.answers import ANALYSIS, FAILED, NOT_SO, NOTHING, answered, options, refused
from dms_apps.solver.assumptions import assumed
from dms_apps.solver.curves import Curves, named
from dms_apps.solver.given import Given
from dms_apps.solver.live import Live, Lives
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.state import rows_of, state_variables
from dms_apps.solver.unbalanced import Unbalanced
from dms_apps.solver.violations import Limits
from hub.interfaces import Asking, Context
from hub.report import Offer, Report
from hub.settings import Hertz

NAME = "load-flow"
"""The analysis that is wanted where a request names none."""
OTHERS = ("state-estimation", "short-circuit", "loads")
"""Names of analyses that other applications answer; all else is refused here, for somebody must."""


@dataclass(frozen=True, kw_only=True)
class LoadFlowApp:
    """Settings, in `config/apps/load_flow.toml`.

    every:     minutes between two runs of which the whole state is told; 0: none by schedule.
    settle:    seconds after a change of the network until it is solved.
    controls:  "local": regulators and capacitors follow their own controls; "fixed": they stand as
               they are.
    low, high: per unit of nominal voltage, where the model states no limit.
    moved:     per unit, by which a voltage must have changed to be told between two whole states.
    flows:     whose powers are told: of "injections" (loads, generators, sources), "all", "none".
    forming:   mRIDs or names of generators that may hold the voltage of an island of their own.
    loads:     sources of StateVariables from which powers of loads are taken.
    old:       hours that such powers, and measured tap positions, count.
    inverters: curve of each inverter, by its mRID or name, "*" for all others: "1547-A", "1547-B",
               "1547-B-volt-watt", "volt-watt", "unity", or one of `curves`.
    curves:    of the utility's own, by name (`solver.curves.Curves`).
    frequency: that of the hub, not of the file; as the models say when None.
    """

    every: Annotated[float, Field(ge=0)] = 15.0
    settle: Annotated[float, Field(ge=0)] = 2.0
    controls: Literal["local", "fixed"] = "local"
    low: Annotated[float, Field(gt=0)] = 0.95
    high: Annotated[float, Field(gt=0)] = 1.05
    moved: Annotated[float, Field(ge=0)] = 0.001
    flows: Literal["injections", "all", "none"] = "injections"
    forming: tuple[str, ...] = ()
    loads: tuple[str, ...] = ("load_model",)
    old: Annotated[float, Field(gt=0)] = 24.0
    inverters: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, Curves] = field(default_factory=dict)
    frequency: Hertz | None = None

    def __post_init__(self) -> None:
        named(self.inverters, self.curves)

    @property
    def topics(self) -> frozenset[Topic]:
        """What changes the network, estimated loads, and the request to compute a state."""
        nouns = ("NetworkModels", "PSREvents", "SwitchingEvents")
        stated = {Topic(verb, noun) for verb in STATED for noun in nouns}
        states = {Topic(Verb.CREATED, "StateVariables"), Topic(Verb.CREATE, "StateVariables")}
        return frozenset(stated | states | {Topic(Verb.DELETED, "NetworkModels")})

    @property
    def studies(self) -> bool:
        """It gets messages of studies: of these it answers the requests, and learns nothing."""
        return True

    @property
    def tables(self) -> MetaData:
        """Violations that last, the voltages told last, and estimated loads."""
        return metadata

    @property
    def partitions(self) -> int:
        """One: a state is of everything together."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Solve soon what has changed; answer a request at once."""
        if message.header.verb is Verb.CREATE:
            yield from self._answer(message, context)
        elif message.header.is_study:
            return
        elif isinstance(message.payload, StateVariables):
            self._learn(message.payload, message.header.source or "", context)
        else:
            context.wake_at(context.now + timedelta(seconds=self.settle))

    def prepare(self, network: Network) -> None:
        """Read the models and draw the circuit, which takes long, before the transaction."""
        if network.version:
            layout = self._lives.prepare(network)
            if layout.places:
                self._solver.solve(layout, Given.of(network), self._options)

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Solve, and tell what is new."""
        if not context.network.version:
            return
        live = self._live(context.network, context.now, context)
        if not live.layout.places:
            return  # customers, say, whose network has yet to come
        solution = self._solver.solve(live.layout, live.given, self._options)
        yield from self._told(live, solution, context)
        if self.every:
            context.wake_at(context.now + timedelta(minutes=self.every))

    # -- reports

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """Solve the network of now, and show it."""
        live = self._live(given.network, given.now, given)
        solution = self._solver.solve(live.layout, live.given, self._options)
        limits = self._limits_of(live)
        shown = reports.Shown(live, solution, limits, given.network, given.now)
        return reports.report(name, asked, shown)

    # -- solving

    def _live(self, network: Network, now: datetime, at: Context | Asking) -> Live:
        live = self._lives.of(network, now)
        since = now - timedelta(hours=self.old)
        loads = estimated.given(at.connection, load, since, live.layout)
        return replace(live, given=loads.over(live.given))

    def _limits_of(self, live: Live) -> Limits:
        kept = self._limits
        if not kept or kept[0].layout is not live.layout:
            kept[:] = [Limits(live.layout, self.low, self.high)]
        return kept[0]

    def _told(self, live: Live, solution: Solution, context: Context) -> Iterator[Outgoing]:
        if not solution.converged:
            yield self._unsolved(solution, context)
            return
        yield from self._state(live, solution, context)
        yield from self._violations(live, solution, context)

    def _state(self, live: Live, solution: Solution, context: Context) -> Iterator[Outgoing]:
        """All of it when it is time for that; what has moved, else."""
        last = store.last_told(context.connection, live.layout)
        due = timedelta(minutes=self.every)
        if last is None or (self.every and context.now - last[1] >= due):
            store.keep_told(context.connection, live.layout, solution.volts, context.now)
            yield Outgoing(Verb.CREATED, self._noun(solution, context.network, context.now))
            return
        moved = np.abs(solution.volts - last[0]) > self.moved * live.layout.nominal
        moved |= (solution.volts == 0) != (last[0] == 0)
        if moved.any():
            now = np.where(moved, solution.volts, last[0])
            store.keep_told(context.connection, live.layout, now, last[1])
            payload = self._noun(solution, context.network, context.now, moved)
            yield Outgoing(Verb.CHANGED, payload)

    def _violations(self, live: Live, solution: Solution, context: Context) -> Iterator[Outgoing]:
        """What begins, what is over, and what is another value by a hundredth of its limit."""
        found = self._limits_of(live).violated(solution)
        news = lasting.news(context.connection, violation, found, context.now)
        network, now, by = context.network, context.now, solution.engine
        yield from news.told(lambda some, over: notice(some, network, now, by, cleared=over))

    def _unsolved(self, solution: Solution, context: Context) -> Outgoing:
        """A state without variables, whose description says why."""
        return Outgoing(Verb.CREATED, self._noun(solution, context.network, context.now))

    def _noun(
        self, solution: Solution, network: Network, now: datetime, moved: np.ndarray | None = None
    ) -> StateVariables:
        """With what has moved no powers are told."""
        rows = rows_of(solution.layout, self.flows if moved is None else "none")
        return state_variables(solution, network, now, case(solution), places=moved, rows=rows)

    # -- asked and told

    def _learn(self, said: StateVariables, source: str, context: Context) -> None:
        """Powers of loads that another application has estimated."""
        if source in self.loads:
            estimated.learn(context.connection, load, said)
            context.wake_at(context.now + timedelta(seconds=self.settle))

    def _answer(self, message: Message, context: Context) -> Iterator[Outgoing]:
        """The state as it is, or as it would be by the variables of the request."""
        wanted = options(message).get(ANALYSIS, NAME)
        if wanted not in (NAME, *OTHERS):
            every = ", ".join((NAME, *OTHERS))
            yield refused(NOT_SO, f"{ANALYSIS}: {wanted!r} is none of {every}")
        if wanted != NAME:
            return
        network = context.network
        if not network.version:
            yield refused(NOTHING, "no model of the network is in force")
            return
        strays: tuple[str, ...] = ()
        live = self._live(network, context.now, context)
        if isinstance(message.payload, StateVariables):
            given, strays = assumed(message.payload, live.layout)
            live = replace(live, given=given.over(live.given))
        solution = self._solver.solve(live.layout, live.given, self._options)
        if not solution.converged:
            yield refused(FAILED, solution.remarks[0])
            return
        said = answered(strays, (*solution.remarks, *live.remarks))
        yield Outgoing(Verb.REPLY, self._noun(solution, network, context.now), reply=said)

    @cached_property
    def _options(self) -> Options:
        return Options(controls=self.controls)

    @cached_property
    def _solver(self) -> Unbalanced:
        return Unbalanced()

    @cached_property
    def _lives(self) -> Lives:
        return Lives(
            self.frequency,
            self.forming,
            timedelta(hours=self.old),
            self.inverters,
            self.curves,
        )

    @cached_property
    def _limits(self) -> list[Limits]:
        return []


def case(solution: Solution) -> str:
    """What was computed, and by what."""
    engine = solution.engine
    if not solution.converged:
        return f"No load flow: {solution.remarks[0]} ({engine.told})"
    return f"Load flow by {engine.told}"
