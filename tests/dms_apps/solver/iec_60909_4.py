"""The example network of IEC TR 60909-4:2021, clause 6, as a CIM document of our own.

Its data and results stand, too, in the tests of pandapower (test_iec60909_4.py, BSD-3-Clause) and
in gridjson.  Nodes n1 to n8 are its buses 1 to 8; h1 and h2 the terminals of machines G1 and G2.

         Q1                          Q2
        n1 (380 kV)                  |
       T3   T4 - n8 (30 kV)          |
        n2 ======= L3a, L3b ======= n5 --- T5, T6 --- n6 (10 kV) -- L6 -- n7
        |                         L4| |L5              G3               M1, M2a, M2b
        n3 --------------------------  |
        |  L1 (n2-n3), L2 (n3-n4)      |
       T2-h2-G2                       n4 -- T1-h1-G1
"""

from __future__ import annotations

import math

from tests.cim.electrical.documents import CIM, element, terminals

Objects = dict[str, dict[str, str]]

BASES = {"n1": 380, "n2": 110, "n3": 110, "n4": 110, "n5": 110, "n6": 10, "n7": 10, "n8": 30}
LINES = {
    "L1": ("n2", "n3", 20, 0.12, 0.39, 0.32, 1.26),
    "L2": ("n3", "n4", 10, 0.12, 0.39, 0.32, 1.26),
    "L3a": ("n2", "n5", 5, 0.12, 0.39, 0.52, 1.86),
    "L3b": ("n2", "n5", 5, 0.12, 0.39, 0.52, 1.86),
    "L4": ("n5", "n3", 10, 0.096, 0.388, 0.22, 1.1),
    "L5": ("n5", "n4", 15, 0.12, 0.386, 0.22, 1.1),
    "L6": ("n6", "n7", 1, 0.082, 0.086, 0.082, 0.086),
}
"""Ends, km, and ohm per km: r, x, r0, x0."""


def _number(value: float) -> str:
    return f"{value:.12g}"


def _bases() -> Objects:
    volts = {*BASES.values(), 20}
    return {f"BaseVoltage v{kv}": {"nominalVoltage": f"{kv}000"} for kv in sorted(volts)}


def _network(name: str, node: str, current: float, x0_x: float, r0_x0: float) -> Objects:
    """X0/X1 of the example as |Z0|/|Z1|, with R1/X1 of 0.1."""
    return {
        **terminals(name, node),
        f"ExternalNetworkInjection {name}": {
            "IdentifiedObject.name": name,
            "ConductingEquipment.BaseVoltage": f"#v{BASES[node]}",
            "maxInitialSymShCCurrent": _number(current),
            "maxR1ToX1Ratio": "0.1",
            "maxZ0ToZ1Ratio": _number(x0_x * math.hypot(1, r0_x0) / math.hypot(1, 0.1)),
            "maxR0ToX0Ratio": _number(r0_x0),
            "minInitialSymShCCurrent": _number(current / 10),
            "minR1ToX1Ratio": "0.1",
            "minZ0ToZ1Ratio": _number(x0_x * math.hypot(1, r0_x0) / math.hypot(1, 0.1)),
            "minR0ToX0Ratio": _number(r0_x0),
        },
    }


def _line(name: str) -> Objects:
    one, two, length, *values = LINES[name]
    said = {
        key: _number(value * length)
        for key, value in zip(("r", "x", "r0", "x0"), values, strict=True)
    }
    return {
        **terminals(name, one, two),
        f"ACLineSegment {name}": {
            "IdentifiedObject.name": name,
            "ConductingEquipment.BaseVoltage": f"#v{BASES[one]}",
            "Conductor.length": f"{length}000",
            "shortCircuitEndTemperature": "80",
            **said,
        },
    }


def _percent(u: float, r: float) -> complex:
    """Relative impedance of a short-circuit voltage and its resistive part, both in per cent."""
    return complex(r, math.sqrt(u**2 - r**2)) / 100


def _transformer(
    name: str,
    ends: tuple[tuple[str, float, float, str, str], ...],
    one: tuple[complex, ...],
    zero: tuple[complex, ...],
    ground: dict[int, float],
    **said: str,
) -> Objects:
    """ends: node, kV, MVA, connection and clock; one, zero: ohm of a star, at each end."""
    objects: Objects = {
        **terminals(name, *(end[0] for end in ends)),
        f"PowerTransformer {name}": {"IdentifiedObject.name": name, **said},
    }
    for i, (_, kv, mva, connection, clock) in enumerate(ends):
        objects[f"PowerTransformerEnd {name}_e{i + 1}"] = {
            "PowerTransformer": f"#{name}",
            "TransformerEnd.Terminal": f"#{name}_t{i + 1}",
            "TransformerEnd.endNumber": str(i + 1),
            "connectionKind": f"~WindingConnection.{connection}",
            "phaseAngleClock": clock,
            "ratedU": _number(kv * 1e3),
            "ratedS": _number(mva * 1e6),
            "r": _number(one[i].real),
            "x": _number(one[i].imag),
            "r0": _number(zero[i].real),
            "x0": _number(zero[i].imag),
            "TransformerEnd.grounded": "true" if i in ground else "false",
            "TransformerEnd.xground": _number(ground.get(i, 0.0)),
        }
    return objects


def _two(name: str, high: str, low: str, kv: tuple[float, float], mva: float, u: float,
         zero: complex, ground: dict[int, float]) -> Objects:  # fmt: skip
    """A unit transformer YNd5; `zero` relative, as its positive one."""
    base = kv[0] ** 2 / mva
    ends = ((high, kv[0], mva, "Yn", "0"), (low, kv[1], mva, "D", "5"))
    one = (_percent(u, 0.5) * base, 0j)
    return _transformer(name, ends, one, (zero * base, 0j), ground, isPartOfGeneratorUnit="true")


