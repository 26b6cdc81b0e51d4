"""A morning on both databases: calls, meters, switches, a plan, a crew, and rules for storms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cim.codes import Codes
from cim.message import Result
from cim.network import Network
from dms_apps.outage import OutageApp, audit
from dms_apps.outage.modes import Modes
from hub.journal import Journal
from tests.dms_apps.outage.asking import ask
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


def test_what_dispatchers_ask_is_done_on_both(database_url: str) -> None:
    journal = Journal.open(database_url)
    app = OutageApp(codes=Codes({"*": {ON: "power-on"}}), ping="3.26.0.9")
    journal.create_tables(app.tables)
    with journal.transaction() as transaction:
        run = Run(app, transaction.connection, Network.empty())
        run.load(DEVICES)  # type: ignore[arg-type]
        run.settle()
        run.at = at(0)
        run.switch("CB1", "close", at(0))
        run.meters([(meter, LOST, at(0)) for meter in ("M1", "M2", "M3", "M7", "M8")])
        run.until(at(3))
        for minute, event in (
            (4, {"ask": "change", "of": "T3", "into": "T1"}),
            (5, {"ask": "create", "from": "T1", "new": "part", "out": ["M8"]}),
            (6, {"ask": "change", "of": "T1", "back": ["M1"], "end": 330}),
            (7, {"ask": "change", "of": "part", "kind": "restored", "end": 400}),
            (8, {"ask": "change", "of": "T1", "ert": 9000, "source": "crew", "crew": "enroute"}),
        ):
            run.until(at(minute))
            reply = ask(run, {"at": 60 * minute, **event}, MORNING)
            assert reply.result is Result.OK, reply.errors
        run.until(at(9))
        assert run.pinged == ["M8"]
        run.meter("M8", ON, at(9))
        run.until(at(10))
        [verified] = [o for o in run.outages() if o.mrid == "part"]
        assert verified.status is not None
        assert verified.status.value == "verified"
        history = audit.history(transaction.connection, "part")
        assert {(row.field, row.after) for row in history} >= {("status", "verified")}
        ledger = {(name, start, end) for name, start, end, _ in run.ledger()}
    journal.close()
    assert ledger == {
        ("M1", at(0), at(5.5)),
        ("M8", at(0), MORNING + timedelta(seconds=400)),
        *((name, at(0), None) for name in ("M2", "M3", "M7", "M9")),
    }
