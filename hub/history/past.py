"""The network as it was."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection

from cim.message import Message
from cim.model import Model
from cim.network import Network
from hub.history import snapshots, versions
from hub.history.comparison import Comparison, Moment, Then, compared
from hub.history.fold import At, Decode, steps
from hub.history.versions import Version
from hub.journal import Journal, moments, network_events
from hub.journal.canonical import decode as decoded

_REMEMBERED = 2  # networks of late; one of a million nodes takes hundreds of megabytes
_EVERY = 2**31 - 1  # versions
_PATIENCE = 20.0  # seconds in which somebody else's question must be answered

NEWEST = 2**62
"""A place that no journal comes to: now."""

Place = int | datetime
"""A place in the journal (a seq) or a moment; either stands for all messages up to it."""


class Busy(RuntimeError):
    """Somebody else's question about the past takes too long; ask again later."""


def _decode(_seq: int, body: bytes) -> Message:
    return decoded(body)


class Past:
    """The network as it was: the nearest earlier snapshot, and what the journal has after it.

    A moment stands for every message up to the last one that was accepted by then, in the order of
    the journal (`hub.journal.moments`): what the hub knew, not what it learned later about then.

    now: the newest network, from which questions about the present are answered.
    """

    def __init__(
        self,
        journal: Journal,
        decode: Decode = _decode,
        now: Callable[[], At] | None = None,
    ) -> None:
        self._journal = journal
        self._decode = decode
        self._now = now
        self._remembered: OrderedDict[int, Network] = OrderedDict()
        self._lock = Lock()

    def reading(self) -> AbstractContextManager[Connection]:
        """The journal, for questions about versions."""
        return self._journal.reading()

    def seq_at(self, place: Place) -> int:
        """The last message that counts; 0 when there was none yet, the newest for the future."""
        with self._journal.reading() as connection:
            return _seq_at(connection, place)

    def accepted_at(self, seq: int) -> datetime | None:
        """When this message was accepted; None for none."""
        with self._journal.reading() as connection:
            return moments.accepted_at(connection, seq)

    def as_of(self, place: Place) -> Network:
        """The network after every message up to `place`, and no later one.  Raises: Busy."""
        now = self._now() if self._now is not None else None
        with self._journal.reading() as connection:
            moved = network_events.last(connection, _seq_at(connection, place))
            if now and network_events.last(connection, now.seq) == moved:
                return now.network
        with self._alone():
            return self._folded(moved)

    def compare(self, one: Place, other: Place) -> Comparison:
        """What is different at `other`, seen from `one`.  Raises: Busy."""
        return compared(self._moment(one), self._moment(other))

    def _moment(self, place: Place) -> Moment:
        seq = self.seq_at(place)
        with self._journal.reading() as connection:
            in_force = versions.listed(connection, at=seq, limit=_EVERY)
        then = Then(seq=seq, at=self.accepted_at(seq))
        return Moment(then, self.as_of(seq), in_force)

    def version(self, wanted: str) -> Version:
        """A version by its id, or the newest of a model by its mRID.  Raises: KeyError."""
        with self._journal.reading() as connection:
            found = versions.find(connection, wanted)
        if found is None:
            raise KeyError(f"there is no version {wanted} in the journal")
        return found

    def model(self, version: Version) -> Model:
        """What a version says, under the header that its message gave it.

        Raises: KeyError, when it cannot be had any more.
        """
        model = versions.model(self._journal, version)
        return model if model.header else replace(model, header=version.as_header())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One question at a time: each may need the memory of a whole network."""
        if not self._lock.acquire(timeout=_PATIENCE):
            raise Busy("Another question about the past is being answered; ask again later.")
        try:
            yield
        finally:
            self._lock.release()

    def _folded(self, moved: int) -> Network:
        if moved in self._remembered:
            self._remembered.move_to_end(moved)
            return self._remembered[moved]
        with self._journal.reading() as connection:
            network = self._start(connection, moved)
            with closing(steps(connection, network, self._decode, moved)) as moves:
                for step in moves:
                    network = At(step.seq, step.after)
        self._remembered[moved] = network.network
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return network.network

    def _start(self, connection: Connection, moved: int) -> At:
        """The nearest network from which to go on."""
        earlier = [seq for seq in self._remembered if seq <= moved]
        kept = snapshots.last_seq(connection, moved)
        if earlier and max(earlier) >= kept:
            return At(max(earlier), self._remembered[max(earlier)])
        return snapshots.newest(connection, moved) or At(0, Network.empty())


def _seq_at(connection: Connection, place: Place) -> int:
    if isinstance(place, datetime):
        return moments.last_until(connection, place)
    return min(place, moments.newest(connection))
