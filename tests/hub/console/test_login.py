"""Who gets in, and what keeps others out."""

from __future__ import annotations

import httpx
import pytest

from hub.console import ConsoleView, create
from hub.console.identity import local_path
from hub.security import audit, people
from hub.security.people import TRIES
from hub.security.roles import Role
from tests.hub.console.house import House, InProcess

ORIGIN = {"Origin": "http://testserver"}
NEW = "another horse battery"


def test_nobody_sees_a_page_without_logging_in(house: House) -> None:
    client = house.client()
    for path in ("/", "/messages", "/messages/1", "/quarantine/1/received", "/audit", "/live"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=")
    refreshing = client.get("/live", headers={"HX-Request": "true"})
    assert refreshing.status_code == 401


def test_the_login_leads_back_to_where_one_wanted(house: House) -> None:
    house.person("ann", Role.VIEWER)
    client = house.client()
    wanted = client.get("/messages?noun=EndDeviceEvents").headers["location"]
    assert wanted == "/login?next=/messages%3Fnoun%3DEndDeviceEvents"
    data = {"name": "ann", "password": "correct horse battery", "next": "/messages?noun=X"}
    answer = client.post("/login", data=data, headers=ORIGIN)
    assert answer.headers["location"] == "/messages?noun=X"


@pytest.mark.parametrize(
    "path",
    ["//evil.test", "/\\evil.test", "https://evil.test/", "javascript:alert(1)", "x", "/a\nb", ""],
)
def test_the_login_never_leads_elsewhere(path: str) -> None:
    assert local_path(path) == "/"


def test_the_first_password_must_be_changed(house: House) -> None:
    with house.view.writing() as connection:
        once = people.first_start(connection, house.roles, house.clock())
    client = house.client()
    answer = client.post("/login", data={"name": "admin", "password": once}, headers=ORIGIN)
    assert answer.headers["location"] == "/password"
    assert client.get("/").headers["location"] == "/password"
    assert client.get("/api/v1/status").status_code == 403
    csrf = client.get("/password").text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, "old": once, "new": NEW, "again": NEW + "x"}
    assert client.post("/password", data=form, headers=ORIGIN).status_code == 422
    before = client.cookies["gridbus"]
    answer = client.post("/password", data={**form, "again": NEW}, headers=ORIGIN)
    assert answer.headers["location"] == "/"
    assert client.cookies["gridbus"] != before
    assert client.get("/").status_code == 200


def test_wrong_and_unknown_look_alike(house: House) -> None:
    house.person("ann", Role.VIEWER)
    client = house.client()
    answers = [
        client.post("/login", data={"name": name, "password": "wrong"}, headers=ORIGIN)
        for name in ("ann", "bob")
    ]
    assert {a.status_code for a in answers} == {403}
    assert answers[0].text == answers[1].text


def test_a_locked_account_stays_shut(house: House) -> None:
    house.person("ann", Role.VIEWER)
    client = house.client()
    for _ in range(TRIES):
        client.post("/login", data={"name": "ann", "password": "wrong"}, headers=ORIGIN)
    right = {"name": "ann", "password": "correct horse battery"}
    assert client.post("/login", data=right, headers=ORIGIN).status_code == 403
    house.clock.move(minutes=16)
    assert client.post("/login", data=right, headers=ORIGIN).status_code == 303


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.test"}, {"Origin": "null"}])
def test_forms_of_other_sites_are_refused(house: House, headers: dict[str, str]) -> None:
    ann = house.person("ann", Role.VIEWER)
    data = {"csrf": ann.csrf, "name": "ann", "password": "correct horse battery"}
    for path in ("/login", "/logout"):
        answer = ann.client.post(path, data=data, headers=headers)
        assert answer.status_code == 403
        assert "not sent from the console itself" in answer.text


def test_a_form_without_the_sessions_token_is_refused(house: House) -> None:
    ann = house.person("ann", Role.VIEWER)
    bob = house.person("bob", Role.VIEWER)
    for csrf in ("", "x", bob.csrf):
        answer = ann.client.post("/logout", data={"csrf": csrf}, headers=ORIGIN)
        assert answer.status_code == 403
        assert "no longer valid" in answer.text
    ann.get("/")


def test_logging_out_ends_the_session(house: House) -> None:
    ann = house.person("ann", Role.VIEWER)
    token = ann.client.cookies["gridbus"]
    assert ann.post("/logout", {}) == "/login"
    ann.client.cookies.set("gridbus", token)
    assert ann.client.get("/").status_code == 303


def test_an_idle_session_ends_and_a_refreshing_page_does_not_keep_it(house: House) -> None:
    ann = house.person("ann", Role.VIEWER)
    house.clock.move(minutes=20)
    ann.get("/live", headers={"HX-Request": "true"})
    house.clock.move(minutes=20)
    assert ann.client.get("/").status_code == 303


def test_a_used_session_goes_on(house: House) -> None:
    ann = house.person("ann", Role.VIEWER)
    for _ in range(4):
        house.clock.move(minutes=20)
        ann.get("/")


def test_over_https_the_cookie_is_bound_to_the_host(house: House) -> None:
    house.person("ann", Role.VIEWER)
    view = ConsoleView(
        journal=house.journal,
        roles=house.roles,
        network=house.view.network,
        clock=house.clock,
        secure=True,
        origin="https://hub.test",
    )
    transport = InProcess(create(view))
    with httpx.Client(transport=transport, base_url="https://hub.test") as client:
        answer = client.post(
            "/login",
            data={"name": "ann", "password": "correct horse battery"},
            headers={"Origin": "https://hub.test"},
        )
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-gridbus=")
        for part in ("HttpOnly", "Path=/", "SameSite=strict", "Secure"):
            assert part in cookie
        assert "Domain" not in cookie
        assert answer.headers["strict-transport-security"]


def test_on_loopback_the_cookie_is_plain_but_closed(house: House) -> None:
    house.person("ann", Role.VIEWER)
    data = {"name": "ann", "password": "correct horse battery"}
    cookie = house.client().post("/login", data=data, headers=ORIGIN).headers["set-cookie"]
    assert cookie.startswith("gridbus=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_what_roles_do_not_include_is_refused_and_audited(house: House) -> None:
    ann = house.person("ann", Role.VIEWER)
    answer = ann.client.get("/audit")
    assert answer.status_code == 403
    assert "do not include the right &#34;audit&#34;" in answer.text
    with house.view.journal.reading() as connection:
        entry = audit.newest(connection, 1)[0]
    assert (entry.actor, entry.action, entry.outcome) == ("ann", "GET /audit", "refused")


def test_every_answer_carries_the_headers(house: House) -> None:
    client = house.client()
    for path in ("/login", "/", "/nothing", "/static/console.css", "/api/v1/status"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        kept = "max-age" if path.startswith("/static") else "no-store"
        assert kept in headers["cache-control"]
