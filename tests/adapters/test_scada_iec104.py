"""IEC 60870-5-104 over real connections, to simulated RTUs in a process of their own."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.scada import table
from adapters.scada.asdu import System
from adapters.scada.iec104 import Iec104Line
from adapters.scada.lines import Heard
from adapters.scada.lines import Rtu as RtuSettings
from adapters.scada.points import Kind, Point
from adapters.scada.quality import FINE, Flag
from hub.rows import Dialect
from tests.adapters.rtus import Rtus, reading, simulated

OLD = {Flag.OLD_DATA}
SCRIPT = """
[[rtu]]
name = "all"
protocol = "iec104"
common = 47
value = [
    { table = "M_SP_TB_1", address = 1, start = 1 },
    { table = "M_DP_TB_1", address = 2, start = 2 },
    { table = "M_ST_TB_1", address = 3, start = -5 },
    { table = "M_BO_TB_1", address = 4, start = 5 },
    { table = "M_ME_TD_1", address = 5, start = 0.5 },
    { table = "M_ME_TE_1", address = 6, start = -7 },
    { table = "M_ME_TF_1", address = 7, start = 1.5 },
    { table = "M_IT_TB_1", address = 8, start = 70000 },
    { table = "M_ME_NC_1", address = 9, start = 2.5, quality = ["blocked", "substituted"] },
    { table = "M_ME_TF_1", address = 1000, start = 3.5 },
]

[[rtu]]
name = "away"
protocol = "iec104"
value = [
    { table = "M_ME_TF_1", address = 7, start = 1.5 },
    { table = "M_ME_TF_1", address = 8, slope = 1000, high = 100, every = 0.05 },
]

