"""REST beside the pages."""

from __future__ import annotations

import httpx
import pytest

from cim import envelope
from cim.dialect import Correction, Note
from cim.message import Verb
from cim.profiles.meter_readings import MeterReadings
from cim.violation import Refusal
from hub.console.answers import JSON, RDF, XML, preferred
from hub.journal import Entry
from hub.journal.canonical import encode
from hub.security import audit, systems
from hub.security.roles import Role
from tests.hub.console.house import OUTAGE, House, Say, outage

API = "/api/v1"


def refusal(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    return str(answer.json()["detail"])


def test_nobody_gets_in_without_a_token(house: House) -> None:
    client = house.client()
    answer = client.get(f"{API}/status")
    assert refusal(answer, 401) == "Give an API token: Authorization: Bearer <token>."
    assert answer.headers["www-authenticate"] == "Bearer"
    wrong = client.get(f"{API}/status", headers={"Authorization": "Bearer x"})
    assert refusal(wrong, 401) == "The API token is not known here."


def test_a_client_certificate_is_as_good_as_a_token(house: House) -> None:
    subject = "CN=erp,O=Example"
    with house.view.writing() as connection:
        erp = systems.named("erp", certificate=subject, roles=[Role.VIEWER])
        systems.add(connection, "test", erp, house.roles, house.clock())
    for shown, status in ((subject, 200), ("CN=other", 401)):
        client = house.client(certificate=shown)
        assert client.get(f"{API}/status").status_code == status


def test_the_status_is_that_of_the_overview(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()))
    status = house.system("erp", Role.VIEWER).get(f"{API}/status").json()
    assert status["messages"] == 1
    assert status["accepted_last_minute"] == 1
    assert status["waiting"] == 1
    assert status["customers_without_supply"] == 3
    assert status["components"] == [
        {"kind": "channel", "name": "soap", "state": "running", "note": ""}
    ]
    assert [s["subscriber"] for s in status["subscribers"]] == ["erp"]


def test_messages_are_searched_page_by_page(house: House, say: Say) -> None:
    house.accept(*(say(Verb.CREATED, outage()) for _ in range(5)))
    erp = house.system("erp", Role.VIEWER)
    seen, address = [], f"{API}/messages?noun=UnplannedOutages&limit=2"
    while address:
        page = erp.get(address).json()
        assert page["window"] == "of all time"
        seen += [m["seq"] for m in page["messages"]]
        address = page["next"]
    assert seen == [5, 4, 3, 2, 1]
    assert erp.get(f"{API}/messages?noun=MeterReadings").json()["messages"] == []
    assert "expected" in refusal(erp.get(f"{API}/messages?since=x"), 422)
    assert "limit" in refusal(erp.get(f"{API}/messages?limit=0"), 422)


def test_one_message_comes_in_three_forms(house: House, say: Say) -> None:
    message = say(Verb.CREATED, outage())
    house.accept(message)
    engine = house.system("engine", Role.ENGINEER)
    known = engine.get(f"{API}/messages/1").json()
    assert known["message"]["message_id"] == "message-1"
    assert known["deliveries"][0]["state"] == "accepted"
    assert OUTAGE in known["mentions"]
    as_xml = engine.get(f"{API}/messages/1", headers={"Accept": XML})
    assert as_xml.headers["content-type"] == XML
    assert envelope.read(as_xml.content) == message
    as_rdf = engine.get(f"{API}/messages/1", headers={"Accept": RDF})
    assert as_rdf.headers["content-type"] == RDF
    assert b"rdf:RDF" in as_rdf.content
    other = engine.get(f"{API}/messages/1", headers={"Accept": "text/csv"})
    assert JSON in refusal(other, 406)
    assert refusal(engine.get(f"{API}/messages/7"), 404) == "There is no message 7."


def test_a_viewer_gets_no_bodies(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()))
    erp = house.system("erp", Role.VIEWER)
    answer = erp.get(f"{API}/messages/1", headers={"Accept": XML})
    assert '"bodies"' in refusal(answer, 403)


def test_a_system_bound_to_nouns_reads_only_those(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()))
    house.refuse(b"<x>", Refusal.of("1.1", "not well-formed"))
    meters = house.system("meters", Role.VIEWER, nouns=("MeterReadings",))
    assert refusal(meters.get(f"{API}/messages/1"), 404)
    assert refusal(meters.get(f"{API}/messages"), 403)
    assert refusal(meters.get(f"{API}/outages"), 403)
    assert meters.get(f"{API}/messages?noun=MeterReadings").status_code == 200
    assert meters.get(f"{API}/quarantine").json() == []
    assert refusal(meters.get(f"{API}/quarantine/1"), 404)


