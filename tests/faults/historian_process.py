"""The hub of the kill test of the historian: `python -m tests.faults.historian_process URL LEDGER`.

LEDGER is the file to which the partner adds the id of each message that was acknowledged.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from lxml import etree

from cim import envelope
from cim.message import Message
from cim.plain import LOADED
from hub.dispatch import Hub, Retry
from hub.historian.app import NAME, Historian
from hub.journal import Journal
from tests import fakes
from tests.hub.historian.values import QUARTER, intervals

BATCH = 5  # messages
METERS = 8
READINGS = 300  # in a message: so many are read by the compiled pass


def meter(number: int) -> str:
    return f"M{number % METERS}"


def values(number: int) -> list[tuple[int, float]]:
    """What the message of this number says of its meter: quarters of an hour, and values."""
    first = number // METERS * READINGS
    return [(n, number + n / 8) for n in range(first, first + READINGS)]


def sent(number: int) -> bytes:
    """The message, as a head-end writes it: the same whenever it sends it."""
    said = intervals(
        [(fakes.START + n * QUARTER, value) for n, value in values(number)], meter(number)
    )
    message = fakes.message(said, message_id=f"m-{number}", noun="MeterReadings")
    return etree.tostring(envelope.write_element(message), pretty_print=True)


class Told(fakes.Handed):
    """A delivery whose acknowledgement goes into the ledger."""

    ledger: Path

    def ack(self) -> None:
        assert isinstance(self.content, Message)
        with self.ledger.open("a") as lines:
            lines.write(f"{self.content.header.message_id}\n")


class HeadEnd:
    """A channel to a head-end that sends again whatever was not acknowledged."""

    def __init__(self, ledger: Path, messages: int) -> None:
        self._ledger, self._messages = ledger, messages

    def receive(self) -> Iterator[Sequence[Told]]:
        done = set(self._ledger.read_text().split()) if self._ledger.exists() else set()
        todo = [n for n in range(self._messages) if f"m-{n}" not in done]
        for start in range(0, len(todo), BATCH):
            yield [self._told(sent(n)) for n in todo[start : start + BATCH]]

    def _told(self, body: bytes) -> Told:
        content = envelope.read(body)
        assert isinstance(content, Message)
        told = Told(content, body)
        told.ledger = self._ledger
        return told

    def send(self, messages: Sequence[Message]) -> None:
        raise NotImplementedError("the head-end only sends")


def run(url: str, ledger: Path, messages: int) -> None:
    """Run the hub until it is killed."""
    LOADED.begin()
    journal = Journal.open(url)
    hub = Hub(journal, {}, retry=Retry(first=0.05), own={NAME: Historian()})
    hub.attach_channel("head-end", HeadEnd(ledger, messages))
    hub.run()
    Event().wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
