"""The network on its page, in an outage and over REST."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cim.message import Verb
from hub.console.network import Step, described
from hub.security.roles import Role
from tests.cim.network.drawing import model, moved
from tests.hub.console.house import OUTAGE, House, Say, outage, street
from tests.hub.console.test_api import API, refusal
from tests.hub.history.story import drawing, grid, grounded, named, switched, tagged


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


# -- over time

THEN = "2026-03-01T12:00:30"


@pytest.fixture
def operated(house: House) -> House:
    """A model; a minute later x was opened, a hold hung on it and node c earthed.

    source - a =[x]= b =[y]= c: load, with usage point p
    """
    for message in (grid(), switched("open", "x"), tagged("x"), grounded("c")):
        house.accept(named(message))
        house.clock.move(minutes=1)
    house.follow()
    return house


def test_rest_tells_the_network_now_and_then(operated: House) -> None:
    erp = operated.system("erp", Role.VIEWER)
    now = erp.get(f"{API}/network/at").json()
    assert (now["seq"], now["dead_nodes"], now["dead_points"]) == (4, 2, 1)
    assert now["summary"]["dead_nodes"] == ["b", "c"]
    assert now["summary"]["tags"] == ["hold since 2026-07-14 15:00 on Breaker x name"]
    assert now["summary"]["patches"][0].startswith("ground ground-1 at ConnectivityNode c")
    then = erp.get(f"{API}/network/at?moment={THEN}").json()
    assert (then["seq"], then["at"], then["dead_nodes"]) == (1, "2026-03-01T12:00:00Z", 0)
    assert erp.get(f"{API}/network/at?limit=1").json()["summary"]["dead_nodes"] == ["b"]
    assert erp.get(f"{API}/network/at?moment=2000-01-01").json()["seq"] == 0
    assert "a time such as" in refusal(erp.get(f"{API}/network/at?moment=x"), 422)


def test_rest_traces(operated: House) -> None:
    erp = operated.system("erp", Role.VIEWER)

    def ask(query: str) -> dict[str, Any]:
        answer = erp.get(f"{API}/network/trace?direction={query}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    up = ask("up&start=p")
    assert [thing["mrid"] for thing in up["equipment"]] == ["y", "x", "source"]
    down = ask("down&start=x%20name&limit=1")
    assert (down["nodes_count"], len(down["nodes"]), down["usage_points"]) == (2, 1, ["p"])
    between = ask("between&start=p&to=x")
    assert [thing["name"] for thing in between["equipment"]] == ["y name"]
    state = ask("state&start=c")["state"]
    assert (state["energised"], state["earthed"], state["patches"][0][:6]) == (
        [],
        ["A", "B", "C"],
        "ground",
    )
    assert ask(f"state&start=c&moment={THEN}")["state"]["energised"] == ["A", "B", "C"]
    assert ask("state&start=c&normal=true")["state"]["energised"] == ["A", "B", "C"]
    assert ask("loops")["loops"] == []
    isolated = ask("isolate&start=b")
    assert [thing["mrid"] for thing in isolated["keep_open"]] == ["x"]
    nobody = erp.get(f"{API}/network/trace?direction=up&start=nobody")
    assert "no object of the mRID or name nobody" in refusal(nobody, 404)
    assert refusal(erp.get(f"{API}/network/trace?direction=across&start=p"), 422)


def test_rest_compares_two_moments(operated: House) -> None:
    erp = operated.system("erp", Role.VIEWER)
    said = erp.get(f"{API}/network/compare?one={THEN}").json()
    assert "Breaker x name: closed on A B C, then open." in said["sentences"]
    assert [one["kind"] for one in said["supply"]] == ["deEnergised", "earthed"]
    assert (said["one"]["seq"], said["other"]["seq"]) == (1, 4)
    same = erp.get(f"{API}/network/compare?one={THEN}&other={THEN}").json()
    assert same["sentences"] == ["Nothing is different."]
    assert "expected" in refusal(erp.get(f"{API}/network/compare"), 422)


def test_the_page_shows_phases_traces_and_the_past(operated: House) -> None:
    ann = operated.person("ann", Role.VIEWER)
    page = ann.get("/network?q=c&show=up")
    assert page.count('<span class="state failed">without supply</span>') >= 3
    assert page.count('<span class="state active">earthed</span>') == 3
    assert "Fed through, the nearest first" in page
    assert '<a href="/network?q=source">source name</a>' in page
    assert "hold since 2026-07-14 15:00 on Breaker x name" in page
    down = ann.get("/network?q=x&show=down")
    assert "<dt>Usage points</dt><dd>1</dd>" in down
    assert "<dt>Of these without supply now</dt><dd>1</dd>" in down
    assert "<td>open</td>" in down
    assert "To keep open" in ann.get("/network?q=b&show=isolate")
    past = ann.get(f"/network?q=c&moment={THEN}")
    assert "As the hub knew it at 2026-03-01 12:00:30 UTC" in past
    assert "without supply" not in past
    assert "This is the past" in past
    assert f"/network?q=c&amp;moment={THEN.replace(':', '%3A')}&amp;show=up" in past
    assert "By the normal switch positions" in ann.get("/network?q=c&normal=true")
    wrong = ann.client.get("/network?moment=soon")
    assert wrong.status_code == 422
    assert "a time such as" in wrong.text


@pytest.fixture
def dangerous(operated: House) -> House:
    """And then x is closed again, though c is earthed."""
    operated.accept(named(switched("close", "x")))
    operated.follow()
    return operated


LIVE = (
    "Earth ground-1 at ConnectivityNode c is live on A B C from EnergySource source name,"
    " through Breaker y name."
)


def test_rest_tells_of_live_earths(dangerous: House) -> None:
    erp = dangerous.system("erp", Role.VIEWER)
    assert erp.get(f"{API}/network/at").json()["summary"]["live_earths"] == [LIVE]
    traced = erp.get(f"{API}/network/trace?direction=earths").json()
    [found] = traced["live_earths"]
    assert (found["earth"], found["node"], found["switches"]) == ("ground-1", "c", ["y"])
    assert found["phases"] == ["A", "B", "C"]
    state = erp.get(f"{API}/network/trace?direction=state&start=c").json()["state"]
    assert (state["live_earthed"], state["earthed"]) == (["A", "B", "C"], [])
    then = erp.get(f"{API}/network/trace?direction=earths&moment={THEN}").json()
    assert then["live_earths"] == []
    said = erp.get(f"{API}/network/compare?one={THEN}").json()
    assert [one["kind"] for one in said["supply"]] == ["liveEarthFormed"]
    assert (
        "Earth ground-1 at ConnectivityNode c: live now on A B C from source name."
        in said["sentences"]
    )


def test_rest_tells_of_loops(operated: House) -> None:
    tied = drawing().switch("tie", "a", "c", "AC").line("other", "a", "c", "B")
    operated.accept(named(model("grid", tied.document())))
    operated.follow()
    erp = operated.system("erp", Role.VIEWER)
    found = erp.get(f"{API}/network/trace?direction=loops&normal=true").json()["loops"]
    phases = {tuple(loop["equipment"]): loop["phases"] for loop in found}
    assert phases == {("x", "y", "tie"): ["A", "C"], ("x", "y", "other"): ["B"]}


def test_the_page_warns_of_live_earths(dangerous: House) -> None:
    ann = dangerous.person("ann", Role.VIEWER)
    page = ann.get("/network?q=c")
    assert page.count(LIVE) == 1
    assert page.count('<span class="state failed">earthed and live</span>') == 3
    assert "Live earths" not in ann.get(f"/network?q=c&moment={THEN}")


def test_the_page_compares(operated: House) -> None:
    ann = operated.person("ann", Role.VIEWER)
    assert "Compare" in ann.get("/network/compare")
    page = ann.get(f"/network/compare?one={THEN}")
    assert "Breaker x name: closed on A B C, then open." in page
    assert "Nothing is different." in ann.get(f"/network/compare?one={THEN}&other={THEN}")
    assert ann.client.get("/network/compare?one=x").status_code == 422
