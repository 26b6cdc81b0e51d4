"""The GIS adapter: one case folder for each kind of document."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from adapters.gis import GisAdapter, header, native
from cim.message import Outgoing, Verb
from cim.network.document import RDF
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.violation import Refusal

CASES = sorted((Path(__file__).parents[1] / "cases" / "adapters" / "gis").iterdir())
PLAIN = (CASES[0].parent / "plain" / "input.xml").read_bytes()


def taken(name: str, data: bytes) -> Outgoing:
    """What the adapter says of a file."""
    adapter = GisAdapter()
    [record] = adapter.records(name, data)
    [outgoing] = adapter.to_cim(record)
    return outgoing


def model(outgoing: Outgoing) -> NetworkModel:
    assert outgoing.verb is Verb.CREATED
    assert isinstance(outgoing.payload, NetworkModels)
    [found] = outgoing.payload.network_model
    return found


def shown(found: NetworkModel) -> dict[str, Any]:
    """The header as `expected.json` writes it."""
    return {
        "mrid": found.mrid,
        "profile": list(found.profile),
        "created": found.created and found.created.isoformat(),
        "version": found.version,
        "supersedes": list(found.supersedes),
        "dependent_on": list(found.dependent_on),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_document(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    data = (case / "input.xml").read_bytes()
    if "refused" in expected:
        with pytest.raises(ValueError, match=expected["refused"]):
            GisAdapter().records("input.xml", data)
    else:
        found = model(taken("input.xml", data))
        assert {"mrid": found.mrid} | expected == shown(found)
        assert found.document == data


def test_without_a_header_the_file_name_is_the_identity_of_the_model() -> None:
    packed = native.write("feeder", PLAIN)
    files = {"feeder.xml": PLAIN, "feeder.zip": packed, "feeder.xml.gz": gzip.compress(PLAIN)}
    found = [taken(name, data) for name, data in files.items()]
    assert len({model(outgoing).mrid for outgoing in found}) == 1
    assert {model(outgoing).document for outgoing in found} == {PLAIN}
    assert len({outgoing.external_id for outgoing in found}) == 1
    other = taken("other.xml", PLAIN)
    assert model(other).mrid != model(found[0]).mrid
    assert other.external_id != found[0].external_id


def test_the_writer_gives_the_same_bytes_each_time() -> None:
    assert native.write("a", PLAIN) == native.write("a", PLAIN)


def test_a_model_travels_from_the_folder_to_done(tmp_path: Path) -> None:
    adapter = GisAdapter(folder=tmp_path, settle=0.0, interval=0.0)
    (tmp_path / "a.zip").write_bytes(native.write("a", PLAIN))
    (tmp_path / "b.zip").write_bytes(b"PK no zip")
    batches = adapter.read()
    [record] = next(batches)
    assert record.origin == "a.zip"
    assert next(batches) == ()
    assert (tmp_path / "done" / "a.zip").exists()
    assert "b.zip" in (tmp_path / "quarantine" / "b.zip.reason").read_text()
    adapter.stop()


OBJECT = '<c:Breaker rdf:about="#b"/>'
HEADER = (
    '<md:FullModel rdf:about="urn:uuid:m"><md:Model.version>7</md:Model.version></md:FullModel>'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("content", "version"),
    [
        (OBJECT + HEADER, "7"),
        (HEADER + OBJECT + OBJECT, "7"),
        (f"<!-- FullModel -->{HEADER}{OBJECT}", "7"),
        (f'<md:FullModel rdf:about="urn:uuid:m"/>{OBJECT}', None),
        (OBJECT + OBJECT, None),
    ],
)
def test_the_header_is_found_wherever_it_stands(
    content: str, version: str | None, encoding: str
) -> None:
    document = (
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:c="urn:c" xmlns:md="urn:md">{content}</rdf:RDF>'
    ).encode(encoding)
    found = model(taken("a.xml", document))
    assert found.version == version
    assert (found.mrid == "m") == ("FullModel" in content)


@pytest.mark.parametrize("before", [OBJECT, HEADER, HEADER + OBJECT])
def test_a_difference_model_is_refused_wherever_it_stands(before: str) -> None:
    document = (
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:c="urn:c" xmlns:md="urn:md" xmlns:d="urn:d">'
        f"{before}<d:DifferenceModel/></rdf:RDF>"
    ).encode()
    with pytest.raises(ValueError, match="difference model"):
        taken("a.xml", document)


def test_a_fault_after_the_header_is_found() -> None:
    with pytest.raises(Refusal, match="not well-formed"):
        header.read(f'<r:RDF xmlns:r="{RDF}"><a r:ID="b"/><c></r:RDF>'.encode())
