"""Reports as workbooks, read back."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from hub import workbook
from hub.report import Cell, Column, Report
from hub.workbook import as_workbook

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def table(title: str, *rows: tuple[Cell, ...], **more: tuple[str, ...]) -> Report:
    width = len(rows[0]) if rows else 1
    columns = tuple(Column(f"c{n}", "min" if n == 1 else "") for n in range(width))
    return Report(title=title, columns=columns, rows=rows, **more)  # type: ignore[arg-type]


def test_every_kind_of_cell() -> None:
    rows = (("a", 1.5, 3, AT, None), ("b", float("nan"), 2**40, None, None))
    book = load_workbook(io.BytesIO(as_workbook([table("Loading", *rows, remarks=("One.",))])))
    assert book.sheetnames == ["Loading", "Remarks"]
    sheet = book["Loading"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["c0", "c1 (min)", "c2", "c3", "c4"],
        ["a", 1.5, 3, AT.replace(tzinfo=None), None],
        ["b", None, 2**40, None, None],
    ]
    assert sheet["D2"].number_format.endswith('"UTC"')
    assert [cell.value for cell in book["Remarks"][2]] == ["Loading", "One."]


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(), max_size=30))
def test_text_stays_text(text: str) -> None:
    book = load_workbook(io.BytesIO(as_workbook([table("x", (f"={text}",))])))
    cell = book.active["A2"]
    assert cell.data_type != "f"
    assert cell.value == "=" + workbook._NO_TEXT.sub("\ufffd", text)


def test_no_formula_gets_into_the_file() -> None:
    bad = '=HYPERLINK("http://example.org","x")'
    with zipfile.ZipFile(io.BytesIO(as_workbook([table("x", (bad,))]))) as file:
        assert b"<f>" not in file.read("xl/worksheets/sheet1.xml")


def test_names_of_sheets_are_short_plain_and_differ() -> None:
    titles = ["a/b: [c]", "A B   C", "x" * 40, "x" * 50, ""]
    book = load_workbook(io.BytesIO(as_workbook([table(title) for title in titles])))
    names = [name.lower() for name in book.sheetnames]
    assert len(set(names)) == len(titles)
    assert all(0 < len(name) <= 31 for name in names)


def test_what_is_too_long_goes_on_in_the_next_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS", 4)
    book = load_workbook(io.BytesIO(as_workbook([table("x", *((n,) for n in range(7)))])))
    assert book.sheetnames == ["x", "x 2", "x 3"]
    found = [cell.value for sheet in book for cell in list(sheet["A"])[1:]]
    assert found == list(range(7))