[[rtu]]
name = "other"
protocol = "iec104"
value = [{ table = "M_ME_TF_1", address = 7, start = 1.5 }]
"""
SWITCH = {
    "kind": "Discrete",
    **dict(zip(("state0", "state1", "state2"), ("moving", "open", "closed"), strict=True)),
    "state3": "faulty",
    "equipment": "_s",
}
rtus = simulated(SCRIPT)


def point(rtu: str, type_: str, address: int, name: str = "", **said: str) -> dict[str, str]:
    usual = {"kind": "Analog", "type": type_, "address": str(address)}
    return {**usual, "rtu": rtu, "name": name or f"{rtu}.{address}", **said}


def reached(rtus: Rtus, name: str, common: int = 47, **said: Any) -> dict[str, Any]:
    usual = {"protocol": "iec104", "common": common, "addresses": [rtus.where[name]]}
    return {name: usual | said}


def test_values_of_all_types_changes_and_quality_are_told(
    rtus: Rtus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [
        point("all", "M_SP_NA_1", 1, kind="Discrete"),  # as told when asked, without a time tag
        point("all", "M_DP_TB_1", 2, **SWITCH),
        point("all", "M_ST_TB_1", 3),
        point("all", "M_BO_TB_1", 4, "bit1", kind="Discrete", bit="1"),
        point("all", "M_BO_TB_1", 4, "bit2", kind="Discrete", bit="2"),
        point("all", "M_ME_TD_1", 5, gain="200"),
        point("all", "M_ME_TE_1", 6),
        point("all", "M_ME_TF_1", 7),
        point("all", "M_IT_TB_1", 8, kind="Accumulator"),
        point("all", "M_ME_TF_1", 9),
        point("all", "M_ME_TF_1", 12, "nowhere"),
    ]
    caplog.set_level(logging.INFO)
    given = reached(rtus, "all", counters=600.0, clock_sync=600.0)
    with reading(tmp_path, given, rows) as read:
        read.until(lambda: len(read.told) == len(rows) - 1, "all values")
        first = {name: told[0] for name, told in read.told.items()}
        assert {name: told.value for name, told in first.items()} == {
            **{"all.1": 1, "all.2": 2, "all.3": -5, "bit1": 0, "bit2": 1, "all.5": 100},
            **{"all.6": -7, "all.7": 1.5, "all.8": 70000, "all.9": 2.5},
        }
        assert first["all.9"].flags == {Flag.OPERATOR_BLOCKED, Flag.SUBSTITUTED}
        assert {told.flags for name, told in first.items() if name != "all.9"} == {FINE}
        assert first["all.2"].moves
        _changes(rtus, read)
        _quality(rtus, read)
        _asked_again(rtus, read)
        link = read.link("all")
        assert (link.losses, link.timeouts, link.malformed, link.overruns) == (0, 0, 0, 0)
        assert link.unknown
        assert read.adapter.unreached() == {}
    said = [record.getMessage() for record in caplog.records]
    unknown = "information object 1000 (short float) is no point of the table"
    assert [line.partition(": ")[2] for line in said if "1000" in line] == [unknown]
    assert [line for line in said if "leaves out nowhere at 12" in line]


def _changes(rtus: Rtus, read: Any) -> None:
    before = datetime.now(UTC)
    rtus.happen("all", do="set", address=7, value=2.5)
    told = read.until_told("all.7", 2.5, FINE)
    assert before - timedelta(milliseconds=1) <= told.at <= datetime.now(UTC)
    for code in (0, 1, 3):
        rtus.happen("all", do="set", address=2, value=code)
        read.until_told("all.2", code, FINE)
    assert [told.moves for told in read.told["all.2"]] == [True, False, True, False]
    rtus.happen("all", do="clock_jump", seconds=3600)
    rtus.happen("all", do="set", address=7, value=3.5)
    # An hour ahead is not believed: it would hide all that follows.
    assert read.until_told("all.7", 3.5, FINE).at <= datetime.now(UTC)
    rtus.happen("all", do="clock_jump", seconds=-3600)


def _quality(rtus: Rtus, read: Any) -> None:
    for words, flags in (
        (["invalid"], {Flag.FAILURE}),
        (["not_topical"], OLD),
        (["overflow"], {Flag.OVER_FLOW}),
    ):
        rtus.happen("all", do="set", address=6, value=-7, quality=words)
        read.until_told("all.6", -7, flags)


def _asked_again(rtus: Rtus, read: Any) -> None:
    link = read.link("all")
    asked = link.polls
    assert asked == 3
    rtus.happen("all", do="initialised")
    read.until(lambda: link.polls >= asked + 3, "an interrogation after the end of initialisation")


def test_a_lost_connection_makes_points_old_once_and_their_return_is_told(
    rtus: Rtus, tmp_path: Path
) -> None:
    with reading(tmp_path, reached(rtus, "away", 1), [point("away", "M_ME_TF_1", 7)]) as read:
        read.until_told("away.7", 1.5, FINE)
        rtus.happen("away", do="refuse")
        read.until_told("away.7", 1.5, OLD)
        link = read.link("away")
        read.until(lambda: "no connection" in link.why, "a failed attempt")
        assert "no connection" in read.adapter.unreached()["away"]
        rtus.happen("away", do="normal")
        read.until_told("away.7", 1.5, FINE)
        assert [told.flags for told in read.told["away.7"]] == [FINE, OLD, FINE]
        assert (link.losses, link.why) == (1, "")


def test_an_rtu_with_another_common_address_is_named_in_the_log(
    rtus: Rtus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with reading(tmp_path, reached(rtus, "other", 5), [point("other", "M_ME_TF_1", 7)]) as read:
        link = read.link("other")
        refusal = "an interrogation: unknown common address"
        read.until(lambda: refusal in link.refusals, "a refusal")
        rtus.happen("other", do="set", address=7, value=9)
        configured = "common address 1, 5 is configured"
        read.until(lambda: configured in caplog.text, "a value of another station")
        assert link.unknown
        assert read.told == {}


def test_the_second_address_is_taken_when_the_first_is_not_reached(
    rtus: Rtus, tmp_path: Path
) -> None:
    two = {"addresses": ["127.0.0.1:1", rtus.where["away"]]}
    with reading(
        tmp_path, reached(rtus, "away", 1, **two), [point("away", "M_ME_TF_1", 7)]
    ) as read:
        read.until_told("away.7", 1.5, FINE)
        link = read.link("away")
        assert link.failovers % 2 == 1
        assert link.address == rtus.where["away"]


def test_a_value_that_moves_by_itself_is_told_by_itself(rtus: Rtus, tmp_path: Path) -> None:
    with reading(tmp_path, reached(rtus, "away", 1), [point("away", "M_ME_TF_1", 8)]) as read:
        read.until(lambda: len(read.told.get("away.8", [])) > 2, "three values")
        assert all(0 <= told.value <= 100 for told in read.told["away.8"])


def telegram(asdu: str) -> bytes:
    body = bytes.fromhex("00000000" + asdu.replace(" ", ""))
    return bytes([0x68, len(body)]) + body


class Told:
    """In place of a connection: what it has said, and what it was asked."""

    def __init__(self, *said: tuple[list[str], int]) -> None:
        self._said = iter(said)
        self.asked: list[System] = []

    def send(self, asdu: bytes) -> None:
        self.asked.append(System(asdu[0]))

    async def take(self, seconds: float) -> tuple[list[bytes], int]:
        assert seconds >= 0
        try:
            telegrams, dropped = next(self._said)
        except StopIteration:
            raise ConnectionResetError("that was all") from None
        return [telegram(one) for one in telegrams], dropped


def heard(client: Told, clock: Callable[[], float], **said: Any) -> tuple[Iec104Line, list[Heard]]:
    at = Point(name="P", rtu="r", kind=Kind.ANALOG, place="M_ME_TF_1", address=7)
    line = Iec104Line("r", RtuSettings(addresses=("h:1",), **said), [at], clock=clock)

    async def all_heard() -> list[Heard]:
        found = []
        with suppress(ConnectionResetError):
            async for one in line._telegrams(cast(Any, client)):
                found.append(one)
        return found

    return line, asyncio.run(all_heard())


VALUE = "0d 01 0300 0100 070000 0000604000"


def test_after_an_overrun_points_are_old_and_all_is_asked_for_again_later_each_time() -> None:
    now = itertools.count()  # a second passes whenever it is looked at
    client = Told(([VALUE], 5), ([], 0), *[([VALUE], 1)] * 2, *[([], 0)] * 5)
    line, found = heard(client, lambda: float(next(now)), timeout=1000.0, first=0.5)
    assert [(len(one.samples), one.lost) for one in found] == [(1, True)] * 3
    assert (line.link.overruns, line.link.objects) == (3, 3)
    assert client.asked[:2] == [System.INTERROGATION] * 2
    assert len(client.asked) == line.link.polls


def test_a_telegram_that_is_malformed_or_not_read_is_counted_and_the_next_one_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = Told((["0d 02 0300 0100 070000 0000604000", "26 01 0300 0100 070000 00", VALUE], 0))
    line, found = heard(client, lambda: 0.0)
    assert [sample.raw for one in found for sample in one.samples] == [3.5]
    assert line.link.malformed == 1
    assert "malformed telegram: 8 bytes of values of type 13, 16 are right" in caplog.text
    assert "type identification 38 is not read" in caplog.text


def test_a_value_of_another_type_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    line, found = heard(Told((["0b 01 0300 0100 070000 010000"], 0)), lambda: 0.0)
    assert not found
    assert line.link.unknown == 1
    assert "information object 7 is a scaled value; P is M_ME_TF_1" in caplog.text


def test_what_it_tells_by_itself_with_a_time_is_an_event() -> None:
    tagged = "0100 070000 0000604000 1c7d18071b0b1a"
    asked, event, late = (f"24 01 {cause} {tagged}" for cause in ("1400", "0300", "0b00"))
    invalid = event.replace("7d18", "7d98")  # a time tag that says so
    _, [found] = heard(Told(([asked, event, late, invalid, VALUE], 0)), lambda: 0.0)
    assert [one.event for one in found.samples] == [0, 1, 0, 0, 0]


def test_an_answer_that_does_not_come_ends_the_connection() -> None:
    now = itertools.count()
    with pytest.raises(TimeoutError, match=r"an interrogation: no answer in 2 s"):
        heard(Told(*[([], 0)] * 9), lambda: float(next(now)))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"common": 0}, "rtus.r: common 0 is not from 1 to 65534"),
        ({"zone": "Mars"}, "rtus.r: zone 'Mars' is no time zone"),
        ({"zone": "America/Chicago", "clock_sync": 60.0}, "rtus.r: clock_sync 60.0 sets a clock"),
        ({"interrogation": 0.0}, "rtus.r: interrogation 0.0 is not above 0"),
        ({"authority": "a.pem"}, "rtus.r: authority 'a.pem' asks for TLS"),
        ({"clock": 4}, "rtus.r: clock 4 is a register, of Modbus"),
    ],
)
def test_a_setting_that_cannot_be_stops_the_start(
    tmp_path: Path, said: dict[str, Any], sentence: str
) -> None:
    rtu = {"addresses": ["127.0.0.1:2404"], "protocol": "iec104", **said}
    with pytest.raises(ValueError, match=sentence), reading(tmp_path, {"r": rtu}, []):
        pass


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (point("r", "C_SC_NA_1", 1), "type 'C_SC_NA_1' is a command; an Analog is monitored"),
        (point("r", "M_ME_TF_1", 1, kind="Discrete"), "type 'M_ME_TF_1' is no whole number"),
        (
            point("r", "M_ME_TF_1", 1, data="float32"),
            "data 'float32' and word_order are for",
        ),
        (point("r", "M_BO_TB_1", 1, kind="Discrete", bit="32"), "bit '32' is not from 0 to 31"),
        (point("r", "M_ME_TF_1", 16_777_216), "address '16777216' is not from 0 to 16777215"),
        (point("r", "holding", 1, data="int16"), "type holding is of Modbus, the RTU r speaks"),
    ],
)
def test_a_point_that_cannot_be_stops_the_start(
    tmp_path: Path, row: dict[str, str], sentence: str
) -> None:
    rtu = {"addresses": ["127.0.0.1:2404"], "protocol": "iec104"}
    with pytest.raises(ValueError, match=sentence), reading(tmp_path, {"r": rtu}, [row]):
        pass


def test_two_types_at_one_address_are_refused(tmp_path: Path) -> None:
    rows = [point("r", "M_SP_TB_1", 1, "a"), point("r", "M_ME_TF_1", 1, "b")]
    with pytest.raises(ValueError, match="is where the point a of this RTU lies, too"):
        table.read("points.csv", table.write(rows), Dialect(), {})
