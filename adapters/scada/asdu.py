"""What an IEC 60870-5-104 telegram says, byte for byte; no connection, no library.

An RTU tells by interrogation without a time tag what it tells by itself with one: both are the
same kind of value.
Source: IEC 60870-5-101, 7.2 and 7.3 (as commonly described; the text of the standard was not at
hand) and telegrams of lib60870, by way of c104 2.2.1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import IntEnum

from adapters.scada.frames import Malformed
from adapters.scada.quality import FINE, Flag, Flags
from cim.dialect.times import in_zone

_HEAD = 6  # bytes of the APCI
_UNIT = 6  # bytes of the data unit identifier: type, number, cause, originator, common address
_ADDRESS = 3
_TIME = 7

QUALITY = {
    0x80: Flag.FAILURE,  # IV, invalid
    0x40: Flag.OLD_DATA,  # NT, not topical
    0x20: Flag.SUBSTITUTED,  # SB
    0x10: Flag.OPERATOR_BLOCKED,  # BL
}
"""Bit of a quality descriptor -> what it says (IEC 60870-5-101, 7.2.6.3)."""
_OVERFLOW = 0x01  # OV, of measured values, steps and bit strings
_TRANSIENT = 0x80  # of a step position
_COUNTER = {0x80: Flag.FAILURE, 0x40: Flag.SUSPECT, 0x20: Flag.SUSPECT}  # IV; CA adjusted; CY carry


class System(IntEnum):
    """Types of telegrams that carry no values (IEC 60870-5-101, 7.2.1)."""

    INITIALISED = 70
    INTERROGATION = 100
    COUNTERS = 101
    CLOCK = 103


class Cause(IntEnum):
    """Causes of transmission that are acted on (IEC 60870-5-101, 7.2.3)."""

    SPONTANEOUS = 3
    ACTIVATION = 6
    CONFIRMED = 7
    ENDED = 10


UNKNOWN = {
    44: "unknown type identification",
    45: "unknown cause of transmission",
    46: "unknown common address",
    47: "unknown information object address",
}
"""Causes by which an RTU refuses a telegram of ours."""


@dataclass(frozen=True, slots=True)
class Information:
    """One information object: raw value, its quality and, unless b"", its time tag."""

    address: int
    raw: float
    flags: Flags
    time: bytes = b""


@dataclass(frozen=True, slots=True)
class Asdu:
    """One telegram; `objects` are empty when its type carries no values or is not known."""

    type: int
    cause: int
    is_negative: bool
    is_test: bool
    station: int
    objects: Sequence[Information] = ()


COMMANDS = {"C_SC_NA_1": 45, "C_DC_NA_1": 46, "C_SE_NC_1": 50}
"""Commands that are given: type identifications (IEC 60870-5-101, 7.2.1)."""
_SELECT = 0x80  # S/E, of the last byte of a command (7.2.6.26, 7.2.6.39)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an RTU says to a command: it is confirmed, or `refusal` says why not.

    value: the information elements as they came, without S/E.
    """

    address: int
    value: bytes
    is_select: bool
    refusal: str


def answer(apdu: bytes, asdu: Asdu) -> Answer:
    """Of a telegram whose type is one of `COMMANDS`.  Raises: Malformed."""
    body = apdu[_HEAD + _UNIT :]
    size = 5 if asdu.type == COMMANDS["C_SE_NC_1"] else 1
    if len(body) != _ADDRESS + size:
        raise Malformed(f"a command of {len(body)} bytes, {_ADDRESS + size} are right")
    why = UNKNOWN.get(asdu.cause, "negative confirmation" if asdu.is_negative else "")
    value, last = body[_ADDRESS:-1], body[-1]
    return Answer(_address(body), value + bytes([last & ~_SELECT]), bool(last & _SELECT), why)


