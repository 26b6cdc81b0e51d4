"""The noun StateVariables against the profile StateVariables of CGMES 3.0 and the CIM's phases."""

from __future__ import annotations

from pathlib import Path

import pytest

from cim.profile import Attribute, Profile, attributes
from cim.profiles.phases import SinglePhaseKind
from cim.profiles.state_variables import StateVariables, TopologicalIsland
from cim.vocabulary import Property, Vocabulary, from_rdfs, vocabulary

CLASSES: list[type[Profile]] = [a.type for a in attributes(StateVariables) if a.many]
"""All but Model, whose attributes are those of the header of IEC 61970-552."""
PRIMITIVES = {float: "Float", bool: "Boolean", str: "String"}
OURS = {
    "TopologicalIsland.AngleRefTopologicalNode",  # which not every island has
    "IdentifiedObject.mRID",
    "IdentifiedObject.Names",  # in the place of IdentifiedObject.name, as in every noun
}


def own(profile: type[Profile]) -> list[Attribute]:
    return [a for a in attributes(profile) if a.cim not in OURS and a.tag != "phase"]


def compared(known: Vocabulary, profile: type[Profile]) -> None:
    for a in own(profile):
        said = known.properties[a.cim]
        assert said.used, a.cim
        assert (said.least, said.most) == (int(a.required), None if a.many else 1), a.cim
        if a.type in PRIMITIVES and a.type is not str:
            [name] = said.types
            of = known.datatypes[name]
            assert of.base == PRIMITIVES[a.type], a.cim
            unit = f"{of.multiplier.removeprefix('none')}{of.unit}"
            assert a.unit == (unit or None), a.cim


@pytest.mark.parametrize("profile", CLASSES, ids=lambda p: str(p.__name__))
def test_attributes_are_those_of_the_published_profile(profile: type[Profile]) -> None:
    known = vocabulary("cgmes-3.0").claiming("SV", "TP")
    compared(known, profile)
    published = {
        p.name
        for p in known.properties.values()
        if p.domain == profile.__name__ and p.used and "SV" in p.profiles
    }
    assert published <= {a.cim for a in attributes(profile)}


def test_what_has_a_phase_in_the_cim_has_one_here() -> None:
    known = vocabulary("cim18")
    for profile in CLASSES:
        phase: Property | None = known.properties.get(f"{profile.__name__}.phase")
        found = [a for a in attributes(profile) if a.tag == "phase"]
        assert [a.type for a in found] == ([SinglePhaseKind] if phase else []), profile
        assert all((a.required, a.many) == (False, False) for a in found)
    values = known.enumerations["SinglePhaseKind"].values
    assert {value for value, _ in values} == set(SinglePhaseKind)


def test_an_island_has_nodes_and_may_have_a_reference() -> None:
    required = {a.tag: a.required for a in attributes(TopologicalIsland)}
    assert required["TopologicalNodes"]
    assert not required["AngleRefTopologicalNode"]


@pytest.mark.reference
def test_attributes_are_those_of_the_published_file(shared: Path) -> None:
    folder = shared / "data/cim/profiles/cgmes300_rdfs"
    files = sorted(
        file for part in ("StateVariables", "Topology") for file in folder.glob(f"*_{part}-*")
    )
    known = from_rdfs(files, "published")
    assert len(CLASSES) == 9
    for profile in CLASSES:
        compared(known, profile)
