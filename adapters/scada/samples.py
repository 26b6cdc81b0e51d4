"""What a front end reads, and what of it is told: between the protocols and the messages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from adapters.scada.quality import FINE, Flags, flags
from hub.rows import Row


class Why(StrEnum):
    """Why a value is told."""

    FIRST = "first"
    CHANGE = "change"
    QUALITY = "quality"
    INTEGRITY = "integrity"


@dataclass(frozen=True, slots=True)
class Sample:
    """One point as a front end has read it.

    raw:   before gain and offset; None when the RTU gives none, and `flags` say why.
    at:    when it became so by the RTU's own clock; None where the RTU does not say.
    event: of what the RTU tells by itself, and when it became so: over which of its connections,
           counted from 1; over the next one it may come again.
    """

    point: str
    raw: float | None
    flags: Flags = FINE
    at: datetime | None = None
    event: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Look:
    """Points that are read together, each time all of them, by the same reader `of`.

    news: the samples that are not as at the look before, which all are at the first.
    """

    of: object
    samples: Sequence[Sample]
    news: Sequence[Sample]


@dataclass(frozen=True, slots=True)
class Told:
    """One value that is told, in the unit of its point.

    value: None when none is known, and `flags` say why.
    at:    by the RTU's clock if it is trusted, else when it was received; UTC.
    moves: whether it says a position other than the one told before.
    """

    point: str
    value: float | None
    flags: Flags
    at: datetime
    why: Why
    moves: bool = False


@dataclass(frozen=True)
class Scan:
    """What one RTU had to say at once: a record, with a JSON form that is kept when it is refused.

    identity: external identity of the facts, for what may be read twice; "" for what is polled,
              which is read once.
    """

    rtu: str
    seen: datetime
    told: Sequence[Told]
    identity: str = ""

    @property
    def origin(self) -> str:
        return f"RTU {self.rtu} at {self.seen.isoformat()}"

    @property
    def raw(self) -> bytes:
        values = [
            {
                "point": one.point,
                "value": one.value,
                "flags": sorted(one.flags),
                "at": one.at.isoformat(),
                "why": one.why,
                "moves": one.moves,
            }
            for one in self.told
        ]
        said = {"rtu": self.rtu, "seen": self.seen.isoformat(), "values": values}
        return json.dumps(said).encode()


def again(origin: str, data: bytes) -> Scan:
    """A scan from its JSON form.  Raises: ValueError with what is wrong with it."""
    try:
        said = json.loads(data)
        told = [_told(one) for one in said["values"]]
        return Scan(str(said["rtu"]), _moment(said["seen"]), told)
    except KeyError as error:
        raise ValueError(f"{origin}: the scan lacks {error}") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{origin}: no scan: {error}") from None


def _told(said: Mapping[str, Any]) -> Told:
    value = said["value"]
    if not isinstance(value, int | float | None) or isinstance(value, bool):
        raise ValueError(f"the value of {said['point']!r} is no number: {value!r}")
    return Told(
        point=str(said["point"]),
        value=value,
        flags=flags(said["flags"]),
        at=_moment(said["at"]),
        why=Why(said["why"]),
        moves=said["moves"] is True,
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class Exported:
    """One row of an exported file, with the value it tells; None when `why` says why none.

    The value of a row that says that there was none is the last one of its point in the file, or
    is not known.
    """

    row: Row
    told: Told | None
    why: str = ""

    @property
    def origin(self) -> str:
        return self.row.origin

    @property
    def raw(self) -> bytes:
        return self.row.raw

    @property
    def alone(self) -> bytes:
        return self.row.alone
