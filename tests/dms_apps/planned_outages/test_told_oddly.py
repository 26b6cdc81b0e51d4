"""What other systems tell of plans in an order, or in a way, that nobody would expect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from cim.message import Verb
from cim.network import Network
from cim.profiles.identification import UsagePoint
from cim.profiles.planned_outages import PlannedOutages
from dms_apps.planned_outages import PlannedOutagesApp, store
from dms_apps.planned_outages.tables import metadata
from hub.journal.canonical import decode, encode
from tests.dms_apps.planned_outages.playing import Run, message, moment, plan

PERIOD = {"from": "8 10:00", "until": "8 12:00"}
NOBODY = (UsagePoint(),)


@pytest.fixture
def run() -> Iterator[Run]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield Run(PlannedOutagesApp(), connection)
    engine.dispose()


def test_a_model_comes_in_which_a_switch_of_a_plan_is_a_line(run: Run) -> None:
    street, run.network = run.network, Network.empty()
    run.play({"at": "01:00", "created": {"id": "P-1", "then open": ["l"], **PERIOD}})
    run.until(moment("01:01"))
    run.network = street
    run.play({"at": "01:30", "created": {"id": "P-2", "open": ["S1"], **PERIOD}})
    run.play({"at": "01:40"})
    one = store.plan_of(run.connection, "P-1")
    assert one is not None
    assert "ACLineSegment l name (l) is no switch, it cannot be opened." in one.remarks[0]


def test_a_usage_point_that_is_called_nothing_is_none(run: Run) -> None:
    one = replace(plan({"id": "P-1", "open": ["S1"], **PERIOD}), de_energized_usage_point=NOBODY)
    told = message(PlannedOutages(planned_outage=(one,)), Verb.CREATED, run.now, "ERP")
    run.hand(decode(encode(told)))
    assert store.points(run.connection, "P-1").keys() == {"p1", "p2"}
