"""The columns of indices, as IEEE 1366 or as the regulator of Great Britain names them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.indices import Indices
from hub.report import Cell, Column


@dataclass(frozen=True)
class Figure:
    """One column: its name, and what stands in it."""

    column: Column
    of: Callable[[Indices], Fraction | int | None]


def figures(by: Conventions) -> Sequence[Figure]:
    """All of them, in the order in which they are shown."""
    return (*_BASE, *(_UK if by.names == "uk" else _IEEE), *_counted(by))


def shared(by: Conventions) -> Sequence[Figure]:
    """What parts of a system contribute to the whole; these add up."""
    named = (_UK if by.names == "uk" else _IEEE)[:2]
    return tuple(
        Figure(Column(f"{one.column.name} of the system", one.column.unit), one.of) for one in named
    )


def shown(value: Fraction | int | None) -> Cell:
    """As it stands in a table: exact until here."""
    return value if value is None or isinstance(value, int) else float(value)


def _hundred(value: Fraction | None) -> Fraction | None:
    return None if value is None else 100 * value


def _ends(of: str, key: int, one: Indices) -> Fraction | None:
    return one.share(of, key)


_BASE = (
    Figure(Column("customers served"), lambda one: one.served.customers),
    Figure(Column("customers interrupted"), lambda one: one.tally.sustained),
    Figure(Column("customer minutes", "min"), lambda one: one.minutes),
)
_IEEE = (
    Figure(Column("SAIFI"), lambda one: one.saifi),
    Figure(Column("SAIDI", "min"), lambda one: one.saidi),
    Figure(Column("CAIDI", "min"), lambda one: one.caidi),
    Figure(Column("CAIFI"), lambda one: one.caifi),
    Figure(Column("CTAIDI", "min"), lambda one: one.ctaidi),
    Figure(Column("ASAI"), lambda one: one.asai),
    Figure(Column("ASIFI"), lambda one: one.asifi),
    Figure(Column("ASIDI", "min"), lambda one: one.asidi),
    Figure(Column("MAIFI"), lambda one: one.maifi),
    Figure(Column("MAIFI_E"), lambda one: one.maifi_e),
)
_UK = (
    Figure(Column("CI", "per 100 customers"), lambda one: _hundred(one.saifi)),
    Figure(Column("CML", "min"), lambda one: one.saidi),
    Figure(Column("average time off supply", "min"), lambda one: one.caidi),
    Figure(Column("SI", "per 100 customers"), lambda one: _hundred(one.maifi_e)),
)


def _counted(by: Conventions) -> list[Figure]:
    """CEMI, CEMSMI and CELID, as shares of the customers served."""
    kinds = (
        ("CEMI_{}", "multiple", by.counts),
        ("CEMSMI_{}", "all_multiple", by.counts),
        ("CELID-s {} h", "single", by.single),
        ("CELID-t {} h", "total", by.total),
    )
    return [
        Figure(Column(name.format(key)), partial(_ends, of, key))
        for name, of, keys in kinds
        for key in keys
    ]
