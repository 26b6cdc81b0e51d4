"""A watch folder: files that another system drops, each taken once and only when complete.

    <folder>/a.csv              new; left alone until complete
    <folder>/done/a.csv         every record of it is durable
    <folder>/quarantine/a.csv   unusable as a whole, with a.csv.reason beside it

A file counts as complete when its size and time have not changed for `settle` seconds, or when it
was renamed from `.part` or `.tmp` and is the same at two looks.  Empty files, hidden files, links
and folders are left alone.
A crash between "durable" and "moved" means the file is read again: records need an identity of
their own.  So does one that its writer goes on with after it was taken (`hub.taken`).
"""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Generic, TypeVar

from hub.parts import File, Part, parts
from hub.taken import Stamp, Takings

R = TypeVar("R")

log = logging.getLogger(__name__)

UNFINISHED = (".part", ".tmp")
_AGAIN = 5.0  # seconds between two looks at what was taken
_IGNORED = 100  # files that are told at once


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WatchFolder(Generic[R]):
    """Reads the files of one folder, the oldest first.

    parse:     name and bytes of a complete file -> its records.  A ValueError sends the file to
               quarantine with that text as the reason.
    suffixes:  what is looked at, in lower case; other files are left alone.
    settle:    seconds without change after which a file counts as complete.
    interval:  seconds between two looks.
    max_bytes: a larger file goes to quarantine unread.
    batch:     most records handed over at once.
    watch:     how long a file that was taken is looked at for what is written in it since.
    read_by:   what tells the settings of `parse` from others: by others a file is read anew.
    clock:     seconds, monotonic; `now` stamps the reasons.
    """

    def __init__(
        self,
        folder: Path,
        parse: Callable[[str, bytes], Sequence[R]],
        *,
        suffixes: tuple[str, ...],
        settle: float = 2.0,
        interval: float = 1.0,
        max_bytes: int = 64 * 1024 * 1024,
        batch: int = 1000,
        watch: timedelta = timedelta(minutes=15),
        read_by: str = "",
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.folder, self._parse, self._suffixes = folder, parse, suffixes
        self._settle, self._interval, self._max_bytes = settle, interval, max_bytes
        self._batch, self._clock, self._now = batch, clock, now
        self._read_by = read_by
        self._seen: dict[Path, tuple[Stamp, float]] = {}
        self._growing: set[tuple[int, int]] = set()  # files seen under an unfinished name
        self._takings = Takings(folder, watch)
        self._next_look_back = clock()
        self._left: dict[Path, tuple[Stamp, float]] = {}  # what is not looked at, or empty
        self._stopped = Event()
        self._untold: list[File] = []
        self.passed_over: tuple[str, ...] = ()
        """Files that are left where they are: empty ones, and names of another end."""

    def stop(self) -> None:
        """End `batches` at its next step, waking it if it waits."""
        self._stopped.set()

    def batches(self) -> Iterator[Sequence[R]]:
        """Yield records until stopped, each file in parts (`hub.parts.Part`), and an empty batch
        after each look; of what is passed over a part that says so.

        Raises: OSError when the folder itself cannot be used.
        """
        for place in (self.folder, self.done, self.quarantine):
            place.mkdir(parents=True, exist_ok=True)
        for place in (self.done, self.quarantine):
            if place.is_symlink():
                raise NotADirectoryError(f"{place} is a link; a plain folder is wanted")
        self._takings.load()
        while not self._stopped.is_set():
            self._look_back()
            for path in self._complete():
                yield from self._take(path)
                if self._stopped.is_set():
                    return
            yield ()
            yield from self._ignored()
            self._stopped.wait(self._interval)

    @property
    def done(self) -> Path:
        return self.folder / "done"

    @property
    def quarantine(self) -> Path:
        return self.folder / "quarantine"

    def _look_back(self) -> None:
        if self._clock() >= self._next_look_back:
            for path in self._takings.grown(self._now()):
                self._seen.pop(path, None)
            self._next_look_back = self._clock() + _AGAIN

    def _complete(self) -> list[Path]:
        """The complete files, the oldest first; remembers the others."""
        found = self._look()
        self._growing = {
            stamp.file
            for path, stamp in found.items()
            if path.suffix.lower() in UNFINISHED or stamp.file in self._growing
        }
        time_now = self._clock()
        self._seen = {
            path: seen if (seen := self._seen.get(path)) and seen[0] == stamp else (stamp, time_now)
            for path, stamp in found.items()
            if path.suffix.lower() in self._suffixes and stamp.size
        }
        self._pass_over(found, time_now)
        return sorted(
            (
                p
                for p, (stamp, since) in self._seen.items()
                if self._settled(stamp, since, time_now)
            ),
            key=lambda p: (self._seen[p][0].changed, p.name),
        )

    def _pass_over(self, found: Mapping[Path, Stamp], time_now: float) -> None:
        """Note each file that nobody will take, once."""
        self._left = {
            path: seen if (seen := self._left.get(path)) and seen[0] == stamp else (stamp, time_now)
            for path, stamp in found.items()
            if path not in self._seen and path.suffix.lower() not in UNFINISHED
        }
        settled = [p for p, (_, since) in self._left.items() if time_now - since >= self._settle]
        before = self.passed_over
        self.passed_over = tuple(sorted(path.name for path in settled))
        for path in settled:
            if path.name not in before:
                stamp, _ = self._left[path]
                ends = "its name does not end in " + ", ".join(self._suffixes)
                why = ends if stamp.size else "it is empty"
                log.warning("%s is passed over: %s", path, why)
                self._untold.append(File(path.name, "", stamp.changed, ignored=why))

    def _ignored(self) -> Iterator[Part[R]]:
        """Some at a time: what comes meanwhile shall not wait for all of them."""
        told, self._untold = self._untold[:_IGNORED], self._untold[_IGNORED:]
        for file in told:
            yield Part(file, 0, ())

    def _settled(self, stamp: Stamp, since: float, time_now: float) -> bool:
        # A new file may have got the inode of an unfinished one that was removed: what looks
        # renamed must also be the same as at an earlier look.
        renamed = stamp.file in self._growing and since < time_now
        return renamed or time_now - since >= self._settle

    def _look(self) -> dict[Path, Stamp]:
        found = {}
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                    continue
                try:
                    # entry.stat() may come from a cache that lags behind
                    found[Path(entry.path)] = Stamp.of(Path(entry.path).lstat())
                except FileNotFoundError:
                    continue  # gone since the listing
        return found

    def _take(self, path: Path) -> Iterator[Sequence[R]]:
        stamp, _ = self._seen[path]
        file = File(path.name, "", stamp.changed, read_by=self._read_by)
        try:
            data = self._bytes(path, stamp)
            if data is None:
                return
            file = replace(File.of(path.name, data, stamp.changed), read_by=self._read_by)
            records = self._parse(path.name, data)
        except (ValueError, OSError) as error:
            yield Part(replace(file, refused=str(error)), 0, ())
            self._refuse(path, str(error), stamp)
            return
        yield from parts(replace(file, records=len(records)), records, self._batch)
        if path.exists() and Stamp.of(path.lstat()) == stamp:
            self._move(path, free(self.done, path.name), stamp)
        self._seen.pop(path, None)

    def _bytes(self, path: Path, stamp: Stamp) -> bytes | None:
        """The content; None when the file changed or went away meanwhile.

        Raises: ValueError when it is too large, OSError when it cannot be read.
        """
        check_size(path.name, stamp.size, self._max_bytes)
        try:
            # a link put in the file's place meanwhile is not followed
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            before = os.fstat(descriptor)
            data = file.read(stamp.size + 1) if stat.S_ISREG(before.st_mode) else b""
            same = Stamp.of(before) == Stamp.of(os.fstat(descriptor)) == stamp
        return data if same and len(data) == stamp.size else None

    def _refuse(self, path: Path, reason: str, stamp: Stamp) -> None:
        target = free(self.quarantine, path.name)
        log.warning("%s went to quarantine: %s", path, reason)
        # first the reason, so that no file ever lies there without one
        target.with_name(f"{target.name}.reason").write_text(
            f"{self._now().isoformat(timespec='seconds')} {reason}\n", encoding="utf-8"
        )
        self._move(path, target, stamp)

    def _move(self, path: Path, target: Path, stamp: Stamp) -> None:
        self._takings.note(path, target, stamp, self._now())
        with suppress(FileNotFoundError):  # taken away by hand: nothing is left to move
            path.rename(target)
        self._seen.pop(path, None)


def check_size(name: str, size: int, most: int) -> None:
    """Raises: ValueError for a file that is too large to be read."""
    if size > most:
        raise ValueError(f"{name} has {size:,} bytes; at most {most:,} are taken")


def free(folder: Path, name: str) -> Path:
    """A path in `folder` that does not exist yet: a.csv, else a.1.csv, a.2.csv ..."""
    path, number = folder / name, 0
    while path.exists() or path.is_symlink():
        number += 1
        path = folder / f"{Path(name).stem}.{number}{Path(name).suffix}"
    return path
