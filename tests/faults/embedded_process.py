"""The hub of the kill test: `python -m tests.faults.embedded_process FOLDER EVENTS FAULT`.

FOLDER holds the database, the watch folder `in`, and `ledger`, to which the partner's side of the
channel adds the id of each message that was acknowledged.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event

from cim.message import Message, Outgoing
from hub.dispatch import Hub, Retry
from hub.folder import WatchFolder
from hub.journal import Journal, Transaction
from tests.fakes import CountingApp, Handed, Line, Lines, last_gasp, message

BATCH = 20
KEYS = 40  # usage points
PARTITIONS = 2


def usage_point(number: int) -> str:
    return f"up-{number % KEYS}"


def sent(number: int) -> Message:
    """What the partner sends under this number, the same whenever it sends it."""
    payload = last_gasp(usage_point(number), f"channel-{number}")
    return message(payload, message_id=f"channel-{number}", source="partner")


class Told(Handed):
    """A delivery whose acknowledgement goes into the ledger."""

    ledger: Path

    def ack(self) -> None:
        assert isinstance(self.content, Message)
        with self.ledger.open("a") as lines:
            lines.write(f"{self.content.header.message_id}\n")


@dataclass
class Spool:
    """A channel to a partner that sends again whatever was not acknowledged.

    early: acknowledges before the hub has it, and is killed in between: what must be noticed.
    """

    ledger: Path
    events: int
    early: bool = False

    def receive(self) -> Iterator[Sequence[Told]]:
        done = set(self.ledger.read_text().split()) if self.ledger.exists() else set()
        todo = [n for n in range(self.events) if f"channel-{n}" not in done]
        for start in range(0, len(todo), BATCH):
            batch = [self._told(sent(n)) for n in todo[start : start + BATCH]]
            if self.early:
                for delivery in batch:
                    delivery.ack()
                os.kill(os.getpid(), signal.SIGKILL)
            yield batch

    def _told(self, content: Message) -> Told:
        told = Told.of(content)
        told.ledger = self.ledger
        return told

    def send(self, messages: Sequence[Message]) -> None:
        raise NotImplementedError("the partner only sends")


class Files:
    """An adapter of a watch folder with files of lines (`hub.interfaces.Adapter`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = WatchFolder(
            folder, _lines, suffixes=(".txt",), settle=0.0, interval=0.05, batch=BATCH
        )

    def read(self) -> Iterator[Sequence[Line]]:
        return self._folder.batches()

    def to_cim(self, record: Line) -> Iterable[Outgoing]:
        return Lines([]).to_cim(record)


def _lines(_: str, content: bytes) -> list[Line]:
    return [Line(text, n) for n, text in enumerate(content.decode().splitlines(), start=1)]


def _forget_receipts() -> None:
    """Break the inbox: the first receipt for each delivery is forgotten."""
    forgotten = set[int]()
    delivered = Transaction.delivered

    def forget(self: Transaction, subscriber: str, seqs: Sequence[int], at: datetime) -> None:
        delivered(self, subscriber, [s for s in seqs if s in forgotten], at)
        forgotten.update(seqs)

    Transaction.delivered = forget


def run(folder: Path, events: int, fault: str) -> None:
    """Run the hub until it is killed."""
    if fault == "no inbox":
        _forget_receipts()
    journal = Journal.open(f"sqlite:///{folder / 'gridbus.db'}")
    hub = Hub(journal, {"counting": CountingApp(PARTITIONS)}, retry=Retry(first=0.05))
    hub.attach_adapter("files", Files(folder / "in"))
    hub.attach_channel("partner", Spool(folder / "ledger", events, fault == "early ack"))
    hub.run()
    Event().wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    run(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
