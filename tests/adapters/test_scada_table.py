"""The table of points: each row, and each setting, is held against the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.scada import ScadaAdapter, table
from adapters.scada.points import Kind, Points
from hub.rows import Dialect
from hub.settings import build

REPOSITORY = Path(__file__).parents[2]
CONFIG = REPOSITORY / "config" / "adapters" / "scada.toml"


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
        (
            {**POSITION, "state0": "closed", "state1": "open", "measurement_type": "Pos"},
            "measurement_type 'Pos' says 0 = open, 1 = closed, or 1 and 2; else an mrid",
        ),
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
        ({}, {"zone": "Chicago"}, "zone 'Chicago' is no time zone"),
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
