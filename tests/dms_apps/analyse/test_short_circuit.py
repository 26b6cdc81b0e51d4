"""`gridbus analyse short-circuit` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hub.cli import main
from tests.cim.electrical.documents import document
from tests.dms_apps.short_circuit.protected import parts
from tests.dms_apps.solver.feeder import VOLTS

N3 = VOLTS / np.sqrt(3) / abs(1.001 + 2.01j)
WEAK = {"r": {"ProtectedSwitch.breakingCapacity": "2000", "Switch.ratedCurrent": "100"}}


def written(path: Path, **said: dict[str, str]) -> str:
    found = {key: value for part in parts(**said) for key, value in part.items()}
    path.write_bytes(document(found))
    return str(path)


@pytest.fixture
def feeder(tmp_path: Path) -> str:
    return written(tmp_path / "feeder.xml")


def test_all_of_it(feeder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out"
    assert main(["analyse", "short-circuit", feeder, "--json", "--svg", str(folder)]) == 0
    told = json.loads(capsys.readouterr().out)
    [three] = [o for o in told["levels"] if (o["node"], o["fault"]) == ("n3", "3ph")]
    assert three["highest (A)"] == pytest.approx(N3, rel=1e-3)
    assert told["summary"]["protective devices"] == 4
    assert {one["device"] for one in told["reach"]} == {"b", "r", "f"}
    assert any("frequency" in one for one in told["remarks"])
    assert b"fault current (kA)" in (folder / "levels.svg").read_bytes()


@pytest.mark.parametrize(("option", "hertz"), [([], "50"), (["--frequency", "60"], "60")])
def test_the_frequency_is_that_of_the_hub_or_of_the_command_line(
    feeder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str], hertz: str
) -> None:
    (tmp_path / "hub.toml").write_text("frequency = 50.0")
    of = ["--config", str(tmp_path), "analyse", "short-circuit", feeder, "--json"]
    assert main([*of, *option]) == 0
    told = json.loads(capsys.readouterr().out)
    assert f"frequency {hertz}.0" in told["summary"]["engine"]
    assert not any("frequency" in one for one in told["remarks"])


def test_a_rating_exceeded_is_an_exit_code(tmp_path: Path) -> None:
    weak = written(tmp_path / "weak.xml", **WEAK)
    assert main(["analyse", "short-circuit", weak]) == 1


def test_all_motors_of_iec_60909(feeder: str, capsys: pytest.CaptureFixture[str]) -> None:
    of = ["analyse", "short-circuit", feeder, "--iec60909", "--json"]
    for more, said in (([], "omit_motors True"), (["--all-motors"], "omit_motors False")):
        assert main([*of, *more]) == 0
        assert said in json.loads(capsys.readouterr().out)["summary"]["engine of largest"]


def test_by_iec_60909(feeder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", "short-circuit", feeder, "--iec60909", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    [at] = [one for one in told["iec60909-largest"] if one["node"] == "n3"]
    assert at["Ik3 (A)"] == pytest.approx(1.1 * N3, rel=2e-3)
    [least] = [one for one in told["iec60909-smallest"] if one["node"] == "n3"]
    assert least["Ik3 (A)"] < at["Ik3 (A)"]
    summary = told["summary"]
    for name, table, extreme in (
        ("highest", "iec60909-largest", max),
        ("lowest", "iec60909-smallest", min),
    ):
        for kind in ("Ik3", "ip3", "Ib3", "Ik", "Ith", "Ik2", "Ik1"):
            value = extreme(row[f"{kind} (A)"] for row in told[table])
            assert summary[f"{name} {kind}"].startswith(f"{value / 1e3:,.3f} kA at ")
    assert "highest" not in summary


def test_one_fault(feeder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", "short-circuit", feeder, "--node", "n3", "--phases", "A"]) == 0
    said = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    assert said["fault"].strip() == "1ph-earth A"
    assert said["phase A"].strip() == said["to earth"].strip()
    assert main(["analyse", "short-circuit", feeder, "--node", "n3", "--load-flow", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["kind"] for one in told["contributions"]} >= {"source", "line"}
    assert main(["analyse", "short-circuit", feeder, "--node", "n77"]) == 2
    assert "no node has the mRID or name n77" in capsys.readouterr().err
    assert main(["analyse", "short-circuit", feeder, "--node", "n3", "--phases", "s1"]) == 2
    assert "has no phases s1" in capsys.readouterr().err
