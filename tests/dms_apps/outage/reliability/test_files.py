"""Files of interruptions, of customers served and of daily SAIDI."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_apps.outage.reliability import files
from dms_apps.outage.reliability.interruption import Interruption
from dms_apps.outage.reliability.served import Served


def read(text: str, zone: str = "UTC") -> files.Read:
    return files.events("ev.csv", text.encode(), zone)


def test_all_columns() -> None:
    found = read(
        "point;customers;kva;start;end;outage;device;feeder;region;cause;planned;colour\n"
        "p1;3;12.5;2025-03-30T02:30;2025-03-30T05:00+02:00;O1;R 7;F1;North;wind;Yes;red\n"
        "p2;;;2025-01-01T00:00;;;;;;;\n".replace("2025-01-01T00:00;;;;;;;", "2025-01-01;;;;;;;;"),
        "Europe/Berlin",
    )
    first, second = found.interruptions
    assert first == Interruption(
        started=datetime(2025, 3, 30, 1, 30, tzinfo=UTC),
        ended=datetime(2025, 3, 30, 3, tzinfo=UTC),
        point="p1",
        customers=3,
        va=12_500,
        outage="O1",
        device="R 7",
        feeder="F1",
        region="North",
        cause="wind",
        planned=True,
    )
    assert second.started == datetime(2024, 12, 31, 23, tzinfo=UTC)
    assert (second.ended, second.customers, second.va, second.outage) == (None, 1, None, "")
    assert found.remarks == ("ev.csv: not read: colour.",)


def test_without_outages_each_row_is_one() -> None:
    found = read("customers,start,end\n5,2025-01-01,2025-01-02\n6,2025-01-01,2025-01-02\n")
    assert [one.outage for one in found.interruptions] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("start,end\n2025-01-01,\n", "ev.csv: no column point, and no column customers"),
        ("point,end\nx,\n", "ev.csv: no column start; there are point, end"),
        (
            "point,start\n,2025-01-01\n",
            "ev.csv line 2: point '' is empty, and so are the customers",
        ),
        ("point,start\nx,soon\n", "ev.csv line 2: start 'soon' is no time such as"),
        ("point,start\nx,0001-01-01\n", "ev.csv line 2: start '0001-01-01' is no time such as"),
        (
            "point,start,end\nx,2025-01-02,2025-01-01\n",
            "ev.csv line 2: end '2025-01-01' is before the start, 2025-01-02",
        ),
        ("customers,start\n0,2025-01-01\n", "customers '0' is no whole number from 1 to"),
        ("customers,start\n1.5,2025-01-01\n", "customers '1.5' is no whole number"),
        ("customers,start\n9999999999,2025-01-01\n", "is no whole number from 1 to 1,000,000,000"),
        ("point,start,kva\nx,2025-01-01,-1\n", "kva '-1' is no number from 0"),
        ("point,start,kva\nx,2025-01-01,1e-99999\n", "kva '1e-99999' is no number from 0"),
        ("point,start,kva\nx,2025-01-01,nan\n", "kva 'nan' is no number from 0"),
        ("point,start,planned\nx,2025-01-01,maybe\n", "planned 'maybe' is not yes or no"),
        (
            "point,start,end\nx,2025-01-01T10:00,2025-01-01T12:00\nx,2025-01-01T11:00,\n",
            "ev.csv line 3: point 'x' is out already, from 2025-01-01T10:00 to 2025-01-01T12:00 by"
            " ev.csv line 2",
        ),
        (
            "point,start,end\nx,2025-01-01T10:00,\nx,2025-01-01T11:00,\n",
            "ev.csv line 3: point 'x' is out already, from 2025-01-01T10:00 by ev.csv line 2",
        ),
    ],
)
def test_a_wrong_row_is_named_with_its_column_and_the_rule(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"ev\.csv") as refused:
        read(text)
    assert sentence in str(refused.value)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200), cells=st.lists(st.text(max_size=12), min_size=3, max_size=3))
def test_whatever_is_in_a_file_it_is_read_or_refused(data: bytes, cells: list[str]) -> None:
    row = b"point,start,kva\n" + ",".join(cells).encode("utf-8", "replace")
    for content in (data, row, b"customers,day,feeder\n" + data):
        for reader in (lambda c: files.events("f", c, "UTC"), lambda c: files.served("f", c),
                       lambda c: files.daily("f", c)):  # fmt: skip
            try:
                reader(content)
            except ValueError as refused:
                assert str(refused)  # noqa: PT017 - any sentence will do


def served(text: str) -> Served:
    return files.served("n.csv", text.encode())


def test_what_is_served_from_a_day_on() -> None:
    found = served(
        "day,feeder,region,customers,kva\n"
        "2025-01-01,F1,North,100,500\n2025-01-01,F2,South,50,200\n"
        "2025-01-11,F1,North,200,900\n2025-01-16,F2,South,0,0\n"
    )
    first, end = date(2025, 1, 1), date(2025, 1, 31)
    whole = found.over(first, end)
    assert whole.customers == Fraction(150 * 10 + 250 * 5 + 200 * 15, 30)
    assert whole.va == Fraction(700_000 * 10 + 1_100_000 * 5 + 900_000 * 15, 30)
    assert found.over(first, end, feeder="F1").customers == Fraction(100 * 10 + 200 * 20, 30)
    assert found.over(first, end, region="South").customers == 25
    assert found.over(date(2024, 1, 1), date(2024, 1, 2)).customers == 150
    assert found.daily(date(2025, 1, 9), 4) == [150, 150, 250, 250]
    assert found.over(first, end, feeder="F3").customers is None
    assert (found.feeders, found.regions) == ({"F1": "North", "F2": "South"}, {"North", "South"})


def test_without_kva_of_all_none_is_known() -> None:
    found = served("feeder,customers,kva\nF1,10,20\nF2,10,\n")
    assert found.over(date(2025, 1, 1), date(2026, 1, 1)).va is None
    assert found.over(date(2025, 1, 1), date(2026, 1, 1), feeder="F1").va == 20_000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("customers\n", "n.csv has no rows"),
        ("customers,feeder\n5,F1\n10,\n", "n.csv: feeder: some rows name one, others none"),
        ("customers,feeder\n5,F1\n6,F1\n", "n.csv line 3: feeder 'F1' has that day already, in"),
        ("customers,day\n5,2025-02-30\n", "n.csv line 2: day '2025-02-30' is no day"),
    ],
)
def test_a_wrong_row_of_what_is_served(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"n\.csv") as refused:
        served(text)
    assert sentence in str(refused.value)


def test_daily_saidi() -> None:
    found = files.daily("d.csv", b"day,saidi\n2025-01-01,0.1\n2025-01-02,0\n")
    assert found == {date(2025, 1, 1): Fraction(1, 10), date(2025, 1, 2): 0}
    with pytest.raises(ValueError, match=r"d\.csv line 3: day '2025-01-01' is there already"):
        files.daily("d.csv", b"day,saidi\n2025-01-01,0.1\n2025-01-01,0\n")
