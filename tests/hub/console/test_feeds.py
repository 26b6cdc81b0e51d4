"""Files that are handed in over REST, and what became of them: on the page and over REST."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from adapters.ami import AmiAdapter, native
from hub.console.view import figure
from hub.journal import feed_files, queries, source_clocks
from hub.parts import File
from hub.security import audit
from hub.security.roles import Role
from tests.hub.console.house import ORIGIN, House

API = "/api/v1/feeds"
ROW = {"event_time": "2026-03-01T11:00:00Z", "event_code": "3.26.0.85", "event_name": ""}


def events(*meters: str) -> bytes:
    return native.write([{**ROW, "meter_number": meter} for meter in meters])


@pytest.fixture
def ami(house: House, tmp_path: Path) -> httpx.Client:
    """The system that speaks for the adapter's source."""
    house.hub.attach_adapter("ami", AmiAdapter(folder=tmp_path))
    return house.system("ami", Role.VIEWER)


def test_a_file_is_handed_in(house: House, ami: httpx.Client) -> None:
    answer = ami.post(f"{API}/ami/files/a.csv", content=events("m1", "m2", "m1", ""))
    assert answer.status_code == 201, answer.text
    done = answer.json()
    counts = ("records", "accepted", "duplicate", "quarantined", "late")
    assert [done["file"][name] for name in counts] == [4, 2, 1, 1, 0]
    [why] = done["refused"]
    assert why.startswith("a.csv line 5: meter_number '' ")
    again = ami.post(f"{API}/ami/files/a.csv", content=events("m1", "m2")).json()
    assert [again["file"][name] for name in counts] == [2, 0, 2, 0, 0]
    with house.journal.reading() as connection:
        assert queries.counts(connection).messages == 2
        noted = audit.newest(connection, 1)[0]
    assert (noted.actor, noted.action, noted.subject) == ("ami", "feeds.hand-in", "ami")
    assert ami.get(f"{API}/files", params={"source": "ami", "limit": 1}).json() == [again["file"]]
    [feed] = ami.get(API).json()
    assert (feed["files"], feed["records"], feed["accepted"]) == (2, 6, 2)


def test_a_file_that_is_unusable_as_a_whole(house: House, ami: httpx.Client) -> None:
    answer = ami.post(f"{API}/ami/files/a.csv", content=b"meter\n")
    assert answer.status_code == 422
    assert "no column event_code" in answer.json()["detail"]
    [file] = ami.get(f"{API}/files").json()
    assert "no column event_code" in file["refused"]
    assert "no column event_code" in house.person("vera", Role.VIEWER).get("/feeds")


@pytest.mark.parametrize(
    ("path", "status", "why"),
    [
        ("none/files/a.csv", 403, "may not speak for the source none"),
        ("ami/files/a%0A.csv", 422, "printable characters"),
        ("ami/files/" + "a" * 300, 422, "up to 200"),
    ],
)
def test_what_may_not_be_handed_in(ami: httpx.Client, path: str, status: int, why: str) -> None:
    answer = ami.post(f"{API}/{path}", content=events("m"))
    assert answer.status_code == status
    assert why in answer.json()["detail"]


def test_a_system_that_is_bound_to_nouns(house: House, ami: httpx.Client) -> None:
    with house.view.writing() as connection:
        connection.exec_driver_sql("DELETE FROM system")
    bound = house.system("ami", Role.VIEWER, nouns=("EndDeviceEvents",))
    answer = bound.post(f"{API}/ami/files/a.csv", content=events("m"))
    assert answer.status_code == 403
    assert "is bound to nouns" in answer.json()["detail"]


def test_a_person_needs_the_right(house: House, ami: httpx.Client) -> None:
    eve, vera = house.person("eve", Role.ENGINEER), house.person("vera", Role.VIEWER)
    for person, status in ((eve, 201), (vera, 403)):
        person.get("/feeds")
        headers = {"Origin": ORIGIN, "X-CSRF-Token": person.csrf}
        address = f"{API}/ami/files/a.csv"
        answer = person.client.post(address, content=events("m"), headers=headers)
        assert answer.status_code == status, answer.text
    headers["X-CSRF-Token"] = eve.csrf
    nobody = eve.client.post(f"{API}/abc/files/a.csv", content=b"", headers=headers)
    assert nobody.status_code == 404
    assert nobody.json()["detail"] == ("There is no adapter 'abc' that reads files; there are ami.")


def test_the_page_lists_them_in_pages(house: House) -> None:
    vera = house.person("vera", Role.VIEWER)
    assert "No file has come yet" in vera.get("/feeds")
    with house.journal.transaction() as transaction:
        for number in range(52):
            file = File(f"<{number}>.csv", "", number, records=1200)
            counts = {feed_files.ACCEPTED: 1100, feed_files.LATE: 100}
            source = "ami" if number else "a&b"
            feed_files.note(
                transaction.connection,
                source,
                file,
                1200 if number % 2 else 800,
                counts,
                house.clock(),
                house.clock() + timedelta(seconds=4),
            )
    page = vera.get("/feeds")
    assert page.count('<td class="number">4.0</td>') == page.count('<td class="number">300</td>')
    assert '<td class="number">300</td>' in page  # records a second
    assert page.count("&lt;") == 50
    assert figure(1100) in page
    assert "800 so far" in page
    assert '<a href="/feeds?source=a%26b">a&amp;b</a>' in page
    assert "before=3" in page
    assert "&lt;0&gt;.csv" in vera.get("/feeds?before=3")
    only = vera.get("/feeds?source=a%26b")
    assert only.count("&lt;") == 1
    assert "Files of a&amp;b" in only


def test_what_was_ignored_and_whose_clock_is_wrong_is_told(house: House) -> None:
    vera = house.person("vera", Role.VIEWER)
    with house.journal.transaction() as transaction:
        file = File("a.doc", "", 1, ignored="its name does not end in <.csv>")
        feed_files.note(transaction.connection, "ami", file, 0, {}, house.clock(), house.clock())
        source_clocks.note(transaction, "ami", [9.0], lambda _: "its clock is wrong")
    page = vera.get("/feeds")
    assert "its clock is wrong" in page
    assert "ignored: its name does not end in &lt;.csv&gt;" in page
