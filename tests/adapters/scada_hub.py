"""A hub that reads simulated RTUs and operates them, in a process of its own, until it is killed:
`python -m tests.adapters.scada_hub FOLDER`.  The folder holds the points and the settings."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

from adapters.scada import ScadaAdapter
from hub.dispatch import Hub, Retry
from hub.journal import Journal
from hub.settings import build


def opened(folder: Path, settings: dict[str, Any]) -> Hub:
    """A hub that keeps all it has in the folder; it does not run yet."""
    journal = Journal.open(f"sqlite:///{folder / 'hub.db'}")
    hub = Hub(journal, {}, retry=Retry())
    hub.attach_adapter("scada", build(ScadaAdapter, settings, folder / "scada.toml"))
    return hub


def main(folder: Path) -> None:
    hub = opened(folder, json.loads((folder / "settings.json").read_text()))
    hub.run()
    print("runs", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
