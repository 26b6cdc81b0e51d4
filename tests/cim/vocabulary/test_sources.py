"""Facts come out of each dialect of schema as it states them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cim.violation import Refusal
from cim.vocabulary import Vocabulary, from_rdfs
from cim.vocabulary.__main__ import main
from cim.vocabulary.facts import Class, Datatype, Enumeration, Profile, Property
from cim.vocabulary.rdfs import multiplicity
from cim.vocabulary.table import read
from tests.cim.vocabulary import schemas
from tests.cim.vocabulary.schemas import CIM, CLASS, OWN, PROPERTY, document, node, say, to

PL = ("PL",)
XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture
def poles() -> Vocabulary:
    return from_rdfs([schemas.RDFS2020], "poles-1", "made up")


def test_classes(poles: Vocabulary) -> None:
    assert set(poles.facts.classes) == {
        Class("Thing", CIM, concrete=False, profiles=PL),
        Class("Pole", CIM, ("Thing",), True, profiles=PL),
        Class("Wire", CIM, ("Thing",), True, described=True, profiles=PL),
        Class("Place", CIM, concrete=False, compound=True, profiles=PL),
    }


def test_properties(poles: Vocabulary) -> None:
    assert set(poles.facts.properties) == {
        Property("Thing.name", CIM, "Thing", ("String",), 0, 1, profiles=PL),
        Property("Pole.height", CIM, "Pole", ("Length",), 1, 1, profiles=PL),
        Property("Pole.wood", CIM, "Pole", ("WoodKind",), 1, 1, profiles=PL),
        Property("Pole.Wires", CIM, "Pole", ("Wire",), 0, None, "Wire.Poles", False, PL),
        Property("Wire.Poles", OWN, "Wire", ("Pole",), 1, 2, "Pole.Wires", True, PL),
    }


def test_enumerations_and_data_types(poles: Vocabulary) -> None:
    values = (("larch", OWN), ("pine", CIM))
    assert poles.facts.enumerations == (Enumeration("WoodKind", CIM, values),)
    assert set(poles.facts.datatypes) == {
        Datatype("String", CIM, "String"),
        Datatype("Float", CIM, "Float"),
        Datatype("Length", CIM, "Float", "m", "k"),
    }


@pytest.mark.parametrize(
    ("schema", "profile"),
    [
        (schemas.RDFS2020, Profile("PL", ("http://example.org/poles/1",), version="v")),
        (schemas.RDFS2019, Profile("Poles", version="v")),
        (schemas.OLDER, Profile("profile 1", ("http://example.org/old/1",), version="v")),
        (schemas.CANONICAL, Profile("profile 1", canonical=True, version="v")),
    ],
)
def test_a_profile_is_named_by_its_file(schema: bytes, profile: Profile) -> None:
    assert from_rdfs([schema], "v").profiles == (profile,)


def test_or_by_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "Poles.rdfs-2016.rdf"
    path.write_bytes(document(*schemas.BODY))
    assert from_rdfs([path], "v").profiles == (Profile("Poles", version="v"),)


def test_the_canonical_model() -> None:
    known = from_rdfs([schemas.CANONICAL], "canonical")
    by = ("profile 1",)
    assert set(known.facts.classes) == {
        Class("Thing", CIM, profiles=by),
        Class("Pole", CIM, ("Thing",), profiles=by),
        Class("Wire", CIM, ("Thing",), profiles=by),
        Class("Place", CIM, compound=True, profiles=by),
    }
    assert set(known.facts.properties) == {
        Property("Thing.name", CIM, "Thing", ("String",), 1, 1, profiles=by),
        Property("Pole.height", CIM, "Pole", ("Length",), 0, 1, profiles=by),
        Property("Pole.wood", OWN, "Pole", ("WoodKind",), 0, 1, profiles=by),
        Property("Pole.Wires", CIM, "Pole", ("Wire",), 0, None, profiles=by),
        Property("Pole.Lost", CIM, "Pole", (), 0, 1, profiles=by),
        Property("Pole.Place", CIM, "Pole", ("Place",), 0, None, profiles=by),
    }
    values = (("pine", CIM), ("larch", OWN))
    assert known.facts.enumerations == (Enumeration("WoodKind", CIM, tuple(sorted(values))),)
    assert set(known.facts.datatypes) == {
        Datatype("String", XSD, "String"),
        Datatype("Length", CIM),
    }


def test_profiles_share_the_rows_in_which_they_agree() -> None:
    higher = document(
        node(f"{CIM}Pole", CLASS, to("rdfs:subClassOf", f"{CIM}Thing"), schemas.CONCRETE),
        node(f"{CIM}Pole.height", PROPERTY, schemas.many("0..1"),
             to("cims:dataType", f"{CIM}Length")),
        node(f"{CIM}WoodKind", CLASS, to("cims:stereotype", f"{schemas.UML}enumeration")),
        node(f"{CIM}WoodKind.oak", f"{CIM}WoodKind", say("cims:stereotype", "enum")),
    )  # fmt: skip
    known = from_rdfs([schemas.RDFS2020, higher], "v")
    [pole] = [c for c in known.facts.classes if c.name == "Pole"]
    assert pole.profiles == ("PL", "profile 2")
    heights = [p for p in known.facts.properties if p.name == "Pole.height"]
    assert {(p.least, p.profiles) for p in heights} == {(1, PL), (0, ("profile 2",))}
    assert [value for value, _ in known.enumerations["WoodKind"].values] == ["larch", "oak", "pine"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("...#M:0..1", (0, 1)),
        ("...#M:1", (1, 1)),
        ("...#M:1..n", (1, None)),
        ("...#M:0..*", (0, None)),
        ("...#M:2..7", (2, 7)),
        ("", (0, None)),
    ],
)
def test_multiplicities(text: str, numbers: tuple[int, int | None]) -> None:
    assert multiplicity(text) == numbers


def test_what_is_no_multiplicity_is_named() -> None:
    with pytest.raises(ValueError, match="'some' is no multiplicity"):
        multiplicity("#M:some")


def test_a_cardinality_that_is_no_number_is_named() -> None:
    bad = schemas.CANONICAL.replace(b"<owl:maxCardinality>1<", b"<owl:maxCardinality>few<")
    with pytest.raises(ValueError, match="'few' is no multiplicity"):
        from_rdfs([bad], "v")


def test_a_list_that_bites_its_tail_ends() -> None:
    ring = schemas.CANONICAL.replace(f'"{schemas.RDF}nil"'.encode(), b'"urn:x"')
    ring = ring.replace(b'<rdf:rest rdf:resource="urn:x"/>', b'<rdf:rest rdf:nodeID="l1"/>')
    assert len(from_rdfs([ring], "v").enumerations["WoodKind"].values) == 2


def test_a_document_without_a_class_is_no_schema() -> None:
    with pytest.raises(ValueError, match="profile 1 describes no class"):
        from_rdfs([document(node(f"{CIM}x", "urn:y"))], "v")


def test_schemas_pass_the_gate() -> None:
    with pytest.raises(Refusal, match="DTD"):
        from_rdfs([b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + schemas.RDFS2020.partition(b"\n")[2]], "v")


def test_the_command_writes_a_table(tmp_path: Path) -> None:
    source, target = tmp_path / "poles.rdf", tmp_path / "poles-1.tsv"
    source.write_bytes(schemas.RDFS2020)
    main([str(source), "-o", str(target), "--origin", "made up"])
    assert target.read_text().splitlines()[1] == "# made up"
    known = from_rdfs([schemas.RDFS2020], "poles-1", "made up")
    assert set(read(target.read_bytes()).properties) == set(known.facts.properties)
