"""`gridbus analyse load-flow` as a user calls it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from hub.cli import main
from tests.cim.electrical.documents import document
from tests.dms_apps.solver.feeder import balanced_line, load, source, switch


@pytest.fixture
def feeder(tmp_path: Path) -> Path:
    path = tmp_path / "feeder.xml"
    parts = (source(), balanced_line(), switch(), load())
    path.write_bytes(document({key: said for part in parts for key, said in part.items()}))
    return path


def asked(feeder: Path, *more: str) -> int:
    return main(["analyse", "load-flow", str(feeder), "--engine", "nodal", *more])


def test_a_summary(feeder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(feeder) == 0
    said = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    assert said["drawn"].strip() == "900.00 kW, 300.00 kvar"
    assert said["lowest voltage"].strip().startswith("0.98")
    assert said["islands"].strip() == "1"


def test_all_of_it_as_json(feeder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(feeder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["voltages"]) == 9
    assert {"node", "phase", "voltage (V)", "voltage (p.u.)", "angle (deg)"} <= told["voltages"][
        0
    ].keys()
    drawn = [one for one in told["flows"] if one["mRID"] == "d"]
    assert [one["active power (kW)"] for one in drawn] == pytest.approx([300] * 3)
    assert told["violations"] == []


def test_tables_as_csv(feeder: Path, tmp_path: Path) -> None:
    assert asked(feeder, "--csv", str(tmp_path / "out")) == 0
    with (tmp_path / "out" / "voltages.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["node"] for row in rows} == {"n1", "n2", "n3"}
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {
        *("summary", "voltages", "flows", "loading", "violations")
    }


def test_drawings(feeder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out"
    assert asked(feeder, "--svg", str(folder), "--png", str(folder)) == 0
    assert {path.name for path in folder.iterdir()} == {
        *("voltages.svg", "voltages.png", "loading.svg", "loading.png"),
        *("map.svg", "map.png"),
    }
    assert b"voltage (per unit)" in (folder / "voltages.svg").read_bytes()
    assert "islands" in capsys.readouterr().out


def test_what_if(feeder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(feeder, "--open", "w", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["summary"]["without supply"] == 3


def test_violations_are_an_exit_code(feeder: Path) -> None:
    assert asked(feeder, "--low", "0.99") == 1


def test_what_is_not_there_is_named(feeder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(feeder, "--open", "nobody") == 2
    assert "'nobody': no switch has that mRID or name" in capsys.readouterr().err
    assert asked(feeder, "--tap", "t") == 2
    assert "a number were expected" in capsys.readouterr().err


def test_what_if_tells_both(feeder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", "what-if", str(feeder), "--loads", "2"]) == 0
    assert "900.00 -> 1,800.00" in capsys.readouterr().out


def test_n_1_names_the_worst(feeder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", "n-1", str(feeder), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {one["mRID"] for one in told["contingencies"]} == {"s", "l", "w"}


def test_hosting_capacity(feeder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["analyse", "hosting-capacity", str(feeder), "--most", "500", "--json"]
    assert main([*words, "--load", "d"]) == 0
    [one] = json.loads(capsys.readouterr().out)["hosting"]
    assert one["hosting capacity (kW)"] == 500
