"""SPARQL over a model: what is answered, what is refused before it runs, what is ended."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib.compare import isomorphic

from cim.model.model import Model
from cim.model.read import read
from cim.model.sparql import Asking, Bounds, query
from cim.model.triples import BASE, iri, ntriples
from cim.violation import Refusal

UUID = "0D5E2F2E-64A1-4f0f-9c7f-6c0a4b6a0001"
DOCUMENT = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:cim="http://iec.ch/TC57/2016/CIM-schema-cim17#"
  xmlns:md="http://iec.ch/TC57/61970-552/ModelDescription/1#">
<md:FullModel rdf:about="urn:uuid:{UUID.replace("0001", "0002")}">
  <md:Model.version>7</md:Model.version>
</md:FullModel>
<cim:Breaker rdf:ID="_{UUID}">
  <cim:IdentifiedObject.name>a "b" \\ c
d</cim:IdentifiedObject.name>
  <cim:Switch.normalOpen>false</cim:Switch.normalOpen>
</cim:Breaker>
<cim:Terminal rdf:about="#_t1">
  <cim:Terminal.ConductingEquipment rdf:resource="urn:uuid:{UUID.lower()}"/>
  <cim:Terminal.phases rdf:resource="http://iec.ch/TC57/2016/CIM-schema-cim17#PhaseCode.ABC"/>
</cim:Terminal>
</rdf:RDF>
"""


@pytest.fixture(scope="module")
def model() -> Model:
    return read(DOCUMENT.encode())


@pytest.fixture(scope="module")
def asking(model: Model) -> Iterator[Asking]:
    with Asking(model, Bounds(seconds=5)) as asking:
        yield asking


def test_an_identity_becomes_one_iri_however_it_is_spelled() -> None:
    for spelled in (f"#_{UUID}", f"urn:uuid:{UUID}", f"urn:uuid:{UUID.lower()}"):
        assert iri(spelled) == f"urn:uuid:{UUID.lower()}"
    assert iri("#_t1") == f"{BASE}#_t1"
    assert iri("http://x#y") == "http://x#y"


def test_the_triples_are_those_that_rdflib_reads(model: Model) -> None:
    ours = rdflib.Graph().parse(data=b"".join(ntriples(model)), format="nt")
    plain = DOCUMENT.replace(f'rdf:ID="_{UUID}"', f'rdf:about="urn:uuid:{UUID.lower()}"')
    plain = plain.replace(f"urn:uuid:{UUID[:-4]}", f"urn:uuid:{UUID[:-4].lower()}")
    plain = plain.replace('"#_t1"', f'"{BASE}#_t1"')
    theirs = rdflib.Graph().parse(data=plain, format="xml")
    assert isomorphic(ours, theirs)


def test_select_answers_with_the_prefixes_of_the_model(asking: Asking) -> None:
    answer = asking.ask(
        "SELECT ?name ?t { ?b a cim:Breaker ; cim:IdentifiedObject.name ?name ."
        " ?t cim:Terminal.ConductingEquipment ?b }"
    )
    assert answer.variables == ["name", "t"]
    assert answer.rows == [
        {
            "name": {"type": "literal", "value": 'a "b" \\ c\nd'},
            "t": {"type": "uri", "value": f"{BASE}#_t1"},
        }
    ]
    assert not answer.cut
    assert answer.as_json()["results"]["bindings"] == answer.rows


def test_a_local_identity_is_written_as_in_the_document(asking: Asking) -> None:
    assert asking.ask("ASK { <#_t1> cim:Terminal.phases ?x }").verdict
    assert asking.ask("ASK { ?m a md:FullModel ; md:Model.version '7' }").verdict
    assert asking.ask("ASK { <#_t2> ?p ?x }").as_json() == {"head": {}, "boolean": False}


