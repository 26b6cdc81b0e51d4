"""The SCADA adapter: its table of points, what is told of what is read, and values by file."""

from __future__ import annotations

import asyncio
import json
import math
import re
import struct
import time
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.scada import ScadaAdapter, native, samples, table, words
from adapters.scada.blocks import blocks
from adapters.scada.clock import RtuClock
from adapters.scada.frames import Asked, Malformed, is_whole
from adapters.scada.front import Front, Station
from adapters.scada.lines import Heard
from adapters.scada.links import Link
from adapters.scada.points import Data, Kind, Point, Points, Range, Table
from adapters.scada.quality import FINE, Flag
from adapters.scada.samples import Sample, Scan, Told, Why
from adapters.scada.watch import Flapping, Watch
from cim.message import Outgoing
from cim.profiles.measurement_values import MeasurementValues, Validity
from cim.profiles.switching_events import SwitchingEvents
from hub.dispatch.stamp import stamp
from hub.dispatch.translated import Verdict, tried
from hub.journal.canonical import encode_checked
from hub.rows import Dialect
from hub.settings import build, read

REPOSITORY = Path(__file__).parents[2]
CASES = sorted((Path(__file__).parents[1] / "cases" / "adapters" / "scada").iterdir())
CONFIG = REPOSITORY / "config" / "adapters" / "scada.toml"
AT = datetime(2026, 7, 14, 12, tzinfo=UTC)


def plain(outgoing: Outgoing) -> Iterator[dict[str, Any]]:
    """What a message says, as `expected.json` writes it."""
    payload = outgoing.payload
    if isinstance(payload, SwitchingEvents):
        for event in payload.switching_event:
            action = event.switching_action
            assert action
            assert action.executed_date_time == event.created_date_time
            at = action.executed_date_time
            assert at
            yield {
                "switch": action.operated_switch.mrid,
                "kind": action.kind,
                "at": at.isoformat(),
            }
        return
    assert isinstance(payload, MeasurementValues)
    for value in (*payload.analog_value, *payload.discrete_value):
        quality, at = value.measurement_value_quality, value.time_stamp
        measurement = value.analog if hasattr(value, "analog") else value.discrete
        assert quality
        assert at
        said = {
            "measurement": measurement.mrid or measurement.names[0].name,
            "value": value.value,
            "at": at.isoformat(),
            "validity": quality.validity,
        }
        found = [str(flag) for flag in Flag if getattr(quality, flag, None)]
        yield said | ({"flags": found} if found else {})


def shown(adapter: ScadaAdapter, record: Any) -> list[dict[str, Any]] | str:
    try:
        outgoing = list(adapter.to_cim(record))
        for one in outgoing:
            encode_checked(stamp(one, "scada", AT))
        return [said for one in outgoing for said in plain(one)]
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_file(case: Path) -> None:
    given = tomllib.loads((case / "params.toml").read_text(encoding="utf-8"))
    adapter = build(ScadaAdapter, {"points": case / "points.csv", **given}, case)
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    records = adapter.records("input.csv", (case / "input.csv").read_bytes())
    assert [shown(adapter, record) for record in records] == expected


def test_the_configured_settings_are_read_and_need_a_table() -> None:
    adapter = build(ScadaAdapter, read(CONFIG, {}), CONFIG)
    with pytest.raises(ValueError, match=r"a.csv: there is no table of points \(setting: points\)"):
        adapter.records("a.csv", b"point,time,value\n")


def test_a_file_that_comes_again_is_a_duplicate(tmp_path: Path) -> None:
    adapter = with_points(tmp_path, [{"name": "A", "kind": "Analog"}])
    row = {"point": "A", "time": "2026-07-14T10:00:00Z", "value": "1", "status": ""}
    records = adapter.records("a.csv", native.write([row, row, {**row, "value": "2"}]))
    verdicts = tried("scada", adapter, records, AT, lambda _ids: (), lambda _one: None)
    accepted = [one.verdict for one in verdicts]
    assert accepted == [Verdict.ACCEPTED, Verdict.DUPLICATE, Verdict.ACCEPTED]
    [again] = adapter.again(records[0].origin, records[0].alone)
    assert list(adapter.to_cim(again)) == list(adapter.to_cim(records[0]))
    cut = adapter.records("a.csv", native.write([row]).rstrip())
    assert shown(adapter, cut[0]) == "a.csv line 2: the row is cut short: its line does not end"


