"""How the parts fare, as the console shows it."""

from __future__ import annotations

from hub.main.parts import Parts


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
