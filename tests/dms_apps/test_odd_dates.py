"""No time that anybody says stops an app: the year 1, 9999, in any zone and without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib.metadata import entry_points
from typing import Any

import pytest
import sqlalchemy as sa

from cim.contract import example
from cim.message import Outgoing, Request, Topic, Verb
from cim.profile import Profile, attributes
from hub.columns import metadata as hub_tables
from hub.interfaces import App
from tests.dms_apps.any_time import Run, Street, message, places, put
from tests.dms_apps.load_model.playing import NOON

EAST, WEST = timezone(timedelta(hours=14)), timezone(-timedelta(hours=14))
FIRST, LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)
NEVER = [first.replace(tzinfo=zone) for first in (FIRST, LAST) for zone in (UTC, EAST, WEST, None)]
ODD = [*NEVER, NOON.replace(tzinfo=None)]
HERE, THERE = Street("a"), Street("b")

APPS = {one.name: one.load() for one in entry_points(group="gridbus.apps")}
SETTINGS: dict[str, dict[str, Any]] = {
    "load_model": {"profiles": {"": {"": (1.0,)}}, "history": 0},
    "power_quality": {"history": 2},
}
SAID = (Verb.CREATED, Verb.CHANGED, Verb.CLOSED, Verb.CANCELED, Verb.EXECUTED, Verb.DELETED)


def app_of(name: str) -> App:
    app: App = APPS[name](**SETTINGS.get(name, {}))
    return app


def nouns_of(name: str) -> list[str]:
    return sorted({topic.noun for topic in app_of(name).topics})


HEARD = [(name, noun) for name in sorted(APPS) for noun in nouns_of(name)]


@dataclass
class Begun:
    """An app that has heard one ordinary message of each noun about a street."""

    image: bytes
    run: Run

    @contextmanager
    def again(self) -> Iterator[Run]:
        """The app, started anew with the tables it had then."""
        name, at = self.run.name, self.run
        with database() as connection:
            raw: Any = connection.connection.driver_connection
            raw.deserialize(self.image)
            yield Run(name, app_of(name), connection, at.network, at.before, at.now, at.due)


@contextmanager
def database() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@cache
def begun(name: str) -> Begun:
    app = app_of(name)
    with database() as connection:
        hub_tables.create_all(connection)
        if app.tables is not None:
            app.tables.create_all(connection)
        run = Run(name, app, connection)
        for street in (HERE, THERE):
            run.hand(message(street.network(), Verb.CREATED, NOON))
        hand_all(run, HERE)
        run.until(NOON + timedelta(minutes=30))
        connection.commit()
        raw: Any = connection.connection.driver_connection
        return Begun(raw.serialize(), run)


def hand_all(run: Run, street: Street) -> list[Outgoing]:
    """What an app says of an ordinary event of each noun that it hears."""
    found: list[Outgoing] = []
    # What is planned takes away what is unplanned: it comes last.
    for noun in sorted(nouns_of(run.name), key=lambda noun: noun.startswith(("Planned", "Swit"))):
        if noun == "PlannedOutages":
            found += run.until(run.now + timedelta(minutes=10))
        if Topic(Verb.CREATED, noun) in run.app.topics:
            found += run.hand(message(street.sample(noun), Verb.CREATED, run.now))
    return found


def as_usual(run: Run) -> set[str]:
    """What an app says that names things of the other street, of which it hears now."""
    said = hand_all(run, THERE)
    said += run.until(run.now + timedelta(minutes=30))
    run.asked()
    run.got()
    told = (one for one in said if isinstance(one.payload, Profile))
    return {
        f"{one.verb} {type(one.payload).__name__}"
        for one in told
        if any(name.endswith(f"-{THERE.letter}") for name in texts(one.payload))
    }


@cache
def usual(name: str) -> set[str]:
    """The same where nothing odd was said before."""
    with begun(name).again() as run:
        run.until(NOON + timedelta(hours=2))
        return as_usual(run)


def texts(value: Any) -> Iterator[str]:
    """Every text in a payload."""
    if isinstance(value, str):
        yield value.removesuffix("_t1")
    elif isinstance(value, tuple):
        for one in value:
            yield from texts(one)
    elif isinstance(value, Profile):
        for attribute in attributes(type(value)):
            yield from texts(getattr(value, attribute.name))


def every(noun: str) -> Iterator[Profile]:
    """A noun with each of its times in turn, and all of them, such as no clock shows."""
    plain = HERE.sample(noun)
    some = list(places(type(plain)))
    for at in ODD:
        payload = plain
        for place in some:
            payload = put(payload, place, at)
        yield payload
    for number, place in enumerate(some):
        yield put(plain, place, ODD[number % len(ODD)])


@pytest.mark.parametrize(("name", "noun"), HEARD)
def test_no_time_stops_an_app(name: str, noun: str) -> None:
    """What came is looked at when the clock goes on, asked for, and kept when the app starts anew;
    what comes then is taken as if nothing had been odd."""
    verbs = sorted(topic.verb for topic in app_of(name).topics if topic.noun == noun)
    with begun(name).again() as run:
        for number, payload in enumerate(every(noun)):
            at = ODD[number % len(ODD)]
            for verb in verbs[number % len(verbs) :][:2] if number >= len(ODD) else verbs:
                for request in (Request(start_time=at, end_time=None), Request(end_time=at)):
                    if verb is Verb.GET or request.start_time:
                        run.hand(message(payload, verb, at, request))
            if number < len(ODD):
                run.until(NOON + timedelta(minutes=40 + number))
        run.until(NOON + timedelta(minutes=60))
        run.asked()
        run.got()
        started = Run(name, app_of(name), run.connection, run.network, run.before, run.now, run.due)
        started.until(NOON + timedelta(hours=2))
        assert as_usual(started) == usual(name)


def test_every_noun_that_is_heard_has_a_sample() -> None:
    for _, noun in HEARD:
        assert example(noun)
        assert type(HERE.sample(noun)).__name__ == noun
