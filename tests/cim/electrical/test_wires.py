"""Lines described by wires, cables and their places."""

from __future__ import annotations

import numpy as np
import pytest

from cim.electrical import view
from cim.electrical.line_constants import Conductor, kron, series
from cim.electrical.wires import Surroundings
from tests.cim.electrical.documents import line, model, viewed

Objects = dict[str, dict[str, str]]
WIRE = {
    "WireInfo.gmr": "0.008",
    "WireInfo.radius": "0.01",
    "WireInfo.rAC25": "1e-4",
    "WireInfo.rAC75": "2e-4",
}
CABLE = {
    **WIRE,
    "CableInfo.diameterOverCore": "0.0157",
    "CableInfo.diameterOverInsulation": "0.0269",
    "CableInfo.relativePermittivity": "2.3",
    "CableInfo.diameterOverScreen": "0.029",
}
NEUTRAL = {
    "diameterOverNeutral": "0.0328",
    "neutralStrandRadius": "0.0008",
    "neutralStrandGmr": "0.00063",
    "neutralStrandRDC20": "0.009",
    "neutralStrandCount": "13",
}


def hung(phases: str = "AN", **said: str) -> Objects:
    """A line of two wires on a pole, 10 m up and 1 m apart."""
    objects = line("l", {"Conductor.length": "1", "WireSpacingInfo": "#pole"}, phases)
    for phase in phases:
        objects[f"ACLineSegmentPhase l_{phase}"]["WireInfo"] = "#wire"
    objects["WireSpacingInfo pole"] = said
    objects["OverheadWireInfo wire"] = dict(WIRE)
    for number, phase in enumerate(phases, 1):
        objects[f"WirePosition p{phase}"] = {
            "WireSpacingInfo": "#pole",
            "sequenceNumber": str(number),
            "xCoord": "0",
            "yCoord": str(9 + number),
        }
    return objects


def buried(kind: str, **said: str) -> Objects:
    objects = hung("A", isCable="true")
    del objects["OverheadWireInfo wire"]
    objects[f"{kind} wire"] = {**CABLE, **said}
    objects["WirePosition pA"]["yCoord"] = "-1"
    return objects


def impedance(objects: Objects) -> complex:
    found = viewed(objects)
    assert found.problems == ()
    return complex(found.lines[0].z[0, 0])


def why(objects: Objects, frequency: float | None = 60.0) -> str:
    found = viewed(objects, frequency=frequency)
    assert found.lines == ()
    return found.problems[-1]


def wires(resistance: float, frequency: float = 60, earth: float = 100) -> complex:
    """The same by line constants: a wire and an earthed one."""
    pair = [Conductor(0, y, resistance, 0.008, 0.01) for y in (10, 11)]
    return complex(kron(series(pair, frequency, earth), [0])[0, 0])


def test_wires_at_working_temperature() -> None:
    assert impedance(hung()) == pytest.approx(wires(1.5e-4))
    around = Surroundings(resistivity=1000, temperature=35)
    found = view.read(model(hung()), frequency=50, around=around)
    assert found.lines[0].z[0, 0] == pytest.approx(wires(1.2e-4, 50, 1000))


def test_frequency_of_the_model() -> None:
    objects = {**hung(), "BaseFrequency f": {"frequency": "50"}}
    assert viewed(objects, frequency=None).lines[0].z[0, 0] == pytest.approx(wires(1.5e-4, 50))
    assert "depends on the frequency, which neither" in why(hung(), frequency=None)


def test_one_resistance_is_that_of_every_temperature() -> None:
    objects = hung()
    del objects["OverheadWireInfo wire"]["WireInfo.rAC75"]
    assert impedance(objects) == pytest.approx(wires(1e-4))


def test_direct_current_resistance_is_named() -> None:
    objects = hung()
    objects["OverheadWireInfo wire"] = {
        "WireInfo.gmr": "0.008",
        "WireInfo.radius": "0.01",
        "WireInfo.rDC20": "9e-5",
    }
    found = viewed(objects)
    assert found.lines[0].z[0, 0] == pytest.approx(wires(9e-5))
    assert found.problems == (
        "OverheadWireInfo wire has no AC resistance; its DC resistance at 20 degrees is taken.",
    )


def test_wires_of_a_spacing_that_no_phase_has_are_earthed() -> None:
    """As the CIM18 has it: the WireAssembly knows its wires, and one is a shield wire."""
    objects = hung("A")
    objects["ACLineSegment l"] = {"Conductor.length": "1", "ACLineSegment.WireAssembly": "#pole"}
    objects["WireAssembly pole"] = objects.pop("WireSpacingInfo pole")
    del objects["ACLineSegmentPhase l_A"]["WireInfo"]
    for number, name in ((1, "pA"), (2, "shield")):
        objects[f"WirePosition {name}"] = {
            "WireAssembly": "#pole",
            "WireInfo": "#wire",
            "sequenceNumber": str(number),
            "xCoord": "0",
            "yCoord": str(9 + number),
        }
    assert impedance(objects) == pytest.approx(wires(1.5e-4))


