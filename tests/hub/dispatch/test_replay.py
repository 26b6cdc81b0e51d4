"""ReplayDetection: what was sent before is not taken as something new."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cim.message import Message, ReplayDetection
from hub.config import Replay as Settings
from hub.dispatch import Hub
from hub.dispatch.replay import Replay
from hub.journal import Journal, queries
from hub.security import audit
from tests import fakes

WINDOW = Settings(seconds=60, required=("scada",))


def sent(message_id: str, nonce: str = "n-1", created: datetime = fakes.START) -> Message:
    message = fakes.message(fakes.last_gasp(message_id), message_id=message_id)
    detection = ReplayDetection(nonce=nonce, created=created)
    return replace(message, header=replace(message.header, replay_detection=detection))


@pytest.fixture
def hub(journal: Journal) -> Hub:
    return Hub(journal, {}, replay=Replay(WINDOW))


def held(journal: Journal) -> list[queries.Quarantined]:
    with journal.reading() as connection:
        return queries.quarantined(connection)


def is_taken(hub: Hub, message: Message, principal: str = "ami") -> bool:
    """Whether it was taken, or had been before."""
    before = len(held(hub.journal))
    body = (message.header.message_id or "").encode()
    hub.accept([fakes.Handed(message, body, principal)], "test")
    return len(held(hub.journal)) == before


def test_a_nonce_counts_once(hub: Hub, journal: Journal) -> None:
    assert is_taken(hub, sent("m-1"))
    assert not is_taken(hub, sent("m-2"))
    assert is_taken(hub, sent("m-3", "n-2"))
    [refused] = held(journal)
    assert refused.violations[0]["code"] == "7.7"
    assert refused.violations[0]["xpath"] == "/Header/ReplayDetection"
    assert "its Nonce came before, in message m-1" in refused.reason
    with journal.reading() as connection:
        [entry] = audit.newest(connection, 1)
    assert (entry.actor, entry.action, entry.outcome) == ("ami", "message.send", "refused")


def test_within_one_batch_too(hub: Hub) -> None:
    batch = [sent("m-1"), sent("m-2"), sent("m-3", "n-2")]
    assert hub.accept([fakes.Handed.of(m) for m in batch], "test") == [1, None, 2]


def test_another_systems_nonce_is_another(hub: Hub) -> None:
    assert is_taken(hub, sent("m-1"))
    assert is_taken(hub, sent("m-2"), "mdm")


def test_the_same_message_may_come_again(hub: Hub, journal: Journal, clock: fakes.Clock) -> None:
    for seconds in (0, 1, 1_000):
        clock.forward(seconds)
        assert is_taken(hub, sent("m-1"))
    with journal.reading() as connection:
        assert queries.counts(connection).messages == 1


@pytest.mark.parametrize(("seconds", "says"), [(-61, "s ago"), (61, "s from now")])
def test_what_was_created_at_another_time_is_refused(
    hub: Hub, journal: Journal, seconds: int, says: str
) -> None:
    assert not is_taken(hub, sent("m-1", created=fakes.START + timedelta(seconds=seconds)))
    [refused] = held(journal)
    assert refused.reason.endswith(f"more than 60 {says}")
    without_zone = (fakes.START - timedelta(seconds=59)).replace(tzinfo=None)
    assert is_taken(hub, sent("m-2", created=without_zone))


def test_it_outlives_a_restart(hub: Hub, journal: Journal, database_url: str) -> None:
    assert is_taken(hub, sent("m-1"))
    again = Journal.open(database_url, clock=journal.clock)
    assert not is_taken(Hub(again, {}, replay=Replay(WINDOW)), sent("m-2"))
    again.close()


def test_some_systems_must_send_it(hub: Hub, journal: Journal) -> None:
    assert is_taken(hub, fakes.message(fakes.last_gasp("a")))
    assert not is_taken(hub, fakes.message(fakes.last_gasp("b")), "scada")
    assert is_taken(hub, sent("m-1"), "scada")
    [refused] = held(journal)
    assert "Header/ReplayDetection is missing: scada must send it" in refused.reason


@pytest.mark.parametrize("nonce", ["n" * 201, " "])
def test_a_nonce_that_cannot_be_remembered_is_refused(hub: Hub, nonce: str) -> None:
    assert not is_taken(hub, sent("m-1", nonce))


def test_all_may_have_to_send_it(journal: Journal) -> None:
    hub = Hub(journal, {}, replay=Replay(Settings(required=("*",))))
    assert not is_taken(hub, fakes.message(fakes.last_gasp("a")))
