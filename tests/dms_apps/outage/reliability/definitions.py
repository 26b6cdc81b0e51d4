"""The indices by the definitions of IEEE 1366, customer by customer and day by day.

It knows nothing of the product: rows are whatever has the fields, rules are a mapping.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from statistics import mean, pstdev, stdev
from typing import Any
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
Rules = Mapping[str, Any]
Value = Fraction | int | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is written of an interruption under a day, by the row that is behind it.

    minutes: of each of its customers; length: of the whole interruption, if it begins here.
    sustained, momentary, event: whether it begins here, as such.
    """

    row: Any
    day: date
    minutes: Fraction = Fraction(0)
    length: Fraction = Fraction(0)
    sustained: bool = False
    momentary: bool = False
    event: bool = False


def minutes(begin: datetime, end: datetime) -> Fraction:
    return Fraction(max(end - begin, timedelta(0)) // timedelta(microseconds=1), 60_000_000)


def midnight(day: date, rules: Rules) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(rules["zone"]))
    return local.astimezone(UTC)


def day_of(at: datetime, rules: Rules) -> date:
    return at.astimezone(ZoneInfo(rules["zone"])).date()


def entries(rows: Iterable[Any], rules: Rules, now: datetime) -> list[Entry]:
    """All that is written of some rows."""
    points: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        points[row.point].append(row)
    return [entry for mine in points.values() for entry in _of_customer(mine, rules, now)]


def _of_customer(rows: Sequence[Any], rules: Rules, now: datetime) -> Iterable[Entry]:
    """A customer is interrupted once from losing power to having it again, whoever explains it."""
    wholes: list[list[Any]] = []
    never = datetime.max.replace(tzinfo=UTC)
    for row in sorted(rows, key=lambda one: (one.started, one.ended or never)):
        if wholes and wholes[-1][-1].ended == row.started:
            wholes[-1].append(row)
        else:
            wholes.append([row])
    kinds = [_kind(whole, rules, now) for whole in wholes]
    events = _events([whole[0].started for whole in wholes], kinds, rules)
    for whole, kind, is_event in zip(wholes, kinds, events, strict=True):
        yield from _of_whole(whole, kind, is_event, rules, now)


def _kind(whole: Sequence[Any], rules: Rules, now: datetime) -> str:
    """`sustained`, `momentary`, or "" for what does not count, or not yet."""
    is_open = whole[-1].ended is None
    lasts = (whole[-1].ended or now) - whole[0].started
    limit = timedelta(seconds=rules["sustained"])
    if lasts > limit or (lasts == limit and rules["exactly"] == "sustained"):
        return "" if is_open and rules["open"] == "left out" else "sustained"
    return "" if is_open else "momentary"


def _events(begins: Sequence[datetime], kinds: Sequence[str], rules: Rules) -> list[bool]:
    """Which momentary interruptions begin an event that counts."""
    window = timedelta(seconds=rules["event"])
    found: list[bool] = []
    of: datetime | None = None
    for at, (begin, kind) in enumerate(zip(begins, kinds, strict=True)):
        is_first = kind == "momentary" and (of is None or begin - of > window)
        of = begin if is_first else of
        locks_out = any(
            kinds[later] == "sustained" and begins[later] - begin <= window
            for later in range(at, len(begins))
        )
        found.append(is_first and (rules["before_sustained"] or not locks_out))
    return found


def _of_whole(
    whole: Sequence[Any], kind: str, is_event: bool, rules: Rules, now: datetime
) -> Iterable[Entry]:
    begin, end = whole[0].started, whole[-1].ended or now
    first = day_of(begin, rules)
    is_long = kind == "sustained"
    yield Entry(
        row=whole[0],
        day=first,
        length=minutes(begin, end) if is_long else Fraction(0),
        sustained=is_long,
        momentary=kind == "momentary",
        event=is_event,
    )
    for row in whole if is_long else ():
        since, until = row.started, row.ended or now
        if rules["accrues"] == "start":
            yield Entry(row=row, day=first, minutes=minutes(since, until))
            continue
        day = day_of(since, rules)
        while midnight(day, rules) < until:
            here = minutes(max(since, midnight(day, rules)), min(until, midnight(day + DAY, rules)))
            yield Entry(row=row, day=day, minutes=here)
            day += DAY


# -- what is served


def served(
    told: Sequence[Any], first: date, end: date, of: tuple[str, str] | None = None
) -> tuple[Value, Value]:
    """Customers and volt-amperes on the average of some days, `end` not included; of all, or of
    a "feeder" or "region" with a name.

    What was told first holds before, too; a feeder of which nothing is told yet then serves nobody.
    """
    days = [first + n * DAY for n in range((end - first).days)]
    if not days or not told or (of and not of[1]):
        return None, None
    start = min(one.day for one in told)
    here = [one for day in days for one in _holds(told, max(day, start))]
    here = [one for one in here if of is None or getattr(one, of[0]) == of[1]]
    customers = Fraction(sum(one.customers for one in here), len(days))
    if any(one.va is None and one.customers for one in here):
        return customers, None
    return customers, Fraction(sum(one.va or 0 for one in here), len(days))


