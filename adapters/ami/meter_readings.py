"""Parts of MeterReadings that every format of readings needs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import datetime

from cim.profile import Reference
from cim.profiles.meter_readings import (
    BriefName,
    BriefNameType,
    ReadingQuality,
    ReadingType,
)

_FACTS = uuid.UUID("0d7c7a64-3c43-5b8e-8f0e-5f2b7f6d9a10")  # namespace of our version 5 UUIDs


def identity(*facts: object) -> str:
    """The same for the same facts, in whatever file they come."""
    return str(uuid.uuid5(_FACTS, json.dumps(facts, default=str)))


def quality(code: str, when: datetime | None, comment: str | None) -> ReadingQuality:
    return ReadingQuality(reading_quality_type=Reference(code), time_stamp=when, comment=comment)


def named_types(names: Iterable[tuple[str, str]], kind: str) -> tuple[ReadingType, ...]:
    """Reading types (code, name) as their source calls them; `kind` says what names these are."""
    return tuple(
        ReadingType(mrid=code, names=BriefName(name=name, name_type=BriefNameType(name=kind)))
        for code, name in dict.fromkeys(names)
    )
