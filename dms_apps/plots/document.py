"""Reports as one document to print: drawings, tables and remarks, page by page (PDF)."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dms_apps.plots.paper import SOFT, settings
from hub.report import Cell, Form, Report, as_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PAGE = 11.69, 8.27
"""Inches: A4, across."""
_LEFT, _TOP, _BOTTOM = 0.05, 0.94, 0.05
_LINES, _CHARACTERS = 50, 172
"""Of the body of a page, in letters of `_SIZE` points."""
_SIZE = 7
_LONGEST = 44
"""Characters of a cell that are shown."""
_ROWS = 2000
"""Of a table that are printed."""
_PLAIN = dict.fromkeys(range(32), " ")

_Words = list[str]
_Table = list[_Words]


def document(title: str, reports: Sequence[Report]) -> bytes:
    """Of a table that is too wide the columns that are over come below, after its first one again.

    Without the time and the version of the program: the same reports make the same bytes.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    drawings = [report.draw(Form.PNG) if report.draw else None for report in reports]
    content = io.BytesIO()
    told = {"Title": title, "CreationDate": None, "Creator": "Gridbus", "Producer": None}
    with settings(), PdfPages(content, metadata=told) as file:
        number = 0
        for report, drawing in zip(reports, drawings, strict=True):
            for page in _drawn(report, drawing), *_printed(report):
                if page is not None:
                    number += 1
                    _foot(page, title, number)
                    file.savefig(page)
    return content.getvalue()


def _drawn(report: Report, drawing: bytes | None) -> Figure | None:
    """The page with the drawing."""
    if drawing is None:
        return None
    from matplotlib.image import imread

    page = _headed(report)
    axes = page.add_axes((_LEFT, 0.1, 1 - 2 * _LEFT, 0.8))
    axes.imshow(imread(io.BytesIO(drawing), format="png"), interpolation="antialiased")
    axes.set_axis_off()
    return page


def _printed(report: Report) -> Iterator[Figure]:
    """The pages with the table and the remarks."""
    lines = [line for block in _blocks(_table(report)) for line in block]
    remarks = report.remarks
    if (left := len(report.rows) - _ROWS) > 0:
        remarks = (*remarks, f"{left:,} more rows are not printed here.")
    for remark in remarks:
        lines += ["", *textwrap.wrap(remark.translate(_PLAIN), _CHARACTERS)]
    for first in range(0, len(lines), _LINES):
        page = _headed(report)
        body = "\n".join(lines[first : first + _LINES])
        page.text(
            _LEFT, _TOP - 0.05, body, family="DejaVu Sans Mono", size=_SIZE, va="top",
            linespacing=1.3,
        )  # fmt: skip
        yield page


def _headed(report: Report) -> Figure:
    from matplotlib.figure import Figure

    page = Figure(figsize=_PAGE)
    title = report.title.translate(_PLAIN)
    page.text(_LEFT, _TOP, title, size=13, weight="bold", va="baseline")
    return page


def _foot(page: Figure, title: str, number: int) -> None:
    page.text(_LEFT, _BOTTOM / 2, title.translate(_PLAIN), size=_SIZE, color=SOFT)
    page.text(1 - _LEFT, _BOTTOM / 2, f"page {number}", size=_SIZE, color=SOFT, ha="right")


def _table(report: Report) -> _Table:
    """Headings and rows, as words; a table of few rows and many columns is turned on its side."""
    head = [column.heading for column in report.columns]
    table = [head, *([_word(cell) for cell in row] for row in report.rows[:_ROWS])]
    if len(table) <= 5 and len(head) > 2 * len(table):
        return [[row[at] for row in table] for at in range(len(head))]
    return table


def _word(cell: Cell) -> str:
    cell = as_json(cell)
    if cell is None:
        return "-"
    if isinstance(cell, datetime):
        return f"{cell.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(cell, float):
        return f"{cell:,.6g}" if abs(cell) < 1e6 else f"{cell:,.1f}"
    word = f"{cell:,}" if isinstance(cell, int) else cell.translate(_PLAIN)
    return word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}…"


def _blocks(table: _Table) -> Iterator[list[str]]:
    """Lines of as many columns as go beside one another; long headings in several lines."""
    if not table[0]:
        return
    heads = [textwrap.wrap(word, 14) or [""] for word in table[0]]
    tall = max(map(len, heads))
    columns = [
        _aligned([*[""] * (tall - len(head)), *head], [row[at] for row in table[1:]])
        for at, head in enumerate(heads)
    ]
    begin = 0
    while begin < len(columns):
        some = columns[:1] if begin else []
        while begin < len(columns) and (
            len(some) < 2 or _width([*some, columns[begin]]) <= _CHARACTERS
        ):
            some.append(columns[begin])
            begin += 1
        yield [*("  ".join(words).rstrip() for words in zip(*some, strict=True)), ""]


def _aligned(head: _Words, words: _Words) -> _Words:
    """Text to the left, figures to the right, all of them as wide as the widest."""
    width = max(map(len, [*head, *words]))
    is_text = any(word[:1] not in "-0123456789" for word in words)
    return [word.ljust(width) if is_text else word.rjust(width) for word in [*head, "", *words]]


def _width(columns: Sequence[_Words]) -> int:
    return sum(len(column[0]) + 2 for column in columns)
