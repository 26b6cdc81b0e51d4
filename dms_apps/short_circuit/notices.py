"""What the short-circuit app tells: ratings exceeded, and the fault currents of devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from cim.network import Network
from cim.profiles.limit_violations import LimitViolations
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.units import UnitSymbol
from dms_apps.solver.lasting import Since
from dms_apps.solver.messages import computed, limit_violation
from dms_apps.solver.solution import Engine

_SEVERE = 1.1
"""Value over rating from which exceeding it is severe."""
HIGHEST, LOWEST = "FaultCurrentHighest", "FaultCurrentLowest"
"""Measurement.measurementType, ours: amperes through a device."""


def notice(
    lasting: Iterable[Since],
    sentences: Mapping[str, str],
    network: Network,
    now: datetime,
    by: Engine,
    *,
    cleared: bool = False,
) -> LimitViolations:
    """Ratings that are exceeded; or, `cleared`, no longer.

    sentences: by mRID of the violation.
    """
    return LimitViolations(
        limit_violation=tuple(
            limit_violation(
                one.violation,
                by=by,
                since=one.since,
                now=now,
                severity="high" if one.violation.share > _SEVERE else "medium",
                sentence=None if cleared else sentences.get(one.violation.mrid),
                name=_name(network, one.violation.equipment),
                cleared=cleared,
            )
            for one in lasting
        )
    )


def currents(
    found: Mapping[str, tuple[float, float | None]],
    network: Network,
    now: datetime,
    by: Engine,
) -> MeasurementValues:
    """The highest and the lowest fault current through each device, computed."""
    return MeasurementValues(
        analog_value=tuple(
            computed(
                mrid, kind, value, UnitSymbol.AMPERE, now,
                name=_name(network, mrid), app="short_circuit", by=by,
            )
            for mrid, values in found.items()
            for kind, value in zip((HIGHEST, LOWEST), values, strict=True)
            if value is not None
        )
    )  # fmt: skip


def _name(network: Network, mrid: str) -> str:
    return network.name(mrid) if network.knows(mrid) else ""
