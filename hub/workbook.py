"""Reports as one workbook of Excel (Office Open XML, ISO/IEC 29500)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hub.report import Cell, Report, as_json

if TYPE_CHECKING:  # a tenth of a second to load: not at the start of every hub
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type."""

ROWS = 1_048_576
"""That a sheet can have, the heading included."""
_NAME = 31
"""Characters that the name of a sheet can have."""
_NO_NAME = re.compile(r"[\[\]:*?/\\']")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to say."""
_TIME = 'yyyy-mm-dd hh:mm:ss "UTC"'


def as_workbook(reports: Sequence[Report]) -> bytes:
    """A sheet for each report, named by its title; one that is too long goes on in the next.

    Text stays text, also what looks like a formula.  Remarks are in a sheet of their own, the last.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    taken: set[str] = set()
    for report in reports:
        parts = range(0, max(len(report.rows), 1), ROWS - 1)
        for first in parts:
            sheet = book.create_sheet(_name(report.title, taken))
            _fill(sheet, report, report.rows[first : first + ROWS - 1])
    if said := [(report.title, remark) for report in reports for remark in report.remarks]:
        sheet = book.create_sheet(_name("Remarks", taken))
        for line in (("about", "remark"), *said):
            sheet.append([_cell(sheet, text) for text in line])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _fill(sheet: WriteOnlyWorksheet, report: Report, rows: Sequence[Sequence[Cell]]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for number, width in enumerate(_widths(report, rows), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    headings = [_cell(sheet, column.heading) for column in report.columns]
    for heading in headings:
        heading.font = Font(bold=True)
    sheet.append(headings)
    for row in rows:
        sheet.append([_cell(sheet, cell) for cell in row])


def _cell(sheet: WriteOnlyWorksheet, said: Cell) -> Any:
    from openpyxl.cell import WriteOnlyCell

    said = as_json(said)
    if isinstance(said, str):
        cell = WriteOnlyCell(sheet, _NO_TEXT.sub("\ufffd", said))
        cell.data_type = "s"  # else what begins with = would be computed by whoever opens it
        return cell
    if isinstance(said, datetime):
        cell = WriteOnlyCell(sheet, said.astimezone(UTC).replace(tzinfo=None))
        cell.number_format = _TIME
        return cell
    return WriteOnlyCell(sheet, said)


def _widths(report: Report, rows: Sequence[Sequence[Cell]]) -> Iterator[int]:
    """In characters, by the heading and the first rows."""
    for at, column in enumerate(report.columns):
        texts = [column.heading, *(_shown(row[at]) for row in rows[:100])]
        yield min(60, 2 + max(map(len, texts)))


def _shown(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return "2000-01-01 00:00:00 UTC"
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _name(title: str, taken: set[str]) -> str:
    """A name that no sheet has yet, in any spelling."""
    plain = _NO_TEXT.sub("", _NO_NAME.sub(" ", title)).strip() or "Report"
    name, number = plain[:_NAME], 1
    while name.lower() in taken:
        number += 1
        name = f"{plain[: _NAME - 1 - len(str(number))]} {number}"
    taken.add(name.lower())
    return name
