"""An adapter whose records come in files: what all of them share.

However a file comes, dropped, uploaded, fetched or written out of a database, it is read from the
watch folder of its adapter, so each is taken once and only when complete.
"""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from hub.folder import WatchFolder
from hub.interfaces import Record
from hub.rows import Dialect

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, kw_only=True)
class FileAdapter(Generic[R]):
    """The settings that every such adapter has; it adds `records` and `to_cim`, and gives its
    `suffixes` and its own `folder`.

    folder:    where its files are dropped; in the data folder unless it is absolute.
    settle:    seconds without change after which a file is complete.
    interval:  seconds between two looks.
    max_bytes: a larger file goes to quarantine unread.
    """

    folder: Path
    settle: float = 2.0
    interval: float = 1.0
    max_bytes: int = 64 * 1024 * 1024

    suffixes: ClassVar[tuple[str, ...]]
    """Ends of the names of files that are looked at, in lower case."""

    def records(self, name: str, data: bytes) -> Sequence[R]:
        """The records of one file.  Raises: ValueError when it is unusable as a whole."""
        raise NotImplementedError

    @cached_property
    def inbox(self) -> WatchFolder[R]:
        """The folder as watched."""
        return WatchFolder(
            self.folder,
            self.records,
            suffixes=self.suffixes,
            settle=self.settle,
            interval=self.interval,
            max_bytes=self.max_bytes,
            read_by=hashlib.sha256(repr(self).encode(errors="surrogateescape")).hexdigest(),
        )

    def read(self) -> Iterator[Sequence[R]]:
        """The records of each new file."""
        return self.inbox.batches()

    def stop(self) -> None:
        """Let `read` end."""
        self.inbox.stop()


@dataclass(frozen=True, kw_only=True)
class TableAdapter(FileAdapter[R]):
    """The settings that those add whose files may be tables.

    delimiter, encoding: of such a file (`hub.rows.Dialect`).
    trailer: first field of its last row, whose second counts the others; "" when there is none.
    zone:    of times that carry no offset, e.g. "America/Chicago".
    columns: our column -> theirs, which a file must have then; equal where left out, "" when it is
             not read even if there is one of our name.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    trailer: str = ""
    zone: str = "UTC"
    columns: Mapping[str, str] = field(default_factory=dict)

    known_columns: ClassVar[frozenset[str]] = frozenset()
    """Our names of all columns that are read; empty: those in `columns` are not looked at."""

    def __post_init__(self) -> None:
        """Raises: ValueError for what cannot be, so that it stops the start."""
        check_form(self.delimiter, self.encoding)
        if self.known_columns:
            check_columns("columns", self.columns, self.known_columns)

    @cached_property
    def dialect(self) -> Dialect:
        """How its system writes tables."""
        return Dialect(
            delimiter=self.delimiter,
            encoding=self.encoding,
            trailer=self.trailer,
            columns=self.columns,
        )

    @cached_property
    def clock(self) -> tzinfo:
        """The zone of its times.  Raises: ValueError when there is none of this name."""
        try:
            return UTC if self.zone == "UTC" else ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"zone {self.zone!r} is no time zone known here, e.g. America/Chicago"
            ) from None


def check_form(delimiter: str, encoding: str) -> None:
    """Raises: ValueError for a delimiter or an encoding that a table cannot have."""
    if len(delimiter) != 1 or delimiter in '\r\n"':
        raise ValueError(f"delimiter: {delimiter!r} is not one character, such as ; or \\t")
    try:
        line = "\n".encode(encoding).removeprefix(BOM_UTF8)
    except LookupError:
        raise ValueError(
            f"encoding: {encoding!r} is no encoding of text known here, e.g. utf-8 or cp1252"
        ) from None
    if line != b"\n" and not encoding.lower().replace("_", "-").startswith("utf-16"):
        raise ValueError(f"encoding: in {encoding} a line break is not the byte 10, as is wanted")


def check_columns(key: str, given: Iterable[str], known: Collection[str]) -> None:
    """Raises: ValueError for a column that nobody reads."""
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(
            f"{key}: nothing is read as {unknown[0]}; known: {', '.join(sorted(known))}"
        )
