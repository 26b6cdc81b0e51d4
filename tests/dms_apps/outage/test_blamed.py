"""Who is without supply is so by what is open, whatever it is, and never by what is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from cim.profiles.identification import ACLineSegment
from cim.profiles.switching_actions import Cut, CutAction
from dms_apps.outage.tables import supply
from tests.cim.network.plain import done, said
from tests.dms_apps.outage.altering import altered
from tests.dms_apps.outage.conftest import Run, mrid
from tests.dms_apps.outage.test_altered import at, play
from tests.dms_apps.outage.test_switched import LINED


def blamed(run: Run) -> dict[str, str]:
    """Usage point -> what is to blame that it has no supply now."""
    query = sa.select(supply.c.point, supply.c.device).where(supply.c.back_at.is_(None))
    return {run.network.name(row.point): row.device for row in run.connection.execute(query)}


def test_it_is_a_jumper_that_is_gone(start: Callable[..., Run]) -> None:
    """Once the switch is closed that took the way by the jumper before."""
    jumper = "jumper", "L1-CB2"
    run = play(
        start, ("switch", "S1", "open", 0), (*jumper, "close", 10), ("switch", "CB2", "open", 20),
        (*jumper, "open", 25), ("switch", "CB2", "close", 30),
    )  # fmt: skip
    assert blamed(run) == dict.fromkeys(["M6", "M7"], mrid("jumper L1-CB2"))
    assert {row[0] for row in run.ledger() if row[2] is None} == {"M6", "M7"}


def test_it_is_a_load_that_is_disconnected(start: Callable[..., Run]) -> None:
    for what, of in (("load", "M1"), ("service", "load M1")):
        run = play(
            start, ("switch", "CB1", "open", 0), (what, of, "open", 10),
            ("switch", "S2", "open", 15), ("switch", "CB1", "close", 20),
        )  # fmt: skip
        assert blamed(run) == {"M1": mrid("load M1"), **dict.fromkeys(["M9", "M10"], mrid("S2"))}


def test_it_is_the_line_that_is_cut_now(start: Callable[..., Run]) -> None:
    """The clamps have been moved there from another one."""
    more: list[Mapping[str, Any]] = [
        {"id": "L9", "parent": "CB2", "kind": "line"},
        {"id": "T9", "parent": "L9", "kind": "transformer", "premises": ["M99"]},
    ]
    run = start([*LINED, *more])
    run.settle()
    for minute, line in ((0, "L1"), (10, "L9")):
        run.until(at(minute))
        cut = Cut(mrid="C", acline_segment=ACLineSegment(mrid=mrid(line)))
        action = CutAction(kind=done(there=True), cut=cut, executed_date_time=at(minute))
        run.handle(said(cut_action=action))
    run.until(at(30))
    assert blamed(run) == {"M99": mrid("L9")}
    [told] = run.outages()
    assert "Line L9 was reported out of operation at 2025-11-20 10:10:00 UTC" in told.comment


def test_what_was_removed_long_ago_does_not_matter(start: Callable[..., Run]) -> None:
    """A jumper is not there normally: another model does not change what was since."""
    run = start(LINED)
    run.settle()
    for what, of, kind, when in (
        ("jumper", "S1-CB2", "close", 0), ("jumper", "S1-CB2", "open", 2),
        ("switch", "TIE", "close", 4), ("switch", "TIE", "open", 6),
        ("switch", "S1", "open", 10), ("switch", "S1", "close", 20),
    ):  # fmt: skip
        run.until(max(run.at, at(when)))
        if what == "switch":
            run.switch(of, kind, at(when))
        else:
            run.handle(altered(what, of, kind, at(when)))
    run.until(at(0) + timedelta(days=40))
    ledger = sorted(tuple(row[1:3]) for row in run.ledger())
    assert ledger == [(at(10), at(20))] * 2
    run.load([one for one in LINED if one["id"] not in ("L1", "T3")])
    run.until(run.at + timedelta(minutes=10))
    assert sorted(tuple(row[1:3]) for row in run.ledger()) == ledger
