"""Network models in RDF are the IEC 61970-552 document itself, under its header."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from rdflib import Graph

from cim import rdf
from cim.parse import MODEL, parse
from cim.profile import RdfXml, Reference
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.rdf.names import CIM, RDF
from cim.violation import Refusal
from tests.strategies import profiles

MD = "http://iec.ch/TC57/61970-552/ModelDescription/1#"
DM = "http://iec.ch/TC57/61970-552/DifferenceModel/1#"
MRID = "3f0c8a52-6a9a-4a0e-9a6c-0d1c7f3f7c55"
BREAKER = f"""
  <cim:Breaker rdf:about="urn:uuid:{MRID[::-1]}">
    <cim:Switch.open>false</cim:Switch.open>
  </cim:Breaker>
"""
HEADER = f"""
  <md:FullModel xmlns:md="{MD}" rdf:about="urn:uuid:{MRID}">
    <md:Model.created>2024-05-06T07:08:09Z</md:Model.created>
    <md:Model.scenarioTime>2024-06-01T00:00:00Z</md:Model.scenarioTime>
    <md:Model.profile>urn:profile:b</md:Model.profile>
    <md:Model.profile>urn:profile:a</md:Model.profile>
    <md:Model.DependentOn rdf:resource="urn:uuid:{MRID.upper()}"/>
  </md:FullModel>"""


def document(content: str) -> bytes:
    return f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:cim="{CIM}">{content}</rdf:RDF>'.encode()


def decoded(data: bytes) -> NetworkModel:
    payload = rdf.decode(parse(data, MODEL), NetworkModels)
    assert isinstance(payload, NetworkModels)
    [model] = payload.network_model
    return model


def sent(model: NetworkModel) -> NetworkModel:
    """`model` after a journey inside the envelope of a message."""
    payload = NetworkModels(network_model=(model,))
    envelope = etree.Element("{urn:envelope}Payload", nsmap={None: "urn:envelope", "x": "urn:x"})
    envelope.append(rdf.encode(payload))
    [element] = parse(etree.tostring(envelope), MODEL)
    again = rdf.decode(element, NetworkModels)
    assert isinstance(again, NetworkModels)
    return again.network_model[0]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(model=profiles(NetworkModel))
def test_a_model_comes_back(model: NetworkModel) -> None:
    normal = RdfXml(etree.tostring(parse(model.document)))
    expected = NetworkModel(**{**vars(model), "document": normal})
    assert sent(model) == expected
    assert sent(expected) == expected


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(model=profiles(NetworkModel))
@pytest.mark.parametrize("form", ["xml", "pretty-xml"])
def test_rdflib_finds_the_header_and_the_statements(form: str, model: NetworkModel) -> None:
    root = rdf.encode(NetworkModels(network_model=(model,)))
    graph = Graph().parse(data=etree.tostring(root), format="xml")
    statements = Graph().parse(data=model.document, format="xml")
    assert all(triple in graph for triple in statements)
    if b"&#13;" in etree.tostring(root):  # which rdflib loses, see test_rdf
        return
    again = decoded(graph.serialize(format=form).encode())
    assert (again.mrid, again.created, again.version) == (model.mrid, model.created, model.version)
    assert set(again.profile) == set(model.profile)
    assert set(again.dependent_on) == set(model.dependent_on)
    assert set(Graph().parse(data=again.document, format="xml")) == set(statements)


def canonical(data: bytes) -> str:
    """The same for the same document, whatever its prefixes, comments and outer white space."""
    content = etree.tostring(parse(data, MODEL), encoding="unicode")
    return str(etree.canonicalize(content, rewrite_prefixes=True))


DESCRIBED = HEADER.replace("md:FullModel", "rdf:Description")
KIND = f'<rdf:type rdf:resource="{MD}FullModel"/>'
HEADED = {
    "first": HEADER + BREAKER,
    "none": BREAKER,
    "nothing": "",
    "only": HEADER,
    "last": BREAKER + HEADER,
    "alone_with_fields": f'<md:FullModel xmlns:md="{MD}" rdf:about="urn:uuid:m"/> {BREAKER}',
    "spoken_of": f"<!-- FullModel -->{HEADER}{BREAKER}<!-- FullModel -->",
    "unnamed": HEADER.replace(f' rdf:about="urn:uuid:{MRID}"', "") + BREAKER,
    "described": DESCRIBED.replace("<md:Model.created>", f"{KIND}<md:Model.created>") + BREAKER,
    "hidden": DESCRIBED.replace(
        "<md:Model.created>", f"{KIND.replace('FullM', '&#70;ullM')}<md:Model.created>"
    )
    + BREAKER,
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("around", ["", "<!-- around -->\n"])
@pytest.mark.parametrize("name", HEADED)
def test_read_and_written_as_bytes_it_is_what_a_tree_says(
    name: str, around: str, encoding: str
) -> None:
    data = f"{around}{document(HEADED[name]).decode()}{around}".encode(encoding)
    [model] = rdf.read(data).network_model
    expected = decoded(data)
    assert replace(model, document=expected.document) == expected
    assert canonical(model.document) == canonical(expected.document)
    for source in (RdfXml(data), model.document, expected.document):
        payload = NetworkModels(network_model=(replace(model, document=source),))
        bytes_written = b"".join(rdf.written(payload))
        assert canonical(bytes_written) == canonical(etree.tostring(rdf.encode(payload)))
        assert canonical(rdf.read(bytes_written).network_model[0].document) == canonical(
            decoded(bytes_written).document
        )


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(model=profiles(NetworkModel))
def test_a_model_comes_back_through_bytes(model: NetworkModel) -> None:
    written = b"".join(rdf.written(NetworkModels(network_model=(model,))))
    [again] = rdf.read(written).network_model
    assert again == model


def test_a_fault_in_a_header_is_told_with_its_line() -> None:
    header = f'<md:FullModel xmlns:md="{MD}" rdf:about="a">\n<md:Model.Supersedes/></md:FullModel>'
    with pytest.raises(Refusal, match=r"line 3: md:Model\.Supersedes"):
        rdf.read(b"<!-- -->\n" + document(header + BREAKER))


def test_the_header_becomes_fields_and_the_rest_of_it_stays() -> None:
    model = decoded(document(HEADER + BREAKER))
    assert model.mrid == MRID
    assert model.created == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert model.profile == ("urn:profile:b", "urn:profile:a")
    assert model.dependent_on == (Reference(MRID.upper()),)
    assert b"Model.scenarioTime" in model.document
    assert b"Model.created" not in model.document
    assert sent(model) == model


def test_a_header_that_only_holds_fields_leaves_the_document() -> None:
    header = f'<md:FullModel xmlns:md="{MD}" rdf:about="urn:uuid:{MRID}"/>'
    model = decoded(document(header + BREAKER))
    assert model == NetworkModel(mrid=MRID, document=RdfXml(document(BREAKER.lstrip())))


def test_decoding_leaves_the_tree_as_it_was() -> None:
    root = parse(document(HEADER + BREAKER))
    before = etree.tostring(root)
    rdf.decode(root, NetworkModels)
    assert etree.tostring(root) == before


def test_a_model_without_header_is_named_by_its_content() -> None:
    first, second = decoded(document(BREAKER)), decoded(document(BREAKER))
    assert first == second
    assert first.mrid != decoded(document("")).mrid
    assert first.document == document(BREAKER)


def test_an_mrid_in_rdf_id_is_read_as_older_tools_write_it() -> None:
    header = f'<md:FullModel xmlns:md="{MD}" rdf:ID="_{MRID}"/>'
    assert decoded(document(header)).mrid == MRID


def test_a_difference_model_keeps_its_differences() -> None:
    header = (
        f'<dm:DifferenceModel xmlns:dm="{DM}" xmlns:md="{MD}" rdf:about="urn:uuid:{MRID}">'
        f'<md:Model.Supersedes rdf:resource="urn:uuid:{MRID}"/>'
        f'<dm:forwardDifferences rdf:parseType="Statements">{BREAKER}</dm:forwardDifferences>'
        "</dm:DifferenceModel>"
    )
    model = decoded(document(header))
    assert model.supersedes == (Reference(MRID),)
    assert b"forwardDifferences" in model.document
    assert b"FullModel" not in etree.tostring(rdf.encode(NetworkModels(network_model=(model,))))
    assert sent(model) == model


@pytest.mark.parametrize("count", [0, 2])
def test_only_one_model_fits_into_one_document(count: int) -> None:
    model = NetworkModel(mrid=MRID, document=RdfXml(document(BREAKER)))
    with pytest.raises(Refusal, match=f"this message has {count}"):
        rdf.encode(NetworkModels(network_model=(model,) * count))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("<md:Model.created>yesterday</md:Model.created>", "line 2: md:Model.created 'yesterday'"),
        ("<md:Model.Supersedes>x</md:Model.Supersedes>", "has no rdf:resource"),
        ("<md:Model.version>1</md:Model.version><md:Model.version>2</md:Model.version>", "twice"),
    ],
)
def test_a_wrong_header_is_refused(statement: str, sentence: str) -> None:
    header = f'<md:FullModel xmlns:md="{MD}" rdf:about="urn:uuid:{MRID}">\n{statement}'
    with pytest.raises(Refusal, match=sentence):
        decoded(document(f"{header}</md:FullModel>"))


def test_something_else_than_rdf_is_refused() -> None:
    with pytest.raises(Refusal, match="A network model is an rdf:RDF, not model"):
        decoded(b"<model/>")


@pytest.mark.reference
@pytest.mark.parametrize(
    "name",
    [
        "cim/feeders/ieee13.xml",
        "cim/feeders/ieee123_opendss.xml",
        "cim/cgmes/microgrid_t1/20171002T0930Z_BE_EQ_3.xml",
        "cim/cgmes/microgrid_t1_differences/20171002T0930Z_BE_EQ_DIFF_1.xml",
    ],
)
def test_published_models_come_back(shared: Path, name: str) -> None:
    data = (shared / "data" / name).read_bytes()
    model = decoded(data)
    assert sent(model) == model
    [read] = rdf.read(data).network_model
    assert canonical(read.document) == canonical(model.document)
