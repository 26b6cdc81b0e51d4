"""SPARQL over versions of models: a few processes, each with one version loaded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock, Timer

from cim.model import Model, merged, sparql
from hub.history.past import NEWEST, Busy, Past

_KEPT = 2  # processes that are kept for the next question; each holds a version in memory
_PATIENCE = 15.0  # seconds in which another's question must be answered
_IDLE = 600.0  # seconds after the last question until they are ended
_NOW = ""  # stands for the models in force
BOUNDS = sparql.Bounds(seconds=10.0, rows=1_000, bytes=4 * 1024 * 1024)
"""What one question over the network may cost."""


class Asking:
    """One question at a time is answered; the versions asked about of late stay loaded."""

    def __init__(self, past: Past, bounds: sparql.Bounds = BOUNDS) -> None:
        self._past = past
        self._bounds = bounds
        self._loaded: OrderedDict[str, sparql.Asking] = OrderedDict()
        self._in_force: Mapping[str, Model] = {}
        self._lock = Lock()
        self._idle: Timer | None = None

    def ask(self, text: str, wanted: str = "") -> sparql.Answer:
        """Ask a version, by its id or mRID, or the models in force when none is named.

        Raises: Refusal; KeyError, when there is no such version; Busy.
        """
        with self._alone():
            answer = self._of(wanted).ask(text)
            self._wait()
        return answer

    def close(self) -> None:
        """End the processes."""
        with self._alone():
            if self._idle is not None:
                self._idle.cancel()
            while self._loaded:
                self._loaded.popitem()[1].close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=_PATIENCE):
            raise Busy("Another query is being answered; ask again later.")
        try:
            yield
        finally:
            self._lock.release()

    def _wait(self) -> None:
        """End the processes when nobody has asked for a while."""
        if self._idle is not None:
            self._idle.cancel()
        self._idle = Timer(_IDLE, self.close)
        self._idle.daemon = True
        self._idle.start()

    def _of(self, wanted: str) -> sparql.Asking:
        if not wanted:
            return self._of_now()
        version = self._past.version(wanted)
        if version.id not in self._loaded:
            self._load(version.id, self._past.model(version))
        self._loaded.move_to_end(version.id)
        return self._loaded[version.id]

    def _of_now(self) -> sparql.Asking:
        """The models in force, put together; loaded again when one has changed."""
        models = self._past.as_of(NEWEST).models
        if _NOW not in self._loaded or models is not self._in_force:
            self._load(_NOW, merged(list(models.values())))
            self._in_force = models
        self._loaded.move_to_end(_NOW)
        return self._loaded[_NOW]

    def _load(self, key: str, model: Model) -> None:
        if old := self._loaded.pop(key, None):
            old.close()
        self._loaded[key] = sparql.Asking(model, self._bounds)
        while len(self._loaded) > _KEPT:
            self._loaded.popitem(last=False)[1].close()
