"""The rows of an MDFF file, and which of them belong together."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from adapters.ami.mdff import fields

FIELDS = {
    "100": "RecordIndicator VersionHeader DateTime FromParticipant ToParticipant",
    "200": "RecordIndicator NMI NMIConfiguration RegisterID NMISuffix MDMDataStreamIdentifier"
    " MeterSerialNumber UOM IntervalLength NextScheduledReadDate",
    "250": "RecordIndicator NMI NMIConfiguration RegisterID NMISuffix MDMDataStreamIdentifier"
    " MeterSerialNumber DirectionIndicator PreviousRegisterRead PreviousRegisterReadDateTime"
    " PreviousQualityMethod PreviousReasonCode PreviousReasonDescription CurrentRegisterRead"
    " CurrentRegisterReadDateTime CurrentQualityMethod CurrentReasonCode CurrentReasonDescription"
    " Quantity UOM NextScheduledReadDate UpdateDateTime MSATSLoadDateTime",
    "300": "RecordIndicator IntervalDate",  # then the values, and what follows them
    "400": "RecordIndicator StartInterval EndInterval QualityMethod ReasonCode ReasonDescription",
    "500": "RecordIndicator TransCode RetServiceOrder ReadDateTime IndexRead",
    "550": "RecordIndicator PreviousTransCode PreviousRetServiceOrder CurrentTransCode"
    " CurrentRetServiceOrder",
    "900": "RecordIndicator",
}

_PLACES = {
    kind: {name: place for place, name in enumerate(names.split())}
    for kind, names in FIELDS.items()
}

# What may come right after what; 900 is seen to by itself.
_AFTER = {
    "NEM12": {
        "200": ("100", "200", "300", "400", "500"),
        "300": ("200", "300", "400", "500"),
        "400": ("300", "400"),
        "500": ("300", "400", "500"),
    },
    "NEM13": {"250": ("100", "250", "550"), "550": ("250", "550")},
}


@dataclass(frozen=True)
class Line:
    """One row.  `place` is for people, e.g. "a.csv line 3"."""

    place: str
    raw: bytes
    encoding: str = "utf-8"

    @cached_property
    def cells(self) -> list[str]:
        """Its fields.  Raises: ValueError when it is no text."""
        try:
            text = self.raw.decode(self.encoding)
            read = next(csv.reader([text], strict=True), []) if '"' in text else text.split(",")
        except UnicodeDecodeError as error:
            raise ValueError(f"{self.place} is not {self.encoding} text") from error
        except csv.Error as error:
            raise ValueError(f"{self.place}: {error}") from error
        return [cell.strip() for cell in read]

    @property
    def kind(self) -> str:
        """Its RecordIndicator."""
        return self.cells[0] if self.cells else ""

    def __getitem__(self, field: str) -> str:
        """The value of a field, "" where the row ends before it."""
        place = _PLACES[self.kind][field]
        return self.cells[place] if place < len(self.cells) else ""

    def wrong(self, field: str, rule: str, value: str | None = None) -> ValueError:
        """The error for a field that breaks `rule`."""
        said = self[field] if value is None else value
        return ValueError(f"{self.place}: {self.kind} row, {field} {said[:40]!r} {rule}")

    def over(self) -> None:
        """Raises: ValueError when there is more in the row than its kind has fields."""
        if any(self.cells[len(_PLACES[self.kind]) :]):
            raise ValueError(
                f"{self.place}: {self.kind} row, {len(self.cells)} fields, {self.kind} has"
                f" {len(_PLACES[self.kind])}"
            )


@dataclass(frozen=True)
class Block:
    """What becomes one message: a day of a channel, or a register; `hub.interfaces.Excerpt`.

    channel: the 200 row above; None for a register, and for a channel without any day.
    rows:    the 300 row with its 400 and 500 rows, or the 250 row with its 550 rows.
    """

    header: Line
    channel: Line | None
    rows: tuple[Line, ...]

    @property
    def origin(self) -> str:
        return self.rows[0].place

    @property
    def raw(self) -> bytes:
        return b"".join(line.raw for line in self.rows)

    @property
    def alone(self) -> bytes:
        """A whole file with nothing else in it."""
        above = self.header.raw + (self.channel.raw if self.channel else b"")
        return above + self.raw + b"900\r\n"


def is_mdff(data: bytes) -> bool:
    """Whether the first row begins as a row of such a file does, be it the right one or not."""
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:16]
    return head.split(b",", 1)[0].strip().decode("latin-1") in FIELDS


def blocks(name: str, data: bytes, encoding: str = "utf-8") -> list[Block]:
    """The blocks of the file `name`.

    Raises: ValueError when it is unusable as a whole: no header, no end, rows out of order.
    """
    lines = list(_lines(name, data, encoding))
    if not lines:
        raise ValueError(f"{name} has no row")
    version = _version(lines[0])
    if (last := lines[-1]).kind != "900":
        raise ValueError(
            f"{last.place}: the file is cut short: RecordIndicator {last.kind[:40]!r}: the last row"
            " must be 900"
        )
    inner = lines[1:-1]
    if not inner:
        raise ValueError(
            f"{last.place}: RecordIndicator '900' comes right after the 100 row: there is no"
            f" {'200' if version == 'NEM12' else '250'} row, so no reading"
        )
    for line, before in zip(inner, lines, strict=False):
        _check_order(line, before, version)
    return list(_blocks(lines[0], inner))


def _lines(name: str, data: bytes, encoding: str) -> Iterator[Line]:
    """Its rows; lines with nothing but commas are passed over."""
    whole = data.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    for number, raw in enumerate(whole, 1):
        if raw.strip(b", \t\r\n"):
            yield Line(f"{name} line {number}", raw, encoding)


def _version(header: Line) -> str:
    """NEM12 or NEM13.  Raises: ValueError when the first row is no header."""
    if header.kind != "100":
        raise ValueError(
            f"{header.place}: RecordIndicator {header.kind[:40]!r}: the first row must be the"
            " header, 100"
        )
    if (version := header["VersionHeader"]) not in _AFTER:
        raise header.wrong("VersionHeader", "is neither NEM12 nor NEM13")
    if fields.moment(header["DateTime"]) is None:
        raise header.wrong("DateTime", "is no date and time, ccyymmddhhmm")
    return version


def _check_order(line: Line, before: Line, version: str) -> None:
    """Raises: ValueError when the row cannot stand where it stands."""
    allowed = _AFTER[version].get(line.kind)
    said = f"{line.place}: RecordIndicator {line.kind[:40]!r}"
    if allowed is None:
        raise ValueError(f"{said}: between 100 and 900 {version} has {', '.join(_AFTER[version])}")
    if before.kind not in allowed:
        raise ValueError(f"{said}: comes after a {before.kind} row, it may after {_any(allowed)}")


def _any(kinds: tuple[str, ...]) -> str:
    return " or ".join(kinds)


def _blocks(header: Line, inner: list[Line]) -> Iterator[Block]:
    channel, rows = None, [inner[0]]
    for line in inner[1:]:
        if line.kind not in ("200", "250", "300"):
            rows.append(line)
            continue
        if line.kind == "300" and rows[0].kind == "200":
            channel = rows[0]
        else:
            yield _block(header, channel, rows)
        rows = [line]
    yield _block(header, channel, rows)


def _block(header: Line, channel: Line | None, rows: list[Line]) -> Block:
    return Block(header, channel if rows[0].kind == "300" else None, tuple(rows))
