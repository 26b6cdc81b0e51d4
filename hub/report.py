"""What an app answers beyond messages: a table, a drawing, or both, under a name."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Cell = str | int | float | datetime | None
"""What stands in one place of a table; a time is UTC, and None or NaN is what nobody knows."""


class Form(StrEnum):
    """As what a drawing is asked for."""

    SVG = "svg"
    PNG = "png"


Draw = Callable[[Form], bytes]


@dataclass(frozen=True)
class Parameter:
    """What may be said with a question.

    says:    what it is, its unit, and what holds when it is left out; a sentence.
    choices: all it may be; empty: any text.
    """

    name: str
    says: str
    needed: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """A report that can be asked for.

    says:  what it tells, a sentence.
    nouns: whose facts it tells; who is bound to other nouns gets none of it.  Empty: it tells of
           the network alone.
    takes_long: whether somebody must say that it is wanted, before a page asks for it; the same
           answer is told again for two minutes.
    """

    name: str
    says: str
    parameters: tuple[Parameter, ...] = ()
    nouns: frozenset[str] = frozenset()
    takes_long: bool = False


@dataclass(frozen=True)
class Column:
    """One column; what is `personal` in it is hidden from those who may not see customer data."""

    name: str
    unit: str = ""
    personal: bool = False

    @property
    def heading(self) -> str:
        """For people, e.g. "loading (%)"."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


@dataclass(frozen=True, kw_only=True)
class Report:
    """An answer.

    at:      of when it is; None: of no one time.
    rows:    each with a cell for every column.
    draw:    makes the drawing when it is asked for; in it there is no customer data.
    remarks: what was left out or does not hold, in sentences.
    """

    title: str
    at: datetime | None = None
    columns: tuple[Column, ...] = ()
    rows: Sequence[Sequence[Cell]] = ()
    draw: Draw | None = None
    remarks: tuple[str, ...] = ()


class Unanswerable(ValueError):
    """A question that has no answer; `parameter` is the one that is to blame, if it is one."""

    def __init__(self, rule: str, parameter: str = "") -> None:
        super().__init__(f"{parameter}: {rule}" if parameter else rule)
        self.parameter = parameter
        self.rule = rule


def as_csv(report: Report) -> bytes:
    """Lines of CSV (RFC 4180), with a heading; times are ISO 8601, UTC."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow([column.heading for column in report.columns])
    lines.writerows([_text(cell) for cell in row] for row in report.rows)
    return text.getvalue().encode()


def as_json(cell: Cell) -> Cell:
    """A cell as JSON has it: null for a number that is none."""
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _text(cell: Cell) -> str | int:
    cell = as_json(cell)
    if isinstance(cell, datetime):
        return cell.isoformat()
    return "" if cell is None else repr(cell) if isinstance(cell, float) else cell
