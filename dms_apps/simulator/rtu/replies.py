"""Replies of Modbus TCP (MODBUS Application Protocol V1.1b3, 6.1 to 6.4), right and wrong."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

FUNCTIONS = {1: "coil", 2: "discrete_input", 3: "holding", 4: "input"}


@dataclass(frozen=True)
class Request:
    """A read of registers or bits; of a write `count` is the value or, of several, their number."""

    transaction: int
    unit: int
    function: int
    start: int
    count: int

    @classmethod
    def of(cls, head: bytes, body: bytes) -> Request:
        """From MBAP head and what follows; a request of other functions has no count."""
        transaction, _, _, unit = struct.unpack(">HHHB", head)
        start, count = struct.unpack(">HH", body[1:5]) if len(body) >= 5 else (0, 0)
        return cls(transaction, unit, body[0], start, count)


def right(request: Request, words: Sequence[int] | None) -> bytes:
    """The reply to a request; an exception for what is not there."""
    if request.function not in FUNCTIONS:
        return refusal(request, 1)
    if words is None or not request.count:
        return refusal(request, 2)
    data = _data(request, words)
    return frame(request, bytes([request.function, len(data)]) + data)


def refusal(request: Request, code: int) -> bytes:
    """An exception."""
    return frame(request, bytes([request.function | 0x80, code]))


def frame(request: Request, body: bytes, protocol: int = 0) -> bytes:
    return struct.pack(">HHHB", request.transaction, protocol, len(body) + 1, request.unit) + body


def wrong(behaviour: str, request: Request, words: Sequence[int], chance: random.Random) -> bytes:
    """A reply that is none; `behaviour` says how."""
    return _WRONG[behaviour](request, _data(request, words), chance)


def _data(request: Request, words: Sequence[int]) -> bytes:
    if request.function in (3, 4):
        return struct.pack(f">{len(words)}H", *words)
    bits = sum(bit << place for place, bit in enumerate(words))
    return bits.to_bytes((len(words) + 7) // 8, "little")


def _counted(request: Request, data: bytes, function: int | None = None) -> bytes:
    return frame(request, bytes([function or request.function, len(data)]) + data)


def _other(request: Request, **said: int) -> Request:
    return Request(**(vars(request) | said))


_WRONG: dict[str, Callable[[Request, bytes, random.Random], bytes]] = {
    "wrong_function": lambda r, data, _: _counted(r, data, 3 if r.function == 4 else 4),
    "too_few": lambda r, data, _: _counted(r, data[:-2]),
    "too_many": lambda r, data, _: _counted(r, data + b"\0\1"),
    "odd": lambda r, data, _: _counted(r, data[:-1]),
    "byte_count": lambda r, data, _: frame(r, bytes([r.function, len(data) - 2]) + data),
    "wrong_unit": lambda r, data, _: _counted(_other(r, unit=r.unit + 1), data),
    "wrong_transaction": lambda r, data, _: _counted(
        _other(r, transaction=(r.transaction + 1) & 0xFFFF), data
    ),
    "protocol": lambda r, data, _: frame(r, bytes([r.function, len(data)]) + data, protocol=7),
    "garbage": lambda _r, data, chance: chance.randbytes(len(data) + 9),
    "truncated": lambda r, data, _: _counted(r, data)[: 9 + len(data) // 2],
    "trailing": lambda r, data, _: _counted(r, data) + b"\0",
}
