"""Any one value missing or absurd: nothing is raised, what is lost is named, the rest is the same.

Each kind of equipment stands twice in a network; one of the two is spoiled, value by value.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np
import pytest

from cim.electrical import yprim
from cim.electrical.lines import Line
from cim.electrical.view import View
from tests.cim.electrical.banks import CENTRE, bank, end
from tests.cim.electrical.documents import line, viewed
from tests.cim.electrical.test_earths import coil, star
from tests.cim.electrical.test_equivalents import branch, nonlinear, static
from tests.cim.electrical.test_injections import inverter, load, source
from tests.cim.electrical.test_limits import level, limited
from tests.cim.electrical.test_neutrals import four, transformed
from tests.cim.electrical.test_parts import clamp, cut, whole
from tests.cim.electrical.test_phase_shifters import NON_LINEAR, shifting
from tests.cim.electrical.test_regulators import regulated
from tests.cim.electrical.test_shunts import bank as capacitors
from tests.cim.electrical.test_switches import switch
from tests.cim.electrical.test_tap_tables import WHOLE, tabled
from tests.cim.electrical.test_wires import NEUTRAL, WIRE, buried, hung

Objects = Mapping[str, Mapping[str, str]]
GIVEN = {"r": "1", "x": "1", "r0": "1", "x0": "1"}
RATED = {**WIRE, "WireInfo.ratedCurrent": "400"}
STRANDS = {f"ConcentricNeutralCableInfo.{key}": value for key, value in NEUTRAL.items()}
VOLTS = {"high": "~OperationalLimitDirectionKind.high", "value": "430"}

KINDS: dict[str, Objects] = {
    "line of four wires": {**four(), **transformed()},
    "line by sequences": line("l", GIVEN, "A"),
    "line by wires": {
        **hung(phaseWireCount="2", phaseWireSpacing="0.4"),
        "OverheadWireInfo wire": RATED,
    },
    "line by a cable": buried("ConcentricNeutralCableInfo", **STRANDS),
    "line in parts": {**whole(), **clamp("400"), **cut("600")},
    "equivalent branch": branch(r21="1", x21="3"),
    "centre tap": CENTRE,
    "transformer of three ends": bank(
        end("Yn", 110e3, r="1", x="20", g="1e-6", b="-1e-5"),
        end("Yn", 20e3, r="1", x="20"),
        end("D", 10e3, 1, r="1", x="20"),
    ),
    "coil": {**star(), **coil()},
    "tap changer": regulated(),
    "tap changer by table": tabled(*WHOLE),
    "phase shifter": shifting("Asymmetrical", windingConnectionAngle="60", **NON_LINEAR),
    "capacitor": capacitors(phases="AB"),
    "nonlinear compensator": {
        **nonlinear("2", "1e-3", "5e-3"),
        **line("l", GIVEN, nodes=("n1", "n2")),
    },
    "static compensator": static(),
    "load": load(phases="AB"),
    "source": source(),
    "inverter": inverter("BatteryUnit", "5"),
    "switch": switch(
        "AB", **{"Switch.ratedCurrent": "400", "ProtectedSwitch.breakingCapacity": "9000"}
    ),
    "limit of current": limited({"value": "400"}, acceptableDuration="600"),
    "limit of voltage": limited(VOLTS, "VoltageLimit", kind="~LimitKind.highVoltage"),
    "limits of a level": level(),
}
ODD = (
    None,
    "",
    "0",
    "-1",
    "nan",
    "inf",
    "1e308",
    "1e-320",
    "1e30",
    "word",
    "~Kind.parsec",
    "#gone",
)
"""What a value becomes: it is missing, is none or is absurd; what it refers to is not there."""
GLOBAL = "p and q of all inverters and machines are read as fed in"
"""Said of the first of all inverters that shows it."""


def called(objects: Objects, prefix: str) -> dict[str, dict[str, str]]:
    """The same with other identities."""
    return {
        re.sub(" ", f" {prefix}", key): {
            name: re.sub("#", f"#{prefix}", value) for name, value in said.items()
        }
        for key, said in objects.items()
    }


def plain(thing: object) -> object:
    """What can be compared."""
    if dataclasses.is_dataclass(thing):
        return [(f.name, plain(getattr(thing, f.name))) for f in dataclasses.fields(thing)]
    if isinstance(thing, np.ndarray):
        return [repr(value) for value in thing.ravel().tolist()]
    if isinstance(thing, Mapping):
        return [(key, plain(value)) for key, value in thing.items()]
    return [plain(one) for one in thing] if isinstance(thing, tuple) else thing


def things(found: View) -> dict[str, list[object]]:
    """All equipment of a view, by mRID; the parts of a line together."""
    seen: dict[str, list[object]] = {}
    equipment = (
        *found.lines,
        *found.transformers,
        *found.tap_changers,
        *found.shunts,
        *found.loads,
        *found.sources,
        *found.generators,
        *found.switches,
        *found.earths,
    )
    for one in equipment:
        mrid = (isinstance(one, Line) and one.segment) or one.mrid
        seen.setdefault(mrid, []).append(plain(one))
    return seen


def limits(found: View, prefix: str) -> list[object]:
    """Those of what has this prefix."""
    return [plain(one) for one in found.limits if one.of.startswith(prefix)]


def admittances(found: View) -> Iterator[np.ndarray]:
    """Of everything that has some; each must be finite."""
    yield from (yprim.of_line(one).y for one in found.lines)
    yield from (yprim.of_transformer(one).y for one in found.transformers)
    yield from (yprim.of_shunt(one).y for one in found.shunts)
    yield from (one.z for one in found.sources)
    yield from (np.array([one.p, one.q]) for one in found.loads)
    yield from (np.array([one.p, one.q]) for one in found.generators)


def spoiled(objects: Objects) -> Iterator[tuple[str, str, dict[str, dict[str, str]]]]:
    """The key, the property and the network, for each value of `ODD`."""
    for key, said in objects.items():
        for name in said:
            for odd in ODD:
                rest = {n: value for n, value in said.items() if n != name}
                changed = rest if odd is None else {**rest, name: odd}
                yield key, name, {**objects, key: changed}


@pytest.mark.parametrize("kind", KINDS)
def test_some_spoiled_values(kind: str) -> None:
    check(kind, every=7)


@pytest.mark.fault
@pytest.mark.parametrize("kind", KINDS)
def test_all_spoiled_values(kind: str) -> None:
    check(kind)


def check(kind: str, every: int = 1) -> None:
    """With each of the networks that `spoiled` makes, or one in so many."""
    mine, theirs = called(KINDS[kind], "a"), called(KINDS[kind], "b")
    sound = viewed(mine, theirs)
    before, limited_theirs = things(sound), limits(sound, "b")
    whole_theirs = {key: one for key, one in before.items() if key.startswith("b")}
    assert whole_theirs
    for key, name, network in islice(spoiled(mine), 0, None, every):
        found = viewed(network, theirs)
        after = things(found)
        where = f"{key} {name}: {network[key].get(name)}"
        assert {one: after[one] for one in after if one.startswith("b")} == whole_theirs, where
        assert limits(found, "b") == limited_theirs, where
        assert all(np.isfinite(values).all() for values in admittances(found)), where
        own = [p for p in found.problems if GLOBAL not in p]
        for lost in before.keys() - after.keys():
            words = {lost, key.split()[1], *referred(mine[key]), *referred(terminal(mine, lost))}
            assert any(word in p for p in own for word in words), f"{lost}, {where}"


def terminal(objects: Objects, mrid: str) -> Mapping[str, str]:
    """What a terminal says; an earthed star point has the mRID of one."""
    return objects.get(f"Terminal {mrid}", {})


def referred(said: Mapping[str, str]) -> set[str]:
    """What an object refers to."""
    return {value[1:] for value in said.values() if value.startswith("#")}
