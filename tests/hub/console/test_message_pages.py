"""Messages, found and shown in all their forms, and to whom."""

from __future__ import annotations

import re

import pytest

from cim.message import Verb
from hub.security.roles import Role
from tests.hub.console.house import OUTAGE, House, Say, outage


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
