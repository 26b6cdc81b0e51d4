"""Names of those that get messages are told apart at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.config import Config, ConfigError
from hub.main import check
from hub.partner_settings import Partner

ROOT = Path(__file__).parents[3]
WRITES = '[out]\nways = ["files"]\n'


def started(folder: Path, ami: str = "", **given: Any) -> str:
    """What is said of the settings; "" when nothing is wrong."""
    (folder / "adapters").mkdir()
    (folder / "roles.toml").write_bytes((ROOT / "config" / "roles.toml").read_bytes())
    (folder / "adapters" / "ami.toml").write_text(ami)
    usual: dict[str, Any] = {"adapters": ("ami",), "apps": ("outage",)}
    try:
        check(Config(folder=folder, data=folder / "var", **{**usual, **given}), {})
    except ConfigError as error:
        return str(error)
    return ""


def partners(*names: str) -> tuple[Partner, ...]:
    there = "http://127.0.0.1:9/"
    return tuple(
        Partner(name=name, channel="soap", topics=("created.UnplannedOutages",), url=there)
        for name in names
    )


@pytest.mark.parametrize(
    ("given", "places"),
    [
        ({"partners": partners("mdm", "oms", "mdm")}, "partners[0] and partners[2]"),
        ({"partners": partners("outage")}, "apps[0] and partners[0]"),
        ({"partners": partners("ami"), "ami": WRITES}, "adapters[0] and partners[0]"),
        ({"adapters": ("ami", "ami")}, "adapters[0] and adapters[1]"),
        ({"apps": ("outage", "trouble_calls", "outage")}, "apps[0] and apps[2]"),
        ({"partners": partners("historian")}, "a part of the hub itself and partners[0]"),
        ({"partners": partners("callback-1")}, "partners[0] and each subscription over REST"),
    ],
)
def test_two_of_one_name_stop_the_start(tmp_path: Path, given: Any, places: str) -> None:
    said = started(tmp_path, **given)
    assert f"{tmp_path / 'hub.toml'}: {places} are both called " in said
    assert "give each a name of its own" in said


def test_a_system_that_is_read_may_be_a_partner(tmp_path: Path) -> None:
    assert started(tmp_path, partners=partners("ami", "oms")) == ""
