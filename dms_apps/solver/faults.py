"""Short circuits phase by phase, at every node, on the admittance matrix of all places.

Before the fault the network is at voltages v; between the faulted places and earth it has the
impedance z, a block of the inverse.  The fault draws currents i with v - z i = (what the fault
leaves), and all voltages and currents change by what -i alone does in the network (Helmholtz and
Thevenin; IEEE Std 3002.3, per-phase as in W. H. Kersting, Distribution System Modeling and
Analysis).  Amperes out of the places into the fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from cim.electrical.ports import PHASES, live
from dms_apps.solver import infeed, primitives
from dms_apps.solver.given import Given
from dms_apps.solver.infeed import Infeed
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled_of
from dms_apps.solver.nodal import Nodal
from dms_apps.solver.solution import Complex, Engine, Options, Solution, summed

Bools = NDArray[np.bool_]

_SAME = 1e-3
"""Of impedances to earth, by which places of one part without earth are alike."""


@dataclass(frozen=True)
class Impedance:
    """Ohm in the fault: the arc, in each faulted phase to a common point, and from there to earth.

    Between two phases the arc counts twice: a FaultImpedance of the CIM with rLineToLine has half
    of that as the arc, and its rGround to earth.
    """

    arc: complex = 0j
    earth: complex = 0j


@dataclass(frozen=True)
class Fault:
    """A short circuit between phases of a node, and with earth or not.

    phases: one or more of A, B, C, s1, s2 and N, in this order.
    """

    node: str
    phases: tuple[str, ...]
    earth: bool
    impedance: Impedance = field(default_factory=Impedance)

    @property
    def kind(self) -> str:
        """As "3ph", "2ph-earth", "1ph-earth" or "1ph-neutral"."""
        return kind(self.phases, earth=self.earth)


def kind(phases: Sequence[str], *, earth: bool) -> str:
    """The name of a fault of these phases."""
    count = len(live(phases))
    neutral = "-neutral" if count < len(phases) else ""
    return f"{count}ph{neutral}{'-earth' if earth else ''}"


@dataclass(frozen=True, eq=False)
class Before:
    """A network as it is when a fault comes.

    volts:   by place, with inverters at the limit of their current.
    volts_of, current_of: by place and by conductor, with inverters as they were.
    nodal:   admittances, with those of machines and loads.
    step:    amperes by conductor by which inverters change.
    """

    layout: Layout
    given: Given
    assumed: Infeed
    options: Options
    volts: Complex
    volts_of: Complex
    current_of: Complex
    nodal: Nodal
    step: Complex

    @classmethod
    def of(
        cls,
        layout: Layout,
        given: Given | None = None,
        assumed: Infeed | None = None,
        options: Options | None = None,
        scale: float = 1.0,
    ) -> Before:
        """Without loads: sources behind their impedances, machines idle at the same voltages.

        scale: of all voltages, such as the voltage factor of a standard.
        """
        given, assumed, options = given or Given(), assumed or Infeed(), options or Options()
        layout = _with_strengths(layout, assumed)
        nodal = Nodal.of(layout, given, options)
        volts = scale * np.asarray(nodal.factors.solve(nodal.driven), np.complex128)
        current = nodal.through @ volts - scale * nodal.offset
        entries = infeed.machines(layout, given) if assumed.machines else ()
        with_machines = _with(nodal, given, options, entries)
        return _before(with_machines, given, assumed, options, (volts, current))

    @classmethod
    def after(
        cls,
        solution: Solution,
        given: Given | None = None,
        assumed: Infeed | None = None,
        options: Options | None = None,
    ) -> Before:
        """From a load flow, with its loads as the impedances that they are at its voltages.

        Raises: ValueError for a load flow that did not converge.
        """
        if not solution.converged:
            raise ValueError(f"there is no load flow to start from: {solution.remarks[0]}")
        given, assumed, options = given or Given(), assumed or Infeed(), options or Options()
        given = replace(given, steps=solution.steps, sections=solution.sections)
        layout = _with_strengths(solution.layout, assumed)
        entries = list(infeed.loads(layout, given, solution.volts, options))
        entries += infeed.machines(layout, given) if assumed.machines else ()
        nodal = Nodal.of(layout, given, options, infeed.matrix(layout, entries))
        return _before(nodal, given, assumed, options, (solution.volts, solution.current))

    @cached_property
    def floating(self) -> Bools:
        """By place, whether it has no way to earth."""
        return np.asarray(self.nodal.leaks > 0)

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What is taken otherwise than stated, in sentences."""
        unknown = infeed.unknown(self.layout, self.given) if self.assumed.machines else ()
        return (*self.layout.remarks, *unknown)

    @cached_property
    def nodes(self) -> Mapping[str, tuple[int, ...]]:
        """The places of each node that something feeds, in the order of their phases."""
        found: dict[str, list[int]] = {}
        places = self.layout.places
        for i in np.flatnonzero(self.nodal.island >= 0).tolist():
            found.setdefault(places[i][0], []).append(i)
        return {
            node: tuple(sorted(some, key=lambda i: PHASES.index(places[i][1])))
            for node, some in found.items()
            if any(places[i][1] != "N" for i in some)
        }


