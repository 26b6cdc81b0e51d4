"""The hub of the kill test of CIS files: `python -m tests.faults.customers_process FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event

from adapters.cis import CisAdapter
from hub.dispatch import Hub
from hub.journal import Journal


def run(folder: Path) -> None:
    """Run the hub until it is killed."""
    adapter = CisAdapter(
        folder=folder / "in", nouns=("CustomerAgreements",), settle=0.0, interval=0.05
    )
    hub = Hub(Journal.open(f"sqlite:///{folder / 'gridbus.db'}"), {})
    hub.attach_adapter("cis", adapter)
    hub.run()
    Event().wait()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