def test_a_lineage_leaves_out_what_a_system_is_not_bound_to(house: House, say: Say) -> None:
    readings = say(Verb.CREATED, MeterReadings())
    [cause] = house.accept(say(Verb.CREATED, outage()))
    [seq] = house.accept(readings, cause=cause)
    house.accept(say(Verb.CHANGED, outage()), cause=seq)
    [last] = house.accept(say(Verb.CHANGED, MeterReadings()), cause=seq)
    bound = house.system("meters", Role.VIEWER, nouns=("MeterReadings",))
    unbound = house.system("erp", Role.VIEWER)
    seen, all_of_it = (c.get(f"{API}/messages/{seq}").json() for c in (bound, unbound))
    assert seen["causes"] == []
    assert [row["seq"] for row in seen["effects"]] == [last]
    assert [len(all_of_it[side]) for side in ("causes", "effects")] == [1, 2]


def test_a_dead_letter_is_replayed_with_a_reason(house: House, say: Say) -> None:
    [seq] = house.accept(say(Verb.CREATED, outage()))
    house.kill("erp", seq, "refused")
    engine = house.system("engine", Role.ENGINEER)
    [dead] = engine.get(f"{API}/dead-letters").json()
    assert dead["delivery"]["error"] == "refused"
    body = {"subscriber": "erp", "reason": "it is back"}
    replayed = engine.post(f"{API}/messages/{seq}/replay", json=body)
    assert replayed.json() == {"seq": seq, "subscriber": "erp"}
    assert "no dead letter" in refusal(engine.post(f"{API}/messages/{seq}/replay", json=body), 409)
    assert engine.get(f"{API}/dead-letters").json() == []
    with house.view.journal.reading() as connection:
        assert [e.action for e in audit.newest(connection, 2)] == ["delivery.replay"] * 2
    assert "reason" in refusal(engine.post(f"{API}/messages/{seq}/replay", json={}), 422)


def test_a_person_may_call_with_the_sessions_token(house: House, say: Say) -> None:
    [seq] = house.accept(say(Verb.CREATED, outage()))
    house.kill("erp", seq, "refused")
    eve = house.person("eve", Role.ENGINEER)
    assert eve.client.get(f"{API}/status").status_code == 200
    body = {"subscriber": "erp", "reason": "it is back"}
    path = f"{API}/messages/{seq}/replay"
    own = {"Origin": "http://testserver"}
    assert refusal(eve.client.post(path, json=body), 403)
    assert refusal(eve.client.post(path, json=body, headers=own), 403)
    answer = eve.client.post(path, json=body, headers={**own, "X-CSRF-Token": eve.csrf})
    assert answer.status_code == 200


def test_quarantine_says_why(house: House) -> None:
    number = house.refuse(b"<x>", Refusal.of("1.8", "no verb", line=3, xpath="/a/b"))
    erp = house.system("erp", Role.VIEWER)
    [item] = erp.get(f"{API}/quarantine").json()
    assert item == erp.get(f"{API}/quarantine/{number}").json()
    assert item["reason"] == "line 3, /a/b: no verb"
    assert item["violations"][0]["code"] == "1.8"
    assert "received" not in item
    assert refusal(erp.get(f"{API}/quarantine/9"), 404)


def test_outages_are_listed_and_found(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()), say(Verb.CLOSED, outage("over")))
    erp = house.system("erp", Role.VIEWER)
    assert [o["mrid"] for o in erp.get(f"{API}/outages").json()] == [OUTAGE, "over"]
    [active] = erp.get(f"{API}/outages?active=true").json()
    assert (active["device_name"], active["customers"]) == ("F7", 3)
    assert active["usage_points"] == ["point-0", "point-1", "point-2"]
    assert erp.get(f"{API}/outages/{OUTAGE}").json() == active
    assert refusal(erp.get(f"{API}/outages/none"), 404)


def test_a_usage_point_nobody_knows(house: House) -> None:
    answer = house.system("erp", Role.VIEWER).get(f"{API}/network/usage-points/m/1")
    assert refusal(answer, 404) == "The network has no usage point or meter m/1."


