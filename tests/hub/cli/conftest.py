"""The command `gridbus` in this process, on a data folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cli import main
from tests.hub.cli.models import document

Run = Callable[..., tuple[int, str, str]]
CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, stdout and stderr of one command."""

    def run(*arguments: object) -> tuple[int, str, str]:
        options = ["--config", str(CONFIG), "--data", str(tmp_path / "var")]
        code = main([*options, *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """old.xml and new.xml without headers; one.xml and two.xml with, two superseding one."""
    (tmp_path / "old.xml").write_bytes(document())
    (tmp_path / "new.xml").write_bytes(document(closed=False, more=True))
    (tmp_path / "one.xml").write_bytes(document("1"))
    (tmp_path / "two.xml").write_bytes(document("2", "1", closed=False))
    return tmp_path
