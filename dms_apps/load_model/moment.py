"""The loads of a network at a moment: estimated one by one, then allocated to telemetry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from cim.network import Network
from dms_apps.load_model.estimates import (
    Accuracy,
    Bill,
    Estimate,
    Estimating,
    Facts,
    Quality,
    Source,
    belief,
    counted,
)
from dms_apps.load_model.ratings import shares
from dms_apps.load_model.telemetered import Telemetered
from dms_apps.solver.allocation import Allocation, Rules, allocate
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout


@dataclass(frozen=True, eq=False)
class Points:
    """Usage points by load, both by mRID; made once for the models of a network."""

    of: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, network: Network) -> Points:
        """As the models say, from either end."""
        found: dict[str, dict[str, None]] = {}
        for mrid in network.version:
            model = network.model(mrid)
            for name, is_point_first in (
                ("UsagePoint.Equipments", True),
                ("Equipment.UsagePoints", False),
            ):
                for one, other in zip(*model.links(name), strict=True):
                    point, load = (one, other) if is_point_first else (other, one)
                    found.setdefault(model.mrid(int(load)), {})[model.mrid(int(point))] = None
        return cls({load: tuple(points) for load, points in found.items()})


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of usage points, by mRID."""

    kinds: Mapping[str, str]
    measured: Mapping[str, complex]
    bills: Mapping[str, Bill]


@dataclass(frozen=True, eq=False)
class Loads:
    """Loads at a moment.

    estimates:  by mRID, before telemetry is looked at.
    allocation: what came of that; None without any telemetry.
    remarks:    sentences on what was left out or is not met.
    """

    layout: Layout
    at: datetime
    estimates: Mapping[str, Estimate]
    power: Mapping[str, np.ndarray]
    allocation: Allocation | None
    remarks: tuple[str, ...]

    @property
    def case(self) -> str:
        """What was computed, a sentence."""
        of = f"Loads: {counted(list(self.estimates.values()))}"
        if self.allocation is None:
            return f"{of}; not allocated, for nothing is telemetered"
        if not self.allocation.solution.converged:
            return f"{of}; not allocated: {self.allocation.solution.remarks[0]}"
        points = len(self.allocation.points)
        met = "all met" if self.allocation.converged else "not all met"
        by = self.allocation.solution.engine.told
        return f"{of}; allocated to {points} points, {met}; by {by}"

    @property
    def missing(self) -> tuple[str, ...]:
        """Why they are not allocated though something is telemetered, a sentence; else none."""
        if self.allocation is None or self.allocation.solution.converged:
            return ()
        return self.allocation.solution.remarks[:1]

    @property
    def is_of_the_model_alone(self) -> bool:
        """Whether nothing is said that the model does not say."""
        plain = all(one.source is Source.MODEL for one in self.estimates.values())
        return plain and self.allocation is None


def facts(
    layout: Layout, given: Given, points: Points, known: Known, default: str
) -> dict[str, Facts]:
    """What is known of each load.

    default: the class of customers of whom nothing is told.
    """
    rated = shares(layout, given)
    found = {}
    for load in layout.view.loads:
        mine = points.of.get(load.mrid, ())
        metered = [known.measured[p] for p in mine if p in known.measured]
        found[load.mrid] = Facts(
            kind=_most([known.kinds.get(p, default) for p in mine]) or default,
            customers=float(len(mine) or load.customers or 1),
            measured=sum(metered) if metered else None,
            meters=float(len(metered)),
            bill=_together([known.bills[p] for p in mine if p in known.bills], len(mine)),
            rating=rated.get(load.mrid),
            model=complex((load.p + 1j * load.q).sum()),
        )
    return found


def _most(kinds: list[str]) -> str:
    """The one that most are of; of equally many the first by name."""
    return max(sorted(set(kinds)), key=kinds.count, default="")


def _together(bills: list[Bill], customers: int) -> Bill | None:
    """The bills of one load as one, over the period of the first; who has none is as the others."""
    if not bills:
        return None
    first = bills[0]
    length = first.end - first.start
    energy = sum(one.energy * (length / (one.end - one.start)) for one in bills)
    return Bill(energy * customers / len(bills), first.start, first.end)


def loads(
    layout: Layout,
    given: Given,
    of: Mapping[str, Facts],
    estimating: Estimating,
    seen: Telemetered,
    moment: datetime,
    rules: Rules,
) -> Loads:
    """Estimate every load, and allocate them where anything is telemetered.

    A load that the model says and nothing else keeps its own powers.
    """
    found = {mrid: estimating.estimate(one, moment) for mrid, one in of.items()}
    accuracy: Accuracy = estimating.accuracy
    said = {m: e for m, e in found.items() if e.source is not Source.MODEL}
    start = belief(layout, given, said, accuracy)
    remarks = list(seen.remarks)
    assumed = sum(one.quality is Quality.ASSUMED for one in said.values())
    if assumed:
        remarks.append(f"{assumed:,} loads are estimated by profiles that are assumptions.")
    power, allocation = start.of(layout), None
    if seen.points:
        now = Given(fed=seen.fed).over(given)
        allocation = allocate(layout, now, seen.points, start, rules=rules)
        remarks += allocation.remarks
        if allocation.solution.converged:
            power = allocation.loads
    return Loads(layout, moment, found, power, allocation, tuple(dict.fromkeys(remarks)))
