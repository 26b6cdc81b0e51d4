"""Interruptions of customers: as values, and in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPEN = np.iinfo(np.int64).max
"""As an end: power is not back yet."""
_MICRO = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (at - EPOCH) // _MICRO


def moment(at: int) -> datetime:
    """The inverse of `micros`."""
    return EPOCH + timedelta(microseconds=int(at))


@dataclass(frozen=True, kw_only=True, slots=True)
class Interruption:
    """Customers without power from one moment to another.

    started, ended: with offset; ended None: still out.
    point:     the usage point, by which interruptions of the same customers are known to be that;
               "" where only their number is known.
    customers: how many are served there.
    va:        connected volt-amperes; None where nobody knows.
    outage:    the outage that explains it, "" without one.
    planned:   whether it was meant.
    """

    started: datetime
    ended: datetime | None = None
    point: str = ""
    customers: int = 1
    va: int | None = None
    outage: str = ""
    device: str = ""
    feeder: str = ""
    region: str = ""
    cause: str = ""
    planned: bool = False

    def __post_init__(self) -> None:
        if self.ended is not None and self.ended < self.started:
            raise ValueError(f"{self._called}: ended is before started, {self.started}")
        if self.customers < 1:
            raise ValueError(f"{self._called}: customers is {self.customers}, not 1 or more")
        if self.va is not None and self.va < 0:
            raise ValueError(f"{self._called}: va is {self.va}, below 0")

    @property
    def _called(self) -> str:
        return f"interruption of {self.point or f'{self.customers} customers'}"


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of words: by row the place in `words`, which are in order and begin with ""."""

    words: tuple[str, ...]
    codes: Ints

    @classmethod
    def of(cls, said: Sequence[str]) -> Coded:
        words = ("", *sorted({*said} - {""}))
        place = {word: at for at, word in enumerate(words)}
        return cls(words, np.fromiter((place[one] for one in said), np.int32, len(said)))

    def at(self, row: int) -> str:
        """The word of a row."""
        return self.words[int(self.codes[row])]

    def taken(self, rows: Any) -> Coded:
        """Some rows, by number or mask."""
        return Coded(self.words, self.codes[rows])


@dataclass(frozen=True, eq=False, kw_only=True)
class Interruptions:
    """Many interruptions in columns, see `Interruption`.

    started, ended: microseconds since 1970; ended `OPEN`: still out.
    va: -1 where nobody knows.
    """

    started: Longs
    ended: Longs
    customers: Longs
    va: Longs
    planned: Bools
    point: Coded
    outage: Coded
    device: Coded
    feeder: Coded
    region: Coded
    cause: Coded

    @classmethod
    def of(cls, some: Iterable[Interruption]) -> Interruptions:
        """In the order given."""
        rows = list(some)
        words = {
            name: Coded.of([getattr(row, name) for row in rows])
            for name in ("point", "outage", "device", "feeder", "region", "cause")
        }
        return cls(
            started=np.array([micros(row.started) for row in rows], np.int64),
            ended=np.array([OPEN if r.ended is None else micros(r.ended) for r in rows], np.int64),
            customers=np.array([row.customers for row in rows], np.int64),
            va=np.array([-1 if row.va is None else row.va for row in rows], np.int64),
            planned=np.array([row.planned for row in rows], np.bool_),
            **words,
        )

    def __len__(self) -> int:
        return len(self.started)
