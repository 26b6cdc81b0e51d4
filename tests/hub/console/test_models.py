"""Versions of models over REST and on their pages."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest

from cim.model import difference, write
from cim.model.difference import of
from cim.model.read import content, read
from hub.security import audit
from hub.security.roles import Role
from tests.hub.console.house import House
from tests.hub.console.test_api import API, refusal
from tests.hub.history.story import drawing

RDF = {"Accept": "application/rdf+xml"}
ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def document(mrid: str = "", supersedes: str = "", *, opened: str = "") -> bytes:
    """A model, with a header when it has an mRID."""
    text = drawing(opened=opened).document().decode()
    link = f'<md:Model.Supersedes rdf:resource="urn:uuid:{supersedes}"/>' if supersedes else ""
    said = f"<md:Model.version>{mrid[:1]}</md:Model.version>{link}"
    header = f'<md:FullModel rdf:about="urn:uuid:{mrid}">{said}</md:FullModel>' if mrid else ""
    return text.replace("\n", f"\n{header}", 1).encode()


@pytest.fixture
def loaded(house: House) -> House:
    """Version 1.1, replaced a minute later by 2.1, in which switch y is open."""
    engine = house.system("engine", Role.ENGINEER)
    for name, text in (("one.xml", document(ONE)), ("two.xml", document(TWO, ONE, opened="y"))):
        answer = engine.post(f"{API}/models?name={name}", content=text)
        assert answer.status_code == 201, answer.text
        house.follow()
        house.clock.move(minutes=1)
    return house


def test_models_are_brought_in_and_listed(loaded: House) -> None:
    erp = loaded.system("erp", Role.VIEWER)
    new, old = erp.get(f"{API}/models").json()
    assert (new["id"], new["mrid"], new["until"]) == ("2.1", TWO, None)
    assert (old["id"], old["until"], old["ended"]) == ("1.1", 2, new["since"])
    assert new["header"]["supersedes"] == [ONE]
    assert new["source"] == "engine"
    for query, expected in {
        "in_force=true": ["2.1"],
        "moment=2026-03-01T12:00:30": ["1.1"],
        "moment=2026-03-01T12:00:30%2B01:00": [],
        f"mrid={ONE}": ["1.1"],
        "before=2": ["1.1"],
        "limit=1": ["2.1"],
    }.items():
        found = erp.get(f"{API}/models?{query}").json()
        assert [version["id"] for version in found] == expected, query
    assert "a time such as" in refusal(erp.get(f"{API}/models?moment=soon"), 422)


def test_a_version_comes_as_json_or_as_a_document(loaded: House) -> None:
    erp = loaded.system("erp", Role.VIEWER)
    for wanted in ("2.1", "2", TWO):
        assert erp.get(f"{API}/models/{wanted}").json()["id"] == "2.1"
    answer = erp.get(f"{API}/models/1.1", headers=RDF)
    assert answer.headers["content-type"] == "application/rdf+xml"
    assert answer.content == write.full(read(document(ONE)))
    assert refusal(erp.get(f"{API}/models/9"), 404) == "There is no version 9."
    assert refusal(erp.get(f"{API}/models/1", headers={"Accept": "text/csv"}), 406)


def test_the_difference_of_two_versions(loaded: House) -> None:
    erp = loaded.system("erp", Role.VIEWER)
    said = erp.get(f"{API}/models/1.1/difference/2.1").json()
    assert (said["reverse"], said["forward"]) == (1, 1)
    [changed] = said["changed"]
    assert (changed["object"]["name"], changed["property"]) == ("y name", "Switch.open")
    answer = erp.get(f"{API}/models/1.1/difference/2.1", headers=RDF)
    change = of(content(answer.content))
    made = change.apply(read(document(ONE)))
    assert not difference.between(made, read(document(TWO, ONE, opened="y")))
    assert refusal(erp.get(f"{API}/models/1.1/difference/7"), 404)


def test_a_difference_and_a_set_are_brought_in(loaded: House) -> None:
    engine = loaded.system("engine2", Role.ENGINEER)
    back = engine.get(f"{API}/models/2.1/difference/1.1", headers=RDF).content
    assert b"Supersedes" in back
    taken = engine.post(f"{API}/models?name=back.xml", content=back)
    assert taken.json()["seq"] == 3
    network = loaded.follow()
    assert network.switch_closed("y")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.xml", document())
        archive.writestr("b.xml", document())
    taken = engine.post(f"{API}/models?name=set.zip", content=packed.getvalue())
    assert len(taken.json()["models"]) == 2
    loaded.follow()
    assert [v["id"] for v in engine.get(f"{API}/models?limit=2").json()] == ["4.1", "4.2"]


def test_the_same_file_is_taken_once_unless_asked(loaded: House) -> None:
    engine = loaded.system("engine2", Role.ENGINEER)
    path = f"{API}/models?name=one.xml"
    answers = [
        engine.post(p, content=document()).json() for p in (path, path, f"{path}&again=true")
    ]
    assert [(a["seq"], a["known"]) for a in answers] == [(3, False), (3, True), (4, False)]
    assert [a["left_out"] for a in answers] == [[], [], []]
    with loaded.view.journal.reading() as connection:
        [entry, *_] = audit.newest(connection, 1)
    assert (entry.actor, entry.action, entry.subject) == ("engine2", "models.bring", "one.xml")


def test_who_may_do_what(loaded: House) -> None:
    viewer = loaded.system("viewer", Role.VIEWER)
    answer = viewer.post(f"{API}/models?name=a.xml", content=document())
    assert refusal(answer, 403) == 'Your roles do not include the right "models".'
    bound = loaded.system("meters", Role.ENGINEER, nouns=("MeterReadings",))
    for path in ("models", "models/1.1", "sparql?query=ASK%7B%7D"):
        assert refusal(bound.get(f"{API}/{path}"), 403) == "You are not bound to NetworkModels."
    assert refusal(bound.post(f"{API}/models?name=a.xml", content=document()), 403)
    nobody = loaded.client()
    assert refusal(nobody.get(f"{API}/models"), 401)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "bad.xml: There is no document"),
        (b"<a/>", "bad.xml: The root is a"),
        (b"<!DOCTYPE a []><a/>", "DTD"),
        (b"PK\x03\x04", "bad.xml: The zip cannot be read"),
    ],
)
def test_what_cannot_be_read_is_a_problem(loaded: House, body: bytes, says: str) -> None:
    engine = loaded.system("engine2", Role.ENGINEER)
    assert says in refusal(engine.post(f"{API}/models?name=bad.xml", content=body), 422)
    assert refusal(engine.post(f"{API}/models", content=document()), 422).startswith("name")


# -- SPARQL


def asked(client: httpx.Client, query: str, **more: str) -> httpx.Response:
    return client.get(f"{API}/sparql", params={"query": query, **more})


def test_sparql_is_answered_in_the_standard_form(loaded: House) -> None:
    erp = loaded.system("erp", Role.VIEWER)
    query = 'SELECT ?o { ?s cim:IdentifiedObject.name "y name" ; cim:Switch.open ?o }'
    for version, value in (("", "true"), ("2.1", "true"), ("1.1", "false"), (ONE, "false")):
        answer = asked(erp, query, version=version)
        assert answer.headers["content-type"] == "application/sparql-results+json"
        said = answer.json()
        assert said["results"]["bindings"] == [{"o": {"type": "literal", "value": value}}]
    assert asked(erp, "ASK { ?s a cim:Fuse }").json() == {"head": {}, "boolean": False}
    posted = erp.post(f"{API}/sparql", json={"query": "ASK { ?s a cim:Breaker }"})
    assert posted.json()["boolean"] is True
    triples = asked(erp, "CONSTRUCT { ?s a cim:X } { ?s a cim:Breaker }")
    assert triples.headers["content-type"] == "application/n-triples"
    assert len(triples.text.splitlines()) == 2


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE is not carried out"),
        ("DELETE WHERE { ?s ?p ?o }", "no SPARQL query that can be read"),
        ("SELECT", "line 1"),
    ],
)
def test_what_sparql_may_not_do(loaded: House, query: str, says: str) -> None:
    erp = loaded.system("erp", Role.VIEWER)
    assert says in refusal(asked(erp, query), 422)
    assert refusal(asked(erp, "ASK {}", version="9"), 404) == "There is no version 9."


# -- pages


def test_the_pages_show_versions_and_what_changed(loaded: House) -> None:
    ann = loaded.person("ann", Role.VIEWER)
    page = ann.get("/models")
    assert '<a href="/models/2.1">2.1</a>' in page
    assert "in force" in page
    one = ann.get("/models/2.1")
    assert "What changed since 1.1" in one
    assert f'<a href="/models/{ONE}">{ONE}</a>' in one
    changed = ann.get("/models/difference?one=1.1&other=2.1")
    assert "1 statement is gone and 1 is new." in changed
    assert "<h2>1 value changed</h2>" in changed
    assert "<td>Switch.open</td>" in changed
    assert "They say the same." in ann.get("/models/difference?one=1.1&other=1.1")
    saved = ann.client.get("/models/1.1/difference/2.1")
    assert saved.headers["content-disposition"] == 'attachment; filename="difference-1.1-2.1.xml"'
    assert ann.client.get("/models/1.1/document").content == write.full(read(document(ONE)))
    assert ann.client.get("/models/9").status_code == 404


def test_the_page_counts_in_singular_and_plural(house: House) -> None:
    first = drawing().document()
    second = drawing().switch("z", "c", "d").document()
    third = drawing().switch("z", "c", "d").thing("BaseVoltage", "v").document()
    engine = house.system("engine", Role.ENGINEER)
    for name, text in (("one.xml", first), ("two.xml", second), ("three.xml", third)):
        engine.post(f"{API}/models?name={name}", content=text)
        house.follow()
    ann = house.person("ann", Role.VIEWER)

    def page(one: str, other: str) -> str:
        return ann.get(f"/models/difference?one={one}.1&other={other}.1")

    assert "0 statements are gone and 1 is new." in page("2", "3")
    assert "<h2>1 object new</h2>" in page("2", "3")
    assert "1 statement is gone and 0 are new." in page("3", "2")
    assert "<h2>1 object gone</h2>" in page("3", "2")
    grown = page("1", "2")
    assert "0 statements are gone and 13 are new." in grown
    assert "<h2>4 objects new</h2>" in grown


def test_a_hub_without_models_says_so(house: House) -> None:
    ann = house.person("ann", Role.VIEWER)
    assert "No model is loaded." in ann.get("/models")


def test_the_page_asks_sparql(loaded: House) -> None:
    ann = loaded.person("ann", Role.VIEWER)
    assert "SELECT ?class" in ann.get("/models/query")

    def page(query: str, status: int = 200, **more: str) -> str:
        answer = ann.client.get("/models/query", params={"q": query, **more})
        assert answer.status_code == status
        return answer.text

    shown = page("SELECT ?n { ?s a cim:Breaker ; cim:IdentifiedObject.name ?n }", version="1.1")
    assert "<h2>2 rows</h2>" in shown
    assert "<td>x name</td>" in shown
    assert "<h2>No</h2>" in page("ASK { ?s a cim:Fuse }")
    assert "1 triples" in page("CONSTRUCT { <#_x> a cim:X } {}")
    assert "<script>" not in page("SELECT ('<script>' AS ?x) {}")
    assert "SERVICE is not carried out" in page("ASK { SERVICE <a> {} }", 422)
    assert "There is no version 9." in page("ASK {}", 422, version="9")
