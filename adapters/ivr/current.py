"""The folder with all outages that are not over, a file for each.

What is told of an outage comes in order as a rule; what is replayed out of the dead letters comes
late, and must not take the place of what is newer.  So it is noted how new what is there is, before
it is there, of outages that are over, too.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from adapters.ivr.status import Told
from hub.disk import put
from hub.handover import Mark, Notes


class Current:
    """Used by one thread."""

    _notes: Notes

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note_in(self, notes: Notes) -> None:
        """Note there, from now on: nothing can be kept before."""
        self._notes = notes

    def keep(self, one: Told) -> None:
        """Put it in the place of what was told of its outage, or take that away when it is over.

        Nothing happens when it is older than what was told.  Raises: ConnectionError.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not self._is_new(one):
                return
            if one.over:
                (self._folder / one.outage).unlink(missing_ok=True)
            else:
                put(self._folder / one.outage, one.raw)
        except OSError as error:
            raise ConnectionError(f"{self._folder}: {error}") from error

    def _is_new(self, one: Told) -> bool:
        """Whether it is not older than what was told before; noted, if so.

        Told in the same moment, the end of an outage is the newer.
        """
        if one.as_of is None:
            return True
        identity = f"current {one.outage}"
        known, told = self._notes.of(identity), (one.as_of, one.over)
        if known and (before := _read(known.said)) >= told:
            return before == told
        self._notes.note(identity, Mark.SENT, _written(*told))
        return True


def _written(at: datetime, over: bool) -> str:
    return f"{at.isoformat()} {'over' if over else 'open'}"


def _read(said: str) -> tuple[datetime, bool]:
    at, over = said.split(" ")
    return datetime.fromisoformat(at), over == "over"
