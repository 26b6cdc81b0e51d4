"""Everything about the short circuits of a network at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import Literal

import numpy as np

from dms_apps.short_circuit import duty, reach
from dms_apps.short_circuit.duty import Stress
from dms_apps.short_circuit.seen import Through
from dms_apps.short_circuit.zones import Device, Zones
from dms_apps.solver import fault_levels
from dms_apps.solver.fault_levels import Levels
from dms_apps.solver.faults import Before, Impedance
from dms_apps.solver.given import Given
from dms_apps.solver.iec60909 import Curve, Method, ShortCircuits, short_circuits
from dms_apps.solver.infeed import Infeed
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Engine, Solution

FREQUENCY = 60.0
"""Hertz, where nothing says it."""

MOST = 300e3
"""Amperes; no switchgear is made for more."""


@dataclass(frozen=True)
class How:
    """What is assumed.

    highest, lowest: factors on the voltages before the highest and the lowest faults.
    impedance: in the lowest faults; the highest have none.
    inverters: their current in a fault over the rated one, where the model does not say it.
    by:        what duty is judged by: faults "per-phase", or "iec60909".
    seconds:   of the short circuit, for heat.
    frequency: hertz; the model's, or else 60, when None.
    omit_motors: whether asynchronous machines that count for nothing are left out, by IEC 60909.
    curves:    of lambda, for steady-state currents of machines alone.
    """

    highest: float = 1.0
    lowest: float = 1.0
    impedance: Impedance = field(default_factory=Impedance)
    inverters: float = 1.2
    by: Literal["per-phase", "iec60909"] = "per-phase"
    seconds: float = 1.0
    frequency: float | None = None
    omit_motors: bool = True
    curves: tuple[Curve, ...] = ()


@dataclass(frozen=True, eq=False)
class Found:
    """Faults at all nodes that something feeds, and what they mean for protective devices.

    load_flow: from which faults begin, with its loads as impedances; without one they begin flat:
               no loads, machines idle.  The factors on voltages are for that alone.
    """

    layout: Layout
    given: Given
    how: How
    load_flow: Solution | None = None

    @cached_property
    def highest(self) -> Levels:
        """Bolted, with all that feeds them."""
        assumed = Infeed(inverters=self.how.inverters)
        return fault_levels.everywhere(self._before(assumed, self.how.highest))

    @cached_property
    def lowest(self) -> Levels:
        """With impedance, from sources at their weakest, and what generation there is."""
        return self._lowest(Infeed(inverters=self.how.inverters, weakest=True))

    @cached_property
    def zones(self) -> Zones:
        """Of protective devices."""
        return Zones.of(self.layout, self.given, self.highest.before.nodal.island)

    @cached_property
    def stresses(self) -> tuple[Stress, ...]:
        """What each protective device meets at the most."""
        return self._stresses(self.zones.devices)

    @cached_property
    def duty(self) -> tuple[tuple[duty.Check, ...], tuple[str, ...]]:
        """That, and what busbars meet, beside ratings; and sentences on those without."""
        every = (*self.stresses, *self._stresses(duty.busbars(self.layout)))
        return duty.checks(self.layout, every, self.frequency)

    @cached_property
    def reaches(self) -> tuple[reach.Reach, ...]:
        """What each device sees at the least."""
        if not any(one.into >= 0 for one in self.zones.devices):
            return ()
        bare = self._lowest(Infeed.none(weakest=True))
        return reach.reaches(
            self.zones, Through(self.lowest.before, self.lowest), Through(bare.before, bare)
        )

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What is taken otherwise than stated."""
        none = () if self.zones.devices else (_NO_DEVICE,)
        known = () if self.how.frequency or self.layout.view.frequency else (_NO_FREQUENCY,)
        flow = self.load_flow
        flat = () if flow is None or flow.converged else (f"{flow.remarks[0]} {_FLAT}",)
        strong = self._too_strong()
        every = (*flat, *strong, *self.highest.before.remarks, *self.zones.remarks, *none, *known)
        return tuple(dict.fromkeys(every))

    def _too_strong(self) -> Iterator[str]:
        """Currents that no network has: models for load flows have such sources."""
        levels = self.highest
        most = levels.extremes()[1]
        many = int((most > MOST).sum())
        if many:
            node = levels.nodes[int(np.nanargmax(most))]
            yield (
                f"More than {MOST / 1e3:g} kA flow at {many} node{'s' * (many > 1)}, at the most "
                f"{np.nanmax(most) / 1e3:,.0f} kA at {self.layout.view.names.get(node) or node}: "
                "impedances of sources or transformers there are no real ones."
            )
        if not levels.nodes:
            yield "Nothing feeds any node: there are no faults."

    @property
    def engine(self) -> Engine:
        """What computes the faults, and by which load flow they begin."""
        said = asdict(self.how) | {"curves": len(self.how.curves)}
        before = "none" if self.load_flow is None else self.load_flow.engine.told
        options = {**said.pop("impedance"), **said, "frequency": self.frequency}
        return Engine("gridbus faults", version("gridbus"), {**options, "load flow": before})

    def _stresses(self, devices: Sequence[Device]) -> tuple[Stress, ...]:
        if self.how.by == "iec60909":
            return duty.by_iec60909(devices, self._largest, self.load_flow)
        through = Through(self.highest.before, self.highest)
        seconds = self.how.seconds
        return duty.by_phase(devices, through, self.frequency, seconds, self.load_flow)

    @cached_property
    def _largest(self) -> ShortCircuits:
        return self.by_iec60909()

    def by_iec60909(self, *, maximum: bool = True) -> ShortCircuits:
        """Of three-phase buses, by the equivalent voltage source."""
        method = Method(
            maximum=maximum, frequency=self.frequency, duration=self.how.seconds,
            inverter=self.how.inverters, omit_motors=self.how.omit_motors,
            curves=self.how.curves,
        )  # fmt: skip
        return short_circuits(self.layout.view, self.given, method)

    @property
    def frequency(self) -> float:
        """Hertz."""
        return self.how.frequency or self.layout.view.frequency or FREQUENCY

    def _lowest(self, assumed: Infeed) -> Levels:
        return fault_levels.everywhere(self._before(assumed, self.how.lowest), self.how.impedance)

    def _before(self, assumed: Infeed, scale: float) -> Before:
        if self.load_flow is not None and self.load_flow.converged:
            return Before.after(self.load_flow, self.given, assumed)
        return Before.of(self.layout, self.given, assumed, scale=scale)


_FLAT = "Faults begin flat, without loads."
_NO_DEVICE = "There is no breaker, recloser or fuse: no duty and no reach can be told."
_NO_FREQUENCY = f"Nothing says the frequency; {FREQUENCY:g} Hz are taken."
