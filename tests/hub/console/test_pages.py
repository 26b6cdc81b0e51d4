"""What the pages show, and to whom."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pytest

from cim.message import Verb
from cim.parse import MESSAGE
from cim.profiles.unplanned_outages import OutageStatusKind
from cim.violation import Refusal
from hub.console import bodies
from hub.console.site import HERE
from hub.journal import queries
from hub.security import audit
from hub.security.roles import Role
from tests.hub.console.house import OUTAGE, House, Say, outage
from tests.hub.history.story import grid, named

HOSTILE = "<script>alert(1)</script>"


def last(house: House) -> audit.Entry:
    with house.view.journal.reading() as connection:
        assert audit.verify(connection) == []
        return audit.newest(connection, 1)[0]


def test_the_overview_of_an_empty_hub(house: House) -> None:
    page = house.person("ann", Role.VIEWER).get("/")
    assert "nothing yet" in page
    assert "As of 2026-03-01 12:00:00 UTC" in page
    assert "No network model is loaded." in page


def test_the_overview_counts(house: House, say: Say) -> None:
    seq = house.accept(say(Verb.CREATED, outage()), say(Verb.CREATED, outage("other")))[0]
    house.kill("erp", seq, "refused")
    house.refuse(b"<x>", Refusal.of("1.1", "not well-formed", line=1))
    ann = house.person("ann", Role.VIEWER)
    page = " ".join(re.sub(r"<[^>]+>", " ", ann.get("/")).split())
    assert "Accepted, last minute 2" in page
    assert "Dead letters 1" in page
    assert "In quarantine 1" in page
    assert "Active outages 2 6 customers without supply" in page
    assert "Why predicted 2026-03-01 11:50:00 F7 3 Meters of 3 of 3 customers" in page
    assert "soap channel running" in page
    assert "As of" in ann.get("/live")


def test_a_search_is_its_address(house: House, say: Say) -> None:
    house.accept(
        say(Verb.CREATED, outage(), correlation="c 1"),
        say(Verb.CHANGED, outage(), source="OTHER"),
    )
    ann = house.person("ann", Role.VIEWER)
    for query, seqs in {
        "": {1, 2},
        "verb=created": {1},
        "source=OTHER": {2},
        "correlation_id=c+1": {1},
        f"mrid={OUTAGE}": {1, 2},
        "mrid=point-1": {1, 2},
        "noun=EndDeviceEvents": set(),
        "state=accepted": {1},
        "text=message-2": {2},
        "since=2026-03-01T12:00": {1, 2},
        "until=2026-03-01T12:00": set(),
    }.items():
        page = ann.get(f"/messages?{query}")
        assert set(map(int, re.findall(r'row"[^>]*><a href="/messages/(\d+)"', page))) == seqs, (
            query
        )


def test_the_time_window_is_said_loudly(house: House) -> None:
    ann = house.person("ann", Role.VIEWER)
    assert "0 messages, of all time" in ann.get("/messages")
    assert "accepted from 2026-03-01 10:00 UTC until now" in ann.get(
        "/messages?since=2026-03-01T10:00"
    )


@pytest.mark.parametrize("query", ["since=yesterday", "state=lost", "before=x", "before=-1"])
def test_a_search_that_cannot_be_says_why(house: House, query: str) -> None:
    answer = house.person("ann", Role.VIEWER).client.get(f"/messages?{query}")
    assert answer.status_code == 422
    assert "expected" in answer.text


def test_pages_follow_one_another_without_gaps(house: House, say: Say) -> None:
    house.accept(*(say(Verb.CREATED, outage()) for _ in range(120)))
    ann = house.person("ann", Role.VIEWER)
    seen, address = [], "/messages?noun=UnplannedOutages"
    while address:
        page = ann.get(address)
        seen += map(int, re.findall(r'row"[^>]*><a href="/messages/(\d+)"', page))
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == list(range(120, 0, -1))


def test_one_message_in_its_four_forms(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()))
    eve = house.person("eve", Role.ENGINEER)
    received = eve.get("/messages/1?tab=received")
    assert "&lt;" in received
    assert "Download the bytes as received" in received
    assert (
        "&lt;m:comment&gt;" in (validated := eve.get("/messages/1")) or "comment&gt;" in validated
    )
    assert "UnplannedOutage" in validated
    transformed = eve.get("/messages/1?tab=transformed")
    assert "rdf:RDF" in transformed
    assert "cim:UnplannedOutage" in transformed
    delivered = eve.get("/messages/1?tab=delivered")
    assert "waits for its turn" in delivered
    assert eve.client.get("/messages/1?tab=other").status_code == 422
    assert eve.client.get("/messages/2").status_code == 404
    assert eve.client.get(f"/messages/{2**63}").status_code == 422


def test_the_bytes_can_be_downloaded_but_not_opened(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()))
    answer = house.person("eve", Role.ENGINEER).client.get("/messages/1/received")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content.startswith(b"<")


def test_a_viewer_reads_headers_but_no_bodies(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()))
    ann = house.person("ann", Role.VIEWER)
    assert "waits for its turn" in ann.get("/messages/1")
    assert "do not include the right to read" in ann.get("/messages/1?tab=validated")
    assert ann.client.get("/messages/1/received").status_code == 403


def test_causes_and_effects_lead_to_one_another(house: House, say: Say) -> None:
    [cause] = house.accept(say(Verb.CREATED, outage()))
    [effect] = house.accept(say(Verb.CHANGED, outage()), cause=cause)
    ann = house.person("ann", Role.VIEWER)
    assert f'<a href="/messages/{effect}">' in ann.get(f"/messages/{cause}")
    assert f'<a href="/messages/{cause}">' in ann.get(f"/messages/{effect}")
    assert '<a href="/messages?mrid=point-1">' in ann.get(f"/messages/{cause}")


def test_what_messages_say_is_text_and_never_markup(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage(HOSTILE, why=HOSTILE), source=HOSTILE))
    house.kill("erp", 1, HOSTILE)
    house.refuse(HOSTILE.encode(), Refusal.of("1.1", HOSTILE, line=1, value=HOSTILE))
    eve = house.person("eve", Role.ENGINEER)
    for path in (
        "/",
        "/messages",
        f"/messages?text={HOSTILE}",
        "/messages/1",
        "/messages/1?tab=received",
        "/messages/1?tab=transformed",
        "/messages/1?tab=delivered",
        "/dead-letters",
        "/quarantine",
        "/quarantine/1",
        "/outages",
        f"/network?q={HOSTILE}",
    ):
        assert HOSTILE not in eve.get(path), path
    assert "alert(1)" in eve.get("/outages")


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


def test_outages_follow_their_messages(house: House, say: Say) -> None:
    ann = house.person("ann", Role.VIEWER)
    assert "None." in ann.get("/outages")
    house.accept(say(Verb.CREATED, outage()))
    page = ann.get(f"/outages/{OUTAGE}")
    assert "Meters of 3 of 3 customers below fuse F7" in page
    assert "3 usage points without supply" in page
    house.accept(say(Verb.CHANGED, outage(customers=2, why="Two left.")))
    assert "Two left." in ann.get("/outages")
    house.accept(say(Verb.CLOSED, outage(kind=OutageStatusKind.RESTORED, customers=0, why="")))
    page = ann.get(f"/outages/{OUTAGE}")
    assert "closed" in page
    assert "Two left." in page
    assert page.count('scope="row"') == 3
    assert ann.client.get("/outages/none").status_code == 404


def test_a_console_started_later_shows_the_same_outages(house: House, say: Say) -> None:
    early = house.person("ann", Role.VIEWER)
    house.accept(say(Verb.CREATED, outage()), say(Verb.CHANGED, outage(customers=2)))
    seen, later = (
        browser.get("/outages").split("<main", 1)[1]
        for browser in (early, house.person("bob", Role.VIEWER))
    )
    assert seen == later


def test_an_outage_larger_than_what_a_sender_may_send_is_shown(house: House, say: Say) -> None:
    # A sender writes "<" as one byte in CDATA; stored it has four.
    ann = house.person("ann", Role.VIEWER)
    large = say(Verb.CREATED, outage(why="<" * 9_000_000))
    [seq, _] = house.accept(large, say(Verb.CREATED, outage(mrid="another", why="Storm.")))
    assert "Storm." in ann.get("/outages/another")
    with house.journal.reading() as connection:
        stored = queries.message(connection, seq)
    assert stored
    assert len(stored.body) > MESSAGE.bytes
    assert bodies.shown(stored.body, personal=True) == large


def test_the_auditor_reads_verifies_and_exports(house: House) -> None:
    sue = house.person("sue", Role.SECAUD)
    page = sue.get("/audit")
    assert "person.add" in page
    head = re.search(r'class="id">(\d+:[0-9a-f]{64})<', page)
    assert head
    assert "The chain is whole." in sue.get("/audit?anchor=")
    assert "continues your anchor" in sue.get(f"/audit?anchor={head[1]}")
    assert "was expected" in sue.get("/audit?anchor=x")
    forged = head[1][:-1] + ("0" if head[1][-1] != "0" else "1")
    assert "the chain was written anew" in sue.get(f"/audit?anchor={forged}")
    lines = sue.get("/audit/export").splitlines()
    assert len(lines) >= 3
    assert '"action":"audit.export"' in lines[-1]
    assert sue.client.get("/messages").status_code == 403


def test_every_page_has_a_language_a_heading_and_labels(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()), named(grid()))
    house.follow()
    house.kill("erp", 1, "refused")
    house.refuse(b"<x>", Refusal.of("1.1", "not well-formed", line=1))
    paths = ["/", "/messages", "/messages/1", "/dead-letters", "/quarantine", "/quarantine/1"]
    paths += ["/outages", f"/outages/{OUTAGE}", "/network", "/network/compare", "/models"]
    paths += ["/models/query", "/models/2.1", "/models/difference?one=2.1&other=2.1", "/password"]
    paths += ["/login"]
    eve = house.person("eve", Role.ENGINEER)
    pages = {path: eve.get(path) for path in paths}
    pages["/audit"] = house.person("sue", Role.SECAUD).get("/audit")
    for path, page in pages.items():
        assert '<html lang="en">' in page, path
        assert page.count("<h1>") == 1, path
        assert 'class="skip"' in page, path
        ids = re.findall(
            r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*?id="([^"]+)"', page
        )
        fields = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")', page)
        assert len(ids) == len(fields), path
        labelled = re.findall(r'<label [^>]*?for="([^"]+)"', page)
        assert set(ids) <= set(labelled), path
        assert not re.search(r"style=|<style|onclick|<script>", page), path
        assert "https://" not in page, path


def test_colours_have_contrast_in_both_schemes() -> None:
    css = (HERE / "static" / "console.css").read_text()
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    )
    for colours in (light, dark):
        for ink, ground in (
            ("ink", "ground"),
            ("ink", "sheet"),
            ("ink", "mark"),
            ("soft", "ground"),
            ("soft", "sheet"),
            ("link", "sheet"),
            ("link", "mark"),
            ("alarm", "sheet"),
            ("alarm", "alarm-ground"),
            ("warn", "warn-ground"),
            ("button-ink", "button"),
        ):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, 1.4.3."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in (HERE / "templates").glob("*.html"):
        assert not re.search(r'(src|href)="(https?:)?//', path.read_text()), path
    assert (HERE / "static" / "htmx-2.0.11.LICENSE.txt").exists()


def test_the_script_of_others_is_the_published_one() -> None:
    """htmx.org 2.0.11 of the npm registry, dist/htmx.min.js, 0BSD."""
    script = (HERE / "static" / "htmx-2.0.11.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() == (
        "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
    )


def test_every_page_works_on_both_databases(database_url: str, say: Say) -> None:
    with House.open(database_url) as house:
        house.accept(say(Verb.CREATED, outage()), say(Verb.CREATED, outage("other")))
        house.kill("erp", 1, "refused")
        house.refuse(b"<x>", Refusal.of("1.1", "not well-formed", line=1))
        eve = house.person("eve", Role.ENGINEER, Role.SECAUD)
        for path in (
            "/",
            "/messages?since=2026-03-01T10:00&state=dead&text=message",
            "/messages/1",
            "/dead-letters",
            "/quarantine/1",
            "/outages",
            f"/outages/{OUTAGE}",
            "/audit?anchor=",
            "/audit/export",
        ):
            eve.get(path)
        eve.post("/dead-letters", {"subscriber": "erp", "seq": [1], "reason": "again"})


def test_a_broken_page_says_so_and_no_more(house: House) -> None:
    ann = house.person("ann", Role.VIEWER)

    def fails() -> None:
        raise RuntimeError("secret")

    house.view = replace(house.view, network=fails)
    client = house.client()
    client.cookies = ann.client.cookies
    answer = client.get("/network")
    assert answer.status_code == 500
    assert "secret" not in answer.text
