"""Numbers on the command line that make no sense are refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.cli import main
from tests.cim.electrical.documents import document
from tests.dms_apps.solver.feeder import balanced_line, load, source, switch


@pytest.fixture
def feeder(tmp_path: Path) -> str:
    path = tmp_path / "feeder.xml"
    parts = (source(), balanced_line(), switch(), load())
    path.write_bytes(document({key: said for part in parts for key, said in part.items()}))
    return str(path)


@pytest.mark.parametrize(
    ("analysis", "option", "value", "rule"),
    [
        ("load-flow", "--loads", "nan", "nan is no number from 0 up"),
        ("load-flow", "--loads", "-1", "-1 is no number from 0 up"),
        ("load-flow", "--frequency", "0", "0 is no number above 0"),
        ("load-flow", "--high", "high", "high is no number above 0"),
        ("state-estimation", "--limit", "-1", "-1 is no number above 0"),
        ("state-estimation", "--volts", "0", "0 is no number above 0"),
        ("short-circuit", "--arc", "-1", "-1 is no number from 0 up"),
        ("hosting-capacity", "--most", "inf", "inf is no number above 0"),
        ("n-1", "--processes", "0", "0 is no whole number above 0"),
    ],
)
def test_a_number_that_makes_no_sense(
    analysis: str,
    option: str,
    value: str,
    rule: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["analyse", analysis, "feeder.xml", f"{option}={value}"])
    assert f"argument {option}: {rule}" in capsys.readouterr().err


def test_a_band_that_is_none(feeder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", "load-flow", feeder, "--low", "1.1", "--high", "0.9"]) == 2
    assert "--low 1.1 is not below --high 0.9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("analysis", "engine", "option"),
    [
        (["load-flow"], "OpenDSS ", "controls fixed"),
        (["losses", "--engine", "nodal"], "gridbus nodal ", "controls fixed"),
        (["short-circuit"], "gridbus faults ", "by per-phase"),
        (["short-circuit", "--node", "n3"], "gridbus faults ", "by per-phase"),
        (["what-if", "--open", "w"], "OpenDSS ", "controls fixed"),
        (["n-1", "--kind", "line", "--processes", "1"], "OpenDSS ", "controls fixed"),
        (["hosting-capacity", "--processes", "1", "--within", "100"], "OpenDSS ", "controls fixed"),
    ],
)
def test_every_outcome_tells_what_computed_it(
    feeder: str, capsys: pytest.CaptureFixture[str], analysis: list[str], engine: str, option: str
) -> None:
    main(["analyse", *analysis, feeder, "--json"])
    told = json.loads(capsys.readouterr().out)["summary"]["engine"]
    assert told.startswith(engine)
    assert option in told


def test_tables_of_csv_have_their_engine_beside_them(feeder: str, tmp_path: Path) -> None:
    main(["analyse", "load-flow", feeder, "--csv", str(tmp_path / "out")])
    assert 'engine,"OpenDSS' in (tmp_path / "out" / "summary.csv").read_text()


def test_a_load_that_was_asked_about_and_is_not_fed_is_named(
    feeder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--load", "d", "--open", "w", "--processes", "1"]
    assert main(["analyse", "hosting-capacity", feeder, *asked]) == 0
    said = capsys.readouterr()
    assert "EnergyConsumer d (d) is without supply: it is left out." in said.err


def test_what_is_wrong_with_a_file_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bare.xml"
    parts = (balanced_line(), load())
    path.write_bytes(document({key: said for part in parts for key, said in part.items()}))
    assert main(["analyse", "load-flow", str(path)]) == 1
    assert main(["analyse", "losses", str(path)]) == 1
    assert "-0.00" not in capsys.readouterr().out
    main(["analyse", "hosting-capacity", str(path), "--processes", "1"])
    lines = capsys.readouterr().err.splitlines()
    assert "No model describes a source of supply: everything counts as de-energised." in lines
    assert len(lines) == len(set(lines))
