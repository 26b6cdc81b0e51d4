"""The dispatcher's pages: what is out, why, who is affected, whom to send, when it is back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from cim.message import Message, Outgoing, Topic, Verb
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.operations_staff import Crew
from cim.profiles.planned_outages import ConductingEquipment as Isolating
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    CrewStatusKind,
    ERTConfidenceKind,
    EstimatedRestorationTime,
    Incident,
    OutageStatusKind,
    ServicePointOutageSummary,
    UnplannedOutage,
    UnplannedOutages,
)
from hub.console import outages
from hub.console.masking import HIDDEN
from hub.interfaces import Asking, Context
from hub.report import Column, Offer, Parameter, Report
from hub.security.roles import Role
from tests.hub.console.house import OUTAGE, START, House, Say, outage, street
from tests.hub.console.test_api import API

HOSTILE = "<script>alert(1)</script>"
TICKETS = "TroubleTickets"
OTHERS = {"HX-Request": "true"}


def told(
    mrid: str,
    *,
    device: str = "fuse-7",
    customers: int = 3,
    critical: int = 0,
    hazards: Sequence[str] = (),
    minutes: int = 10,
    kind: OutageStatusKind = OutageStatusKind.PREDICTED,
    **said: object,
) -> UnplannedOutages:
    """All of one outage, as the application that owns outages tells it."""
    one = UnplannedOutage(
        mrid=mrid,
        comment=f"Why {mrid} is believed in.",
        original_customers_served=customers,
        outage_kind=kind,
        reported_start_time=START - timedelta(minutes=minutes),
        de_energized_usage_point=tuple(UsagePoint(mrid=f"point-{n}") for n in range(customers)),
        outage_isolation_equipment=(
            ConductingEquipment(mrid=device, names=(Name(name=f"{device} name"),)),
        ),
        incident=tuple(Incident(cause=what, names=(Name(name="call 7"),)) for what in hazards),
        status=Status(value="hazard", reason=", ".join(hazards)) if hazards else None,
        summary=ServicePointOutageSummary(critical_count=critical, total_count=customers),
    )
    return UnplannedOutages(unplanned_outage=(replace(one, **said),))  # type: ignore[arg-type]


def news(mrid: str, **said: object) -> UnplannedOutages:
    """What is new of one outage, and nothing else."""
    one = UnplannedOutage(mrid=mrid, original_customers_served=3)
    return UnplannedOutages(unplanned_outage=(replace(one, **said),))  # type: ignore[arg-type]


def planned(
    mrid: str,
    status: str,
    *,
    customers: int = 3,
    dark: int = 0,
    device: str = "line-north",
    ends: datetime | None = None,
) -> PlannedOutages:
    """A planned outage, as its application tells it."""
    one = PlannedOutage(
        mrid=mrid,
        names=(Name(name=f"{mrid} number"),),
        reason="A pole is renewed.",
        meters_affected=dark,
        estimated_period=DateTimeInterval(
            start=START - timedelta(hours=1), end=ends or START + timedelta(hours=3)
        ),
        outage_isolation_equipment=(Isolating(mrid=device, names=(Name(name=f"{device} name"),)),),
        status=Status(value=status, remark="Who is concerned."),
        summary=ServicePointOutageSummary(critical_count=1, total_count=customers),
    )
    return PlannedOutages(planned_outage=(one,))


@dataclass(frozen=True)
class CallsApp:
    """Knows of calls, and who has called."""

    partitions: int = 1
    tables: None = None
    topics: frozenset[Topic] = frozenset()

    def handle(self, _message: Message, _context: Context) -> Iterable[Outgoing]:
        return ()

    @property
    def reports(self) -> Sequence[Offer]:
        of = Parameter("outage", "Which one.", needed=True)
        return (
            Offer("by-outage", "How many have called."),
            Offer("hypotheses", "What it may be.", (of,), frozenset({"UnplannedOutages"})),
            Offer("callers", "Who has called.", (of,), frozenset({"UnplannedOutages", TICKETS})),
            Offer("plan", "Of a planned outage.", (of,), frozenset({"PlannedOutages"})),
            Offer("queue", "What waits.", (), frozenset({TICKETS})),
            Offer("years", "All.", (), frozenset({"UnplannedOutages"}), takes_long=True),
            Offer("map", "Where it is.", (Parameter("under", "What it feeds."),)),
        )

    def report(self, name: str, asked: Mapping[str, str], _given: Asking) -> Report:
        if name == "by-outage":
            columns = Column("outage"), Column("calls")
            return Report(title="Calls", columns=columns, rows=[(OUTAGE, 17)])
        if name == "callers":
            column = Column("telephone", personal=True)
            return Report(title="Callers", columns=(column,), rows=[("555-1234",)])
        row = ("fuse-7", f"It is {asked['outage']}.")
        return Report(title="May be", columns=(Column("device"), Column("why")), rows=[row])


@pytest.fixture
def built(house: House) -> House:
    network = street()
    house.view = replace(house.view, network=lambda: network, apps={"calls": CallsApp()})
    return house


def devices(page: str) -> list[str]:
    """Of the open outages, in order."""
    table = page.split('<table class="outages">')[1].split("</table>")[0]
    return re.findall(r'<a id="outage-[^>]+>([^<]+)</a>', table)


def words(page: str) -> str:
    """The text of a page alone."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


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


