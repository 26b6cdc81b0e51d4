"""What the hub's front door takes, put together."""

from __future__ import annotations

from pathlib import Path

import httpx

from hub.config import Config, Http
from hub.main import Running

FOLDER = Path(__file__).parents[3] / "config"


def test_the_console_takes_small_bodies_only(tmp_path: Path) -> None:
    config = Config(data=tmp_path, adapters=(), apps=(), http=Http(port=0), folder=FOLDER)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    with Running(config, {}) as hub:
        largest, larger = (
            httpx.post(f"{hub.url}/login", content=b"a" * size, headers=headers).status_code
            for size in (64 * 1024, 64 * 1024 + 1)
        )
    assert (largest, larger) == (422, 413)
