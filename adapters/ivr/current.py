"""The folder with all outages that are not over, a file for each.

What is told of an outage comes in order as a rule; what is replayed out of the dead letters comes
late, and must not take the place of what is newer.  So it is noted how new what is there is, before
it is there, of outages that are over, too.
"""

from __future__ import annotations

import os
from datetime import datetime
from functools import cached_property
from pathlib import Path

from adapters.ivr.status import Told
from hub.handover import put

_KEPT = 100_000  # notes that are kept when the folder is opened


class Current:
    """Used by one thread.

    notes: the file that says how new what was told is.
    """

    def __init__(self, folder: Path, notes: Path) -> None:
        self._folder, self._notes = folder, notes

    def keep(self, one: Told) -> None:
        """Put it in the place of what was told of its outage, or take that away when it is over.

        Nothing happens when it is older than what was told.  Raises: ConnectionError.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._is_old(one):
                return
            self._note(one)
            if one.over:
                (self._folder / one.outage).unlink(missing_ok=True)
            else:
                put(self._folder / one.outage, one.raw)
        except OSError as error:
            raise ConnectionError(f"{self._folder}: {error}") from error

    def _is_old(self, one: Told) -> bool:
        """Told in the same moment, the end of an outage is the newer."""
        known = self._times.get(one.outage)
        if known is None or one.as_of is None:
            return False
        return (one.as_of, one.over) < known

    def _note(self, one: Told) -> None:
        if one.as_of is None or self._times.get(one.outage) == (one.as_of, one.over):
            return
        with self._notes.open("ab") as file:
            file.write(_line(one.outage, one.as_of, one.over))
            file.flush()
            os.fsync(file.fileno())
        self._times[one.outage] = one.as_of, one.over

    @cached_property
    def _times(self) -> dict[str, tuple[datetime, bool]]:
        """File -> how new what was told is, and whether it was the end.

        A last line that is cut short was never on disk for good: nothing was put after it.
        """
        path, found = self._notes, dict[str, tuple[datetime, bool]]()
        data = path.read_bytes() if path.exists() else b""
        lines = data.decode("ascii", "replace").split("\n")[:-1]
        for line in lines:
            at, over, name = line.split(" ", 2)
            found.pop(name, None)
            found[name] = datetime.fromisoformat(at), over == "over"
        kept = dict(list(found.items())[-_KEPT:])
        if not data.endswith(b"\n") or len(lines) > 2 * len(kept):
            put(path, b"".join(_line(name, *of) for name, of in kept.items()))
        return kept


def _line(name: str, at: datetime, over: bool) -> bytes:
    return f"{at.isoformat()} {'over' if over else 'open'} {name}\n".encode("ascii")
