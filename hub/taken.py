"""Which files of a watch folder were taken, for as long as their writer may not have been done.

A writer that pauses for longer than a file needs to settle goes on writing in the file that was put
away: nobody else would ever look at it again.

The order of deeds, so that a power cut loses nothing: the records are committed, then the note is
on disk, then the file is put away.  Cut off before the note or after it, the file lies where it was
and is read again, as duplicates; a note about it counts for nothing, for its place is empty.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hub.disk import put, sync_names

log = logging.getLogger(__name__)

_FILE = ".taken"
_SLACK = 200  # lines of the record that are not worth to write it anew


@dataclass(frozen=True)
class Stamp:
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    changed: int  # modification time, ns

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)

    @property
    def file(self) -> tuple[int, int]:
        """The file itself, whatever its name and content."""
        return self.device, self.inode


@dataclass(frozen=True)
class _Taken:
    """A file as it was read.

    name:  that it had; `place`: where it lies since then, in the watch folder.
    at:    when it was taken.
    """

    name: str
    place: str
    stamp: Stamp
    at: datetime


class Takings:
    """The files that were taken lately.  On disk: a line is there before its file is put away.

    folder: the watch folder.
    watch:  how long a file is looked at again; at a start all that are on record are.
    """

    def __init__(self, folder: Path, watch: timedelta) -> None:
        self._folder, self._watch = folder, watch
        self._taken: dict[str, _Taken] = {}
        self._lines = 0

    def load(self) -> None:
        """What an earlier run has left; a line that was cut short counts for nothing."""
        path = self._folder / _FILE
        for line in path.read_bytes().splitlines() if path.exists() else ():
            self._lines += 1
            with suppress(ValueError, TypeError, KeyError):
                said = json.loads(line)
                at, stamp = datetime.fromisoformat(said["at"]), Stamp(**said["stamp"])
                self._taken[said["place"]] = _Taken(said["name"], said["place"], stamp, at)

    def note(self, path: Path, target: Path, stamp: Stamp, at: datetime) -> None:
        """It was read as `stamp` says, and goes to `target` now.  Returns when that is on disk."""
        one = _Taken(path.name, str(target.relative_to(self._folder)), stamp, at)
        record = self._folder / _FILE
        is_new = not record.exists()
        with record.open("ab") as file:
            file.write(b"\n" * self._is_cut() + _line(one))
            file.flush()
            # One for each file that is taken.  The writer may be another machine, on a share or
            # over SFTP, that goes on after our power cut: in a file that was put away, and of which
            # no note is left, nobody would see what it writes.
            os.fsync(file.fileno())
        if is_new:
            sync_names(self._folder)
        self._taken[one.place] = one
        self._lines += 1

    def grown(self, now: datetime) -> Iterator[Path]:
        """Bring back each file that was written on since, to be read anew; those that were not for
        long enough are forgotten."""
        for one in list(self._taken.values()):
            path = self._folder / one.place
            try:
                stamp = Stamp.of(path.lstat())
            except FileNotFoundError:
                stamp = None
            if stamp is None or stamp.file != one.stamp.file:
                del self._taken[one.place]
            elif _is_written_on(one, stamp):
                yield from self._back(one, path, stamp)
            elif now - one.at > self._watch:
                del self._taken[one.place]
        if self._lines > 2 * len(self._taken) + _SLACK:
            self._write()

    def _back(self, one: _Taken, path: Path, stamp: Stamp) -> Iterator[Path]:
        target = self._folder / one.name
        if target.exists() or target.is_symlink():
            return  # first the one that has its name now
        log.warning(
            "%s was written on after it was taken: %d bytes then, %d now; it is read again, and"
            " what is known of it counts as duplicate",
            *(path, one.stamp.size, stamp.size),
        )
        with suppress(FileNotFoundError):  # taken away by hand
            path.rename(target)
        path.with_name(f"{path.name}.reason").unlink(missing_ok=True)
        del self._taken[one.place]
        yield target

    def _is_cut(self) -> bool:
        """Whether the last line of the record does not end: the hub was killed."""
        path = self._folder / _FILE
        return path.exists() and path.stat().st_size > 0 and _last_byte(path) != b"\n"

    def _write(self) -> None:
        put(self._folder / _FILE, b"".join(map(_line, self._taken.values())))
        self._lines = len(self._taken)


def _is_written_on(one: _Taken, stamp: Stamp) -> bool:
    """In `quarantine` people correct files by hand: there it counts only when it is longer."""
    if one.place.startswith("quarantine"):
        return stamp.size > one.stamp.size
    return stamp != one.stamp


def _line(one: _Taken) -> bytes:
    said = {"name": one.name, "place": one.place, "stamp": asdict(one.stamp)}
    return json.dumps({**said, "at": one.at.isoformat()}).encode() + b"\n"


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)
