"""The whole view: units, equipment that is not modelled, phases that nothing brings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cim.electrical import view
from cim.electrical.reading import CGMES, GMDM, SI, Reading, units
from cim.model.model import Model
from tests.cim.electrical.banks import CENTRE
from tests.cim.electrical.documents import CIM, line, matrix, model, terminals, viewed
from tests.cim.electrical.test_injections import inverter, load, source
from tests.cim.electrical.test_phase_shifters import NON_LINEAR, shifting
from tests.cim.electrical.test_regulators import regulated
from tests.cim.electrical.test_shunts import bank
from tests.cim.electrical.test_switches import switch
from tests.cim.electrical.test_tap_tables import WHOLE, tabled
from tests.cim.electrical.test_wires import NEUTRAL, buried, hung

GIVEN = {"r": "1", "x": "1", "r0": "1", "x0": "1"}


def test_units_by_namespace() -> None:
    some = {"BaseVoltage v": {"nominalVoltage": "20"}}
    assert units(model(some)) == SI
    assert units(model(some, namespace="http://iec.ch/TC57/2013/CIM-schema-cim16#")) == SI
    assert units(model(some, namespace="http://ucaiug.org/61970cim18v02_61968cim14v00#")) == GMDM
    european = {"BaseVoltage v": {"http.x": "1"}}
    assert units(model(european, namespace="http://iec.ch/TC57/CIM100-European#")) == CGMES


def test_kilovolts_that_nothing_declares_are_named() -> None:
    some = model({"BaseVoltage v": {"nominalVoltage": "20"}})
    assert view.read(some).problems == (
        "The highest BaseVoltage is 20 V: is the document in kilovolts?",
    )
    assert view.read(some, unit=GMDM).problems == ()


def test_equipment_that_is_not_modelled_is_named() -> None:
    assert viewed({"VsConverter s": {}}).problems == (
        "VsConverter s is not read: equipment of its class is not modelled.",
    )


def test_phases_that_nothing_brings_are_named() -> None:
    """A load on C at the end of a lateral of A and B, and a breaker that crosses A over to C."""
    objects = {
        **line("l", GIVEN, "AB"),
        "Breaker b": {"Switch.open": "false"},
        **terminals("b", "n2", "n3"),
        "SwitchPhase p": {
            "Switch": "#b",
            "phaseSide1": "~SinglePhaseKind.A",
            "phaseSide2": "~SinglePhaseKind.C",
        },
    }
    for name, node in (("near", "n2"), ("far", "n3")):
        objects |= {
            f"EnergyConsumer {name}": {"p": "1", "q": "1"},
            **terminals(name, node, phases="C"),
        }
    assert viewed(objects).problems == (
        "EnergyConsumer near is on phase C, which nothing brings to ConnectivityNode n2.",
    )


def test_each_problem_is_said_once() -> None:
    """Two lines share a table that lacks its zero sequence."""
    table = {"PerLengthSequenceImpedance z": {"r": "1", "x": "1"}}
    said = {"PerLengthImpedance": "#z", "Conductor.length": "5"}
    found = viewed(line("l", said), line("k", said), table)
    assert len(found.lines) == 2
    assert len(found.problems) == 1


def test_nothing_of_nothing() -> None:
    found = view.read(Model.empty())
    assert found.problems == ()
    assert found.lines == ()


def test_properties_of_any_namespace() -> None:
    """An older CIM says the same with the same words."""
    older = "http://iec.ch/TC57/2012/CIM-schema-cim16#"
    assert older != CIM
    found = view.read(model(line("l", GIVEN, "A"), namespace=older))
    assert [one.phases for one in found.lines] == [("A",)]


def test_reading_keeps_the_model_as_it_is() -> None:
    some = model(line("l", GIVEN, "A"))
    before = some.to_bytes()
    view.read(some)
    assert some.to_bytes() == before
    assert Reading(some).called(some.row("l")) == "ACLineSegment l"


def sets() -> list[dict[str, dict[str, str]]]:
    """Equipment of every kind, each set by itself."""
    table = matrix("z", {"1,1": "4e-4 9e-4 3e-9", "2,1": "1e-4 3e-4", "2,2": "5e-4 8e-4"})
    neutral = {f"ConcentricNeutralCableInfo.{k}": v for k, v in NEUTRAL.items()}
    return [
        {**line("l", {"PerLengthImpedance": "#z", "Conductor.length": "9"}, "AB"), **table},
        line("l", GIVEN, "A"),
        hung(phaseWireCount="2", phaseWireSpacing="0.4"),
        buried("ConcentricNeutralCableInfo", **neutral),
        dict(CENTRE),
        regulated(),
        tabled(*WHOLE),
        shifting("Asymmetrical", windingConnectionAngle="60", **NON_LINEAR),
        bank(phases="AB"),
        load(phases="AB"),
        source(),
        inverter("BatteryUnit", "5"),
        switch("AB"),
        {"BaseFrequency f": {"frequency": "50"}},
    ]


@given(st.data())
def test_whatever_one_value_is_the_rest_is_read(data: st.DataObject) -> None:
    """No value of one property ends the reading, and nothing disappears without a sentence."""
    objects = data.draw(st.sampled_from(sets()))
    key = data.draw(st.sampled_from([k for k, said in objects.items() if said]))
    name = data.draw(st.sampled_from(sorted(objects[key])))
    odd = ("", "0", "-1", "nan", "inf", "1e308", "-1e-320", "1e-320", "1e30", "word", "#gone")
    value = data.draw(st.sampled_from([*odd, *(f"#{k.split()[1]}" for k in objects)]))
    changed = {**objects, key: {**objects[key], name: value}}
    good = line("good", GIVEN, "A", ("n8", "n9"))
    found = viewed(good, changed)
    assert "good" in [one.mrid for one in found.lines]
    for kind, things in (
        ("ACLineSegment", found.lines),
        ("TransformerTank", found.transformers),
        ("RatioTapChanger", found.regulators),
        ("PhaseTapChangerAsymmetrical", found.phase_shifters),
        ("LinearShuntCompensator", found.shunts),
        ("EnergyConsumer", found.loads),
        ("EnergySource", found.sources),
        ("PowerElectronicsConnection", found.generators),
        ("Breaker", found.switches),
    ):
        for one in [k.split()[1] for k in changed if k.split()[0] == kind]:
            named = any(one in problem for problem in found.problems)
            assert one in [thing.mrid for thing in things] or named
