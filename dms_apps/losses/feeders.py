"""Losses by feeder: at a moment, and as energy over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from dms_apps.losses.split import Loss, energy


@dataclass(frozen=True)
class State:
    """Of a feeder at a moment, watts.

    lines:   in lines, switches and shunts.
    no_load: in cores of transformers; load: in transformers beside.
    drawn:   by loads.
    """

    at: datetime
    lines: float = 0.0
    no_load: float = 0.0
    load: float = 0.0
    drawn: float = 0.0

    @property
    def lost(self) -> float:
        """Altogether."""
        return self.lines + self.no_load + self.load


@dataclass(frozen=True)
class Energy:
    """Of a feeder over some time: watt-hours as in `State`, and the highest watts.

    hours: that are known.
    """

    hours: float = 0.0
    lines: float = 0.0
    no_load: float = 0.0
    load: float = 0.0
    drawn: float = 0.0
    peak: float = 0.0
    most: float = 0.0

    @property
    def lost(self) -> float:
        """Watt-hours altogether."""
        return self.lines + self.no_load + self.load

    def with_more(self, other: Energy) -> Energy:
        """Both together."""
        return Energy(
            self.hours + other.hours,
            self.lines + other.lines,
            self.no_load + other.no_load,
            self.load + other.load,
            self.drawn + other.drawn,
            max(self.peak, other.peak),
            max(self.most, other.most),
        )


def states(
    found: Iterable[Loss], drawn: Mapping[str, float], feeder: Mapping[str, str], at: datetime
) -> dict[str, State]:
    """By feeder.

    drawn:  watts by load.
    feeder: of every device and load.
    """
    sums: dict[str, dict[str, float]] = {}
    for one in found:
        into = sums.setdefault(feeder.get(one.device, ""), {})
        if one.kind == "transformer":
            into["no_load"] = into.get("no_load", 0.0) + one.no_load
            into["load"] = into.get("load", 0.0) + one.watts - one.no_load
        else:
            into["lines"] = into.get("lines", 0.0) + one.watts
    for load, watts in drawn.items():
        into = sums.setdefault(feeder.get(load, ""), {})
        into["drawn"] = into.get("drawn", 0.0) + watts
    return {name: State(at, **parts) for name, parts in sums.items()}


def between(one: State, other: State, longest: timedelta) -> Energy:
    """The energy from one state to the next; nothing where too long a time lies between."""
    seconds = np.array([0.0, (other.at - one.at).total_seconds()])
    if seconds[1] <= 0:
        return Energy()

    def of(name: str) -> tuple[float, float]:
        watts = np.array([getattr(one, name), getattr(other, name)])
        return energy(seconds, watts, longest.total_seconds())

    (lines, hours), (no_load, _), (load, _), (drawn, _) = map(
        of, ("lines", "no_load", "load", "drawn")
    )
    if not hours:
        return Energy()
    peak, most = max(one.lost, other.lost), max(one.drawn, other.drawn)
    return Energy(hours, lines, no_load, load, drawn, peak, most)
