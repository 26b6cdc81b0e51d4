"""Run all tests in two processes at once: `python tests/side_by_side.py [pytest option ...]`.

What waits for services, browsers and clocks is one half, what computes and what is killed the
other: together they take about as long as the longer one.  The first shows its progress; what the
second has said comes behind it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent
WAITING = ("hub", "end_to_end", "compatibility")


def main(options: list[str]) -> int:
    """The worse of both exit codes."""
    if any(Path(option).exists() for option in options):
        return _run(options).wait()  # somebody wants some tests only
    waiting = [str(TESTS / name) for name in WAITING]
    computing = [str(path) for path in _others()]
    with tempfile.TemporaryFile() as said:
        second = _run([*options, *computing], said.fileno())
        codes = [_run([*options, *waiting]).wait(), second.wait()]
        said.seek(0)
        sys.stdout.buffer.write(said.read())
    return max(codes)


def _others() -> list[Path]:
    """Every folder with tests, and every file of them, that is not in the other half."""
    folders = {path for path in TESTS.iterdir() if path.is_dir() and any(path.rglob("test_*.py"))}
    return sorted({*folders, *TESTS.glob("test_*.py")} - {TESTS / name for name in WAITING})


def _run(arguments: list[str], out: int | None = None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(command, stdout=out, stderr=out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
