"""The hub of the kill test of AMI events: `python -m tests.faults.events_process FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event

from adapters.ami import AmiAdapter
from dms_apps.outage import OutageApp
from hub.dispatch import Hub
from hub.journal import Journal


def run(folder: Path) -> None:
    """Run the hub until it is killed."""
    hub = Hub(Journal.open(f"sqlite:///{folder / 'gridbus.db'}"), {"outage": OutageApp()})
    hub.attach_adapter("ami", AmiAdapter(folder=folder / "in", settle=0.0, interval=0.05))
    hub.run()
    Event().wait()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
