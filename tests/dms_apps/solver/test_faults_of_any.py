"""Faults: what must hold of any network."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st

from cim.electrical.view import View
from dms_apps.solver import fault_levels, faults, nodal
from dms_apps.solver.fault_levels import Levels
from dms_apps.solver.faults import Impedance
from dms_apps.solver.layout import Layout
from tests.cim.electrical.documents import line, viewed
from tests.dms_apps.solver.feeder import Objects, balanced_line, source
from tests.dms_apps.solver.test_faults import (
    flat,
)

ohm = st.floats(0.05, 5)
SHIFT = str.maketrans("ABC", "BCA")


@st.composite
def networks(draw: st.DrawFn, turned: bool = False) -> Iterator[tuple[View, View]]:
    """A feeder with laterals, and the same with its phases renamed A to B to C."""
    phases = [draw(st.sampled_from(["A", "B", "C", "AB", "BC", "CA", "ABC"])) for _ in range(4)]
    parents = [draw(st.integers(0, n)) for n in range(4)]
    values = [[f"{draw(ohm)}" for _ in range(2)] for _ in range(5)]

    def of(turn: bool) -> View:
        parts: list[Objects] = [source(), balanced_line("l", ("n1", "k0"))]
        have = ["ABC"]
        for n, (wanted, parent) in enumerate(zip(phases, parents, strict=True), 1):
            # A lateral has phases of what it hangs on.
            names = "".join(p for p in wanted if p in have[parent]) or have[parent]
            have.append(names)
            r, x = values[n]
            said = {"r": r, "x": x, "r0": str(3 * float(r)), "x0": str(2.5 * float(x))}
            own = names.translate(SHIFT) if turn else names
            parts.append(
                line(f"l{n}", said | {"Conductor.length": "1"}, own, (f"k{parent}", f"k{n}"))
            )
        return viewed(*parts)

    return of(False), of(True)


few = settings(max_examples=15, deadline=None)


@few
@drawn_from(networks(), st.floats(0, 20), st.floats(0, 20))
def test_impedance_in_the_fault_never_raises_its_current(
    pair: tuple[View, View], arc: float, earth: float
) -> None:
    before = flat(pair[0])
    bolted, less = (
        fault_levels.everywhere(before),
        fault_levels.everywhere(before, Impedance(arc, earth)),
    )
    loops = np.array([kind in ("2ph", "1ph-earth") for kind in bolted.kinds])
    assert (less.highest[loops] <= bolted.highest[loops] * (1 + 1e-12)).all()


@few
@drawn_from(networks())
def test_names_of_phases_do_not_matter(pair: tuple[View, View]) -> None:
    one, two = (fault_levels.everywhere(flat(of)) for of in pair)

    def table(levels: Levels, shift: bool) -> dict[tuple[str, str, frozenset[str]], float]:
        return {
            (levels.nodes[levels.node[r]], levels.kinds[r],
             frozenset(p.translate(SHIFT) if shift else p for p in levels.phases(r))):
            float(levels.highest[r]) for r in range(len(levels.node))
        }  # fmt: skip

    assert table(one, True) == pytest.approx(table(two, False), rel=1e-9)


@few
@drawn_from(networks(), st.data())
def test_one_fault_in_the_whole_network_is_the_same_fault(
    pair: tuple[View, View], data: st.DataObject
) -> None:
    """Currents balance at every place but the faulted ones, where what is missing is the fault."""
    levels = fault_levels.everywhere(flat(pair[0]), Impedance(0.1, 0.2))
    row = data.draw(st.integers(0, len(levels.node) - 1))
    found = faults.during(levels.before, levels.fault(row))
    into = np.zeros(len(found.layout.places), np.complex128)
    np.add.at(into, found.layout.conductors.place, found.current)
    for place, current in zip(levels.places[row], levels.current[row], strict=True):
        if place >= 0:
            assert -into[place] == pytest.approx(current, rel=1e-8, abs=1e-6)
            into[place] = 0
    assert np.abs(into).max() < 1e-4
    drop = found.volts[levels.places[row][0]] - 0.1 * levels.current[row][0]
    if levels.earth[row]:
        assert drop == pytest.approx(0.2 * levels.current[row].sum(), rel=1e-8, abs=1e-6)


@few
@drawn_from(networks())
def test_blocks_of_the_inverse_are_what_solving_gives(pair: tuple[View, View]) -> None:
    from dms_apps.solver.inverse import blocks

    of = nodal.Nodal.of(Layout.of(pair[0]))
    groups = [[0, 2], [1], [3, 4, 5], list(range(len(of.layout.places)))]
    for group, found in zip(groups, blocks(of.factors, groups), strict=True):
        assert found == pytest.approx(of.thevenin(group), rel=1e-9, abs=1e-12)
