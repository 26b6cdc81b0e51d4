"""The story of the kill test of planned outages: they are planned, begin, end and are closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from cim.message import Message, Verb
from cim.profile import Profile
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.outages import ConductingEquipment
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from dms_apps.planned_outages import PlannedOutagesApp
from dms_apps.planned_outages.tables import outage
from hub.interfaces import App
from tests import fakes
from tests.cim.network.drawing import Drawing, model
from tests.dms_apps.planned_outages.playing import switched
from tests.faults.outages_process import Part

BATCH = 1
PLANS = 12


def drawn() -> Profile:
    # source - a =[B]= b, and of each plan  b =[S0]= d0: p0x, p0y
    drawing = Drawing().source("a").switch("B", "a", "b")
    for n in range(PLANS):
        drawing.switch(f"S{n}", "b", f"d{n}", kind="LoadBreakSwitch")
        for point in points(n):
            drawing.consumer(f"h-{point}", f"d{n}").usage_point(point, f"h-{point}")
    payload = model("street", drawing.document()).payload
    assert isinstance(payload, Profile)
    return payload


def points(n: int) -> list[str]:
    """Whom a plan concerns."""
    return [f"p{n}x", f"p{n}y"]


def parts(begin: datetime) -> Sequence[Part]:
    """The network and the plans; switches open; they close; the outages are to be closed."""
    every = range(PLANS)
    made = [_sent("network", drawn(), Verb.CREATED, begin)]
    made += [_sent(f"plan-{n}", _plan(n, begin), Verb.CREATE, begin) for n in every]
    opened = [_switch(n, "open", begin + timedelta(seconds=1)) for n in every]
    closed = [_switch(n, "close", begin + timedelta(seconds=2)) for n in every]
    over = [_over(n, begin + timedelta(seconds=3)) for n in every]
    return [
        Part(made, partial(_are, {"notified", "active", "completed"})),
        Part(opened, partial(_are, {"active", "completed"})),
        Part(closed, _are_back),
        Part(over, partial(_are, {"completed"})),
    ]


def _are(states: Collection[str], connection: sa.Connection) -> bool:
    """Whether every plan has come so far."""
    return _all(connection, outage.c.state.in_(states))


def _are_back(connection: sa.Connection) -> bool:
    """Whether everybody has supply again, and it is known."""
    return _all(connection, outage.c.back_at.is_not(None))


def _all(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> bool:
    return connection.scalar(sa.select(sa.func.count()).where(condition)) == PLANS


def _plan(n: int, begin: datetime) -> PlannedOutages:
    start = begin + timedelta(minutes=20)
    one = PlannedOutage(
        mrid=f"P-{n}",
        estimated_period=DateTimeInterval(start=start, end=start + timedelta(hours=2)),
        outage_isolation_equipment=(ConductingEquipment(mrid=f"S{n}"),),
    )
    return PlannedOutages(planned_outage=(one,))


def _over(n: int, at: datetime) -> Message:
    """In so many words, or as a change."""
    one = PlannedOutage(mrid=f"P-{n}", status=Status(value="completed"))
    verb = (Verb.CLOSE, Verb.CHANGE)[n % 2]
    return _sent(f"over-{n}", PlannedOutages(planned_outage=(one,)), verb, at)


def _switch(n: int, what: str, at: datetime) -> Message:
    return _sent(f"{what}-{n}", switched({what: [f"S{n}"]}, at), Verb.CREATED, at)


def _sent(identity: str, payload: Profile, verb: Verb, at: datetime) -> Message:
    noun = type(payload).__name__
    one = fakes.message(payload, verb, message_id=identity, source="ERP", noun=noun)
    return replace(one, header=replace(one.header, timestamp=at))


def apps() -> Mapping[str, App]:
    """Quick ones."""
    return {"planned_outages": PlannedOutagesApp(notice=0, remind=0, settle=0.1)}
