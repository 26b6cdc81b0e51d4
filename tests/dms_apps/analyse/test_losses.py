"""`gridbus analyse losses` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.cli import main
from tests.cim.electrical.documents import document
from tests.dms_apps.losses.test_losses import objects


def test_losses_of_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "feeder.xml"
    path.write_bytes(document({key: said for part in objects() for key, said in part.items()}))
    asked = ["analyse", "losses", str(path), "--engine", "nodal"]
    assert main(asked) == 0
    said = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    assert said["transformers, no load"].strip() == "0.299 kW"
    assert main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    [tank] = told["transformers"]
    whole = sum(one["losses (W)"] for one in told["devices"])
    assert tank["no-load (W)"] == pytest.approx(299.4, abs=0.5)
    assert told["summary"]["lost"] == f"{whole / 1e3:,.3f} kW"
