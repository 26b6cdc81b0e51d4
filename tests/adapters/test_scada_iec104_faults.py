"""IEC 60870-5-104 with RTUs that are slow, silent or malformed, in a process of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.scada.quality import FINE, Flag
from tests.adapters.rtus import Rtus, reading, simulated

OLD = {Flag.OLD_DATA}
SLOW = pytest.mark.fault  # one of a kind is enough for each run
SCRIPT = "".join(
    f"""
[[rtu]]
name = "{name}"
protocol = "iec104"
wire = true
value = [
    {{ table = "M_ME_TF_1", address = 7, start = 1.5 }},
    {{ table = "M_ME_TF_1", address = 8, start = 2.5 }},
]
"""
    for name in ("spoilt", "slow", "quick", "clock")
)
SCRIPT += '[[rtu]]\nname = "bare"\nprotocol = "iec104"\n'
rtus = simulated(SCRIPT)


def points(rtu: str) -> list[dict[str, str]]:
    usual = {"kind": "Analog", "type": "M_ME_TF_1", "rtu": rtu}
    return [{**usual, "name": f"{rtu}.{one}", "address": str(one)} for one in (7, 8)]


def reached(rtus: Rtus, *names: str, **said: Any) -> dict[str, Any]:
    usual = {"protocol": "iec104", **said}
    return {name: {**usual, "addresses": [rtus.where[name]]} for name in names}


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ("wrong_function", "type identification 127 is not read"),
        (
            "too_few",
            "malformed telegram: 14 bytes of values of type 36, 15 are right for 1 objects",
        ),
        pytest.param(
            "too_many",
            "malformed telegram: 16 bytes of values of type 36, 15 are right for 1 objects",
            marks=SLOW,
        ),
        pytest.param("wrong_unit", "common address 2, 1 is configured", marks=SLOW),
        ("wrong_transaction", "malformed answer: a telegram has number "),
        pytest.param("protocol", "malformed answer: a telegram begins with 16", marks=SLOW),
        ("garbage", "malformed answer: a telegram begins with ff"),
        ("truncated", "the connection was closed"),
        ("silence", "an interrogation: no answer in 0.3 s"),
    ],
)
def test_no_wrong_telegram_becomes_a_value(
    rtus: Rtus, tmp_path: Path, behaviour: str, why: str
) -> None:
    rtus.happen("spoilt", do="set", address=7, value=1.5)
    given = reached(rtus, "spoilt", timeout=0.3, interrogation=0.15, misses=1)
    with reading(tmp_path, given, points("spoilt")) as read:
        read.until_told("spoilt.7", 1.5, FINE)
        rtus.happen("spoilt", do=behaviour)
        rtus.happen("spoilt", do="set", address=7, value=9.5)
        read.until_told("spoilt.7", 1.5, OLD)
        link = read.link("spoilt")
        read.until(lambda: any(why in one for one in (link.why, *link.oddities)), why)
        assert {told.value for told in read.told["spoilt.7"]} == {1.5}
        assert {told.value for told in read.told["spoilt.8"]} == {2.5}
        rtus.happen("spoilt", do="normal")
        read.until_told("spoilt.7", 9.5, FINE)
        read.until_told("spoilt.8", 2.5, FINE)


def test_a_slow_rtu_holds_up_no_other(rtus: Rtus, tmp_path: Path) -> None:
    rows = [*points("slow"), *points("quick")]
    with reading(tmp_path, reached(rtus, "slow", "quick"), rows) as read:
        read.until(lambda: len(read.told) == 4)
        rtus.happen("slow", do="slow", seconds=0.4)
        rtus.happen("slow", do="set", address=7, value=5.5)
        for value in (3.0, 4.0):
            rtus.happen("quick", do="set", address=7, value=value)
            read.until_told("quick.7", value, FINE)
        assert [told.value for told in read.told["slow.7"]] == [1.5]
        read.until_told("slow.7", 5.5, FINE)
        link = read.link("slow")
        assert (link.losses, link.timeouts, link.malformed) == (0, 0, 0)


def test_a_change_is_told_and_never_dated_back_when_the_clock_of_the_rtu_jumps(
    rtus: Rtus, tmp_path: Path
) -> None:
    with reading(tmp_path, reached(rtus, "clock"), points("clock")) as read:
        read.until_told("clock.7", 1.5, FINE)
        for value, seconds in ((2.0, 0), (3.0, -3600), (4.0, 7200), (5.0, -3600)):
            rtus.happen("clock", do="clock_jump", seconds=seconds)
            rtus.happen("clock", do="set", address=7, value=value)
            read.until_told("clock.7", value, FINE)
        told = read.told["clock.7"]
        times = [one.at for one in told]
        assert times == sorted(times)
        # What the RTU dates an hour back or ahead has the time at which it was received.
        seen = {one.value: scan.seen for scan in read.scans for one in scan.told}
        assert [one.at for one in told if one.value in (3.0, 4.0)] == [seen[3.0], seen[4.0]]


def test_only_a_wire_spoils_telegrams(rtus: Rtus) -> None:
    with pytest.raises(AssertionError, match="event: do 'silence' needs wire = true"):
        rtus.happen("bare", do="silence")
    with pytest.raises(AssertionError, match="event: do 'odd' is of Modbus"):
        rtus.happen("quick", do="odd")
