"""The GIS adapter: one case folder for each kind of document."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from adapters.gis import GisAdapter, native
from cim.message import Outgoing, Verb
from cim.model.heading import heading
from cim.model.model import RDF
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


def models(outgoing: Outgoing) -> tuple[NetworkModel, ...]:
    assert outgoing.verb is Verb.CREATED
    assert isinstance(outgoing.payload, NetworkModels)
    return outgoing.payload.network_model


def model(outgoing: Outgoing) -> NetworkModel:
    [found] = models(outgoing)
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
    assert list(next(batches)) == []  # of the refused file
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


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (OBJECT + "<d:DifferenceModel rdf:about='urn:uuid:1'/>", "beside the difference model"),
        ("<d:DifferenceModel rdf:about='urn:uuid:1'/>" + OBJECT, "beside the difference model"),
        (HEADER + OBJECT + "<d:DifferenceModel rdf:about='#_1'/>", "beside the difference model"),
        ("<d:DifferenceModel/>", "has no identity"),
    ],
)
def test_a_difference_model_stands_alone_and_has_an_identity(content: str, rule: str) -> None:
    document = (
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:c="urn:c" xmlns:md="urn:md" xmlns:d="urn:d">'
        f"{content}</rdf:RDF>"
    ).encode()
    with pytest.raises(ValueError, match=rule):
        taken("a.xml", document)


def test_a_fault_after_the_header_is_found() -> None:
    with pytest.raises(Refusal, match="not well-formed"):
        heading(f'<r:RDF xmlns:r="{RDF}"><a r:ID="b"/><c></r:RDF>'.encode())


FULL = '<md:FullModel rdf:about="urn:uuid:{}">{}</md:FullModel>'


def part(mrid: str, *said: str, content: str = OBJECT) -> bytes:
    """A document of a set; `said` are "DependentOn <mrid>" and the like."""
    links = "".join(
        f'<md:Model.{name} rdf:resource="urn:uuid:{target}"/>'
        for name, target in (one.split() for one in said)
    )
    header = FULL.format(mrid, links) if mrid else ""
    names = f'xmlns:rdf="{RDF}" xmlns:c="urn:c" xmlns:md="urn:md"'
    return f"<rdf:RDF {names}>{header}{content}</rdf:RDF>".encode()


def zipped(**documents: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, document in documents.items():
            archive.writestr(name.replace("__", "."), document)
    return packed.getvalue()


def test_a_set_is_one_message_with_its_models_in_their_order() -> None:
    packed = zipped(
        SV__xml=part("sv", "DependentOn tp", "DependentOn eq"),
        TP__xml=part("tp", "DependentOn eq"),
        EQ__xml=part("eq", "DependentOn bd"),
    )
    assert [m.mrid for m in models(taken("set.zip", packed))] == ["eq", "tp", "sv"]


def test_the_parts_of_a_set_without_headers_are_told_apart() -> None:
    one, two = models(taken("set.zip", zipped(a__xml=part(""), b__xml=part(""))))
    assert one.mrid != two.mrid
    assert one.description == "set/a from a file"
    [alone] = models(taken("a.xml", part("")))
    assert alone.mrid not in (one.mrid, two.mrid)


def test_models_that_need_one_another_stay_as_they_came() -> None:
    packed = zipped(b__xml=part("b", "DependentOn a"), a__xml=part("a", "DependentOn b"))
    assert [m.mrid for m in models(taken("set.zip", packed))] == ["b", "a"]


@pytest.mark.parametrize(
    ("packed", "rule"),
    [
        (zipped(a__xml=part("a"), b__xml=part("a")), "holds the model a twice"),
        (zipped(a__xml=part("a"), b__xml=b"<a>"), "set.zip/b.xml: The root is a, not rdf:RDF"),
        (zipped(a__zip=zipped(c__xml=part("c"))), "is packed once more"),
        (zipped(), "holds no RDF/XML document"),
        (b"PK\x03\x04 no zip", "set.zip: The zip cannot be read"),
    ],
)
def test_a_set_is_refused_as_a_whole(packed: bytes, rule: str) -> None:
    with pytest.raises(Refusal, match=rule):
        taken("set.zip", packed)


def test_what_is_no_document_is_passed_over_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    adapter = GisAdapter(folder=tmp_path, settle=0.0, interval=0.0)
    (tmp_path / "set.zip").write_bytes(zipped(a__xml=part("a"), readme__txt=b"Read me."))
    [record] = next(adapter.read())
    [alone] = record.models
    assert alone.mrid == "a"
    assert "set.zip: readme.txt is no RDF/XML and was passed over." in caplog.text
