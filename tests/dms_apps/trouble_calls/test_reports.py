"""How many have called of each outage, and whom it concerns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from cim.network import Network
from dms_apps.trouble_calls import TroubleCallsApp
from dms_apps.trouble_calls.tables import metadata
from hub.dispatch import reports
from hub.dispatch.reports import Given
from hub.report import Report, Unanswerable
from tests.cim.network.drawing import Drawing
from tests.dms_apps.trouble_calls.playing import Run, moment


@pytest.fixture
def run(database_url: str) -> Iterator[Run]:
    """Ann and Bob are in outage O-1; Ann has called twice, and a passer-by once; Cy is in O-2."""
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        metadata.create_all(connection)
        run = Run(TroubleCallsApp(), connection)
        for name, number in (("ann", "1"), ("bob", "2")):
            given = {"point": name, "premise": f"H{number}", "account": f"A{number}"}
            run.play({"at": "09:00", "customer": {**given, "phone": f"555-{number}"}})
        run.play({"at": "10:00", "outage": _outage("O-1", "created", "ann", "bob", "new")})
        run.play({"at": "10:00", "outage": _outage("O-2", "created", "cy")})
        calls = {"C-1": ("ann", "A1"), "C-2": ("ann", "A1"), "C-3": ("bob", ""), "C-4": ("cy", "")}
        for minute, (name, (point, account)) in enumerate(calls.items(), 1):
            called = {"id": name, "point": point, "account": account}
            run.play({"at": f"10:0{minute}", "call": called})
        yield run
    engine.dispose()


def _outage(name: str, verb: str, *points: str) -> dict[str, object]:
    return {"id": name, "verb": verb, "points": list(points), "start": "09:59"}


def asked(run: Run, name: str, network: Network | None = None, **of: str) -> Report:
    known = network or Network.empty()
    given = Given(run.connection, run.now, lambda: known)
    return reports.ask({"trouble_calls": run.app}, "trouble_calls", name, of, given)


def test_calls_are_counted_by_open_outage(run: Run) -> None:
    found = asked(run, "by-outage")
    assert [column.name for column in found.columns] == ["outage", "calls", "first"]
    assert found.rows == [("O-1", 3, moment("10:01")), ("O-2", 1, moment("10:04"))]
    run.play({"at": "10:10", "outage": _outage("O-2", "closed")})
    assert [row[:2] for row in asked(run, "by-outage").rows] == [("O-1", 3)]


def test_callers_of_one_outage_are_personal(run: Run) -> None:
    found = asked(run, "callers", outage="O-1")
    assert [row[:3] for row in found.rows] == [
        ("number C-1", moment("10:01"), "A1"),
        ("number C-2", moment("10:02"), "A1"),
        ("number C-3", moment("10:03"), ""),
    ]
    assert {column.name for column in found.columns if column.personal} == {"account"}
    assert asked(run, "callers", outage="O-9").rows == []
    with pytest.raises(Unanswerable, match="outage"):
        asked(run, "callers")


def test_customers_without_supply_are_told_once_by_whatever_name(run: Run) -> None:
    drawing = Drawing().source("a").line("line", "a", "b").consumer("house", "b")
    drawing.usage_point("mrid of new", "house").meter("new", "mrid of new")
    found = asked(run, "customers", drawing.network(), outage="O-1")
    assert found.rows == [
        ("mrid of ann", "A1", "5551", "H1"),
        ("mrid of bob", "A2", "5552", "H2"),
        ("mrid of new", None, None, None),
    ]
    personal = [column.name for column in found.columns if column.personal]
    assert personal == ["usage point", "account", "telephone", "premises"]
    run.play({"at": "10:10", "outage": _outage("O-1", "changed", "bob")})
    assert [row[0] for row in asked(run, "customers", outage="O-1").rows] == ["mrid of bob"]
