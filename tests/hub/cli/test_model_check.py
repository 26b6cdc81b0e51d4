"""`gridbus model validate`, `shacl` and `query`: what is found in models, and the exit code."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path

import pytest

from cim.model import sparql
from tests.cim.network.drawing import Drawing
from tests.hub.cli.conftest import Run
from tests.hub.cli.models import WRONG, document, drawing

MD = "http://iec.ch/TC57/61970-552/ModelDescription/1#"

# -- vocabulary


def test_validate_fails_for_errors_and_when_strict_for_anything(run: Run, files: Path) -> None:
    (files / "wrong.xml").write_bytes(WRONG)
    code, out, err = run("model", "validate", files / "wrong.xml")
    assert code == 1
    assert "error: Breaker w: Switch.open" in out
    assert err.endswith("findings by cim100-distribution\n")
    (files / "odd.xml").write_bytes(drawing().thing("Unheard", "u").document())
    code, out, _ = run("model", "validate", files / "odd.xml", "--json")
    found = json.loads(out)
    rules = {f["rule"]: f["severity"] for f in found["findings"]}
    assert rules["unknown-class"] == "remark"
    errors = "error" in rules.values()
    assert code == (1 if errors else 0)
    assert run("model", "validate", files / "odd.xml", "--strict")[0] == 1


def test_a_version_of_the_cim_can_be_named_or_brought(run: Run, files: Path) -> None:
    other = Drawing("http://example.org/own#").source("a").document()
    (files / "own.xml").write_bytes(other)
    code, out, err = run("model", "validate", files / "own.xml")
    assert (code, out) == (2, "")
    assert "say --version (cgmes-3.0, cim100-distribution" in err
    code, _, err = run("model", "validate", files / "own.xml", "--version", "cim18")
    assert code in (0, 1)
    assert err.endswith("findings by cim18\n")
    code, _, err = run("model", "validate", files / "own.xml", "--version", "cim9")
    assert code == 2
    assert "There is no vocabulary 'cim9'" in err
    code, _, err = run("model", "validate", files / "own.xml", "--vocabulary", files / "own.xml")
    assert code == 2


def _profiled(name: str, *profiles: str) -> bytes:
    said = "".join(f"<md:Model.profile>{profile}</md:Model.profile>" for profile in profiles)
    made = document(name).decode()
    return made.replace("</md:FullModel>", f"{said}</md:FullModel>").encode()


def test_of_several_files_the_profiles_count_as_of_one(run: Run, files: Path) -> None:
    ns = "http://iec.ch/TC57/ns/CIM"
    (files / "eq.xml").write_bytes(_profiled("3", f"{ns}/CoreEquipment-EU/3.0"))
    (files / "ssh.xml").write_bytes(_profiled("4", f"{ns}/SteadyStateHypothesis-EU/3.0"))
    for names in (("eq.xml",), ("eq.xml", "ssh.xml"), ("old.xml", "ssh.xml")):
        err = run("model", "validate", *(files / name for name in names))[2]
        assert err.endswith("findings by cgmes-3.0\n")


def test_profiles_nobody_knows_are_named(run: Run, files: Path) -> None:
    of_old = _profiled("3", "http://example.org/eq").replace(
        Drawing().cim.encode(), b"http://example.org/own#"
    )
    (files / "own.xml").write_bytes(of_old)
    code, _, err = run("model", "validate", files / "own.xml")
    assert code == 2
    assert "names only profiles nobody knows (http://example.org/eq)" in err


def test_a_vocabulary_becomes_shacl(run: Run, files: Path) -> None:
    shapes = files / "shapes.ttl"
    assert run("model", "shacl", "--version", "cim18-gmdm", "-o", shapes) == (0, "", "")
    assert "sh:NodeShape" in shapes.read_text()
    code, _, err = run("model", "shacl")
    assert code == 2
    assert "say --version" in err


# -- SPARQL


def test_query_prints_a_table_or_json(run: Run, files: Path) -> None:
    text = "SELECT ?name ?open { ?s cim:IdentifiedObject.name ?name ; cim:Switch.open ?open }"
    assert run("model", "query", text, files / "old.xml") == (
        0,
        "name    open\nx name  false\n",
        "",
    )
    (files / "q.rq").write_text(text)
    code, out, _ = run("model", "query", f"@{files / 'q.rq'}", files / "old.xml", "--json")
    assert code == 0
    [row] = json.loads(out)["results"]["bindings"]
    assert row["name"] == {"type": "literal", "value": "x name"}


def test_ask_answers_with_the_exit_code(run: Run, files: Path) -> None:
    assert run("model", "query", "ASK { ?s a cim:Breaker }", files / "old.xml") == (0, "yes\n", "")
    assert run("model", "query", "ASK { ?s a cim:Fuse }", files / "old.xml") == (1, "no\n", "")
    code, out, _ = run(
        "model", "query", "CONSTRUCT { ?s a cim:X } { ?s a cim:Breaker }", files / "old.xml"
    )
    assert code == 0
    assert out.startswith("<urn:gridbus:model#_x> <")


def test_a_query_is_read_from_stdin(run: Run, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ASK {}"))
    assert run("model", "query", "-", files / "old.xml")[:2] == (0, "yes\n")


def test_what_a_query_may_not_do_is_two(run: Run, files: Path) -> None:
    query = "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"
    code, out, err = run("model", "query", query, files / "old.xml")
    assert (code, out) == (2, "")
    assert "SERVICE is not carried out" in err
    code, out, err = run("model", "query", "SELECT * { ?s ?p ?o }", files / "old.xml", "--rows", 2)
    assert code == 0
    assert len(out.splitlines()) == 3
    assert "cut after 2 rows" in err


def test_an_answer_that_is_too_large_says_so(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparql, "Bounds", partial(sparql.Bounds, bytes=200))
    query = "SELECT * { ?s ?p ?o }"
    _, out, err = run("model", "query", query, files / "old.xml", "--rows", 99)
    count = len(out.splitlines()) - 1
    assert f"cut after {count} rows: they may have 200 bytes, whatever --rows says" in err