def test_a_danger_stays_until_who_tells_all_tells_none(built: House, say: Say) -> None:
    eve = built.person("eve", Role.VIEWER)
    built.accept(
        say(Verb.CREATED, told(OUTAGE, hazards=["wire down", "wire down", "fire"])),
        say(Verb.CHANGED, news(OUTAGE, status_kind=CrewStatusKind.ASSIGNED)),
    )
    page = eve.get("/outages")
    assert page.count("state hazard") == 2
    built.accept(say(Verb.CHANGED, told(OUTAGE)))
    assert "state hazard" not in eve.get("/outages")


def test_queues_of_apps_are_at_hand(built: House) -> None:
    page = built.person("eve", Role.VIEWER).get("/outages")
    links = re.findall(r'<a href="/analysis/calls/([^"]+)" title="([^"]+)"', page)
    assert links == [("queue", "What waits.")]


def test_danger_where_nobody_is_out_has_a_place(built: House, say: Say) -> None:
    point = UsagePoint(mrid="point-1", names=(Name(name="12 Main St"),))
    danger = told(
        OUTAGE,
        customers=0,
        hazards=["pole down"],
        outage_isolation_equipment=(),
        energized_usage_point=(point,),
    )
    built.accept(say(Verb.CREATED, danger))
    page = built.person("eve", Role.VIEWER).get("/outages")
    assert devices(page) == ["12 Main St"]
    assert "CB1 name" in page.split('<table class="outages">')[1]


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


def test_one_outage_tells_how_it_went(built: House, say: Say) -> None:
    [first, *_, last] = built.accept(
        say(Verb.CREATED, told(OUTAGE)),
        say(Verb.CHANGED, told(OUTAGE)),  # nothing new
        say(Verb.CHANGED, told(OUTAGE, customers=1, kind=OutageStatusKind.PARTIALLY_RESTORED)),
        say(
            Verb.CLOSED,
            news(OUTAGE, actual_period=DateTimeInterval(end=START), comment="Power is back."),
        ),
    )
    page = built.person("eve", Role.VIEWER).get(f"/outages/{OUTAGE}")
    steps = page.split("<h2>How it went</h2>")[1].split("</table>")[0]
    links = re.findall(r'href="/messages/(\d+)"', steps)
    assert links == [str(last), str(first + 2), str(first)]
    assert "closed 0 – – Power is back." in words(steps)
    assert "partially restored 1" in words(steps)
    assert page.split("Messages about it")[1].count('href="/messages/') == 4


def test_apps_tell_of_it_and_personal_data_only_when_wanted(built: House, say: Say) -> None:
    built.accept(say(Verb.CREATED, told(OUTAGE)))
    eve, ann = built.person("eve", Role.VIEWER), built.person("ann", Role.OPERATOR)
    page = eve.get(f"/outages/{OUTAGE}")
    assert f'<div hx-get="/analysis/calls/hypotheses?outage={OUTAGE}" hx-trigger="load"' in page
    callers = f"/analysis/calls/callers?outage={OUTAGE}"
    assert f'<details hx-get="{callers}" hx-trigger="toggle once"' in page
    for other in ("by-outage?", "calls/plan?", "calls/map?outage"):
        assert other not in page
    assert "<dt>Calls</dt><dd>17</dd>" in page
    part = eve.get(f"/analysis/calls/hypotheses?outage={OUTAGE}", headers=OTHERS)
    assert f"It is {OUTAGE}." in part
    assert "<html" not in part
    assert HIDDEN in eve.get(callers, headers=OTHERS)
    assert "555-1234" in ann.get(callers, headers=OTHERS)


