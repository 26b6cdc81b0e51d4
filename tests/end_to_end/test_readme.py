"""The claims of the READMEs that are commands or places: each can be given, each is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from hub import cli

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted(
    [REPOSITORY / "README.md"]
    + [
        page
        for part in ("adapters", "cim", "dms_apps", "hub")
        for page in REPOSITORY.glob(f"{part}/README.md")
    ]
    + [*REPOSITORY.glob("adapters/*/README.md")]
)
README = "\n".join(page.read_text() for page in PAGES)
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMANDS = [
    line.split(" #")[0].strip().removeprefix("$ ")
    for language, block in BLOCKS
    if language in ("sh", "bash", "console")
    for line in block.replace("\\\n", " ").splitlines()
]
PATH = re.compile(
    r"(?<![\w/.-])((?:adapters|benchmarks|cim|config|dms_apps|hub|schemas|tests)/[\w./-]*)"
)
TARGET = re.compile(r"(?:^|`)make ([a-z][a-z-]*)", re.MULTILINE)


GIVEN = sorted({c for c in COMMANDS if c.startswith("gridbus ")})
NAMED = sorted({*re.findall(r"`(gridbus(?: [a-z]+(?:-[a-z]+)*)+)", README)})


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
    usage = capsys.readouterr().out.removeprefix("usage: ").split(" [")[0]
    assert usage != "gridbus"
    assert line.startswith(usage)


def test_make_knows_the_targets() -> None:
    named = set(TARGET.findall(README))
    known = set(
        re.findall(r"^([a-z][a-z-]*):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    )
    assert {"demo", "test"} <= named <= known


def test_the_paths_exist() -> None:
    named = {path.rstrip(".") for path in PATH.findall(README)}
    assert named
    assert not [path for path in sorted(named) if not (REPOSITORY / path).exists()]


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_the_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        if link.startswith("http"):
            continue
        file, _, anchor = link.partition("#")
        there = (page.parent / file) if file else page
        assert there.exists(), link
        assert not anchor or anchor in _anchors(there), link
