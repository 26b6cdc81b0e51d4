"""`gridbus model trace` and what is exported of the network as operated.

source - a =[x]= b =[y]= c: load, with usage point p
"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from cim.model import write
from cim.model.read import read
from cim.model.state_variables import made_node, state
from hub.journal import Journal
from tests import fakes
from tests.cim.network.drawing import Drawing
from tests.hub.cli.conftest import Run
from tests.hub.history import story
from tests.hub.history.story import drawing, happen


@pytest.fixture
def feeder(tmp_path: Path) -> Path:
    path = tmp_path / "feeder.xml"
    path.write_bytes(drawing().document())
    return path


def trace(run: Run, *arguments: object) -> tuple[int, list[str]]:
    code, out, _ = run("model", "trace", *arguments)
    return code, out.splitlines()


def names(out: list[str]) -> list[str]:
    return [line.split()[-1] for line in out[1:]]


def test_upstream_downstream_and_between(run: Run, feeder: Path) -> None:
    code, out = trace(run, feeder, "up", "p")
    assert (code, names(out)) == (0, ["y", "x", "source"])
    assert out[0].split() == ["kind", "name", "mrid"]
    assert out[1].startswith("Breaker       y name")
    code, said, err = run("model", "trace", feeder, "down", "x name")
    assert (code, set(names(said.splitlines()))) == (0, {"y", "load"})
    assert err == "2 pieces of equipment, 2 nodes, 1 usage points: p\n"
    assert trace(run, feeder, "between", "load", "x name") == (
        0,
        ["kind     name    mrid", "Breaker  y name  y"],
    )
    assert trace(run, feeder, "between", "x", "source")[0] == 1  # nothing lies between


def test_the_state_of_one_object_and_of_everything(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "open.xml"
    path.write_bytes(drawing(opened="y").document())
    code, out = trace(run, path, "state", "p")
    assert code == 1
    assert "supplied        none" in out
    assert "fed through     Breaker y name <- Breaker x name" in out
    code, out = trace(run, path, "state", "x")
    assert code == 0
    assert ["closed", "A", "B", "C"] in [line.split() for line in out]
    code, out = trace(run, path, "state")
    assert code == 1
    assert "nodes         3, 1 of them without supply" in out
    assert "without supply: ConnectivityNode c" in out
    assert trace(run, path, "state", "--normal")[0] == 0
    [said] = json.loads("\n".join(trace(run, path, "state", "p", "--json")[1]))
    assert (said["thing"]["kind"], said["energised"]) == ("UsagePoint", [])


def test_what_is_listed_below_an_open_switch_is_said_to_be_dead(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "open.xml"
    path.write_bytes(drawing(opened="y").document())
    code, out, err = run("model", "trace", path, "down", "y")
    assert (code, names(out.splitlines())) == (0, ["load"])
    counts, dead = err.splitlines()
    assert counts == "1 pieces of equipment, 1 nodes, 1 usage points: p"
    assert dead == "1 of the nodes and 1 of the usage points are without supply now"
    said = json.loads(run("model", "trace", path, "down", "y", "--json")[1])
    assert (said["dead_nodes"], said["dead_points"]) == (1, 1)
    unmetered = tmp_path / "unmetered.xml"
    unmetered.write_bytes(Drawing().source("a").line("l", "a", "b").document())
    assert run("model", "trace", unmetered, "down", "l")[2].endswith(", 0 usage points\n")


def test_loops_and_isolation(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ring.xml"
    path.write_bytes(drawing().switch("tie", "a", "c").document())
    code, out = trace(run, path, "loops")
    assert code == 1
    [loop] = out
    assert loop.startswith("Loop on A B C from EnergySource source name, over Breaker")
    assert set(trace(run, path, "isolate", "c")[1]) == {
        "open: Breaker tie name (tie)",
        "open: Breaker y name (y)",
    }
    code, out = trace(run, path, "isolate", "a", "--json")
    assert code == 1
    assert json.loads("\n".join(out))["sources"][0]["mrid"] == "source"
    assert trace(run, path, "loops", "--normal")[0] == 1
    [loop] = json.loads("\n".join(trace(run, path, "loops", "--json")[1]))
    assert loop["phases"] == ["A", "B", "C"]


def test_live_earths(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "earthed.xml"
    earthed = drawing().switch("gd", "c", "e", kind="GroundDisconnector", normally_open=True)
    path.write_bytes(earthed.document())
    code, out = trace(run, path, "earths")
    said = (
        "Earth GroundDisconnector gd name at ConnectivityNode c is live on A B C"
        " from EnergySource source name, through Breaker y name."
    )
    assert (code, out) == (1, [said])
    assert f"danger: {said}" in trace(run, path, "state")[1]
    code, out = trace(run, path, "state", "c")
    assert code == 1
    assert "danger       earthed and live on A B C" in out
    [found] = json.loads("\n".join(trace(run, path, "earths", "--json")[1]))
    assert (found["earth"], found["node"]) == ("gd", "c")
    assert found["phases"] == ["A", "B", "C"]
    assert trace(run, path, "earths", "--normal") == (0, [])


def test_several_files_are_one_network(run: Run, feeder: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.xml"
    more.write_bytes(Drawing().line("line", "c", "d").consumer("far", "d").document())
    code, out = trace(run, more, feeder, "up", "far")
    assert (code, names(out)) == (0, ["line", "y", "x", "source"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("up", "nobody"), "no object of the mRID or name nobody"),
        (("state", "--at", "2026-01-01"), "--at is for the hub's journal"),
        (("up",), "up is asked of 1 objects, not of 0"),
        (("between", "x"), "between is asked of 2 objects, not of 1"),
        (("isolate",), "isolate is asked of 1 or more objects"),
        (("loops", "x"), "loops is asked of 0 objects"),
        ((), "what is asked? One of up, down"),
    ],
)
def test_what_cannot_be_asked_is_two(
    run: Run, feeder: Path, arguments: tuple[str, ...], says: str
) -> None:
    code, out, err = run("model", "trace", feeder, *arguments)
    assert (code, out) == (2, "")
    assert says in err


def test_a_time_that_is_none_is_said(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("model", "trace", "state", "--at", "soon")
    assert ended.value.code == 2
    assert "'soon' is no time, such as 2026-07-14T15:00" in capsys.readouterr().err


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A hub in which x was opened a minute after the model came, and closed another one later."""
    (tmp_path / "var").mkdir()
    clock = fakes.Clock()
    with closing(Journal.open(f"sqlite:///{tmp_path}/var/gridbus.db", clock=clock)) as journal:
        for message in (
            story.grid(),
            story.switched("open", "x"),
            story.switched("close", "x"),
            story.switched("open", "y"),
        ):
            happen(journal, message)
            clock.forward(60)
    return tmp_path


