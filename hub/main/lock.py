"""One hub for one data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.config import ConfigError


@contextmanager
def only(folder: Path) -> Iterator[None]:
    """Hold `folder` for this process; the lock goes with the process, however it ends.

    Raises: ConfigError when another hub holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "gridbus.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another"
            raise ConfigError(f"{folder}: the hub with process id {holder} runs here") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
