"""`gridbus codes` as a user meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hub.cli import main
from tests.hub.cli.conftest import CONFIG, Run


def test_an_event_is_explained(run: Run) -> None:
    code, out, _ = run("codes", "explain", "3.26.0.85")
    assert code == 0
    assert out.splitlines() == [
        "3.26.0.85, end device event: The meter lost power (last gasp).",
        "meaning: power-out",
        "",
        "name           number  says",
        "type           3       electric meter (inferred)",
        "domain         26      power (inferred)",
        "subDomain      0       none",
        "eventOrAction  85      failed (inferred)",
    ]


def test_an_unknown_code_ends_with_one(run: Run) -> None:
    code, out, _ = run("codes", "explain", "3.99.0.1")
    assert code == 1
    assert "domain         99      unknown" in out.splitlines()


def test_what_is_no_code_ends_with_two(run: Run) -> None:
    code, out, err = run("codes", "explain", "outage")
    assert (code, out) == (2, "")
    assert err.startswith("gridbus: 'outage' is no code: ")


def test_codes_are_listed(run: Run) -> None:
    code, out, _ = run("codes", "list", "events", "--json")
    rows = json.loads(out)
    assert code == 0
    assert {"code": "3.26.0.216", "meaning": "power-restored"}.items() <= rows[1].items()


def test_a_source_and_its_own_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    hub, ami = folder / "hub.toml", folder / "adapters" / "ami.toml"
    hub.write_text(hub.read_text() + '[codes.ami]\n"3.26.0.47" = "other"\n')
    ami.write_text(ami.read_text().replace("\n[codes]", '\n[codes]\n"17" = "3.26.0.85"'))
    options = ["--config", str(folder), "codes"]
    assert main([*options, "explain", "17", "--source", "ami"]) == 0
    said = capsys.readouterr().out.splitlines()[:2]
    assert said == [
        "17 of ami is 3.26.0.85, end device event: The meter lost power (last gasp).",
        "meaning: power-out",
    ]
    assert main([*options, "list", "events", "--source", "ami", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["native"], row["meaning"]) for row in rows] == [
        ("3.26.0.47", "other"),
        ("17", "power-out"),
    ]
    hub.write_text(hub.read_text() + '"17" = "3.26.0.216"\n')
    assert main([*options, "list", "events"]) == 2
    assert "codes.17 is in hub.toml, too: codes.ami" in capsys.readouterr().err
