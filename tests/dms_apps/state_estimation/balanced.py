"""State estimation of balanced networks, for each engine to do: ours, pandapower, power-grid-model.

A radial network per unit on 10 kV and 1 MVA, in which each bus hangs on one before it; watts and
var of every load as a model gives them, with sigmas of 30 %; voltages of 5 % of the buses at 0.3 %,
flows of 5 % of the lines at 1 %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, eye_array, hstack, vstack
from scipy.sparse.linalg import splu

from dms_apps.state_estimation.equations import Grid, Kind, Quantities
from dms_apps.state_estimation.wls import Known, Method, estimate

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Estimates = Callable[[], Floats]
"""Volts per unit, by bus."""

KILOVOLT = 10.0
OHM = KILOVOLT**2
LEAST = 1e-3


@dataclass(frozen=True, eq=False)
class Radial:
    """The network, its true state and what is measured of it, per unit.

    before:  the bus that the line to each bus but the first comes from.
    metered: buses, and numbers of lines, with sensors.
    """

    before: NDArray[np.int64]
    z: Complex
    drawn: Complex
    volts: Complex
    flows: Complex
    metered: tuple[NDArray[np.int64], NDArray[np.int64]]
    measured: tuple[Complex, Floats, Complex]
    sigma: tuple[Floats, Floats, Floats]

    @property
    def buses(self) -> int:
        return len(self.drawn)


def radial(buses: int, seed: int = 1, metered: float = 0.05) -> Radial:
    """With noise by chance; `metered` is the share of buses, and of lines, with sensors."""
    chance = np.random.default_rng(seed)
    before = np.maximum(np.arange(buses - 1) - chance.integers(0, 3, buses - 1), 0)
    z = np.asarray(chance.uniform(0.5, 1.5, buses - 1) * (0.6 + 0.8j) / buses, np.complex128)
    drawn = np.zeros(buses, np.complex128)
    drawn[1:] = chance.uniform(0.5, 1.5, buses - 1) * (0.1 + 0.03j) / buses
    volts = _solved(before, z, drawn)
    flows = np.asarray(volts[before] * np.conj((volts[before] - volts[1:]) / z), np.complex128)
    some = max(1, int(metered * buses))
    at = np.sort(chance.choice(buses, some, replace=False))
    lines = np.sort(chance.choice(buses - 1, some, replace=False))
    sigma = (
        np.maximum(0.3 * np.abs(drawn), LEAST * np.abs(drawn).max()),
        np.full(some, 0.003),
        0.01 * np.abs(flows[lines]),
    )
    measured = (
        drawn + sigma[0] * _pairs(chance, buses),
        np.abs(volts[at]) + sigma[1] * chance.standard_normal(some),
        flows[lines] + sigma[2] * _pairs(chance, some),
    )
    return Radial(before, z, drawn, volts, flows, (at, lines), measured, sigma)


def ours(net: Radial) -> Estimates:
    """On the network as one phase."""
    known, start = known_of(net), start_of(net)

    def work() -> Floats:
        found = estimate(known, start, Method())
        assert found.converged
        return np.asarray(np.abs(found.x[: net.buses]))

    return work


def pandapower(net: Radial) -> Estimates:
    """WLS (pandapower.estimation)."""
    from pandapower.estimation import estimate as theirs

    made = in_pandapower(net)

    def work() -> Floats:
        said = theirs(made, init="flat", tolerance=1e-7, maximum_iterations=50)
        assert said["success"]
        return np.asarray(made.res_bus_est.vm_pu.to_numpy())

    return work


def power_grid_model(net: Radial, method: str = "newton_raphson") -> Estimates:
    """Newton-Raphson or iterative linear, on one thread."""
    import power_grid_model as pgm

    model = pgm.PowerGridModel(_in_power_grid_model(net))
    chosen = pgm.CalculationMethod[method]

    def work() -> Floats:
        found = model.calculate_state_estimation(
            calculation_method=chosen, error_tolerance=1e-7, max_iterations=50
        )
        return np.asarray(found[pgm.ComponentType.node]["u_pu"])

    return work


def _pairs(chance: np.random.Generator, count: int) -> Complex:
    both = chance.standard_normal(count) + 1j * chance.standard_normal(count)
    return np.asarray(both, np.complex128)


def _law(before: NDArray[np.int64], z: Complex) -> Any:
    count = len(z)
    line, there = np.arange(count), np.arange(1, count + 1)
    ends = csr_matrix((np.ones(count), (line, before)), (count, count + 1))
    ends -= csr_matrix((np.ones(count), (line, there)), (count, count + 1))
    return (ends.T @ csr_matrix((1 / z, (line, line))) @ ends).tocsr(), ends


def _solved(before: NDArray[np.int64], z: Complex, drawn: Complex) -> Complex:
    y, _ = _law(before, z)
    factors = splu(y[1:, 1:].tocsc())
    volts = np.ones(len(drawn), np.complex128)
    fixed = y[1:, [0]].toarray()[:, 0]
    for _ in range(100):
        volts[1:] = factors.solve(-np.conj(drawn[1:] / volts[1:]) - fixed)
    return volts


def start_of(net: Radial) -> Complex:
    """1 per unit, and nothing drawn."""
    return np.repeat([1.0 + 0j, 0j], net.buses)


def known_of(net: Radial) -> Known:
    count = net.buses
    y, ends = _law(net.before, net.z)
    unity = eye_array(count, format="csr", dtype=np.complex128)
    law = hstack([y, unity], format="csr")
    into = hstack([ends.multiply(1 / net.z[:, None]), csr_matrix((count - 1, count))], format="csr")
    rows = vstack([eye_array(2 * count, format="csr", dtype=np.complex128), into], format="csr")
    at, lines = net.metered
    buses = np.arange(1, count)
    one = np.concatenate([buses, buses, at, net.before[lines], net.before[lines]])
    two = np.concatenate(
        [buses + count, buses + count, np.full(len(at), -1), lines + 2 * count, lines + 2 * count]
    )
    sizes = (len(buses), len(buses), len(at), len(lines), len(lines))
    kinds = (Kind.ACTIVE, Kind.REACTIVE, Kind.MAGNITUDE, Kind.ACTIVE, Kind.REACTIVE)
    kind = np.repeat([int(k) for k in kinds], sizes)
    drawn, volts, flows = net.measured
    of_drawn, of_volts, of_flows = net.sigma
    value = np.concatenate([drawn[1:].real, drawn[1:].imag, volts, flows.real, flows.imag])
    sigma = np.concatenate([of_drawn[1:], of_drawn[1:], of_volts, of_flows, of_flows])
    anchor = csr_matrix(([1.0 + 0j], ([0], [0])), (1, 2 * count))
    power = float(np.abs(net.drawn).sum() / 100)
    scale = np.repeat([1.0, power], count)
    grid = Grid(law, anchor, np.zeros(1), scale, power)
    quantities = Quantities(rows, kind, np.arange(len(kind)), one, two)
    used = np.ones(len(kind), np.bool_)
    return Known(grid, quantities, value, sigma, used, ~used)


def in_pandapower(net: Radial) -> Any:
    import pandas
    from pandapower import create

    made = create.create_empty_network(sn_mva=1.0)
    create.create_buses(made, net.buses, KILOVOLT)
    create.create_ext_grid(made, 0)
    create.create_lines_from_parameters(
        made, net.before, np.arange(1, net.buses), 1.0, net.z.real * OHM, net.z.imag * OHM, 0.0, 9.9
    )
    drawn, volts, flows = net.measured
    of_drawn, of_volts, of_flows = net.sigma
    at, lines = net.metered
    buses = np.arange(1, net.buses)

    def some(kind: str, element: str, where: Any, value: Any, sigma: Any, side: Any) -> Any:
        return pandas.DataFrame(
            {
                "name": None, "measurement_type": kind, "element_type": element,
                "element": where.astype(np.uint32), "value": value, "std_dev": sigma,
                "side": side,
            }
        )  # fmt: skip

    made.measurement = pandas.concat(
        [
            some("p", "bus", buses, drawn[1:].real, of_drawn[1:], None),
            some("q", "bus", buses, drawn[1:].imag, of_drawn[1:], None),
            some("v", "bus", at, volts, of_volts, None),
            some("p", "line", lines, flows.real, of_flows, "from"),
            some("q", "line", lines, flows.imag, of_flows, "from"),
        ],
        ignore_index=True,
    )
    return made


def _in_power_grid_model(net: Radial) -> dict[str, Any]:
    import power_grid_model as pgm

    count = net.buses
    at, lines = net.metered
    kinds = pgm.ComponentType

    def some(kind: Any, **columns: Any) -> Any:
        table = pgm.initialize_array(pgm.DatasetType.input, kind, len(columns["id"]))
        for name, values in columns.items():
            table[name] = values
        return table

    buses, every = np.arange(count), np.arange(1, count)
    drawn, volts, flows = net.measured
    of_drawn, of_volts, of_flows = net.sigma
    on_loads, on_lines = pgm.MeasuredTerminalType.load, pgm.MeasuredTerminalType.branch_from
    lined, loaded, sensed = count, 2 * count, 3 * count
    return {
        kinds.node: some(kinds.node, id=buses, u_rated=KILOVOLT * 1e3),
        kinds.line: some(
            kinds.line, id=lined + np.arange(count - 1), from_node=net.before, to_node=every,
            from_status=1, to_status=1, r1=net.z.real * OHM, x1=net.z.imag * OHM, c1=0.0, tan1=0.0,
            i_n=1e3,
        ),
        kinds.source: some(
            kinds.source, id=np.array([10 * count]), node=0, status=1, u_ref=1.0, sk=1e20
        ),
        kinds.sym_load: some(
            kinds.sym_load, id=loaded + every, node=every, status=1, type=0, p_specified=0.0,
            q_specified=0.0,
        ),
        kinds.sym_voltage_sensor: some(
            kinds.sym_voltage_sensor, id=sensed + np.arange(len(at)), measured_object=at,
            u_measured=volts * KILOVOLT * 1e3, u_sigma=of_volts * KILOVOLT * 1e3,
        ),
        kinds.sym_power_sensor: some(
            kinds.sym_power_sensor,
            id=4 * count + np.arange(count - 1 + len(lines)),
            measured_object=np.concatenate([loaded + every, lined + lines]),
            measured_terminal_type=np.repeat([on_loads, on_lines], [count - 1, len(lines)]),
            p_measured=np.concatenate([drawn[1:].real, flows.real]) * 1e6,
            q_measured=np.concatenate([drawn[1:].imag, flows.imag]) * 1e6,
            power_sigma=np.concatenate([of_drawn[1:], of_flows]) * 1e6,
            p_sigma=np.concatenate([of_drawn[1:], of_flows]) * 1e6,
            q_sigma=np.concatenate([of_drawn[1:], of_flows]) * 1e6,
        ),
    }  # fmt: skip
