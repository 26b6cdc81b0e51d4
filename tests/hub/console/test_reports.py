"""What apps have come to, on its page and over REST."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from hub.console.kept import Kept, question
from hub.console.masking import HIDDEN
from hub.console.reports import PAGE
from hub.report import Report
from hub.security import audit
from hub.security.roles import Role
from hub.workbook import XLSX
from tests.hub.console.house import House, street
from tests.hub.console.test_api import refusal
from tests.telling import PNG, TellingApp, asked_for, loads

LOADING = "/api/v1/apps/telling/reports/loading"
CUSTOMERS = "/api/v1/apps/telling/reports/customers"


@pytest.fixture
def told(house: House) -> House:
    """A hub with an app that has something to tell."""
    network = street()
    house.view = replace(house.view, apps={"telling": TellingApp()}, network=lambda: network)
    house.journal.create_tables(TellingApp().tables)
    with house.view.writing() as connection:
        for place, amps in (("p-a", 20.5), ("p-b", 3.25), ("p-c", None), ("p-d", float("inf"))):
            connection.execute(sa.insert(loads).values(place=place, amps=amps))
    return house


@pytest.fixture
def erp(told: House) -> httpx.Client:
    return told.system("erp", Role.VIEWER)


def test_the_reports_are_listed_with_their_parameters(erp: httpx.Client) -> None:
    [app] = erp.get("/api/v1/apps").json()
    assert app["app"] == "telling"
    loading, customers, _ = app["reports"]
    assert (loading["name"], loading["says"]) == ("loading", "How much each place carries.")
    assert loading["parameters"][1]["choices"] == ["A", "B", "C"]
    assert customers["parameters"][0]["needed"]


def test_a_report_is_a_table_and_a_drawing(erp: httpx.Client) -> None:
    answer = erp.get(LOADING, params={"above": "3"}).json()
    assert answer["title"] == "Loading of 1 breakers"
    assert answer["columns"][1] == {"name": "current", "unit": "A", "personal": False}
    assert [row[:2] for row in answer["rows"]] == [
        ["p-a", 20.5],
        ["p-b", 3.25],
        ["p-c", None],
        ["p-d", None],  # JSON knows no infinity
    ]
    assert answer["remarks"] == ["Place p-x was left out: it has no rating."]
    assert answer["drawing"]["svg"] == f"{LOADING}?above=3&format=svg"
    drawn = erp.get(answer["drawing"]["svg"])
    assert (drawn.headers["content-type"], drawn.content[:4]) == ("image/svg+xml", b"<svg")
    assert drawn.headers["content-disposition"] == 'attachment; filename="loading.svg"'


@pytest.mark.parametrize(
    ("format", "accept", "media", "start"),
    [
        (
            "csv",
            "",
            "text/csv; charset=utf-8",
            b"place,current (A),at\r\np-a,20.5,2026-07-14T15:00:00+00:00\r\n",
        ),
        ("", "text/csv", "text/csv; charset=utf-8", b"place,"),
        ("xlsx", "", XLSX, b"PK"),
        ("png", "", "image/png", PNG),
        ("", "image/png, */*;q=0.1", "image/png", PNG),
        ("json", "image/png", "application/json", b"{"),
    ],
)
def test_it_comes_in_several_forms(
    erp: httpx.Client, format: str, accept: str, media: str, start: bytes
) -> None:
    answer = erp.get(LOADING, params={"format": format}, headers={"Accept": accept})
    assert answer.headers["content-type"] == media
    assert answer.content.startswith(start)


@pytest.mark.parametrize(
    ("path", "status", "sentence", "parameter"),
    [
        (f"{LOADING}?above=x", 422, "above: a number was expected, not 'x'.", "above"),
        (f"{LOADING}?phase=N", 422, "phase: one of A, B, C was expected, not 'N'.", "phase"),
        (
            f"{LOADING}?below=3",
            422,
            "below: there is no such parameter; there are above, phase.",
            "below",
        ),
        (f"{LOADING}?above=1&above=2", 422, "above: it is given twice.", "above"),
        (f"{CUSTOMERS}?place=", 422, "place: it must be given.", "place"),
        (
            f"{LOADING}?format=pdf",
            422,
            "format: one of json, csv, xlsx, svg, png was expected, not pdf.",
            "format",
        ),
        (
            "/api/v1/apps/telling/reports/x",
            404,
            "telling has no report 'x'; it has loading, customers, slow.",
            None,
        ),
        (
            "/api/v1/apps/x/reports/x",
            404,
            "There is no app 'x' with reports; those with reports are telling.",
            None,
        ),
        (
            f"{CUSTOMERS}?place=p&format=svg",
            406,
            "This report has no drawing: ask for json, csv or xlsx.",
            None,
        ),
    ],
)
def test_a_wrong_question_is_told_which_parameter_breaks_which_rule(
    erp: httpx.Client, path: str, status: int, sentence: str, parameter: str | None
) -> None:
    answer = erp.get(path)
    assert refusal(answer, status) == sentence
    assert answer.json().get("parameter") == parameter
    if parameter:
        assert f"{parameter}: {answer.json()['rule']}." == sentence


def test_who_may_not_look_gets_nothing(told: House) -> None:
    assert told.client().get(LOADING).status_code == 401
    assert told.system("sue", Role.SECAUD).get(LOADING).status_code == 403
    ami = told.system("ami", Role.VIEWER, nouns=("MeterReadings",))
    assert refusal(ami.get(f"{CUSTOMERS}?place=p-a"), 403) == "You are not bound to CustomerConfig."
    [app] = ami.get("/api/v1/apps").json()
    assert [one["name"] for one in app["reports"]] == ["loading", "slow"]


def test_customer_data_is_hidden_or_audited(told: House) -> None:
    viewer = told.system("erp", Role.VIEWER)
    assert viewer.get(f"{CUSTOMERS}?place=p-a").json()["rows"] == [["p-a", HIDDEN]]
    assert HIDDEN in viewer.get(f"{CUSTOMERS}?place=p-a&format=csv").text
    eve = told.person("eve", Role.OPERATOR)
    assert "Ann" in eve.get("/analysis/telling/customers?place=p-a")
    with told.journal.reading() as connection:
        [seen] = [row for row in audit.newest(connection, 20) if row.action == "personal.view"]
    assert (seen.actor, seen.subject) == ("eve", "report telling/customers")


def test_the_page_lists_and_shows_them(told: House) -> None:
    eve = told.person("eve", Role.VIEWER)
    page = eve.get("/analysis")
    assert 'href="/analysis/telling/loading"' in page
    page = eve.get("/analysis/telling/loading?above=3")
    assert "<h1>Loading of 1 breakers</h1>" in page
    assert 'src="/api/v1/apps/telling/reports/loading?above=3&amp;format=svg"' in page
    assert page.index("p-a") < page.index("p-b")
    assert 'value="3"' in page
    again = eve.get("/analysis/telling/loading?above=3&sort=current+(A)")
    assert again.index(">3.25<") < again.index(">20.5<") < again.index(">–<")
    assert 'aria-sort="ascending"><a href="?above=3&amp;sort=-current+%28A%29&amp;page=1"' in again
    turned = eve.get("/analysis/telling/loading?sort=-current+(A)")
    assert turned.index(">20.5<") < turned.index(">3.25<") < turned.index(">–<")


def test_a_wrong_question_is_told_beside_its_form(told: House) -> None:
    eve = told.person("eve", Role.VIEWER)
    answer = eve.client.get("/analysis/telling/loading?above=x")
    assert answer.status_code == 422
    assert "above: a number was expected" in answer.text
    assert 'name="above" value="x"' in answer.text
    unasked = eve.get("/analysis/telling/customers")
    assert "alert" not in unasked
    assert "<table>" not in unasked
    assert eve.client.get("/analysis/telling/x").status_code == 404


def test_many_remarks_do_not_hide_what_was_asked_for(
    told: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = TellingApp.report

    def remarking(self: TellingApp, *asked: Any) -> Report:
        every = tuple(f"Place r-{number} was left out." for number in range(5))
        return replace(report(self, *asked), remarks=every)

    monkeypatch.setattr(TellingApp, "report", remarking)
    page = told.person("eve", Role.VIEWER).get("/analysis/telling/loading")
    shown, folded = page.split("<summary>2 more remarks</summary>")
    assert "Place r-2 was left out." in shown
    assert "Place r-3 was left out." in folded


def test_long_tables_have_pages(told: House) -> None:
    with told.view.writing() as connection:
        for number in range(PAGE):
            connection.execute(sa.insert(loads).values(place=f"q-{number:03}", amps=1.0))
    eve = told.person("eve", Role.VIEWER)
    first = eve.get("/analysis/telling/loading")
    assert "104 rows, page 1 of 2." in first
    assert "q-099" not in first
    second = eve.get("/analysis/telling/loading?page=2&sort=place")
    assert "q-099" in second
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


def test_a_hub_without_such_apps_says_so(house: House) -> None:
    assert "No app that runs here has reports." in house.person("eve", Role.VIEWER).get("/analysis")
    assert house.system("erp", Role.VIEWER).get("/api/v1/apps").json() == []


def test_what_takes_long_is_asked_once(told: House) -> None:
    asked_for.clear()
    eve = told.person("eve", Role.VIEWER)
    page = eve.get("/analysis/telling/slow")
    assert "It takes a while" in page
    assert (asked_for, "<table>" in page) == ([], False)
    now = [0.0]
    told.consoles[-1].state.site.kept = Kept(lambda: now[0])
    for path in ("?page=1", "?page=2", "?page=1&sort=-at"):
        assert "200 rows" in eve.get(f"/analysis/telling/slow{path}")
        now[0] += 50
    assert len(asked_for) == 1
    eve.get("/analysis/telling/slow?page=2")
    assert len(asked_for) == 2


def test_an_answer_is_kept_for_a_while_and_not_for_ever() -> None:
    now = [0.0]
    kept = Kept(lambda: now[0])
    asked = question("telling", "slow", {"a": "1", "b": "2"})
    kept.put(asked, Report(title="first"))
    same = kept.get(question("telling", "slow", {"b": "2", "a": "1"}))
    assert same is not None
    assert same.title == "first"
    assert kept.get(question("telling", "slow", {"a": "1"})) is None
    now[0] = 121.0
    assert kept.get(asked) is None
    for number in range(9):
        kept.put(question("telling", "slow", {"a": str(number)}), Report(title=""))
    assert kept.get(question("telling", "slow", {"a": "0"})) is None
    assert kept.get(question("telling", "slow", {"a": "1"})) is not None
