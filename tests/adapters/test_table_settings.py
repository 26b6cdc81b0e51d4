"""Settings of all adapters of tables that cannot be: each stops the start by its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from adapters.ami import AmiAdapter
from adapters.cis import CisAdapter
from adapters.erp import ErpAdapter
from adapters.ivr import IvrAdapter
from adapters.scada import ScadaAdapter
from adapters.weather import WeatherAdapter
from hub.settings import ConfigError, build

ADAPTERS = (AmiAdapter, CisAdapter, ErpAdapter, IvrAdapter, ScadaAdapter, WeatherAdapter)


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"columns": {"tiem": "T"}}, "a.toml: columns: nothing is read as tiem; known: "),
        ({"encoding": "klingon"}, "a.toml: encoding: 'klingon' is no encoding of text known here"),
        ({"encoding": "hex"}, "a.toml: encoding: 'hex' is no encoding of text known here"),
        ({"encoding": "utf-32"}, "a.toml: encoding: in utf-32 a line break is not the byte 10"),
        ({"delimiter": "||"}, "a.toml: delimiter: '||' is not one character"),
        ({"delimiter": ""}, "a.toml: delimiter: '' is not one character"),
    ],
)
def test_what_cannot_be_stops_the_start(
    adapter: type[Any], settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(sentence)}"):
        build(adapter, settings, Path("a.toml"))


def test_columns_of_other_tables_are_known_too() -> None:
    with pytest.raises(
        ValueError, match="point_columns: nothing is read as adress; known: address"
    ):
        ScadaAdapter(point_columns={"adress": "A"})
    with pytest.raises(ValueError, match="positions: nothing is read as life_suport; known: "):
        CisAdapter(positions={"life_suport": (1, 2)})


def test_life_support_is_not_lost_with_a_wrong_mapping() -> None:
    columns = "service_point_id;premise_id;meter_number;equipment_mrid;phase;LIFE"
    adapter = CisAdapter(columns={"life_support": "LIFESUP"})
    with pytest.raises(ValueError, match="the mapping names the column LIFESUP for life_support"):
        adapter.records("a.csv", f"{columns}\nSP;P;M;E;A;Y\n".encode())


def test_a_mapping_for_calls_does_not_refuse_call_back_results() -> None:
    adapter = IvrAdapter(columns={"comment": "TEXT", "agent": "WHO"})
    results = b"external_id,callback_time,status,WHO\n1,2025-11-20T16:00:00Z,ok,x\n"
    assert len(adapter.records("a.csv", results)) == 1
    assert len(adapter.records("a.csv", b"external_id,call_time,trouble_code,TEXT\n1,,,\n")) == 1
    with pytest.raises(ValueError, match="names the column TEXT for comment"):
        adapter.records("a.csv", b"external_id,call_time,trouble_code\n1,,\n")


def test_a_mapping_for_orders_does_not_refuse_crews() -> None:
    adapter = ErpAdapter(columns={"wopriority": "PRIO", "description": "TEXT"})
    assert len(adapter.records("crews.csv", b"crew\nA\n")) == 1
    with pytest.raises(ValueError, match="names the column PRIO for wopriority"):
        adapter.records("orders.csv", b"siteid,wonum,status,worktype\n")
