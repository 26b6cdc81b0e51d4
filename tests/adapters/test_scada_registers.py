"""Numbers in registers, what is read together, and replies of Modbus."""

from __future__ import annotations

import re
import struct
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.scada import words
from adapters.scada.blocks import blocks
from adapters.scada.frames import Asked, Malformed, is_whole
from adapters.scada.outputs import Output
from adapters.scada.points import Data, Kind, Point, Table

AT = datetime(2026, 7, 14, 12, tzinfo=UTC)


@settings(max_examples=25, deadline=None)
@given(st.data(), st.sampled_from([d for d in Data if d is not Data.BOOL]), st.booleans())
def test_numbers_are_read_as_struct_writes_them(data: st.DataObject, kind: Data, big: bool) -> None:
    bits = kind.words * 16
    if kind.value.startswith("float"):
        value: float = data.draw(st.floats(width=bits, allow_nan=False))  # type: ignore[arg-type]
    else:
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        low, high = (0, 2**bits - 1) if kind.value.startswith("u") else (low, high)
        value = data.draw(st.integers(low, high))
    forms = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q"}
    forms |= {"uint64": ">Q", "float32": ">f", "float64": ">d"}
    packed = struct.pack(forms[kind.value], value)
    registers = [int.from_bytes(packed[i : i + 2]) for i in range(0, len(packed), 2)]
    assert words.number(registers if big else registers[::-1], kind, big=big) == value


def test_a_time_stamp_is_milliseconds_and_zero_is_none() -> None:
    assert int.from_bytes(bytes.fromhex("0000019f607f8efa")) == 1784030400250
    assert words.stamp([0x0000, 0x019F, 0x607F, 0x8EFA]) == AT + timedelta(milliseconds=250)
    assert words.stamp([0, 0, 0, 0]) is None
    assert words.stamp([0xFFFF] * 4) is None


def modbus(name: str, address: int, data: Data = Data.UINT16, **said: Any) -> Point:
    return Point(
        name=name,
        rtu="R",
        kind=Kind.ANALOG,
        place=Table.HOLDING,
        address=address,
        data=data,
        **said,
    )


def test_registers_that_lie_together_are_read_together() -> None:
    found = blocks(
        [
            modbus("far", 200),
            modbus("a", 0, Data.FLOAT32),
            modbus("b", 6),
            modbus("c", 15, stamp=10),
            modbus("coil", 5, Data.BOOL, bit=None),
        ],
        gap=4,
    )
    assert [(b.start, b.count, [p.name for p in b.points]) for b in found] == [
        (0, 16, ["a", "coil", "b", "c"]),
        (200, 1, ["far"]),
    ]
    ten = [modbus(str(i), i) for i in range(10)]
    assert [(b.start, b.count) for b in blocks(ten, gap=0, most=4)] == [(0, 4), (4, 4), (8, 2)]
    with pytest.raises(
        ValueError, match="point x: with its time stamp it takes 204 registers; 125"
    ):
        blocks([modbus("x", 0, stamp=200)], gap=0)


# -- replies of Modbus