# -- the table of points


def with_points(folder: Path, rows: Sequence[Mapping[str, str]], **given: Any) -> ScadaAdapter:
    path = folder / "points.csv"
    path.write_bytes(table.write(rows))
    return ScadaAdapter(points=path, **given)


GOOD = {
    "name": "P",
    "rtu": "R",
    "kind": "Analog",
    "type": "holding",
    "address": "10",
    "data": "int16",
}
POSITION = {
    "name": "S",
    "rtu": "R",
    "kind": "Discrete",
    "type": "coil",
    "address": "1",
    "state0": "open",
    "state1": "closed",
    "equipment": "_s",
}


def points(*rows: Mapping[str, str]) -> Points:
    return table.read("points.csv", table.write(rows), Dialect(), {})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "name '' is empty: by what is the point known?"),
        (
            {"kind": "Analogue"},
            "kind 'Analogue' is not known; known: Analog, Discrete, Accumulator",
        ),
        ({"type": "register"}, "type 'register' is not known; known: coil, discrete_input"),
        ({"type": "coil"}, "type 'coil' holds single bits; an Analog lies in holding or input"),
        ({"rtu": ""}, "rtu '' is empty: of which RTU is it read?"),
        ({"address": ""}, "address '' is empty; an address counts from 0"),
        ({"address": "4x"}, "address '4x' is not a whole number"),
        ({"address": "65536"}, "address '65536' is not from 0 to 65535"),
        (
            {"address": "65535", "data": "float32"},
            "address '65535' is not from 0 to 65534, where 2",
        ),
        ({"data": ""}, "data '' is empty; known: bool, int16"),
        ({"data": "real"}, "data 'real' is not known; known: bool, int16"),
        ({"data": "bool"}, "data 'bool' needs the column bit: which one of the register?"),
        ({"bit": "3"}, "bit '3' is of a Discrete in a register or a bit string only"),
        ({"word_order": "mid"}, "word_order 'mid' is not known; known: big, little"),
        ({"stamp": "-1"}, "stamp '-1' is not from 0 to 65532, where 4"),
        ({"gain": "0"}, "gain '0' would make every value the same"),
        ({"gain": "1,5"}, "gain '1,5' is not a number"),
        ({"offset": "inf"}, "offset 'inf' is not finite"),
        ({"unit": "Volt"}, "unit 'Volt' is not known; known: none, A, Ah"),
        ({"multiplier": "x"}, "multiplier 'x' is not known"),
        ({"phases": "ACB"}, "phases 'ACB' is not known; known: A, AB"),
        ({"deadband": "2%"}, "deadband '2%' is a share of the range, and range_low or range_high"),
        ({"deadband": "-1"}, "deadband '-1' is below 0 or no number"),
        ({"low": "5", "high": "5"}, "low '5' is not below high '5'"),
        ({"range_low": "5", "range_high": "1"}, "range_low '5' is not below range_high '1'"),
        ({"state0": "open"}, "state0 'open' is not for an Analog: it has no states"),
        ({"normal": "open"}, "normal 'open' is a position, and no state is called open or closed"),
        ({**POSITION, "gain": "2"}, "gain '2' and offset are not for a Discrete"),
        ({**POSITION, "deadband": "1"}, "deadband '1' is not for a Discrete"),
        ({**POSITION, "state1": ""}, "state0 'open' says of one position only, or twice"),
        ({**POSITION, "state1": "open"}, "state1 'open' is the word of another state, too"),
        ({**POSITION, "data": "int16"}, "data 'int16' does not fit a coil, which holds bool"),
        ({**POSITION, "type": "input", "data": "float32"}, "data 'float32' is no whole number"),
        ({**POSITION, "type": "input", "bit": "16"}, "bit '16' is not from 0 to 15"),
        ({**POSITION, "type": "input", "bit": "1", "data": "int32"}, "data 'int32' is bool where"),
    ],
)
def test_a_wrong_row_is_told_by_row_column_and_rule(
    wrong: Mapping[str, str], sentence: str
) -> None:
    row = {**({} if "kind" in wrong and wrong["kind"] == "Discrete" else GOOD), **wrong}
    written = [{"name": "first", "kind": "Analog"}, {column: f'"{v}"' for column, v in row.items()}]
    with pytest.raises(ValueError, match=re.escape(f"points.csv line 3: {sentence}")):
        points(*written)


