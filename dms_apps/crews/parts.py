"""What is told of one thing, part by part: of each part the newest word counts.

So the same is known in whatever order the words come, and however often.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cim.profiles.identification import Name

Parts = Mapping[str, tuple[str, Any]]
"""Part -> since when it is so (`text` of a time), and what it is, as JSON has it."""


def merged(before: Parts, said: Mapping[str, Any], at: datetime) -> dict[str, tuple[str, Any]]:
    """What is known once this is said, too; of two words of one moment the same one counts
    whichever came first."""
    found = {part: (since, value) for part, (since, value) in before.items()}
    for part, value in said.items():
        new = (text(at), value)
        found[part] = max(found.get(part, new), new, key=_weight)
    return found


def text(at: datetime) -> str:
    """A time, in an order that is that of the times."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def time(told: str | None) -> datetime | None:
    """The time that `text` has written."""
    return datetime.fromisoformat(told) if told else None


def values(parts: Parts) -> dict[str, Any]:
    """What is known now."""
    return {part: value for part, (_, value) in parts.items()}


def called(mrid: str | None, names: Iterable[Name]) -> str:
    """By what an object is known: its mRID, else its first name; "" without."""
    return mrid or next((one.name for one in names), "")


def _weight(word: tuple[str, Any]) -> tuple[str, str]:
    return word[0], json.dumps(word[1], sort_keys=True)
