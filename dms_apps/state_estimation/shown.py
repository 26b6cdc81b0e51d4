"""Estimates as tables: what commands and reports show of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dms_apps.solver import tables
from dms_apps.solver.given import Given
from dms_apps.solver.tables import Cell, Table
from dms_apps.state_estimation.bad_data import SEEN
from dms_apps.state_estimation.equations import Kind
from dms_apps.state_estimation.estimation import Estimated
from dms_apps.state_estimation.measurements import Origin

_UNIT = {Kind.ACTIVE: "W", Kind.REACTIVE: "var", Kind.ANGLE: "rad"}
_ORIGIN = {
    Origin.MEASURED: "measured",
    Origin.LOAD_MODEL: "load model",
    Origin.SOURCE_MODEL: "source model",
}


def voltages(found: Estimated, given: Given) -> Table:
    """Every place, with how sure it is, and whether it is told without load models."""
    table = tables.voltages(found.solution, given)
    size, angle = found.sigma
    columns = (
        *table.columns,
        ("sigma", "%"),
        ("sigma of angle", "deg"),
        ("without load models", ""),
    )
    rows = [
        (*row, 100 * one, other, "yes" if metered else "no")
        for row, one, other, metered in zip(
            table.rows, size.tolist(), np.degrees(angle).tolist(), found.metered, strict=True
        )
    ]
    return Table(columns, rows)


def measurements(found: Estimated) -> Table:
    """Every measured or assumed value beside the estimate.

    "confirmed" is the share of its variance that its residual has: 0 % when nothing else tells it.
    """
    columns = (
        ("name", ""), ("mRID", ""), ("origin", ""), ("unit", ""), ("value", ""), ("estimated", ""),
        ("sigma", ""), ("normalised residual", ""), ("confirmed", "%"), ("verdict", ""),
    )  # fmt: skip
    return Table(columns, list(_compared(found)))


def summary(found: Estimated) -> dict[str, Cell]:
    """How well the measurements fit, and by what the state was estimated."""
    estimate, engine = found.estimate, found.solution.engine
    origins = found.measurements.origin
    return {
        "measured values": int((origins == Origin.MEASURED).sum()),
        "values of load models": int((origins == Origin.LOAD_MODEL).sum()),
        "bad": len(found.cleaned.bad) if found.cleaned else 0,
        "J, sum of squared residuals over sigma": estimate.objective,
        "J stays below, in 95 of 100 cases": estimate.limit(),
        "degrees of freedom": estimate.freedom,
        "iterations": estimate.iterations,
        "places": len(found.unknowns.places),
        "places told without load models": int(found.metered.sum()),
        "computed by": f"{engine.name} {engine.version}",
        **{name: str(value) for name, value in engine.options.items()},
    }


def _compared(found: Estimated) -> Iterator[tuple[Cell, ...]]:
    all_, estimate = found.measurements, found.estimate
    bad = set(found.cleaned.bad) if found.cleaned else set()
    normalised, share = estimate.normalised(SEEN), estimate.share
    for i in range(len(all_.name)):
        verdict = "" if share[i] >= SEEN else "nothing confirms it"
        yield (
            all_.name[i],
            all_.mrid[i],
            _ORIGIN[Origin(int(all_.origin[i]))],
            _unit(found, i),
            float(all_.value[i]),
            float(estimate.fitted[i]),
            float(all_.sigma[i]),
            float(normalised[i]),
            float(100 * share[i]),
            "bad" if i in bad else verdict,
        )


def _unit(found: Estimated, number: int) -> str:
    quantities, firsts = found.measurements.quantities, found.unknowns.firsts
    row = int(quantities.one[np.searchsorted(quantities.owner, number)])
    amperes = firsts.into <= row < firsts.across or firsts.through <= row < firsts.behind
    return _UNIT.get(Kind(int(quantities.kind[number])), "A" if amperes else "V")
