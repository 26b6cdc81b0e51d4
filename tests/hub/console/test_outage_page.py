"""One outage: what is known of it, how it went, and what others tell of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from cim.message import Verb
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.operations_staff import Crew
from cim.profiles.unplanned_outages import (
    CrewStatusKind,
    EstimatedRestorationTime,
    OutageStatusKind,
)
from hub.console.masking import HIDDEN
from hub.interfaces import Asking
from hub.report import Report
from hub.security.roles import Role
from tests.hub.console.house import OUTAGE, START, House, Say
from tests.hub.console.telling import HOSTILE, OTHERS, CallsApp, devices, news, told, words


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
