"""Lines, switches, shunts and sources as OpenDSS commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from cim.electrical.earths import SOLID, Earth
from cim.electrical.injections import Source
from cim.electrical.lines import Line
from cim.electrical.shunts import Shunt
from cim.electrical.switches import Switch
from cim.electrical.yprim import Primitive
from dms_apps.solver.opendss.sites import EARTH, NUMBERS, Sites, array, lattice, matrix, said

FREQUENCY = 60.0
"""Hertz at which capacitances are written; any would do, since all susceptances are exact."""
LEAK = 1e-9
"""Siemens from each conductor to earth: without a way there, what nothing feeds would be singular.
At 20 kV it takes less than half a var."""
_OMEGA = 2 * np.pi * FREQUENCY
_DEGREES = 57.29577951
_TINY = 1e-6
"""Share of a source's impedance that is behind its voltages and not in the matrix between them."""


def line(name: str, one: Line, sites: Sites) -> list[str]:
    """A line; conductance to earth is beside it, by reactors."""
    ends = [sites.at(end.node, *one.phases) for end in one.ends]
    silent = ~one.y.imag.any(axis=1)
    nano = matrix((one.y.imag + np.diag(silent * LEAK)) / _OMEGA * 1e9)
    commands = [_series(name, ends, one.z, nano)]
    if one.y.real.any():
        for i, end in enumerate(one.ends):
            places = tuple((end.node, phase) for phase in one.phases)
            half = Primitive(places, one.y.real.astype(np.complex128) / 2)
            commands += lattice(f"{name}_g{i}", half, sites)
    return commands


def _series(
    name: str,
    ends: Sequence[str],
    z: NDArray[np.complex128],
    nano: str = "",
    leak: float = LEAK,
) -> str:
    """nano: matrix of nanofarads; when empty, of the leak alone."""
    least = matrix(np.eye(len(z)) * leak / _OMEGA * 1e9)
    return (
        f"new line.{name} phases={len(z)} bus1={ends[0]} bus2={ends[1]} length=1 units=none "
        f"rmatrix={matrix(z.real)} xmatrix={matrix(z.imag)} cmatrix={nano or least}"
    )


def poles(name: str, switch: Switch, ohm: float, sites: Sites) -> list[str]:
    """Each pole by itself, closed; one to earth alone is not drawn, only where it would be."""
    if len(switch.ends) < 2:
        places = [(switch.ends[0].node, pole.one) for pole in switch.poles]
        return [earth(f"{name}_{i}", at, 1 / complex(LEAK), sites) for i, at in enumerate(places)]
    one, two = switch.ends
    z = np.array([[complex(ohm)]])
    return [
        _series(f"{name}_{i}", [sites.at(one.node, p.one), sites.at(two.node, p.two)], z)
        for i, p in enumerate(switch.poles)
    ]


def jumper(name: str, one: tuple[str, str], two: tuple[str, str], ohm: float, sites: Sites) -> str:
    """What joins two places."""
    return _series(name, [sites.at(*one), sites.at(*two)], np.array([[complex(ohm)]]))


def earth(name: str, place: tuple[str, str], z: complex, sites: Sites) -> str:
    """What earths a place."""
    node, phase = place
    ends = f"bus1={sites.at(node, phase)} bus2={sites.at(node, '')}"
    return f"new reactor.{name} phases=1 {ends} r={said(z.real)} x={said(z.imag)}"


def electrodes(name: str, one: Earth, sites: Sites) -> list[str]:
    """What joins conductors of a node to earth."""
    places = [(one.port.node, phase) for phase in one.phases]
    z = one.z or complex(SOLID)
    return [earth(f"{name}_{i}", place, z, sites) for i, place in enumerate(places)]


# -- shunts


