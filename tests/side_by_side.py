"""Run all tests in two processes at once: `python tests/side_by_side.py [pytest option ...]`.

What waits for services, browsers and clocks is one half, what computes the other, with what of the
hub and of the faults makes both alike: together they take about as long as the longer one.  The
first shows its progress; what the second has said comes behind it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
FIRST = ("hub", "end_to_end", "compatibility")
BUT = ("hub/journal",)
"""Of the first, this goes with the second."""


def main(options: list[str]) -> int:
    """The worse of both exit codes."""
    if any(Path(option).exists() for option in options):
        return _run(options).wait()  # somebody wants some tests only
    second = sorted({*_tests(TESTS), *(TESTS / name for name in BUT)} - {TESTS / n for n in FIRST})
    first = [place for name in FIRST for place in _but(TESTS / name)]
    with tempfile.TemporaryFile() as said:
        other = _run([*options, *map(str, second)], said.fileno())
        codes = [_run([*options, *map(str, first)]).wait(), other.wait()]
        said.seek(0)
        sys.stdout.buffer.write(said.read())
    return max(codes)


def _tests(folder: Path) -> Iterator[Path]:
    """Every folder with tests in it, and every file of them."""
    yield from (p for p in folder.iterdir() if p.is_dir() and any(p.rglob("test_*.py")))
    yield from folder.glob("test_*.py")


def _but(folder: Path) -> list[Path]:
    """A folder, or what is in it when not all of it goes here."""
    left = {TESTS / name for name in BUT}
    if not any(folder in place.parents for place in left):
        return [folder]
    return sorted(set(_tests(folder)) - left)


def _run(arguments: list[str], out: int | None = None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(command, stdout=out, stderr=out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
