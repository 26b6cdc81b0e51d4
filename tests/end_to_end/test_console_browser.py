"""The console in a real browser; `GRIDBUS_SCREENSHOTS=<folder>` keeps a picture of every page."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cim.message import Message, Verb
from hub import model_file
from hub.security import people
from hub.security.roles import Role
from tests.chromium import Chromium
from tests.hub.console.house import OUTAGE, START, House, counting
from tests.hub.console.test_alarms import violation
from tests.hub.history.story import drawing, grounded, named, switched, tagged
from tests.telling import TellingApp, loads

STRICT_CSP_VIOLATION = "<p onclick='x()' style='color: red'>x</p>"
PASSWORD = "correct horse battery"


def log_in(browser: Chromium, name: str, password: str) -> None:
    browser.open("/")
    browser.write("#name", name)
    browser.write("#password", password)
    browser.click("main button")
    browser.find("#live")


def test_the_first_person_logs_in_looks_around_and_replays(house: House, browser: Chromium) -> None:
    with house.view.writing() as connection:
        once = people.first_start(connection, house.roles, house.clock())
    assert once
    browser.open("/messages?noun=UnplannedOutages")
    browser.picture("login")
    browser.write("#name", "admin")
    browser.write("#password", once)
    browser.click("main button")
    browser.sees("h1", "Choose a password")
    browser.picture("password")
    for field, value in {"#old": once, "#new": PASSWORD, "#again": PASSWORD}.items():
        browser.write(field, value)
    browser.click("main button")
    browser.sees("h1", "Overview")
    assert "Active outages\n2\n14 customers" in browser.text(".figures")
    browser.picture("overview")

    browser.click("nav a[href='/messages']")
    browser.sees("h1", "Messages")
    browser.press("/")
    assert browser.run("return document.activeElement.id") == "mrid"
    browser.write("#mrid", OUTAGE)
    browser.click("form.filter button")
    browser.find(f"#mrid[value='{OUTAGE}']")
    assert browser.path().startswith(f"/messages?mrid={OUTAGE}")
    assert "2 messages, of all time" in browser.text("[role=status]")
    browser.picture("messages")

    browser.click("tbody tr:last-child th a")
    browser.sees("section", "EventMessage")
    browser.picture("message-validated")
    for tab, seen in {
        "received": "Download the bytes",
        "transformed": "rdf:RDF",
        "delivered": "ConnectionError",
    }.items():
        browser.click(f"nav.tabs a[href$='{tab}']")
        browser.sees("section", seen)
        browser.picture(f"message-{tab}")

    browser.click("nav a[href='/dead-letters']")
    browser.sees("h2", "2 failed alike")
    browser.picture("dead-letters")
    browser.click("form.inline button")
    assert browser.path() == "/dead-letters"  # the browser asks for the reason
    browser.write("#reason-1", "the ERP is back")
    browser.click("form.inline button")
    browser.sees("p", "2 handed over again")
    browser.picture("replayed")


def test_every_page_can_be_reached_and_looked_at(house: House, browser: Chromium) -> None:
    house.person("ann", Role.ENGINEER, Role.SECAUD)
    log_in(browser, "ann", PASSWORD)
    for link, heading in {
        "/outages": "Outages",
        "/quarantine": "Quarantine",
        "/network": "Network as operated",
        "/contracts": "Contracts",
        "/audit": "Audit",
    }.items():
        browser.click(f"nav a[href='{link}']")
        browser.sees("h1", heading)
        browser.picture(heading.split()[0].lower())
    browser.click("nav a[href='/outages']")
    browser.sees("h1", "Outages")
    browser.click("tbody a")
    browser.sees("h2", "Messages about it")
    browser.picture("outage")
    browser.open("/quarantine/1")
    assert "<Verb>CREATED</Verb>" in browser.text("pre .at")
    browser.picture("quarantined")
    browser.open("/network?q=meter-1")
    assert "Fed through\nfuse-7 name ← CB1 name" in browser.text("[role=status] dl")
    browser.picture("network-found")
    browser.open("/contracts")
    browser.click("tbody a[href='/contracts/EndDeviceEvents']")
    browser.sees("h1", "EndDeviceEvents")
    assert "mRID" in browser.text("[id='EndDeviceEvents.EndDeviceEvent'] tbody")
    browser.picture("contract")
    browser.open("/audit?anchor=")
    assert browser.text("[role=status]") == "The chain is whole."
    browser.click(".who button")
    browser.sees("h1", "Log in to Gridbus")


def bring(house: House, *opened: str) -> None:
    """Versions of one model, a minute apart, in each another switch open."""
    for switch in opened:
        document = drawing(opened=switch).document()
        house.view.bring("gis", model_file.read("feeder.xml", document), False)
        house.follow()
        house.clock.move(minutes=1)


def test_versions_are_compared_and_asked(house: House, browser: Chromium) -> None:
    bring(house, "", "y")
    house.person("ann", Role.VIEWER)
    log_in(browser, "ann", PASSWORD)
    browser.click("nav a[href='/models']")
    browser.sees("h1", "Network models")
    browser.picture("models")
    browser.click("main form button")
    browser.sees("h2", "1 value changed")
    assert "Switch.open" in browser.text("tbody tr")
    browser.picture("model-difference")
    browser.click("main p[role=status] a")
    browser.sees("h2", "Versions of this model")
    browser.picture("model")
    browser.click("main a[href^='/models/query']")
    browser.sees("h1", "SPARQL over a model")
    browser.press("/")
    assert browser.run("return document.activeElement.id") == "q"
    browser.click("main form button")
    browser.sees("h2", "rows")
    assert "Breaker" in browser.text("section[role=status] table")
    browser.picture("model-query")
    for path in ("/models", "/models/query"):
        browser.emulate(420, "light")
        browser.open(path)
        fits = "return document.documentElement.scrollWidth <= window.innerWidth"
        assert browser.run(fits), path
    browser.emulate(1280, "light")


def test_the_network_is_traced_now_and_then(house: House, browser: Chromium) -> None:
    bring(house, "")
    for message in (switched("open", "x"), tagged("x"), grounded("c")):
        house.accept(named(message))
        house.clock.move(minutes=1)
    house.follow()
    house.person("ann", Role.VIEWER)
    log_in(browser, "ann", PASSWORD)
    browser.open("/network")
    browser.write("#q", "c")
    browser.click("main form button")
    browser.sees("caption", "By phase")
    assert "A without supply earthed" in " ".join(browser.text("table").split())
    browser.click("a[href$='show=up']")
    browser.sees("h2", "Fed through")
    browser.picture("network-traced")
    assert "Breaker x name" in " ".join(browser.text("#traced table").split())
    # A date and time field takes keys by place; its value is set as a script would.
    browser.run("document.querySelector('#moment').value = '2026-03-01T12:07:30'")
    browser.click("main form button")
    browser.sees("p", "This is the past")
    assert "A energised" in " ".join(browser.text("table").split())
    browser.picture("network-past")
    browser.click("main p.notice a[href^='/network/compare']")
    browser.sees("li", "Breaker x name: closed on A B C, then open.")
    browser.picture("network-compared")
    browser.emulate(420, "dark")
    for path in ("/network?q=c&show=up", "/network/compare?one=2026-03-01T12:07:30"):
        browser.open(path)
        fits = "return document.documentElement.scrollWidth <= window.innerWidth"
        assert browser.run(fits), path
    browser.picture("network-narrow")
    browser.emulate(1280, "light")


PIXEL = """
const image = document.querySelector("img"), canvas = document.createElement("canvas");
const pen = canvas.getContext("2d");
pen.drawImage(image, 0, 0);
return [image.complete, image.naturalWidth, ...pen.getImageData(4, 20, 1, 1).data];
"""


def test_a_report_is_asked_for_and_looked_at(house: House, browser: Chromium) -> None:
    house.journal.create_tables(TellingApp().tables)
    with house.view.writing() as connection:
        for number in range(9):
            connection.execute(sa.insert(loads).values(place=f"p-{number}", amps=number * 1.5))
    house.person("ann", Role.VIEWER)
    log_in(browser, "ann", PASSWORD)
    browser.click("nav a[href='/analysis']")
    browser.sees("h1", "Analysis")
    browser.click("main dl a")
    browser.sees("h1", "Loading of 1 breakers")
    # Inside a picture the styles of its own hold, whatever the policy of the page.
    assert browser.run(PIXEL) == [True, 90, 0, 114, 178, 255]
    browser.write("#for-above", "9")
    browser.click("main form button")
    browser.sees("p", "2 rows.")
    browser.click("thead th:nth-child(2) a")
    browser.click("th[aria-sort=ascending] a")
    assert browser.text("tbody tr").startswith("p-8 12")
    browser.picture("report")
    browser.emulate(420, "dark")
    browser.open("/analysis/telling/loading")
    assert browser.run("return document.documentElement.scrollWidth <= window.innerWidth")
    browser.picture("report-narrow")
    browser.emulate(1280, "light")


def alone(message: Message) -> Message:
    """The same under an id that no other message of the house has."""
    return replace(message, header=replace(message.header, message_id=str(uuid4())))


def test_alarms_are_seen_where_they_are_looked_for(house: House, browser: Chromium) -> None:
    say = counting()
    house.accept(
        *(alone(say(Verb.CREATED, violation(f"v-{n}", f"line-{n}"))) for n in range(3)),
        alone(say(Verb.CREATED, violation("v-9", "line", minutes=90))),
        alone(say(Verb.CLOSED, violation("v-0", "line-0", value=80, cleared=START))),
    )
    house.person("ann", Role.VIEWER)
    log_in(browser, "ann", PASSWORD)
    browser.sees("h2", "Limits violated")
    browser.picture("overview-alarms")
    browser.click("nav a[href='/alarms']")
    browser.sees("h2", "Limits violated now: 3")
    browser.picture("alarms")
    browser.click("a[href='/alarms/v-9']")
    browser.sees("dd", "97 min")
    browser.picture("alarm")
    browser.open("/network?q=line")
    assert "130.5 kA" in browser.text("#alarms table")
    browser.picture("network-alarms")
    for width, scheme in ((420, "dark"), (1280, "light")):
        browser.emulate(width, scheme)
        for path in ("/", "/alarms", "/alarms/v-9", "/network?q=line"):
            browser.open(path)
            fits = "return document.documentElement.scrollWidth <= window.innerWidth"
            assert browser.run(fits), path


def test_the_overview_refreshes_itself(house: House, browser: Chromium) -> None:
    house.person("ann", Role.VIEWER)
    log_in(browser, "ann", PASSWORD)
    assert "12:07:00" in browser.text("#live .heading")
    house.clock.move(minutes=1)
    browser.wait_for("htmx:afterSettle")
    assert "12:08:00" in browser.text("#live .heading")


def test_the_policy_keeps_markup_from_doing_anything(house: House, browser: Chromium) -> None:
    """So that the empty complaints of the other tests mean something."""
    house.person("ann", Role.VIEWER)
    log_in(browser, "ann", PASSWORD)
    browser.run(f'document.querySelector("main").innerHTML = "{STRICT_CSP_VIOLATION}"')
    browser.click("main p")
    complaints = browser.complaints()
    assert complaints
    assert all("Content Security Policy" in c for c in complaints)


@pytest.mark.parametrize(("width", "scheme"), [(420, "light"), (1280, "dark")])
def test_it_fits_a_small_window_and_a_dark_room(
    house: House, browser: Chromium, width: int, scheme: str
) -> None:
    house.person("ann", Role.ENGINEER)
    log_in(browser, "ann", PASSWORD)
    browser.emulate(width, scheme)
    for path in ("/", "/messages", "/messages/1", "/dead-letters", "/outages"):
        browser.open(path)
        fits = "return document.documentElement.scrollWidth <= window.innerWidth"
        assert browser.run(fits), path
        browser.picture(f"{scheme}-{width}{path.replace('/', '-')}")
