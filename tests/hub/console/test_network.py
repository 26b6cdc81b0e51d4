"""The network on its page, in an outage and over REST."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cim.message import Verb
from hub.console.network import Step, described
from hub.security.roles import Role
from tests.cim.network.drawing import moved
from tests.hub.console.house import OUTAGE, House, Say, outage, street


@pytest.fixture
def built(house: House) -> House:
    network = street()
    house.view = replace(house.view, network=lambda: network)
    return house


@pytest.mark.parametrize("wanted", ["point-1", "meter-1", "meter-1 name", "point-1 name"])
def test_a_usage_point_is_found_by_itself_and_by_its_meter(wanted: str) -> None:
    found = described(street(), wanted)
    assert found
    assert found.mrid == "point-1"
    assert found.energised
    assert found.path == (Step("fuse-7", "fuse-7 name"), Step("CB1", "CB1 name"))


@pytest.mark.parametrize("wanted", ["fuse-7", "fuse-7 name"])
def test_a_device_is_found_by_mrid_and_by_name(wanted: str) -> None:
    found = described(street(), wanted)
    assert found
    assert (found.kind, found.below, found.closed) == ("Fuse", 3, "A B C")
    assert found.energised is None


def test_what_is_operated_shows() -> None:
    network = street().after(moved("open", "fuse-7"))
    fuse, point = described(network, "fuse-7"), described(network, "point-1")
    assert fuse
    assert fuse.closed == "none"
    assert point
    assert point.energised is False
    line = described(network, "line")
    assert line
    assert line.closed is None


@pytest.mark.parametrize("wanted", ["", "nothing", "<b>"])
def test_what_nobody_knows_is_nothing(wanted: str) -> None:
    assert described(street(), wanted) is None


def test_the_pages_show_it(built: House, say: Say) -> None:
    built.accept(say(Verb.CREATED, outage()))
    ann = built.person("ann", Role.VIEWER)
    page = ann.get("/network?q=meter-2")
    assert "energised" in page
    assert '<a href="/network?q=fuse-7">fuse-7 name</a>' in page
    assert "<dt>UsagePoint</dt><dd>3</dd>" in page
    assert "no object of that mRID" in ann.get("/network?q=nothing")
    assert "Usage points below" in ann.get(f"/outages/{OUTAGE}")


def test_rest_describes_a_usage_point(built: House) -> None:
    erp = built.system("erp", Role.VIEWER)
    point = erp.get("/api/v1/network/usage-points/meter-0").json()
    assert (point["mrid"], point["energised"]) == ("point-0", True)
    assert [step["name"] for step in point["path"]] == ["fuse-7 name", "CB1 name"]
    assert erp.get("/api/v1/network/usage-points/fuse-7").status_code == 404
