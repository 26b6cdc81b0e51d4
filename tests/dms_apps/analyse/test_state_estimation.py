"""`gridbus analyse state-estimation` as a user calls it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from hub.cli import main
from tests.cim.electrical.documents import document
from tests.dms_apps.solver.feeder import balanced_line, load, source, switch
from tests.dms_apps.state_estimation.test_app import ANALOG, TRUTH

HEAD = "measurement,value,at,quantity,phases,error\n"


@pytest.fixture
def feeder(tmp_path: Path) -> Path:
    path = tmp_path / "feeder.xml"
    parts = (source(), balanced_line(), switch(), load(), ANALOG)
    path.write_bytes(document({key: said for part in parts for key, said in part.items()}))
    return path


def values(tmp_path: Path, *more: str, off: float = 1.0) -> Path:
    """Watts and var of the line in each phase, and volts of the load, phase A by the model's M1."""
    lines = [f"M1,{abs(TRUTH.at('n3', 'A')) / 1e3 * off},,,,\n"]
    for row, phase in enumerate("ABC"):
        power = complex(TRUTH.power[TRUTH.layout.rows("l")][row])
        lines += [
            f"P{phase},{power.real},l,W,{phase},3\n",
            f"Q{phase},{power.imag},l,VAr,{phase},3\n",
        ]
        lines.append(f"V{phase},{abs(TRUTH.at('n2', phase))},n2,V,{phase},1\n")
    path = tmp_path / "values.csv"
    path.write_text(HEAD + "".join([*lines, *more]))
    return path


def asked(feeder: Path, *more: str) -> int:
    return main(["analyse", "state-estimation", str(feeder), *more])


def test_a_summary(feeder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(feeder, "--measured", str(values(tmp_path))) == 0
    said = dict(line.rsplit("  ", 1) for line in capsys.readouterr().out.splitlines())
    found = {name.strip(): value.strip() for name, value in said.items()}
    assert found["measured values"] == "10"
    assert found["bad"] == "0"
    assert found["places told without load models"] == "9"


def test_a_bad_value_is_told(
    feeder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(feeder, "--measured", str(values(tmp_path, off=1.2)), "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in told["measurements"] if one["verdict"] == "bad"] == [
        "Measurement M1 (m)"
    ]
    assert any(one.startswith("Measurement M1 (m) is bad") for one in told["remarks"])
    at_load = [one for one in told["voltages"] if one["node"] == "n3" and one["phase"] == "A"]
    assert at_load[0]["voltage (V)"] == pytest.approx(abs(TRUTH.at("n3", "A")), rel=2e-3)


def test_tables_as_csv(feeder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert asked(feeder, "--measured", str(values(tmp_path)), "--csv", str(folder)) == 0
    assert {path.stem for path in folder.iterdir()} == {
        *("summary", "voltages", "flows", "measurements")
    }
    with (folder / "voltages.csv").open() as file:
        assert {row["without load models"] for row in csv.DictReader(file)} == {"yes"}


def test_without_values_it_is_the_load_model(
    feeder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(feeder) == 0
    assert "places told without load models" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("X,1,,,,", "measurement 'X': no model has it"),
        ("X,many,n2,V,A,", "value 'many' must be a number"),
        ("X,1,n2,Hz,A,", "quantity 'Hz' must be one of V, A, W, VAr"),
        ("X,1,n2,V,A,x", "error 'x' must be a number"),
    ],
)
def test_lines_that_cannot_be_read_are_refused(
    feeder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, why: str
) -> None:
    assert asked(feeder, "--measured", str(values(tmp_path, line + "\n"))) != 0
    said = capsys.readouterr().err
    assert why in said
    assert "line 12" in said