def asked(what: System, common: int, now: datetime) -> bytes:
    """The telegram by which a station is asked for all of a kind, or is told the time (UTC)."""
    elements = {System.INTERROGATION: b"\x14", System.COUNTERS: b"\x05"}.get(what) or time_tag(now)
    return _unit(what, common, 0, elements)


def given(type_: str, raw: float, common: int, address: int, *, select: bool) -> bytes:
    """The telegram of a command, or by which it is selected."""
    elements = command(type_, raw)
    last = elements[-1] | (_SELECT if select else 0)
    return _unit(COMMANDS[type_], common, address, elements[:-1] + bytes([last]))


def _unit(type_: int, common: int, address: int, elements: bytes) -> bytes:
    head = bytes([type_, 1, Cause.ACTIVATION, 0]) + common.to_bytes(2, "little")
    return head + address.to_bytes(_ADDRESS, "little") + elements


def command(type_: str, raw: float) -> bytes:
    """The information elements of a command, without S/E, with qualifier 0."""
    if type_ == "C_SE_NC_1":
        return struct.pack("<f", raw) + b"\0"
    return bytes([int(raw)])


@dataclass(frozen=True)
class _Form:
    """How one kind of value lies in its bytes."""

    kin: str
    size: int
    read: Callable[[bytes], tuple[float, Flags]]


def _flags(quality: int) -> Flags:
    if not quality:
        return FINE
    return frozenset(flag for bit, flag in QUALITY.items() if quality & bit)


def _measured_flags(quality: int) -> Flags:
    return _flags(quality) | {Flag.OVER_FLOW} if quality & _OVERFLOW else _flags(quality)


def _single(data: bytes) -> tuple[float, Flags]:
    return data[0] & 1, _flags(data[0])


def _double(data: bytes) -> tuple[float, Flags]:
    return data[0] & 3, _flags(data[0])


def _step(data: bytes) -> tuple[float, Flags]:
    number = data[0] & 0x7F
    found = _measured_flags(data[1])
    moving = found | {Flag.SUSPECT} if data[0] & _TRANSIENT else found
    return number - 0x80 if number & 0x40 else number, moving


def _bits(data: bytes) -> tuple[float, Flags]:
    return int.from_bytes(data[:4], "little"), _measured_flags(data[4])


def _scaled(data: bytes) -> tuple[float, Flags]:
    return int.from_bytes(data[:2], "little", signed=True), _measured_flags(data[2])


def _normalized(data: bytes) -> tuple[float, Flags]:
    number, found = _scaled(data)
    return number / 0x8000, found


def _bare(data: bytes) -> tuple[float, Flags]:
    return _normalized(data + b"\0")


def _short(data: bytes) -> tuple[float, Flags]:
    return struct.unpack("<f", data[:4])[0], _measured_flags(data[4])


def _counter(data: bytes) -> tuple[float, Flags]:
    found = frozenset(flag for bit, flag in _COUNTER.items() if data[4] & bit)
    return int.from_bytes(data[:4], "little", signed=True), found


_FORMS = {
    ("M_SP_NA_1", 1, "M_SP_TB_1", 30): _Form("single point", 1, _single),
    ("M_DP_NA_1", 3, "M_DP_TB_1", 31): _Form("double point", 1, _double),
    ("M_ST_NA_1", 5, "M_ST_TB_1", 32): _Form("step position", 2, _step),
    ("M_BO_NA_1", 7, "M_BO_TB_1", 33): _Form("bit string", 5, _bits),
    ("M_ME_NA_1", 9, "M_ME_TD_1", 34): _Form("normalized value", 3, _normalized),
    ("M_ME_NB_1", 11, "M_ME_TE_1", 35): _Form("scaled value", 3, _scaled),
    ("M_ME_NC_1", 13, "M_ME_TF_1", 36): _Form("short float", 5, _short),
    ("M_IT_NA_1", 15, "M_IT_TB_1", 37): _Form("counter", 5, _counter),
}
_TYPES = {
    type_: (form, timed)
    for (_, bare, _, tagged), form in _FORMS.items()
    for type_, timed in ((bare, False), (tagged, True))
} | {21: (_Form("normalized value", 2, _bare), False)}  # M_ME_ND_1, without quality
_KINS = {name: form.kin for (bare, _, tagged, _), form in _FORMS.items() for name in (bare, tagged)}


