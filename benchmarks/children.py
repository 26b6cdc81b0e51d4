"""Other processes of a measurement: each does as it is told over a pipe, and answers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

PATIENCE = 300.0  # seconds
_spawn = multiprocessing.get_context("spawn")  # a fork would inherit threads and their locks


class Child:
    """The parent's end."""

    def __init__(self, pipe: Connection, patience: float) -> None:
        self._pipe, self._patience = pipe, patience

    def tell(self, what: object) -> None:
        self._pipe.send(what)

    def hear(self) -> Any:
        """What it says next.  Raises: TimeoutError, EOFError when it has ended."""
        if not self._pipe.poll(self._patience):
            raise TimeoutError(f"no word from another process in {self._patience:.0f} s")
        return self._pipe.recv()

    def ask(self, what: object) -> Any:
        self.tell(what)
        return self.hear()


@contextmanager
def child(
    work: Callable[..., None], *arguments: object, patience: float = PATIENCE
) -> Iterator[Child]:
    """Run `work(pipe, *arguments)` in a process of its own; at the end it hears None.

    On entry it has said that it is ready.

    patience: seconds that a word of it is waited for.
    """
    here, there = _spawn.Pipe()
    process = _spawn.Process(target=work, args=(there, *arguments))
    process.start()
    there.close()
    running = Child(here, patience)
    try:
        running.hear()
        yield running
        running.tell(None)
        process.join(PATIENCE)
    finally:
        process.kill()
        process.join()
