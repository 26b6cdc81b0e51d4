"""Dead letters and quarantine: what went wrong, and what is done about it."""

from __future__ import annotations

from cim.message import Verb
from cim.violation import Refusal
from hub.security import audit
from hub.security.roles import Role
from tests.hub.console.house import House, Say, outage


def last(house: House) -> audit.Entry:
    with house.view.journal.reading() as connection:
        assert audit.verify(connection) == []
        return audit.newest(connection, 1)[0]


def test_dead_letters_are_grouped_by_what_went_wrong(house: House, say: Say) -> None:
    seqs = house.accept(*(say(Verb.CREATED, outage(f"outage-{n}")) for n in range(4)))
    for n, seq in enumerate(seqs[:3]):
        house.kill("erp", seq, f"ConnectionError: try {n} of 'abc{n}' failed at 12:00:0{n}")
    house.kill("erp", seqs[3], "ValueError: no such customer")
    page = house.person("ann", Role.VIEWER).get("/dead-letters")
    assert "erp: 3 failed alike" in page
    assert "erp: 1 failed alike" in page
    assert "takes the right “replay”" in page
    assert '<form method="post" action="/dead-letters"' not in page


def test_a_replay_takes_what_was_shown_and_is_audited(house: House, say: Say) -> None:
    seqs = house.accept(*(say(Verb.CREATED, outage(f"outage-{n}")) for n in range(3)))
    for seq in seqs[:2]:
        house.kill("erp", seq, "refused")
    eve = house.person("eve", Role.ENGINEER)
    assert "these 2" in eve.get("/dead-letters")
    there = eve.post("/dead-letters", {"subscriber": "erp", "seq": seqs, "reason": "erp is back"})
    assert "2 handed over again. 1 were no longer dead." in eve.get(there)
    entry = last(house)
    assert (entry.actor, entry.action, entry.subject) == ("eve", "delivery.replay", "erp")
    assert entry.detail == f'{{"messages":{seqs[:2]},"reason":"erp is back"}}'.replace(", ", ",")
    assert "waits for its turn" in eve.get(f"/messages/{seqs[0]}?tab=delivered")


def test_a_replay_takes_the_right_and_a_reason(house: House, say: Say) -> None:
    [seq] = house.accept(say(Verb.CREATED, outage()))
    house.kill("erp", seq, "refused")
    form = {"subscriber": "erp", "seq": [seq], "reason": "because"}
    house.person("ann", Role.OPERATOR).post("/dead-letters", form, 403)
    assert last(house).outcome == "refused"
    eve = house.person("eve", Role.ENGINEER)
    eve.post("/dead-letters", {**form, "reason": ""}, 422)
    eve.post("/dead-letters", {**form, "seq": []}, 422)
    assert "erp: 1 failed alike" in eve.get("/dead-letters")


def test_quarantine_shows_bytes_reason_line_and_path(house: House) -> None:
    reason = Refusal.of(
        "1.8", "Verb: CREATED is no verb", line=2, xpath="/EventMessage/Header/Verb"
    )
    number = house.refuse(b"<EventMessage>\n<Verb>CREATED</Verb>", reason)
    eve = house.person("eve", Role.ENGINEER)
    assert "line 2, /EventMessage/Header/Verb: Verb: CREATED is no verb" in eve.get("/quarantine")
    page = eve.get(f"/quarantine/{number}")
    assert '<span class="at">   2  &lt;Verb&gt;CREATED&lt;/Verb&gt;</span>' in page
    assert "/EventMessage/Header/Verb" in page
    assert last(house).action == "quarantine.view"
    answer = eve.client.get(f"/quarantine/{number}/received")
    assert answer.content == b"<EventMessage>\n<Verb>CREATED</Verb>"
    assert eve.client.get("/quarantine/9").status_code == 404


def test_a_viewer_sees_the_reason_but_not_the_bytes(house: House) -> None:
    number = house.refuse(b"secret name", Refusal.of("1.1", "not well-formed", line=1))
    ann = house.person("ann", Role.VIEWER)
    page = ann.get(f"/quarantine/{number}")
    assert "not well-formed" in page
    assert "secret name" not in page
    assert ann.client.get(f"/quarantine/{number}/received").status_code == 403


def test_what_nobody_will_send_again_is_set_aside(house: House) -> None:
    number = house.refuse(b"<x>", Refusal.of("1.1", "not well-formed"))
    eve = house.person("eve", Role.ENGINEER)
    eve.post(f"/quarantine/{number}", {"reason": "test data"})
    assert last(house).action == "quarantine.reject"
    assert "Nothing is in quarantine" in eve.get("/quarantine")
    assert "rejected" in eve.get("/quarantine?all=true")
    eve.post(f"/quarantine/{number}", {"reason": "again"}, 409)