def test_all_wrong_rows_are_told_at_once_and_nothing_may_be_twice() -> None:
    rows = [GOOD, GOOD, {**GOOD, "name": "Q"}, {**GOOD, "name": "T", "address": "9", "mrid": "m"}]
    rows.append({**GOOD, "name": "U", "address": "8", "mrid": "m"})
    with pytest.raises(ValueError, match="is the point of") as error:
        points(*rows)
    assert str(error.value).split("\n") == [
        "points.csv line 3: name 'P' is the point of points.csv line 2, too",
        "points.csv line 4: address '10' is where the point P of this RTU lies, too",
        "points.csv line 6: mrid 'm' is the measurement of the point T, too",
    ]


@pytest.mark.parametrize(
    ("row", "given", "sentence"),
    [
        (GOOD, {}, "points: point P: rtu 'R' is not among the rtus of the settings"),
        ({**GOOD, "group": "fast"}, {}, "points: point P: group 'fast' is not in groups: "),
        (
            {**GOOD, "type": "M_ME_NC_1", "data": ""},
            {"rtus": {"R": {"addresses": ["h:1"]}}},
            "points: point P: type M_ME_NC_1 is of IEC 60870-5-104, the RTU R speaks modbus",
        ),
        ({}, {"rtus": {"R": {"addresses": ["h"]}}}, "rtus.R: address 'h' is not host:port"),
        ({}, {"rtus": {"R": {"addresses": []}}}, "rtus.R: 0 addresses; 1 or 2 are wanted"),
        (
            {},
            {"rtus": {"R": {"addresses": ["h:1"], "protocol": "dnp3"}}},
            "rtus.R: protocol 'dnp3' is not known; known: modbus, iec104",
        ),
        ({}, {"rtus": {"R": {"addresses": ["h:1"], "adress": "h"}}}, "rtus.R.adress"),
        (
            GOOD,
            {"rtus": {"R": {"addresses": ["h:1"], "authority": "nowhere.pem"}}},
            "rtus.R: authority, certificate or key: [Errno 2] No such file",
        ),
        ({}, {"quality": {"Bad": ["old"]}}, "quality.'Bad': 'old' is no quality flag; known: bad_"),
        ({}, {"zone": "Chicago"}, "zone: 'Chicago' is no time zone"),
        ({}, {"scan": 0}, "scan: 0.0 seconds; they must be above 0"),
        ({}, {"points": "nowhere.csv"}, "points: [Errno 2] No such file"),
    ],
)
def test_a_wrong_setting_stops_the_start(
    tmp_path: Path, row: dict[str, str], given: dict[str, Any], sentence: str
) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(table.write([row] if row else []))
    with pytest.raises(ValueError, match=re.escape(sentence)):
        build(ScadaAdapter, {"points": path, **given}, CONFIG)


def test_the_columns_of_a_table_may_have_other_names_and_a_control_is_kept_aside() -> None:
    data = b"point_id,kind,cim_mrid,state0,state1\nA,status,m,open,closed\nB,control,m,trip,close\n"
    dialect = Dialect(columns={"name": "point_id", "mrid": "cim_mrid"})
    found = table.read("t.csv", data, dialect, {"status": "Discrete", "control": "Control"})
    assert [(p.name, p.kind, p.mrid) for p in found.values()] == [
        ("A", Kind.DISCRETE, "m"),
        ("B", Kind.CONTROL, "m"),
    ]


