"""What anybody is told of outages: sums by area, and nothing of any customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cim.message import Verb
from cim.network import Network
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.operations_staff import Crew
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    CrewStatusKind,
    EstimatedRestorationTime,
    OutageCauseKind,
    UnplannedOutages,
)
from hub.console.public import Cut, summary
from hub.public_settings import Public
from hub.security.roles import Role
from tests.cim.network.drawing import Drawing
from tests.hub.console.house import START, House, Say
from tests.hub.console.telling import HOSTILE, news, planned, told, words
from tests.hub.console.test_api import API, refusal

REST = f"{API}/public/outages"
AREAS = ("feeder", "community")
LEAST = 5
FEWER = "fewer than 5"


def town() -> Network:
    """Two feeders.

    source ── CB-north ── line-north ── 8 customers
           └─ CB-south ── line-south ── 3 customers
    """
    drawing = Drawing().source("a")
    for feeder, customers in (("north", 8), ("south", 3)):
        drawing.switch(f"CB-{feeder}", "a", feeder).line(f"line-{feeder}", feeder, f"{feeder}-end")
        for n in range(customers):
            drawing.consumer(f"house-{feeder}-{n}", f"{feeder}-end")
            drawing.usage_point(f"point-{feeder}-{n}", f"house-{feeder}-{n}")
    return drawing.network()


@pytest.fixture
def open_house(house: House) -> House:
    """A hub that tells the public."""
    network = town()
    house.view = replace(house.view, network=lambda: network, public=Public(enabled=True))
    return house


def asked(house: House) -> dict[str, Any]:
    """By a stranger."""
    answer = house.client().get(REST)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def test_it_is_off_unless_somebody_says_so(house: House) -> None:
    stranger = house.client()
    assert refusal(stranger.get(REST), 404) == "There is no public summary of outages here."
    page = stranger.get("/public")
    assert page.status_code == 404
    assert "There is no public summary" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_areas_are_told_with_the_most_affected_first(open_house: House, say: Say) -> None:
    expected = EstimatedRestorationTime(ert=START + timedelta(minutes=45, seconds=5))
    open_house.accept(
        say(Verb.CREATED, told("small", device="line-south", customers=2, minutes=31)),
        say(
            Verb.CREATED,
            told(
                "large",
                device="line-north",
                customers=6,
                crew=(Crew(mrid="c-1"),),
                status_kind=CrewStatusKind.ENROUTE,
                estimated_restoration_time=expected,
                cause="Mr Smith cut a tree",
                cause_kind=OutageCauseKind.TREE_DOWN,
            ),
        ),
        say(Verb.CREATED, told("danger", device="line-north", customers=0, hazards=["fire"])),
        say(Verb.CREATED, told("over", device="line-north", customers=8)),
        say(Verb.CLOSED, news("over")),
    )
    found = asked(open_house)
    assert found == {
        "at": "2026-03-01T12:00:00Z",
        "outages": "at least 2",
        "customers_affected": "at least 7",
        "areas": [
            {
                "area": "CB-north name",
                "outages": 1,
                "customers_affected": 6,
                "customers_served": 8,
                "started": "2026-03-01T11:50:00Z",
                "expected": "2026-03-01T12:46:00Z",
                "causes": ["tree down"],
                "statuses": ["crew on its way"],
            },
            {
                "area": "CB-south name",
                "outages": FEWER,
                "customers_affected": FEWER,
                "customers_served": FEWER,
                "started": "2026-03-01T11:29:00Z",
                "expected": None,
                "causes": [],
                "statuses": ["being investigated"],
            },
        ],
        "statement": "",
    }


def test_the_page_says_the_same_in_the_time_of_the_place(open_house: House, say: Say) -> None:
    public = Public(enabled=True, zone="America/Chicago", statement="Keep away from wires.")
    open_house.view = replace(open_house.view, public=public)
    open_house.accept(say(Verb.CREATED, told("large", device="line-north", customers=6)))
    stranger = open_house.client()
    page = stranger.get("/public")
    assert page.status_code == 200
    seen = words(page.text)
    assert "As of 2026-03-01 06:00 CST" in seen
    assert "Keep away from wires." in seen
    assert "CB-north name 6 8 1 05:50 – being investigated –" in seen
    assert "<nav" not in page.text
    part = stranger.get("/public/areas").text
    assert "CB-north name" in part
    assert "<html" not in part


@pytest.mark.parametrize("at", [datetime.min, datetime.max])
def test_what_is_no_time_is_not_told(open_house: House, say: Say, at: datetime) -> None:
    public = Public(enabled=True, zone="America/Chicago")
    open_house.view = replace(open_house.view, public=public)
    never = at.replace(tzinfo=UTC)
    one = told("o", device="line-north", customers=6)
    [outage] = one.unplanned_outage
    outage = replace(
        outage,
        reported_start_time=never,
        estimated_restoration_time=EstimatedRestorationTime(ert=never),
    )
    open_house.accept(say(Verb.CREATED, replace(one, unplanned_outage=(outage,))))
    page = open_house.client().get("/public")
    assert page.status_code == 200
    assert "CB-north name 6 8 1 – – being investigated –" in words(page.text)


def test_what_somebody_wrote_is_told_only_when_set(open_house: House, say: Say) -> None:
    said = told("o", device="line-north", customers=6, cause=f"A squirrel {HOSTILE}")
    open_house.accept(say(Verb.CREATED, said))
    assert asked(open_house)["areas"][0]["causes"] == []
    open_house.view = replace(open_house.view, public=Public(enabled=True, words=True))
    assert asked(open_house)["areas"][0]["causes"] == [f"A squirrel {HOSTILE}"]
    page = open_house.client().get("/public").text
    assert "A squirrel" in page
    assert HOSTILE not in page


def test_communities_are_told_as_outages_name_them(open_house: House, say: Say) -> None:
    open_house.view = replace(open_house.view, public=Public(enabled=True, area="community"))
    open_house.accept(
        say(Verb.CREATED, told("one", customers=7, community_descriptor="Springfield")),
        say(Verb.CREATED, told("two", customers=6, community_descriptor="Springfield")),
        say(Verb.CREATED, told("three", customers=20)),
    )
    areas = asked(open_house)["areas"]
    assert [(a["area"], a["outages"], a["customers_affected"]) for a in areas] == [
        ("elsewhere", 1, 20),
        ("Springfield", 2, 13),
    ]


def test_planned_outages_count_while_they_run(open_house: House, say: Say) -> None:
    ends = START + timedelta(hours=2)
    open_house.accept(
        say(Verb.CREATED, planned("ahead", "planned", customers=8)),
        say(Verb.CREATED, planned("runs", "active", customers=8, dark=6, ends=ends)),
        say(Verb.CREATED, planned("done", "completed", customers=8)),
        say(Verb.CREATED, told("o", device="line-north", customers=2)),
    )
    [area] = asked(open_house)["areas"]
    assert (area["area"], area["outages"], area["customers_affected"]) == ("CB-north name", 2, 8)
    assert (area["causes"], area["statuses"]) == (
        ["planned work"],
        ["being investigated", "planned work"],
    )
    assert area["expected"] is None  # of the other one nobody knows
    open_house.accept(say(Verb.CLOSED, news("o")))
    open_house.clock.move(seconds=30)
    [area] = asked(open_house)["areas"]
    assert (area["customers_affected"], area["expected"]) == (6, "2026-03-01T14:00:00Z")


def test_an_answer_is_told_again_for_a_while(open_house: House, say: Say) -> None:
    stranger = open_house.client()
    first = stranger.get(REST)
    assert first.headers["cache-control"] == "public, max-age=30"
    open_house.accept(say(Verb.CREATED, told("o", device="line-north", customers=6)))
    open_house.clock.move(seconds=29)
    assert stranger.get(REST).json() == first.json()
    open_house.clock.move(seconds=1)
    assert stranger.get(REST).json()["customers_affected"] == 6
    eve = open_house.person("eve", Role.VIEWER)
    assert eve.client.get("/outages").headers["cache-control"] == "no-store"


# -- nothing personal leaks

_NAMES = "0123456789abcdef"
secret = st.text(_NAMES, min_size=12, max_size=12)


@st.composite
def private(draw: st.DrawFn) -> tuple[UnplannedOutages, set[str]]:
    """An outage full of what nobody else may know, and all of that."""
    known: list[str] = []

    def name(kind: str) -> str:
        known.append(f"{kind}-{draw(secret)}")
        return known[-1]

    customers = draw(st.integers(1, 12))
    said = told(
        name("outage"),
        device=draw(st.sampled_from(["line-north", "line-south", "house-north-1", "gone"])),
        customers=customers,
        minutes=draw(st.integers(0, 500)),
        comment=f"The meter {name('meter')} at {name('street')} of account {name('account')}.",
        cause=f"Call of {name('person')}, telephone {name('phone')}",
        cause_kind=draw(st.sampled_from(OutageCauseKind)),
        de_energized_usage_point=tuple(
            UsagePoint(mrid=name("point"), names=(Name(name=name("customer")),))
            for _ in range(customers)
        ),
        crew=(Crew(mrid=name("crew"), names=(Name(name=name("foreman")),)),),
        names=(Name(name=name("number")),),
    )
    device = ConductingEquipment(
        mrid=name("service"),
        names=(
            Name(
                name=name("service"),
            ),
        ),
    )
    if draw(st.booleans()):
        [one] = said.unplanned_outage
        said = UnplannedOutages(
            unplanned_outage=(replace(one, outage_isolation_equipment=(device,)),)
        )
    return said, set(known)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=st.lists(private(), min_size=1, max_size=5), area=st.sampled_from(AREAS))
def test_nothing_of_any_customer_is_told(
    open_house: House, say: Say, some: list[tuple[UnplannedOutages, set[str]]], area: Any
) -> None:
    """Neither of the outages of this example, nor of those of the ones before it."""
    open_house.view = replace(open_house.view, public=Public(enabled=True, area=area))
    open_house.accept(*(say(Verb.CREATED, said) for said, _ in some))
    stranger = open_house.client()
    for answer in map(stranger.get, (REST, "/public", "/public/areas")):
        assert answer.status_code == 200
        assert not [one for _, known in some for one in known if one in answer.text]
        for kind in ("point-", "meter-", "house-", "line-", "call 7"):
            assert kind not in answer.text


def cut(customers: int) -> Cut:
    """So many customers without supply, and nothing else."""
    return Cut(customers=customers, since=START, expected=None, status="being investigated")


@st.composite
def counted(draw: st.DrawFn) -> list[tuple[str, Cut]]:
    """Outages, each with its area."""
    areas = st.sampled_from(["north", "south", "east", "west", ""])
    some = draw(st.lists(st.tuples(areas, st.integers(0, 12)), max_size=8))
    return [(name, cut(customers)) for name, customers in some]


@given(counted(), st.data())
def test_what_is_hidden_cannot_be_had_from_what_is_told(
    some: list[tuple[str, Cut]], data: st.DataObject
) -> None:
    """However few more the customers of an area are: the same is told."""
    public, served = Public(enabled=True, least=LEAST), {"north": 40, "south": 3}
    before = summary(some, served, public, START)
    sums = {name: sum(o.customers for n, o in some if n == name) for name, _ in some}
    few = {name for name, total in sums.items() if 0 < total < LEAST}
    others = [(name, one) for name, one in some if name not in few]
    others += [(name, cut(data.draw(st.integers(1, LEAST - 1)))) for name in sorted(few)]
    assert summary(others, served, public, START) == before
    for area in before.areas:
        for count in (area.customers_affected, area.customers_served):
            assert count in (None, FEWER) or int(str(count)) >= LEAST


@given(counted())
def test_what_is_told_adds_up(some: list[tuple[str, Cut]]) -> None:
    found = summary(some, {}, Public(enabled=True, least=1), START)
    assert found.customers_affected == sum(one.customers for _, one in some)
    assert found.outages == sum(one.customers > 0 for _, one in some)
    assert sum(int(area.customers_affected) for area in found.areas) == found.customers_affected
    order = [int(area.customers_affected) for area in found.areas]
    assert order == sorted(order, reverse=True)
