"""Whatever dispatchers, other systems and switches do, plans stay whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Header, Kind, Message, ObjectId, Request, Verb
from cim.profiles.planned_outage_notifications import PlannedOutageNotifications
from cim.profiles.planned_outages import PlannedOutages
from dms_apps.planned_outages import PlannedOutagesApp, store
from dms_apps.planned_outages.plan import State
from dms_apps.planned_outages.tables import metadata, outage, point, told
from tests.dms_apps.planned_outages.playing import DAY, Run, moment, plain

NEXT = {
    State.PLANNED: {State.PLANNED, State.NOTIFIED, State.ACTIVE, State.CANCELLED},
    State.NOTIFIED: {State.NOTIFIED, State.ACTIVE, State.CANCELLED},
    State.ACTIVE: {State.ACTIVE, State.COMPLETED},
    State.COMPLETED: {State.COMPLETED},
    State.CANCELLED: {State.CANCELLED},
}
SWITCHES = ["B", "S1", "S2", "T", "B2", "l"]


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    made = sa.create_engine("sqlite://")
    yield made
    made.dispose()


def begun(connection: sa.Connection) -> Run:
    metadata.drop_all(connection)
    metadata.create_all(connection)
    return Run(PlannedOutagesApp(announce=3.0), connection)


ids = st.sampled_from(["P-1", "P-2"])
period = st.tuples(st.integers(1, 5), st.integers(6, 20), st.integers(1, 9)).map(
    lambda d: {"from": f"{d[0]} {d[1]:02}:00", "until": f"{d[0]} {d[1] + min(d[2], 3):02}:00"}
)
devices = st.lists(st.sampled_from(SWITCHES), min_size=1, max_size=2, unique=True)
why = st.sampled_from([{}, {"why": "storm damage"}])
create = st.builds(
    lambda i, p, d, w: {"create": {"id": i, "open": d, **p, **w}}, ids, period, devices, why
)
change = st.builds(lambda i, p, w: {"change": {"id": i, **p, **w}}, ids, period, why)
begin = st.builds(lambda i, w: {"change": {"id": i, "status": "active", **w}}, ids, why)
close = st.builds(lambda i, w: {"close": {"id": i, **w}}, ids, why)
cancel = st.builds(lambda i: {"cancel": {"id": i}}, ids)
switch = st.builds(
    lambda k, s: {"switch": {k: [s]}}, st.sampled_from(["open", "close"]),
    st.sampled_from(SWITCHES[:-1]),
)  # fmt: skip
actions = st.lists(
    st.tuples(st.integers(1, 24), st.one_of(create, begin, close, switch, change, cancel, create)),
    max_size=25,
)


@settings(max_examples=60)
@given(actions)
def test_plans_stay_whole(engine: sa.Engine, happens: list[tuple[int, dict[str, Any]]]) -> None:
    with engine.connect() as connection:
        run = begun(connection)
        states: dict[str, State] = {}
        hours = 0
        for later, action in happens:
            hours += later
            run.play({"at": f"{hours // 24} {hours % 24:02}:00", **action})
            for one in run.said:
                if isinstance(one.payload, PlannedOutages) and one.verb is not Verb.REPLY:
                    follow(states, one.payload)
            check(connection)
        assert all(not one.is_open or one.mrid in states for one in store.plans(connection))


def follow(states: dict[str, State], payload: PlannedOutages) -> None:
    """What is told goes on from what was told."""
    for one in payload.planned_outage:
        assert one.mrid is not None
        assert one.status is not None
        state = State(one.status.value or "")
        assert state in NEXT[states.get(one.mrid, State.PLANNED)]
        states[one.mrid] = state


def check(connection: sa.Connection) -> None:
    for one in store.plans(connection):
        assert one.begins_at < one.ends_at
        assert (one.started_at is not None) == (one.state in (State.ACTIVE, State.COMPLETED))
        assert (one.ended_at is not None) == (one.state is State.COMPLETED)
        assert one.ended_at is None or one.started_at <= one.ended_at
        mine = sa.select(sa.func.count()).where(point.c.outage == one.mrid)
        assert one.count == connection.scalar(mine)
        assert one.count <= one.served
        assert 0 <= one.dark <= one.count
    ahead = [one for one in store.open_plans(connection) if one.is_ahead]
    for one, other in itertools.combinations(ahead, 2):
        if one.overlaps(other.begins_at, other.ends_at):
            assert not {d.device for d in one.deeds} & {d.device for d in other.deeds}


def test_of_thousands_nobody_is_told_twice(engine: sa.Engine) -> None:
    """In messages of some hundreds; each usage point is in one of them."""
    points = [f"sp-{number}" for number in range(1234)]
    with engine.connect() as connection:
        run = begun(connection)
        span = {"from": "6 08:00", "until": "6 12:00"}
        run.play({"at": "09:00", "created": {"id": "E-1", "points": points, **span}})
        run.play({"at": "5 08:00"})
        found = [
            p.names[0].name
            for one in run.said
            if isinstance(one.payload, PlannedOutageNotifications)
            for notification in one.payload.planned_outage_notification
            for p in notification.usage_point
            if notification.type == "announcement"
        ]
        assert sorted(found) == sorted(points)
        assert connection.scalar(sa.select(sa.func.count()).select_from(told)) == len(points)


def test_customers_are_told_in_their_time(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        run = begun(connection)
        run.app = PlannedOutagesApp(zone="Europe/Zurich")
        span = {"from": "6 08:00", "until": "6 12:00"}
        run.play(
            {"at": "09:00", "create": {"id": "P-1", "open": ["S1"], "reason": "A pole.", **span}}
        )
        run.play({"at": "09:01"})
        [told_of] = [
            o.payload for o in run.said if isinstance(o.payload, PlannedOutageNotifications)
        ]
        [one] = told_of.planned_outage_notification
        assert one.comment == (
            "Your supply will be interrupted from 2026-03-08 09:00 CET to 2026-03-08 13:00 CET."
            " Reason: A pole."
        )
        assert one.subject == "Planned interruption of supply"
        assert one.switching_plan is not None
        assert one.switching_plan.planned_period is not None
        assert one.switching_plan.planned_period.start == moment("6 08:00")


def test_a_customer_who_must_not_be_without_is_counted_later_too(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        run = begun(connection)
        span = {"from": "6 08:00", "until": "6 12:00"}
        run.play({"at": "09:00", "create": {"id": "P-1", "open": ["S1"], **span}})
        run.play({"at": "09:01"})
        who = {"point": "p1", "account": "A-1", "phone": "1", "need": "dialysis"}
        run.play({"at": "09:02", "customer": who})
        told_of = run.play({"at": "09:03"})
        assert told_of == ["changed P-1 planned (p1 p2) of 2, 1 critical"]


@pytest.mark.parametrize("verb", [Verb.CANCEL, Verb.DELETE])
def test_a_request_may_have_identifiers_alone(engine: sa.Engine, verb: Verb) -> None:
    header = Header(verb=verb, noun="PlannedOutages", timestamp=DAY, source="ERP")
    ids = (ObjectId(value="PO 17"), ObjectId(value="P-9"))
    with engine.connect() as connection:
        run = begun(connection)
        span = {"from": "6 08:00", "until": "6 12:00"}
        run.play(
            {"at": "09:00", "create": {"id": "P-1", "names": ["PO 17"], "open": ["S1"], **span}}
        )
        run.said = []
        run.hand(Message(header=header, kind=Kind.REQUEST, request=Request(ids=ids)))
        assert [line for one in run.said for line in plain(one)] == [
            "PARTIAL",
            "FATAL: PlannedOutage 'P-9': there is none",
            "canceled P-1 cancelled (p1 p2) of 2",
        ]
        run.said = []
        run.hand(Message(header=header, kind=Kind.REQUEST))
        assert [*plain(run.said[0])] == ["FAILED", "FATAL: PlannedOutages: it names none"]


WHOLE = [
    ("created", {"status": "planned", "as_of": "08:00", "from": "6 08:00", "until": "6 12:00"}),
    ("changed", {"status": "planned", "as_of": "08:10", "from": "6 09:00", "until": "6 12:00"}),
    ("changed", {"status": "approved", "as_of": "08:20", "from": "7 09:00", "until": "7 12:00"}),
    ("canceled", {"status": "canceled", "as_of": "08:30", "from": "7 09:00", "until": "7 12:00"}),
]


@given(
    st.integers(1, len(WHOLE)).flatmap(
        lambda many: st.permutations([*range(many), *range(0, many, 2)])
    )
)
def test_what_others_tell_may_come_in_any_order_and_twice(
    engine: sa.Engine, order: list[int]
) -> None:
    def played(numbers: list[int]) -> list[Any]:
        with engine.connect() as connection:
            run = begun(connection)
            for number in numbers:
                verb, said = WHOLE[number]
                run.play({"at": "09:00", verb: {"id": "E-1", "open": ["S1"], **said}})
            columns = (outage.c.state, outage.c.begins_at, outage.c.ends_at, outage.c.count)
            return [*connection.execute(sa.select(*columns)), *store.points(connection, "E-1")]

    assert played(order) == played(sorted(order))
