"""What is told of reliability, and that it leads back to the outages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from dms_apps.outage.reliability import reports
from dms_apps.outage.reliability.analysis import Analysis, Question
from dms_apps.outage.reliability.conventions import UK, Conventions
from dms_apps.outage.reliability.interruption import Interruption, Interruptions, micros
from dms_apps.outage.reliability.served import Served, Supply
from hub.report import Form, Report

DAY = datetime(2025, 5, 1, 10, tzinfo=UTC)
SERVED = Served(
    [Supply(day=date(2025, 1, 1), customers=60, feeder="F1", region="North"),
     Supply(day=date(2025, 1, 1), customers=40, feeder="F2", region="South"),
     Supply(day=date(2025, 1, 1), customers=20, feeder="F3", region="South")]
)  # fmt: skip


def out(point: str, hours: float, day: int = 0, **more: Any) -> Interruption:
    start = DAY + timedelta(days=day)
    given = {"customers": 10, **more}
    return Interruption(started=start, ended=start + timedelta(hours=hours), point=point, **given)


SOME = (
    out("a", 1, outage="1", device="B1", feeder="F1", region="North", cause="wind"),
    out("b", 2, outage="1", device="B1", feeder="F1", region="North", cause="wind"),
    out("c", 4, outage="2", device="B2", feeder="F2", region="South", planned=True, day=30),
    out("a", 0.01, day=40, feeder="F1", region="North"),
)  # fmt: skip


def analysed(**more: Any) -> Analysis:
    given: dict[str, Any] = {
        "first": date(2025, 1, 1),
        "last": date(2025, 12, 31),
        "some": Interruptions.of(SOME),
        "served": SERVED,
        "by": Conventions(),
        "now": micros(datetime(2025, 12, 31, 23, tzinfo=UTC)),
    }
    return Analysis(**given | more)


def table(report: Report) -> list[dict[str, Any]]:
    heads = [column.heading for column in report.columns]
    return [dict(zip(heads, row, strict=True)) for row in report.rows]


def test_every_index_leads_back_to_its_outages() -> None:
    analysis, question = analysed(), Question()
    [whole] = analysis.ask(question)
    *outages, sum_ = table(reports.outages(analysis, question))
    assert [one["outage"] for one in outages] == ["1", "2", "none"]
    assert outages[0] == {
        "outage": "1", "device": "B1", "feeder": "F1", "cause": "wind", "planned": "no",
        "days": "normal", "began": DAY, "ended": DAY + timedelta(hours=2),
        "customers interrupted": 20, "customer minutes (min)": 1800.0,
        "momentary interruptions": 0, "momentary events": 0,
        "SAIFI of the system": 20 / 120, "SAIDI of the system (min)": 15.0,
    }  # fmt: skip
    assert outages[2]["momentary events"] == 10
    for name in ("customers interrupted", "customer minutes (min)", "momentary interruptions"):
        assert sum(one[name] for one in outages) == sum_[name]
    assert sum_["SAIDI of the system (min)"] == float(whole.own.saidi or 0)


def test_indices_by_feeder_tell_what_the_feeder_has_and_what_it_costs_the_system() -> None:
    rows = table(reports.indices(analysed(), Question(by="feeder")))
    assert [row["feeder"] for row in rows] == ["F1", "F2", "F3"]
    assert [row["SAIDI (min)"] for row in rows] == [30.0, 60.0, 0.0]
    assert [row["SAIDI of the system (min)"] for row in rows] == [15.0, 20.0, 0.0]
    months = table(reports.indices(analysed(), Question(by="region", each="month")))
    assert len(months) == 24
    assert {row["time"] for row in months if row["customers interrupted"]} == {"2025-05"}
    assert "time" in table(reports.indices(analysed(), Question()))[0]


def test_worst_feeders_and_causes() -> None:
    analysis = analysed(by=Conventions(worst=2))
    first, second = table(reports.worst_feeders(analysis, Question()))
    assert [first["feeder"], second["feeder"]] == ["F2", "F1"]
    assert first["share of customer minutes (%)"] == pytest.approx(100 * 2400 / 4200)
    assert second["together (%)"] == 100.0
    unknown, wind = table(reports.causes(analysis, Question()))
    assert (unknown["cause"], unknown["outages"], unknown["SAIDI (min)"]) == ("unknown", 1, 20.0)
    assert (wind["cause"], wind["outages"], wind["SAIDI (min)"]) == ("wind", 1, 15.0)


def test_worst_customers_are_those_behind_cemi() -> None:
    again = out("a", 5, day=90, feeder="F1", region="North")
    analysis = analysed(some=Interruptions.of([*SOME, again]))
    rows = table(reports.worst_customers(analysis, Question()))
    assert [list(row.values()) for row in rows] == [
        ["a", "F1", 10, 2, 1, 360.0, 300.0],
        ["c", "F2", 10, 1, 0, 240.0, 240.0],
        ["b", "F1", 10, 1, 0, 120.0, 120.0],
    ]
    [line] = analysis.ask(Question())
    behind = sum(row["customers"] for row in rows if row["sustained interruptions"] > 1)
    assert line.own.share("multiple", 1) == Fraction(behind, 120)
    assert reports.worst_customers(analysis, Question()).columns[0].personal


def test_a_day_may_be_major_by_unplanned_outages_alone() -> None:
    for major_of, saidi in (("all", 20), ("unplanned", 0)):
        analysis = analysed(by=Conventions(major_of=major_of))  # type: ignore[arg-type]
        assert analysis.daily.get(date(2025, 5, 31), 0) == saidi
        assert analysis.daily[date(2025, 5, 1)] == 15


def test_planned_ones_alone_or_left_out() -> None:
    for planned, saidi in (("all", 35), ("planned", 20), ("unplanned", 15)):
        [line] = analysed().ask(Question(planned=planned))
        assert line.own.saidi == saidi


def test_columns_of_the_uk() -> None:
    analysis = analysed(by=Conventions(**UK), first=date(2025, 4, 1), last=date(2026, 3, 31))
    [row] = [r for r in table(reports.summary(analysis, Question())) if r["days"] == "all days"]
    assert row["CI (per 100 customers)"] == 25.0
    assert row["CML (min)"] == 35.0
    assert row["SI (per 100 customers)"] == pytest.approx(100 / 12)
    assert "SAIDI (min)" not in row


def test_remarks_say_what_the_figures_rest_on() -> None:
    some = Interruptions.of([replace(SOME[0], ended=None)])
    late = Served([Supply(day=date(2025, 6, 1), customers=5)])
    said = " ".join(reports.remarks(analysed(some=some, served=late)))
    assert "known from 2025-06-01 on" in said
    assert "1 interruptions are not over; they are counted until 2025-12-31 23:00 UTC" in said
    assert "fewer than two days" in said
    nobody = analysed(served=Served([]))
    assert "is not known" in reports.remarks(nobody)[0]
    [line] = nobody.ask(Question())
    assert (line.own.saidi, line.own.saifi, line.own.asai) == (None, None, None)
    assert line.own.caidi == 140


def test_nothing_at_all_is_told_as_such() -> None:
    analysis = analysed(some=Interruptions.of([]))
    for make in (reports.summary, reports.indices, reports.worst_feeders, reports.causes,
                 reports.worst_customers, reports.outages, reports.major_days,
                 reports.thresholds):  # fmt: skip
        report = make(analysis, Question())
        assert report.draw is None or report.draw(Form.PNG)
    [line] = analysis.ask(Question())
    assert (line.own.saidi, line.own.asai) == (0, 1)


def test_drawings() -> None:
    for report in (
        reports.summary(analysed(), Question()),
        reports.indices(analysed(), Question(by="feeder", each="month")),
        reports.indices(analysed(), Question(days="normal", each="day")),
    ):
        assert report.draw is not None
        assert report.draw(Form.SVG).startswith(b"<?xml")


def test_a_time_that_is_not_yet_has_no_lines() -> None:
    later = analysed(first=date(2027, 1, 1), last=date(2027, 12, 31))
    assert later.ask(Question()) == []
    assert reports.outages(later, Question()).rows == []
