"""States of the network as documents of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.model import Header, Model, write
from cim.model.difference import between
from cim.model.header import MD, Said
from cim.model.read import read
from cim.model.state_variables import CIM100, PHASES, PROFILE, WHOLE, Island, State, document, state
from cim.violation import Refusal
from tests.cim.model import triples
from tests.cim.model.test_model import document as rdf

NOON = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
SWITCH = "urn:uuid:B14A139F-E588-4612-ABB7-8FE40672BCBB"


def written(what: State) -> Model:
    return document(what, scenario_time=NOON, created=NOON)


def test_looks_like_this() -> None:
    operated = State(
        switches={SWITCH: {"A": True, "B": False}, "#_q": {"A": True, "B": True}},
        in_service={"f81d4fae-7dec-11d0-a765-00a0c91e6bf6": False},
        islands=frozenset({Island(frozenset({"#_n1", "#_n2"}), "#_n1")}),
    )
    made = document(
        operated,
        scenario_time=NOON.astimezone(timezone(timedelta(hours=2))),
        created=NOON,
        dependent_on=["eq", "urn:uuid:tp"],
        supersedes=["before"],
        authority="http://utility.example",
    )
    lines = [line.strip() for line in write.full(made).decode().splitlines()]
    assert lines[4:12] == [
        '<md:Model.DependentOn rdf:resource="urn:uuid:eq"/>',
        '<md:Model.DependentOn rdf:resource="urn:uuid:tp"/>',
        '<md:Model.Supersedes rdf:resource="urn:uuid:before"/>',
        "<md:Model.created>2026-10-06T12:00:00Z</md:Model.created>",
        "<md:Model.modelingAuthoritySet>http://utility.example</md:Model.modelingAuthoritySet>",
        f"<md:Model.profile>{PROFILE}</md:Model.profile>",
        "<md:Model.scenarioTime>2026-10-06T12:00:00Z</md:Model.scenarioTime>",
        "</md:FullModel>",
    ]
    assert sorted(
        line for line in lines[12:] if "rdf:ID" not in line and "</cim" not in line[:5]
    ) == [
        "</rdf:RDF>",
        '<cim:SvStatus.ConductingEquipment rdf:resource="#_f81d4fae-7dec-11d0-a765-00a0c91e6bf6"/>',
        "<cim:SvStatus.inService>false</cim:SvStatus.inService>",
        '<cim:SvSwitch.Switch rdf:resource="#_q"/>',
        f'<cim:SvSwitch.Switch rdf:resource="{SWITCH}"/>',
        f'<cim:SvSwitch.Switch rdf:resource="{SWITCH}"/>',
        "<cim:SvSwitch.open>false</cim:SvSwitch.open>",
        "<cim:SvSwitch.open>true</cim:SvSwitch.open>",
        "<cim:SvSwitch.open>true</cim:SvSwitch.open>",
        f'<cim:SvSwitch.phase rdf:resource="{CIM100}SinglePhaseKind.A"/>',
        f'<cim:SvSwitch.phase rdf:resource="{CIM100}SinglePhaseKind.B"/>',
        '<cim:TopologicalIsland.AngleRefTopologicalNode rdf:resource="#_n1"/>',
        '<cim:TopologicalIsland.TopologicalNodes rdf:resource="#_n1"/>',
        '<cim:TopologicalIsland.TopologicalNodes rdf:resource="#_n2"/>',
    ]


def test_the_same_state_is_the_same_model_whatever_the_order() -> None:
    one = State({"#_a": {"A": True, "B": False}, "#_b": {WHOLE: True}}, {"#_x": True, "#_y": False})
    other = State(
        {"#_b": {WHOLE: True}, "#_a": {"B": False, "A": True}}, {"#_y": False, "#_x": True}
    )
    assert write.full(written(one)) == write.full(written(other))


def test_the_model_has_another_identity_when_time_or_content_differ() -> None:
    some = State({"#_a": {WHOLE: True}}, {})
    later = document(some, scenario_time=NOON + timedelta(minutes=1), created=NOON)
    other = written(State({"#_a": {WHOLE: False}}, {}))
    recreated = document(some, scenario_time=NOON, created=NOON + timedelta(hours=1))
    names = [
        model.header.mrid for model in (written(some), later, other, recreated) if model.header
    ]
    assert len(set(names)) == 3
    assert names[0] == names[3]


def test_two_states_differ_in_what_has_changed() -> None:
    before = State({"#_a": {WHOLE: False}, "#_b": {WHOLE: False}}, {"#_x": True})
    after = State({"#_a": {WHOLE: False}, "#_b": {WHOLE: True}}, {"#_x": True})
    [change] = between(written(before), written(after)).changed()
    assert (change.property, change.old, change.new) == (
        f"{CIM100}SvSwitch.open",
        ("false",),
        ("true",),
    )


def test_other_versions_of_the_cim() -> None:
    cim16 = "http://iec.ch/TC57/2013/CIM-schema-cim16#"
    profile = "http://entsoe.eu/CIM/StateVariables/4/1"
    some = State({"#_a": {WHOLE: True}}, {})
    made = document(some, scenario_time=NOON, created=NOON, namespace=cim16, profiles=[profile])
    assert made.header is not None
    assert made.header.profiles == (profile,)
    assert {name.rpartition("#")[0] + "#" for name in made.names} - {triples.RDF} == {cim16}
    assert state(made) == some


def test_an_unknown_phase_is_refused() -> None:
    with pytest.raises(Refusal, match="The switch #_q has no phase D, X"):
        written(State({"#_q": {"X": True, "A": True, "D": False}}, {}))


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        document(State({}, {}), scenario_time=NOON.replace(tzinfo=None), created=NOON)


def test_what_cannot_be_read_is_told() -> None:
    model = read(
        rdf(
            '<cim:SvSwitch rdf:ID="_1"><cim:SvSwitch.open>true</cim:SvSwitch.open></cim:SvSwitch>',
            '<cim:SvSwitch rdf:ID="_2"><cim:SvSwitch.open>half</cim:SvSwitch.open>'
            '<cim:SvSwitch.Switch rdf:resource="#_q"/></cim:SvSwitch>',
            '<cim:SvStatus rdf:ID="_3"><cim:SvStatus.ConductingEquipment rdf:resource="#_x"/>'
            "</cim:SvStatus>",
            '<cim:SvStatus rdf:ID="_4"><cim:SvStatus.ConductingEquipment rdf:resource="#_x"/>'
            "<cim:SvStatus.inService> 1 </cim:SvStatus.inService>"
            f'<cim:SvStatus.phase rdf:resource="{CIM100}SinglePhaseKind.A"/></cim:SvStatus>',
        )
    )
    assert state(model) == State(
        {},
        {},
        problems=(
            "The SvSwitch 1 was passed over: it names no Switch.",
            "The SvSwitch of #_q was passed over: open is 'half', neither true nor false.",
            "The SvStatus of #_x was passed over: inService is '', neither true nor false.",
            "The SvStatus of phase A of #_x was passed over.",
        ),
    )


identities = st.sampled_from([f"#_{letter}" for letter in "abcdef"] + [SWITCH])
positions = st.one_of(
    st.fixed_dictionaries({WHOLE: st.booleans()}),
    st.dictionaries(st.sampled_from(PHASES), st.booleans(), min_size=2).filter(
        lambda by_phase: len(set(by_phase.values())) == 2
    ),
)
nodes = st.frozensets(st.sampled_from("123456789").map("#_n{}".format), min_size=1, max_size=3)
states = st.builds(
    State,
    st.dictionaries(identities, positions),
    st.dictionaries(identities, st.booleans()),
    st.builds(Island, nodes).map(lambda island: frozenset({island})),
)


@given(states)
def test_what_was_written_is_read(some: State) -> None:
    assert state(read(write.full(written(some)))) == some


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "switches", "statuses"),
    [
        ("fullgrid_cgmes3/FullGrid_SV.xml", 29, 102),
        ("smallgrid_cgmes24/SmallGridTestConfiguration_BC_SV_v3.0.0.xml", 0, 1547),
    ],
)
def test_states_of_others_are_read_and_written(
    shared: Path, name: str, switches: int, statuses: int
) -> None:
    """The same positions, services and islands as rdflib finds, in objects of other names."""
    original = (shared / "data" / "cim" / "cgmes" / name).read_bytes()
    found = state(read(original))
    assert (len(found.switches), len(found.in_service)) == (switches, statuses)
    assert found.problems == ()
    [space] = {p[: -len("SvStatus.inService")] for p in _names(original, "SvStatus.inService")}
    made = document(found, scenario_time=NOON, created=NOON, namespace=space)
    assert facts(write.full(made)) == facts(original)
    assert made.header == Header(
        made.header.identity if made.header else "",
        said=(
            Said(f"{MD}Model.created", "2026-10-06T12:00:00Z", is_link=False),
            Said(f"{MD}Model.scenarioTime", "2026-10-06T12:00:00Z", is_link=False),
            Said(f"{MD}Model.profile", PROFILE, is_link=False),
        ),
    )


def _names(data: bytes, local: str) -> set[str]:
    return {name for _, name, _ in triples.by_rdflib(data) if name.endswith(f"#{local}")}


def facts(data: bytes) -> set[frozenset[tuple[str, str]]]:
    """What is said of each state object and island, but for names of its own."""
    objects: dict[str, set[tuple[str, str]]] = {}
    for subject, name, value in triples.by_rdflib(data):
        objects.setdefault(subject, set()).add((name.rpartition("#")[2], value))
    return {
        frozenset(fact for fact in said if not fact[0].startswith("IdentifiedObject"))
        for said in objects.values()
        if any(
            value.endswith(("#SvSwitch>", "#SvStatus>", "#TopologicalIsland>")) for _, value in said
        )
    }
