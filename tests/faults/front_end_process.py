"""One of two hubs with a front end: `python -m tests.faults.front_end_process FOLDER DATABASE`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from threading import Event

from adapters.scada import ScadaAdapter
from hub.dispatch import Hub, Retry
from hub.journal import Journal
from hub.settings import build


def opened(folder: Path, database: str) -> Hub:
    """A hub with the settings of the folder; it does not run yet."""
    settings = json.loads((folder / "settings.json").read_text())
    hub = Hub(Journal.open(database), {}, retry=Retry())
    hub.attach_adapter("scada", build(ScadaAdapter, settings, folder / "scada.toml"))
    return hub


def run(folder: Path, database: str) -> None:
    """Run the hub until it is killed."""
    opened(folder, database).run()
    print("runs", flush=True)
    Event().wait()


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2])
