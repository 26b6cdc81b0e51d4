"""Which registers and bits are read together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from adapters.scada.points import Point, Table

BITS = 2000
"""Most bits of one request (MODBUS Application Protocol V1.1b3, 6.1)."""
STAMP = 4
"""Registers of a time stamp."""
REGISTERS = 125
"""Most registers of one request (the same, 6.3)."""


@dataclass(frozen=True)
class Block:
    """Registers or bits that lie together, and the points in them; no points: a clock."""

    table: Table
    start: int
    count: int
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    point: Point


def blocks(points: Iterable[Point], gap: int, most: int = REGISTERS) -> list[Block]:
    """The fewest requests for these points.

    gap:  registers (or bits, times 16) that may be read in vain between two points.
    most: registers of one request.
    Raises: ValueError for a point that no request holds together with its time stamp.
    """
    ordered = sorted(map(_span, points), key=lambda span: (_table(span), span.start))
    found: list[Block] = []
    for table, group in groupby(ordered, _table):
        wide = 16 if table.is_bits else 1
        limit = BITS if table.is_bits else most
        for joined in _joined(list(group), gap * wide, limit):
            start, end = joined[0].start, max(span.end for span in joined)
            if end - start > limit:
                raise ValueError(
                    f"point {joined[0].point.name}: with its time stamp it takes"
                    f" {end - start} registers; {limit} are read at once"
                )
            found.append(Block(table, start, end - start, tuple(s.point for s in joined)))
    return found


def _table(span: _Span) -> Table:
    return Table(span.point.place)


def _span(point: Point) -> _Span:
    start, end = point.address, point.address + point.data.words
    if point.stamp is not None:
        start, end = min(start, point.stamp), max(end, point.stamp + STAMP)
    return _Span(start, end, point)


def _joined(spans: Sequence[_Span], gap: int, limit: int) -> list[list[_Span]]:
    groups: list[list[_Span]] = []
    end = 0
    for span in spans:
        whole = max(end, span.end)
        if groups and span.start - end <= gap and whole - groups[-1][0].start <= limit:
            groups[-1].append(span)
            end = whole
        else:
            groups.append([span])
            end = span.end
    return groups
