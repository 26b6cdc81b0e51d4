"""The versions that come with the project, and the choice among them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cim.model import Model, merged
from cim.model.building import Builder
from cim.model.header import MD, Header, Said
from cim.vocabulary import choose, from_rdfs, names, vocabulary
from cim.vocabulary.versions import NAMESPACES
from tests.cim.vocabulary import schemas

CIM100 = "http://iec.ch/TC57/CIM100#"
EQ = "http://iec.ch/TC57/ns/CIM/CoreEquipment-EU/3.0"
SSH = "http://iec.ch/TC57/ns/CIM/SteadyStateHypothesis-EU/3.0"


def model(namespace: str, *profiles: str, kind: str = "Breaker", mrid: str = "1") -> Model:
    builder = Builder()
    builder.type(builder.identity(f"#_{mrid}"), f"{namespace}{kind}")
    said = tuple(Said(f"{MD}Model.profile", profile, False) for profile in profiles)
    return builder.model(Header("urn:uuid:9", said=said) if profiles else None)


def test_names() -> None:
    assert names() == [
        "cgmes-3.0",
        "cim100-distribution",
        "cim18",
        "cim18-distribution",
        "cim18-gmdm",
    ]


@pytest.mark.parametrize("name", names())
def test_each_is_there_and_says_whose_facts_it_holds(name: str) -> None:
    known = vocabulary(name)
    assert known.name == name
    assert known is vocabulary(name)
    assert "Breaker" in known.classes
    assert "Apache License" in known.facts.origin
    assert "UCAIug" in known.facts.origin or "ENTSO-E" in known.facts.origin


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"no vocabulary 'cim12'; there are cgmes-3\.0, "):
        vocabulary("cim12")


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_model_without_a_profile_is_known_by_its_namespace(namespace: str) -> None:
    assert choose(model(namespace)) is vocabulary(NAMESPACES[namespace])


def test_a_header_claims_its_profiles() -> None:
    chosen = choose(model(CIM100, EQ, SSH, "urn:own"))
    assert chosen is not None
    assert (chosen.name, chosen.claimed) == ("cgmes-3.0", {"EQ", "SSH"})


def test_profiles_nobody_knows_leave_the_namespace() -> None:
    assert choose(model(CIM100, "urn:own")) is vocabulary("cim100-distribution")


def test_profiles_may_be_given_where_headers_are_gone() -> None:
    chosen = choose(merged([model(CIM100, EQ), model(CIM100, SSH)]), profiles=[EQ, SSH])
    assert chosen is not None
    assert chosen.claimed == {"EQ", "SSH"}


def test_of_several_namespaces_that_of_most_objects_counts() -> None:
    cim18 = "http://cim.ucaiug.io/ns#"
    parts = [model("urn:own#", mrid=str(n)) for n in range(4)]
    parts += [model(CIM100, mrid="5"), model(CIM100, mrid="6"), model(cim18, mrid="7")]
    assert choose(merged(parts)) is vocabulary("cim100-distribution")


def test_objects_without_a_class_are_known_by_their_properties() -> None:
    builder = Builder()
    builder.text(builder.identity("#_1"), f"{CIM100}Switch.open", "true")
    assert choose(builder.model()) is vocabulary("cim100-distribution")


@pytest.mark.parametrize(
    "unknown", [Model.empty(), model("http://iec.ch/TC57/2013/CIM-schema-cim16#")]
)
def test_for_some_there_is_none(unknown: Model) -> None:
    assert choose(unknown) is None


def test_versions_of_the_user_are_looked_at_first() -> None:
    mine = from_rdfs([schemas.RDFS2020], "poles-1")
    assert choose(model(schemas.CIM, kind="Pole"), known=[mine]) is mine
    chosen = choose(model(CIM100, "http://example.org/poles/1"), known=[mine])
    assert chosen is not None
    assert (chosen.facts, chosen.claimed) == (mine.facts, {"PL"})


def test_nothing_is_loaded_at_import() -> None:
    code = (
        "import cim.vocabulary.versions as v, sys;"
        "sys.exit(v.vocabulary.cache_info().currsize or 'rdflib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
