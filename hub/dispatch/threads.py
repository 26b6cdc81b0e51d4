"""The hub's threads: each runs one activity until it is told to stop, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Event, Thread
from typing import Generic, TypeVar

from hub.dispatch.retry import Retry, Trouble
from hub.journal.commits import Commits

T = TypeVar("T")
_AGAIN = Retry(first=0.1, factor=2.0, longest=30.0)


class Stopped(Exception):
    """The hub stops; what was being tried is given up, and nothing was told to its source."""


class Threads:
    """Named threads that end together."""

    def __init__(self) -> None:
        self.stopping = Event()
        self._threads: list[Thread] = []
        self._signals: list[Commits] = []
        self._troubles: list[Trouble] = []

    def start(self, name: str, run: Callable[[], None]) -> None:
        thread = Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def trouble(self, what: str) -> Trouble:
        """What goes wrong with an activity of these threads; `failing` knows of it."""
        trouble = Trouble(what)
        self._troubles.append(trouble)
        return trouble

    def failing(self) -> dict[str, BaseException]:
        """The activities that fail at present, with their newest failure."""
        return {t.what: t.last for t in self._troubles if t.last is not None}

    def stop(self, timeout: float) -> list[str]:
        """Ask all to end and wait `timeout` seconds for each; the names of those that did not."""
        self.stopping.set()
        for signal in self._signals:
            signal.notify()
        for thread in self._threads:
            thread.join(timeout)
        return [t.name for t in self._threads if t.is_alive()]

    def work(
        self,
        name: str,
        step: Callable[[], bool],
        signal: Commits,
        pause: Callable[[], float],
    ) -> None:
        """Start a thread that takes step after step.

        step:   False when there was nothing to do; then it waits for `signal`, and for `pause`
                seconds at most.
        """
        self._signals.append(signal)
        trouble = self.trouble(name)
        self.start(name, lambda: self._work(trouble, step, signal, pause))

    def _work(
        self,
        trouble: Trouble,
        step: Callable[[], bool],
        signal: Commits,
        pause: Callable[[], float],
    ) -> None:
        while not self.stopping.is_set():
            seen = signal.count
            try:
                worked = step()
                wait = 0.0 if worked else pause()
                trouble.over()
            except Exception as error:
                self.stopping.wait(_AGAIN.pause(trouble.happened(error)))
                continue
            if wait > 0 and not self.stopping.is_set():
                signal.wait(seen, wait)

    def until_done(self, what: str, attempt: Callable[[], T]) -> T:
        """Try `attempt` until it succeeds.  Raises: Stopped when the hub stops meanwhile."""
        trouble = Trouble(what)
        while True:
            try:
                result = attempt()
            except Exception as error:
                if self.stopping.wait(_AGAIN.pause(trouble.happened(error))):
                    raise Stopped from error
            else:
                trouble.over()
                return result


class Source(Generic[T]):
    """Reads an endless iterator of batches in a thread, and opens it again when it breaks."""

    def __init__(
        self,
        name: str,
        opened: Callable[[], Iterator[Sequence[T]]],
        take: Callable[[Sequence[T]], None],
        threads: Threads,
    ) -> None:
        self._opened = opened
        self._take = take
        self._threads = threads
        self._trouble = threads.trouble(f"{name}: reading")

    def run(self) -> None:
        stopping = self._threads.stopping
        while not stopping.is_set():
            try:
                for batch in self._opened():
                    self._trouble.over()
                    if batch:
                        self._take(batch)
                    if stopping.is_set():
                        return
            except Stopped:
                return
            except Exception as error:
                stopping.wait(_AGAIN.pause(self._trouble.happened(error)))
            else:
                return  # it has said all it will ever say
