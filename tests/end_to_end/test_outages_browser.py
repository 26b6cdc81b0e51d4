"""The dispatcher's pages of outages in a real browser, and what everybody sees."""

from __future__ import annotations

from datetime import timedelta

from cim.message import Message, Verb
from cim.profiles.identification import Name
from cim.profiles.unplanned_outages import (
    Crew,
    CrewStatusKind,
    ERTConfidenceKind,
    EstimatedRestorationTime,
    OutageStatusKind,
)
from hub.security.roles import Role
from tests.chromium import Chromium
from tests.end_to_end.test_console_browser import PASSWORD, alone, log_in
from tests.hub.console.house import START, House, counting
from tests.hub.console.telling import CallsApp, told


def storm() -> list[Message]:
    """Open outages, some with danger, critical customers, a crew, a time that has passed."""
    say = counting()
    crew = Crew(mrid="c-4", names=(Name(name="Line crew 4"),))
    back = EstimatedRestorationTime(
        ert=START + timedelta(hours=2), ert_source="crew", confidence_kind=ERTConfidenceKind.HIGH
    )
    late = EstimatedRestorationTime(ert=START, ert_source="history")
    some = [
        told("o-danger", device="line", customers=4, hazards=["wire down on a car"]),
        told(
            "o-large", device="CB1", customers=812, critical=2, crew=(crew,),
            kind=OutageStatusKind.CONFIRMED, status_kind=CrewStatusKind.ENROUTE,
            estimated_restoration_time=back,
        ),
        told(
            "o-back", customers=41, kind=OutageStatusKind.PARTIALLY_RESTORED,
            customers_restored=9, estimated_restoration_time=late,
        ),
        *(told(f"o-{n}", device=f"F{n}", customers=n % 9 + 1, minutes=n) for n in range(140)),
    ]  # fmt: skip
    return [alone(say(Verb.CREATED, one)) for one in some]


def test_a_dispatcher_sees_what_is_urgent(house: House, browser: Chromium) -> None:
    house.view.apps["calls"] = CallsApp()  # the console looks when asked
    house.accept(*storm())
    house.person("ann", Role.OPERATOR)
    log_in(browser, "ann", PASSWORD)
    browser.click("nav a[href='/outages']")
    browser.sees("h2", "Open, the most urgent first")
    rows = browser.text("table.outages tbody").split("\n")
    assert rows[0].startswith("line name")
    assert "wire down on a car" in browser.text("table.outages tbody tr:first-child")
    second = " ".join(browser.text("table.outages tbody tr:nth-child(2)").split())
    assert "CB1 name" in second
    assert "Line crew 4 enroute 14:00 crew, confidence high" in second
    browser.picture("outages-storm")
    browser.press("/")
    assert browser.run("return document.activeElement.id") == "feeder"
    browser.run("document.querySelector('#outage-o-large').focus()")
    house.clock.move(minutes=1)
    browser.wait_for("htmx:afterSettle")
    assert "12:08:00" in browser.text("#live")
    assert browser.run("return document.activeElement.id") == "outage-o-large"
    browser.press("\ue007")  # Enter
    browser.sees("h1", "CB1 name")
    browser.sees("td", "It is o-large.")
    browser.click("details summary")
    browser.sees("td", "555-1234")
    browser.picture("outage-storm")
    browser.open("/outages?state=confirmed")
    assert "1 of 145 open outages" in browser.text("#live p")
    for width, scheme in ((420, "dark"), (1280, "light")):
        browser.emulate(width, scheme)
        for path in ("/", "/outages", "/outages/o-danger"):
            browser.open(path)
            fits = "return document.documentElement.scrollWidth <= window.innerWidth"
            assert browser.run(fits), path
            browser.picture(f"storm-{width}{path.replace('/', '-')}")


def test_anybody_sees_the_public_summary(house: House, browser: Chromium) -> None:
    house.accept(*storm())
    browser.open("/public")
    browser.sees("h1", "Outages")
    assert "CB1 name" in browser.text("tbody")
    assert "without supply" in browser.text("thead").lower()
    browser.picture("public")
    for width, scheme in ((420, "dark"), (1280, "light")):
        browser.emulate(width, scheme)
        browser.open("/public")
        assert browser.run("return document.documentElement.scrollWidth <= window.innerWidth")
        browser.picture(f"public-{width}")
