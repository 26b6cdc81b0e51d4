"""`gridbus profiles` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cim.profiles import NOUNS
from cim.schema import noun_xsd
from hub.cli import main
from tests.hub.cli.conftest import Run

OURS = noun_xsd(NOUNS["EndDeviceEvents"])
THEIRS = OURS.replace(b'name="reason" minOccurs="0"', b'name="reason"', 1)
SENTENCE = "EndDeviceEvents/EndDeviceEvent/reason is required there, optional here."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """XSD of two nouns, one as ours is."""
    folder = tmp_path / "iec"
    folder.mkdir()
    (folder / "events.xsd").write_bytes(THEIRS)
    (folder / "readings.xsd").write_bytes(noun_xsd(NOUNS["MeterReadings"]))
    (folder / "notes.xsd").write_text('<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema"/>')
    return folder


def test_differences_are_lines_and_the_exit_code(run: Run, folder: Path) -> None:
    code, out, err = run("profiles", "diff", "--against", folder)
    assert (code, out) == (1, f"{SENTENCE}\n")
    assert err == f"{folder}/notes.xsd declares no noun of this hub.\n"
    assert run("profiles", "diff", "MeterReadings", "--against", folder)[:2] == (0, "")
    code, out, _ = run("profiles", "diff", "EndDeviceEvents", "--against", folder, "--json")
    assert code == 1
    assert json.loads(out) == [
        {
            "noun": "EndDeviceEvents",
            "kind": "cardinality",
            "where": "EndDeviceEvents/EndDeviceEvent/reason",
            "sentence": SENTENCE,
        }
    ]


def test_what_cannot_be_compared(run: Run, folder: Path) -> None:
    code, out, err = run("profiles", "diff", "UnplannedOutages", "--against", folder)
    assert (code, out) == (2, "")
    assert "declares no UnplannedOutages; of our nouns it declares EndDeviceEvents" in err
    code, _, err = run("profiles", "diff")
    assert code == 2
    assert "schemas.override" in err
    (folder / "events.xsd").write_bytes(b"<a>")
    code, _, err = run("profiles", "diff", "--against", folder)
    assert code == 2
    assert f"{folder}/events.xsd, line 1: The document is not well-formed XML" in err


def test_the_list_says_whose_schema_holds(
    run: Run, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = json.loads(run("profiles", "list", "--json")[1])
    assert {line["noun"] for line in lines} == set(NOUNS)
    assert {line["overridden"] for line in lines} == {None}
    space = "http://iec.ch/TC57/2016/SwitchingPlans#"
    (tmp_path / "hub.toml").write_text(
        f"[schemas]\noverride = '{folder}'\n[schemas.namespaces]\nSwitchingPlans = '{space}'\n"
    )
    assert main(["--config", str(tmp_path), "profiles", "list", "--json"]) == 0
    listed = {line["noun"]: line for line in json.loads(capsys.readouterr().out)}
    assert listed["EndDeviceEvents"]["overridden"] == "events.xsd"
    assert listed["SwitchingPlans"]["namespace"] == space
    assert main(["--config", str(tmp_path), "profiles", "diff"]) == 1
    assert capsys.readouterr().out == f"{SENTENCE}\n"
