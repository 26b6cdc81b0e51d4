"""Look up by local name along the inheritance chain; profiles claimed; versions put together."""

from __future__ import annotations

import pytest

from cim.vocabulary import Vocabulary, from_rdfs, union, vocabulary
from cim.vocabulary.facts import Class, Datatype, Facts, Profile, Property
from tests.cim.vocabulary import schemas

CGMES = "cgmes-3.0"


def test_a_property_is_found_along_the_inheritance_chain() -> None:
    known = vocabulary(CGMES)
    found = known.find("Breaker", "normalOpen")
    assert found is not None
    assert (found.name, found.domain, found.types) == ("Switch.normalOpen", "Switch", ("Boolean",))
    assert known.find("Breaker", "Switch.normalOpen") is found
    assert known.find("ACLineSegment", "Switch.normalOpen") is None
    assert known.find("Breaker", "colour") is None
    assert known.find("Tree", "name") is None


def test_ancestors_come_nearest_first() -> None:
    assert vocabulary(CGMES).ancestors("Breaker") == (
        "Breaker",
        "ProtectedSwitch",
        "Switch",
        "ConductingEquipment",
        "Equipment",
        "PowerSystemResource",
        "IdentifiedObject",
    )


def test_what_a_class_may_have_includes_what_its_ancestors_have() -> None:
    names = {p.name for p in vocabulary(CGMES).properties_of("Breaker")}
    assert {"Switch.open", "IdentifiedObject.mRID", "Equipment.EquipmentContainer"} <= names
    assert "Terminal.phases" not in names


def test_an_enumeration_and_a_data_type() -> None:
    known = vocabulary(CGMES)
    assert ("ABC", "http://iec.ch/TC57/CIM100#") in known.enumerations["PhaseCode"].values
    power = known.datatypes["ActivePower"]
    assert (power.base, power.unit, power.multiplier) == ("Float", "W", "M")


def test_an_association_knows_its_inverse_and_which_end_is_written() -> None:
    known = vocabulary(CGMES)
    end, other = (known.properties[n] for n in ("Terminal.ConductingEquipment",) * 2)
    assert (end.inverse, end.used, end.types) == (
        "ConductingEquipment.Terminals",
        True,
        ("ConductingEquipment",),
    )
    other = known.properties["ConductingEquipment.Terminals"]
    assert (other.inverse, other.used) == ("Terminal.ConductingEquipment", False)


def test_a_name_keeps_its_own_namespace() -> None:
    found = vocabulary(CGMES).properties["IdentifiedObject.shortName"]
    assert found.namespace == "http://iec.ch/TC57/CIM100-European#"


@pytest.mark.parametrize("name", ["EQ", "http://iec.ch/TC57/ns/CIM/CoreEquipment-EU/3.0"])
def test_profiles_are_claimed_by_name_or_iri(name: str) -> None:
    known = vocabulary(CGMES)
    claiming = known.claiming(name, "urn:unheard-of")
    assert claiming.claimed == {"EQ"}
    assert claiming.is_outside(claiming.properties["Switch.open"])
    assert not claiming.is_outside(claiming.properties["Switch.normalOpen"])
    assert not known.is_outside(known.properties["Switch.open"])


def test_a_claim_makes_demands_binding() -> None:
    known = vocabulary(CGMES)
    hypothesis, equipment = known.claiming("SSH"), known.claiming("EQ")
    assert "Switch.open" in hypothesis.mandatory("Breaker")
    assert "Switch.open" not in equipment.mandatory("Breaker")
    assert "Switch.normalOpen" in equipment.mandatory("Breaker")
    both = known.claiming("EQ", "SSH").mandatory("Breaker")
    assert {"Switch.open", "Switch.normalOpen"} <= both.keys()
    assert equipment.mandatory("SvVoltage") == {}


def test_the_looser_of_two_versions_counts() -> None:
    known = vocabulary("cim100-distribution")
    assert "Switch.normalOpen" in known.mandatory("Breaker")
    assert "Switch.open" not in known.mandatory("Breaker")
    assert known.mandatory("ACLineSegmentPhase") == {}  # of CIM18 alone
    assert known.mandatory("VoltageLimit") == {}  # of CGMES alone
    assert "cim18-gmdm/UnbalancedConnectivity" in known.classes["TransformerTank"].profiles


def test_one_demanding_version_binds_nobody() -> None:
    known = vocabulary("cim18-distribution")
    assert all(known.mandatory(name) == {} for name in known.classes)


# Hand-made facts from here on: P and Q differ in every way they can.


def small(version: str, profile: str, *rows: Class | Property, canonical: bool = False) -> Facts:
    return Facts(
        version,
        f"of {version}",
        (Profile(profile, (), canonical, version),),
        tuple(row for row in rows if isinstance(row, Class)),
        tuple(row for row in rows if isinstance(row, Property)),
        (),
        (Datatype("Real", "urn:n#", "Float" if version == "w" else ""),),
    )


def pole(profile: str, parent: str = "Thing") -> Class:
    return Class("Pole", "urn:n#", (parent,), True, profiles=(profile,))


def height(profile: str, least: int, most: int | None, kind: str = "Real") -> Property:
    return Property("Pole.height", "urn:n#", "Pole", (kind,), least, most, profiles=(profile,))


@pytest.fixture
def both() -> Vocabulary:
    v = small("v", "P", pole("P"), height("P", 1, 1))
    w = small("w", "Q", pole("Q", "Stick"), height("Q", 2, None, "Text"))
    return union("u", [Vocabulary(v), Vocabulary(w)])


def test_a_union_takes_either_as_right(both: Vocabulary) -> None:
    found = both.properties["Pole.height"]
    assert (found.types, found.least, found.most) == (("Real", "Text"), 1, None)
    assert both.classes["Pole"].parents == ("Thing", "Stick")
    assert both.mandatory("Pole") == {"Pole.height": 1}
    assert both.datatypes["Real"].base == "Float"
    assert both.facts.origin == "of v\nof w"
    assert [p.name for p in both.profiles] == ["v/P", "w/Q"]


def test_a_claim_on_a_union_is_one_of_its_parts(both: Vocabulary) -> None:
    one, all_ = both.claiming("v/P"), both.claiming("v/P", "w/Q")
    assert (one.properties["Pole.height"].most, one.mandatory("Pole")["Pole.height"]) == (1, 1)
    assert (all_.properties["Pole.height"].most, all_.mandatory("Pole")["Pole.height"]) == (1, 2)


def test_what_one_profile_leaves_out_is_not_demanded() -> None:
    facts = union("u", [Vocabulary(small("v", "P", pole("P"), height("P", 1, 1)))]).facts
    assert Vocabulary(facts).mandatory("Pole") == {}
    alone = Vocabulary(small("v", "P", pole("P"), height("P", 1, 1)))
    assert alone.mandatory("Pole") == {"Pole.height": 1}


def test_a_chain_of_parents_that_bites_its_tail_ends() -> None:
    rows = (Class("A", "urn:n#", ("B",)), Class("B", "urn:n#", ("A",)))
    known = Vocabulary(small("v", "P", *rows))
    assert known.ancestors("A") == ("A", "B")


def test_a_vocabulary_says_which_it_is() -> None:
    known = vocabulary(CGMES).claiming("SSH", "EQ")
    assert repr(known) == "Vocabulary(cgmes-3.0 (EQ, SSH))"
    assert repr(from_rdfs([schemas.RDFS2020], "poles-1")) == "Vocabulary(poles-1)"
