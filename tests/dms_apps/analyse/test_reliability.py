"""`gridbus analyse reliability` as a user calls it."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from dms_apps.outage.reliability import files, recording
from dms_apps.outage.reliability.served import Supply
from dms_apps.outage.tables import interruption, metadata
from hub.cli import main
from hub.journal import Journal

EVENTS = """point,customers,start,end,outage,device,feeder,cause,planned
a,10,2025-05-01T10:00,2025-05-01T11:00,1,B1,F1,wind,no
b,10,2025-05-01T10:00,2025-05-01T12:00,1,B1,F1,wind,no
c,10,2025-07-01T10:00,2025-07-01T14:00,2,B2,F2,works,yes
"""
SERVED = "feeder,customers,region\nF1,60,North\nF2,40,South\n"
DAILY = "day,saidi\n2023-01-01,1\n2024-01-01,1.2\n2024-02-01,0.9\n"


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    for name, text in (("ev.csv", EVENTS), ("served.csv", SERVED), ("daily.csv", DAILY)):
        (tmp_path / name).write_text(text)
    served = str(tmp_path / "served.csv")
    return ["analyse", "reliability", str(tmp_path / "ev.csv"), "--served", served]


def test_a_summary_without_a_hub(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked) == 0
    printed = capsys.readouterr()
    said = {line[:22].strip(): line[22:].split() for line in printed.out.splitlines()}
    assert said["SAIDI (min)"] == ["42", "42", "0"]
    assert "Reliability, 2025-01-01 to 2025-12-31" in printed.err


def test_all_of_it_as_json(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--daily", str(tmp_path / "daily.csv"), "--by", "region", "--each", "month"]
    assert main([*asked, *more, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    north = {row["time"]: row for row in told["indices"]["rows"] if row["region"] == "North"}
    assert len(north) == 12
    assert north["2025-05"]["SAIDI (min)"] == 30
    days = {row["day"]: row["SAIDI (min)"] for row in told["major_days"]["rows"]}
    assert days == {"2025-05-01": 18, "2025-07-01": 24}
    normal = next(row for row in told["summary"]["rows"] if row["days"] == "normal days")
    assert normal["SAIDI (min)"] == 0
    assert told["thresholds"]["rows"][0]["days that make it"] == 3
    assert [row["outage"] for row in told["outages"]["rows"]] == ["1", "2", "all"]


def test_files_of_every_form(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, paper, folder = tmp_path / "r.xlsx", tmp_path / "r.pdf", tmp_path / "out"
    forms = ["--xlsx", book, "--pdf", paper, "--csv", folder, "--svg", folder]
    assert main([*asked, *map(str, forms)]) == 0
    assert capsys.readouterr().out == ""
    sheets = load_workbook(book)
    assert sheets.sheetnames[:3] == ["summary", "indices", "feeders"]
    assert sheets["outages"]["A2"].value == "1"
    assert paper.read_bytes().startswith(b"%PDF")
    csv = (folder / "feeders.csv").read_text().splitlines()
    assert [line.split(",")[1] for line in csv] == ["feeder", "F2", "F1"]
    assert (folder / "summary.svg").read_bytes().startswith(b"<?xml")


def test_conventions_come_from_a_file_and_from_the_command(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "outage.toml"
    settings.write_text(
        'hold_off = 60.0\n[reliability]\nsustained = 5400\nzone = "Europe/Berlin"\n'
    )
    assert main([*asked, "--settings", str(settings), "--json"]) == 0
    [all_, *_] = json.loads(capsys.readouterr().out)["summary"]["rows"]
    assert all_["customers interrupted"] == 20
    assert main([*asked, "--settings", str(settings), "--sustained", "300", "--uk", "--json"]) == 0
    [all_, *_] = json.loads(capsys.readouterr().out)["summary"]["rows"]
    assert all_["CML (min)"] == 42


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--served", "missing.csv"], "missing.csv"),
        (["--from", "2025-02-01", "--to", "2025-01-01"], "--to 2025-01-01 is before --from"),
        (["--zone", "Mars/Base"], "zone: 'Mars/Base' is no time zone"),
    ],
)
def test_what_is_wrong_is_named(
    asked: list[str], more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*asked, *more]) != 0
    assert sentence in capsys.readouterr().err


def test_an_unknown_setting_is_refused_by_name(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "x.toml"
    settings.write_text("[reliability]\nsustaned = 60\n")
    assert main([*asked, "--settings", str(settings)]) != 0
    assert "unknown sustaned; known: accrues, before_sustained" in capsys.readouterr().err


def test_a_time_without_interruptions_is_told_by_the_exit_code(asked: list[str]) -> None:
    assert main([*asked, "--from", "2020-01-01", "--to", "2020-12-31"]) == 1


def hub(folder: Path, apps: str) -> list[str]:
    """The settings of a hub whose outage app once ran, on what the files say."""
    (folder / "hub.toml").write_text(f"apps = {apps}\nadapters = []\n")
    (folder / "apps").mkdir()
    (folder / "apps" / "outage.toml").write_text('[reliability]\nnames = "uk"\n')
    (folder / "var").mkdir()
    with closing(Journal.open(f"sqlite:///{folder / 'var' / 'gridbus.db'}")) as journal:
        if apps != "[]":
            journal.create_tables(metadata)
            read = files.events("ev.csv", EVENTS.encode(), "UTC")
            rows = [
                {"point": one.point, "started_at": one.started, "ended_at": one.ended}
                for one in read.interruptions
            ]
            with journal.transaction() as transaction:
                transaction.connection.execute(sa.insert(interruption), rows)
                served = Supply(day=date(2025, 1, 1), customers=10)
                recording.write(transaction.connection, served.day, [served])
    return ["--config", str(folder), "--data", str(folder / "var"), "analyse", "reliability"]


def test_what_a_hub_has_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = hub(tmp_path, '["outage"]')
    book = tmp_path / "r.xlsx"
    assert main([*asked, "--from", "2025-01-01", "--to", "2025-12-31", "--json"]) == 0
    [all_, *_] = json.loads(capsys.readouterr().out)["summary"]["rows"]
    assert (all_["CI (per 100 customers)"], all_["CML (min)"]) == (30, 42)
    assert main([*asked, "--at", "2025-12-01", "--xlsx", str(book), "--sustained", "5400"]) == 0
    assert load_workbook(book)["summary"]["C2"].value == 2
    assert main([*asked, "--served", "10"]) != 0
    assert "--served goes with files of events" in capsys.readouterr().err


def test_a_hub_without_outages_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(hub(tmp_path, "[]")) != 0
    assert "outage is not among the apps of this hub" in capsys.readouterr().err


def test_files_alone_do_not_say_how_many_are_served(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(asked[:3]) != 0
    assert "--served N|FILE" in capsys.readouterr().err


def test_a_report_of_the_hub_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = hub(tmp_path, '["outage"]')[:4]
    written = tmp_path / "r.csv"
    asked = ["report", "outage", "reliability-indices", "each=month", "from=2025-01-01",
             "to=2025-12-31", "--csv", str(written)]  # fmt: skip
    assert main([*settings, *asked]) == 0
    lines = written.read_text().splitlines()
    assert lines[0].startswith("time,customers served,customers interrupted,customer minutes")
    assert [line.split(",")[2] for line in lines[1:]] == [*"000020100000"]
    assert main([*settings, "report", "outage", "reliability", "from=soon"]) != 0
    assert "from: a day such as 2026-03-01 was expected" in capsys.readouterr().err


def test_large_figures_are_shown_to_the_last_customer_minute(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = tmp_path / "ev.csv"
    events.write_text("customers,start,end\n1234567,2025-01-01T00:00:00,2025-01-01T01:00:01\n")
    assert main(["analyse", "reliability", str(events), "--served", "2000000"]) == 0
    printed = capsys.readouterr().out
    assert "1,234,567" in printed
    assert "74,094,596.1166667" in printed


def test_many_years_are_told_by_the_first_and_the_last(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*asked, "--from", "1990-01-01", "--to", "2026-12-31", "--at", "2026-12-31"]) == 0
    [said] = [one for one in capsys.readouterr().err.splitlines() if "is major by" in one]
    assert "of the reporting years from 1990-01-01 to 2025-01-01 is" in said
