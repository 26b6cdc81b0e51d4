"""Files in parts: what is handed over of a file says of which one, and from where on.

A file is known by its name, its time, its content and how it is read, so that one that is read
again after a power cut goes on where its last part was taken, and one that comes twice, or is read
by a mapping that was corrected, is told from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Generic, TypeVar, overload

R = TypeVar("R")


@dataclass(frozen=True)
class File:
    """A file as it was read.

    digest:  SHA-256 of its bytes; "" when it was not read.
    changed: when it was last written, in ns.
    records: how many it has.
    refused: why it is unusable as a whole.
    ignored: why nobody reads it.
    read_by: what tells the settings it was read by from others.
    """

    name: str
    digest: str
    changed: int
    records: int = 0
    refused: str = ""
    read_by: str = ""
    ignored: str = ""

    @classmethod
    def of(cls, name: str, data: bytes, changed: int, records: int = 0) -> File:
        return cls(name, hashlib.sha256(data).hexdigest(), changed, records)

    @cached_property
    def key(self) -> str:
        """By which it is known."""
        said = f"{self.name}\0{self.changed}\0{self.digest}\0{self.read_by}"
        return hashlib.sha256(said.encode(errors="surrogateescape")).hexdigest()


@dataclass(frozen=True)
class Part(Sequence[R], Generic[R]):
    """Records of one file that follow on one another, the first of them at `start`.

    One without records says something, too: that its file has none, or why it was refused or
    ignored.
    """

    file: File
    start: int
    found: Sequence[R]

    @property
    def end(self) -> int:
        """The place behind its last record."""
        return self.start + len(self.found)

    @property
    def is_last(self) -> bool:
        """Whether it ends its file."""
        return self.end >= self.file.records

    def after(self, done: int) -> Part[R]:
        """What of it lies behind the first `done` records of the file."""
        over = min(max(0, done - self.start), len(self.found))
        return replace(self, start=self.start + over, found=self.found[over:])

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, place: int) -> R: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[R]: ...
    def __getitem__(self, place: int | slice) -> R | Sequence[R]:
        return self.found[place]

    def __iter__(self) -> Iterator[R]:
        return iter(self.found)


def parts(file: File, records: Sequence[R], size: int) -> Iterator[Part[R]]:
    """All of a file in parts of at most `size` records; one at least."""
    for start in range(0, len(records) or 1, size):
        yield Part(file, start, records[start : start + size])
