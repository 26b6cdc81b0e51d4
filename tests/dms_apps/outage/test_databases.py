"""A morning on both databases: calls, meters, switches, a plan, a crew, and rules for storms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cim.codes import Codes
from cim.network import Network
from dms_apps.outage import OutageApp
from dms_apps.outage.modes import Modes
from hub.journal import Journal
from tests.dms_apps.outage.conftest import MORNING, ON, Run
from tests.dms_apps.outage.test_app import DEVICES, LOST, RESTORED


def at(minutes: float) -> Any:
    return MORNING + timedelta(minutes=minutes)


def test_the_ledger_is_the_same_on_both(database_url: str) -> None:
    app = OutageApp(codes=Codes({"*": {ON: "power-on"}}), modes=Modes(calls=0.1), ping="3.26.0.9")
    journal = Journal.open(database_url)
    journal.create_tables(app.tables)
    with journal.transaction() as transaction:
        run = Run(app, transaction.connection, Network.empty())
        run.load([*DEVICES, {"id": "T4", "parent": "CB1", "kind": "fuse", "premises": ["M11"]}])
        run.plan("T4", at(-10), at(60))
        run.settle()
        run.at = at(0)
        run.meters([("M7", LOST, at(0)), ("M8", LOST, at(0)), ("M11", LOST, at(0))])
        run.call("M1", at(1))
        run.meter("M5", ON, at(1.5))  # not the breaker
        run.until(at(3))
        run.meter("M1", ON, at(3))
        run.switch("R1", "open", at(4))
        run.until(at(10))
        run.switch("R1", "close", at(10))
        run.meters([("M7", RESTORED, at(12)), ("M8", RESTORED, at(12)), ("M11", RESTORED, at(13))])
        run.settle()
        run.until(at(600))
        run.settle()
        ledger = {(name, start, end) for name, start, end, _ in run.ledger()}
    journal.close()
    assert run.pinged == ["M1"]
    assert ledger == {
        *((name, at(4), at(10)) for name in ("M1", "M2", "M3", "M4", "M5", "M6")),
        *((name, at(0), at(12)) for name in ("M7", "M8", "M9")),
        ("M11", at(0), at(13)),
    }
