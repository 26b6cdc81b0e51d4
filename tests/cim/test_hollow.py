"""Models written and read with their documents as bytes say what those of a tree say."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from cim import xml
from cim.envelope import read, write
from cim.envelope.compression import pack
from cim.envelope.writing import write_element
from cim.hollow import cut_out, filled, hollow, written
from cim.message import Header, Kind, Message, Verb
from cim.parse import MODEL, parse
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.schema.names import MESSAGE, RDF
from cim.violation import Refusal
from tests.strategies import profiles

BODY = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:c="urn:c"><c:A rdf:about="#x"/></rdf:RDF>'
DOCUMENTS = {
    "plain": BODY.encode(),
    "mark": BODY.encode("utf-8-sig"),
    "declaration": f'<?xml version="1.0" encoding="UTF-8"?>\n{BODY}\n'.encode(),
    "utf16": BODY.encode("utf-16"),
    "latin1": f'<?xml version="1.0" encoding="ISO-8859-1"?>{BODY}'.encode("latin1"),
    "comments": f"<!-- a --><?iec61970-552 x?>{BODY}<!-- </rdf:RDF> -->".encode(),
    "cdata": BODY.replace("/></", "><c:b><![CDATA[</rdf:RDF>]]></c:b></c:A></").encode(),
    "default": f'<RDF xmlns="{RDF}"><c:A xmlns:c="urn:c"/></RDF>'.encode(),
    "bare": BODY.replace("c:A", "A").encode(),
    "own_prefix": BODY.replace("c:A", "models:A").replace("xmlns:c", "xmlns:models").encode(),
    "like_the_empty_one": BODY.replace("/></", f'><rdf:RDF xmlns:rdf="{RDF}"/></c:A></').encode(),
    "nothing": f'<rdf:RDF xmlns:rdf="{RDF}"/>'.encode(),
}


NEXT = "</Document></NetworkModel><NetworkModel><mRID>n</mRID><Document>"


def models(*documents: bytes) -> NetworkModels:
    named = enumerate(map(RdfXml, documents))
    return NetworkModels(
        network_model=tuple(
            NetworkModel(mrid=f"m{n}", document=d, description=BODY) for n, d in named
        )
    )


def message(payload: NetworkModels) -> Message:
    return Message(
        header=Header(verb=Verb.CREATED, noun="NetworkModels"), kind=Kind.EVENT, payload=payload
    )


def text(payload: NetworkModels) -> bytes:
    return b"".join(written(payload))


def canonical(data: bytes) -> str:
    """The same for the same document, whatever its prefixes and comments."""
    content = etree.tostring(parse(data, MODEL), encoding="unicode")
    return str(etree.canonicalize(content, rewrite_prefixes=True))


# "bare" has names without a namespace, which a tree written by lxml loses to the default around.
@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - {"bare"}))
def test_spliced_is_what_the_tree_says(name: str) -> None:
    payload = models(DOCUMENTS[name], DOCUMENTS["plain"])
    assert canonical(text(payload)) == canonical(etree.tostring(xml.encode(payload)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_comes_back(name: str) -> None:
    payload = models(DOCUMENTS["plain"], DOCUMENTS[name])
    again = read(write(message(payload), compress=True))
    assert isinstance(again, Message)
    assert isinstance(again.payload, NetworkModels)
    assert hollow(again.payload) == hollow(payload)
    first, second = again.payload.network_model
    assert first.document == DOCUMENTS["plain"]
    assert canonical(second.document) == canonical(DOCUMENTS[name])
    assert read(write(again, compress=True)) == again


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(payload=profiles(NetworkModels))
def test_any_models_are_cut_as_they_were_spliced(payload: NetworkModels) -> None:
    around, documents = cut_out(text(payload))
    assert documents == [m.document for m in payload.network_model]
    again = xml.decode(parse(around))
    assert isinstance(again, NetworkModels)
    assert filled(again, documents) == payload


@pytest.mark.parametrize("name", ["plain", "default", "nothing", "cdata"])
def test_models_of_others_are_read_from_whatever_form(name: str) -> None:
    payload = models(DOCUMENTS[name])
    content = etree.tostring(xml.encode(payload))
    outer = content.replace(b"<NetworkModels ", f'<NetworkModels xmlns:rdf="{RDF}" '.encode())
    for data in (content, outer):
        root = write_element(message(payload), compress=True)
        root[1][0].text = pack([data])
        again = read(etree.tostring(root))
        assert isinstance(again, Message)
        assert isinstance(again.payload, NetworkModels)
        [model] = again.payload.network_model
        assert canonical(model.document) == canonical(DOCUMENTS[name])


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"<x/>", "is an rdf:RDF, not x"),
        (f'<r:Bag xmlns:r="{RDF}"/>'.encode(), "is an rdf:RDF, not Bag"),
        (b"<rdf:RDF/>", "not well-formed"),
        (b"<!DOCTYPE a []><a/>", "document type definition"),
    ],
)
def test_what_is_no_model_is_not_written(document: bytes, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        text(models(document))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (f'{BODY}<r:Bag xmlns:r="{RDF}"/>', "may hold no elements"),
        (f"text{BODY}", "[Cc]haracter"),
        (f"{BODY}{NEXT}<r:Bag xmlns:r='{RDF}'/>", "something else"),
    ],
)
def test_what_stands_beside_a_document_is_seen(content: str, why: str) -> None:
    data = (
        f'<NetworkModels xmlns="{NetworkModels.namespace}"><NetworkModel><mRID>m</mRID>'
        f"<Document>{content}</Document></NetworkModel></NetworkModels>"
    ).encode()
    root = write_element(message(models(DOCUMENTS["plain"])), compress=True)
    compressed = root.find(f".//{{{MESSAGE}}}Compressed")
    assert compressed is not None
    compressed.text = pack([data])
    with pytest.raises(Refusal, match=why):
        read(etree.tostring(root))
