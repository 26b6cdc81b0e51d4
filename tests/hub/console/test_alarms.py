"""Violated limits: on their page, on the overview, beside the network, and over REST."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cim.message import STUDY, Verb
from cim.profiles.identification import Name
from cim.profiles.limit_violations import (
    LimitKind,
    LimitViolation,
    LimitViolations,
    OperationalLimitDirectionKind,
)
from cim.profiles.outages import Equipment
from cim.profiles.phases import PhaseCode
from cim.profiles.units import UnitMultiplier, UnitSymbol
from hub.console import alarms
from hub.journal.canonical import encode
from hub.report import Offer
from hub.security.roles import Role
from tests.hub.console.house import START, House, Say, street
from tests.hub.console.test_api import API, refusal
from tests.telling import TellingApp

HOSTILE = "<script>alert(1)</script>"


def violation(
    mrid: str = "v-1",
    equipment: str = "line",
    *,
    value: float = 130.5,
    minutes: int = 5,
    cleared: datetime | None = None,
    why: str = "The current of phase A of line is 130.5 A.",
) -> LimitViolations:
    """A current above its limit of 100 A, since so many minutes."""
    return LimitViolations(
        limit_violation=(
            LimitViolation(
                mrid=mrid,
                description=why or None,
                direction=OperationalLimitDirectionKind.HIGH,
                limit_kind=LimitKind.PATL,
                limit_value=100.0,
                phases=PhaseCode.A,
                start_date_time=START - timedelta(minutes=minutes),
                cleared_date_time=cleared,
                unit_multiplier=UnitMultiplier.KILO,
                unit_symbol=UnitSymbol.AMPERE,
                value=value,
                equipment=Equipment(mrid=equipment, names=(Name(name=f"{equipment} name"),)),
            ),
        )
    )


@pytest.fixture
def built(house: House) -> House:
    network = street()
    house.view = replace(house.view, network=lambda: network)
    return house


def test_a_violation_begins_goes_on_and_is_over(built: House, say: Say) -> None:
    eve = built.person("eve", Role.VIEWER)
    assert "<p>None.</p>" in eve.get("/alarms")
    first, _ = built.accept(
        say(Verb.CREATED, violation()), say(Verb.CREATED, violation("v-2", "fuse-7", minutes=9))
    )
    page = eve.get("/alarms")
    assert "Limits violated now: 2" in page
    assert page.index("line name") < page.index("fuse-7 name")  # the newest first
    for shown in ("130.5 kA", "100 kA", "130.5 %", "2026-03-01 11:55:00", f'"/messages/{first}"'):
        assert shown in page, shown
    [third] = built.accept(say(Verb.CHANGED, violation(value=141.0, why="")))
    page = eve.get("/alarms/v-1")
    for shown in ("141 kA", "The current of phase A of line", "patl", "5 min", "ACLineSegment"):
        assert shown in page, shown
    built.accept(say(Verb.CLOSED, violation(value=90.0, cleared=START, why="")))
    page = eve.get("/alarms")
    assert "Limits violated now: 1" in page
    over = page.split("<h2>Over</h2>")[1]
    assert "90 kA" in over
    assert "2026-03-01 12:00:00" in over
    assert eve.get("/alarms/v-1").count('href="/messages/') == 3
    assert eve.client.get("/alarms/none").status_code == 404
    again = violation(minutes=0, why="Again.")
    [last] = built.accept(say(Verb.CREATED, again))
    assert "Again." in eve.get("/alarms")
    told = built.system("erp", Role.VIEWER).get(f"{API}/violations/v-1").json()
    assert told["messages"] == [last]
    assert third < last


def test_they_are_beside_what_they_are_about(built: House, say: Say) -> None:
    built.accept(say(Verb.CREATED, violation()), say(Verb.CREATED, violation("v-2", "fuse-7")))
    eve = built.person("eve", Role.VIEWER)
    overview = " ".join(eve.get("/").split())
    assert '<dt>Limits violated</dt> <dd><a href="/alarms">2</a></dd>' in overview
    assert 'id="alarms"' in eve.get("/network")
    page = eve.get("/network?q=line+name").split('id="alarms"')[1]
    assert "v-1" in page
    assert "v-2" not in page
    assert 'id="alarms"' not in eve.get("/network?q=CB1")
    found = eve.get("/alarms?q=fuse-7")
    assert "Limits violated now at fuse-7: 1" in found
    assert "line name" not in found


def test_the_same_over_rest(built: House, say: Say) -> None:
    built.accept(
        say(Verb.CREATED, violation()),
        say(Verb.CREATED, violation("v-2", "fuse-7")),
        say(Verb.CLOSED, violation("v-2", "fuse-7", cleared=START)),
    )
    erp = built.system("erp", Role.VIEWER)
    both = erp.get(f"{API}/violations").json()
    assert [(one["mrid"], one["active"]) for one in both] == [("v-1", True), ("v-2", False)]
    [line] = erp.get(f"{API}/violations?active=true").json()
    assert (line["equipment"], line["value"], line["unit"]) == ("line", 130.5, "kA")
    assert (line["source"], line["messages"]) == ("OMS", [1])
    [fuse] = erp.get(f"{API}/violations?equipment=fuse-7+name").json()
    assert fuse["messages"] == [2, 3]
    assert erp.get(f"{API}/status").json()["violated_limits"] == 1
    assert refusal(erp.get(f"{API}/violations/none"), 404) == "There is no violation none."
    ami = built.system("ami", Role.VIEWER, nouns=("MeterReadings",))
    for path in ("violations", "violations/v-1"):
        sentence = refusal(ami.get(f"{API}/{path}"), 403)
        assert sentence == "You are not bound to LimitViolations."


def test_of_studies_there_are_no_alarms(built: House, say: Say) -> None:
    told = say(Verb.CREATED, violation())
    built.accept(replace(told, header=replace(told.header, context=STUDY)))
    assert "<p>None.</p>" in built.person("eve", Role.VIEWER).get("/alarms")


def test_what_they_say_is_text(built: House, say: Say) -> None:
    built.accept(say(Verb.CREATED, violation(HOSTILE, HOSTILE, why=HOSTILE), source=HOSTILE))
    eve = built.person("eve", Role.VIEWER)
    for path in ("/alarms", "/", "/network", f"/alarms/{HOSTILE}"):
        page = eve.get(path)
        assert "alert(1)" in page, path
        assert HOSTILE not in page, path


def test_after_a_start_so_much_is_read_and_the_rest_is_said(
    built: House, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [say(Verb.CREATED, violation(f"v-{n}", f"line-{n}")) for n in range(3)]
    built.accept(*told)
    size = len(encode(told[0]))
    for most, known in ((1, 1), (2.5 * size, 2), (3 * size, 3)):
        monkeypatch.setattr(alarms, "_BYTES", most)
        page = built.person(f"eve{known}", Role.VIEWER).get("/alarms")
        assert f"Limits violated now: {known}" in page
        assert (f'told before <a href="/messages/{4 - known}">' in page) == (known < 3)


def test_a_report_called_map_is_linked(house: House) -> None:
    class Mapped(TellingApp):
        @property
        def reports(self) -> list[Offer]:
            return [Offer("map", "Where limits are violated.")]

    assert "On the map" not in house.person("eve", Role.VIEWER).get("/alarms")
    house.view = replace(house.view, apps={"telling": Mapped()})
    page = house.person("adam", Role.VIEWER).get("/alarms")
    assert 'href="/analysis/telling/map">On the map' in page
