"""Circuits of single components, by which PowerModelsDistribution.jl validates load flows, as CIM.

The scripts in its test/data for OpenDSS (lanl-ansi, commit e59d21a), written once more as documents
of our own: with what the CIM export of OpenDSS has no words for, or says otherwise.
"""

from __future__ import annotations

import math
from dataclasses import replace

from tests.cim.electrical.documents import CIM, element, line, terminals
from tests.dms_apps.solver.parts import (
    BATTERY,
    PHOTOVOLTAIC,
    End,
    Objects,
    Rows,
    bank,
    infeed,
    joined,
    lagging,
    load,
    said,
    source,
    table,
    tank,
    wires,
)

MILE, FOOT = 1609.344, 0.3048

Z = (
    (0.227217624 + 0.879326005j,),
    (0.059217624 + 0.541069709j, 0.227217624 + 0.879326005j),
    (0.059217624 + 0.475545802j, 0.059217624 + 0.516533439j, 0.227217624 + 0.879326005j),
    (
        0.059217624 + 0.449141163j,
        0.059217624 + 0.475545802j,
        0.059217624 + 0.541069709j,
        0.227217624 + 0.879326005j,
    ),
)
"""Ohm per kilometre of three phases and a neutral."""
UNEVEN = load("load1", "b2", lagging(5e3, 0.9), "A")
TEN = lagging(10e3, 0.9)
EXPONENTS: Objects = {
    "LoadResponseCharacteristic r": {
        "exponentModel": "true",
        "pVoltageExponent": "0.4",
        "qVoltageExponent": "2",
    }
}


def low_voltage(*at_b2: Objects, ohm: float = 1.6e-9) -> Objects:
    """source at b1 ==1 km of four wires== b2; the neutral is at earth at b1."""
    of = table("zabcn", Z, per=1000)
    return joined(source("b1", 400, ohm), of, wires("line1", ("b1", "b2"), "zabcn", 1000), *at_b2)


def alike(size: int, own: complex, mutual: complex) -> Rows:
    return [[mutual] * i + [own] for i in range(size)]


def battery(size: int, phases: str) -> Objects:
    """source ==ohline== primary ==quad== loadbus, with loads of 6 kW and batteries of 5 kW."""
    b = alike(size, 16e-6, 0j)
    conductors = "ABCN"[:size]
    return joined(
        source("sourcebus", 400, 1.6e-7),
        table("mcm", alike(size, 0.1 + 0.0583j, 0.04 + 0.0233j), b),
        table("quad", alike(size, 0.1167 + 0.0667j, 0.0467 + 0.0267j), b),
        wires("ohline", ("sourcebus", "primary"), "mcm", 1, conductors),
        wires("quadline", ("primary", "loadbus"), "quad", 1, conductors),
        *(load(f"l{i}", "loadbus", 6e3 + 3e3j, phase) for i, phase in enumerate("ABC", 1)),
        *(infeed(f"s{i}", "primary", 5e3, BATTERY, p) for i, p in enumerate(phases, 1)),
    )


def six_wires() -> Objects:
    """Three of them neutrals, bonded at every bus."""
    near, far = 1.04682j + 0.0953016, 0.962713j + 0.0953016
    phase, neutral, beside = 0.505302 + 1.45652j, 1.23932 + 1.32956j, 0.0953016 + 1.32362j
    z = (
        (phase,),
        (near, phase),
        (far, near, phase),
        (beside, near, far, neutral),
        (near, beside, near, near, neutral),
        (far, near, beside, far, near, neutral),
    )
    return joined(
        source("b1", 400, 1.6e-9),
        table("mtx606", z, per=MILE),
        wires("line1", ("b1", "x1"), "mtx606", 500 * FOOT, "ABC"),
        wires("line2", ("x1", "b2"), "mtx606", 500 * FOOT, "ABC"),
        load("load1", "b2", lagging(50e3, 0.9), "A"),
    )


def poles(kind: str, name: str, *pairs: str) -> Objects:
    """A closed switch from inside to x2, by the phase at either side of each pole."""
    found: Objects = {
        f"{kind} {name}": {"Switch.open": "false", "Switch.normalOpen": "false"},
        **terminals(name, "inside", "x2"),
    }
    for pair in pairs:
        found[f"SwitchPhase {name}_{pair[0]}"] = {
            "Switch": f"#{name}",
            "phaseSide1": f"~SinglePhaseKind.{pair[0]}",
            "phaseSide2": f"~SinglePhaseKind.{pair[1]}",
            "closed": "true",
        }
    return found


