"""What was begun, and what became of it: on disk for good, so that no control comes twice."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from hub.handover import put

_KEPT = 20_000  # outcomes that are kept when it is opened


@dataclass(frozen=True)
class Outcome:
    """ended: whether more is known than that it was begun; `why` it failed, "" when it did not."""

    ended: bool
    why: str = ""


class Outcomes:
    """One JSON line each; a last line that is cut short was never on disk, so nothing followed it.

    Raises: OSError, for a file that cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._known: dict[str, Outcome] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._read()

    def of(self, identity: str) -> Outcome | None:
        return self._known.get(identity)

    def begin(self, identity: str) -> None:
        """Returns when it is on disk: only then may anything be sent."""
        self._note(identity, Outcome(ended=False))

    def end(self, identity: str, why: str = "") -> None:
        self._note(identity, Outcome(ended=True, why=why))

    def _note(self, identity: str, outcome: Outcome) -> None:
        with self._lock:
            with self._path.open("ab") as file:
                end = file.tell()
                try:
                    file.write(_line(identity, outcome))
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    # The next line must not follow half of this one.
                    os.truncate(self._path, end)
                    raise
            self._known[identity] = outcome

    def _read(self) -> None:
        data = self._path.read_bytes() if self._path.exists() else b""
        lines = data.split(b"\n")[:-1]
        for line in lines:
            identity, ended, why = json.loads(line)
            self._known.pop(identity, None)  # the newest come last
            self._known[identity] = Outcome(ended, why)
        self._known = dict(list(self._known.items())[-_KEPT:])
        if not data.endswith(b"\n") or len(lines) > 2 * len(self._known):
            put(self._path, b"".join(_line(one, said) for one, said in self._known.items()))


def _line(identity: str, outcome: Outcome) -> bytes:
    return json.dumps([identity, outcome.ended, outcome.why]).encode() + b"\n"
