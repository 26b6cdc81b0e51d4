"""The network as operated, following the journal."""

from __future__ import annotations

import logging
from contextlib import closing
from threading import Lock

from cim.network import Network
from hub.dispatch.decoded import Decoded
from hub.journal import Journal, queries

log = logging.getLogger(__name__)


class Live:
    """The fold of the journal's network messages; one for all apps of the process.

    `current` is an immutable value, swapped as a whole: whoever holds one keeps it.
    """

    def __init__(self, journal: Journal, decoded: Decoded) -> None:
        self._journal = journal
        self._decoded = decoded
        self._lock = Lock()
        self._seq = 0
        self.current = Network.empty()

    def at_least(self, seq: int) -> Network:
        """The network with every message up to `seq`, at least, applied."""
        if self._seq >= seq:
            return self.current
        with self._lock:
            if self._seq < seq:
                self._follow(seq)
            return self.current

    def catch_up(self) -> Network:
        """The network with everything applied that is committed now."""
        with self._journal.reading() as connection:
            last = queries.counts(connection).messages
        return self.at_least(last)

    def _follow(self, seq: int) -> None:
        network = self.current
        with (
            self._journal.reading() as connection,
            closing(queries.network_messages(connection, self._seq)) as moves,
        ):
            for moved, body in moves:
                network = self._after(network, moved, body)
                seq = max(seq, moved)
        self.current = network
        self._seq = seq

    def _after(self, network: Network, seq: int, body: bytes) -> Network:
        try:
            return network.after(self._decoded.get(seq, body))
        except MemoryError:
            raise  # of this moment, not of the message: passed over, it would be missing for good
        except Exception:
            # One message that cannot be applied must not stop every app; it stays in the journal.
            log.exception("network message %d could not be applied", seq)
            return network
