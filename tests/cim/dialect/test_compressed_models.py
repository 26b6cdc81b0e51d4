"""What a sender is tolerated in holds of network models too, which come compressed."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from cim import hollow
from cim.dialect import STRICT, Dialect, correct, read
from cim.envelope.compression import pack
from cim.message import Format, Message
from cim.parse import parse
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.schema.names import MESSAGE, RDF
from cim.violation import Refusal

SPACE = NetworkModels.namespace
AT = "/EventMessage/Payload/Compressed/NetworkModels/NetworkModel"
DOCUMENTS = [
    f'<rdf:RDF xmlns:rdf="{RDF}"><x:A xmlns:x="urn:x" rdf:about="#{n}">\n </x:A></rdf:RDF>'
    for n in "ab"
]


def inside(*created: str, more: str = "") -> str:
    """Models made at these times, each followed by `more`."""
    models = "".join(
        f"<NetworkModel><mRID>m-{n}</mRID><created>{when}</created>{more}"
        f"<Document>{document}</Document></NetworkModel>\n"
        for n, (when, document) in enumerate(zip(created, DOCUMENTS, strict=False))
    )
    return f'<NetworkModels xmlns="{SPACE}">{models}</NetworkModels>'


def message(content: str) -> bytes:
    return (
        f'<EventMessage xmlns="{MESSAGE}"><Header><Verb>created</Verb><Noun>NetworkModels</Noun>'
        f"</Header><Payload><Compressed>{pack([content.encode()])}</Compressed></Payload>"
        "</EventMessage>"
    ).encode()


def models(found: Message | object) -> tuple[NetworkModel, ...]:
    assert isinstance(found, Message)
    assert isinstance(found.payload, NetworkModels)
    assert found.compressed
    return found.payload.network_model


GOOD = inside("2026-01-15T08:03:10Z", "2026-01-16T08:03:10Z")


def test_what_is_right_is_left_alone() -> None:
    found, corrections = read(message(GOOD), STRICT)
    assert corrections == ()
    assert [bytes(m.document).decode() for m in models(found)] == DOCUMENTS


@pytest.mark.parametrize(
    ("content", "granted", "notes"),
    [
        (
            inside(" 2026-01-15T08:03:10Z", "2026-01-16T08:03:10Z "),
            "padded-time",
            [f"{AT}[1]/created", f"{AT}[2]/created"],
        ),
        (
            inside("2026-01-15T02:03:10", "2026-01-16T02:03:10"),
            "time-without-zone",
            [f"{AT}[1]/created", f"{AT}[2]/created"],
        ),
        (
            inside("2026-01-15T08:03:10Z", "2026-01-16T08:03:10Z", more="<vendor>v</vendor>"),
            "unknown-element",
            [f"{AT}[1]/vendor", f"{AT}[2]/vendor"],
        ),
        (
            inside("2026-01-15T08:03:10Z", "2026-01-16T08:03:10Z").replace(
                "<mRID>m-1</mRID><created>2026-01-16T08:03:10Z</created>",
                "<created>2026-01-16T08:03:10Z</created><mRID>m-1</mRID>",
            ),
            "payload-order",
            [f"{AT}[2]"],
        ),
    ],
    ids=["padded", "no zone", "unknown", "order"],
)
def test_what_is_tolerated_is_corrected_and_said(
    content: str, granted: str, notes: list[str]
) -> None:
    spoken = replace(Dialect.of(tolerances=[granted]), zone=ZoneInfo("America/Chicago"))
    found, [correction] = read(message(content), spoken)
    assert models(found) == models(read(message(GOOD), STRICT).message)
    assert correction.tolerance == granted
    assert [note.xpath for note in correction.notes] == notes
    if granted == "time-without-zone":  # the schema allows it; it means another time
        assert models(read(message(content), STRICT).message) != models(found)
        return
    with pytest.raises(Refusal):
        read(message(content), STRICT)


def test_corrected_in_place_it_is_packed_again_with_its_documents() -> None:
    root = parse(message(inside(" 2026-01-15T08:03:10Z", "2026-01-16T08:03:10Z")))
    [correction] = correct(root).corrections
    assert correction.tolerance == "padded-time"
    again = etree.tostring(root)
    found, corrections = read(again, STRICT)
    assert corrections == ()
    assert models(found) == models(read(message(GOOD), STRICT).message)


def test_a_document_of_rdf_has_nothing_to_correct() -> None:
    about = "urn:uuid:7d2a3c1e-5b8f-4a66-9c0d-1e2f3a4b5c6d"
    md = "http://iec.ch/TC57/61970-552/ModelDescription/1#"
    document = (
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:md="{md}"><md:FullModel rdf:about="{about}"/></rdf:RDF>'
    )
    found, corrections = read(message(document))
    assert corrections == ()
    [model] = models(found)
    assert model.mrid in about
    assert isinstance(found, Message)
    assert found.format is Format.RDF


def test_a_bomb_is_refused_before_anything_is_looked_at() -> None:
    with pytest.raises(Refusal, match="The compressed payload holds more than"):
        read(message(f'<NetworkModels xmlns="{SPACE}">{" " * 20_000_000}</NetworkModels>'))


def test_a_document_that_is_gone_is_not_passed_over() -> None:
    found = hollow.Unpacked.of(GOOD.encode())
    assert found.around is not None
    assert b"".join(found.written()).count(b"<x:A") == 2
    found.around[1][2].clear()
    with pytest.raises(Refusal, match="A Document of a NetworkModel was left out"):
        list(found.written())
