"""Equivalents of reduced networks, and compensators that are more than banks of like sections."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cim.electrical.impedances import from_sequences
from cim.electrical.lines import Line, checked
from cim.electrical.ports import Port, agreed, live, ports
from cim.electrical.reading import Absurd, Reading
from cim.electrical.shunts import Shunt, branches


def equivalent_branches(reading: Reading) -> tuple[Line, ...]:
    """All EquivalentBranches, as lines without length and shunt."""
    rows = reading.of_class("EquivalentBranch")
    return reading.made(rows, lambda row: _branch(reading, row))


def _branch(reading: Reading, row: int) -> Line:
    """By r and x, and zeroR12 and zeroX12 (IEC 61970-301, EquivalentBranch)."""
    kind = "EquivalentBranch"
    ends = ports(reading, row, 2)
    phases = live(agreed((), ends))
    one, back = _complex(reading, row, "r", "x"), _complex(reading, row, "r21", "x21")
    if one is None:
        raise Absurd("it has neither r nor x")
    if back is not None and abs(back - one) > 1e-6 * abs(one):
        raise Absurd("its impedances from either end differ, as those of a phase shifter")
    zero = _complex(reading, row, "zeroR12", "zeroX12")
    if not zero:
        reading.say(row, "has no zero sequence impedance; it is taken to be the positive one")
    z = from_sequences(one, zero or one, phases)
    if checked(z):
        reading.say(row, "has a negative resistance")
    name = reading.name(row)
    return Line(reading.mrid(row), name, ends, phases, None, z, np.zeros_like(z), kind)


def _complex(reading: Reading, row: int, real: str, imaginary: str) -> complex | None:
    r, x = (reading.number(row, f"EquivalentBranch.{name}") for name in (real, imaginary))
    return None if r is None and x is None else complex(r or 0, x or 0)


def equivalent_shunts(reading: Reading) -> tuple[Shunt, ...]:
    """All EquivalentShunts and StaticVarCompensators, as earthed stars of one section each."""
    return (
        *reading.made(reading.of_class("EquivalentShunt"), lambda row: _shunt(reading, row)),
        *reading.made(reading.of_class("StaticVarCompensator"), lambda row: _static(reading, row)),
    )


def _shunt(reading: Reading, row: int) -> Shunt:
    [place] = ports(reading, row, 1)
    b, g = (reading.number(row, f"EquivalentShunt.{name}") for name in ("b", "g"))
    if not b and not g:
        raise Absurd("it has neither susceptance nor conductance")
    return _star(reading, row, place, complex(g or 0, b or 0))


def _static(reading: Reading, row: int) -> Shunt:
    """By the susceptance that takes its present q at nominal voltage.

    Its characteristic, by which it holds a voltage, is not taken.
    """
    kind = "StaticVarCompensator"
    [place] = ports(reading, row, 1)
    q = reading.needed(row, f"{kind}.q", reading.unit.power)
    nominal = reading.base_voltage(row)
    if not nominal or nominal < 0:
        raise Absurd("its q is of a voltage that no BaseVoltage says")
    fixed = reading.code(row, f"{kind}.sVCControlMode") == "reactivePower"
    if not fixed and reading.flag(row, "RegulatingCondEq.controlEnabled") is not False:
        reading.say(row, "controls voltage; it is read with the susceptance of its present q")
    return _star(reading, row, place, complex(0, -q / nominal**2))


def _star(reading: Reading, row: int, place: Port, y: complex) -> Shunt:
    phases: Sequence[str] = live(agreed((), [place]))
    ones = np.ones(len(phases))
    return Shunt(
        reading.mrid(row),
        reading.name(row),
        place,
        tuple(phases),
        "Y",
        True,
        branches("Y", phases),
        np.full(len(phases), y, np.complex128),
        ones,
        ones,
        ones,
        reading.base_voltage(row),
        None,
        None,
    )