def _with(nodal: Nodal, given: Given, options: Options, entries: Iterable[infeed.Entry]) -> Nodal:
    """The same with these, if there are any."""
    more = infeed.matrix(nodal.layout, entries)
    return Nodal.of(nodal.layout, given, options, more) if more.nnz else nodal


def _with_strengths(layout: Layout, assumed: Infeed) -> Layout:
    view = infeed.with_strengths(layout.view, assumed)
    return layout if view is layout.view else Layout.of(view)


def _before(
    nodal: Nodal, given: Given, assumed: Infeed, options: Options, known: tuple[Complex, Complex]
) -> Before:
    layout, place = nodal.layout, nodal.layout.conductors.place
    dead = nodal.island < 0
    volts, current = np.where(dead, 0, known[0]), np.where(dead[place], 0, known[1])
    fed = infeed.limited(layout, given, volts, assumed.inverters)
    step = np.where(_of_inverters(layout), fed - current, 0)
    raised = nodal.factors.solve(summed(place, step, len(volts))) if step.any() else 0
    return Before(
        layout,
        given,
        assumed,
        options,
        np.where(dead, 0, volts - raised),
        volts,
        current,
        nodal,
        step,
    )


def _of_inverters(layout: Layout) -> Bools:
    known = {one.mrid for one in layout.view.short_circuit.inverters}
    found = np.zeros(len(layout.conductors.place), np.bool_)
    for generator in layout.view.generators:
        if generator.mrid in known:
            found[layout.rows(generator.mrid)] = True
    return found


# -- one fault


def during(before: Before, fault: Fault) -> Solution:
    """The whole network while a fault lasts; what does not balance at its node is the fault.

    Raises: KeyError for a place that is not in the layout, ValueError for one that nothing feeds.
    """
    places = [before.layout.number[fault.node, phase] for phase in fault.phases]
    if (before.nodal.island[places] < 0).any():
        node = titled_of(before.layout.view.names, fault.node)
        raise ValueError(f"nothing feeds {node} on {', '.join(fault.phases)}")
    one = np.zeros((len(before.volts), len(places)), np.complex128)
    one[places, np.arange(len(places))] = 1
    inverse = before.nodal.factors.solve(one)
    v, floating = before.volts[places][None], bool(before.floating[places[0]])
    earth = fault.earth and not floating
    current = drawn(inverse[places][None], v, fault.impedance, earth=earth)[0]
    volts = np.where(before.nodal.island < 0, 0, before.volts - inverse @ current)
    if fault.earth and floating:  # nothing flows into earth, and the whole part shifts
        with_it = before.floating & (np.abs(inverse[:, 0] / inverse[places[0], 0] - 1) < _SAME)
        volts = np.where(
            with_it, volts - volts[places[0]] + fault.impedance.arc * current[0], volts
        )
    return _solution(before, volts, current, fault)


def _solution(before: Before, volts: Complex, current: Complex, fault: Fault) -> Solution:
    layout, place = before.layout, before.layout.conductors.place
    flows = before.current_of + before.nodal.through @ (volts - before.volts_of) + before.step
    flows = np.where(before.nodal.island[place] < 0, 0, flows)
    amperes = [abs(one) for one in (*current, current.sum())]
    said = (asdict(before.assumed), asdict(before.options), asdict(fault), {"amperes": amperes})
    return Solution(
        layout,
        Engine(
            "gridbus faults", version("gridbus"), {k: v for some in said for k, v in some.items()}
        ),
        True,
        volts,
        before.nodal.island,
        lambda: flows,
        primitives.steps(layout, before.given),
        primitives.sections(layout, before.given),
        lambda: before.remarks,
    )


def drawn(z: Complex, v: Complex, impedance: Impedance, *, earth: bool) -> Complex:
    """Amperes that a fault draws from its places; many at once, along the first axis.

    z: ohm between the places and earth, (n, k, k); v: volts before, (n, k).
    Without a way to earth only differences count: what is common to all entries of z, and huge in
    a network without earth, drops out before it is divided by.
    """
    k = v.shape[-1]
    z = z + impedance.arc * np.eye(k)
    if earth:
        return np.asarray(np.linalg.solve(z + impedance.earth, v[..., None])[..., 0])
    if k == 1:
        return np.zeros_like(v)
    apart = np.hstack([-np.ones((k - 1, 1)), np.eye(k - 1)])
    inner = np.linalg.solve(apart @ z @ apart.T, apart @ v[..., None])
    return np.asarray((apart.T @ inner)[..., 0])
