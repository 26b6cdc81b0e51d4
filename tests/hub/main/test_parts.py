"""How the parts fare, as the console shows it."""

from __future__ import annotations

from pathlib import Path

from adapters.ami import AmiAdapter
from hub.main.parts import Parts, passed_over


def test_a_part_runs_waits_or_has_failed() -> None:
    failures: dict[str, BaseException] = {}
    parts = Parts()
    parts.note("adapter", ["gis", "gis-east"])
    parts.note("channel", ["mdm"])
    parts.watch(lambda: failures)
    assert [p.state for p in parts.seen()] == ["running"] * 3
    failures["gis: reading"] = ConnectionRefusedError("nobody there")
    failures["relay mdm"] = KeyError("no such noun")
    gis, east, mdm = parts.seen()
    assert (gis.state, gis.note) == ("waiting", "ConnectionRefusedError: nobody there")
    assert (east.state, east.note) == ("running", "")
    assert (mdm.state, mdm.note) == ("failed", "KeyError: 'no such noun'")
    failures.clear()
    assert [p.state for p in parts.seen()] == ["running"] * 3


def test_files_that_nobody_takes_are_named(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"{number}.csv.gz").write_bytes(b"x")
    adapter = AmiAdapter(folder=tmp_path, settle=0.0)
    adapters = {"ami": adapter, "other": object()}
    assert list(passed_over(adapters)) == []
    assert next(iter(adapter.read())) == ()
    [left] = passed_over(adapters)
    assert (left.kind, left.name, left.state) == ("folder", "ami", "waiting")
    assert left.note == ("6 ignored: 0.csv.gz, 1.csv.gz, 2.csv.gz, 3.csv.gz, 4.csv.gz and 1 more")
