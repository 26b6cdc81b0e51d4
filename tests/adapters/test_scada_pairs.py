"""Switches with two outputs, one to trip and one to close, of RTUs in a process of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.adapters.rtus import Rtus, simulated
from tests.adapters.test_scada_controls import adapter, command, executed, operated

SCRIPT = """
[[rtu]]
name = "m"
size = 60
value = [{ table = "discrete_input", address = 0, start = 0 }]
control = [
    { address = 10, select = 20, indication = 0, shows = 1 },
    { address = 11, select = 21, indication = 0, shows = 0 },
]

[[rtu]]
name = "i"
protocol = "iec104"
common = 47
value = [{ table = "M_DP_TB_1", address = 2, start = 1 }]
control = [
    { table = "C_SC_NA_1", address = 101, select = 1, indication = 2, shows = 2 },
    { table = "C_SC_NA_1", address = 102, select = 1, indication = 2, shows = 1 },
]
"""
CLOSE = {"m": [10, 1], "i": [101, 1]}
TRIP = {"m": [11, 1], "i": [102, 1]}
SWITCHES = {
    "m": {"type": "discrete_input", "address": "0", "state0": "open", "state1": "closed"},
    "i": {"type": "M_DP_NA_1", "address": "2", "state1": "open", "state2": "closed"},
}
PAIRS = {
    "m": {"type": "coil", "address": "10", "trip": "11", "select": "20", "select_trip": "21"},
    "i": {"type": "C_SC_NA_1", "address": "101", "trip": "102", "select": "yes"},
}
rtus = simulated(SCRIPT)


def rows(rtu: str, **said: str) -> list[dict[str, str]]:
    of = {"rtu": rtu, "equipment": "_s"}
    control = {"name": "cb", "kind": "Control", "indication": "s", "within": "3"}
    return [
        {**of, **SWITCHES[rtu], "name": "s", "kind": "Discrete"},
        {**of, **control, **PAIRS[rtu], **said},
    ]


@pytest.mark.parametrize("rtu", ["m", "i"])
def test_each_position_has_its_output_which_is_selected_told_once_and_confirmed(
    rtus: Rtus, tmp_path: Path, rtu: str
) -> None:
    with operated(rtus, tmp_path, rtu, rows(rtu)) as field:
        assert field.outcome(command(1, "_s")) == "OK"
        assert field.outcome(command(1, "_s")) == "OK"  # again: it is known, and not repeated
        why = field.outcome(command(1, "_s", "C-2"))
        assert why == "5.2: nothing was sent: its indication s shows closed already"
        assert field.outcome(command(0, "_s", "C-3")) == "OK"
        rtus.happen(rtu, do="control", faults=["refuses"])
        assert "the RTU refuses it" in field.outcome(command(1, "_s", "C-4"))
    rtus.happen(rtu, do="control", faults=["stuck"])
    with operated(rtus, tmp_path, rtu, rows(rtu, within="0.4")) as field:
        assert "after 0.4 s s " in field.outcome(command(1, "_s", "C-5"))
    assert executed(rtus, rtu) == [CLOSE[rtu], TRIP[rtu], CLOSE[rtu]]


@pytest.mark.parametrize(
    ("rtu", "said", "rule"),
    [
        ("m", {"trip": "10"}, "trip '10' is the output that closes, too"),
        ("m", {"trip": "65536"}, "trip '65536' is not from 0 to 65535"),
        ("m", {"select_trip": ""}, "select_trip '' goes with select and trip, of coils"),
        ("m", {"trip": ""}, "select_trip '21' goes with select and trip, of coils"),
        ("m", {"state0": "open", "state1": "closed"}, "trip '11' is an output of its own"),
        (
            "m",
            {"type": "holding", "data": "uint16"},
            "trip '11' is of one of two outputs, which are coil or C_SC_NA_1",
        ),
        ("m", {"indication": ""}, "within '3' is of a Control with an indication only"),
        ("i", {"select_trip": "1"}, "select_trip '1' goes with select and trip, of coils"),
        ("i", {"type": "C_DC_NA_1"}, "trip '102' is of one of two outputs"),
    ],
)
def test_a_pair_that_cannot_be_stops_the_start(
    tmp_path: Path, rtu: str, said: dict[str, str], rule: str
) -> None:
    with pytest.raises(ValueError, match=rule):
        started(tmp_path, rtu, rows(rtu, **said))


def test_a_pair_is_of_a_switch(tmp_path: Path) -> None:
    switch, pair = rows("m")
    switch |= {"state0": "", "state1": ""}
    with pytest.raises(ValueError, match="cb: has a trip, and indication s no states that are"):
        started(tmp_path, "m", [switch, pair])


def started(folder: Path, rtu: str, given: list[dict[str, str]]) -> Any:
    protocol = {"m": "modbus", "i": "iec104"}[rtu]
    reached = {rtu: {"addresses": ["127.0.0.1:9"], "protocol": protocol}}
    return adapter(folder, given, rtus=reached)
