"""The one fold: what the network messages of the journal, in their order, make of the network."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import closing
from typing import NamedTuple

from sqlalchemy import Connection

from cim.message import Message
from cim.network import Network
from hub.journal import network_events
from hub.journal.database import is_transient

log = logging.getLogger(__name__)

Decode = Callable[[int, bytes], Message]
"""Seq and stored bytes -> the message."""


class At(NamedTuple):
    """The network with every message up to `seq`, and nothing later."""

    seq: int
    network: Network


class Step(NamedTuple):
    """One message that may have moved the network; `message` is None when it cannot be read."""

    seq: int
    message: Message | None
    before: Network
    after: Network


def steps(
    connection: Connection, start: At, decode: Decode, until: int | None = None
) -> Generator[Step, None, None]:
    """Apply what the journal holds behind `start`, one message after the other."""
    network = start.network
    with closing(network_events.following(connection, start.seq, until)) as moves:
        for seq, body in moves:
            step = _step(network, seq, body, decode)
            network = step.after
            yield step


def _step(network: Network, seq: int, body: bytes, decode: Decode) -> Step:
    message = None
    try:
        message = decode(seq, body)
        return Step(seq, message, network, network.after(message))
    except MemoryError:
        raise  # of this moment, not of the message: passed over, it would be missing for good
    except Exception as error:
        if is_transient(error):
            raise  # likewise: the model that a difference changes may have to be fetched
        # One message that cannot be applied must not stop every app; it stays in the journal.
        log.exception("network message %d could not be applied", seq)
        return Step(seq, message, network, network)
