"""A hub that runs load flows, to be killed: `python -m tests.faults.analysis_process DATABASE`."""

from __future__ import annotations

import sys
from threading import Event

from dms_apps.load_flow import LoadFlowApp
from hub.dispatch import Hub
from hub.journal import Journal

APP = "load_flow"


def opened(database: str) -> Hub:
    """A hub that does not run yet."""
    app = LoadFlowApp(every=0.0, settle=0.0, controls="fixed", moved=1e-6)
    return Hub(Journal.open(database), {APP: app})


def run(database: str) -> None:
    """Run the hub until it is killed."""
    opened(database).run()
    print("runs", flush=True)
    Event().wait()


if __name__ == "__main__":
    run(sys.argv[1])
