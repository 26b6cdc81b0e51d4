"""What the pages show, and to whom."""

from __future__ import annotations

import re
from dataclasses import replace

from cim.message import STUDY, Verb
from cim.parse import MESSAGE
from cim.profiles.unplanned_outages import OutageStatusKind
from cim.violation import Refusal
from hub.console import bodies
from hub.journal import queries
from hub.security.roles import Role
from tests.hub.console.house import OUTAGE, House, Say, outage
from tests.hub.console.test_alarms import violation
from tests.telling import TellingApp

HOSTILE = "<script>alert(1)</script>"


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
    assert page.split("Messages about it")[1].count('scope="row"') == 3
    assert ann.client.get("/outages/none").status_code == 404


def test_outages_of_a_study_are_seen_in_the_journal_alone(house: House, say: Say) -> None:
    ann = house.person("ann", Role.VIEWER)
    told = say(Verb.CREATED, outage())
    house.accept(replace(told, header=replace(told.header, context=STUDY)))
    assert "None." in ann.get("/outages")
    assert '<span class="state waiting">study</span>' in ann.get("/messages")


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


def test_every_page_works_on_both_databases(database_url: str, say: Say) -> None:
    with House.open(database_url) as house:
        house.accept(say(Verb.CREATED, outage()), say(Verb.CREATED, outage("other")))
        house.accept(say(Verb.CREATED, violation()))
        house.kill("erp", 1, "refused")
        house.refuse(b"<x>", Refusal.of("1.1", "not well-formed", line=1))
        house.view = replace(house.view, apps={"telling": TellingApp()})
        house.journal.create_tables(TellingApp().tables)
        eve = house.person("eve", Role.ENGINEER, Role.SECAUD)
        for path in (
            "/",
            "/messages?since=2026-03-01T10:00&state=dead&text=message",
            "/messages/1",
            "/dead-letters",
            "/quarantine/1",
            "/outages",
            f"/outages/{OUTAGE}",
            "/alarms",
            "/alarms/v-1",
            "/analysis/telling/loading",
            "/audit?anchor=",
            "/audit/export",
        ):
            eve.get(path)
        eve.post("/dead-letters", {"subscriber": "erp", "seq": [1], "reason": "again"})


def test_a_broken_page_says_so_and_no_more(house: House) -> None:
    ann = house.person("ann", Role.VIEWER)

    def fails() -> None:
        raise RuntimeError("secret")

    house.view = replace(house.view, network=fails)  # type: ignore[arg-type]
    client = house.client()
    client.cookies = ann.client.cookies
    answer = client.get("/network")
    assert answer.status_code == 500
    assert "secret" not in answer.text
