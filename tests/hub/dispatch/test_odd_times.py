"""What an app hears in a hub: every time has a zone and is one, however it is handed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from cim.message import Message, Outgoing, Result, Topic, Verb
from cim.profile import Profile
from cim.profiles.end_device_events import EndDeviceEvents
from hub.bulk import Accepted
from hub.dispatch import Hub
from hub.interfaces import Context
from hub.journal import Journal
from tests import fakes

NEVER = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(-timedelta(hours=14))),
    datetime(9999, 12, 31, 23, 59, 59),
]


@dataclass(kw_only=True)
class Hearing:
    """Notes when what it hears was (`hub.interfaces.App`)."""

    bulk: frozenset[Topic] = frozenset()
    catch_up: bool = False
    heard: list[datetime] = field(default_factory=list)
    topics: frozenset[Topic] = frozenset({fakes.REPORTED, fakes.ASKED})
    tables: sa.MetaData | None = None
    partitions: int = 1

    def handle(self, message: Message, _context: Context) -> Iterable[Outgoing]:
        assert isinstance(message.payload, EndDeviceEvents)
        self.heard.append(message.payload.end_device_event[0].created_date_time)
        return ()

    def handle_all(
        self, messages: Sequence[Accepted], context: Context
    ) -> Iterable[Iterable[Outgoing]]:
        return [self.handle(one.message, context) for one in messages]


def told(at: datetime, verb: Verb = Verb.CREATED) -> Message:
    one = replace(fakes.last_gasp("p").end_device_event[0], created_date_time=at)
    payload: Profile = EndDeviceEvents(end_device_event=(one,))
    said = fakes.message(payload, verb)
    return replace(said, header=replace(said.header, timestamp=at))


@pytest.mark.parametrize("bulk", [frozenset(), frozenset({fakes.REPORTED})])
def test_events_of_no_time_are_of_when_they_came(journal: Journal, bulk: frozenset[Topic]) -> None:
    app = Hearing(bulk=bulk)
    hub = Hub(journal, {"hearing": app})
    zoneless = fakes.START.replace(tzinfo=None)
    hub.accept([fakes.Handed.of(told(at)) for at in (*NEVER, zoneless)], "test")
    while hub.deliver("hearing"):
        pass
    assert app.heard == [fakes.START] * 5


def test_so_are_those_that_came_before_an_app(journal: Journal, clock: fakes.Clock) -> None:
    Hub(journal, {}).accept([fakes.Handed.of(told(at)) for at in NEVER], "test")
    clock.forward(3600)
    app = Hearing(catch_up=True)
    hub = Hub(journal, {"hearing": app})
    while "hearing" in hub.past and hub.past["hearing"].step():
        pass
    assert app.heard == [fakes.START] * 4


@pytest.mark.parametrize("at", NEVER)
def test_a_request_for_no_time_is_refused_in_the_place_of_the_app(
    journal: Journal, at: datetime
) -> None:
    app = Hearing()
    hub = Hub(journal, {"hearing": app})
    asked = told(at, Verb.CREATE)
    hub.accept([fakes.Handed.of(asked)], "test")
    hub.deliver("hearing")
    assert app.heard == []
    answer = hub.answer(asked.header.message_id or "", 1)
    assert answer is not None
    assert answer.reply is not None
    assert answer.reply.result is Result.FAILED
    [error] = answer.reply.errors
    assert error.details == (
        f"EndDeviceEvent, createdDateTime {at.isoformat()}: it is no time; one lies between"
        " 1970-01-02 and 9000-01-01."
    )
