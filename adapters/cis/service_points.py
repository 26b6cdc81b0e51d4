"""The rows of a CIS snapshot, checked, as usage points on equipment of the network."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.rows import Row

PHASES = re.compile(r"A?B?C?|s1|s2|s12")
LISTED = 20
"""So many wrong rows are named in a refusal; the rest is counted."""


@dataclass(frozen=True)
class ServicePoint:
    """One usage point.

    equipment: mRID of the equipment it is on.
    priority:  why its supply must not fail, "" when it is like any other.
    """

    name: str
    premise: str
    meter: str
    equipment: str
    phase: str
    priority: str


def service_points(rows: Iterable[Row], equipment: Mapping[str, str]) -> list[ServicePoint]:
    """The usage points of a snapshot.

    equipment: the CIS's name of a piece of equipment -> its mRID; a UUID stands for itself.
    Raises: ValueError with every wrong row: of a snapshot all is taken or nothing.
    """
    points: list[ServicePoint] = []
    wrong: list[str] = []
    seen: dict[str, str] = {}
    for row in rows:
        try:
            points.append(_point(row, equipment, seen))
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        more = [f"and {len(wrong) - LISTED} more"] if len(wrong) > LISTED else []
        raise ValueError("; ".join([*wrong[:LISTED], *more]))
    return points


def _point(row: Row, equipment: Mapping[str, str], seen: dict[str, str]) -> ServicePoint:
    if not (name := row["service_point_id"]):
        raise row.wrong("service_point_id", "is empty")
    for column in ("service_point_id", "meter_number"):
        if (value := f"{column} {row[column]}") in seen and row[column]:
            raise row.wrong(column, f"is already in {seen[value]}")
        seen[value] = row.origin
    if not PHASES.fullmatch(phase := row["phase"]):
        raise row.wrong("phase", "is none of A, B, C and their combinations, s1, s2, s12")
    return ServicePoint(
        name=name,
        premise=row["premise_id"],
        meter=row["meter_number"],
        equipment=_equipment(row, equipment),
        phase=phase,
        priority=_priority(row),
    )


def _equipment(row: Row, equipment: Mapping[str, str]) -> str:
    value = row["equipment_mrid"]
    try:
        return str(uuid.UUID(equipment.get(value, value)))
    except ValueError as error:
        raise row.wrong(
            "equipment_mrid", "is no UUID, nor in the equipment table of the settings"
        ) from error


def _priority(row: Row) -> str:
    flag = row["life_support"].upper()
    if flag not in ("", "Y", "N"):
        raise row.wrong("life_support", "is neither Y nor N")
    words = [row["critical_class"], "life support" if flag == "Y" else ""]
    return ", ".join(word for word in words if word)
