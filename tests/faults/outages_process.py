"""The hub of the kill tests of outages: `python -m tests.faults.outages_process STORY FOLDER
DATABASE [AMQP_URL]`, and what is to be seen of it from outside.

STORY is a module beside this one: what a partner sends and which apps hear it.  FOLDER holds
`begin`, the moment at which the story begins, and `ledger`, to which the partner's side of the
channel adds the id of each message that was acknowledged.  With AMQP_URL the hub receives over
RabbitMQ instead, from a partner that is elsewhere.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Protocol, cast

import sqlalchemy as sa

from cim.message import Message
from hub.channels.rabbitmq import Broker, RabbitChannel
from hub.dispatch import Hub
from hub.interfaces import App
from hub.journal import Journal
from hub.journal.canonical import encode
from hub.journal.database import connect
from hub.journal.tables import message as journalled
from tests.faults.embedded_process import Told

PARTNER = "partner"


@dataclass(frozen=True)
class Part:
    """What is sent, and after it: whether it has come about, so that the next part may be."""

    messages: Sequence[Message]
    has_come_about: Callable[[sa.Connection], bool] = lambda _: True


class Story(Protocol):
    """A module."""

    BATCH: int
    """Messages that are handed over at once."""

    def parts(self, begin: datetime) -> Sequence[Part]:
        """The same whenever it is asked."""
        ...

    def apps(self) -> Mapping[str, App]: ...


def unfolding(
    parts: Sequence[Part], engine: sa.Engine, batch: int, done: Container[str | None] = ()
) -> Iterator[Sequence[Message]]:
    """What is not done, so many at once, each part when the one before has come about."""
    for part in parts:
        todo = [one for one in part.messages if one.header.message_id not in done]
        for start in range(0, len(todo), batch):
            yield todo[start : start + batch]
        while not _has_come_about(part, engine):
            time.sleep(0.1)


def _has_come_about(part: Part, engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        return part.has_come_about(connection)


# -- in the process


@dataclass
class Spool:
    """A channel to a partner that sends again whatever was not acknowledged."""

    story: Story
    folder: Path
    engine: sa.Engine

    def receive(self) -> Iterator[Sequence[Told]]:
        ledger = self.folder / "ledger"
        done = set(ledger.read_text().split()) if ledger.exists() else set()
        begin = datetime.fromisoformat((self.folder / "begin").read_text())
        parts = self.story.parts(begin)
        for batch in unfolding(parts, self.engine, self.story.BATCH, done):
            yield [self._told(one) for one in batch]
        while True:
            time.sleep(1)
            yield []

    def _told(self, content: Message) -> Told:
        told = Told(content, encode(content))
        told.ledger = self.folder / "ledger"
        return told

    def send(self, messages: Sequence[Message]) -> None:
        raise NotImplementedError("the partner only sends")


def run(story: Story, folder: Path, database: str, amqp_url: str = "") -> None:
    """Run the hub until it is killed."""
    hub = Hub(journal := Journal.open(database), story.apps())
    if amqp_url:
        hub.attach_channel(PARTNER, RabbitChannel(Broker(url=amqp_url), inbound={PARTNER: PARTNER}))
    else:
        hub.attach_channel(PARTNER, Spool(story, folder, journal.engine))
    hub.run()
    Event().wait()


# -- outside


class Site:
    """A hub with a story to come, to be killed and started again."""

    def __init__(
        self, story: str, folder: Path, database: str, begin: datetime, amqp_url: str = ""
    ) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "begin").write_text(begin.isoformat())
        self.folder, self.database, self.begin = folder, database, begin
        self.engine = connect(database)
        self.parts = _story(story).parts(begin)
        self.sent = [one.header.message_id or "" for part in self.parts for one in part.messages]
        self.amqp_url = amqp_url
        self._arguments = [story, str(folder), database, *filter(None, [amqp_url])]

    @contextmanager
    def running(self) -> Iterator[None]:
        """The hub's process, killed at the end."""
        log = self.folder / "log"
        with log.open("ab") as out:
            hub = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.outages_process", *self._arguments],
                stdout=out,
                stderr=out,
            )
        try:
            yield
            assert hub.poll() is None, log.read_text()[-2000:]
        finally:
            hub.kill()
            hub.wait()

    def has(self, count: int) -> bool:
        """Whether the hub has taken so many messages: by its word, or, where that goes to a broker,
        by its journal."""
        if self.amqp_url:
            return len(self.taken()) >= count
        ledger = self.folder / "ledger"
        return ledger.exists() and len(set(ledger.read_text().split())) >= count

    def taken(self) -> list[str]:
        """The ids of what came from outside, in the order of the journal."""
        query = sa.select(journalled.c.message_id).where(journalled.c.channel == PARTNER)
        with self.engine.connect() as connection:
            return list(connection.scalars(query.order_by(journalled.c.seq)))


def _story(name: str) -> Story:
    return cast(Story, import_module(f"tests.faults.{name}"))


if __name__ == "__main__":
    name, folder, *rest = sys.argv[1:]
    run(_story(name), Path(folder), *rest)