def switched() -> Objects:
    """b1 --A-- x1 ==wires== inside --switch-- x2, from phase A to phase B.

    The script asks for one wire and gets three, with impedance and capacitance: the second goes
    from B to B, so that B of x1 is fed from x2; the third hangs free.
    """
    own, mutual = (2 * 1.1 + 1.0) / 3, (1.0 - 1.1) / 3
    siemens = 2 * math.pi * 60 * 1e-12 / FOOT
    return joined(
        source("b1", 400, 1.6e-9),
        table("z", [[Z[0][0]]], per=1000),
        wires("line1", ("b1", "x1"), "z", 500, "A"),
        table("zs", alike(3, 0.001 + 0.001j, 0j), alike(3, own * siemens, mutual * siemens)),
        wires("wires", ("x1", "inside"), "zs", 1, "ABC"),
        poles("LoadBreakSwitch", "switch", "AB"),
        poles("Jumper", "jumper", "BB", "CC"),
        load("load1", "x2", lagging(5e3, 0.9), "B"),
    )


def transformed(one: End, two: End) -> Objects:
    """b1 ==30 km== x1 --t-- x2 ==0.5 km== b2.

    Star points are at earth inside of the transformer; the neutral of b2 comes from a reactor at
    x2, that of x1 ends there.
    """
    return joined(
        source("b1", 11e3, 1.21e-6),
        table("zabcn", Z, per=1000),
        wires("line1", ("b1", "x1"), "zabcn", 30e3),
        tank(one, two),
        {"GroundingImpedance grounding": {"EarthFaultCompensator.r": "0", "x": "0.1"}},
        terminals("grounding", "x2", phases="N"),
        wires("line2", ("x2", "b2"), "zabcn", 500),
        load("load1", "b2", TEN, "A"),
    )


DELTA = End("x1", "D", 11e3, 0, 1, 5, 2, phases="ABC")
HIGH = End("x1", "Y", 11e3, 0, 1, 5, 2, grounded=True, phases="ABC")
LOW = End("x2", "Y", 400, 0, 2, 0, -3, grounded=True, phases="ABC")


def three_windings() -> Objects:
    """source ==line1== 1 --delta, two stars that lead by 30 degrees-- 2, 3."""
    b1, b0 = (2 * math.pi * 50 * farads for farads in (3.4e-9, 1.6e-9))
    about = {"r": "6", "x": "3", "r0": "0.1784", "x0": "0.4047"}
    used = (
        ("2", 4e3, (43e3 + 76e3j, 52e3 + 85e3j, 61e3 + 94e3j)),
        ("3", 400.0, (74e3 + 41e3j, 85e3 + 52e3j, 96e3 + 63e3j)),
        ("1", 11e3, (0j, 0j, 205e3 + 185e3j)),
    )
    return joined(
        source("sourcebus", 11e3, 6.35e-7),
        line("line1", {**about, "bch": said(b1), "b0ch": said(b0)}, "ABC", ("sourcebus", "1")),
        bank(
            End("1", "D", 11e3, 0, 1, 3, 1),
            End("2", "Yn", 4e3, 11, 2, 2, 2, grounded=True),
            End("3", "Yn", 400, 11, 3, 1, 3, grounded=True),
        ),
        *(
            load(f"load{node}{phase}", node, power, phase, volts=volts)
            for node, volts, powers in used
            for phase, power in zip("ABC", powers, strict=True)
            if power
        ),
    )


CIRCUITS = {
    "case3_balanced_battery_1ph": battery(3, "A"),
    "case3_balanced_battery_3ph_EN": battery(4, "ABC"),
    "test_gen_1ph_wye": low_voltage(UNEVEN, infeed("pv1", "b2", 25e3, PHOTOVOLTAIC, "A")),
    "test_gen_3ph_wye": low_voltage(UNEVEN, infeed("pv1", "b2", 25e3, PHOTOVOLTAIC), ohm=1.6e-7),
    "test_line_6w": six_wires(),
    "test_load_1ph_wye_cp": low_voltage(UNEVEN, load("load2", "b2", TEN, "A")),
    "test_load_3ph_delta_cp": low_voltage(UNEVEN, load("load2", "b2", TEN, connection="D")),
    "test_load_3ph_delta_exp": low_voltage(
        UNEVEN, EXPONENTS, load("load2", "b2", TEN, connection="D", response="#r")
    ),
    "test_load_3ph_wye_cp": low_voltage(UNEVEN, load("load2", "b2", TEN)),
    "test_load_3ph_wye_exp": low_voltage(
        UNEVEN, EXPONENTS, load("load2", "b2", TEN, response="#r")
    ),
    "test_switch_1w": switched(),
    "test_trans_dy": transformed(DELTA, replace(LOW, clock=1, phases="BAC")),
    "test_trans_yy": transformed(HIGH, LOW),
    "ut_trans_3w_dyy_1": three_windings(),
}


def document(name: str) -> bytes:
    """A circuit, one object a line."""
    lines = []
    for key, about in sorted(CIRCUITS[name].items()):
        kind, identity = key.split()
        lines.append(element(kind, identity, about))
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<!-- {name} of PowerModelsDistribution.jl as a CIM document of our own."
        " Written by tests/dms_apps/solver/components.py. -->\n"
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:cim="{CIM}">\n'
    )
    return (head + "".join(f"{line}\n" for line in lines) + "</rdf:RDF>\n").encode()