def kin(name: str) -> str:
    """What a type is, with or without a time tag; "" of one that is not read."""
    return _KINS.get(name, "")


def kin_of(type_: int) -> str:
    """The same of a type identification."""
    return _TYPES[type_][0].kin if type_ in _TYPES else ""


def decode(apdu: bytes) -> Asdu:
    """A telegram of the I format.  Raises: Malformed."""
    body = apdu[_HEAD:]
    if len(body) < _UNIT or len(apdu) != apdu[1] + 2:
        raise Malformed(f"a telegram of {len(apdu)} bytes, its length says {apdu[1] + 2}")
    type_, number, cause = body[:3]
    return Asdu(
        type_,
        cause & 0x3F,
        is_negative=bool(cause & 0x40),
        is_test=bool(cause & 0x80),
        station=int.from_bytes(body[4:6], "little"),
        objects=_objects(type_, number & 0x7F, bool(number & 0x80), body[_UNIT:]),
    )


def _objects(type_: int, count: int, is_sequence: bool, data: bytes) -> Sequence[Information]:
    if type_ not in _TYPES:
        return ()
    form, timed = _TYPES[type_]
    size = form.size + _TIME * timed
    wanted = _ADDRESS + count * size if is_sequence else count * (_ADDRESS + size)
    if len(data) != wanted or not count:
        raise Malformed(
            f"{len(data)} bytes of values of type {type_}, {wanted} are right for {count} objects"
        )
    if is_sequence:
        first = _address(data)
        return [
            _information(form, first + place, data[start : start + size])
            for place, start in enumerate(range(_ADDRESS, wanted, size))
        ]
    return [
        _information(form, _address(data[start:]), data[start + _ADDRESS : start + _ADDRESS + size])
        for start in range(0, wanted, _ADDRESS + size)
    ]


def _address(data: bytes) -> int:
    return int.from_bytes(data[:_ADDRESS], "little")


def _information(form: _Form, address: int, data: bytes) -> Information:
    raw, found = form.read(data)
    return Information(address, raw, found, data[form.size :])


def time_tag(now: datetime) -> bytes:
    """A time tag CP56Time2a (IEC 60870-5-101, 7.2.6.18) of UTC."""
    at = now.astimezone(UTC)
    milliseconds = at.second * 1000 + at.microsecond // 1000
    day = at.isoweekday() << 5 | at.day
    return milliseconds.to_bytes(2, "little") + bytes(
        [at.minute, at.hour, day, at.month, at.year % 100]
    )


def moment(tag: bytes, zone: tzinfo) -> datetime | None:
    """A time tag CP56Time2a (IEC 60870-5-101, 7.2.6.18) in UTC; None when it says it is invalid.

    zone: of the RTU's clock; its bit for summer time tells apart the hour that comes twice.
    Raises: ValueError for a time that there is not.
    """
    milliseconds = int.from_bytes(tag[:2], "little")
    if tag[2] & 0x80:
        return None
    local = datetime(
        2000 + (tag[6] & 0x7F),
        tag[5] & 0x0F,
        tag[4] & 0x1F,
        tag[3] & 0x1F,
        tag[2] & 0x3F,
        milliseconds // 1000,
        milliseconds % 1000 * 1000,
    )
    return local.replace(tzinfo=UTC) if zone is UTC else _in_zone(local, zone, tag[3])


def _in_zone(local: datetime, zone: tzinfo, hour: int) -> datetime:
    twice = local.replace(tzinfo=zone).utcoffset() != local.replace(tzinfo=zone, fold=1).utcoffset()
    return in_zone(local.replace(fold=int(twice and not hour & 0x80)), zone)
