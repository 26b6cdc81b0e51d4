"""Faults on networks made by chance beside the fault study of OpenDSS."""

from __future__ import annotations

import json
import subprocess
import sys
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from numpy.typing import NDArray

from dms_apps.solver import fault_levels, nodal
from dms_apps.solver.faults import Before, Fault
from dms_apps.solver.infeed import Infeed
from dms_apps.solver.layout import Layout
from tests.cim.electrical.opendss import NUMBERS, circuit

Matrix = NDArray[np.complex128]

# Runs by itself, as OpenDSS changes the working directory.
_STUDY = """
import json, sys
from dss import DSS
DSS.AllowEditor = False
for line in json.load(sys.stdin):
    DSS.Text.Command = line
    if DSS.Error.Number:
        raise SystemExit(DSS.Error.Description)
found = {}
for bus in DSS.ActiveCircuit.AllBusNames:
    DSS.ActiveCircuit.SetActiveBus(bus)
    active = DSS.ActiveCircuit.ActiveBus
    found[bus] = [list(map(int, active.Nodes)), *(
        list(map(float, some)) for some in (active.ZscMatrix, active.Voc, active.Isc))]
print(json.dumps(found))
"""


def study(lines: list[str]) -> dict[str, tuple[list[int], Matrix, Matrix, Matrix]]:
    """By bus its node numbers, impedance matrix, open-circuit voltages and bolted currents."""
    with TemporaryDirectory() as folder:
        ended = subprocess.run(
            [sys.executable, "-c", _STUDY],
            input=json.dumps(lines), cwd=folder, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    found = {}
    for bus, (nodes, *some) in json.loads(ended.stdout.splitlines()[-1]).items():
        z, volts, current = (np.array(one).view(np.complex128) for one in some)
        found[bus] = nodes, z.reshape(len(nodes), -1), volts, current
    return found


def network(random: Random, *, loads: bool) -> list[str]:
    """A substation, a tree of lines of one to three phases, transformers, one ring, and loads.

    Behind the transformer t there may be a delta without earth: OpenDSS needs its `ppm` there.
    """
    z = " ".join(f"{name}={random.uniform(0.05, 2):.5f}" for name in ("R1", "X1", "R0", "X0"))
    lines = [
        "Clear",
        f"New Circuit.c basekv=69 pu=1.02 {z}",
        "New Transformer.sub windings=2 buses=(sourcebus n0) conns=(delta wye) kvs=(69 12.47)"
        f" kvas=(10000 10000) xhl={random.uniform(4, 10):.4f} %loadloss=0.8 ppm=0",
    ]
    phases = {0: (1, 2, 3)}
    for n in range(1, 9):
        parent = random.choice([*phases])
        have = phases[parent]
        count = random.randint(1, len(have)) if n > 3 else len(have)
        phases[n] = tuple(sorted(random.sample(have, count)))
        ends = "".join(f".{p}" for p in phases[n])
        r, x, c = (
            "|".join(
                " ".join(f"{random.uniform(*(own if i == j else other)):.6f}" for j in range(i + 1))
                for i in range(count)
            )
            for own, other in (
                ((0.3, 0.6), (0.1, 0.2)),
                ((0.6, 1.2), (0.2, 0.4)),
                ((8, 9), (-2, -1)),
            )
        )
        lines.append(
            f"New LineCode.k{n} nphases={count} units=km rmatrix=({r}) xmatrix=({x}) cmatrix=({c})"
        )
        lines.append(
            f"New Line.l{n} phases={count} bus1=n{parent}{ends} bus2=n{n}{ends} linecode=k{n}"
            f" units=km length={random.uniform(0.2, 3):.4f}"
        )
        kv = 12.47 if count == 3 else 12.47 / np.sqrt(3)
        if loads and count in (1, 3):
            lines.append(
                f"New Load.d{n} phases={count} bus1=n{n}{ends} kv={kv:.6f} model=2"
                f" kw={random.uniform(50, 400):.3f} kvar={random.uniform(10, 200):.3f}"
            )
    three = [n for n, own in phases.items() if len(own) == 3]
    if len(three) > 2:
        lines.append(
            f"New Line.ring bus1=n{three[0]} bus2=n{three[-1]} linecode=k1 units=km length=1.5"
        )
    connection = random.choice(["delta wye", "wye wye", "wye delta"])
    lines.append(
        f"New Transformer.t windings=2 buses=(n{three[-1]} low) conns=({connection})"
        " kvs=(12.47 0.48) kvas=(500 500) xhl=4.5 %loadloss=1.1 ppm=1"
    )
    lines.append(
        "New Transformer.m phases=1 windings=3 buses=(n0.1 house.1.0 house.0.2) kvs=(7.2 .12 .12)"
        " kvas=(50 50 50) xhl=2 xht=2 xlt=1.4 %rs=(0.6 1.2 1.2) ppm=0"
    )
    return [*lines, "Set VoltageBases=(69 12.47 0.48)", "CalcVoltageBases"]


@pytest.mark.parametrize(("seed", "loads"), [(1, False), (13, False), (3, True), (6, True)])
def test_fault_study_of_random_networks(seed: int, loads: bool) -> None:
    commands = network(Random(seed), loads=loads)  # noqa: S311 - networks are no secret
    of = circuit(*commands, "solve")
    theirs = study([*commands, "solve mode=direct", "solve mode=faultstudy"])
    layout = Layout.of(of.view)
    if loads:
        before = Before.after(nodal.solve(layout), assumed=Infeed.none())
    else:
        before = Before.of(layout, assumed=Infeed.none())
    levels = fault_levels.everywhere(before)
    checked = 0
    for row, kind in enumerate(levels.kinds):
        fault = levels.fault(row)
        [(bus, _)] = set(of.places([(fault.node, fault.phases[0])])[:1])
        nodes, z, volts, all_nodes = theirs[bus]
        at = [nodes.index(NUMBERS[phase]) for phase in fault.phases]
        floating = before.floating[layout.number[fault.node, fault.phases[0]]]
        expected = by_formula(z[np.ix_(at, at)], volts[at], fault, bool(floating))
        found = levels.current[row][: len(at)]
        scale = np.abs(all_nodes).max()
        assert found == pytest.approx(expected, rel=2e-5, abs=2e-5 * scale), (bus, kind)
        if kind == "3ph-earth" and not floating:
            assert found == pytest.approx(all_nodes[at], rel=2e-5), bus
        checked += 1
    assert checked > 50


def by_formula(z: Matrix, volts: Matrix, fault: Fault, floating: bool) -> Matrix:
    """Currents into the fault from the impedances and voltages of OpenDSS."""
    if fault.earth and not floating:
        return np.asarray(np.linalg.solve(z, volts))
    if len(volts) == 1:
        return np.zeros(1, np.complex128)
    if len(volts) == 2:
        one = (volts[0] - volts[1]) / (z[0, 0] + z[1, 1] - z[0, 1] - z[1, 0])
        return np.array([one, -one])
    ends = np.array([[1, -1, 0], [0, 1, -1]])
    loops = np.linalg.solve(ends @ z @ ends.T, ends @ volts)
    return np.asarray(ends.T @ loops)
