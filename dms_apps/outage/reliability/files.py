"""Interruptions, customers served and daily SAIDI in files of delimited text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from dms_apps.outage.reliability.interruption import Interruption
from dms_apps.outage.reliability.major_days import Daily
from dms_apps.outage.reliability.served import Served, Supply
from hub.rows import Dialect, Row, rows

EVENTS = ("point", "customers", "kva", "start", "end", "outage", "device", "feeder", "region",
          "cause", "planned")  # fmt: skip
SERVED = ("day", "customers", "kva", "feeder", "region")
DAILY = ("day", "saidi")
_YES = {"yes": True, "true": True, "1": True, "planned": True,
        "no": False, "false": False, "0": False, "unplanned": False, "": False}  # fmt: skip
_MOST = 10**9
"""Customers, or kilovolt-amperes, of one row."""
_FINE = 12
"""Decimals of a number at most."""
_YEARS = range(1900, 2200)


@dataclass(frozen=True)
class Read:
    """What a file says; `remarks`, which of its columns are not read."""

    interruptions: tuple[Interruption, ...]
    remarks: tuple[str, ...]


def events(name: str, data: bytes, zone: str) -> Read:
    """A row for each interruption: `start`, `end` (empty: not over), and the usage `point`, or how
    many `customers`; where `outage` is no column, each row is an outage of its own.

    zone: of times without an offset.
    Raises: ValueError, which names the line, the column and the rule.
    """
    found = _rows(name, data, ("start",), EVENTS)
    if found and not (found[0].has("point") or found[0].has("customers")):
        raise ValueError(f"{name}: no column point, and no column customers")
    there = ZoneInfo(zone)
    read = tuple(_interruption(row, there) for row in found)
    _check_apart(found, read)
    return Read(read, tuple(_unread(name, found, EVENTS)))


def served(name: str, data: bytes) -> Served:
    """A row for each `feeder`, or for the whole: how many `customers` and `kva` it has from `day`
    on; without such a column, always.  Raises: ValueError, as `events`."""
    found = _rows(name, data, ("customers",), SERVED)
    if not found:
        raise ValueError(f"{name} has no rows: how many customers are served is not known")
    told: dict[tuple[date, str], str] = {}
    supplies = []
    for row in found:
        day = _day(row, "day") if row["day"] else date(min(_YEARS), 1, 1)
        one = Supply(
            day=day, customers=_whole(row, "customers", least=0), va=_va(row),
            feeder=row["feeder"], region=row["region"],
        )  # fmt: skip
        if before := told.get((day, one.feeder)):
            raise row.wrong("feeder", f"has that day already, in {before}")
        told[day, one.feeder] = row.origin
        supplies.append(one)
    if len({bool(one.feeder) for one in supplies}) > 1:
        raise ValueError(f"{name}: feeder: some rows name one, others none")
    return Served(supplies)


def daily(name: str, data: bytes) -> Daily:
    """`saidi` in minutes, day by `day`.  Raises: ValueError, as `events`."""
    found: dict[date, Fraction] = {}
    for row in _rows(name, data, DAILY, ()):
        day, saidi = _day(row, "day"), _number(row, "saidi")
        if day in found:
            raise row.wrong("day", "is there already")
        found[day] = saidi
    return found


def _rows(name: str, data: bytes, needed: Sequence[str], others: Sequence[str]) -> list[Row]:
    head = data[:4096].splitlines()[:1]
    mark = max(",;\t", key=lambda one: (head[0] if head else b"").count(one.encode()))
    return rows(name, data, Dialect(delimiter=mark, encoding="utf-8"), needed, others)


def _unread(name: str, found: Sequence[Row], known: Sequence[str]) -> Iterator[str]:
    others = [one for one in found[0].layout.names if one and one not in known] if found else []
    if others:
        yield f"{name}: not read: {', '.join(others)}."


def _interruption(row: Row, zone: tzinfo) -> Interruption:
    point, number = row["point"], row["customers"]
    if not point and not number:
        raise row.wrong("point", "is empty, and so are the customers: one of them is needed")
    started = _moment(row, "start", zone)
    ended = _moment(row, "end", zone) if row["end"] else None
    if ended is not None and ended < started:
        raise row.wrong("end", f"is before the start, {row['start']}")
    planned = _YES.get(row["planned"].lower())
    if planned is None:
        raise row.wrong("planned", "is not yes or no")
    return Interruption(
        started=started,
        ended=ended,
        point=point,
        customers=_whole(row, "customers", least=1) if number else 1,
        va=_va(row),
        outage=row["outage"] if row.has("outage") else _line(row),
        device=row["device"],
        feeder=row["feeder"],
        region=row["region"],
        cause=row["cause"],
        planned=planned,
    )


def _line(row: Row) -> str:
    """Which line it is, for people."""
    return " ".join(row.origin.rsplit(" ", 2)[1:])


def _check_apart(found: Sequence[Row], read: Sequence[Interruption]) -> None:
    """Raises: ValueError, where a usage point would be out twice at once."""
    pairs = sorted(
        (pair for pair in zip(read, found, strict=True) if pair[0].point),
        key=lambda pair: (pair[0].point, pair[0].started),
    )
    for (one, row), (other, later) in pairwise(pairs):
        still = one.ended is None or one.ended > other.started
        if one.point == other.point and still:
            until = f" to {row['end']}" if one.ended else ""
            rule = f"is out already, from {row['start']}{until} by {row.origin}"
            raise later.wrong("point", rule)


def _moment(row: Row, column: str, zone: tzinfo) -> datetime:
    at = _instant(row[column], zone)
    if at is None:
        raise row.wrong(column, "is no time such as 2026-03-01T14:00:00")
    return at


@lru_cache(maxsize=4096)
def _instant(text: str, zone: tzinfo) -> datetime | None:
    """Of the many rows of one outage the time is read once."""
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        return at.astimezone(UTC) if at.year in _YEARS else None
    except (ValueError, OverflowError):
        return None


def _day(row: Row, column: str) -> date:
    try:
        day = date.fromisoformat(row[column])
    except ValueError:
        day = date.min
    if day.year not in _YEARS:
        raise row.wrong(column, "is no day such as 2026-03-01")
    return day


def _whole(row: Row, column: str, *, least: int) -> int:
    text = row[column]
    if not (text.isascii() and text.isdecimal()) or not least <= int(text[:12]) <= _MOST:
        raise row.wrong(column, f"is no whole number from {least} to {_MOST:,}")
    return int(text[:12])


def _va(row: Row) -> int | None:
    """Volt-amperes of the column kva; None where it is empty."""
    return round(1000 * _number(row, "kva")) if row["kva"] else None


def _number(row: Row, column: str) -> Fraction:
    try:
        number = Decimal(row[column])
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -_FINE and 0 <= number <= _MOST:
            return Fraction(number)
    except InvalidOperation:
        pass
    raise row.wrong(column, f"is no number from 0 to {_MOST:,} of at most {_FINE} decimals")