def test_a_deadband_in_percent_is_a_share_of_the_range() -> None:
    [point] = points({**GOOD, "deadband": "2%", "range_low": "-50", "range_high": "150"}).values()
    assert point.deadband == 4


# -- numbers in registers


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


# -- what is told


class Watched:
    """A watch of one point, with a clock that is set by hand."""

    def __init__(self, point: Point, **flapping: Any) -> None:
        self.watch = Watch([point], Flapping(**flapping))
        self.point = point
        self.seconds = 0.0

    def take(self, raw: float | None, after: float = 1.0, **said: Any) -> Told | None:
        self.seconds += after
        return self.watch.take(Sample(self.point.name, raw, **said), self.now, self.seconds)

    @property
    def now(self) -> datetime:
        return AT + timedelta(seconds=self.seconds)

    def values(self, *raws: float) -> list[float]:
        return [told.value for raw in raws if (told := self.take(raw))]


def switch(**said: Any) -> Point:
    states = {0: "moving", 1: "open", 2: "closed", 3: "faulty"}
    return Point(name="S", kind=Kind.DISCRETE, equipment="_s", states=states, **said)


def test_changes_up_to_the_deadband_of_what_was_told_are_not_told() -> None:
    point = Point(name="A", kind=Kind.ANALOG, gain=0.1, offset=-1.0, deadband=0.5)
    # in units: 9.0 told; 9.4 and 9.5 within 0.5 of it, 9.6 not; 9.2 within, 9.0 beyond 0.5 of 9.6
    assert Watched(point).values(100, 104, 105, 106, 102, 100) == pytest.approx([9.0, 9.6, 9.0])


def test_an_integrity_scan_tells_what_has_not_changed() -> None:
    watched = Watched(Point(name="A", kind=Kind.ANALOG))
    first = watched.take(1)
    assert first
    assert first.why is Why.FIRST
    assert watched.take(1) is None
    watched.watch.integrity()
    again = watched.take(1)
    assert again
    assert (again.value, again.why) == (1, Why.INTEGRITY)
    assert watched.take(1) is None


def test_a_lost_rtu_makes_its_points_old_once_and_its_return_is_told_once() -> None:
    watched = Watched(Point(name="A", kind=Kind.ANALOG))
    watched.take(7)
    [old] = watched.watch.lost(watched.now)
    assert (old.value, old.flags, old.why) == (7, {Flag.OLD_DATA}, Why.QUALITY)
    assert list(watched.watch.lost(watched.now)) == []
    back = watched.take(7)
    assert back
    assert (back.flags, back.at) == (FINE, watched.now)
    assert watched.take(7) is None


def test_what_is_beyond_limits_is_questionable_and_beyond_the_scale_invalid() -> None:
    point = Point(
        name="A", kind=Kind.ANALOG, limits=Range(low=0, high=10), scale=Range(low=-5, high=20)
    )
    assert point.measured(10) == (10, FINE)
    assert point.measured(11) == (11, {Flag.OUT_OF_RANGE})
    assert point.measured(21) == (21, {Flag.OUT_OF_RANGE, Flag.FAILURE})
    assert point.measured(math.nan) == (None, {Flag.OVER_FLOW})


def test_no_number_is_the_last_value_and_invalid() -> None:
    watched = Watched(Point(name="A", kind=Kind.ANALOG))
    watched.take(3)
    told = watched.take(math.inf)
    assert told
    assert (told.value, told.flags) == (3, {Flag.OVER_FLOW})


def test_a_switch_moves_from_one_position_to_another_and_not_by_what_is_between() -> None:
    watched = Watched(switch(), changes=0)
    told = [watched.take(raw) for raw in (1, 0, 1, 0, 2, 3, 2)]
    assert [one and (one.value, one.moves) for one in told] == [
        *[(1, True), (0, False), (1, False), (0, False), (2, True), (3, False), (2, False)]
    ]


