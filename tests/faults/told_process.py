"""One of two hubs that tell the IVR of outages and of whom to call:
`python -m tests.faults.told_process FOLDER DATABASE URL`."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event

from adapters.ivr import IvrAdapter
from adapters.ivr.callback_lists import CallbackList
from adapters.ivr.status import StatusList
from hub.dispatch import Hub
from hub.journal import Journal


def opened(folder: Path, database: str, url: str) -> Hub:
    """A hub that does not run yet."""
    hub = Hub(Journal.open(database), {})
    ivr = IvrAdapter(
        folder=folder,
        out=StatusList(ways=("http",), url=url, current=""),
        callback_list=CallbackList(ways=("http",), url=url, once=True),
    )
    hub.attach_adapter("ivr", ivr)
    return hub


def run(folder: Path, database: str, url: str) -> None:
    """Run the hub until it is killed."""
    opened(folder, database, url).run()
    print("runs", flush=True)
    Event().wait()


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
