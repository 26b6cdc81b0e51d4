"""What is asked of the outage app: to tell when supply is expected back."""

from __future__ import annotations

from collections.abc import Iterable

from cim.message import Outgoing, Verb
from cim.profiles.unplanned_outages import (
    ERTConfidenceKind,
    EstimatedRestorationTime,
    UnplannedOutage,
    UnplannedOutages,
)
from dms_apps.restoration_times.estimates import Estimate

_TOGETHER = 200  # outages in one message at most


def wanted(found: Iterable[tuple[str, Estimate]]) -> Iterable[Outgoing]:
    """Requests to change outages, by mRID."""
    every = [_changed(mrid, one) for mrid, one in found]
    for start in range(0, len(every), _TOGETHER):
        payload = UnplannedOutages(unplanned_outage=tuple(every[start : start + _TOGETHER]))
        yield Outgoing(Verb.CHANGE, payload)


def _changed(mrid: str, one: Estimate) -> UnplannedOutage:
    sure = ERTConfidenceKind.HIGH if one.sure else ERTConfidenceKind.LOW
    expected = EstimatedRestorationTime(ert=one.at, ert_source=one.source, confidence_kind=sure)
    return UnplannedOutage(
        mrid=mrid,
        original_customers_served=None,  # type: ignore[arg-type]  # a change says what is new
        estimated_restoration_time=expected,
    )
