"""pyvolt's CIGRE network of medium voltage, whose estimate it compares to voltages of DPsim.

It publishes these voltages alone.  Its estimate with an uncertainty of 1 % is of chance without a
seed and is not published; its 95-bus example draws its measurements so, too, and prints nothing.
Its loads are in a CIM file that was not at hand; those of CIGRE TB 575, as pandapower has them,
reproduce its voltages.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dms_apps.state_estimation.wls import estimate
from tests.dms_apps.state_estimation.of_pandapower import taken

pytestmark = pytest.mark.filterwarnings("ignore")  # of pandas and of pandapower
CASE = Path(__file__).parents[2] / "cases" / "state_estimation_pyvolt" / "cigre_mv"
INPUT, EXPECTED, PARAMS = (
    tomllib.loads((CASE / f"{name}.toml").read_text()) for name in ("input", "expected", "params")
)
VOLTS = np.array(EXPECTED["volts"]).view(np.complex128)[:, 0] / np.repeat([110e3, 20e3], [1, 14])
SIGMA = INPUT["sigma"]


def network() -> Any:
    import pandapower
    from pandapower.networks.cigre_networks import create_cigre_network_mv

    net = create_cigre_network_mv(with_der=False)
    net.ext_grid.vm_pu = INPUT["volts"] / 110e3
    for one, two in INPUT["absent"]:
        net.line.loc[(net.line.from_bus == one) & (net.line.to_bus == two), "in_service"] = False
    said = INPUT["transformer"]
    per_cent = 100 * said["mva"] * complex(said["r"], said["x"]) / 110**2
    net.trafo["vk_percent"], net.trafo["vkr_percent"] = abs(per_cent), per_cent.real
    net.trafo["shift_degree"] = 0.0
    pandapower.runpp(net, calculate_voltage_angles=True)
    return net


def estimated(net: Any) -> Any:
    of = taken(net)
    found = estimate(of.known, of.start)
    assert found.converged
    return of.volts(found.x)


def test_ideal_phasors_of_all_nodes() -> None:
    """Its example: magnitudes and angles of all voltages."""
    import pandapower

    net = network()
    for at, volts in enumerate(VOLTS):
        angle = np.angle(volts, deg=True)
        pandapower.create_measurement(net, "v", "bus", abs(volts), SIGMA["volts"], at)
        pandapower.create_measurement(net, "va", "bus", angle, SIGMA["degrees"], at)
    assert estimated(net) == pytest.approx(VOLTS, abs=1e-9)


def test_loads_and_one_voltage() -> None:
    """What its nodes draw, by the benchmark, and the voltage of N0 give all voltages."""
    import pandapower

    net = network()
    drawn = net.load.groupby("bus")[["p_mw", "q_mvar"]].sum()
    for at in range(1, len(VOLTS)):
        p, q = drawn.loc[at] if at in drawn.index else (0.0, 0.0)
        pandapower.create_measurement(net, "p", "bus", p, SIGMA["power"], at)
        pandapower.create_measurement(net, "q", "bus", q, SIGMA["power"], at)
    pandapower.create_measurement(net, "v", "bus", abs(VOLTS[0]), SIGMA["volts"], 0)
    assert np.abs(estimated(net) - VOLTS).max() < PARAMS["volts"]
