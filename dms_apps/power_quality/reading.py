"""A day of voltages out of the historian: means of ten minutes, place by place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np
import sqlalchemy as sa

from dms_apps.power_quality.disturbances import SAG, SWELL, Disturbance
from dms_apps.power_quality.indices import (
    Floats,
    Values,
    long_term,
    of_line_voltages,
    of_magnitudes,
)
from dms_apps.power_quality.measurements import VOLTAGE, Described
from hub.historian import tables as historian
from hub.historian.tables import READING

THD, PST, PLT = "thd", "pst", "plt"
UNBALANCE, UNBALANCE_NEMA = "unbalance", "unbalance_nema"
WINDOW = 600
_DEAD = 5.0  # per cent, below which there is no supply to be judged
_NEAR = 0.25
_CHUNK = 2_000
_LINES, _PHASES = ("AB", "BC", "CA"), ("A", "B", "C")
_OF_CODE = {**{"128": "A", "129": "A", "64": "B", "65": "B", "32": "C", "33": "C"},
            **{"132": "AB", "66": "BC", "40": "CA", "512": "s1", "528": "s1", "256": "s2"},
            **{"272": "s2", "768": "s1s2", "0": "", "224": ""}}  # fmt: skip
_PREFIX = {"-3": 1e-3, "0": 1.0, "3": 1e3}
_ROLES = {"0": "mean", "2": "mean", "8": "most", "9": "least"}


@dataclass(frozen=True)
class Series:
    """One quantity at a place.

    role: mean, or the least or most of an interval.
    """

    id: int
    place: str
    quantity: str
    phase: str
    role: str
    scale: float


@dataclass(frozen=True, eq=False)
class Read:
    """What a day says of one place; all in per cent, but flicker.

    values:  by quantity and phase.
    nominal: volts between phases; None where nobody knows them.
    """

    place: str
    nominal: float | None
    values: Mapping[tuple[str, str], Values]
    disturbances: Sequence[Disturbance]


@cache
def of_code(code: str) -> tuple[str, str, str, float] | None:
    """Quantity, phase, role and scale of a reading type; None when it is none of these."""
    numbers = code.split(".")
    if len(numbers) != 18 or numbers[14] not in _OF_CODE or numbers[1] not in _ROLES:
        return None
    phase, role = _OF_CODE[numbers[14]], _ROLES[numbers[1]]
    if numbers[6] == "54" and numbers[16] == "29" and numbers[15] in _PREFIX:
        return VOLTAGE, phase, role, _PREFIX[numbers[15]]
    if numbers[6] == "47" and role == "mean":
        return THD, phase, role, 1.0
    return None


def series(
    connection: sa.Connection,
    point: Callable[[str], str | None],
    described: Mapping[str, Described],
    node: Callable[[Sequence[str]], str | None],
) -> list[Series]:
    """All of them, by place.

    point:     mRID of a usage point by that of it or its meter, or by name.
    described: measurements by what they are called; their place is their node.
    node:      of what they are at.
    """
    table = historian.series
    columns = table.c.id, table.c.kind, table.c.object, table.c.place, table.c.quantity
    found = []
    for row in connection.execute(sa.select(*columns)):
        if row.kind == READING:
            known = of_code(row.quantity)
            at = _first(point, row.place, row.object) if known else None
            if known and at:
                found.append(Series(row.id, at, *known))
        elif (one := described.get(row.object)) is not None and (place := node(one.at)):
            found.append(Series(row.id, place, one.quantity, one.phases, "mean", one.scale))
    return sorted(found, key=lambda one: (one.place, one.id))


def _first(point: Callable[[str], str | None], *called: str) -> str | None:
    return next((found for one in called if one and (found := point(one))), None)


def day(
    connection: sa.Connection,
    places: Mapping[str, Sequence[Series]],
    bounds: tuple[datetime, datetime],
    level: Callable[[str], float | None],
    usual: Sequence[float],
) -> Iterator[Read]:
    """What a day says of these places.

    bounds: where it begins and ends.
    level:  volts between phases of a place, as the model says.
    usual:  volts of meters, where what the model says is far from what is measured.
    """
    every = {one.id: one for some in places.values() for one in some}
    told = _values(connection, every, bounds)
    for place, some in places.items():
        mine = {one: told[one.id] for one in some if one.id in told}
        if mine:
            yield _read(place, mine, level(place), usual)


def _values(
    connection: sa.Connection, wanted: Mapping[int, Series], bounds: tuple[datetime, datetime]
) -> dict[int, list[tuple[datetime, float]]]:
    table, found = historian.sample, dict[int, list[tuple[datetime, float]]]()
    ids = list(wanted)
    for first in range(0, len(ids), _CHUNK):
        query = sa.select(table.c.series, table.c.at, table.c.value).where(
            table.c.series.in_(ids[first : first + _CHUNK]), table.c.at > bounds[0],
            table.c.at <= bounds[1], table.c.value.is_not(None),
        )  # fmt: skip
        for number, at, value in connection.execute(query):
            found.setdefault(number, []).append((at, value * wanted[number].scale))
    return found


def _read(
    place: str,
    told: Mapping[Series, Sequence[tuple[datetime, float]]],
    level: float | None,
    usual: Sequence[float],
) -> Read:
    values: dict[tuple[str, str], Values] = {}
    windows: dict[str, dict[int, float]] = {}
    disturbances: list[Disturbance] = []
    between: float | None = None
    for one, some in told.items():
        key = one.quantity, one.phase
        if one.quantity != VOLTAGE:
            values[key] = Values.of(np.array(list(means(some).values())))
            continue
        own = nominal(float(np.median([v for _, v in some])), one.phase, level, usual)
        if own is None:
            continue
        between = between or own[1]
        percent = [(at, 100 * value / own[0]) for at, value in some]
        if one.role == "mean":
            windows[one.phase] = {w: v for w, v in means(percent).items() if v >= _DEAD}
            values[key] = Values.of(np.array(list(windows[one.phase].values())))
        else:
            disturbances += _beyond(place, one.role, percent)
    values |= _unbalances(windows) | _flicker(told)
    known = between if any(one.quantity == VOLTAGE for one in told) else level
    return Read(place, known, values, disturbances)


def means(some: Sequence[tuple[datetime, float]]) -> dict[int, float]:
    """By window of ten minutes the mean of the values that end in it."""
    sums: dict[int, list[float]] = {}
    for at, value in some:
        sums.setdefault(int((at.timestamp() - 1e-3) // WINDOW), []).append(value)
    return {window: sum(some) / len(some) for window, some in sorted(sums.items())}


def nominal(
    median: float, phase: str, level: float | None, usual: Sequence[float]
) -> tuple[float, float] | None:
    """Nominal volts of a series, and between phases there; None where nothing fits.

    A meter tells its voltage to neutral, between phases, or of half a service; one behind a
    transformer that no model has tells what is usual.
    """
    half, pair = phase in ("s1", "s2"), len(phase) > 1
    shares = (0.5,) if half else (1.0,) if pair else (1 / np.sqrt(3), 1.0)
    options = [(level * share, level) for share in shares] if level else []
    near = [one for one in options if abs(median / one[0] - 1) <= _NEAR]
    if not near:
        times = 2.0 if half else 1.0 if pair or not phase else float(np.sqrt(3))
        near = [(u, u * times) for u in usual if abs(median / u - 1) <= _NEAR]
    return min(near, key=lambda one: abs(median / one[0] - 1), default=None)


def _beyond(
    place: str, role: str, percent: Sequence[tuple[datetime, float]]
) -> Iterator[Disturbance]:
    """Intervals whose lowest or highest value is beyond a tenth of nominal; nobody knows how
    long."""
    for at, value in percent:
        if role == "least" and value < 90:
            yield Disturbance(place, at, SAG, value)
        elif role == "most" and value > 110:
            yield Disturbance(place, at, SWELL, value)


def _unbalances(windows: Mapping[str, Mapping[int, float]]) -> dict[tuple[str, str], Values]:
    found: dict[tuple[str, str], Values] = {}
    for phases in (_LINES, _PHASES):
        if not all(phase in windows for phase in phases):
            continue
        common = sorted(set.intersection(*(set(windows[phase]) for phase in phases)))
        one, two, three = (np.array([windows[p][w] for w in common]) for p in phases)
        found.setdefault((UNBALANCE_NEMA, ""), Values.of(of_magnitudes(one, two, three)))
        if phases == _LINES:
            found[UNBALANCE, ""] = Values.of(of_line_voltages(one, two, three))
    return found


def _flicker(
    told: Mapping[Series, Sequence[tuple[datetime, float]]],
) -> dict[tuple[str, str], Values]:
    """Plt of whole two hours of Pst, where it is not measured itself."""
    known = {(one.quantity, one.phase) for one in told}
    found: dict[tuple[str, str], Values] = {}
    for one, some in told.items():
        if one.quantity == PST and (PLT, one.phase) not in known:
            by_block: dict[int, list[float]] = {}
            for window, value in means(some).items():
                by_block.setdefault(window // 12, []).append(value)
            blocks: list[Floats] = [np.array(values) for values in by_block.values()]
            found[PLT, one.phase] = Values.of(np.array([long_term(block) for block in blocks]))
    return found
