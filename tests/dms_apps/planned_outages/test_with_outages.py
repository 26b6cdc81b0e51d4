"""Beside the outage app: who goes dark by a planned outage is in no unplanned one."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cim.message import Verb
from dms_apps.outage import OutageApp
from dms_apps.outage.tables import interruption
from dms_apps.trouble_calls import TroubleCallsApp
from hub.journal import queries
from tests.dms_apps.planned_outages.playing import moment, switched
from tests.dms_apps.planned_outages.test_in_hub import House, drawn, house, wanted
from tests.dms_apps.trouble_calls.playing import call

__all__ = ["house"]


@pytest.mark.parametrize("at", ["6 07:50", "6 08:05"])  # a little early, and in time
def test_who_goes_dark_by_it_is_in_no_unplanned_outage(house: House, at: str) -> None:
    house.start(with_app=True, others={"outage": OutageApp()})
    house.take("08:00", drawn())
    one = wanted(id="P-1", open=["S1"], **{"from": "6 08:00", "until": "6 12:00"})
    house.take("09:00", one, Verb.CREATE)
    house.take(at, switched({"open": ["S1"]}, moment(at)))
    house.until("6 09:00")
    house.take("6 11:30", switched({"close": ["S1"]}, moment("6 11:30")))
    house.until("6 13:00")
    assert house.told()[-1] == "closed completed"
    with house.journal.reading() as connection:
        unplanned = queries.search(connection, queries.Filter(noun="UnplannedOutages"), limit=10)
        columns = (interruption.c.point, interruption.c.outage)
        times = (interruption.c.started_at, interruption.c.ended_at)
        ledger = [tuple(row) for row in connection.execute(sa.select(*columns, *times))]
    assert not unplanned
    span = moment(at), moment("6 11:30")
    assert sorted(ledger) == [("p1", "P-1", *span), ("p2", "P-1", *span)]


def test_who_calls_during_it_is_told_so_and_makes_no_trouble(house: House) -> None:
    apps = {"outage": OutageApp(), "trouble_calls": TroubleCallsApp()}
    house.start(with_app=True, others=apps)  # type: ignore[arg-type]
    house.take("08:00", drawn())
    one = wanted(id="P-1", open=["S1"], **{"from": "6 08:00", "until": "6 12:00"})
    house.take("09:00", one, Verb.CREATE)
    house.take("6 08:00", switched({"open": ["S1"]}, moment("6 08:00")))
    called = {"id": "C-1", "point": "p1", "phone": "555-0100", "wants": ["powerRestored"]}
    ticket = call(called, moment("6 09:00")).payload
    assert ticket is not None
    house.take("6 09:00", ticket)  # type: ignore[arg-type]
    house.until("6 10:00")
    with house.journal.reading() as connection:
        of_calls = queries.Filter(source="trouble_calls")
        rows = queries.search(connection, of_calls, limit=10)
        said = {f"{row.verb} {row.noun}" for row in rows}
        unplanned = queries.search(connection, queries.Filter(noun="UnplannedOutages"), limit=10)
    assert said == {"changed TroubleTickets", "created CustomerNotifications"}
    assert not unplanned
