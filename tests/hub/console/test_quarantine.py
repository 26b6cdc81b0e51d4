"""What was refused is corrected, sent again and set aside: on the page and over REST."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import httpx
import pytest

from cim.message import Verb
from cim.violation import Refusal
from hub.console.quarantine import EDITED, editable, edited
from hub.dispatch.mending import content
from hub.journal import queries
from hub.journal.canonical import encode
from hub.security import audit
from hub.security.roles import Role
from tests import fakes
from tests.hub.console.house import Browser, House, Say, outage

API = "/api/v1/quarantine"


def right(point: str = "a") -> bytes:
    message = fakes.message(fakes.last_gasp(point), message_id=f"m-{point}")
    return encode(message).replace(b"<Payload>", b"\n<Payload>")


def wrong(point: str = "a") -> bytes:
    return right(point).replace(b"EndDeviceEventType ", b"EndDeviceEventTyp ")


def held(house: House, data: bytes, principal: str = "ami") -> int:
    house.hub.accept([fakes.Handed(content(data)[0], data, principal)], "soap")
    with house.journal.reading() as connection:
        return queries.quarantined(connection)[0].id


def last(house: House) -> audit.Entry:
    with house.journal.reading() as connection:
        assert audit.verify(connection) == []
        return audit.newest(connection, 1)[0]


def actions(house: House, many: int) -> list[str]:
    with house.journal.reading() as connection:
        return [entry.action for entry in audit.newest(connection, many)]


def in_editor(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    return unescape(found[1])


@pytest.fixture
def eve(house: House) -> Browser:
    return house.person("eve", Role.ENGINEER)


def test_the_page_marks_the_line_and_names_the_column(house: House, eve: Browser) -> None:
    page = eve.get(f"/quarantine/{held(house, wrong())}")
    marked = re.findall(r'<span class="at">(.*?)</span>', page)
    assert [line.split()[0] for line in marked] == ["3"]
    column = wrong().splitlines()[2].index(b"<EndDeviceEventTyp") + 1
    assert f'<td class="number">3</td><td class="number">{column}</td>' in page
    assert in_editor(page).encode() == wrong()


def test_a_correction_on_the_page(house: House, eve: Browser) -> None:
    number = held(house, wrong())
    text = in_editor(eve.get(f"/quarantine/{number}")).replace("Typ ", "Type ")
    form = {"content": text.replace("\n", "\r\n"), "remark": "typo"}
    assert eve.post(f"/quarantine/{number}/correct", form) == f"/quarantine/{number}"
    page = eve.get(f"/quarantine/{number}")
    assert f"Quarantine {number}, corrected" in page
    assert '<a href="/messages/1">message 1</a>' in page
    assert "<textarea" not in page
    message = eve.get("/messages/1")
    assert (
        f'<a href="/quarantine/{number}">quarantine item {number}</a>, corrected by eve' in message
    )
    with house.journal.reading() as connection:
        kept = queries.message(connection, 1)
    assert kept is not None
    assert kept.received == right()  # its line ends are those of the original
    assert f"/quarantine/{number}/attempts/1" in page
    assert eve.client.get(f"/quarantine/{number}/attempts/1").content == right()
    assert eve.client.get(f"/quarantine/{number}/attempts/2").status_code == 404


def test_what_is_still_wrong_is_said_and_goes_on_from_there(house: House, eve: Browser) -> None:
    number = held(house, wrong())
    half = wrong().replace(b">created<", b">CREATED<").decode()
    page = eve.post(f"/quarantine/{number}/correct", {"content": half}, 422)
    assert f"Item {number} stays in quarantine: " in page
    assert "write created" in page
    assert "refused again" in page
    assert in_editor(page) == half
    assert "quarantine.correct" in actions(house, 2)
    assert in_editor(eve.get(f"/quarantine/{number}")) == half


def test_the_same_bytes_again_from_the_page(house: House, eve: Browser) -> None:
    with house.journal.transaction() as transaction:
        number = transaction.quarantine("soap", "ami", "soap", right(), Refusal.of("7.5", "no"))
    eve.post(f"/quarantine/{number}/resend", {"remark": "registered now"})
    assert f"Quarantine {number}, resent" in eve.get(f"/quarantine/{number}")
    assert "sent again by eve" in eve.get("/messages/1")


def test_the_second_of_two_is_told(house: House, eve: Browser) -> None:
    number = held(house, wrong())
    eve.post(f"/quarantine/{number}/correct", {"content": right().decode()})
    bob = house.person("bob", Role.ENGINEER)
    for path, form in (
        ("/correct", {"content": right().decode()}),
        ("/resend", {}),
        ("", {"reason": "test data"}),
    ):
        page = bob.post(f"/quarantine/{number}{path}", form, 409)
        assert f"Item {number} is not open any more: corrected by eve, message 1." in page


def test_it_takes_the_right_and_the_forms_own_token(house: House, eve: Browser) -> None:
    number = held(house, wrong())
    ann = house.person("ann", Role.OPERATOR)
    page = ann.get(f"/quarantine/{number}")
    assert "<textarea" not in page
    assert '<form method="post" action="/quarantine' not in page
    form = {"content": right().decode()}
    for path in ("/correct", "/resend"):
        ann.post(f"/quarantine/{number}{path}", form, 403)
        assert last(house).outcome == "refused"
    csrf, eve.csrf = eve.csrf, "stale"
    eve.post(f"/quarantine/{number}/correct", form, 403)
    eve.csrf = csrf
    eve.post("/quarantine/9/correct", form, 404)
    eve.post("/quarantine/9/resend", {}, 404)
    eve.post("/quarantine/9", {"reason": "test"}, 404)
    eve.post(f"/quarantine/{number}/correct", {}, 422)


@pytest.mark.parametrize(
    "data",
    [
        b"<?xml version='1.0' encoding='iso-8859-1'?><a/>",
        "<a/>".encode("utf-16"),
        b"\xff<a/>",
        b"<a>\0</a>",
        b"a" * (EDITED + 1),
    ],
)
def test_what_no_editor_gives_back_as_it_went_is_offered_none(
    house: House, eve: Browser, data: bytes
) -> None:
    number = house.refuse(data, Refusal.of("1.8", "wrong"))
    page = eve.get(f"/quarantine/{number}")
    assert "<textarea" not in page
    assert f"gridbus quarantine correct {number} FILE" in page


@pytest.mark.parametrize("data", [b"<a/>\n", b"<a>\r\n</a>\r\n", "\ufeffü\n\n".encode(), b"\n"])
def test_an_editor_gives_back_what_it_got(data: bytes) -> None:
    text = editable(data)
    assert text is not None
    assert edited(text.replace("\r\n", "\n").replace("\n", "\r\n"), data) == data


@pytest.fixture
def call(house: House) -> Callable[..., httpx.Response]:
    """POST to an item as a system that is an engineer."""
    engine = house.system("engine", Role.ENGINEER)

    def call(number: int, what: str, **more: object) -> httpx.Response:
        return engine.post(f"{API}/{number}/{what}", **more)  # type: ignore[arg-type]

    return call


def test_a_correction_over_rest(house: House, call: Callable[..., httpx.Response]) -> None:
    number = held(house, wrong())
    refused = call(number, "correct", content=wrong("b"))
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    [violation] = [v for v in refused.json()["violations"] if "EndDeviceEventTyp" in v["rule"]]
    assert (violation["code"], violation["line"]) == ("1.8", 3)
    assert violation["column"]
    taken = call(number, "correct?remark=typo", content=right())
    assert taken.json() == {"item": number, "state": "corrected", "messages": [1]}
    again = call(number, "correct", content=right())
    assert again.status_code == 409
    assert again.json()["detail"] == (
        f"Item {number} is not open any more: corrected by engine, message 1."
    )
    erp = house.system("erp", Role.ENGINEER)
    first, second = erp.get(f"{API}/{number}/attempts").json()
    assert (first["messages"], second["messages"], second["remark"]) == ([], [1], "typo")
    assert erp.get(f"{API}/{number}").json()["state"] == "corrected"
    [origin] = erp.get("/api/v1/messages/1").json()["quarantine"]
    assert (origin["item"], origin["action"], origin["actor"]) == (number, "correct", "engine")
    assert erp.get(f"{API}/{number}/received").content == wrong()
    assert last(house).action == "quarantine.view"


def test_resent_and_rejected_over_rest(house: House, call: Callable[..., httpx.Response]) -> None:
    number = held(house, wrong())
    assert call(number, "resend").status_code == 422
    assert call(number, "reject", json={"reason": "no"}).status_code == 422
    done = call(number, "reject", json={"reason": "test data"})
    assert done.json() == {"item": number, "state": "rejected", "messages": []}
    assert last(house).detail == '{"reason":"test data"}'
    assert call(number, "reject", json={"reason": "test data"}).status_code == 409
    assert call(9, "resend").status_code == 404


def test_rest_takes_the_right_too(house: House) -> None:
    number = held(house, wrong())
    viewer = house.system("viewer", Role.VIEWER)
    for what in ("correct", "resend", "reject"):
        refused = viewer.post(f"{API}/{number}/{what}", content=right())
        assert refused.status_code == 403
        assert '"quarantine"' in refused.json()["detail"]
    assert viewer.get(f"{API}/{number}/received").status_code == 403
    assert viewer.get(f"{API}/{number}/attempts").json() == []
    assert house.client().post(f"{API}/{number}/correct", content=right()).status_code == 401


def test_a_system_bound_to_nouns_mends_only_its_own(house: House) -> None:
    ami = house.system("ami", Role.ENGINEER, nouns=("EndDeviceEvents",))
    other, own = held(house, wrong("a"), "scada"), held(house, wrong("b"), "ami")
    for path in ("correct", "resend"):
        assert ami.post(f"{API}/{other}/{path}", content=right()).status_code == 404
    for path in ("attempts", "received"):
        assert ami.get(f"{API}/{other}/{path}").status_code == 404
    assert ami.post(f"{API}/{own}/correct", content=right("b")).json()["messages"] == [1]


def test_it_works_on_both_databases(database_url: str, say: Say) -> None:
    with House.open(database_url) as house:
        eve = house.person("eve", Role.ENGINEER)
        house.accept(say(Verb.CREATED, outage()))
        number = held(house, wrong())
        eve.post(f"/quarantine/{number}/correct", {"content": wrong().decode()}, 422)
        eve.post(f"/quarantine/{number}/correct", {"content": right().decode()})
        assert "message 2" in eve.get(f"/quarantine/{number}")
        assert "corrected by eve" in eve.get("/messages/2")
