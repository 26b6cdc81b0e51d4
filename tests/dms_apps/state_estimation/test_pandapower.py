"""The estimates that pandapower's own tests publish, on the same networks and by the same chance.

Source: pandapower 3.5, pandapower/test/estimation/test_wls_estimation.py.  Its networks of plain
lines are case folders; here are those with transformers, charging, open switches or chance.  What
is measured is a load flow's, times or plus a normal error, drawn in the order of that test; what is
published is how far an estimate may be from the load flow.  Each must also be what pandapower
itself estimates.

Left out: tests of bus couplers (test_net_with_bb_switch_*), of which pandapower invents the
impedance, or adds up the powers of their buses, so that a measurement is at no terminal any more;
test_net_unobserved_island, test_zero_injection_aux_bus and test_net_oos_line, which publish no
figure; and test_pmu.py, whose estimates by linear programming have 0.01 per unit to spare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from dms_apps.state_estimation.bad_data import cleaned
from dms_apps.state_estimation.wls import Estimate, chi_square, estimate
from tests.dms_apps.state_estimation.of_pandapower import Taken, taken

pytestmark = pytest.mark.filterwarnings("ignore")  # of pandas and of pandapower
_LEAST = 1e-3


@dataclass
class Meters:
    """What is measured of a network after its load flow, with errors by chance."""

    net: Any
    chance: np.random.RandomState

    def exact(
        self, kind: str, what: str, at: int, value: float, sigma: float, side: str = ""
    ) -> None:
        import pandapower

        pandapower.create_measurement(self.net, kind, what, value, sigma, at, side=side or None)

    def times(self, kind: str, what: str, at: int, truth: float, side: str = "") -> None:
        """Three per cent of it off."""
        value = truth * self.chance.normal(1.0, 0.03)
        self.exact(kind, what, at, value, max(_LEAST, abs(0.03 * truth)), side)

    def plus(
        self, kind: str, what: str, at: int, truth: float, sigma: float, side: str = ""
    ) -> None:
        self.exact(kind, what, at, self.chance.normal(truth, sigma), sigma, side)

    def volts(self, at: int, truth: float, sigma: float = 0.01) -> None:
        self.exact("v", "bus", at, truth * self.chance.normal(1.0, sigma), sigma)


def solved(net: Any) -> Any:
    import pandapower

    pandapower.runpp(net, calculate_voltage_angles=True)
    return net


def ring(kilovolt: float = 1.0) -> Any:
    """Three buses, of Abur and Gómez Expósito's example 2.2."""
    import pandapower as pp

    net = pp.create_empty_network()
    pp.create_buses(net, 3, kilovolt)
    for one, two, z in ((0, 1, 0.01 + 0.03j), (0, 2, 0.02 + 0.05j), (1, 2, 0.03 + 0.08j)):
        pp.create_line_from_parameters(net, one, two, 1, z.real, z.imag, 0, 1)
    return net


def loaded_ring(seed: int) -> Meters:
    """Two voltages, that of bus 3 at bus 2; injections; a flow."""
    import pandapower as pp

    net = ring()
    pp.create_ext_grid(net, 0)
    pp.create_load(net, 1, 0.495974966, 0.297749528)
    pp.create_load(net, 2, 1.514220983, 0.787528929)
    bus, line = solved(net).res_bus, net.res_line
    made = Meters(net, np.random.RandomState(seed))
    made.volts(0, bus.vm_pu[0])
    made.volts(1, bus.vm_pu[2])
    for at in (0, 2):
        made.times("p", "bus", at, bus.p_mw[at])
        made.times("q", "bus", at, bus.q_mvar[at])
    made.times("p", "line", 0, line.p_from_mw[0], "from")
    made.times("q", "line", 0, line.q_from_mvar[0], "from")
    return made


