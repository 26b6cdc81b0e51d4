"""The losses app: what the states that others compute lose, by device, feeder and time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated

from pydantic import Field
from sqlalchemy import MetaData

from cim.electrical.injections import Response
from cim.message import Message, Outgoing, Topic, Verb
from cim.model import Model
from cim.network import Network
from cim.profiles.state_variables import StateVariables
from dms_apps.losses import reports, store
from dms_apps.losses.feeders import between, states
from dms_apps.losses.notices import notice
from dms_apps.losses.split import losses
from dms_apps.losses.tables import metadata
from dms_apps.solver import nodal
from dms_apps.solver.assumptions import assumed
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.live import Lives
from dms_apps.solver.solution import Solution
from hub.interfaces import Asking, Context
from hub.report import Offer, Report
from hub.settings import Hertz


@dataclass(frozen=True, kw_only=True)
class LossesApp:
    """Settings, in `config/apps/losses.toml`.

    sources:   of states from which losses are counted.
    longest:   minutes between two states over which is counted; a longer time is not known.
    keep:      days that hours are kept.
    frequency: that of the hub, not of the file; as the models say when None.
    """

    sources: tuple[str, ...] = ("load_flow",)
    longest: Annotated[float, Field(gt=0)] = 60.0
    keep: Annotated[float, Field(gt=0)] = 800.0
    frequency: Hertz | None = None

    @property
    def topics(self) -> frozenset[Topic]:
        """Whole states."""
        return frozenset({Topic(Verb.CREATED, "StateVariables")})

    @property
    def tables(self) -> MetaData:
        """Losses now, and energy by hour."""
        return metadata

    @property
    def partitions(self) -> int:
        """One: energy is counted from one state to the next."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Count a state, and tell what each feeder loses in it.

        Raises: ValueError, when the state cannot be solved again from its own powers.
        """
        said, network = message.payload, context.network
        if not isinstance(said, StateVariables) or message.header.source not in self.sources:
            return
        if not network.version or not said.sv_voltage:
            return
        solution, given = self.solved(said, network)
        if not solution.converged:
            raise ValueError(f"state {said.model.mrid}: {solution.remarks[0]}")
        found = losses(solution, given)
        layout = solution.layout
        feeder = self._feeders(network, layout)
        whole = dict(zip(layout.elements, solution.taken.real.tolist(), strict=True))
        drawn = {load.mrid: whole[load.mrid] for load in layout.view.loads}
        at = said.model.scenario_time
        now = states(found, drawn, feeder, at)
        before, connection = store.last(context.connection), context.connection
        if any(one.at >= at for one in before.values()):
            return  # it comes late: the energy of its time is counted
        for name, one in now.items():
            if name in before:
                more = between(before[name], one, timedelta(minutes=self.longest))
                store.add(connection, name, _hour(at), more)
        store.keep_last(connection, now)
        store.keep_devices(connection, found, feeder)
        store.forget(connection, context.now - timedelta(days=self.keep))
        payload = notice(now, network, solution.engine)
        if payload.analog_value:
            yield Outgoing(Verb.CREATED, payload)

    def solved(self, said: StateVariables, network: Network) -> tuple[Solution, Given]:
        """The state again, with all its flows: powers, taps and sections as it says them.

        The message has voltages of topological nodes, between which short lines lose what rounding
        hides; from the powers all flows follow anew.
        """
        live = self._lives.of(network, said.model.scenario_time)
        layout = self._constant(live.layout)
        given, _ = assumed(said, layout)
        given = given.over(live.given)
        return nodal.solve(layout, given), given

    def _constant(self, layout: Layout) -> Layout:
        """With loads that draw what is told of them, whatever the voltage."""
        kept = self._layouts
        if not kept or kept[0][0] is not layout:
            loads = tuple(replace(one, response=Response()) for one in layout.view.loads)
            kept[:] = [(layout, Layout.of(replace(layout.view, loads=loads)))]
        return kept[0][1]

    def _feeders(self, network: Network, layout: Layout) -> Mapping[str, str]:
        """The feeder of each element; made once for the models of a network."""
        kept = self._named
        if not kept or kept[0][0] is not network.models:
            found = {m: network.feeder_of(m) for m in layout.elements if network.knows(m)}
            for one in layout.view.transformers:
                if not found.get(one.mrid) and network.knows(one.bank):
                    found[one.mrid] = network.feeder_of(one.bank)
            kept[:] = [(network.models, found)]
        return kept[0][1]

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """Of the last state, or of the hours that are kept."""
        if name == "feeders":
            return reports.feeders(given.connection, given.network, given.now, asked)
        of = reports.devices if name == "devices" else reports.transformers
        last = store.last(given.connection)
        at = max((one.at for one in last.values()), default=given.now)
        return of(given.connection, given.network, at)

    @cached_property
    def _lives(self) -> Lives:
        return Lives(self.frequency)

    @cached_property
    def _layouts(self) -> list[tuple[Layout, Layout]]:
        return []

    @cached_property
    def _named(self) -> list[tuple[Mapping[str, Model], Mapping[str, str]]]:
        return []


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
