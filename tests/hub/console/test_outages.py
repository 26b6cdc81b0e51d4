"""The dispatcher's list: what is out, the most urgent first, whom to send, when it is back."""

from __future__ import annotations

import re
from datetime import timedelta

from cim.message import Verb
from cim.profiles.identification import Name
from cim.profiles.operations_staff import Crew
from cim.profiles.unplanned_outages import (
    CrewStatusKind,
    ERTConfidenceKind,
    EstimatedRestorationTime,
    OutageStatusKind,
)
from hub.security.roles import Role
from tests.hub.console.house import OUTAGE, START, House, Say, outage
from tests.hub.console.telling import OTHERS, devices, news, planned, told, words
from tests.hub.console.test_api import API


def test_the_most_urgent_is_first(built: House, say: Say) -> None:
    built.accept(
        say(Verb.CREATED, told("small", device="s", customers=2)),
        say(Verb.CREATED, told("older", device="o", customers=2, minutes=30)),
        say(Verb.CREATED, told("large", device="l", customers=40)),
        say(Verb.CREATED, told("hospital", device="h", customers=4, critical=1)),
        say(Verb.CREATED, told("danger", device="d", customers=1, hazards=["wire down"])),
        say(Verb.CREATED, told("over", device="x", customers=900)),
        say(Verb.CLOSED, news("over")),
    )
    page = built.person("eve", Role.VIEWER).get("/outages")
    assert devices(page) == [f"{d} name" for d in "dhlos"]
    assert '<span class="state hazard">wire down</span>' in page
    figures = words(page.split('<dl class="figures">')[1].split("</dl>")[0])
    assert "Open outages 5 Customers without supply 49 Critical among them 1" in figures
    assert "With danger 1 Nobody sent 5 Overdue 0" in figures


def test_a_line_says_who_is_sent_and_when_supply_is_back(built: House, say: Say) -> None:
    expected = EstimatedRestorationTime(
        ert=START + timedelta(minutes=5),
        ert_source="crew",
        confidence_kind=ERTConfidenceKind.HIGH,
    )
    built.accept(
        say(Verb.CREATED, told(OUTAGE)),
        say(
            Verb.CHANGED,
            news(
                OUTAGE,
                crew=(Crew(mrid="c-1", names=(Name(name="Line crew 4"),)),),
                status_kind=CrewStatusKind.ENROUTE,
                estimated_restoration_time=expected,
                customers_restored=2,
            ),
        ),
    )
    eve = built.person("eve", Role.VIEWER)
    line = words(eve.get("/outages").split('<table class="outages">')[1].split("</table>")[0])
    for seen in (
        "fuse-7 name predicted 3 2 back 0 17 11:50 10 min Line crew 4 enroute",
        "12:05 crew, confidence high CB1 name map",
        f"Why {OUTAGE} is believed in.",
    ):
        assert seen in line, line
    built.clock.move(minutes=6)
    assert "12:05 overdue" in words(eve.get("/outages"))
    assert 'href="/analysis/calls/map?under=fuse-7"' in eve.get(f"/outages/{OUTAGE}")
    erp = built.system("erp", Role.VIEWER)
    rest = erp.get(f"{API}/outages/{OUTAGE}").json()
    assert (rest["crew"], rest["crews"], rest["expected_by"]) == (
        "enroute",
        ["Line crew 4"],
        "crew",
    )
    assert [step["crew"] for step in rest["steps"]] == ["", "enroute"]


def test_a_time_that_is_taken_back_is_no_longer_shown(built: House, say: Say) -> None:
    """Who tells all of an outage, and no time, takes it back; who tells what is new does not."""
    expected = EstimatedRestorationTime(ert=START + timedelta(minutes=5), ert_source="zone")
    built.accept(
        say(Verb.CREATED, told(OUTAGE, estimated_restoration_time=expected)),
        say(Verb.CHANGED, news(OUTAGE, status_kind=CrewStatusKind.ENROUTE)),
    )
    eve = built.person("eve", Role.VIEWER)
    assert "12:05 zone" in words(eve.get("/outages"))
    built.accept(say(Verb.CHANGED, told(OUTAGE)))
    assert "12:05" not in words(eve.get("/outages"))
    rest = built.system("erp", Role.VIEWER).get(f"{API}/outages/{OUTAGE}").json()
    assert (rest["expected"], rest["expected_by"]) == (None, "")


def test_queues_of_apps_are_at_hand(built: House) -> None:
    page = built.person("eve", Role.VIEWER).get("/outages")
    links = re.findall(r'<a href="/analysis/calls/([^"]+)" title="([^"]+)"', page)
    assert links == [("queue", "What waits.")]


def test_they_are_chosen_by_feeder_and_state(built: House, say: Say) -> None:
    built.accept(
        say(Verb.CREATED, told("one", device="fuse-7")),
        say(Verb.CREATED, told("two", device="line", kind=OutageStatusKind.CONFIRMED)),
        say(Verb.CREATED, told("three", device="elsewhere", customers=0)),
    )
    eve = built.person("eve", Role.VIEWER)
    page = eve.get("/outages")
    feeder = re.search(r'<option value="([^"]*)">CB1', page)
    assert feeder
    assert '<option value="-">none known</option>' in page
    found = eve.get(f"/outages?feeder={feeder[1]}")
    assert devices(found) == ["fuse-7 name", "line name"]
    assert "2 of 3 open outages" in found
    assert f'hx-get="/outages?feeder={feeder[1]}&amp;page=1"' in found
    assert devices(eve.get("/outages?feeder=-")) == ["elsewhere name"]
    assert devices(eve.get("/outages?state=confirmed")) == ["line name"]
    assert "<p>None.</p>" in eve.get("/outages?state=restored")


def test_the_list_refreshes_itself_alone(built: House, say: Say) -> None:
    built.accept(say(Verb.CREATED, told(OUTAGE)))
    eve = built.person("eve", Role.VIEWER)
    part = eve.get("/outages", headers=OTHERS)
    assert devices(part) == ["fuse-7 name"]
    for left in ("<html", "<h1", "<form", "<h2>Over"):
        assert left not in part
    assert part.strip() in eve.get("/outages")


def test_planned_outages_are_beside_them(built: House, say: Say) -> None:
    ends = START - timedelta(minutes=1)
    built.accept(
        say(Verb.CREATED, planned("later", "notified", device="line")),
        say(Verb.CREATED, planned("runs", "active", dark=2, device="fuse-7", ends=ends)),
        say(Verb.CREATED, planned("off", "planned")),
        say(Verb.CANCELED, planned("off", "cancelled")),
    )
    page = built.person("eve", Role.VIEWER).get("/outages")
    seen = words(page.split("<h2>Planned</h2>")[1].split("</section>")[0])
    assert "runs number active fuse-7 name 2 of 3 1 11:00 11:59 overdue CB1 name" in seen
    assert "later number notified line name 3 1 11:00 15:00 CB1 name A pole is renewed." in seen
    assert seen.index("runs") < seen.index("later")
    assert "off number" not in page


def test_without_an_app_that_knows_calls_nobody_counts_them(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()))
    page = house.person("eve", Role.VIEWER).get("/outages")
    assert devices(page) == ["F7"]
    assert "predicted 3 – – 11:50" in words(page)
