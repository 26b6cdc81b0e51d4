"""Compression of measurements by deadband; readings of meters are never left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from hub.historian.bulk import Rows
from hub.historian.questions import Sample
from hub.historian.series import Series
from hub.historian.tables import MEASUREMENT, MICROSECOND, microseconds

EVERY = "*"


@dataclass(frozen=True)
class Deadbands:
    """By how much a value must differ from the last one stored.

    by_name: mRID or name of a measurement, else its type, else "*" -> width in its unit; 0 leaves
             out what is the same.  What is not named is stored whole.
    longest: after so long a value is stored in any case.
    """

    by_name: Mapping[str, float] = field(default_factory=dict)
    longest: timedelta = timedelta(hours=1)

    def of(self, series: Series) -> float | None:
        """The deadband of a series; None: all is stored."""
        if series.kind != MEASUREMENT or not self.by_name:
            return None
        for name in (*sorted(series.names), series.quantity, EVERY):
            if name in self.by_name:
                return self.by_name[name]
        return None


def thinned(
    rows: Rows, bands: Mapping[int, float], last: Mapping[int, Sample], longest: timedelta
) -> NDArray[np.bool_]:
    """Which rows are stored, of rows in the order of time within each series.

    last: the newest sample of each series; what is not newer than that is always stored, as is a
          change of quality.
    """
    kept = np.ones(len(rows), np.bool_)
    pause = longest // MICROSECOND
    held = {
        number: (microseconds(one.at), one.value, one.quality or "") for number, one in last.items()
    }
    values = [None if np.isnan(one) else one for one in rows.value.tolist()]
    for n, (number, at) in enumerate(zip(rows.series.tolist(), rows.at.tolist(), strict=True)):
        if number not in bands:
            continue
        value, quality = values[n], rows.quality[n]
        before = held.get(number)
        if before is not None and before[0] < at < before[0] + pause:
            kept[n] = quality != before[2] or _differs(value, before[1], bands[number])
        if kept[n] and (before is None or at >= before[0]):
            held[number] = at, value, quality
    return kept


def _differs(value: float | None, before: float | None, width: float) -> bool:
    if value is None or before is None:
        return value is not before
    return value != before and not abs(value - before) <= width
