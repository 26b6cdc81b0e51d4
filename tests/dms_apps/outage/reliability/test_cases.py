"""Published and hand-made examples: interruptions in a file, the indices beside them."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dms_apps.outage.reliability import files, reports
from dms_apps.outage.reliability.analysis import Analysis, Question
from dms_apps.outage.reliability.conventions import UK, Conventions
from dms_apps.outage.reliability.interruption import Interruption, Interruptions, micros
from dms_apps.outage.reliability.served import Served, Supply

CASES = sorted((Path(__file__).parents[3] / "cases" / "reliability").iterdir())
GRIDLABD = "data/samples/reliability/gridlabd"


def analysed(case: dict[str, Any], some: tuple[Interruption, ...], by: Conventions) -> Analysis:
    after = case["to"] + timedelta(days=1)
    end = datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(by.zone))
    va = 1000 * case["kva"] if "kva" in case else None
    return Analysis(
        first=case["from"],
        last=case["to"],
        some=Interruptions.of(some),
        served=Served([Supply(day=case["from"], customers=case["served"], va=va)]),
        by=by,
        now=micros(end) - 1,
    )


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_case(path: Path) -> None:
    case = tomllib.loads((path / "case.toml").read_text(encoding="utf-8"))
    by = Conventions(**{**(UK if case.get("uk") else {}), **case["settings"]})
    read = files.events("events.csv", (path / "events.csv").read_bytes(), by.zone)
    analysis = analysed(case, read.interruptions, by)
    report = reports.summary(analysis, Question())
    heads = [column.heading for column in report.columns]
    found = dict(zip(heads, report.rows[0], strict=True))
    for name, value in case["expected"].items():
        assert found[name] == pytest.approx(value, rel=case["tolerance"]), name


def published(folder: Path, name: str) -> dict[datetime, float]:
    lines = (folder / f"deterministic_{name}.csv").read_text().split()
    pairs = [" ".join(lines[at : at + 3]).split(",") for at in range(0, len(lines), 3)]
    return {datetime.fromisoformat(at.removesuffix(" PST")): float(said) for at, said in pairs}


@pytest.mark.reference
@pytest.mark.parametrize("name", ["SAIFI", "SAIDI", "CAIDI", "MAIFI"])
@pytest.mark.parametrize("interval", ["", "_int"])
def test_series_of_gridlabd(shared: Path, name: str, interval: str) -> None:
    """Each value follows from the interruptions that are over by then; those of an interval from
    the ones that ended in its five hours.  Eight customers saw a recloser at 10:25; GridLAB-D
    counts them when the fault is cleared, at 10:40."""
    path = next(case for case in CASES if case.name == "gridlabd")
    case = tomllib.loads((path / "case.toml").read_text(encoding="utf-8"))
    by = Conventions(**case["settings"])
    read = files.events("events.csv", (path / "events.csv").read_bytes(), by.zone).interruptions
    zone = ZoneInfo(by.zone)
    cleared = {datetime(2000, 1, 1, 10, 25, 10): datetime(2000, 1, 1, 10, 40)}
    series = published(shared / GRIDLABD, name + interval)
    assert series
    for at, value in series.items():
        since = at.replace(hour=at.hour // 5 * 5, minute=0, second=0) if interval else at.min
        some = []
        for one in read:
            assert one.ended is not None
            over = one.ended.astimezone(zone).replace(tzinfo=None)
            if since < cleared.get(over, over) <= at:
                some.append(one)
        [line] = analysed(case, tuple(some), by).ask(Question())
        found = float(getattr(line.own, name.lower()) or 0)
        hours = found / 60 if name in ("SAIDI", "CAIDI") else found
        assert hours == pytest.approx(value, rel=5e-6), at


def test_the_days_of_a_case_are_local_ones() -> None:
    assert Conventions().year_of(date(2025, 12, 31)) == 2025
    assert Conventions(**UK).year_of(date(2025, 3, 31)) == 2024
