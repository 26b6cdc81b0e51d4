"""How good a telemetered value is: the flags of IEC 61850-7-3 and the validity that follows."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from cim.profiles.measurement_values import MeasurementValueQuality, Source, Validity


class Flag(StrEnum):
    """What is wrong with a value; named as the fields of MeasurementValueQuality."""

    BAD_REFERENCE = "bad_reference"
    FAILURE = "failure"
    OLD_DATA = "old_data"
    OPERATOR_BLOCKED = "operator_blocked"
    OSCILLATORY = "oscillatory"
    OUT_OF_RANGE = "out_of_range"
    OVER_FLOW = "over_flow"
    SUBSTITUTED = "substituted"
    SUSPECT = "suspect"
    TEST = "test"


Flags = frozenset[Flag]
FINE: Flags = frozenset()

_INVALID = frozenset({Flag.FAILURE, Flag.OVER_FLOW})
_DOUBTFUL = frozenset(
    {Flag.BAD_REFERENCE, Flag.OLD_DATA, Flag.OSCILLATORY, Flag.OUT_OF_RANGE, Flag.SUSPECT}
)


def flags(names: Collection[str]) -> Flags:
    """From their names.  Raises: ValueError with the names known."""
    known = {str(flag) for flag in Flag}
    if unknown := sorted(set(names) - known):
        raise ValueError(f"{unknown[0]!r} is no quality flag; known: {', '.join(sorted(known))}")
    return frozenset(Flag(name) for name in names)


def validity(found: Flags) -> Validity:
    """The worst that the flags allow."""
    if found & _INVALID:
        return Validity.INVALID
    return Validity.QUESTIONABLE if found & _DOUBTFUL else Validity.GOOD


def quality(found: Flags) -> MeasurementValueQuality:
    """As a message says it; flags that are not set are left out."""
    said = {str(flag): True for flag in found if flag is not Flag.SUBSTITUTED}
    source = Source.SUBSTITUTED if Flag.SUBSTITUTED in found else Source.PROCESS
    return MeasurementValueQuality(validity=validity(found), source=source, **said)