def test_construct_gives_triples(asking: Asking) -> None:
    answer = asking.ask("CONSTRUCT { ?s rdf:value '1'^^xsd:integer } { ?s a cim:Terminal }")
    graph = rdflib.Graph().parse(data=answer.as_json()["ntriples"], format="nt")
    assert [(str(s), str(o)) for s, _, o in graph] == [(f"{BASE}#_t1", "1")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE is not carried out"),
        ("SELECT * { SERV\\u0049CE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE|can be read"),
        (
            "ASK { FILTER EXISTS { { SELECT * { SERVICE SILENT ?x { ?s ?p ?o } } } } }",
            "SERVICE is not carried out",
        ),
        ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", "FROM is not carried out"),
        ("ASK FROM NAMED <http://x> { GRAPH ?g { ?s ?p ?o } }", "FROM is not carried out"),
        ("LOAD <http://127.0.0.1:1/>", "no SPARQL query that can be read"),
        ("INSERT DATA { <a> <b> <c> }", "no SPARQL query that can be read"),
        ("DESCRIBE <#_t1>", "Only SELECT, ASK and CONSTRUCT"),
        ("SELECT * {", "line 1, column"),
        ("", "no SPARQL query that can be read"),
        ("SELECT ?x { ?x a nobody:Knows }", "A prefix is not declared"),
        (f"SELECT * {{ {'{' * 3000} ?s ?p ?o {'}' * 3000} }}", "nested too deep"),
        (f"SELECT ({'(' * 300}1{')' * 300} AS ?x) {{}}", "nested too deep"),
        ("ASK {}" + " " * 70_000, "at most 65536 are taken"),
    ],
)
def test_what_is_refused_says_why(asking: Asking, text: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        asking.ask(text)
    assert asking.ask("ASK { ?s ?p ?o }").verdict  # and the next one is answered


LONG = " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(12))


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT (COUNT(*) AS ?n) {{ {LONG} }}",
        f"SELECT ?a1 {{ {LONG} }} ORDER BY ?c2",
        f"SELECT (GROUP_CONCAT(STR(?c1)) AS ?x) {{ {LONG} }}",
    ],
)
def test_what_takes_too_much_is_ended_with_a_sentence(model: Model, text: str) -> None:
    bounds = Bounds(seconds=1, megabytes=1024)
    with Asking(model, bounds) as asking:
        with pytest.raises(Refusal, match=r"was ended|cannot be carried out|memory"):
            asking.ask(text)
        assert asking.ask("ASK { ?s ?p ?o }").verdict


def test_an_answer_is_cut_where_it_would_be_too_long(model: Model) -> None:
    everything = query(model, "SELECT * { ?s ?p ?o }", Bounds(rows=3))
    assert everything.rows is not None
    assert (len(everything.rows), everything.cut) == (3, True)
    short = query(model, "CONSTRUCT WHERE { ?s ?p ?o }", Bounds(bytes=400))
    assert short.triples
    assert short.cut
    exact = query(model, "SELECT * { ?s a cim:Breaker }", Bounds(rows=1))
    assert not exact.cut


def test_a_model_that_is_too_large_is_refused(model: Model) -> None:
    with pytest.raises(Refusal, match=r"memory|may use"):
        query(model, "ASK {}", Bounds(megabytes=64))


def test_a_model_that_cannot_be_loaded_is_not_called_too_large() -> None:
    class Torn(Model):
        def to_bytes(self) -> bytes:
            return b"torn"

    with pytest.raises(Refusal, match=r"could not be loaded .*: \w+: these bytes"):
        query(Torn(*vars(Model.empty()).values()), "ASK {}")


def test_what_takes_too_long_is_not_said_to_need_too_much(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However soon it is heard that the process has ended."""
    kill = subprocess.Popen.kill

    def kill_and_linger(process: subprocess.Popen[bytes]) -> None:
        kill(process)
        time.sleep(0.3)

    monkeypatch.setattr(subprocess.Popen, "kill", kill_and_linger)
    with pytest.raises(Refusal, match=r"longer than the 0.01 s it may take"):
        query(model, "ASK {}", Bounds(patience=0.01))


def test_the_process_can_open_nothing(asking: Asking) -> None:
    """The second wall: even an evaluator that was tricked could not reach anything."""
    asking.ask("ASK {}")
    process = asking._process
    assert process is not None
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    [files] = [line for line in limits.splitlines() if line.startswith("Max open files")]
    assert int(files.split()[3]) <= 8