def test_a_doubtful_position_moves_no_switch_until_it_is_beyond_doubt() -> None:
    watched = Watched(switch())
    first = watched.take(1, flags=frozenset({Flag.SUSPECT}))
    assert first
    assert not first.moves
    sure = watched.take(1)
    assert sure
    assert sure.moves
    assert watched.take(7, flags=FINE) == Told(
        "S", 7, frozenset({Flag.OUT_OF_RANGE, Flag.FAILURE}), watched.now, Why.CHANGE
    )


def test_a_flapping_point_is_held_until_it_has_been_still() -> None:
    watched = Watched(switch(), changes=3, seconds=10.0)
    told = [one for raw in (1, 2, 1, 2, 1, 2, 1) if (one := watched.take(raw))]
    assert [(t.value, Flag.OSCILLATORY in t.flags) for t in told] == [
        *[(1, False), (2, False), (1, False), (2, False), (2, True)]
    ]
    assert watched.take(1, after=9.0) is None
    still = watched.take(1, after=2.0)
    assert still
    assert (still.value, still.flags, still.moves) == (1, FINE, True)


def test_the_time_of_a_change_is_the_rtus_and_never_before_what_was_told() -> None:
    watched = Watched(switch())
    first = watched.take(1)
    event = watched.take(2, at=watched.now + timedelta(seconds=0.5))
    behind = watched.take(1, at=AT)
    assert first
    assert event
    assert behind
    assert event.at == AT + timedelta(seconds=1.5)
    assert behind.at == watched.now


def test_a_clock_that_jumped_is_told_and_not_believed() -> None:
    clock = RtuClock(off=5.0, jump=2.0)
    second = timedelta(seconds=1)
    assert clock.stamp(AT - second, AT) == AT - second  # no clock is seen: within reason
    assert clock.stamp(AT + 6 * second, AT) is None
    assert clock.look(AT + second, AT) == ""
    assert clock.look(AT + 3 * second, AT + second) == ""
    jumped = clock.look(AT + 3600 * second, AT)
    assert jumped == "its clock jumped by +3598.0 s and is now +3600.0 s from ours"
    assert clock.stamp(AT - second, AT) is None
    assert clock.look(AT, AT) == "its clock jumped by -3600.0 s and is now +0.0 s from ours"
    assert clock.stamp(AT - second, AT) == AT - second
    assert (clock.jumps, clock.refused) == (2, 2)


# -- the thread of the front end


class Counting:
    """A line that counts, at every asking one more; `fault` says at which it breaks."""

    def __init__(self, fault: int = 0) -> None:
        self.link = Link("R")
        self.asked = 0
        self._fault = fault

    async def listen(self) -> AsyncIterator[Heard]:
        while True:
            self.asked += 1
            if self.asked == self._fault:
                raise KeyError("a fault of ours")
            yield Heard([Sample("A", self.asked)])
            await asyncio.sleep(0)


def front(line: Counting) -> Front:
    watch = Watch([Point(name="A", kind=Kind.ANALOG)], Flapping())
    return Front({"R": Station("R", line, watch, 1000.0)}, room=3)


def taken(of: Front, least: int) -> list[Told]:
    found: list[Told] = []
    while len(found) < least:
        found += [told for scan in of.take(10, 5.0) for told in scan.told]
    return found


def test_nothing_is_asked_while_the_hub_is_behind_and_nothing_is_lost() -> None:
    line = Counting()
    started = front(line)
    started.start()
    try:
        while line.asked < 4:  # three wait, the fourth is in hand
            time.sleep(0.001)
        time.sleep(0.05)
        assert line.asked == 4
        values = [told.value for told in taken(started, 30)]
        assert values == list(range(1, len(values) + 1))
    finally:
        started.stop()


