"""Lines of fixed width: every value stands at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.rows import Dialect, Layout, Row, text_lines

Positions = Mapping[str, tuple[int, int]]
"""Our name of a column -> its first character, from 1, and how many there are."""


def lines(name: str, data: bytes, dialect: Dialect, positions: Positions) -> Sequence[Row]:
    """The lines of the file without the trailer; blank ones are passed over.

    A line may end before its last columns, which are blank then: many systems cut blanks off.
    Raises: ValueError when the file is unusable as a whole.
    """
    layout = Layout(tuple(positions))
    found = [
        Row(f"{name} line {number}", raw, _cells(line, positions), layout)
        for number, (raw, line) in enumerate(text_lines(name, data, dialect.encoding), 1)
        if line.strip()
    ]
    if dialect.trailer:
        _check_trailer(name, found, dialect)
    return found


def _cells(line: str, positions: Positions) -> tuple[str, ...]:
    whole = line.rstrip("\r\n")
    return tuple(whole[start - 1 : start - 1 + length] for start, length in positions.values())


def _check_trailer(name: str, found: list[Row], dialect: Dialect) -> None:
    """Take the trailer off: its word, then the number of lines before it."""
    last = found.pop() if found else None
    words = last.raw.decode(dialect.encoding).split() if last else []
    counted = "".join(words).removeprefix(dialect.trailer)
    if not "".join(words).startswith(dialect.trailer) or not counted.isdecimal():
        raise ValueError(
            f"{name} is cut short: its last line is not the trailer {dialect.trailer!r}"
        )
    if int(counted) != len(found):
        raise ValueError(
            f"{name} is cut short: the trailer counts {int(counted)} rows, there are {len(found)}"
        )