def test_data_sheets_of_a_segment() -> None:
    objects = hung()
    del objects["ACLineSegment l"]["WireSpacingInfo"]
    objects["WireSpacingInfo pole"]["AssetInfo.PowerSystemResources"] = "#l"
    for phase in "AN":
        part = objects[f"ACLineSegmentPhase l_{phase}"]
        del part["WireInfo"]
        part["PowerSystemResource.AssetDatasheet"] = "#wire"
    assert impedance(objects) == pytest.approx(wires(1.5e-4))


def test_bundle() -> None:
    single = viewed(hung("A")).lines[0]
    bundle = viewed(hung("A", phaseWireCount="2", phaseWireSpacing="0.4")).lines[0]
    assert bundle.z.real - single.z.real == pytest.approx(-1.5e-4 / 2)
    ratio = np.log(0.008 / np.sqrt(0.008 * 0.4))
    assert bundle.z.imag - single.z.imag == pytest.approx(2e-7 * 2 * np.pi * 60 * ratio)
    assert bundle.y.imag > single.y.imag


def test_cables() -> None:
    neutral = {f"ConcentricNeutralCableInfo.{k}": v for k, v in NEUTRAL.items()}
    concentric = viewed(buried("ConcentricNeutralCableInfo", **neutral)).lines[0]
    tape = {"TapeShieldCableInfo.tapeThickness": "0.00013", "TapeShieldCableInfo.tapeLap": "20"}
    taped = viewed(buried("TapeShieldCableInfo", **tape)).lines[0]
    open_tape = {**tape, "CableInfo.sheathAsNeutral": "false"}
    opened = viewed(buried("TapeShieldCableInfo", **open_tape)).lines[0]
    assert concentric.y == pytest.approx(taped.y)
    assert taped.y == pytest.approx(opened.y)
    assert opened.z.imag > taped.z.imag > concentric.z.imag


def test_insulation_says_permittivity_by_name() -> None:
    neutral = {f"ConcentricNeutralCableInfo.{k}": v for k, v in NEUTRAL.items()}
    objects = buried("ConcentricNeutralCableInfo", **neutral)
    cable = objects["ConcentricNeutralCableInfo wire"]
    given = viewed(objects).lines[0].y
    del cable["CableInfo.relativePermittivity"]
    assert "says neither permittivity nor insulation" in why(objects)
    cable["WireInfo.insulationMaterial"] = "~WireInsulationKind.crosslinkedPolyethylene"
    found = viewed(objects)
    assert found.lines[0].y == pytest.approx(given * 2.5 / 2.3)
    assert "that of its insulation, 2.5, is taken" in found.problems[0]


def test_tape_that_is_not_copper_is_named() -> None:
    tape = {
        "TapeShieldCableInfo.tapeThickness": "0.00013",
        "CableInfo.shieldMaterial": "~CableShieldMaterialKind.lead",
    }
    assert (
        "has a tape that is not of copper"
        in viewed(buried("TapeShieldCableInfo", **tape)).problems[0]
    )


@pytest.mark.parametrize(
    ("change", "said", "reason"),
    [
        ("OverheadWireInfo wire", {"WireInfo.gmr": "0"}, "gmr is 0, and must be above 0"),
        ("OverheadWireInfo wire", {"WireInfo.radius": ""}, "WireInfo.radius is missing"),
        ("WirePosition pN", {"yCoord": "10"}, "two of its wires are at one place"),
        ("WirePosition pA", {"yCoord": "-1"}, "is not above ground, at -1 m"),
        ("WirePosition pN", {"sequenceNumber": "7"}, "has no WirePosition 2 for phase N"),
        ("ACLineSegmentPhase l_N", {"WireInfo": "~x"}, "is missing"),
    ],
)
def test_absurd_wires_are_named(change: str, said: dict[str, str], reason: str) -> None:
    objects = hung()
    objects[change] = {**objects[change], **said}
    assert reason in why(objects)


def test_phase_without_wire_is_named() -> None:
    objects = hung()
    del objects["ACLineSegmentPhase l_N"]["WireInfo"]
    assert "phase N has no WireInfo" in why(objects)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"ConcentricNeutralCableInfo.neutralStrandCount": "0"}, "neutralStrandCount above 0"),
        ({"CableInfo.diameterOverCore": "0.03"}, "is not thicker than its core"),
    ],
)
def test_absurd_cables_are_named(said: dict[str, str], reason: str) -> None:
    neutral = {f"ConcentricNeutralCableInfo.{k}": v for k, v in NEUTRAL.items()}
    assert reason in why(buried("ConcentricNeutralCableInfo", **{**neutral, **said}))


def test_cables_of_other_kinds_are_named() -> None:
    assert "is a cable of a kind that is not modelled" in why(buried("CableInfo"))
