"""Controls of tap changers and capacitors as OpenDSS commands, and where they left these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cim.electrical.regulators import Control, Regulator
from cim.electrical.shunts import Shunt
from cim.electrical.transformers import Winding
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled
from dms_apps.solver.opendss.circuit import Circuit
from dms_apps.solver.opendss.drawing import Drawing
from dms_apps.solver.opendss.sites import NUMBERS, said
from dms_apps.solver.opendss.transformers import Drawn
from dms_apps.solver.solution import Options

_TYPES = {
    "voltage": ("voltage", 1.0),
    "reactivePower": ("kvar", 1e-3),
    "currentFlow": ("current", 1.0),
}
"""By RegulatingControlModeKind, the control of OpenDSS and the unit of its settings."""


@dataclass(frozen=True, eq=False)
class Controls:
    """What follows a control of its own.

    commands:   that draw them.
    regulators: by mRID, the OpenDSS transformer and the winding whose taps move.
    capacitors: by mRID of the shunt compensator, names by branch.
    remarks:    on controls that are not followed.
    """

    commands: tuple[str, ...]
    regulators: Mapping[str, tuple[str, int]]
    capacitors: Mapping[str, tuple[str, ...]]
    remarks: tuple[str, ...]

    @property
    def moving(self) -> bool:
        """Whether anything may move."""
        return bool(self.regulators or self.capacitors)


NONE = Controls((), {}, {}, ())


def draw(layout: Layout, drawing: Drawing, options: Options) -> Controls:
    """Those of regulators and capacitors; none where taps and sections are fixed."""
    if options.controls == "fixed":
        return NONE
    commands: list[str] = []
    remarks: list[str] = []
    regulators: dict[str, tuple[str, int]] = {}
    capacitors: dict[str, tuple[str, ...]] = {}
    for i, one in enumerate(layout.view.regulators):
        drawn = drawing.transformers.get(one.transformer)
        why = _unfollowed(one, drawn)
        if why or drawn is None or one.control is None:
            remarks.append(f"Tap changer {titled(one.name, one.mrid)} stays where it is: {why}.")
            continue
        regulators[one.mrid] = drawn.units[0], drawn.winding(one.end)
        commands += _regulator(f"r{i}", one, one.control, drawn, drawing)
    for shunt in layout.view.shunts:
        if shunt.control is None:
            continue
        why = _unswitched(layout, shunt, shunt.control, drawing)
        if why:
            remarks.append(f"Shunt {titled(shunt.name, shunt.mrid)} stays as it is: {why}.")
            continue
        name = drawing.shunts[shunt.mrid]
        capacitors[shunt.mrid] = tuple(f"{name}_{k}" for k in range(len(shunt.branches)))
        commands += _capacitor(layout, shunt, shunt.control, drawing)
    return Controls(tuple(commands), regulators, capacitors, tuple(remarks))


def ended(
    layout: Layout, controls: Controls, circuit: Circuit
) -> tuple[dict[str, float], dict[str, tuple[float, ...]]]:
    """Positions and sections as controls left them."""
    known = {one.mrid: one for one in layout.view.regulators}
    steps = {
        mrid: _step(known[mrid], circuit.ratio(unit, winding))
        for mrid, (unit, winding) in controls.regulators.items()
    }
    sections = {
        mrid: tuple(float(sum(circuit.states(name))) for name in names)
        for mrid, names in controls.capacitors.items()
    }
    return steps, sections


# -- tap changers


def _unfollowed(one: Regulator, drawn: Drawn | None) -> str:
    control = one.control
    if control is None or not control.enabled or not one.enabled:
        return "it has no control that is on"
    if control.mode not in ("voltage", "") or control.target is None:
        return "its control holds no voltage"
    if not one.under_load or one.increment is None or one.increment <= 0:
        return "it does not move in even steps under load"
    if drawn is None or not drawn.units:
        return "its transformer is drawn by its admittance alone"
    return "its phases move apart in OpenDSS" if len(drawn.units) > 1 else ""


def _regulator(
    name: str, one: Regulator, control: Control, drawn: Drawn, drawing: Drawing
) -> Iterator[str]:
    [unit] = drawn.units
    number = drawn.winding(one.end)
    low, high = one.curve.at(one.low).ratio, one.curve.at(one.high).ratio
    yield (
        f"edit transformer.{unit} wdg={number} maxtap={said(high)} mintap={said(low)} "
        f"numtaps={one.high - one.low}"
    )
    seen, words = _measured(control, drawn, number, drawing, one.pt_ratio or 1.0)
    winding = drawn.transformer.windings[drawn.order[seen - 1]]
    scale = 1.0 if one.pt_ratio else _between(winding)
    yield " ".join(
        (
            f"new regcontrol.{name} transformer={unit} {words}",
            f"tapwinding={number}",  # after the winding that is measured, which would set it
            f"ptratio={said(one.pt_ratio or 1.0)}",
            f"delay={said(one.delay or 0.0)} tapdelay={said(one.pause or 0.0)}",
            *_held(control, one.ct_rating, scale),
        )
    )


def _held(control: Control, amperes: float | None, scale: float) -> Iterator[str]:
    """What it holds.  A limit that has no line drop to correct only lowers the target: OpenDSS
    would hunt between the two.

    scale: volts of the document over those of OpenDSS.
    """
    target, band = (control.target or 0.0) / scale, (control.band or 0.0) / scale
    limit = control.limits[1] / scale if control.limits[1] else None
    drop = control.compensation if amperes else None
    if drop is not None:
        yield f"ctprim={said(amperes or 0.0)} r={said(drop.r)} x={said(drop.x)}"
        if limit is not None:
            yield f"vlimit={said(limit)}"
    elif limit is not None:
        target = min(target, limit - band / 2)
    yield f"vreg={said(target)} band={said(band)}"
    if control.reversible:
        back = control.compensation.reversed if control.compensation else None
        r, x = back or (0.0, 0.0)
        yield f"reversible=yes revvreg={said(target)} revband={said(band)}"
        yield f"revr={said(r)} revx={said(x)}"


def _between(winding: Winding) -> float:
    """Volts between phases over those across the winding: of a target without transformer ratio."""
    across = not winding.is_star and (winding.three_phase or "N" not in winding.phases)
    return 1.0 if across and len(winding.phases) > 1 else float(np.sqrt(3))


def _measured(
    control: Control, drawn: Drawn, number: int, drawing: Drawing, ratio: float
) -> tuple[int, str]:
    """The winding that is measured, and in words: its terminal, else a node of its voltage."""
    place, windings = control.place, drawn.transformer.windings
    nodes = [windings[at].port.node for at in drawn.order]
    if place is None or place.node == nodes[number - 1]:
        return number, f"winding={number} {_phase(control, drawn, number)}".strip()
    if place.node in nodes:
        other = nodes.index(place.node) + 1
        return other, f"winding={other} {_phase(control, drawn, other)}".strip()
    bus = drawing.sites.numbered(place.node, *drawn.starts[drawn.order[number - 1]])
    return number, f"winding={number} bus={bus} remoteptratio={said(ratio)}"


def _phase(control: Control, drawn: Drawn, number: int) -> str:
    """Which phase of three is measured; the first where nothing says it."""
    starts = drawn.starts[drawn.order[number - 1]]
    measured = [NUMBERS[phase] for phase in control.phases if phase in NUMBERS]
    if len(starts) < 3 or len(measured) != 1 or measured[0] not in starts:
        return ""
    return f"ptphase={starts.index(measured[0]) + 1}"


def _step(one: Regulator, ratio: float) -> float:
    return float(round(one.neutral + (ratio - 1) / (one.increment or 1.0)))


# -- capacitors


def _unswitched(layout: Layout, shunt: Shunt, control: Control, drawing: Drawing) -> str:
    if not control.enabled or control.target is None or control.mode not in _TYPES:
        return "its control is off, or not by voltage, reactive power or current"
    if (shunt.per_section.imag <= 0).any():
        return "it is no capacitor"
    if not _monitored(layout, control, drawing):
        return "its control does not say where it measures"
    return ""


def _capacitor(layout: Layout, shunt: Shunt, control: Control, drawing: Drawing) -> Iterator[str]:
    """Branches of one bank measure the same, and so move together."""
    kind, unit = _TYPES[control.mode]
    target, half = (control.target or 0.0) * unit, (control.band or 0.0) * unit / 2
    on, off = (
        (target - half, target + half) if kind == "voltage" else (target + half, target - half)
    )
    delay = shunt.delay or 0.0
    name = drawing.shunts[shunt.mrid]
    for k in range(len(shunt.branches)):
        yield (
            f"new capcontrol.{name}_{k} capacitor={name}_{k} "
            f"{_monitored(layout, control, drawing)} type={kind} ptratio=1 ctratio=1 "
            f"onsetting={said(on)} offsetting={said(off)} "
            f"delay={said(delay)} delayoff={said(delay)} deadtime=0"
        )


def _monitored(layout: Layout, control: Control, drawing: Drawing) -> str:
    """The terminal at which a control measures; empty where nothing is drawn for it."""
    terminal = control.place.terminal if control.place else None
    rows = [i for i, mrid in enumerate(layout.conductors.terminal) if mrid == terminal]
    if not rows:
        return ""
    at = int(layout.conductors.element[rows[0]])
    kind, parts = layout.kinds[at], drawing.parts.get(layout.elements[at], ())
    phases = [layout.conductors.phase[i] for i in rows]
    measured = [p for p in phases if p in control.phases] or phases
    if kind == "line":
        end = 1 if rows[0] == layout.first[at] else 2
        place = phases.index(measured[0]) + 1
        return f"element={parts[0][0]} terminal={end} ptphase={place} ctphase={place}"
    if kind == "shunt":
        shunt = next(s for s in layout.view.shunts if s.mrid == layout.elements[at])
        branch = [one for one, _ in shunt.branches].index(measured[0])
        return f"element=capacitor.{drawing.shunts[shunt.mrid]}_{branch} terminal=1"
    return ""
