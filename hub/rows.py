"""The rows of a delimited text file, as enterprise systems export them.

A byte order mark, CRLF and quoted fields with line breaks are read; a file that cannot be read as a
whole (other encoding, no header, trailer that counts more rows than there are) is refused as a
whole; a row that does not fit the header is kept, and complains when its fields are asked for.
A quotation mark too many makes one row of several lines: where they look like rows of their own
they are read as such, and the lines with the marks complain.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

_LINE = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How one system writes its files.

    encoding: one in which a line break is the byte 10, e.g. "utf-8", "cp1252", or "utf-16".
    quote:    around a field that has a delimiter or line break in it; "" when there is none, and
              the mark is a character like any other.
    trailer:  what the first field of the last row says when the second counts the rows; empty
              when the files have no such row.
    columns:  our name of a column -> its name in the header; equal where left out.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    quote: str = '"'
    trailer: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """Which columns rows have.

    names:   those of the header.
    columns: our name of a column -> its name in the header; equal where left out, "" when it is not
             read even if there is one of our name.
    head:    the bytes of the header line.
    """

    names: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    head: bytes = b""

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Of each column by our name, where it stands; of a name that comes twice, the first."""
        found = {name: place for place, name in reversed([*enumerate(self.names)])}
        ours = {
            column: found[name] for column, name in self.columns.items() if name and name in found
        }
        return {n: place for n, place in found.items() if n not in self.columns} | ours

    def check(self, name: str, columns: Iterable[str]) -> None:
        """Whether what is read of these columns is sure.

        Raises: ValueError when the mapping names one for them that the file `name` has not, or when
                one comes twice.
        """
        for column in columns:
            theirs = self.native(column)
            if theirs and self.names.count(theirs) > 1:
                raise ValueError(f"{name}: the column {theirs} comes twice; which one is meant?")
            if theirs and column in self.columns and theirs not in self.names:
                raise ValueError(
                    f"{name}: the mapping names the column {theirs} for {column}; the file has"
                    f" {', '.join(self.names)}"
                )

    def native(self, column: str) -> str:
        """What a column is called in the header."""
        return self.columns.get(column, column)


@dataclass(frozen=True, slots=True)
class Row:
    """One row, by the names of its header.

    origin: "<file> line <number of its first line>".
    raw:    its bytes.
    broken: why it cannot be read, after its origin; then it has no cells.
    """

    origin: str
    raw: bytes
    cells: tuple[str, ...]
    layout: Layout
    broken: str = ""

    @property
    def head(self) -> bytes:
        """The bytes of the header line; none where the names stand in each row."""
        return self.layout.head

    @property
    def alone(self) -> bytes:
        """Header and row: a file by itself (`hub.interfaces.Excerpt`)."""
        return self.head + self.raw

    def has(self, column: str) -> bool:
        """Whether the file has a column by our name."""
        return column in self.layout.places

    def __getitem__(self, column: str) -> str:
        """The value of a column by our name, "" where the file has no such column.

        Raises: ValueError when the row does not fit its header.
        """
        layout = self.layout
        if len(self.cells) != len(layout.names):
            why = f"{len(self.cells)} fields, the header has {len(layout.names)}"
            raise ValueError(f"{self.origin}: {self.broken or why}")
        place = layout.places.get(column)
        return "" if place is None else self.cells[place].strip()

    def wrong(self, column: str, rule: str) -> ValueError:
        """The error for a value that breaks `rule`."""
        return ValueError(f"{self.origin}: {self.layout.native(column)} {self[column]!r} {rule}")


@dataclass(frozen=True)
class Together:
    """Rows of one file that make one record, at least one."""

    rows: tuple[Row, ...]

    @property
    def origin(self) -> str:
        return self.rows[0].origin

    @property
    def raw(self) -> bytes:
        return b"".join(row.raw for row in self.rows)

    @property
    def alone(self) -> bytes:
        """Header and rows, or objects in lines: a file by themselves."""
        return self.rows[0].head + self.raw


def rows(
    name: str,
    data: bytes,
    dialect: Dialect,
    required: Collection[str],
    columns: Collection[str] = (),
) -> list[Row]:
    """The rows of the file `name` without header and trailer; blank lines are passed over.

    columns: what is read of such a file beside what is required (`Layout.check`).
    Raises: ValueError when the file is unusable as a whole.
    """
    lines = text_lines(name, data, dialect.encoding)
    read = _cells(name, lines, dialect)
    found = [one for one in read if any(one.cells)]
    if not found:
        raise ValueError(f"{name} has no header line")
    head = found.pop(0)
    header = tuple(cell.strip() for cell in head.cells)
    wanted = {column: dialect.columns.get(column, column) for column in required}
    if missing := sorted(set(wanted.values()) - set(header)):
        raise ValueError(
            f"{name}: no column {', '.join(missing)}; there are {', '.join(header)}"
            f"{_other_delimiter(header)}"
        )
    layout = Layout(header, dialect.columns, head.raw)
    layout.check(name, {**dict.fromkeys(required), **dict.fromkeys(columns)})
    keys = [header.index(column) for column in wanted.values()]
    told: list[_Read] = []
    for one in found:
        told += (one,) if one.lines == 1 else _parted(one, lines, dialect, len(header), keys)
    if dialect.trailer:
        _check_trailer(name, told, dialect.trailer)
    return [
        Row(f"{name} line {one.number}", one.raw, one.cells, layout, one.broken) for one in told
    ]


def _other_delimiter(header: tuple[str, ...]) -> str:
    """A hint, when the only column looks like several."""
    found = [mark for mark in ";,\t|" if len(header) == 1 and mark in header[0]]
    return f"; is the delimiter {found[0]!r}?" if found else ""