def test_the_hub_is_asked_now_and_then(run: Run, hub: Path) -> None:
    assert trace(run, "state", "c")[0] == 1
    for seconds, dead in ((0, 0), (59, 0), (60, 2), (119, 2), (120, 0), (180, 1)):
        at = (fakes.START + timedelta(seconds=seconds)).isoformat()
        code, out, _ = run("model", "trace", "state", "--at", at, "--json")
        assert (code, len(json.loads(out)["dead_nodes"])) == (min(dead, 1), dead), seconds
    assert trace(run, "--normal", "state")[0] == 0


def test_the_network_is_exported_as_operated(run: Run, hub: Path) -> None:
    out = hub / "out.xml"
    assert run("model", "export", "-o", out) == (0, "", "")
    assert out.read_bytes() == write.full(read(drawing().document()))
    assert run("model", "export", "--as-operated", "-o", out)[0] == 0
    code, said, _ = run("model", "diff", "1.1", out)
    assert code == 1
    assert "Switch.open of Breaker y name (y): false -> true." in said
    then = (fakes.START + timedelta(seconds=60)).isoformat()
    assert run("model", "export", "--as-operated", "--at", then, "-o", out)[0] == 0
    assert "Breaker x name (x): false -> true" in run("model", "diff", "1", out)[1]
    assert run("model", "export", "--state-variables", "-o", out)[0] == 0
    found = state(read(out.read_bytes()))
    assert found.switches == {"#_x": {"": False}, "#_y": {"": True}}
    assert not found.problems
    [island] = found.islands
    assert island.nodes == {made_node(["a", "b"])}
    assert found.nodes == {island.reference: {"#_a", "#_b"}}


def test_an_empty_hub_has_nothing_to_export(run: Run, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    code, out, err = run("model", "export")
    assert (code, out) == (2, "")
    assert "there is no model in force" in err


@pytest.mark.reference
def test_dead_nodes_are_those_without_voltage(run: Run, shared: Path) -> None:
    folder = shared / "data" / "cim" / "as_operated" / "ieee123_open1"
    code, out, _ = run("model", "trace", folder / "ieee123_open1.xml", "state", "--json")
    assert code == 1
    assert len(json.loads(out)["dead_nodes"]) == 36
