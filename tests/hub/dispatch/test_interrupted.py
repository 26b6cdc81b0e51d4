"""Senders: what a partner has got it does not get again because another message fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from cim.message import Message
from hub.dispatch.decoded import Decoded
from hub.dispatch.retry import Retry
from hub.dispatch.sending import Sender
from hub.journal import Journal
from hub.message_channel import Subscription
from tests import fakes

POINTS = "abcdef"


@dataclass
class Partner:
    """Takes one message after the other; the connection breaks at `stumbles`."""

    stumbles: str = ""
    got: list[str] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)

    def send(self, messages: Sequence[Message]) -> None:
        self.calls.append(len(messages))
        for message in messages:
            point = fakes.usage_point(message)
            if point == self.stumbles:
                raise ConnectionError("answered 500 without a SOAP envelope")
            self.got.append(point)


@pytest.fixture
def partner() -> Partner:
    return Partner()


@pytest.fixture
def sender(journal: Journal, partner: Partner) -> Sender:
    journal.subscribe(Subscription("partner", frozenset()))
    return Sender("partner", partner.send, journal, Decoded(), Retry())


def accept(journal: Journal, points: str) -> None:
    entries = [fakes.entry(fakes.message(fakes.last_gasp(point))) for point in points]
    with journal.transaction() as transaction:
        transaction.accept(entries)


def test_what_comes_before_an_interruption_goes_out_at_most_once_more(
    journal: Journal, sender: Sender, partner: Partner
) -> None:
    accept(journal, POINTS)
    partner.stumbles = "d"
    for _ in range(20):
        with pytest.raises(ConnectionError):
            sender.step([0])
    assert partner.got == [*"abc", *"abc"]
    partner.stumbles = ""
    while sender.step([0]):
        pass
    assert partner.got == [*"abc", *"abc", *"def"]


def test_when_all_is_well_again_it_sends_batches(
    journal: Journal, sender: Sender, partner: Partner
) -> None:
    accept(journal, POINTS)
    partner.stumbles = "a"
    with pytest.raises(ConnectionError):
        sender.step([0])
    partner.stumbles = ""
    assert sender.step([0])
    accept(journal, POINTS)
    assert sender.step([0])
    assert partner.calls == [6, 1, 1, 1, 1, 1, 1, 6]
