"""`gridbus subscription ...`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.cli import main

URL = "http://127.0.0.1:9/callbacks"


def test_added_listed_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hub.toml").write_text(f'[replies]\nallow = ["{URL}"]\n')
    config = Path(__file__).parents[3] / "config"
    (tmp_path / "roles.toml").write_bytes((config / "roles.toml").read_bytes())

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["--config", str(tmp_path), "--data", str(tmp_path / "var"), *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    made = ("subscription", "add", "oms", "--url", URL, "--topic", "created.EndDeviceEvents")
    assert run("system", "add", "oms", "--noun", "EndDeviceEvents")[0] == 0
    code, out, err = run("subscription", "add", "ems", *made[3:])
    assert (code, out) == (2, "")
    assert 'there is no system "ems"' in err
    code, out, _ = run(*made)
    assert code == 0
    [listed] = json.loads(run("subscription", "list", "--json")[1])
    assert (listed["id"], listed["system"], listed["url"]) == (out.strip(), "oms", URL)
    code, _, err = run(*made[:4], "http://10.1.2.3/", *made[5:])
    assert code == 2
    assert "nor in replies.allow" in err
    code, _, err = run(*made, "--edition", "2")
    assert code == 2
    assert "schemas.edition2 in hub.toml" in err
    assert run("subscription", "remove", out.strip())[0] == 0
    assert run("subscription", "remove", out.strip())[0] == 2
    assert json.loads(run("subscription", "list", "--json")[1]) == []
