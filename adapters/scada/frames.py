"""Replies of Modbus TCP, checked byte for byte.

pymodbus takes replies with another function code, too few or too many registers and odd byte
counts for good ones; none of these may become a value.
Source: MODBUS Application Protocol V1.1b3; MODBUS Messaging on TCP/IP Implementation Guide V1.0b.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.scada.points import Table

WRITES = {5, 6, 16}
"""Functions that write one coil, one register, several; the reply repeats the request, of several
registers where they lie (6.5, 6.6, 6.12)."""
FUNCTIONS = {Table.COIL: 1, Table.DISCRETE_INPUT: 2, Table.HOLDING: 3, Table.INPUT: 4}
"""Table -> function code that reads it."""
EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "server device failure",
    5: "acknowledge",
    6: "server device busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target device failed to respond",
}
AWAY = frozenset({10, 11})
"""Exceptions that say that the device behind a gateway is out of reach."""
_HEAD = 7  # bytes: transaction, protocol, length, unit
_LONGEST = 254  # of what the length counts


class Malformed(ValueError):
    """A reply that is none to what was asked."""


@dataclass(frozen=True)
class Asked:
    """The request a reply must fit; of one that writes `echo` is what must come back."""

    transaction: int
    unit: int
    function: int
    count: int
    echo: bytes = b""

    @property
    def size(self) -> int:
        """Bytes of the values."""
        return self.count * 2 if self.function in (3, 4) else (self.count + 7) // 8


def is_whole(data: bytes, asked: Asked) -> bool:
    """Whether the reply has come in full and fits; False while bytes are missing.

    Raises: Malformed, as soon as that is seen.
    """
    if len(data) < _HEAD + 1:
        return False
    _check_head(data, asked)
    size = 6 + int.from_bytes(data[4:6])
    _check_function(data[_HEAD:], size - _HEAD, asked)
    if len(data) > size:
        raise Malformed(f"{len(data) - size} bytes follow the reply")
    return len(data) == size


def _check_head(data: bytes, asked: Asked) -> None:
    transaction, protocol, length = (int.from_bytes(data[i : i + 2]) for i in (0, 2, 4))
    if protocol:
        raise Malformed(f"protocol identifier {protocol}, 0 is Modbus")
    if transaction != asked.transaction:
        raise Malformed(f"transaction {transaction}, asked was {asked.transaction}")
    if not 3 <= length <= _LONGEST:
        raise Malformed(f"length {length} in the head, 3 to {_LONGEST} can be")
    if data[6] != asked.unit:
        raise Malformed(f"unit {data[6]}, asked was {asked.unit}")


def _check_function(body: bytes, size: int, asked: Asked) -> None:
    function = body[0]
    if function == asked.function | 0x80:
        if size != 2:
            raise Malformed(f"an exception of {size} bytes, 2 are right")
        return
    if function != asked.function:
        raise Malformed(f"function {function}, asked was {asked.function}")
    if asked.echo:
        _check_echo(body, size, asked.echo)
        return
    if size != asked.size + 2:
        raise Malformed(f"{size - 2} bytes of values, {asked.size} were asked for")
    if len(body) > 1 and body[1] != asked.size:
        raise Malformed(f"byte count {body[1]}, {asked.size} were asked for")


def _check_echo(body: bytes, size: int, echo: bytes) -> None:
    if size != len(echo) or not echo.startswith(body[: len(echo)]):
        raise Malformed(f"{body.hex()} came back, written was {echo.hex()}")
