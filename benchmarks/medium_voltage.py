"""A synthetic 20 kV network of three phases, in our words and in those of other engines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandapower
from numpy.typing import NDArray

from cim.electrical.impedances import from_sequences
from cim.electrical.injections import Load, Response, Source
from cim.electrical.leakage import Leakage
from cim.electrical.lines import Line
from cim.electrical.ports import ABC, Port
from cim.electrical.short_circuit import Feeder, ShortCircuit, Strength
from cim.electrical.transformers import Transformer, Winding
from cim.electrical.view import View

KV, POWER, CURRENT = (110.0, 20.0), 40e6, 20e3
UK, PK = 0.12, 0.004
_REACH = 40


@dataclass(frozen=True)
class Tree:
    """parent: of nodes 1, 2 ... of a tree with root 0; z, z0: ohm of the line from it."""

    parent: NDArray[np.int64]
    z: NDArray[np.complex128]
    z0: NDArray[np.complex128]

    @classmethod
    def of(cls, count: int) -> Tree:
        """Always the same: trunks with laterals, of cables and overhead lines."""
        random = np.random.default_rng(60909)
        node = np.arange(1, count)
        back = np.where(random.random(count - 1) < 0.8, 1, random.integers(1, _REACH, count - 1))
        km = random.uniform(0.02, 0.15, count - 1)
        r, x = random.uniform(0.15, 0.5, count - 1), random.uniform(0.1, 0.4, count - 1)
        z = np.asarray(km * (r + 1j * x), np.complex128)
        return cls(np.maximum(node - back, 0), z, np.asarray(3 * z, np.complex128))

    @property
    def transformer(self) -> complex:
        """Ohm at the high side."""
        base = KV[0] ** 2 * 1e6 / POWER
        return complex(PK, math.sqrt(UK**2 - PK**2)) * base


def view(tree: Tree, load: complex = 0j) -> View:
    """Node "h" is at 110 kV, "0", "1" ... at 20 kV; volt-amperes at each of these, by phase."""
    size = len(tree.parent) + 1
    lines = tuple(
        Line(
            f"l{i}", "", (Port(f"l{i}a", str(p)), Port(f"l{i}b", str(i))), ABC, None,
            from_sequences(z, z0, ABC), np.zeros((3, 3), np.complex128), "",
        )
        for i, (p, z, z0) in enumerate(
            zip(tree.parent.tolist(), tree.z.tolist(), tree.z0.tolist(), strict=True), 1
        )
    )  # fmt: skip
    loads = tuple(
        Load(
            f"d{i}", "", Port(f"d{i}t", str(i)), "Y", True, tuple((p, "N") for p in ABC), 20e3,
            np.full(3, load.real), np.full(3, load.imag), Response(), None,
        )
        for i in range(1, size)
        if load
    )  # fmt: skip
    turns = np.exp(-2j * np.pi / 3 * np.arange(3))
    source = Source(
        "q", "", Port("qt", "h"), ABC, 110e3, 110e3 / math.sqrt(3) * turns,
        np.zeros((3, 3), np.complex128),
    )  # fmt: skip
    nominal = {"h": 110e3, **{str(i): 20e3 for i in range(size)}}
    strength = Strength(CURRENT, 0.1, 1.0, 0.1)
    feeder = Feeder("q", "", Port("qt", "h"), strength, strength, None)
    return View(
        lines, (_transformer(tree),), (), (), (), loads, (source,), (), (), (), (),
        short_circuit=ShortCircuit(feeders=(feeder,)), nominal=nominal, frequency=50.0,
    )  # fmt: skip


def _transformer(tree: Tree) -> Transformer:
    z = np.zeros((2, 2), np.complex128)
    z[0, 1] = tree.transformer
    windings = tuple(
        Winding(
            f"t{i}", i + 1, Port(f"tt{i}", node), ABC, connection, clock, kv * 1e3, POWER,
            connection == "Yn", 0j,
        )
        for i, (node, kv, connection, clock) in enumerate(
            (("h", KV[0], "D", 0), ("0", KV[1], "Yn", 5))
        )
    )  # fmt: skip
    return Transformer("t", "", "t", "Dyn5", windings, Leakage(z, z, ""), ())


def of_pandapower(tree: Tree) -> Any:
    """The same for pandapower."""
    net = pandapower.create_empty_network(f_hz=50)
    high = pandapower.create_bus(net, KV[0])
    buses = pandapower.create_buses(net, len(tree.parent) + 1, KV[1])
    power = math.sqrt(3) * KV[0] * CURRENT / 1e3
    pandapower.create_ext_grid(net, high, s_sc_max_mva=power, rx_max=0.1, x0x_max=1.0, r0x0_max=0.1)
    pandapower.create_transformer_from_parameters(
        net, high, buses[0], POWER / 1e6, *KV, vkr_percent=PK * 100, vk_percent=UK * 100, pfe_kw=0,
        i0_percent=0, vk0_percent=UK * 100, vkr0_percent=PK * 100, mag0_percent=1e9, mag0_rx=0,
        si0_hv_partial=0.5, vector_group="Dyn",
    )  # fmt: skip
    count = len(tree.parent)
    pandapower.create_lines_from_parameters(
        net, buses[tree.parent], buses[1:], np.ones(count), tree.z.real, tree.z.imag,
        np.zeros(count), np.ones(count), r0_ohm_per_km=tree.z0.real, x0_ohm_per_km=tree.z0.imag,
        c0_nf_per_km=np.zeros(count),
    )  # fmt: skip
    return net
