"""Values of sensors as measurements of the unknowns, with a sentence for each that is not used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from cim.electrical.ports import live
from dms_apps.solver.naming import titled_of
from dms_apps.solver.sensors import Sensor, Value
from dms_apps.state_estimation.equations import Kind
from dms_apps.state_estimation.measurements import Gathering, Origin
from dms_apps.state_estimation.unknowns import Unknowns

_DOUBTFUL = 3.0
_THIRD = 1 / 3  # errors beyond three sigmas are next to never
_DEAD = 0.1
_NEAR = 0.5, 1.5


class _Unused(ValueError):
    """Why a value is not used: the end of a sentence that begins with the sensor."""


@dataclass(frozen=True, eq=False)
class Sites:
    """Where sensors can be: the terminals, equipment and nodes of what is estimated.

    nodes: node by terminal, of equipment that is none of the layout's, such as a busbar section.
    """

    unknowns: Unknowns
    nodes: Mapping[str, str]

    @cached_property
    def rows(self) -> Mapping[str, list[int]]:
        """The conductors of each terminal; also by mRID and name of equipment, of its first one."""
        layout = self.unknowns.nodal.layout
        found: dict[str, list[int]] = {}
        for row, terminal in enumerate(layout.conductors.terminal):
            found.setdefault(terminal, []).append(row)
        for mrid in layout.elements:
            own = range(*layout.rows(mrid).indices(len(layout.conductors.place)))
            first = layout.conductors.terminal[own[0]] if own else ""
            for name in (mrid, layout.names.get(mrid, "")):
                if name and first:
                    found.setdefault(name, found[first])
        return found

    @cached_property
    def carrying(self) -> Any:
        """By conductor, whether a current can be in it."""
        return np.asarray(abs(self.unknowns.into).sum(axis=1)).ravel() > 0

    @cached_property
    def called(self) -> Mapping[str, str]:
        """The nodes of the layout by mRID and by name."""
        layout = self.unknowns.nodal.layout
        own = dict.fromkeys(node for node, _ in layout.places)
        names = {layout.view.names[node]: node for node in own if layout.view.names.get(node)}
        return names | {node: node for node in own}

    def node(self, at: str) -> str | None:
        """The node of a terminal, of equipment at its first terminal, or a node itself."""
        layout = self.unknowns.nodal.layout
        if at in self.rows:
            return layout.places[int(layout.conductors.place[self.rows[at][0]])][0]
        return self.called.get(self.nodes.get(at, at))

    def place(self, node: str, phase: str) -> int:
        """Raises: _Unused, without one."""
        found = self.unknowns.nodal.layout.number.get((node, phase))
        if found is None:
            raise _Unused(f"is of phase {phase}, which its node does not have")
        return found


def telemeter(
    gathering: Gathering,
    sites: Sites,
    sensors: Iterable[Sensor],
    values: Mapping[str, Value],
    now: datetime,
    stale: timedelta,
) -> list[str]:
    """Add what sensors show; tell what in it contradicts the positions of switches.

    values: by mRID of the sensor.
    stale:  how old a value may be.
    """
    hints: list[str] = []
    for sensor in sensors:
        value = values.get(sensor.mrid)
        if value is None:
            continue
        try:
            si = _si(sensor, value, now, stale)
            terms, node, nothing = _terms(gathering, sites, sensor)
            hint = ""
            if nothing:
                hint = _hint(gathering, sensor, si, node)
            elif sensor.quantity == "V":
                hint = _no_voltage(sites, sensor, si, node)
            if hint or nothing:
                hints += [hint] if hint else []
                continue
            sigma = _sigma(gathering, sensor, value, si)
            kind = {"V": Kind.MAGNITUDE, "A": Kind.MAGNITUDE, "W": Kind.ACTIVE}
            what = kind.get(sensor.quantity, Kind.REACTIVE)
            name = sensor.called, sensor.mrid
            gathering.add(name, Origin.MEASURED, what, si, sigma, terms, node)
        except _Unused as why:
            gathering.remarks.append(f"{sensor.called} {why}; it is not used.")
    return hints


def _no_voltage(sites: Sites, sensor: Sensor, si: float, node: str) -> str:
    """What a voltage that is next to none says of switches; empty for any other one.

    Raises: _Unused, for one so far from nominal that the sensor is at another one, such as a meter
            behind a transformer that no model has.
    """
    layout, phases = sites.unknowns.nodal.layout, _between(sites, sensor, node)
    nominal = float(layout.nominal[sites.place(node, phases[0])])
    if len(live(phases)) == 2:
        nominal *= 2 if phases[0].startswith("s") else np.sqrt(3)
    if si < _DEAD * nominal:
        return (
            f"{sensor.called} shows {si:,.1f} V at node {titled_of(layout.view.names, node)},"
            " which is fed by the positions of switches: one of them is wrong, or a fuse has blown."
        )
    if not _NEAR[0] * nominal < si < _NEAR[1] * nominal and not np.isnan(nominal):
        raise _Unused(f"shows {si:,.1f} V, far from the {nominal:,.1f} V that are nominal there")
    return ""


def _si(sensor: Sensor, value: Value, now: datetime, stale: timedelta) -> float:
    if value.invalid:
        raise _Unused("is of invalid quality")
    if value.value is None or not np.isfinite(value.value):
        raise _Unused(f"has the value {value.value}")
    if not np.isfinite(sensor.factor):
        raise _Unused("has a unit that is not known")
    if value.at is not None and now - value.at > stale:
        raise _Unused(f"was measured at {value.at.isoformat()}, which is too long ago")
    found = value.value * sensor.factor
    if sensor.quantity in ("V", "A") and found < 0:
        raise _Unused(f"has the value {value.value:g}, below 0")
    return found


def _terms(
    gathering: Gathering, sites: Sites, sensor: Sensor
) -> tuple[Sequence[tuple[int, int]], str, bool]:
    """Rows of what it measures, its node, and whether nothing can be there."""
    if not sensor.at:
        raise _Unused("says neither its terminal nor its equipment")
    if sensor.quantity == "V":
        return _of_voltage(gathering, sites, sensor)
    at = next((one for one in sensor.at if one in sites.rows), None)
    if at is None:
        raise _Unused(f"is at no conductor: {' and '.join(sensor.at)} is not known")
    layout, firsts = sites.unknowns.nodal.layout, sites.unknowns.firsts
    rows = _phases(sites, sensor, sites.rows[at])
    if sensor.quantity == "A" and len(rows) != 1:
        raise _Unused("is a current, and does not say of which phase")
    places = [int(layout.conductors.place[row]) for row in rows]
    terms = [(place, firsts.into + row) for place, row in zip(places, rows, strict=True)]
    nothing = not sites.carrying[rows].any()
    if sensor.quantity == "A":
        terms = [(firsts.into + rows[0], -1)]
    return terms, layout.places[places[0]][0], nothing


def _phases(sites: Sites, sensor: Sensor, rows: Sequence[int]) -> list[int]:
    """The conductors meant among those of a terminal: of the phases stated, else all live ones."""
    phases = sites.unknowns.nodal.layout.conductors.phase
    own = {phases[row]: row for row in rows}
    wanted = live(sensor.phases) or live(tuple(own))
    missing = [phase for phase in wanted if phase not in own]
    if missing:
        raise _Unused(f"is of phase {', '.join(missing)}, which its terminal does not have")
    return [own[phase] for phase in wanted]


def _of_voltage(
    gathering: Gathering, sites: Sites, sensor: Sensor
) -> tuple[Sequence[tuple[int, int]], str, bool]:
    node = next((found for one in sensor.at if (found := sites.node(one))), None)
    if node is None:
        raise _Unused(f"is at no node: {' and '.join(sensor.at)} is not known")
    places = sites.unknowns.place
    phases = _between(sites, sensor, node)
    ends = [sites.place(node, phase) for phase in phases]
    nothing = any(places[end] < 0 for end in ends)
    if nothing or len(ends) == 1:
        return [(ends[0], -1)], node, nothing
    return [(gathering.between(*ends), -1)], node, False


def _between(sites: Sites, sensor: Sensor, node: str) -> tuple[str, ...]:
    """One phase, to earth, or two."""
    number = sites.unknowns.nodal.layout.number
    phases = live(sensor.phases)
    if not phases:
        at_terminal = next((sites.rows[one] for one in sensor.at if one in sites.rows), [])
        own = sites.unknowns.nodal.layout.conductors.phase
        phases = live(tuple(dict.fromkeys(own[row] for row in at_terminal)))
    if not phases:
        phases = tuple(p for p in ("A", "B", "C", "s1", "s2") if (node, p) in number)
    if len(phases) > 2 or (sensor.to_earth and len(phases) > 1):
        raise _Unused("is a voltage, and does not say between which phases")
    neutral = "N" in sensor.phases and (node, "N") in number
    return (*phases, "N") if neutral and len(phases) == 1 else phases


def _sigma(gathering: Gathering, sensor: Sensor, value: Value, si: float) -> float:
    """By the accuracy of the sensor, else of its kind; three times as much when doubtful."""
    accuracy = gathering.accuracy
    share = {"V": accuracy.volts, "A": accuracy.amperes}.get(sensor.quantity, accuracy.power)
    if sensor.error is not None:
        share = sensor.error * _THIRD
    return abs(si) * share * (_DOUBTFUL if value.doubtful else 1.0)


def _hint(gathering: Gathering, sensor: Sensor, si: float, node: str) -> str:
    """What is measured where nothing can be, by the positions of switches."""
    least = _DEAD * gathering.unknowns.power
    layout = gathering.unknowns.nodal.layout
    nominal = np.nanmax(
        [layout.nominal[i] for i, (own, _) in enumerate(layout.places) if own == node] or [np.nan]
    )
    floor = {"V": _DEAD * nominal, "A": least / nominal}.get(sensor.quantity, least)
    if not abs(si) > floor:
        return ""
    unit = sensor.quantity if sensor.quantity != "VAr" else "var"
    name = titled_of(layout.view.names, node)
    return (
        f"{sensor.called} shows {si:,.1f} {unit} at node {name}, where there can be none by the"
        " positions of switches: one of them is wrong."
    )
