"""Line segments in parts: where a Cut or a Clamp is, another node is (IEC 61970-301, Wires)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from cim.electrical.lines import Line, segment
from cim.electrical.ports import Port, ports
from cim.electrical.reading import Absurd, Reading
from cim.electrical.wires import Surroundings

Mark = tuple[float, Port, Port, str]
"""Metres from terminal 1, the terminal that a part ends at, the one at which the next begins, and
the mRID of that."""


def segments(reading: Reading, around: Surroundings) -> tuple[Line, ...]:
    """All ACLineSegments of a model, in parts where there are cuts or clamps.

    One whose cuts and clamps cannot be placed is read as if it were whole, with a sentence.
    """
    rows = reading.of_class("ACLineSegment")
    whole = reading.made(rows, lambda row: _of(reading, row, segment(reading, row, around)))
    for kind in ("Clamp", "Cut"):
        for row in reading.of_class(kind):
            if not reading.links(row, f"{kind}.ACLineSegment"):
                reading.say(row, "is on no ACLineSegment")
    return tuple(chain.from_iterable(whole))


def _of(reading: Reading, row: int, line: Line) -> tuple[Line, ...]:
    clamps = reading.behind(row, "Clamp.ACLineSegment")
    cuts = reading.behind(row, "Cut.ACLineSegment")
    if not clamps and not cuts:
        return (line,)
    try:
        return _divided(reading, line, clamps, cuts)
    except Absurd as why:
        reading.say(row, f"is read as if it had neither cuts nor clamps: {why}")
        return (line,)


def _divided(
    reading: Reading, line: Line, clamps: Sequence[int], cuts: Sequence[int]
) -> tuple[Line, ...]:
    """The parts of a line from terminal 1 to 2.

    The first part has the mRID of the ACLineSegment, one behind a Clamp that of the Clamp, one
    behind a Cut that of the Cut's second terminal.
    Raises: Absurd, when it is not known where these are.
    """
    if not line.length or line.length < 0:
        raise Absurd("it has cuts or clamps, and no length above 0")
    marks = [_mark(reading, clamp, "Clamp", line.length) for clamp in clamps]
    marks += [_mark(reading, cut, "Cut", line.length) for cut in cuts]
    return tuple(_parts(line, line.length, sorted(marks, key=lambda mark: mark[0])))


def _mark(reading: Reading, row: int, kind: str, length: float) -> Mark:
    at = reading.needed(row, f"{kind}.lengthFromTerminal1", reading.unit.length)
    if not 0 < at < length:
        raise Absurd(f"its {reading.called(row)} is at {at:g} m, and its length is {length:g} m")
    try:
        ends = ports(reading, row, 1 if kind == "Clamp" else 2)
    except Absurd as why:
        raise Absurd(f"of its {reading.called(row)}: {why}") from why
    return at, ends[0], ends[-1], reading.mrid(row) if kind == "Clamp" else ends[-1].terminal


def _parts(line: Line, length: float, marks: Sequence[Mark]) -> list[Line]:
    found: list[Line] = []
    mrid, start, before = line.mrid, line.ends[0], 0.0
    last = (length, line.ends[1], line.ends[1], line.mrid)
    for at, end, following, behind in chain(marks, [last]):
        if at > before:
            share = (at - before) / length
            part = replace(
                line,
                mrid=mrid,
                ends=(start, end),
                length=at - before,
                z=line.z * share,
                y=line.y * share,
                segment=line.mrid,
            )
            found.append(part)
        elif start.node != end.node:
            raise Absurd("two of its cuts and clamps are at one place, and at different nodes")
        mrid, start, before = behind, following, at
    return found
