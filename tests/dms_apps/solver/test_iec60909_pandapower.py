"""Short circuits beside those of pandapower, where that is right."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np
import pandapower
import pytest
from pandapower.shortcircuit import calc_sc

from dms_apps.solver.iec60909 import Method, short_circuits
from tests.cim.electrical.documents import terminals, viewed
from tests.cim.electrical.test_short_circuit import Objects
from tests.dms_apps.solver.iec_60909_4 import objects as example


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


class Network:
    """One network, in CIM and in the words of pandapower.

    A 110 kV network, a Dyn or YNd transformer to 20 kV, and there a mesh with machine and motor.
    """

    def __init__(self, seed: int, machines: int) -> None:
        self.random = Random(seed)  # noqa: S311
        self.net: Any = pandapower.create_empty_network(f_hz=50, sn_mva=1)
        self.objects: Objects = {
            "BaseVoltage v110": {"nominalVoltage": "110000"},
            "BaseVoltage v20": {"nominalVoltage": "20000"},
        }
        self.buses: dict[str, int] = {}
        self.bus("h", 110)
        self.grid()
        self.transformer()
        count = self.random.randint(2, 6)
        for i in range(1, count):
            self.line(f"l{i}", f"m{self.random.randint(0, i - 1)}", f"m{i}")
        for i in range(self.random.randint(0, 2)):
            self.line(f"k{i}", "m0", f"m{count - 1}")
        # Not at one bus: there pandapower 3.5.6 forgets the motor in the peak current.
        places = self.random.sample(range(count), 2)
        for add, place in zip((self.motor, self.machine)[:machines], places, strict=False):
            add(f"m{place}")

    def bus(self, name: str, kv: int) -> int:
        if name not in self.buses:
            self.buses[name] = pandapower.create_bus(self.net, kv, name=name)
            level = {f"VoltageLevel vl_{name}": {"BaseVoltage": f"#v{kv}"}}
            self.objects |= {**level, f"ConnectivityNode {name}": {}}
        return self.buses[name]

    def value(self, low: float, high: float) -> float:
        return round(self.random.uniform(low, high), 4)

    def grid(self) -> None:
        current, r_x = self.value(2, 40), self.value(0.05, 0.4)
        r0_x0, x0_x = self.value(0.05, 0.4), self.value(0.8, 4)
        ratio = x0_x * math.hypot(1, r0_x0) / math.hypot(1, r_x)
        self.objects |= {
            **terminals("q", "h"),
            "ExternalNetworkInjection q": {
                "ConductingEquipment.BaseVoltage": "#v110",
                **{
                    f"{bound}{name}": f"{value}"
                    for bound in ("max", "min")
                    for name, value in (
                        ("InitialSymShCCurrent", current * 1e3),
                        ("R1ToX1Ratio", r_x),
                        ("Z0ToZ1Ratio", ratio),
                        ("R0ToX0Ratio", r0_x0),
                    )
                },
            },
        }
        power = math.sqrt(3) * 110 * current
        pandapower.create_ext_grid(
            self.net, self.buses["h"], s_sc_max_mva=power, s_sc_min_mva=power, rx_max=r_x,
            rx_min=r_x, x0x_max=x0_x, r0x0_max=r0_x0, x0x_min=x0_x, r0x0_min=r0_x0,
        )  # fmt: skip

    def transformer(self) -> None:
        mva, u, r = self.value(10, 63), self.value(6, 16), self.value(0.3, 0.9)
        kv = (self.value(105, 120), self.value(20, 22))
        star_high = self.random.random() < 0.5
        base = kv[0] ** 2 / mva
        z = complex(r, math.sqrt(u**2 - r**2)) / 100 * base
        connections = ("Yn", "D") if star_high else ("D", "Yn")
        self.objects |= {**terminals("t", "h", "m0"), "PowerTransformer t": {}}
        for i, (connection, volts) in enumerate(zip(connections, kv, strict=True)):
            own = {name: f"{value if i == 0 else 0}" for name, value in _named(z).items()}
            self.objects[f"PowerTransformerEnd t_e{i}"] = {
                "PowerTransformer": "#t",
                "TransformerEnd.Terminal": f"#t_t{i + 1}",
                "TransformerEnd.endNumber": str(i + 1),
                "connectionKind": f"~WindingConnection.{connection}",
                "phaseAngleClock": "0" if i == 0 else "5",
                "ratedU": f"{volts * 1e3}",
                "ratedS": f"{mva * 1e6}",
                "TransformerEnd.grounded": "true" if connection == "Yn" else "false",
                **own,
            }
        self.bus("m0", 20)
        pandapower.create_transformer_from_parameters(
            self.net, self.buses["h"], self.buses["m0"], mva, *kv, vkr_percent=r, vk_percent=u,
            pfe_kw=0, i0_percent=0, vk0_percent=u, vkr0_percent=r, mag0_percent=1e9, mag0_rx=0,
            si0_hv_partial=0.5, vector_group="YNd" if star_high else "Dyn",
        )  # fmt: skip

    def line(self, name: str, one: str, two: str) -> None:
        km, r, x = self.value(0.1, 10), self.value(0.05, 0.6), self.value(0.1, 0.45)
        r0, x0 = round(3 * r, 6), round(3.5 * x, 6)
        for node in (one, two):
            self.bus(node, 20)
        said = {"r": r * km, "x": x * km, "r0": r0 * km, "x0": x0 * km}
        self.objects |= {
            **terminals(name, one, two),
            f"ACLineSegment {name}": {
                "ConductingEquipment.BaseVoltage": "#v20",
                "shortCircuitEndTemperature": "80",
                **{key: f"{value!r}" for key, value in said.items()},
            },
        }
        pandapower.create_line_from_parameters(
            self.net, self.buses[one], self.buses[two], length_km=km, r_ohm_per_km=r,
            x_ohm_per_km=x, c_nf_per_km=0, max_i_ka=1, r0_ohm_per_km=r0, x0_ohm_per_km=x0,
            c0_nf_per_km=0, g0_us_per_km=0, endtemp_degree=80.0,
        )  # fmt: skip

    def motor(self, node: str) -> None:
        mw, start = self.value(0.5, 5), self.value(4, 7)
        self.objects |= {
            **terminals("a", node),
            "AsynchronousMachine a": {
                "RotatingMachine.p": "0", "RotatingMachine.q": "0",
                "RotatingMachine.ratedU": "20000", "RotatingMachine.ratedPowerFactor": "0.9",
                "ratedMechanicalPower": f"{mw * 1e6}", "efficiency": "96",
                "iaIrRatio": f"{start}", "rxLockedRotorRatio": "0.12", "polePairNumber": "2",
            },
        }  # fmt: skip
        pandapower.create_motor(
            self.net, self.buses[node], pn_mech_mw=mw, cos_phi=0.9, cos_phi_n=0.9,
            efficiency_n_percent=96, vn_kv=20, rx=0.12, lrc_pu=start,
        )  # fmt: skip

    def machine(self, node: str) -> None:
        mva, x, r = self.value(2, 30), self.value(0.1, 0.3), self.value(0.005, 0.2)
        self.objects |= {
            **terminals("g", node),
            "SynchronousMachine g": {
                "RotatingMachine.p": "0", "RotatingMachine.q": "0",
                "RotatingMachine.ratedU": "21000", "RotatingMachine.ratedS": f"{mva * 1e6}",
                "RotatingMachine.ratedPowerFactor": "0.8", "satDirectSubtransX": f"{x}",
                "r": f"{r}", "earthing": "false",
            },
        }  # fmt: skip
        pandapower.create_gen(
            self.net, self.buses[node], p_mw=0, vn_kv=21, xdss_pu=x, rdss_ohm=r, cos_phi=0.8,
            sn_mva=mva, pg_percent=0,
        )  # fmt: skip


def _named(z: complex) -> dict[str, float]:
    return {"r": z.real, "x": z.imag, "r0": z.real, "x0": z.imag}


def theirs(net: Any, fault: str, case: str, column: str) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own: rated voltages beside those of buses
        calc_sc(net, fault=fault, case=case, ip=fault != "1ph", kappa_method="C")
    return np.asarray(net.res_bus_sc[column].to_numpy() * 1e3, np.float64)


@pytest.mark.parametrize("machines", [0, 1, 2])
@pytest.mark.parametrize("seed", range(2))
def test_currents_of_random_networks(seed: int, machines: int) -> None:
    network = Network(seed, machines)
    view = viewed(network.objects)
    for maximum, case in ((True, "max"), (False, "min")):
        found = short_circuits(view, method=Method(maximum=maximum, omit_motors=False))
        places = [found.at(name) for name in network.buses]
        expected = {
            "three": theirs(network.net, "3ph", case, "ikss_ka"),
            "peak": theirs(network.net, "3ph", case, "ip_ka"),
            "two": theirs(network.net, "2ph", case, "ikss_ka"),
            "two_peak": theirs(network.net, "2ph", case, "ip_ka"),
        }
        if not len(network.net.gen):
            expected["single"] = theirs(network.net, "1ph", case, "ikss_ka")
        for column, amperes in expected.items():
            mine = getattr(found.faults, column)[places]
            assert mine == pytest.approx(amperes, rel=1e-6, abs=1), (column, case)


def test_smallest_currents_of_the_example() -> None:
    """By pandapower 3.5.6, whose largest ones are the published ones; kA."""
    view = viewed(example(), frequency=50.0)
    found = short_circuits(view, method=Method(maximum=False))
    expected = [
        5.025745,
        12.064473,
        10.210768,
        9.381985,
        11.676143,
        27.765459,
        18.392982,
        10.902359,
    ]
    mine = [found.faults.three[found.at(f"n{i}")] / 1e3 for i in range(1, 9)]
    assert mine == pytest.approx(expected, rel=1e-6)
