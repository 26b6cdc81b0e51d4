"""`gridbus report`."""

from __future__ import annotations

import json
from contextlib import closing
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from hub.cli import main
from hub.journal import Journal
from hub.main import components
from tests.telling import PNG, TellingApp, loads


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of a hub with an app that tells."""
    told = EntryPoint("telling", "tests.telling:TellingApp", "gridbus.apps")
    monkeypatch.setattr(components, "entry_points", lambda **_: EntryPoints([told]))
    (tmp_path / "hub.toml").write_text('apps = ["telling"]\nadapters = []\n')
    (tmp_path / "var").mkdir()
    return tmp_path


@pytest.fixture
def stored(config: Path) -> None:
    with closing(Journal.open(f"sqlite:///{config / 'var' / 'gridbus.db'}")) as journal:
        journal.create_tables(TellingApp().tables)
        with journal.transaction() as transaction:
            for place, amps in (("p-a", 20.5), ("p-b", None)):
                transaction.connection.execute(sa.insert(loads).values(place=place, amps=amps))


def run(config: Path, *arguments: object) -> int:
    options = ["--config", str(config), "--data", str(config / "var")]
    return main([*options, "report", *map(str, arguments)])


def test_reports_are_listed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "--json") == 0
    assert [one["report"] for one in json.loads(capsys.readouterr().out)] == [
        "loading",
        "customers",
        "slow",
    ]


@pytest.mark.usefixtures("stored")
def test_a_report_is_a_table(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "telling", "loading", "above=3") == 0
    printed = capsys.readouterr()
    assert [line.split()[:2] for line in printed.out.splitlines()] == [
        ["place", "current"],
        ["p-a", "20.5"],
        ["p-b", "-"],
    ]
    assert "Place p-x was left out" in printed.err
    assert run(config, "telling", "loading", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"][0][:2] == ["p-a", 20.5]
    assert said["columns"][1]["unit"] == "A"


@pytest.mark.usefixtures("stored")
def test_files_are_written(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, book, drawn = config / "t.csv", config / "t.xlsx", config / "d.png"
    written = ("--csv", table, "--xlsx", book, "--png", drawn)
    assert run(config, "telling", "loading", *written) == 0
    assert capsys.readouterr().out == ""
    assert table.read_bytes().startswith(b"place,current (A),at\r\np-a,20.5,")
    assert drawn.read_bytes() == PNG
    sheet = load_workbook(book).worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["place", "current (A)", "at"]
    assert [cell.value for cell in sheet[2]][:2] == ["p-a", 20.5]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("telling", "loading", "above=x"), "above: a number was expected, not 'x'"),
        (("telling", "loading", "above"), "'above': key=value was expected"),
        (("telling", "loading", "above=1", "above=2"), "above: it is given twice"),
        (("telling", "loading", "below=1"), "below: there is no such parameter"),
        (("telling", "x"), "telling has no report 'x'; it has loading, customers, slow."),
        (("x", "x"), "There is no app 'x' with reports; those with reports are telling."),
        (("telling", "customers", "place=p", "--svg", "x.svg"), "customers has no drawing"),
    ],
)
def test_what_cannot_be_answered(
    config: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    assert run(config, *arguments) == 2
    assert sentence in capsys.readouterr().err


def test_an_app_that_never_ran_has_nothing_to_tell(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(Journal.open(f"sqlite:///{config / 'var' / 'gridbus.db'}")):
        pass
    assert run(config, "telling", "loading") == 2
    assert "telling has not run in this hub yet" in capsys.readouterr().err
