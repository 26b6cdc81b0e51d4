"""New calls that are taken together leave, and say, what they do one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cim.message import Message, Topic, Verb
from cim.network import Network
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.trouble_tickets import TroubleTickets
from dms_apps.outage import OutageApp
from dms_apps.trouble_calls import TroubleCallsApp
from hub.bulk import Bulk
from hub.interfaces import App
from tests.dms_apps.outage.conftest import event_message, mrid, rdf
from tests.dms_apps.trouble_calls.playing import answer, call, customer, minutes, moment, outage
from tests.in_memory import database

NOON = moment("12:00")
POINTS = ["M1", "M2", "M3"]
FEEDER: list[dict[str, Any]] = [
    {"id": "R1", "parent": "SS1", "kind": "recloser"},
    {"id": "T1", "parent": "R1", "kind": "transformer", "premises": POINTS},
]

MODEL = NetworkModel(
    mrid=mrid("model"), profile=("urn:test:UsagePoint",), document=RdfXml(rdf(FEEDER, "SS1"))
)
NETWORK = Network.empty().after(event_message(NetworkModels(network_model=(MODEL,))))

calls = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["C-1", "C-2", "C-3", "C-4"]),
        "reported": st.sampled_from(["11:00", "11:50", "12:00"]),
    },
    optional={
        "point": st.sampled_from([*POINTS, "M9"]),
        "premise": st.sampled_from(["P-1", "P-2"]),
        "account": st.sampled_from(["A-1", "A-2"]),
        "phone": st.sampled_from(["555-1", "555-2"]),
        "wants": st.lists(
            st.sampled_from(["powerRestored", "powerOut", "initialEtr", "etrChange"]), unique=True
        ),
    },
)
outages = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["O-1", "O-2"]),
        "verb": st.sampled_from(["created", "changed", "closed"]),
        "start": st.sampled_from(["10:30", "11:30"]),
        "points": st.lists(st.sampled_from(POINTS), unique=True),
    },
    optional={"ert": st.just("15:00"), "crew": st.just("enroute")},
)
customers = st.fixed_dictionaries(
    {
        "point": st.sampled_from(POINTS),
        "premise": st.sampled_from(["P-1", "P-2"]),
        "account": st.sampled_from(["A-1", "A-2"]),
        "phone": st.sampled_from(["555-1", "555-2"]),
    }
)
answers = st.fixed_dictionaries(
    {"id": st.sampled_from(["C-1", "C-2"]), "says": st.sampled_from(["powerOn", "powerOff"])}
)


def made(values: st.SearchStrategy[Any], make: Callable[..., Message]) -> st.SearchStrategy[Any]:
    return values.map(lambda one: make(one, NOON))


def joined(some: Sequence[Message]) -> Message:
    """One message of several calls."""
    tickets = [t for one in some for t in payload(one).trouble_ticket]
    return replace(some[0], payload=TroubleTickets(trouble_ticket=tuple(tickets)))


def payload(one: Message) -> TroubleTickets:
    assert isinstance(one.payload, TroubleTickets)
    return one.payload


rung = made(calls, call)
several = st.lists(rung, min_size=2, max_size=3).map(joined)
heard = st.lists(
    st.one_of(
        *(rung, rung, several), made(outages, outage), made(customers, customer),
        made(answers, answer),
    ),
    min_size=2,
    max_size=14,
)  # fmt: skip


@dataclass
class Stage:
    """An app on tables of its own (`hub.interfaces.Context`)."""

    connection: sa.Connection
    network: Network
    now: datetime = NOON
    wakes: list[datetime] = field(default_factory=list)

    def wake_at(self, when: datetime) -> None:
        self.wakes.append(when)


@dataclass(frozen=True)
class Given:
    """`hub.bulk.Accepted`."""

    message: Message
    message_id: str = ""
    body: bytes = b""


@contextmanager
def stage(app: App) -> Iterator[Stage]:
    assert app.tables is not None
    with database(app.tables) as connection:
        yield Stage(connection, NETWORK)


def left(app: App, on: Stage) -> list[Any]:
    assert app.tables is not None
    tables = app.tables.sorted_tables
    rows = [on.connection.execute(sa.select(t).order_by(*t.primary_key)).all() for t in tables]
    return [*rows, min(on.wakes, default=None)]


def one_by_one(app: App, messages: Sequence[Message]) -> tuple[list[Any], list[Any]]:
    with stage(app) as on:
        said = [list(app.handle(one, on)) for one in messages]  # type: ignore[arg-type]
        return said, left(app, on)


def together(app: App, messages: Sequence[Message]) -> tuple[list[Any], list[Any]]:
    assert isinstance(app, Bulk)
    said = list[Any]()
    with stage(app) as on:
        for is_bulk, some in groupby(messages, lambda m: topic(m) in app.bulk):
            if is_bulk:
                given = [Given(one) for one in some]
                said += map(list, app.handle_all(given, on))  # type: ignore[arg-type]
            else:
                said += [list(app.handle(one, on)) for one in some]  # type: ignore[arg-type]
        return said, left(app, on)


def topic(message: Message) -> Topic:
    return Topic(message.header.verb, message.header.noun)


few = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(heard)
def test_in_trouble_calls(messages: list[Message]) -> None:
    assert together(TroubleCallsApp(), messages) == one_by_one(TroubleCallsApp(), messages)


@few
@given(st.lists(st.one_of(rung, several, made(answers, answer)), min_size=2, max_size=10))
def test_in_outage(messages: list[Message]) -> None:
    assert together(OutageApp(), messages) == one_by_one(OutageApp(), messages)


def test_what_was_said_of_a_call_before_counts_for_the_next_of_the_same_batch() -> None:
    """The first of two reports of one call is kept, and only it is told an outage."""
    first, again = ({"id": "C-1", "point": "M1", "phone": n, "wants": ["powerOut"]} for n in "12")
    began = outage({"id": "O-1", "verb": "created", "start": "11:30", "points": ["M1"]}, NOON)
    messages = [began, call(first, NOON), call(again, NOON + minutes(1))]
    said, _ = together(TroubleCallsApp(), messages)
    assert [len(some) for some in said] == [0, 2, 0]
    [told] = [o.payload for o in said[1] if not isinstance(o.payload, TroubleTickets)]
    assert told.customer_notification[0].contact_value == "1"
    assert said[1][0].verb is Verb.CHANGED
