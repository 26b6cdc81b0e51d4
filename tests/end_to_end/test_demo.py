"""The demonstration, unattended: exactly what `gridbus demo --once` does."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.listening import free_port

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("feeder", "device"),
    [
        pytest.param("ieee123", "Load break switch", marks=pytest.mark.fault),
        ("ieee9500", "Recloser"),
    ],
)
def test_the_story_is_seen_to_its_end(feeder: str, device: str) -> None:
    gridbus = Path(sys.executable).parent / "gridbus"
    told = subprocess.run(
        [str(gridbus), "demo", "--once", "--feeder", feeder],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    lines = dict(
        line.split(maxsplit=1) for line in told.stdout.splitlines() if not line.startswith(" ")
    )
    assert re.match(
        r"http://127\.0\.0\.1:\d+ .*dispatcher; one-time password \S{12,}\)", lines["console"]
    )
    tripped = re.search(r"(\S+) trips: ([\d,]+) customers", told.stderr)
    assert tripped is not None
    name, customers = tripped[1], int(tripped[2].replace(",", ""))
    assert f"predicted: {device} {name} is predicted open: " in told.stderr
    assert re.search(rf"\d+ calls are of it; SCADA tells that {name} is open", told.stderr)
    assert re.search(r"an outage at \S+ is planned for tomorrow", told.stderr)
    left = customers - customers // 3
    assert lines["outage"] == f"{name}: {left:,} customers without supply"
    assert lines["why"].startswith(f"Power is coming back below {device.lower()} {name}: ")
    assert lines["crew"] == "CREW-1 arrived"
    assert re.fullmatch(r"\d\d:\d\d UTC, as the crew says", lines["expected"])
    assert re.fullmatch(r"\S+, of dispatcher: \d+ orders?, \d+\.\d+ h of work", lines["zone"])
    assert "/outages  what is out" in lines["look"]
    assert "is no ISO 8601 date and time" in lines["quarantine"]
    assert "/api/v1/outages" in lines["REST"]
    assert "/soap" in lines["SOAP"]


def test_it_goes_on_where_it_was_though_it_was_killed(tmp_path: Path) -> None:
    first, again = (played(tmp_path, end) for end in (signal.SIGKILL, signal.SIGINT))
    outage = re.search(r"^outage +(.*)$", first, re.MULTILINE)
    assert outage is not None, first
    assert outage[0] in again, again


def played(data: Path, end: signal.Signals) -> str:
    """What the demonstration says until it is played, and then ended by a signal."""
    command = ["--data", str(data), "demo", "--feeder", "ieee123", "--port", str(free_port())]
    told = data / f"told-{end}"
    with told.open("w") as out:
        running = subprocess.Popen(
            [Path(sys.executable).parent / "gridbus", *command],
            cwd=REPOSITORY, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    deadline = time.monotonic() + 120
    while "Ctrl-C stops it" not in told.read_text() and running.poll() is None:
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
    running.send_signal(end)
    running.wait(60)
    return told.read_text()