def shunt(name: str, one: Shunt, sites: Sites) -> list[str]:
    """A capacitor or reactor for each branch; conductance is a reactor beside it."""
    node = one.port.node
    star = one.connection != "D"
    point = sites.inner(node) if star and not one.grounded else EARTH
    commands = []
    for i, ((start, end), y) in enumerate(zip(one.branches, one.per_section, strict=True)):
        bus1 = sites.at(node, start)
        bus2 = sites.numbered(node, point if star else NUMBERS[end])
        ends = f"phases=1 bus1={bus1} bus2={bus2}"
        steps = _steps(one, i)
        if y.imag > 0:
            farads = array([y.imag / _OMEGA * 1e6] * steps)
            commands.append(f"new capacitor.{name}_{i} {ends} numsteps={steps} cuf={farads}")
        commands += [f"new reactor.{part} {ends}" for part, _ in _reactors(name, i, y)]
    return commands + sections(name, one, one.sections.tolist())


def _steps(one: Shunt, branch: int) -> int:
    most = max(one.maximum[branch], one.sections[branch], 1.0)
    return int(np.ceil(one.sections[branch] if np.isnan(most) else most)) or 1


def sections(name: str, one: Shunt, counts: Sequence[float]) -> list[str]:
    """What puts this many sections of each branch into service."""
    if one.points is not None:
        return [
            command
            for i, y in enumerate(one.at(counts))
            for command in _in_service(
                name, i, complex(y or one.per_section[i]), float(bool(y)), _steps(one, i)
            )
        ]
    return [
        command
        for i, (y, count) in enumerate(zip(one.per_section, counts, strict=True))
        for command in _in_service(name, i, complex(y), count, _steps(one, i))
    ]


def _in_service(name: str, branch: int, y: complex, count: float, steps: int) -> Iterator[str]:
    if y.imag > 0:
        whole = count == round(count) and 0 <= count <= steps
        each = [1.0] * steps if whole else [count] + [0.0] * (steps - 1)
        farads = array(share * y.imag / _OMEGA * 1e6 for share in each)
        on = count if whole else steps
        states = " ".join("1" if step < on else "0" for step in range(steps))
        yield f"edit capacitor.{name}_{branch} cuf={farads} states=[{states}]"
    for part, z in _reactors(name, branch, y):
        through = z / count if count else 1e12 + 0j
        yield f"edit reactor.{part} r={said(through.real)} x={said(through.imag)}"


def _reactors(name: str, branch: int, y: complex) -> Iterator[tuple[str, complex]]:
    """What a section has besides capacitance, and its ohm."""
    if y.imag <= 0:
        yield f"{name}_{branch}", 1 / y if y else 1e12 + 0j
    elif y.real:
        yield f"{name}_{branch}_g", 1 / complex(y.real)


# -- sources


def source(
    names: Sequence[str], one: Source, sites: Sites, volts: NDArray[np.complex128]
) -> list[str]:
    """An ideal voltage for each phase, with the impedance of the phases together before it.

    The voltages have a small part of the impedance themselves: OpenDSS wants some there.
    """
    own = np.diag(one.z)
    alone = not (one.z - np.diag(own)).any()
    behind = own if alone else _TINY * own
    node = one.port.node
    inner = [NUMBERS[p] if alone else sites.inner(node) for p in one.phases]
    commands = [
        f"{_verb(name)} phases=1 bus1={sites.numbered(node, number)} {_voltage(volt)} "
        f"z1=[{said(z.real)}, {said(z.imag)}] z0=[{said(z.real)}, {said(z.imag)}]"
        for name, number, z, volt in zip(names, inner, behind.tolist(), volts.tolist(), strict=True)
    ]
    if not alone:
        ends = [sites.numbered(node, *inner), sites.at(node, *one.phases)]
        commands.append(_series(f"{names[0]}_z", ends, one.z - np.diag(behind), leak=0.0))
    return commands


def voltages(names: Sequence[str], volts: NDArray[np.complex128]) -> list[str]:
    """What sets the voltages of a source that is drawn."""
    return [
        f"edit vsource.{name} {_voltage(volt)}"
        for name, volt in zip(names, volts.tolist(), strict=True)
    ]


def _verb(name: str) -> str:
    """A circuit has a first source from the beginning."""
    return "edit vsource.source" if name == "source" else f"new vsource.{name}"


def _voltage(volt: complex) -> str:
    """OpenDSS adds 360 degrees, and makes radians of that by a factor with ten digits."""
    angle = (2 * np.pi + np.angle(volt)) * _DEGREES - 360
    return f"basekv={said(abs(volt) / 1e3)} pu=1 angle={said(angle)}"
