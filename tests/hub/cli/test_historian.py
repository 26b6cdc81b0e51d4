"""`gridbus historian`."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hub.journal import Journal
from tests import fakes
from tests.hub.cli.conftest import Run
from tests.hub.historian.values import QUARTER, Storing, intervals, registers

START = fakes.START


@pytest.fixture
def stored(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    with closing(Journal.open(f"sqlite:///{tmp_path / 'var' / 'gridbus.db'}")) as journal:
        storing = Storing(journal, fakes.Clock())
        storing.accept(intervals([(START + n * QUARTER, float(n)) for n in range(1, 5)]))
        storing.accept(registers([(START - timedelta(days=3000), 1.0)]))


@pytest.mark.usefixtures("stored")
def test_series_values_and_steps(run: Run) -> None:
    code, out, _ = run("historian", "series", "M1", "--json")
    assert code == 0
    assert [(one["id"], one["interval"]) for one in json.loads(out)] == [(1, 900), (2, None)]
    code, out, err = run("historian", "values", "1", "--limit", "3")
    assert code == 0
    assert len(out.splitlines()) == 4
    assert "there are more from 2026-07-14T16:00:00+00:00 on" in err
    span = ("--start", "2026-07-14", "--end", "2026-07-15")
    _, out, _ = run("historian", "values", "1", "--every", "1d", "--json", *span)
    assert [(one["count"], one["mean"]) for one in json.loads(out)] == [(4, 2.5)]


@pytest.mark.usefixtures("stored")
def test_files_and_retention(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "values.parquet"
    code, _, err = run("historian", "export", path, "M1")
    assert (code, "2 series are in" in err) == (0, True)
    assert pq.read_table(path).num_rows == 5
    code, out, _ = run("historian", "sweep", "--json")
    assert (code, json.loads(out)["values"]) == (0, 1)


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("values", "M1"), 'series: 2 are called "M1": name one by its id, 1, 2'),
        (("values", "M9"), 'there is no series "M9"; `gridbus historian series` lists them'),
        (("values", "1", "--every", "1d"), "start and end must be given with every"),
        (("series", "--limit", "0"), "limit: a number from 1 to 100,000 was expected, not 0"),
        (("export", "values.xls", "M1"), "values.xls: a file called *.csv or *.parquet"),
    ],
)
def test_what_cannot_be_is_said(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    code, _, err = run("historian", *arguments)
    assert code == 2
    assert sentence in err