ASKED = Asked(transaction=5, unit=1, function=3, count=2)


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        ("0005 0000 0007 01 03 04 0001 0002", None),
        ("0005 0000 0003 01 83 02", None),
        ("0005 0000 0007 01 04 04 0001 0002", "function 4, asked was 3"),
        ("0005 0000 0005 01 03 02 0001", "2 bytes of values, 4 were asked for"),
        ("0005 0000 0009 01 03 06 0001 0002 0003", "6 bytes of values, 4 were asked for"),
        ("0005 0000 0007 01 03 02 0001 0002", "byte count 2, 4 were asked for"),
        ("0005 0000 0006 01 03 03 0001 00", "3 bytes of values, 4 were asked for"),
        ("0006 0000 0007 01 03 04 0001 0002", "transaction 6, asked was 5"),
        ("0005 0001 0007 01 03 04 0001 0002", "protocol identifier 1, 0 is Modbus"),
        ("0005 0000 0007 02 03 04 0001 0002", "unit 2, asked was 1"),
        ("0005 0000 0002 01 03 04 0001 0002", "length 2 in the head, 3 to 254 can be"),
        ("0005 0000 ffff 01 03 04 0001 0002", "length 65535 in the head, 3 to 254 can be"),
        ("0005 0000 0007 01 03 04 0001 0002 00", "1 bytes follow the reply"),
        ("0005 0000 0004 01 83 02 00", "an exception of 3 bytes, 2 are right"),
        ("0005 0000 0003 01 84 02", "function 132, asked was 3"),
    ],
)
def test_a_reply_is_held_against_what_was_asked(reply: str, sentence: str | None) -> None:
    data = bytes.fromhex(reply)
    if sentence is None:
        assert [is_whole(data[:n], ASKED) for n in range(len(data) + 1)] == [
            *[False] * len(data),
            True,
        ]
    else:
        with pytest.raises(Malformed, match=re.escape(sentence)):
            is_whole(data, ASKED)


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with suppress(Malformed):
        assert is_whole(data, ASKED) in (True, False)


@pytest.mark.parametrize(
    ("asked", "sent", "reply", "sentence"),
    [
        (5, "05 000a ff00", "05 000a ff00", None),
        (5, "05 000a ff00", "05 000a 0000", "05000a0000 came back, written was 05000aff00"),
        (5, "05 000a ff00", "05 000b ff00", "05000bff00 came back, written was 05000aff00"),
        (6, "06 001e 0007", "06 001e 0008", "06001e0008 came back, written was 06001e0007"),
        (16, "10 001e 0002", "10 001e 0002", None),
        (16, "10 001e 0002", "10 001e 0001", "10001e0001 came back, written was 10001e0002"),
        (5, "05 000a ff00", "06 000a ff00", "function 6, asked was 5"),
        (5, "05 000a ff00", "05 000a", "05000a came back, written was 05000aff00"),
        (5, "05 000a ff00", "85 04", None),
    ],
)
def test_what_a_write_is_answered_is_what_was_written(
    asked: int, sent: str, reply: str, sentence: str | None
) -> None:
    body = bytes.fromhex(reply)
    data = bytes.fromhex("0007 0000") + (len(body) + 1).to_bytes(2) + b"\1" + body
    whole = Asked(7, 1, asked, 1, echo=bytes.fromhex(sent))
    if sentence is None:
        assert is_whole(data, whole)
        assert not is_whole(data[:-1], whole)
        return
    with pytest.raises(Malformed, match=sentence):
        is_whole(data, whole)


@settings(max_examples=25, deadline=None)
@given(st.data(), st.sampled_from([d for d in Data if d is not Data.BOOL]), st.booleans())
def test_what_is_written_is_read_again(data: st.DataObject, kind: Data, big: bool) -> None:
    if kind in (Data.FLOAT32, Data.FLOAT64):
        width = 32 if kind is Data.FLOAT32 else 64
        value: float = data.draw(st.floats(width=width, allow_nan=False, allow_infinity=False))  # type: ignore[arg-type]
    else:
        bits = kind.words * 16
        # A set point is a double: whole numbers beyond 53 bits are not exact.
        signed, most = kind.startswith("int"), min(bits, 53)
        value = data.draw(
            st.integers(-(2 ** (most - 1)) if signed else 0, 2 ** (most - signed) - 1)
        )
    point = Point(name="P", kind=Kind.CONTROL, place=Table.HOLDING, data=kind, big=big)
    assert words.number(Output(point, value).words, kind, big=big) == value


@pytest.mark.parametrize(("kind", "value"), [(Data.INT16, 40_000), (Data.UINT16, -1)])
def test_what_does_not_fit_is_refused(kind: Data, value: float) -> None:
    point = Point(name="P", kind=Kind.CONTROL, place=Table.HOLDING, data=kind)
    with pytest.raises(ValueError, match=f"{value:g} does not fit a {kind}"):
        Output(point, value).words  # noqa: B018
