"""What a person says is to be otherwise: switches, taps, equipment, loads; by mRID or name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.steps import beyond


class Named(Protocol):
    """Anything with an mRID and a name."""

    @property
    def mrid(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class WhatIf:
    """Changes to a network.

    opened, closed: switches, all poles.
    out:    equipment out of service.
    taps:   positions of tap changers.
    loads:  factor on the powers of all loads.
    feed:   watts that are fed in beside all else, by generator or load; there a load draws less.
    """

    opened: Sequence[str] = ()
    closed: Sequence[str] = ()
    out: Sequence[str] = ()
    taps: Mapping[str, float] = field(default_factory=dict)
    loads: float = 1.0
    feed: Mapping[str, float] = field(default_factory=dict)

    def given(self, layout: Layout, now: Given) -> Given:
        """What is given then.  Raises: ValueError, naming what is not there."""
        view = layout.view
        switches = {one.mrid: one for one in view.switches}
        poles = {mrid: frozenset[str]() for mrid in found(view.switches, self.opened, "switch")}
        for mrid in found(view.switches, self.closed, "switch"):
            poles[mrid] = frozenset(pole.one for pole in switches[mrid].poles)
        steps = {
            found(view.tap_changers, [name], "tap changer")[0]: step
            for name, step in self.taps.items()
        }
        for mrid, why in beyond(layout, steps).items():
            raise ValueError(f"tap changer {mrid}: {why}")
        changed = Given(poles=poles, out=frozenset(_equipment(layout, self.out)), steps=steps).over(
            now
        )
        if self.loads != 1 or self.feed:
            changed = self._powers(layout, changed).over(changed)
        return changed

    def _powers(self, layout: Layout, now: Given) -> Given:
        view = layout.view
        loads = {
            one.mrid: now.loads.get(one.mrid, one.p + 1j * one.q) * self.loads
            for one in view.loads
            if self.loads != 1
        }
        fed = {}
        for name, watts in self.feed.items():
            [mrid] = found((*view.loads, *view.generators), [name], "load or generator")
            load = next((one for one in view.loads if one.mrid == mrid), None)
            if load is not None:
                own = loads.get(mrid, now.loads.get(mrid, load.p + 1j * load.q))
                loads[mrid] = own - watts / len(load.branches)
            else:
                one = next(g for g in view.generators if g.mrid == mrid)
                own = now.fed.get(mrid, one.p + 1j * one.q)
                fed[mrid] = own + watts / len(one.phases)
        return Given(loads=loads, fed=fed)


def found(things: Sequence[Named], wanted: Sequence[str], kind: str) -> list[str]:
    """The mRIDs of things by mRID or name.  Raises: ValueError."""
    mrids = []
    for one in wanted:
        meant = [t.mrid for t in things if t.mrid == one]
        meant = meant or [t.mrid for t in things if t.name == one]
        if len(meant) != 1:
            number = f"no {kind}" if not meant else f"{len(meant)} of kind {kind}, not one,"
            raise ValueError(f"{one!r}: {number} has that mRID or name")
        mrids += meant
    return mrids


def _equipment(layout: Layout, wanted: Sequence[str]) -> list[str]:
    view = layout.view
    things: list[Named] = [
        *view.lines, *view.transformers, *view.switches, *view.shunts, *view.sources,
        *view.loads, *view.generators,
    ]  # fmt: skip
    return found(things, wanted, "equipment")