def test_a_fault_of_a_line_makes_its_points_old_and_stops_no_other() -> None:
    line = Counting(fault=3)
    started = front(line)
    started.start()
    try:
        told = taken(started, 3)
        assert [(one.value, one.flags) for one in told] == [
            *[(1, FINE), (2, FINE), (2, {Flag.OLD_DATA})]
        ]
        assert line.link.why == "fault of the front end: KeyError('a fault of ours')"
    finally:
        started.stop()


# -- messages


def test_values_of_a_scan_come_in_one_message_and_each_switch_that_moved_in_one(
    tmp_path: Path,
) -> None:
    rows = [{"name": "A", "kind": "Analog", "mrid": "_a"}]
    rows += [{**POSITION, "rtu": "", "type": "", "normal": "closed"}]
    adapter = with_points(tmp_path, rows)
    told = [
        Told("A", 1.5, frozenset({Flag.SUBSTITUTED}), AT, Why.CHANGE),
        Told("S", 0, FINE, AT, Why.CHANGE, moves=True),
    ]
    scan = Scan("R", AT, told)
    values, event = adapter.to_cim(scan)
    assert isinstance(values.payload, MeasurementValues)
    [analog], [discrete] = values.payload.analog_value, values.payload.discrete_value
    quality = analog.measurement_value_quality
    assert quality
    assert (quality.validity, quality.source) == (Validity.GOOD, "SUBSTITUTED")
    assert (discrete.value, discrete.discrete.mrid) == (0, None)
    assert isinstance(event.payload, SwitchingEvents)
    [switching] = event.payload.switching_event
    assert switching.reason == "position changed, by telemetry; normally closed"
    assert values.at == event.at == AT
    first = Told("S", 0, FINE, AT, Why.FIRST, moves=True)
    assert [one.at for one in adapter.to_cim(Scan("R", AT, [first]))] == [None, None]
    [again] = adapter.again(scan.origin, scan.raw)
    assert list(adapter.to_cim(again)) == [values, event]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{}", "RTU R: the scan lacks 'values'"),
        (b'{"values": 3}', "RTU R: no scan: 'int' object is not iterable"),
        (b'{"values": [{"point": "A", "value": "1"}]}', "the value of 'A' is no number: '1'"),
        (b"{", "RTU R: no scan: Expecting property name"),
    ],
)
def test_a_scan_that_cannot_be_read_again_says_why(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        samples.again("RTU R", data)


@pytest.mark.reference
def test_the_sample_of_a_historian_needs_a_mapping_only(shared: Path) -> None:
    samples_folder = shared / "data" / "samples" / "synthetic"
    adapter = build(
        ScadaAdapter,
        {
            "points": samples_folder / "scada_points.csv",
            "point_columns": {
                "name": "point_id",
                "mrid": "cim_mrid",
                "unit": "units",
                "address": "(of its own system)",
            },
            "kinds": {"status": "Discrete", "analog": "Analog", "control": "Control"},
            "zone": "America/Chicago",
            "time_format": "%d-%b-%y %H:%M:%S.%f",
            "columns": {"point": "Tagname", "time": "TimeStamp", "value": "Value"}
            | {"status": "Status"},
            "quality": {"Good": [], "I/O Timeout": ["old_data"]},
        },
        CONFIG,
    )
    path = samples_folder / "historian_export.csv"
    records = adapter.records(path.name, path.read_bytes())
    assert [one for record in records for one in shown(adapter, record)] == [
        _value("_cb1-ia-uuid", 182.4, "15:59:58"),
        _value("_cb1-ia-uuid", 0.0, "16:00:00"),
        _value("_cb1-uuid", 0, "16:00:00.120000"),
        {
            **_value("_cb1-ia-uuid", 0.0, "16:00:05"),
            "validity": "QUESTIONABLE",
            "flags": ["old_data"],
        },
    ]


def _value(of: str, value: float, at: str) -> dict[str, Any]:
    day = f"2025-11-20T{at}+00:00"
    return {"measurement": of, "value": value, "at": day, "validity": "GOOD"}