def test_a_parameter_nobody_knows_is_refused(house: House) -> None:
    erp = house.system("erp", Role.VIEWER)
    wrong = refusal(erp.get(f"{API}/network/at?at=2026-03-01T12:00"), 422)
    assert wrong == "There is no parameter 'at' here; there are moment, limit."
    assert "'nouns' here; there are limit, " in refusal(erp.get(f"{API}/messages?nouns=x"), 422)
    assert refusal(erp.get(f"{API}/status?x"), 422).endswith("'x' here; there is none.")


def test_it_describes_itself(house: House) -> None:
    described = house.client().get(f"{API}/openapi.json").json()
    assert set(described["paths"]) == {
        f"{API}/{path}"
        for path in (
            "violations",
            "violations/{mrid}",
            "apps",
            "apps/{app}/reports/{name}",
            "messages",
            "messages/{seq}",
            "messages/{seq}/replay",
            "contracts",
            "contracts/{noun}",
            "dead-letters",
            "quarantine",
            "quarantine/{number}",
            "quarantine/{number}/attempts",
            "quarantine/{number}/received",
            "quarantine/{number}/correct",
            "quarantine/{number}/resend",
            "quarantine/{number}/reject",
            "codes",
            "codes/{code}",
            "outages",
            "outages/{mrid}",
            "public/outages",
            "network/usage-points/{wanted}",
            "network/at",
            "network/trace",
            "network/compare",
            "feeds",
            "feeds/files",
            "feeds/{adapter}/files/{name}",
            "historian/series",
            "historian/series/{number}/values",
            "historian/series/{number}/buckets",
            "historian/latest",
            "historian/export",
            "models",
            "models/{wanted}",
            "models/{wanted}/difference/{other}",
            "replies/{noun}",
            "requests",
            "sparql",
            "status",
            "subscriptions",
            "subscriptions/{number}",
        )
    }
    assert described["components"]["securitySchemes"]


def test_what_is_not_there_is_a_problem_too(house: House) -> None:
    assert refusal(house.client().get(f"{API}/nothing"), 404)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (XML, XML),
        (f"text/html, {RDF};q=0.9, */*;q=0.1", RDF),
        (f"{XML};q=0.5, {RDF}", RDF),
        (f"{JSON};q=0, */*", XML),
        ("text/csv", None),
        (f"{XML};q=x", None),
    ],
)
def test_the_form_follows_accept(accept: str, form: str | None) -> None:
    assert preferred(accept) == form


def test_codes_are_explained(house: House) -> None:
    erp = house.system("erp", Role.VIEWER)
    found = erp.get(f"{API}/codes/17?source=ami").json()
    assert (found["code"], found["native"], found["meaning"]) == ("3.26.0.85", "17", "power-out")
    assert found["parts"][0] == {
        "name": "type",
        "number": "3",
        "says": "electric meter (inferred)",
    }
    assert "is no code" in refusal(erp.get(f"{API}/codes/17"), 422)
    listed = erp.get(f"{API}/codes?kind=controls").json()
    assert listed[0]["code"] == "3.31.0.23"
    assert refusal(house.client().get(f"{API}/codes/2.12"), 401)


def test_what_was_corrected_is_shown_with_the_message(house: House, say: Say) -> None:
    note = Note("/EventMessage/Header/Verb", 2, "<Created>", "created")
    left_out = Note("/EventMessage/Header/MessageID", 3, "?", "")
    message = say(Verb.CREATED, outage())
    entry = Entry(
        message,
        encode(message),
        "soap",
        "erp",
        corrections=(
            Correction("verb-case", 1, (note,)),
            Correction("message-id-any", 1, (left_out,)),
        ),
    )
    with house.journal.transaction() as transaction:
        transaction.accept([entry])
    erp = house.system("erp", Role.VIEWER)
    first, second = erp.get(f"{API}/messages/1").json()["corrections"]
    assert (first["tolerance"], first["times"]) == ("message-id-any", 1)
    assert second["notes"][0]["before"] == "<Created>"
    counted = erp.get(f"{API}/status").json()["corrected"]
    assert [(c["tolerance"], c["messages"]) for c in counted] == [
        ("message-id-any", 1),
        ("verb-case", 1),
    ]
    page = house.person("anna", Role.VIEWER).get("/messages/1")
    assert "“&lt;Created&gt;” became “created”" in page
    assert "“?” was left out" in page
