"""Storms: one time for many outages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dms_apps.restoration_times.estimates import Estimate
from dms_apps.restoration_times.store import Row
from dms_apps.restoration_times.told import WAITING


def latest(
    outages: Sequence[Row], found: Mapping[str, Estimate], *, by_kind: bool
) -> Mapping[str, Estimate]:
    """Of outages of one zone that wait, the time of the last; `by_kind`: of those of one kind."""
    last: dict[tuple[str, str], Estimate] = {}
    waiting = {
        row.mrid: (row.zone, row.kind if by_kind else "") for row in outages if row.stage in WAITING
    }
    for mrid, of in waiting.items():
        last[of] = max(last.get(of, found[mrid]), found[mrid], key=lambda e: e.at)
    return {**found, **{mrid: last[of] for mrid, of in waiting.items()}}