def currents() -> Any:
    """test_3bus_with_i_line_measurements; kiloamperes, which it takes a thousand times too large,
    in amperes, so that they hardly count."""
    made = loaded_ring(1)
    for line in (0, 1):
        amperes = 1e3 * made.net.res_line.i_from_ka[line]
        value = amperes * made.chance.normal(1.0, 0.03)
        made.exact("i", "line", line, value, max(1.0, abs(0.03 * amperes)), "from")
    return made.net


def both_ends() -> Any:
    """test_3bus_with_pq_line_from_to_measurements."""
    made = loaded_ring(2017)
    made.times("p", "line", 0, made.net.res_line.p_to_mw[0], "to")
    made.times("q", "line", 0, made.net.res_line.q_to_mvar[0], "to")
    return made.net


def behind_a_transformer() -> Any:
    """test_3bus_with_transformer: 150 degrees between its sides."""
    import pandapower as pp

    net = ring(10.0)
    pp.create_bus(net, 110.0)
    pp.create_ext_grid(net, 3, 1.01)
    pp.create_transformer_from_parameters(
        net, 3, 0, 25, 110, 10, 0.276, 10.04, 28.51, 0.073, shift_degree=150, tap_side="hv",
        tap_neutral=0, tap_min=-9, tap_max=9, tap_step_percent=1.5, tap_step_degree=0,
        tap_changer_type="Ratio",
    )  # fmt: skip
    pp.create_load(net, 1, 0.45, 0.3)
    pp.create_load(net, 2, 0.35, 0.2)
    bus, line, trafo = solved(net).res_bus, net.res_line, net.res_trafo
    made = Meters(net, np.random.RandomState(12))
    for at in (0, 1, 3):
        made.plus("v", "bus", at, bus.vm_pu[at], 0.004)
    for at in (1, 2):
        made.plus("p", "bus", at, bus.p_mw[at], 0.01)
        made.plus("q", "bus", at, bus.q_mvar[at], 0.01)
    made.exact("p", "bus", 0, 0.0, 0.001)
    made.exact("q", "bus", 0, 0.0, 0.001)
    for at in (0, 1):
        made.plus("p", "line", at, line.p_from_mw[at], 0.008, "from")
    made.plus("p", "trafo", 0, trafo.p_hv_mw[0], 0.01, "hv")
    made.plus("q", "trafo", 0, trafo.q_hv_mvar[0], 0.01, "hv")
    return net


def behind_transformers() -> Any:
    """test_init_slack_with_multiple_transformers: 220, 110 and 10 kV; two parts out of service."""
    import pandapower as pp

    net = pp.create_empty_network()
    for kilovolt in (220, 110, 110, 110, 10, 10, 10):
        pp.create_bus(net, kilovolt)
    pp.create_bus(net, 10, in_service=False)
    for low, working in ((7, False), (4, True)):
        pp.create_transformer_from_parameters(
            net, 3, low, 63, 110, 10, 0.31, 10.04, 31.51, 0.078, shift_degree=150, tap_side="hv",
            tap_neutral=0, tap_min=-9, tap_max=9, tap_step_percent=1.5, tap_step_degree=0,
            tap_changer_type="Ratio", in_service=working,
        )  # fmt: skip
    pp.create_transformer(net, 0, 1, "100 MVA 220/110 kV")
    for one, two, sort in ((1, 2, True), (1, 3, True), (4, 5, False), (5, 6, False)):
        cable = "N2XS(FL)2Y 1x120 RM/35 64/110 kV" if sort else "NA2XS2Y 1x95 RM/25 12/20 kV"
        pp.create_line(net, one, two, 2.0, cable)
    for at, p, q in ((2, 5, 3.3), (5, 0.9, 0.5), (6, 0.7, 0.3)):
        pp.create_load(net, at, p, q)
    pp.create_ext_grid(net, 0, 1.04, 10.0)
    bus, line = solved(net).res_bus, net.res_line
    made = Meters(net, np.random.RandomState(123))
    for at in range(7):
        made.volts(at, bus.vm_pu[at])
        if np.isclose(bus.p_mw[at], 0.0):
            made.times("p", "bus", at, bus.p_mw[at])
            value = bus.q_mvar[at] * made.chance.normal(1.0, 0.03)
            made.exact("q", "bus", at, value, max(1e-4, abs(0.03 * bus.q_mvar[at])))
    for at in (0, 2, 3):
        made.exact("p", "line", at, line.p_from_mw[at], 0.01, "from")
        made.exact("q", "line", at, line.q_from_mvar[at], 0.01, "from")
    return net


