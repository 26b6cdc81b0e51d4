"""Published samples of meter files: what valid ones become, and why invalid ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.ami import AmiAdapter
from tests.adapters.test_ami_readings import attempts, read, said

VALID = {
    "Example_NEM12_actual_interval.csv": 2,
    "Example_NEM12_different_interval_length.csv": 3,
    "Example_NEM12_multiple_meters.csv": 12,
    "Example_NEM12_multiple_quality.csv": 1,
    "Example_NEM12_no_scheduled_read.csv": 1,
    "Example_NEM12_substituted_interval.csv": 2,
    "Example_NEM13_consumption_data.csv": 1,
    "Example_NEM13_forward_estimate.csv": 2,
    "Example_WesternPower.csv": 4,
}


@pytest.mark.reference
@pytest.mark.parametrize("name", VALID)
def test_a_valid_sample(shared: Path, name: str) -> None:
    """The unit of V1 in one of them is empty: the mapping has to say it."""
    volts = {"V1": "0.2.*.12.0.1.54.0.0.0.0.0.0.0.0.0.29.0"}
    adapter = AmiAdapter(nem=AmiAdapter().nem | volts)
    found = attempts(adapter, shared / "data" / "samples" / "ami" / "nem12" / name)
    assert [str(one.verdict) for one in found] == ["accepted"] * VALID[name]


@pytest.mark.reference
def test_qualities_of_a_sample(shared: Path) -> None:
    folder = shared / "data" / "samples" / "ami" / "nem12"
    data = (folder / "Example_NEM12_multiple_quality.csv").read_bytes()
    [outgoing] = said(AmiAdapter(), "a.csv", data)
    [block] = read(outgoing).meter_reading[0].interval_blocks
    judged = [one.reading_qualities[0] for one in block.interval_readings]
    assert [q.reading_quality_type for q in judged] == ["3.8.0"] * 20 + ["3.0.0"] * 4 + [
        "3.8.0"
    ] * 24
    assert {q.comment for q in judged} == {
        "QualityMethod F14, ReasonCode 76",
        None,
        "QualityMethod S14, ReasonCode 1",
    }


INVALID = {
    "15min_200_30min_300": "line 3: 300 row, IntervalValue: there are 48, IntervalLength 15",
    "empty": "line 2: RecordIndicator '900' comes right after the 100 row",
    "incomplete_interval": "line 3: 300 row, IntervalValue: there are 0, IntervalLength 30",
    "missing_header": "line 2: RecordIndicator '200': the first row must be the header, 100",
    "powercor": "line 2: RecordIndicator '200': the first row must be the header, 100",
    "powercor_missing_fields": "line 2: RecordIndicator '200': the first row must be the header",
}


@pytest.mark.reference
@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_sample(shared: Path, name: str) -> None:
    path = shared / "data" / "samples" / "ami" / "nem12_invalid" / f"Example_NEM12_{name}.csv"
    try:
        found = [str(v) for one in attempts(AmiAdapter(), path) for v in one.violations]
    except ValueError as error:
        found = [str(error)]
    assert [INVALID[name] in one for one in found] == [True]


@pytest.mark.reference
def test_the_sample_of_green_button(shared: Path) -> None:
    path = shared / "data" / "samples" / "ami" / "greenbutton" / "electric_containerized.xml"
    found = attempts(AmiAdapter(), path)
    assert [str(one.verdict) for one in found] == ["accepted", "accepted"]
    [block] = (
        read(said(AmiAdapter(), path.name, path.read_bytes())[0]).meter_reading[0].interval_blocks
    )
    assert block.reading_type == "0.12.7.4.1.1.12.0.0.0.0.0.0.0.769.0.72.840"
    assert [one.value for one in block.interval_readings] == [450, 430, 418, 410]
    assert block.interval_readings[0].time_stamp == datetime(2011, 1, 1, 9, tzinfo=UTC)
