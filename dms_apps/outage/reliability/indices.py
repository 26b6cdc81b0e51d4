"""The indices of IEEE 1366, exactly: fractions, of whole customers and microseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.counting import SECOND, Counted
from dms_apps.outage.reliability.customers import Each
from dms_apps.outage.reliability.exact import products, sums
from dms_apps.outage.reliability.interruption import Bools, Interruptions, Ints
from dms_apps.outage.reliability.served import Average

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """Customers by what happened to each of them.

    customers: with a sustained interruption (CN of IEEE 1366).
    multiple:  n -> with that many sustained ones (CEMI); all_multiple counts momentary events, too.
    single, total: hours -> with one interruption, or all together, of that length (CELID-s, -t).
    """

    customers: int
    multiple: Mapping[int, int]
    all_multiple: Mapping[int, int]
    single: Mapping[int, int]
    total: Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What is added up over interruptions; for parts of them these add up to the whole.

    sustained: customers interrupted (CI); micros: customers times microseconds (CMI).
    momentary: customers with a momentary interruption; event: with a momentary event.
    va, va_micros: volt-amperes interrupted, and times microseconds; None where any is not known.
    repeated: None where customers are known by number alone.
    """

    sustained: int
    micros: int
    momentary: int
    event: int
    va: int | None
    va_micros: int | None
    repeated: Repeated | None


@dataclass(frozen=True)
class Indices:
    """A tally over what is served, on average, in so many microseconds.

    All are None where they divide by what is 0 or not known; times are minutes.
    """

    tally: Tally
    served: Average
    micros: int

    @property
    def minutes(self) -> Fraction:
        """Customer minutes of interruption."""
        return Fraction(self.tally.micros, MINUTE)

    @property
    def saifi(self) -> Fraction | None:
        """Sustained interruptions of the average customer."""
        return _over(self.tally.sustained, self.served.customers)

    @property
    def saidi(self) -> Fraction | None:
        """Minutes without power of the average customer."""
        return _over(self.minutes, self.served.customers)

    @property
    def caidi(self) -> Fraction | None:
        """Minutes of the average sustained interruption."""
        return _over(self.minutes, self.tally.sustained)

    @property
    def ctaidi(self) -> Fraction | None:
        """Minutes without power of the average customer who had any; each counted once."""
        return _over(self.minutes, self._interrupted)

    @property
    def caifi(self) -> Fraction | None:
        """Sustained interruptions of the average customer who had any."""
        return _over(self.tally.sustained, self._interrupted)

    @property
    def asai(self) -> Fraction | None:
        """Share of the time with power."""
        lost = _over(_over(self.tally.micros, self.served.customers), self.micros)
        return None if lost is None else 1 - lost

    @property
    def asifi(self) -> Fraction | None:
        """Interruptions of the average connected volt-ampere."""
        return _over(self.tally.va, self.served.va)

    @property
    def asidi(self) -> Fraction | None:
        """Minutes without power of the average connected volt-ampere."""
        return _over(_over(self.tally.va_micros, MINUTE), self.served.va)

    @property
    def maifi(self) -> Fraction | None:
        """Momentary interruptions of the average customer."""
        return _over(self.tally.momentary, self.served.customers)

    @property
    def maifi_e(self) -> Fraction | None:
        """Momentary events of the average customer."""
        return _over(self.tally.event, self.served.customers)

    def share(self, of: str, key: int) -> Fraction | None:
        """CEMI (`multiple`), CEMSMI (`all_multiple`), CELID-s (`single`), CELID-t (`total`)."""
        repeated = self.tally.repeated
        return _over(getattr(repeated, of)[key] if repeated else None, self.served.customers)

    @property
    def _interrupted(self) -> int | None:
        return self.tally.repeated.customers if self.tally.repeated else None


def _over(one: Fraction | int | None, other: Fraction | int | None) -> Fraction | None:
    return Fraction(one) / other if one is not None and other else None


def tallies(
    some: Interruptions, lines: Counted, into: Ints, count: int, by: Conventions
) -> list[Tally]:
    """What each of `count` groups has; into: by line its group, -1 for none."""
    customers, va = some.customers[lines.row], some.va[lines.row]
    known = np.maximum(va, 0)
    unknown = sums(((lines.micros > 0) & (va < 0)).astype(np.int64), into, count)
    columns = zip(
        sums(lines.sustained, into, count),
        products(customers, lines.micros, into, count),
        sums(lines.momentary, into, count),
        sums(lines.event, into, count),
        sums(np.where(lines.sustained > 0, known, 0), into, count),
        products(known, lines.micros, into, count),
        unknown,
        _repeated(some, lines, into, count, by),
        strict=True,
    )
    return [
        Tally(
            sustained=sustained,
            micros=micros,
            momentary=momentary,
            event=event,
            va=None if without else apparent,
            va_micros=None if without else va_micros,
            repeated=repeated,
        )
        for sustained, micros, momentary, event, apparent, va_micros, without, repeated in columns
    ]


def _repeated(
    some: Interruptions, lines: Counted, into: Ints, count: int, by: Conventions
) -> Sequence[Repeated | None]:
    """By group what happened to each of its customers."""
    each = Each.of(some, lines, into)
    bare = np.bincount(each.group[each.point == 0], minlength=count) > 0
    owner = each.group.astype(np.int32)
    least = 1 if by.multiple == "more" else 0

    def by_group(wanted: Bools) -> list[int]:
        return sums(np.where(wanted, each.customers, 0), owner, count)

    any_ = by_group(each.sustained > 0)
    multiple = {n: by_group(each.sustained >= n + least) for n in by.counts}
    both = {n: by_group(each.sustained + each.events >= n + least) for n in by.counts}
    single = {h: by_group(each.longest >= h * HOUR) for h in by.single}
    total = {h: by_group(each.total >= h * HOUR) for h in by.total}
    return [
        None
        if bare[at]
        else Repeated(
            customers=any_[at],
            multiple=_at(multiple, at),
            all_multiple=_at(both, at),
            single=_at(single, at),
            total=_at(total, at),
        )
        for at in range(count)
    ]


def _at(found: Mapping[int, list[int]], group: int) -> dict[int, int]:
    return {key: values[group] for key, values in found.items()}
