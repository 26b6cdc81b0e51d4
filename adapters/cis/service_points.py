"""The rows of a CIS snapshot, checked, as usage points on equipment of the network."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.cis.fields import Fields, Writing, text

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


def service_points(
    rows: Iterable[Fields], equipment: Mapping[str, str], writing: Writing
) -> list[ServicePoint]:
    """The usage points of a snapshot.

    equipment: the CIS's name of a piece of equipment -> its mRID; a UUID stands for itself.
    Raises: ValueError with every wrong row: of a snapshot all is taken or nothing.
    """
    points: list[ServicePoint] = []
    wrong: list[str] = []
    seen: dict[str, str] = {}
    for row in rows:
        try:
            points.append(_point(row, equipment, seen, writing))
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        more = [f"and {len(wrong) - LISTED} more"] if len(wrong) > LISTED else []
        raise ValueError("; ".join([*wrong[:LISTED], *more]))
    return points


def phase_of(row: Fields, writing: Writing) -> str:
    """The phases, "" where nothing is said.  Raises: ValueError."""
    code = row["phase"]
    if not PHASES.fullmatch(phase := writing.phases.get(code, code)):
        raise row.wrong("phase", "is none of A, B, C and their combinations, s1, s2, s12")
    return phase


def priority_of(row: Fields, writing: Writing) -> str:
    """Why the supply must not fail, "" when it is like any other.  Raises: ValueError."""
    support = "life support" if writing.flag(row, "life_support") else ""
    return ", ".join(word for word in (text(row, "critical_class"), support) if word)


def _point(
    row: Fields, equipment: Mapping[str, str], seen: dict[str, str], writing: Writing
) -> ServicePoint:
    if not (name := text(row, "service_point_id")):
        raise row.wrong("service_point_id", "is empty")
    for column in ("service_point_id", "meter_number"):
        if (value := f"{column} {row[column]}") in seen and row[column]:
            raise row.wrong(column, f"is already in {seen[value]}")
        seen[value] = row.origin
    return ServicePoint(
        name=name,
        premise=text(row, "premise_id") or "",
        meter=text(row, "meter_number") or "",
        phase=phase_of(row, writing),
        equipment=_equipment(row, equipment),
        priority=priority_of(row, writing),
    )


def _equipment(row: Fields, equipment: Mapping[str, str]) -> str:
    value = row["equipment_mrid"] or row["transformer"]
    try:
        return str(uuid.UUID(equipment.get(value, value)))
    except ValueError as error:
        raise row.wrong(
            "equipment_mrid", "is no UUID, nor in the equipment table of the settings"
        ) from error
