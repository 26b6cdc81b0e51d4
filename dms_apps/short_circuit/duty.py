"""The duty of protective devices and busbars: what faults at their terminals ask of them, beside
ratings."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.electrical.limits import Limit
from dms_apps.short_circuit.seen import Through, in_phase
from dms_apps.short_circuit.zones import Device
from dms_apps.solver.iec60909 import ShortCircuits
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Solution
from dms_apps.solver.violations import Violation

Floats = NDArray[np.float64]

_DUTIES = uuid.UUID("0f6f3e0d-3d4f-5f0e-9a57-8b1f2f4f3a4e")  # namespace of our identifiers
MAKING = {50.0: 2.5, 60.0: 2.6}
"""Peak that a breaker makes over what it breaks (IEC 62271-100, rated making current)."""
_FUSES = ("Fuse",)
_BUSBAR = "BusbarSection"
_SHOWN = 20
_EQUAL = 1e-6
"""Of currents: the first kind of fault is named, not the one of the last digit."""


@dataclass(frozen=True)
class Stress:
    """The most that a device meets, amperes; through it where it is closed, else at the side of it
    that is stronger.  At a busbar it is all that flows there.

    initial:  r.m.s., symmetrical.
    peak:     the highest moment.
    breaking: r.m.s., symmetrical, as contacts part.
    thermal:  r.m.s. that heats as much over `seconds`.
    node, fault: where and what it is, e.g. "3ph ABC".
    load:     in the phase that carries most, of a load flow; None without one.
    """

    device: Device
    node: str
    fault: str
    initial: float
    peak: float
    breaking: float
    thermal: float
    seconds: float
    load: float | None = None


@dataclass(frozen=True)
class Check:
    """One value beside its rating, amperes.

    what: "breaking", "making", "thermal" or "load"; of a busbar "peak".
    """

    stress: Stress
    what: str
    value: float
    rating: float
    source: str

    @property
    def share(self) -> float:
        """The value over its rating."""
        return self.value / self.rating

    @property
    def held(self) -> bool:
        """Whether the device is fit for it."""
        return self.value <= self.rating

    def sentence(self, node: str) -> str:
        """The verdict; `node` as people call it."""
        device = self.stress.device
        of = f"{device.kind} {device.name}"
        fit = "within" if self.held else "beyond"
        if self.what == "load":
            return (
                f"{of} carries {self.value:,.1f} A, {fit} its {self.rating:,.1f} A ({self.source})."
            )
        said = {
            "breaking": f"may have to break {self.value / 1e3:,.3f} kA",
            "peak": f"may meet a peak of {self.value / 1e3:,.3f} kA",
            "making": f"may be closed on a peak of {self.value / 1e3:,.3f} kA",
            "thermal": f"may carry {self.value / 1e3:,.3f} kA for {self.stress.seconds:g} s",
        }[self.what]
        return (
            f"{of} {said} ({self.stress.fault} at {node}), {fit} its {self.rating / 1e3:,.3f} kA "
            f"({self.source}), {100 * self.share:,.0f} %."
        )


# -- what they meet


def busbars(layout: Layout) -> tuple[Device, ...]:
    """Busbars as devices of one side, which carry what flows at their node."""
    return tuple(
        Device(
            one.mrid, one.name or one.mrid, _BUSBAR, (one.port.node, one.port.node), closed=False
        )
        for one in layout.view.busbars
    )


def by_phase(
    devices: Sequence[Device],
    through: Through,
    frequency: float,
    seconds: float = 1.0,
    load: Solution | None = None,
) -> tuple[Stress, ...]:
    """By faults phase by phase at the terminals of each device that something feeds.

    The breaking current is the initial one: the decay of machines near by is left out, which is on
    the safe side.
    """
    levels = through.levels
    kappa = peak_factor(levels.x_r)
    heat = np.array([thermal_factor(k, seconds, frequency) for k in kappa.tolist()])
    at: dict[str, list[int]] = {}
    for row, number in enumerate(levels.node.tolist()):
        at.setdefault(levels.nodes[number], []).append(row)
    found = []
    for device in devices:
        nodes = dict.fromkeys(device.nodes)
        rows = np.array([row for node in nodes for row in at.get(node, ())], np.int64)
        if not len(rows):
            continue
        amperes = levels.highest[rows]
        if device.closed:
            amperes = in_phase(through.of(device.mrid, rows))
        most = int(np.flatnonzero(amperes >= amperes.max() * (1 - _EQUAL))[0])
        row = int(rows[most])
        found.append(
            Stress(
                device,
                levels.nodes[levels.node[row]],
                f"{levels.kinds[row]} {''.join(levels.phases(row))}",
                float(amperes[most]),
                float((math.sqrt(2) * kappa[rows] * amperes).max()),
                float(amperes[most]),
                float((heat[rows] * amperes).max()),
                seconds,
                _load(device, load),
            )
        )
    return tuple(found)


def by_iec60909(
    devices: Sequence[Device], found: ShortCircuits, load: Solution | None = None
) -> tuple[Stress, ...]:
    """By IEC 60909-0 at the bus of each device: all of the current there, also what a device does
    not carry itself."""
    faults = found.faults
    kinds = {
        "3ph": faults.three,
        "2ph": faults.two,
        "2ph-earth": np.fmax(faults.earth_two_b, faults.earth_two_c),
        "1ph-earth": faults.single,
    }
    stresses = []
    for device in devices:
        buses = [(node, found.at(node)) for node in device.nodes if node in _numbers(found)]
        sized = [
            (float(current[bus]), kind, node, bus)
            for node, bus in buses
            for kind, current in kinds.items()
            if np.isfinite(current[bus])
        ]
        if not sized or max(sized)[0] <= 0:
            continue
        most, kind, node, bus = max(sized)
        heat = float(faults.thermal[bus] / faults.three[bus]) if faults.three[bus] else 1.0
        stresses.append(
            Stress(
                device,
                node,
                kind,
                most,
                math.sqrt(2) * float(faults.kappa[bus]) * most,
                float(faults.breaking[bus]) if kind == "3ph" else most,
                heat * most,
                found.method.duration,
                _load(device, load),
            )
        )
    return tuple(stresses)


def _numbers(found: ShortCircuits) -> Mapping[str, int]:
    return found.circuit.buses.number


def peak_factor(x_r: Floats) -> Floats:
    """Peak over the amplitude of the initial current, by X/R (IEC 60909-0, 55)."""
    with np.errstate(divide="ignore"):
        return np.asarray(1.02 + 0.98 * np.exp(-3 / np.maximum(x_r, 0)))


def thermal_factor(kappa: float, seconds: float, frequency: float) -> float:
    """Thermally equivalent over initial current, far from generators: n is 1 (IEC 60909-0, 104)."""
    if kappa <= 1.02 or kappa >= 2:
        return 1.0 if kappa <= 1.02 else math.sqrt(3)
    decay = 2 * frequency * seconds * math.log(kappa - 1)
    return math.sqrt(1 + (math.exp(2 * decay) - 1) / decay)


def _load(device: Device, load: Solution | None) -> float | None:
    if load is None or not load.converged or device.kind == _BUSBAR:
        return None
    return float(np.abs(load.current[load.layout.rows(device.mrid)]).max(initial=0.0))


# -- what they can


def checks(
    layout: Layout, stresses: Sequence[Stress], frequency: float
) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """Each value beside its rating; and sentences on devices that state none."""
    ratings: dict[str, list[Limit]] = {}
    for limit in layout.view.limits:
        ratings.setdefault(limit.of, []).append(limit)
    found: list[Check] = []
    bare, absurd, frail = [], [], []
    for stress in stresses:
        stated = ratings.get(stress.device.mrid, [])
        sound = [one for one in stated if not _is_absurd(one, stated)]
        own = list(_checks(stress, sound, frequency))
        found += own
        called = f"{stress.device.kind} {stress.device.name}"
        if len(sound) < len(stated):
            absurd.append(called)
        elif stress.device.kind == _BUSBAR:
            frail += [called] * (not own)
        elif not any(one.what == "breaking" for one in own):
            bare.append(called)
    none = _said("No breaking capacity is stated of {}: their duty cannot be judged.", bare)
    no_more = "The breaking capacity of {} is no more than the rated current: it is not used."
    no_peak = "No BusbarSection.ipMax is stated of {}: what they stand cannot be judged."
    return tuple(found), (*none, *_said(no_more, absurd), *_said(no_peak, frail))


def _is_absurd(limit: Limit, stated: Sequence[Limit]) -> bool:
    """A breaking capacity that a device carries for good."""
    return limit.kind == "breakingCapacity" and any(
        one.kind == "patl" and one.quantity == "A" and limit.value <= one.value for one in stated
    )


def _checks(stress: Stress, ratings: Sequence[Limit], frequency: float) -> Iterator[Check]:
    for limit in ratings:
        if limit.kind == "ipMax":
            yield Check(stress, "peak", stress.peak, limit.value, limit.source)
        elif limit.kind == "breakingCapacity":
            yield Check(stress, "breaking", stress.breaking, limit.value, limit.source)
            if stress.device.kind not in _FUSES:
                yield from _of_breaker(stress, limit, frequency)
        elif limit.kind == "patl" and limit.quantity == "A" and stress.load is not None:
            yield Check(stress, "load", stress.load, limit.value, limit.source)


def _of_breaker(stress: Stress, limit: Limit, frequency: float) -> Iterator[Check]:
    """What IEC 62271-100 gives a breaker with its breaking capacity, where nothing else is said:
    its making current, and that it carries as much for 1 s, or as much heat in another time."""
    times = MAKING.get(frequency, min(MAKING.values()))
    source = f"{times:g} times {limit.source}, by IEC 62271-100"
    yield Check(stress, "making", stress.peak, times * limit.value, source)
    rating = limit.value / math.sqrt(max(stress.seconds, 1.0))
    source = f"for {stress.seconds:g} s by {limit.source} for 1 s, by IEC 62271-100"
    yield Check(stress, "thermal", stress.thermal, rating, source)


def _said(sentence: str, devices: Sequence[str]) -> tuple[str, ...]:
    if not devices:
        return ()
    more = len(devices) - _SHOWN
    shown = ", ".join(devices[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return (sentence.format(shown),)


def violations(layout: Layout, found: Sequence[Check]) -> tuple[Violation, ...]:
    """Those that are not held, but for loads, which a load flow tells."""
    return tuple(
        Violation(
            str(uuid.uuid5(_DUTIES, f"{one.stress.device.mrid} {one.what}")),
            one.stress.device.mrid,
            _terminal(layout, one.stress),
            one.stress.node,
            "",
            "A",
            "high",
            _KINDS[one.what],
            one.value,
            one.rating,
            one.source,
            one.stress.seconds if one.what == "thermal" else None,
        )
        for one in found
        if not one.held and one.what != "load"
    )


_KINDS = {
    "breaking": "breakingCapacity",
    "making": "makingCapacity",
    "thermal": "tatl",
    "peak": "ipMax",
}


def _terminal(layout: Layout, stress: Stress) -> str:
    if stress.device.kind == _BUSBAR:
        own = (b.port.terminal for b in layout.view.busbars if b.mrid == stress.device.mrid)
        return next(own)
    rows = layout.rows(stress.device.mrid)
    for row in range(rows.start, rows.stop):
        if layout.places[layout.conductors.place[row]][0] == stress.node:
            return str(layout.conductors.terminal[row])
    return str(layout.conductors.terminal[rows.start])