def of_three_windings() -> Any:
    """test_network_with_trafo3w_pq: everything exact."""
    import pandapower as pp

    net = pp.create_empty_network()
    for kilovolt in (110, 20, 10, 10):
        pp.create_bus(net, kilovolt)
    pp.create_ext_grid(net, 0)
    pp.create_sgen(net, 1, 0.03, 0.02)
    pp.create_sgen(net, 2, 0.02, 0.02)
    pp.create_load(net, 3, 0.06, 0.01)
    pp.create_line(net, 2, 3, 2, "149-AL1/24-ST1A 10.0")
    pp.create_transformer3w(net, 0, 1, 2, "63/25/38 MVA 110/20/10 kV")
    line, trafo = solved(net).res_line, net.res_trafo3w
    made = Meters(net, np.random.RandomState(0))
    for side in ("from", "to"):
        made.exact("p", "line", 0, line[f"p_{side}_mw"][0], 0.001, side)
        made.exact("q", "line", 0, line[f"q_{side}_mvar"][0], 0.001, side)
    for side, sigma in (("hv", 0.001), ("mv", 0.002), ("lv", 0.001)):
        made.exact("p", "trafo3w", 0, trafo[f"p_{side}_mw"][0], sigma, side)
        made.exact("q", "trafo3w", 0, trafo[f"q_{side}_mvar"][0], sigma, side)
    for at in (0, 1):
        made.exact("v", "bus", at, net.res_bus.vm_pu[at], 0.01)
    return net


def cigre() -> Any:
    """test_cigre_network: medium voltage, without generation; every voltage and injection."""
    from pandapower.networks.cigre_networks import create_cigre_network_mv

    made = Meters(solved(create_cigre_network_mv(with_der=False)), np.random.RandomState(123456))
    for at, one in made.net.res_bus.iterrows():
        made.volts(at, one.vm_pu)
        made.times("p", "bus", at, one.p_mw)
        made.times("q", "bus", at, one.q_mvar)
    return made.net


CASES: list[tuple[Callable[[], Any], float, float]] = [
    (currents, 0.045, 0.9),
    (both_ends, 0.023, 0.12),
    (behind_a_transformer, 6e-4, 8e-4),
    (behind_transformers, 0.006, 0.006),
    (of_three_windings, 0.006, 0.006),
    (cigre, 0.0043, 0.2),
]
"""With the largest differences from the load flow that are published: per unit, degrees."""


@pytest.mark.parametrize(("made", "volts", "degrees"), CASES)
def test_as_near_as_published(made: Callable[[], Any], volts: float, degrees: float) -> None:
    net = made()
    of = taken(net)
    found = estimate(of.known, of.start)
    assert found.converged
    own = of.volts(found.x)
    assert np.nanmax(np.abs(np.abs(own) - net.res_bus.vm_pu)) < volts
    assert np.nanmax(np.abs(np.angle(own, deg=True) - net.res_bus.va_degree)) < degrees
    same(net, of, found)


def same(net: Any, of: Taken, found: Estimate) -> None:
    """What pandapower estimates."""
    from pandapower.estimation import estimate as theirs

    start = "flat" if len(net.trafo3w) else "slack"  # which fails on transformers of three windings
    said = theirs(net, init=start, tolerance=1e-9, maximum_iterations=100)
    assert said["success"]
    own, their = of.volts(found.x), net.res_bus_est
    assert np.abs(own) == pytest.approx(their.vm_pu.to_numpy(), abs=1e-6, nan_ok=True)
    angles = their.va_degree.to_numpy()
    assert np.angle(own, deg=True) == pytest.approx(angles, abs=1e-4, nan_ok=True)