def _holds(told: Sequence[Any], day: date) -> Iterable[Any]:
    last = {one.feeder: one for one in sorted(told, key=lambda one: one.day) if one.day <= day}
    return last.values()


# -- the indices of some entries


def over(one: Value, other: Value) -> Value:
    return None if one is None or not other else Fraction(one) / other


def indices(
    some: Sequence[Entry], customers: Value, va: Value, length: Fraction, rules: Rules
) -> dict[str, Value]:
    """length: minutes of the time that they are of."""
    begun = [one.row for one in some if one.sustained]
    ci = sum(row.customers for row in begun)
    cmi = sum((one.minutes * one.row.customers for one in some), Fraction(0))
    lost = [(one.minutes, one.row.va) for one in some if one.minutes]
    known = all(va is not None for _, va in lost)
    each: dict[str, list[Entry]] = defaultdict(list)
    for one in some:
        each[one.row.point].append(one)

    def those(wanted: Callable[[list[Entry]], bool]) -> int:
        return sum(mine[0].row.customers for mine in each.values() if wanted(mine))

    def count(mine: list[Entry], *, also_events: bool) -> int:
        return sum(one.sustained + (also_events and one.event) for one in mine)

    cn = those(lambda mine: any(one.sustained for one in mine))
    saidi = over(cmi, customers)
    unavailable = over(saidi, length)
    found: dict[str, Value] = {
        "SAIFI": over(ci, customers),
        "SAIDI": saidi,
        "CAIDI": over(cmi, ci),
        "CAIFI": over(ci, cn),
        "CTAIDI": over(cmi, cn),
        "ASAI": None if unavailable is None else 1 - unavailable,
        "ASIFI": over(sum(row.va or 0 for row in begun) if known else None, va),
        "ASIDI": over(sum(m * (v or 0) for m, v in lost) if known else None, va),
        "MAIFI": over(sum(one.row.customers for one in some if one.momentary), customers),
        "MAIFI_E": over(sum(one.row.customers for one in some if one.event), customers),
    }
    for n in rules["counts"]:
        least = n + 1 if rules["multiple"] == "more" else n
        for name, also in (("CEMI", False), ("CEMSMI", True)):
            many = those(lambda mine, a=also, k=least: count(mine, also_events=a) >= k)
            found[f"{name}_{n}"] = over(many, customers)
    for hours in rules["single"]:
        long = those(lambda mine, m=60 * hours: max(one.length for one in mine) >= m)
        found[f"CELID-s {hours} h"] = over(long, customers)
    for hours in rules["total"]:
        long = those(lambda mine, m=60 * hours: sum(one.minutes for one in mine) >= m)
        found[f"CELID-t {hours} h"] = over(long, customers)
    return found


# -- days and years


def year_of(day: date, rules: Rules) -> int:
    month, first = map(int, rules["year"].split("-"))
    return day.year if (day.month, day.day) >= (month, first) else day.year - 1


def span_of(day: date, each: str, rules: Rules) -> str:
    """What the span of a day is called; the whole is not."""
    year = year_of(day, rules)
    of = {
        "day": day.isoformat(),
        "month": day.isoformat()[:7],
        "year": str(year) if rules["year"] == "01-01" else f"{year}/{(year + 1) % 100:02}",
        "whole": "",
    }
    return of[each]


def daily(some: Iterable[Entry], told: Sequence[Any], rules: Rules) -> dict[date, Fraction]:
    """SAIDI of the system on each day that has any."""
    lost: dict[date, Fraction] = defaultdict(Fraction)
    for one in some:
        if rules["major_of"] == "all" or not one.row.planned:
            lost[one.day] += one.minutes * one.row.customers
    of = {day: over(cmi, served(told, day, day + DAY)[0]) for day, cmi in lost.items()}
    return {day: saidi for day, saidi in of.items() if saidi}


def limit(daily: Mapping[date, Fraction], year: int, rules: Rules) -> float | None:
    """T_MED of a reporting year: e to the mean of the logarithms of the SAIDI of the days of the
    years before, plus 2.5 (`beta`) standard deviations of them."""
    years = range(year - rules["years"], year)
    logs = [math.log(saidi) for day, saidi in daily.items() if year_of(day, rules) in years]
    if logs and rules["zero_days"] == "lowest":
        first, end = min(daily), date(year + 1, 1, 1)
        all_ = [first + n * DAY for n in range((end - first).days)]
        of = [day for day in all_ if year_of(day, rules) in years]
        logs += [min(logs)] * (len(of) - len(logs))
    if len(logs) < (2 if rules["deviation"] == "sample" else 1):
        return None
    spread = stdev(logs) if rules["deviation"] == "sample" else pstdev(logs)
    return math.exp(mean(logs) + rules["beta"] * spread)