def written(
    columns: Sequence[str], rows: Iterable[Mapping[str, str]], delimiter: str = ","
) -> bytes:
    """Header and rows as a file in UTF-8 that `rows` reads.

    Raises: ValueError for a row with something else; what it says nothing of is empty.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def text_lines(name: str, data: bytes, encoding: str) -> list[tuple[bytes, str]]:
    """The lines of the file, each as bytes and as text.  Raises: ValueError naming the place."""
    if (codec := encoding.lower().replace("_", "-")).startswith("utf-16"):
        return _wide_lines(name, data, codec)
    if codec in ("utf-8", "utf8", "utf-8-sig"):
        data, encoding = data.removeprefix(b"\xef\xbb\xbf"), "utf-8"
    lines = []
    for number, raw in enumerate(data.splitlines(keepends=True), 1):
        try:
            lines.append((raw, raw.decode(encoding)))
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{name} line {number} is not {encoding} text: byte"
                f" {raw[error.start]:#04x} at column {error.start + 1}"
            ) from error
    return lines


def _wide_lines(name: str, data: bytes, codec: str) -> list[tuple[bytes, str]]:
    """The lines of a file with two bytes to a character; the first one keeps the mark."""
    mark = next((one for one in (BOM_UTF16_LE, BOM_UTF16_BE) if data.startswith(one)), b"")
    if mark:
        codec = "utf-16-le" if mark == BOM_UTF16_LE else "utf-16-be"
    elif codec == "utf-16":
        raise ValueError(f"{name} is not utf-16 text: it does not begin with a byte order mark")
    try:
        text = data.removeprefix(mark).decode(codec)
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not {codec} text: byte {error.start + len(mark)}") from error
    lines = [
        (line.encode(codec), line) for line in re.findall(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+", text)
    ]
    return [(mark + lines[0][0], lines[0][1]), *lines[1:]] if lines else []


class _Read(NamedTuple):
    """A row before its header is known.

    number: of its first line; `lines`: how many it has.
    broken: why it cannot be read.
    """

    number: int
    raw: bytes
    cells: tuple[str, ...]
    lines: int = 1
    broken: str = ""


def _reader(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        strict=True,
    )


def _cells(name: str, lines: list[tuple[bytes, str]], dialect: Dialect) -> Iterator[_Read]:
    """Each row.  Raises: ValueError for a quotation mark after which nothing can be told apart."""
    end = start = 0

    def texts() -> Iterator[str]:
        nonlocal end
        for _, text in lines:
            end += 1
            yield text

    try:
        for cells in _reader(texts(), dialect):
            raw = lines[start][0] if end == start + 1 else b"".join(r for r, _ in lines[start:end])
            yield _Read(start + 1, raw, tuple(cells), end - start)
            start = end
    except csv.Error as error:
        raise ValueError(f"{name} line {start + 1}: {_wrong(error, start + 1, end)}") from error


def _wrong(error: csv.Error, first: int, last: int) -> str:
    """What is wrong with a row of these lines."""
    if "unexpected end" in str(error):
        return "a quotation mark opens in this row that is not closed"
    if last > first:
        return f"a quotation mark opens in this row that is not closed as far as line {last}"
    return str(error)


def _parted(
    row: _Read, lines: list[tuple[bytes, str]], dialect: Dialect, width: int, keys: list[int]
) -> list[_Read]:
    """A row of several lines as it is; its lines, where a quotation mark is one too many.

    width: fields of the header.
    keys:  places of the columns without which a row says nothing: they hold no line break.
    """
    first, last = row.number, row.number + row.lines - 1
    own = lines[first - 1 : last]
    between = [_alone(first + place, *own[place], dialect) for place in range(1, row.lines - 1)]
    if _is_one(row, dialect.delimiter, width, keys) and not any(
        len(one.cells) == width and all(one.cells[key].strip() for key in keys) for one in between
    ):
        return [row]
    opens = f"a quotation mark opens in this row and closes in line {last}, in another one"
    closes = f"a quotation mark closes here that opens in line {first}, in another row"
    return [
        _Read(first, own[0][0], (), broken=opens),
        *(one for one in between if one.broken or any(one.cells)),
        _Read(last, own[-1][0], (), broken=closes),
    ]


def _is_one(row: _Read, delimiter: str, width: int, keys: list[int]) -> bool:
    """Whether a row of several lines is one, and not several that a quotation mark holds together:
    then its first and last line have as many fields as the header, if that mark is left out."""
    if len(row.cells) != width or any(_LINE.search(row.cells[key].strip()) for key in keys):
        return False
    long = [place for place, cell in enumerate(row.cells) if _LINE.search(cell)]
    begins, ends = _LINE.split(row.cells[long[0]])[0], _LINE.split(row.cells[long[-1]])[-1]
    return not (
        long[0] + 1 + begins.count(delimiter) == width
        and ends.count(delimiter) + width - long[-1] == width
    )


def _alone(number: int, raw: bytes, text: str, dialect: Dialect) -> _Read:
    """A line as a row by itself."""
    try:
        cells = next(_reader([text], dialect), [])
    except csv.Error as error:
        return _Read(number, raw, (), broken=_wrong(error, number, number))
    return _Read(number, raw, tuple(cells))


def _check_trailer(name: str, found: list[_Read], trailer: str) -> None:
    """Take the trailer off.  Raises: ValueError when the file is cut short."""
    last = found[-1].cells if found else ()
    if len(last) < 2 or last[0].strip() != trailer:
        raise ValueError(f"{name} is cut short: its last row is not the trailer {trailer!r}")
    found.pop()
    if last[1].strip() != str(len(found)):
        raise ValueError(
            f"{name} is cut short: the trailer counts {last[1].strip()} rows, there are"
            f" {len(found)}"
        )
