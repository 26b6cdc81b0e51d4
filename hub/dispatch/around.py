"""The network just before and just after a message, however much later an app comes to it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable
from threading import Lock

from cim.message import Topic
from cim.network import Network
from cim.profiles.network_models import NetworkModels
from hub.dispatch.decoded import Decoded
from hub.dispatch.live import Live
from hub.history import snapshots
from hub.history.fold import At, Step, steps
from hub.journal import Journal

_STEPS = 2_000  # remembered at most; they share nearly all they hold
_MODELS = 3  # of them may be those of models, which share nothing


class Around:
    """Remembers what the live network was at the messages that one app has yet to handle.

    What is not remembered, as after a start with a backlog, is folded from the newest snapshot
    before it, and from there on message by message, until memory has caught up.
    """

    def __init__(
        self, journal: Journal, live: Live, decoded: Decoded, topics: Collection[Topic]
    ) -> None:
        self._journal = journal
        self._live = live
        self._decoded = decoded
        self._topics = topics
        self._lock = Lock()
        self._steps: OrderedDict[int, Step] = OrderedDict()
        self._models: list[int] = []
        self._folding = Lock()
        self._folded: At | None = None
        self._has_begun = False

    def begin(self) -> None:
        """Remember from now on; an app that never runs in this process costs nothing."""
        if not self._has_begun:
            self._has_begun = True
            self._live.watch(self._keep)

    def done(self, seqs: Iterable[int]) -> None:
        """Forget messages that are handled for good."""
        with self._lock:
            for seq in seqs:
                self._forget(seq)

    def of(self, seq: int) -> tuple[Network, Network]:
        """The network with every message before `seq`, and the same with `seq`; nothing later."""
        with self._lock:
            step = self._steps.get(seq)
        with self._folding:
            if step is None:
                return self._fold(seq)
            self._folded = None
        return step.before, step.after

    def _keep(self, step: Step) -> None:
        message = step.message
        if message is None or Topic(message.header.verb, message.header.noun) not in self._topics:
            return
        with self._lock:
            # Without the message: a model's text is larger than the network made of it.
            self._steps[step.seq] = step._replace(message=None)
            if isinstance(message.payload, NetworkModels):
                self._models.append(step.seq)
            while len(self._steps) > _STEPS or len(self._models) > _MODELS:
                self._forget(next(iter(self._steps)))

    def _forget(self, seq: int) -> None:
        if self._steps.pop(seq, None) and seq in self._models:
            self._models.remove(seq)

    def _fold(self, seq: int) -> tuple[Network, Network]:
        with self._journal.reading() as connection:
            at = self._folded if self._folded and self._folded.seq < seq else None
            at = at or snapshots.newest(connection, seq - 1) or At(0, Network.empty())
            before = after = at.network
            for step in steps(connection, at, self._decoded.get, seq):
                before = step.before if step.seq == seq else step.after
                after = step.after
        self._folded = At(seq, after)
        return before, after
