"""A journal on each database, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.journal import Journal
from hub.message_channel import Subscription
from tests import fakes


@pytest.fixture
def clock() -> fakes.Clock:
    return fakes.Clock()


@pytest.fixture
def journal(database_url: str, clock: fakes.Clock) -> Iterator[Journal]:
    """One app with one lane, one partner with four that wants every event."""
    subscriptions = [
        Subscription("app", frozenset({fakes.REPORTED})),
        Subscription("partner", frozenset(), partitions=4),
    ]
    journal = Journal.open(database_url, subscriptions, clock)
    yield journal
    journal.close()
