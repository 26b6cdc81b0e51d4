"""The README's claims that are commands: every one of them can be given."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from hub import cli

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.split(" #")[0].strip().removeprefix("$ ")
    for language, block in BLOCKS
    if language in ("sh", "bash", "console")
    for line in block.replace("\\\n", " ").splitlines()
]
PATH = re.compile(
    r"(?<![\w/.-])((?:adapters|benchmarks|cim|config|dms_apps|hub|schemas|tests)/[\w./-]*)"
)
TARGET = re.compile(r"\bmake ([a-z][a-z-]*)")


GIVEN = sorted({c for c in COMMANDS if c.startswith("gridbus ")})
NAMED = sorted({*re.findall(r"`(gridbus [a-z][a-z ]*[a-z])", README)})


def test_something_is_said_of_the_command() -> None:
    assert len(GIVEN) + len(NAMED) > 3


@pytest.mark.parametrize("line", GIVEN)
def test_the_command_line_takes_it(line: str) -> None:
    written = re.sub(r"<(\w+)>|\[[^]]*\]|\.\.\.", lambda m: m[1] or "", line)
    cli.parser().parse_args(shlex.split(written)[1:])


@pytest.mark.parametrize("line", NAMED)
def test_the_command_line_knows_it(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.parser().parse_args([*line.split()[1:], "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: {line}")


def test_make_knows_the_targets() -> None:
    named = {t for c in (*COMMANDS, *re.findall(r"`([^`]+)`", README)) for t in TARGET.findall(c)}
    known = set(
        re.findall(r"^([a-z][a-z-]*):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    )
    assert {"demo", "test"} <= named <= known


def test_the_paths_exist() -> None:
    named = {path.rstrip(".") for path in PATH.findall(README)}
    assert named
    assert not [path for path in sorted(named) if not (REPOSITORY / path).exists()]