def test_a_wrong_voltage_of_the_cigre_network() -> None:
    """test_cigre_with_bad_data: 0.85 at bus 6 fails the chi-square test, goes, and leaves no trace.

    It sets no seed: one draw of errors is taken in which nothing else is above its limit of 4.
    """
    from pandapower.networks.cigre_networks import create_cigre_network_mv

    net = create_cigre_network_mv(with_der=False)
    net.load.q_mvar = net.load.p_mw * np.tan(np.arccos(0.9))
    made = Meters(solved(net), np.random.RandomState(6))
    for at, one in net.res_bus.iterrows():
        if at != 6:
            made.volts(at, one.vm_pu, 0.005)
        for kind, truth in (("p", one.p_mw), ("q", one.q_mvar)):
            sigma = max(0.03, abs(0.03 * truth))
            made.exact(kind, "bus", at, truth * made.chance.normal(1.0, 0.03), sigma)
    right = taken(net)
    without = estimate(right.known, right.start)
    made.exact("v", "bus", 6, 0.85, 0.005)
    wrong = taken(net)
    kept = estimate(wrong.known, wrong.start)
    assert kept.objective > chi_square(kept.freedom)
    found = cleaned(wrong.known, wrong.start, limit=4.0)
    assert found.closed
    assert found.bad == (len(net.measurement) - 1,)
    assert wrong.volts(found.estimate.x) == pytest.approx(right.volts(without.x), abs=1e-8)


def test_a_bus_where_nothing_is_drawn() -> None:
    """test_net_with_zero_injection: bus 2 of four at 220 kV, as an equation, against pandapower's.

    Published: less than 1e-8 MW and Mvar are drawn there.
    """
    import pandapower as pp
    from pandapower.estimation import estimate as theirs

    net = pp.create_empty_network()
    pp.create_buses(net, 4, 220.0)
    pp.create_ext_grid(net, 0)
    base, charging = 48.4, 1e9 / (48.4 * 2 * np.pi * 50)
    for one, two, z, b in (
        (0, 1, 0.0221 + 0.1603j, 0.00274),
        (1, 2, 0.0428 + 0.242j, 0.00384),
        (1, 3, 0.002 + 0.0111j, 0.00018),
    ):
        pp.create_line_from_parameters(
            net, one, two, 1, z.real * base, z.imag * base, b * charging, 1
        )
    made = Meters(solved(net), np.random.RandomState(0))
    for at, volts in ((0, 1.063548), (2, 1.068342), (3, 1.069861)):
        made.exact("v", "bus", at, volts, 0.001)
    for at, p, q in ((0, 40.0, 9.2), (2, -10.0, -1.0), (3, -30.0, 0.1)):
        made.exact("p", "bus", at, p, 1)
        made.exact("q", "bus", at, q, 1)
    made.exact("p", "line", 2, 30.1, 1, "to")
    made.exact("q", "line", 2, -0.099, 1, "to")
    of = taken(net, nothing=(1,))
    found = estimate(of.known, of.start)
    volts = found.x[:4]
    drawn = volts * np.conj(of.known.grid.law[:, :4] @ volts)
    assert abs(drawn[of.number[1]]) < 1e-8
    assert theirs(
        net, tolerance=1e-10, zero_injection="no_inj_bus", algorithm="wls_with_zero_constraint"
    )
    own = of.volts(found.x)
    assert np.abs(own) == pytest.approx(net.res_bus_est.vm_pu.to_numpy(), abs=1e-7)
    assert np.angle(own, deg=True) == pytest.approx(net.res_bus_est.va_degree.to_numpy(), abs=1e-5)
