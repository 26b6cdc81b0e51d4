"""Files that are handed in for an adapter: read as those of its watch folder, and taken at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from cim.violation import Refusal
from hub.dispatch.hub import Hub
from hub.dispatch.taken import Refused
from hub.interfaces import Filed
from hub.journal import feed_files
from hub.journal.feed_files import FeedFile
from hub.parts import File, Part, parts

HANDED_IN = "feeds.hand-in"
"""What the audit calls it."""

_SIZE = 1000  # records of one transaction
_NAMED = 100  # refused records that are named
_LONGEST = 200  # characters of a file's name


class NoFeed(KeyError):
    """There is no adapter of that name that reads files."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class HandedIn:
    """What became of a file; every record of it is in the journal or in quarantine.

    refused: why records went to quarantine, the first hundred of them.
    """

    file: FeedFile
    refused: Sequence[str] = ()


def hand_in(hub: Hub, adapter: str, name: str, data: bytes) -> HandedIn:
    """Take a file; the same once more is all duplicates.

    Raises: NoFeed; ValueError when it is unusable as a whole, which is noted too; the database's
    error: what was taken of it until then is taken.
    """
    reader = hub.adapters.get(adapter)
    if reader is None or not isinstance(reader, Filed):
        known = ", ".join(sorted(n for n, a in hub.adapters.items() if isinstance(a, Filed)))
        raise NoFeed(f"There is no adapter {adapter[:60]!r} that reads files; there are {known}.")
    if len(name) > _LONGEST or not name.isprintable() or "/" in name:
        raise ValueError(f"the name of a file has up to {_LONGEST} printable characters, no /")
    file = File.of(name, data, time.time_ns())
    try:
        records = reader.records(name, data)
    except ValueError as error:
        hub.take(adapter, reader, Part(replace(file, refused=str(error)), 0, ()))
        raise
    why = []
    for part in parts(replace(file, records=len(records)), records, _SIZE):
        results = hub.take(adapter, reader, part).results
        why += [_why(one) for one in results if isinstance(one, Refused)]
    with hub.journal.reading() as connection:
        return HandedIn(feed_files.one(connection, adapter, file), tuple(islice(why, _NAMED)))


def _why(refused: Refused) -> str:
    said = str(refused.refusal)
    return said if refused.origin in said else f"{refused.origin}: {said}"


def hand_in_nothing(_adapter: str, _name: str, _data: bytes) -> HandedIn:
    """For a console without a hub that takes anything."""
    raise Refusal.of("5.3", "Files are not taken here.")
