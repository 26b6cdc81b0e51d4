"""One frequency for every app that computes with one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.config import Config, ConfigError
from hub.main import components

COMPUTING = ("load_flow", "load_model", "losses", "short_circuit", "state_estimation", "study")
OTHERS = ("network_connectivity", "trouble_calls")


@pytest.mark.parametrize("hertz", [50.0, None])
def test_apps_compute_with_that_of_the_hub(tmp_path: Path, hertz: float | None) -> None:
    config = Config(folder=tmp_path, apps=(*COMPUTING, *OTHERS), frequency=hertz)
    found: dict[str, Any] = components.apps(config, {})
    assert {name: found[name].frequency for name in COMPUTING} == dict.fromkeys(COMPUTING, hertz)
    assert not any(hasattr(found[name], "frequency") for name in OTHERS)


def test_an_app_has_none_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "load_flow.toml").write_text("frequency = 60.0")
    config = Config(folder=tmp_path, apps=("load_flow",))
    with pytest.raises(ConfigError, match=r"load_flow\.toml: frequency belongs into .*hub\.toml"):
        components.apps(config, {})
