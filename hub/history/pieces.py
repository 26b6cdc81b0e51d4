"""Large bytes in the database: cut into pieces, each compressed and kept once.

They are columns of numbers of four bytes for the most part.  Laid out with the first byte of each
number in front, then the second, and so on, they need a quarter of the room, and no more time.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b

import numpy as np
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.history.tables import model_version, piece, snapshot
from hub.journal import Journal

SIZE = 1 << 20
"""Bytes of one piece before it is compressed: written in some milliseconds."""

_WIDTH = 4  # bytes of a number
_PLAIN, _BY_PLACE = b"\0", b"\1"  # how the bytes of a piece are laid out
_TOGETHER = 4  # pieces in one transaction
_THREADS = 2
_CHUNK = 5_000  # bound values in one statement
_held = select(piece.c.digest).where(piece.c.digest.in_(bindparam("wanted", expanding=True)))
_content = select(piece.c.digest, piece.c.content).where(
    piece.c.digest.in_(bindparam("wanted", expanding=True))
)


def keep(journal: Journal, data: bytes, first: int = 0) -> list[str]:
    """Store `data` in transactions of their own; its digests, by which `fetch` finds it again.

    Whoever keeps something names the digests in a row of its table afterwards; `sweep` must not
    run meanwhile.

    first: bytes in front that may be longer or shorter another time, while the rest stays.
    """
    parts = list(_parts(memoryview(data), first))
    cut = {_digest(part): part for part in parts}
    with journal.reading() as connection:
        missing = cut.keys() - _known(connection, list(cut))
    fresh = [digest for digest in cut if digest in missing]
    for start in range(0, len(fresh), _TOGETHER):
        rows = [
            {"digest": digest, "content": _packed(cut[digest])}
            for digest in fresh[start : start + _TOGETHER]
        ]
        with journal.transaction() as transaction:
            _insert(transaction.connection, rows)
    return [_digest(part) for part in parts]


def fetch(connection: Connection, digests: Sequence[str]) -> bytes:
    """What `keep` was given.

    Raises: KeyError, when a piece is missing; ValueError, when one is damaged.
    """
    wanted = list(dict.fromkeys(digests))
    found: dict[str, bytes] = {}
    with ThreadPoolExecutor(_THREADS) as threads:
        for start in range(0, len(wanted), _TOGETHER * 16):
            part = wanted[start : start + _TOGETHER * 16]
            rows = connection.execute(_content, {"wanted": part}).all()
            found |= threads.map(lambda row: (row.digest, _unpacked(*row)), rows)
    return b"".join([found[digest] for digest in digests])


def sweep(journal: Journal) -> int:
    """Delete the pieces that no row names; how many."""
    with journal.reading() as connection:
        named = {digest for digests in _named(connection) for digest in digests}
        stored = set(connection.execute(select(piece.c.digest)).scalars())
    lost = sorted(stored - named)
    for start in range(0, len(lost), _TOGETHER * 16):
        gone = delete(piece).where(piece.c.digest.in_(lost[start : start + _TOGETHER * 16]))
        with journal.transaction() as transaction:
            transaction.connection.execute(gone)
    return len(lost)


def _parts(view: memoryview, first: int) -> Iterator[memoryview]:
    for begin, end in ((0, first), (first, len(view))):
        for start in range(begin, end, SIZE):
            yield view[start : min(start + SIZE, end)]


def _digest(part: memoryview) -> str:
    return blake2b(part, digest_size=16).hexdigest()


def _packed(part: memoryview) -> bytes:
    """In the shorter of both layouts."""
    whole = len(part) // _WIDTH * _WIDTH
    placed = np.frombuffer(part[:whole], np.uint8).reshape(-1, _WIDTH).T.tobytes()
    both = (
        _PLAIN + zlib.compress(part, 1),
        _BY_PLACE + zlib.compress(placed + bytes(part[whole:]), 1),
    )
    return min(both, key=len)


def _unpacked(digest: str, content: bytes) -> bytes:
    try:
        data = zlib.decompress(memoryview(content)[1:])
    except zlib.error as error:
        raise ValueError(f"piece {digest} is damaged: {error}") from error
    if content[:1] == _BY_PLACE:
        data = _in_order(data)
    if _digest(memoryview(data)) != digest:
        raise ValueError(f"piece {digest} is damaged: it holds something else")
    return data


def _in_order(placed: bytes) -> bytes:
    whole = len(placed) // _WIDTH * _WIDTH
    numbers = np.empty((whole // _WIDTH, _WIDTH), np.uint8)
    for place, column in enumerate(np.frombuffer(placed[:whole], np.uint8).reshape(_WIDTH, -1)):
        numbers[:, place] = column
    return numbers.tobytes() + placed[whole:]


def _known(connection: Connection, digests: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(digests), _CHUNK):
        known.update(
            connection.execute(_held, {"wanted": digests[start : start + _CHUNK]}).scalars()
        )
    return known


def _insert(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(piece).on_conflict_do_nothing(), rows)


def _named(connection: Connection) -> Iterator[list[str]]:
    yield from connection.execute(select(snapshot.c.pieces)).scalars()
    columns = model_version.c.pieces
    yield from (found for found in connection.execute(select(columns)).scalars() if found)
