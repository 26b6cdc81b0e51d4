"""Who learns from the events alone, and later, knows the same plans and who decided what."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from cim.message import Kind, Message, Outgoing, Verb
from dms_apps.planned_outages import PlannedOutagesApp
from dms_apps.planned_outages.app import NAME
from dms_apps.planned_outages.tables import decision, metadata, outage, point, told
from hub.dispatch.stamp import stamp
from hub.journal.canonical import decode, encode
from hub.settings import build, read
from tests.dms_apps.planned_outages.conftest import SETTINGS
from tests.dms_apps.planned_outages.playing import Run

CASES = sorted((Path(__file__).parents[2] / "cases" / "apps" / "planned_outages").iterdir())
PERIOD = {"from": "6 08:00", "until": "6 12:00"}
SAID = {"id": "P-1", "open": ["B"], "points": ["p1", "p3"], "names": ["south"], **PERIOD}
SOON = {"id": "P-2", "open": ["B2"], "from": "1 08:00", "until": "1 12:00", "why": "a storm"}
STORIES = {case.name: tomllib.loads((case / "story.toml").read_text("utf-8")) for case in CASES}
STORIES["said"] = {
    "happens": [
        {"at": "09:00", "create": [SAID, SOON]},
        {"at": "10:00", "change": {"id": "P-1", "until": "6 13:00"}},
        {"at": "3 10:00", "switch": {"close": ["T"]}},
        {"at": "4 10:00"},
    ]
}
OWN = {"as_of", "heard_at", "notify_at", "tell_from", "is_stale", "mark", "document"}
"""When it was looked at, and how it was said."""


@dataclass
class Journal(Run):
    """Keeps the events, those of the app among them, with the clock of then."""

    events: list[tuple[datetime, Message]] = field(default_factory=list)

    def hand(self, one: Message) -> None:
        if one.kind is Kind.EVENT:
            self.events.append((self.now, one))
        super().hand(one)

    def _take(self, said: Iterable[Outgoing]) -> None:
        def noted() -> Iterator[Outgoing]:
            for one in said:
                if one.verb is not Verb.REPLY:
                    self.events.append((self.now, stamp(one, NAME, self.now)))
                yield one

        super()._take(noted())


@dataclass
class Learner(Run):
    """What it says is dropped."""

    def _take(self, said: Iterable[Outgoing]) -> None:
        list(said)


def known(connection: sa.Connection) -> tuple[Any, ...]:
    plans = [
        {name: value for name, value in row.items() if name not in OWN}
        for row in connection.execute(sa.select(outage).order_by(outage.c.mrid)).mappings()
    ]
    whom = sa.select(point.c.outage, point.c.point, point.c.was_dark)
    heard = sa.select(told.c.outage, told.c.point, told.c.kind, told.c.begins_at, told.c.ends_at)
    who = sa.select(*(c for c in decision.c if c.name != "number"))
    who = who.where(decision.c.what != "refused")
    rows = (sorted(map(tuple, connection.execute(query))) for query in (whom, heard, who))
    return plans, *rows


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_who_learns_from_events_knows_the_same(story: Mapping[str, Any]) -> None:
    app = build(PlannedOutagesApp, read(SETTINGS, {}) | story.get("settings", {}), SETTINGS)
    engines = [sa.create_engine("sqlite://") for _ in range(2)]
    with engines[0].connect() as connection, engines[1].connect() as other:
        metadata.create_all(connection)
        metadata.create_all(other)
        was = Journal(app, connection)
        for step in story["happens"]:
            was.play(step)
        later = Learner(app, other)
        for at, event in was.events:
            later.until(at)
            one = decode(encode(event))
            if one.header.source != NAME:
                later.network = later.network.after(one)
            if (one.header.verb, one.header.noun) in app.topics:
                list(app.handle(one, later))  # type: ignore[arg-type]  # enough of a context
        later.until(was.now)
        assert known(other) == known(connection)
    for engine in engines:
        engine.dispose()
