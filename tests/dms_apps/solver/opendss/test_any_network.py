"""A session of any network that may be drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from dms_apps.solver import nodal
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.session import Session
from dms_apps.solver.solution import Solution
from tests.cim.electrical.banks import bank, end
from tests.cim.electrical.documents import line, viewed
from tests.dms_apps.solver.feeder import load, source
from tests.dms_apps.solver.opendss.test_session import same

Objects = dict[str, dict[str, str]]


@st.composite
def networks(draw: st.DrawFn) -> Objects:
    """A tree of lines of any phases, with loads, switches and a transformer."""
    objects: Objects = source()
    phases, open_ends = {"n1": "ABC"}, ["n1"]
    for number in range(draw(st.integers(2, 6))):
        start = draw(st.sampled_from(open_ends))
        node = f"m{number}"
        kept = draw(st.sets(st.sampled_from(phases[start]), min_size=1))
        own = "".join(sorted(kept))
        if own == "ABC" and draw(st.integers(0, 3)) == 0:
            hours, kinds = draw(st.sampled_from(CONNECTIONS))
            objects |= between(f"t{number}", start, node, kinds, hours)
        else:
            objects |= lateral(f"l{number}", own, start, node)
        phases[node] = own
        open_ends.append(node)
        sizes = st.floats(-2e5, 4e5).map(round)
        each = {phase: (draw(sizes), draw(sizes)) for phase in own}
        objects |= load(name=f"d{number}", node=node, **each)  # type: ignore[arg-type]
    return objects


CONNECTIONS = [(1, ("D", "Yn")), (11, ("D", "Yn")), (0, ("Yn", "Yn")), (5, ("D", "Yn"))]


def lateral(name: str, phases: str, start: str, node: str) -> Objects:
    said = {"r": "0.4", "x": "0.7", "r0": "0.9", "x0": "2.1", "bch": "1e-6", "b0ch": "6e-7"}
    said |= {"ConductingEquipment.BaseVoltage": "#base"}
    return line(name, said, phases, (start, node))


def between(name: str, start: str, node: str, kinds: tuple[str, str], hours: int) -> Objects:
    objects = bank(end(kinds[0], 10e3, r="0.2", x="3"), end(kinds[1], 10e3, hours, r="0", x="0"))
    renamed = {"#t": f"#{name}", "#n1": f"#{start}", "#n2": f"#{node}"}
    renamed |= {f"#{old}": f"#{name}_{old}" for old in ("t_t1", "t_t2", "e1", "e2")}
    keys = {"PowerTransformer t": f"PowerTransformer {name}"}
    keys |= {f"Terminal t_t{i}": f"Terminal {name}_t_t{i}" for i in (1, 2)}
    keys |= {f"PowerTransformerEnd e{i}": f"PowerTransformerEnd {name}_e{i}" for i in (1, 2)}
    keys |= {"ConnectivityNode n1": f"ConnectivityNode {start}"}
    keys |= {"ConnectivityNode n2": f"ConnectivityNode {node}"}
    return {
        keys[key]: {name: renamed.get(value, value) for name, value in said.items()}
        for key, said in objects.items()
    }


def live_balance(solution: Solution) -> Iterator[float]:
    yield from np.abs(solution.balance[solution.island >= 0]).tolist()


@settings(max_examples=15, deadline=None)
@drawn(networks())
def test_networks_made_at_random(objects: Objects) -> None:
    layout = Layout.of(viewed(objects))
    one, other = Session(layout).solve(), nodal.solve(layout)
    same(one, other)
    assert max(live_balance(one)) < 0.1
