"""The XML codec: bytes to values and back, validated, in one thread."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import Figures, Row, by_turns, rate
from benchmarks.floor import IS, Bare
from benchmarks.messages import events, readings, written
from cim import envelope

_EVENTS = 1_000
_READINGS = 1_000


def rows() -> list[Row]:
    one = [written(message) for message in events(_EVENTS)]
    many = [written(readings(_READINGS))]
    return [
        *_rows("one event", "messages/s", "EndDeviceEvents", one, len(one)),
        *_rows(f"{_READINGS} readings", "readings/s", "MeterReadings", many, _READINGS),
    ]


def _rows(what: str, unit: str, noun: str, bodies: Sequence[bytes], count: int) -> list[Row]:
    bare = Bare(noun)
    messages = [envelope.read(body) for body in bodies]

    def read() -> Figures:
        return (rate(count, lambda: [envelope.read(body) for body in bodies]),)

    def write() -> Figures:
        return (rate(count, lambda: [envelope.write(message) for message in messages]),)

    def floor() -> Figures:
        return (rate(count, lambda: [bare.read(body) for body in bodies]),)

    reading, writing, floors = by_turns(read, write, floor)
    both = [1 / (1 / r + 1 / w) for r, w in zip(reading, writing, strict=True)]
    return [
        Row.of(f"XML, {what}: gate, validate, decode", unit, reading, floors, IS),
        Row.of(f"XML, {what}: encode", unit, writing, floors, IS),
        Row.of(f"XML, {what}: decode + encode", unit, both, floors, IS),
    ]
