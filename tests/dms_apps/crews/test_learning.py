"""Who learns from the events alone, and later, knows the same orders and who decided what."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from cim.message import Kind, Message, Outgoing, Property
from cim.profiles.trouble_orders import TroubleOrders
from dms_apps.crews import CrewsApp, provenance, store
from dms_apps.crews.life import Stage, standing
from dms_apps.crews.tables import decision, metadata, order, step, told
from hub.dispatch.stamp import stamp
from hub.journal import Journal, migration
from hub.journal.canonical import decode, encode
from hub.settings import build, read
from tests import fakes
from tests.dms_apps.crews import playing
from tests.dms_apps.crews.conftest import SETTINGS
from tests.dms_apps.crews.grid import network
from tests.dms_apps.crews.playing import DAY, Run, moment
from tests.dms_apps.crews.test_cases import CASES
from tests.dms_apps.crews.test_handover import House

STORIES = {case.name: tomllib.loads((case / "input.toml").read_text("utf-8")) for case in CASES}


@dataclass
class Telling(Run):
    """Keeps the events, those of the app among them, with the clock of then."""

    events: list[tuple[datetime, Message]] = field(default_factory=list)

    def take(self, message: Message) -> list[Outgoing]:
        if message.kind is Kind.EVENT:
            self.events.append((self.now, message))
        return super().take(message)

    def _keep(self, found: Sequence[Outgoing]) -> None:
        said = [stamp(one, "crews", self.now) for one in found]
        self.events += [(self.now, one) for one in said if one.kind is Kind.EVENT]
        super()._keep(found)


@dataclass
class Learner(Run):
    """What it says is dropped."""

    def _keep(self, found: Sequence[Outgoing]) -> None:
        pass

    def learn(self, events: Sequence[tuple[datetime, Message]], late: timedelta) -> None:
        for at, event in events:
            self.until(at + late)
            list(self.app.handle(decode(encode(event)), self))  # type: ignore[arg-type]


@contextmanager
def beginning(kind: type[Run], story: Mapping[str, Any]) -> Iterator[Any]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        run = kind(
            build(CrewsApp, read(SETTINGS, {}) | story.get("settings", {}), SETTINGS), connection
        )
        if devices := story.get("device"):
            run.network = network(devices)
        yield run
    engine.dispose()


def known(connection: sa.Connection) -> tuple[Any, ...]:
    """Orders, steps and decisions; and what others gave, as far as it is over."""
    own = ("said", "saying", "created_at", "ended_at")
    queries = (
        sa.select(*(column for column in order.c if column.name not in own)),
        sa.select(step),
        sa.select(*(column for column in decision.c if column.name != "id")),
        sa.select(told.c.noun, told.c.id, told.c.over),
    )
    return tuple(sorted(map(repr, connection.execute(query))) for query in queries)


def holding(connection: sa.Connection) -> tuple[Any, ...]:
    """The orders, and which crews are at them, and how far."""
    at = standing(store.steps_of_open_orders(connection))
    orders = known(connection)[0]
    return orders, {
        of: {crew: one.stage for crew, one in crews.items()} for of, crews in at.items()
    }


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize("name", STORIES)
def test_who_learns_from_events_knows_the_same(name: str, late: int) -> None:
    story = STORIES[name]
    with beginning(Telling, story) as was, beginning(Learner, story) as later:
        for happens in story["happens"]:
            was.play(happens)
        later.learn(was.events, timedelta(seconds=late))
        later.until(was.now)
        compared = holding if late else known  # its own steps are as old as its clock
        assert compared(later.connection) == compared(was.connection)


@pytest.mark.parametrize("name", STORIES)
def test_what_it_said_comes_back_late_and_twice(name: str) -> None:
    story = STORIES[name]
    with beginning(Telling, story) as run:
        for happens in story["happens"]:
            run.play(happens)
        said = [one for _, one in run.events if one.header.source == "crews"]
        before = known(run.connection)
        for again in (said, said[::-1], sorted(said, key=lambda one: one.header.message_id or "")):
            for one in again:
                assert list(run.app.handle(decode(encode(one)), run)) == []
            assert known(run.connection) == before


def test_an_order_that_a_dispatcher_gave_is_learnt_whole() -> None:
    """All that the app knows of it came by requests, of which nobody tells again."""
    ask = {"verb": "create", "id": "D-1", "says": "Look at the pole.", "at": [3, 4]}
    with beginning(Telling, {}) as was, beginning(Learner, {}) as later:
        was.play({"at": "08:00", "crew": {"id": "C-1"}, "ask": ask})
        given_ = {"verb": "change", "id": "D-1", "crews": ["C-1"], "rank": 3}
        was.play({"at": "08:01", "ask": given_})
        later.learn(was.events, timedelta(0))
        later.until(was.now)
        columns = ("order", "about", "status", "crews", "rank", "class", "since")
        assert later.rows("work-queue", *columns) == was.rows("work-queue", *columns)
        assert known(later.connection) == known(was.connection)


def test_events_of_before_say_nothing_beside(begun: Any) -> None:
    with beginning(Telling, {}) as was:
        was.play({"at": "08:00", "outage": {"id": "O-1", "customers": 3}})
        was.until(moment("08:01"))
        [event] = [one for _, one in was.events if one.header.source == "crews"]
    run = begun()
    before = known(run.connection)
    for words in ((), (Property("step", "{}"),)):
        assert isinstance(event.payload, TroubleOrders)
        provenance.keep(run.connection, replace(event.header, properties=words), event.payload)
    run.until(run.now + timedelta(days=31))  # what is kept for 30 days is forgotten by then
    run.take(event)
    assert known(run.connection) == before


def test_a_table_of_before_is_brought_up(empty_database_url: str) -> None:
    engine = sa.create_engine(empty_database_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(migration.SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0025")
        metadata.create_all(connection)
        connection.execute(sa.text("DROP INDEX crews_decision_order"))
    engine.dispose()
    journal = Journal.open(empty_database_url)
    with journal.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    journal.close()
    assert [one for one in found if "crews_" in repr(one)] == []


def passes(house: House, clock: fakes.Clock, seconds: int) -> None:
    for _ in range(seconds):
        clock.forward(1)
        house.delivered()
        house.hub.wake("crews")
    house.delivered()


def test_in_a_hub_too(tmp_path: Path) -> None:
    """With its clock and its timers: the app is added to a hub that has the events of another."""
    clock = fakes.Clock(moment("08:00"))
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("was", "later")]
    numbers = {of: store.number(store.identity("UnplannedOutages", of)) for of in ("O-1", "O-2")}
    with (
        closing(Journal.open(urls[0], clock=clock)) as one,
        closing(Journal.open(urls[1], clock=clock)) as other,
    ):
        was, later = House(one, known=True), House(other, known=False)
        for number, message in enumerate(
            (
                playing.crew({"id": "C-1"}, clock.now),
                *(playing.outage({"id": of, "customers": 3}, clock.now) for of in numbers),
            )
        ):
            was.take(replace(message, header=replace(message.header, message_id=f"{number}")))
        passes(was, clock, 4)
        for asked in (
            {"verb": "change", "number": numbers["O-1"], "crews": ["C-1"], "rank": 2},
            {"verb": "cancel", "number": numbers["O-2"]},
            {"verb": "change", "number": numbers["O-1"], "status": "enroute", "user": "ben"},
        ):
            request = playing.asked(asked, clock.now)
            was.take(replace(request, header=replace(request.header, message_id=f"{clock.now}")))
            passes(was, clock, 4)
        clock.now = moment("08:00")
        for event in was.heard:
            clock.now = max(clock.now, event.header.timestamp or clock.now)
            later.take(event)
        clock.forward(60)
        later.add()
        with one.reading() as connection, other.reading() as learnt:
            before, after = holding(connection), holding(learnt)
            who = [{row["who"] for row in store.history(c, DAY)} for c in (connection, learnt)]
        assert after == before
        assert before[1] == {store.identity("UnplannedOutages", "O-1"): {"C-1": Stage.ENROUTE}}
        assert who[0] == who[1] == {"anna", "ben"}