def _three(
    name: str,
    nodes: tuple[str, str, str],
    kv: tuple[float, float, float],
    mva: tuple[float, float, float],
    pairs: tuple[complex, complex, complex],
    zero: complex,
    ground: dict[int, float],
) -> Objects:
    """YNyn0d5; pairs: relative impedances 1-2, 1-3, 2-3 at the first power; zero: of any two."""
    ab, ac, bc = pairs
    star = ((ab + ac - bc) / 2, (ab + bc - ac) / 2, (ac + bc - ab) / 2)
    base = [volts**2 / mva[0] for volts in kv]
    ends = tuple(zip(nodes, kv, mva, ("Yn", "Yn", "D"), ("0", "0", "5"), strict=True))
    one = tuple(z * b for z, b in zip(star, base, strict=True))
    return _transformer(name, ends, one, tuple(zero / 2 * b for b in base), ground)


def _synchronous(
    name: str, node: str, kv: float, mva: float, x: float, r: float, cos: float, regulation: float
) -> Objects:
    return {
        **terminals(name, node),
        f"SynchronousMachine {name}": {
            "IdentifiedObject.name": name,
            "RotatingMachine.p": "0",
            "RotatingMachine.q": "0",
            "RotatingMachine.ratedU": _number(kv * 1e3),
            "RotatingMachine.ratedS": _number(mva * 1e6),
            "RotatingMachine.ratedPowerFactor": _number(cos),
            "satDirectSubtransX": _number(x),
            "r": _number(r),
            "voltageRegulationRange": _number(regulation),
            "earthing": "false",
        },
    }


def _motor(
    name: str, mw: float, cos: float, efficiency: float, start: float, pairs: int
) -> Objects:
    return {
        **terminals(name, "n7"),
        f"AsynchronousMachine {name}": {
            "IdentifiedObject.name": name,
            "RotatingMachine.p": "0",
            "RotatingMachine.q": "0",
            "RotatingMachine.ratedU": "10000",
            "RotatingMachine.ratedPowerFactor": _number(cos),
            "ratedMechanicalPower": _number(mw * 1e6),
            "efficiency": _number(efficiency),
            "iaIrRatio": _number(start),
            "rxLockedRotorRatio": "0.1",
            "polePairNumber": str(pairs),
            "converterFedDrive": "false",
        },
    }


def objects() -> Objects:
    """The whole network."""
    found: Objects = _bases()
    for node, kv in (*BASES.items(), ("h1", 20), ("h2", 10)):
        found[f"VoltageLevel vl_{node}"] = {"BaseVoltage": f"#v{kv}"}
    unit = complex(0.5, 0.95 * math.sqrt(16**2 - 0.5**2)) / 100
    parts = [
        _network("Q1", "n1", 38000, 3, 0.15),
        _network("Q2", "n5", 16000, 3.3, 0.2),
        *(_line(name) for name in LINES),
        _two("T1", "n4", "h1", (115, 21), 150, 16, unit, {0: 22.0}),
        _two("T2", "n3", "h2", (120, 10.5), 100, 12, _percent(12, 0.5), {}),
        _synchronous("G1", "h1", 21, 150, 0.14, 0.002, 0.85, 0),
        _synchronous("G2", "h2", 10.5, 100, 0.16, 0.005, 0.9, 7.5),
        _synchronous("G3", "n6", 10.5, 10, 0.1, 0.018, 0.8, 0),
        _motor("M1", 5, 0.88, 97.5, 5, 1),
        _motor("M2a", 2, 0.89, 96.8, 5.2, 2),
        _motor("M2b", 2, 0.89, 96.8, 5.2, 2),
    ]  # fmt: skip
    pairs = (_percent(21, 0.26), 7 * _percent(10, 0.16), 7 * _percent(7, 0.16))
    zero = complex(pairs[0].real, 2.1 * pairs[0].imag)
    for name, third, ground in (("T3", "h3", {0: 0.0}), ("T4", "n8", {1: 0.0})):
        sizes = (350.0, 350.0, 50.0)
        parts.append(_three(name, ("n1", "n2", third), (400, 120, 30), sizes, pairs, zero, ground))
    for name, third, grounds in (("T5", "h5", {}), ("T6", "h6", {1: 100.0})):
        z = _percent(12, 0.5)
        sizes = (31.5,) * 3
        parts.append(
            _three(name, ("n5", "n6", third), (115, 10.5, 10.5), sizes, (z, z, z), z, grounds)
        )
    for part in parts:
        found |= part
    tap = {"TransformerEnd": "#T1_e1", "stepVoltageIncrement": "1", "TapChanger.step": "0"}
    steps = {"lowStep": "-12", "highStep": "12", "neutralStep": "0"}
    found["RatioTapChanger T1_tap"] = {
        **tap,
        **{f"TapChanger.{name}": value for name, value in steps.items()},
        "TapChanger.ltcFlag": "true",
    }
    for node in (*BASES, "h1", "h2"):
        found[f"ConnectivityNode {node}"] = {"ConnectivityNodeContainer": f"#vl_{node}"}
    return found


def document() -> bytes:
    """The document, one object a line."""
    named = [(key.split(), said) for key, said in sorted(objects().items())]
    lines = [element(kind, identity, said) for (kind, identity), said in named]
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<!-- {__doc__.splitlines()[0]} Written by tests/dms_apps/solver/iec_60909_4.py. -->\n"
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:cim="{CIM}">\n'
    )
    return (head + "".join(f"{line}\n" for line in lines) + "</rdf:RDF>\n").encode()
