"""What a solver found: voltages by place, powers and currents by conductor, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.layout import Ints, Layout

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Options:
    """How to solve.

    controls:   "fixed" leaves taps and sections as given; "local" lets regulators and capacitors
                follow their own controls.
    tolerance:  relative change of any voltage at which it stops.
    iterations: most of them.
    switch_ohm: of a closed pole.
    low, high:  per unit; outside of it a load is the impedance that it is at the nearer end, as
                OpenDSS has it (Vminpu, Vmaxpu).
    """

    controls: str = "fixed"
    tolerance: float = 1e-9
    iterations: int = 200
    switch_ohm: float = 1e-4
    low: float = 0.0
    high: float = np.inf

    def __post_init__(self) -> None:
        if self.controls not in ("fixed", "local"):
            raise ValueError(f"controls is {self.controls!r}; it may be fixed or local")


@dataclass(frozen=True)
class Engine:
    """What computed, so that it can be done again.

    options: by name, all that decide the result.
    """

    name: str
    version: str
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """All of it, for sentences."""
        said = ", ".join(f"{name} {value}" for name, value in self.options.items())
        return f"{self.name} {self.version}; {said}" if said else f"{self.name} {self.version}"


@dataclass(frozen=True, eq=False)
class Solution:
    """One state of a layout; load convention: power and current from the place into the equipment.

    converged: when not, all values are NaN, and the first of `remarks` says why.
    volts:     by place, to earth; 0 where nothing feeds it.
    island:    by place; -1 where nothing feeds it.
    carried:   gives the amperes by conductor, which follow from the voltages, when they are wanted.
    steps:     position of each tap changer as it ended, by mRID.
    sections:  of each shunt compensator as it ended, by mRID and branch.
    said:      gives `remarks`, when they are wanted.
    """

    layout: Layout
    engine: Engine
    converged: bool
    volts: Complex
    island: Ints
    carried: Callable[[], Complex]
    steps: Mapping[str, float]
    sections: Mapping[str, tuple[float, ...]]
    said: Callable[[], tuple[str, ...]]

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on what was left out or taken otherwise."""
        return self.said()

    def saying(self, *remarks: str) -> Solution:
        """The same with other remarks."""
        return replace(self, said=lambda: remarks)

    @cached_property
    def current(self) -> Complex:
        """Amperes by conductor; 0 where nothing feeds it."""
        return self.carried()

    @cached_property
    def power(self) -> Complex:
        """Volt-amperes by conductor; 0 where nothing feeds it."""
        power = self.volts[self.layout.conductors.place] * self.current.conj()
        return np.where(self.current == 0, 0, power)  # also where no voltage is known

    @property
    def supplies(self) -> bool:
        """Whether it converged, and any place is fed."""
        return self.converged and bool((self.island >= 0).any())

    @cached_property
    def balance(self) -> Complex:
        """Volt-amperes that leave each place through all equipment together: 0 but for errors."""
        place = self.layout.conductors.place
        size = len(self.layout.places)
        return summed(place, self.power, size)

    @cached_property
    def taken(self) -> Complex:
        """Volt-amperes that each element takes in altogether: of lines, transformers and switches
        their losses, of loads what they draw, of generators and sources below 0."""
        return summed(self.layout.conductors.element, self.power, len(self.layout.elements))

    def losses(self) -> complex:
        """Volt-amperes lost in lines, transformers, switches and the shunts' resistance."""
        lossy = np.isin(self.layout.kinds, ("line", "transformer", "switch"))
        return complex(self.taken[lossy].sum())

    def of(self, mrid: str) -> tuple[Complex, Complex]:
        """Power and current at the conductors of an element.  Raises: KeyError."""
        rows = self.layout.rows(mrid)
        return self.power[rows], self.current[rows]

    def at(self, node: str, phase: str) -> complex:
        """Volts of a place.  Raises: KeyError."""
        return complex(self.volts[self.layout.number[node, phase]])


def summed(at: Ints, values: Complex, size: int) -> Complex:
    """The sums of values by number."""
    real = np.bincount(at, values.real, size)
    return np.asarray(real + 1j * np.bincount(at, values.imag, size), np.complex128)


def unsolved(layout: Layout, engine: Engine, island: Ints, why: str) -> Solution:
    """A solution that is none."""
    nan = complex(np.nan, np.nan)
    rows = len(layout.conductors.element)
    return Solution(
        layout,
        engine,
        False,
        np.full(len(layout.places), nan),
        island,
        lambda: np.full(rows, nan),
        {},
        {},
        lambda: (why, *layout.remarks),
    )