def test_usage_points_are_on_pages(built: House, say: Say) -> None:
    built.accept(say(Verb.CREATED, told(OUTAGE, customers=150)))
    eve = built.person("eve", Role.VIEWER)
    page = eve.get(f"/outages/{OUTAGE}")
    assert "150 usage points without supply" in page
    assert page.count("not in the network") == 97
    assert page.count('state ok">energised') == 3
    second = eve.get(f"/outages/{OUTAGE}?page=2").split('id="points"')[1]
    assert second.split("</table>")[0].count('class="id"') == 50
    assert "Page 2 of 2" in second


def test_what_they_say_is_text(built: House, say: Say) -> None:
    said = told(
        HOSTILE,
        device=HOSTILE,
        hazards=[HOSTILE],
        cause=HOSTILE,
        community_descriptor=HOSTILE,
        crew=(Crew(mrid=HOSTILE),),
        comment=HOSTILE,
        estimated_restoration_time=EstimatedRestorationTime(ert=START, ert_source=HOSTILE),
    )
    built.accept(say(Verb.CREATED, said))
    eve = built.person("eve", Role.VIEWER)
    for path in ("/outages", "/", f"/outages/{HOSTILE}", f"/outages?feeder={HOSTILE}"):
        page = eve.get(path)
        assert HOSTILE not in page, path
    assert "alert(1)" in eve.get("/outages")


def test_without_an_app_that_knows_calls_nobody_counts_them(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()))
    page = house.person("eve", Role.VIEWER).get("/outages")
    assert devices(page) == ["F7"]
    assert "predicted 3 – – 11:50" in words(page)


def test_an_app_that_fails_takes_nothing_else_away(
    built: House, say: Say, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(CallsApp):
        def report(self, name: str, _asked: Mapping[str, str], _given: Asking) -> Report:
            raise RuntimeError(f"{name} is broken")

    built.accept(say(Verb.CREATED, told(OUTAGE)))
    built.view = replace(built.view, apps={"calls": Broken()})
    page = built.person("eve", Role.VIEWER).get("/outages")
    assert devices(page) == ["fuse-7 name"]
    assert "predicted 3 0 – 11:50" in words(page)
    assert "by-outage is broken" in caplog.text


def test_a_thousand_open_outages_are_shown_quickly(built: House, say: Say) -> None:
    many = tuple(
        one
        for n in range(1000)
        for one in told(f"outage-{n}", customers=n % 7, minutes=n).unplanned_outage
    )
    built.accept(say(Verb.CREATED, UnplannedOutages(unplanned_outage=many)))
    eve = built.person("eve", Role.VIEWER)
    page = eve.get("/outages")
    assert len(devices(page)) == 100
    assert "Page 1 of 10" in page
    assert len(devices(eve.get("/outages?page=10"))) == 100
    before = time.process_time()
    part = eve.get("/outages", headers=OTHERS)
    spent = time.process_time() - before
    assert len(part) < 200_000
    assert spent < 1.0, f"{spent:.2f} s of processor time"


def test_after_a_start_all_outages_of_a_large_storm_are_known(built: House, say: Say) -> None:
    """Each told of by a message of its own."""
    built.accept(*(say(Verb.CREATED, told(f"o-{n}", customers=1)) for n in range(5_100)))
    page = built.person("eve", Role.VIEWER).get("/outages")
    assert "<dt>Open outages</dt><dd>5 100</dd>" in page
    assert "What was told before" not in page


def test_what_is_too_old_to_be_known_after_a_start_is_said(
    built: House, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "_MESSAGES", 2)
    built.accept(*(say(Verb.CREATED, told(f"o-{n}")) for n in range(3)))
    page = built.person("eve", Role.VIEWER).get("/outages")
    assert "<dt>Open outages</dt><dd>2</dd>" in page
    assert 'What was told before <a href="/messages/2">message 2</a>' in page
