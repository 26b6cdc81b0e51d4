"""Telegrams of IEC 60870-5-104 byte by byte, and what the line makes of them; no connection."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.scada.asdu import Information, decode, kin, kin_of, moment
from adapters.scada.frames import Malformed
from adapters.scada.quality import FINE, Flag

CHICAGO = ZoneInfo("America/Chicago")
TAG = "1c7d18071b0b1a"  # 2026-11-27 07:24:32.028


def telegram(asdu: str) -> bytes:
    """An APDU of the I format; `asdu` in hexadecimal."""
    body = bytes.fromhex("00000000" + asdu.replace(" ", ""))
    return bytes([0x68, len(body)]) + body


def test_a_telegram_of_a_server_is_read() -> None:
    said = decode(bytes.fromhex("681904000200248114002f000b00000000c03f00" + TAG))
    assert (said.type, said.cause, said.station) == (36, 20, 47)
    assert (said.is_negative, said.is_test) == (False, False)
    assert said.objects == [Information(11, 1.5, FINE, bytes.fromhex(TAG))]


@pytest.mark.parametrize(
    ("type_", "kind", "value", "raw", "flags"),
    [
        (1, "single point", "01", 1, FINE),
        (1, "single point", "f0", 0, {"failure", "old_data", "substituted", "operator_blocked"}),
        (3, "double point", "00", 0, FINE),
        (3, "double point", "02", 2, FINE),
        (3, "double point", "83", 3, {"failure"}),
        (5, "step position", "3f00", 63, FINE),
        (5, "step position", "4000", -64, FINE),
        (5, "step position", "ff01", -1, {"suspect", "over_flow"}),
        (7, "bit string", "0100008000", 0x80000001, FINE),
        (9, "normalized value", "008000", -1.0, FINE),
        (9, "normalized value", "004000", 0.5, FINE),
        (11, "scaled value", "feff01", -2, {"over_flow"}),
        (13, "short float", "0000604010", 3.5, {"operator_blocked"}),
        (15, "counter", "ffffffff05", -1, FINE),
        (15, "counter", "0700000060", 7, {"suspect"}),
        (15, "counter", "0700000080", 7, {"failure"}),
        (21, "normalized value", "0040", 0.5, FINE),
    ],
)
def test_each_kind_of_value_and_each_bit_of_its_quality(
    type_: int, kind: str, value: str, raw: float, flags: frozenset[Flag]
) -> None:
    said = decode(telegram(f"{type_:02x} 01 0300 0100 070605 {value}"))
    assert said.objects == [Information(0x050607, raw, flags)]
    assert kin_of(type_) == kind


def test_several_objects_lie_one_by_one_or_in_a_sequence() -> None:
    apart = decode(telegram("01 02 0300 0100 050000 01 090000 00"))
    assert [(one.address, one.raw) for one in apart.objects] == [(5, 1), (9, 0)]
    after = decode(telegram(f"1e 82 0300 0100 050000 01{TAG} 00{TAG}"))
    assert [(one.address, one.raw) for one in after.objects] == [(5, 1), (6, 0)]
    assert after.objects[1].time.hex() == TAG


def test_a_telegram_says_that_it_is_a_test_or_a_refusal() -> None:
    said = decode(telegram("64 01 c700 0100 000000 14"))
    assert (said.type, said.cause, said.is_negative, said.is_test) == (100, 7, True, True)
    assert said.objects == ()


@pytest.mark.parametrize(
    ("asdu", "sentence"),
    [
        ("01 02 0300 0100 050000 01", "4 bytes of values of type 1, 8 are right for 2 objects"),
        ("0d 01 0300 0100 050000 0000", "5 bytes of values of type 13, 8 are right for 1 objects"),
        ("01 00 0300 0100", "0 bytes of values of type 1, 0 are right for 0 objects"),
        ("01 01 03", "a telegram of 9 bytes"),
    ],
)
def test_a_telegram_whose_bytes_do_not_fit_is_malformed(asdu: str, sentence: str) -> None:
    with pytest.raises(Malformed, match=sentence):
        decode(telegram(asdu))


@settings(max_examples=25)
@given(st.binary(min_size=6, max_size=60))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    try:
        decode(bytes([0x68, len(body)]) + body)
    except Malformed:
        return


@pytest.mark.parametrize(
    ("tag", "zone", "expected"),
    [
        (TAG, UTC, datetime(2026, 11, 27, 7, 24, 32, 28_000, UTC)),
        (TAG, CHICAGO, datetime(2026, 11, 27, 13, 24, 32, 28_000, UTC)),
        # 1 November 2026, 01:30 comes twice; the bit of the hour says which one it is.
        ("00001e81010b1a", CHICAGO, datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        ("00001e01010b1a", CHICAGO, datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),
        ("1c7d98071b0b1a", UTC, None),
    ],
)
def test_a_time_tag_is_of_the_zone_of_the_rtu(
    tag: str, zone: ZoneInfo, expected: datetime | None
) -> None:
    assert moment(bytes.fromhex(tag), zone) == expected


@pytest.mark.parametrize("tag", ["00001e0208031a", "00001e01010d1a", "ffff1e01010b1a"])
def test_a_time_tag_that_cannot_be_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match=r"does not exist|month|second"):
        moment(bytes.fromhex(tag), CHICAGO)


def test_a_type_is_the_same_kind_of_value_with_a_time_tag_or_without() -> None:
    assert kin("M_SP_TB_1") == kin("M_SP_NA_1") == kin_of(30) == kin_of(1)
    assert (kin("C_SC_NA_1"), kin_of(45)) == ("", "")
