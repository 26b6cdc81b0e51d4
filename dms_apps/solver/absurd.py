"""What no network does, though its equations have a solution: that is told as absurd."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from cim.electrical.injections import Source
from dms_apps.solver.given import Given
from dms_apps.solver.grounds import earthed
from dms_apps.solver.layout import STIFF, Ints, Layout
from dms_apps.solver.naming import titled
from dms_apps.solver.solution import Complex

_FACTOR = 1.1
"""Voltage factor c_max of IEC 60909-0, table 1: so much higher a source may be than stated."""


def absurdities(layout: Layout, given: Given, volts: Complex, island: Ints) -> tuple[str, ...]:
    """Sentences about sources that give more than they can, and about earth that is fed.

    volts, island: by place.
    """
    return (*_too_much(layout, given, volts), *_earthed(layout, given, island))


def explained(why: str, layout: Layout, given: Given, island: Ints) -> str:
    """Why there is no solution, with what is earthed while it is fed: no load draws power there."""
    return " ".join((why, *_earthed(layout, given, island)))


def _too_much(layout: Layout, given: Given, volts: Complex) -> Iterator[str]:
    for source, most, which in _strengths(layout):
        if source.mrid in given.out:
            continue
        places = layout.conductors.place[layout.rows(source.mrid)]
        y = layout.primitives[layout.element[source.mrid]].y
        driven = given.volts.get(source.mrid, source.volts) - volts[places]
        amperes = float(np.abs(y @ driven).max())
        if amperes > most:
            called = titled(source.name, source.mrid)
            yield (
                f"Source {called} carries {amperes:,.1f} A, more than {which} of {most:,.1f} A:"
                " no network does so, and what is computed here follows from a model that is wrong."
            )


@lru_cache(maxsize=4)
def _strengths(layout: Layout) -> tuple[tuple[Source, float, str], ...]:
    """Sources with the most that they can give, amperes, and what says it."""
    stated = {
        one.mrid: one.maximum.current
        for one in layout.view.short_circuit.feeders
        if one.maximum is not None and one.maximum.current > 0
    }
    found = []
    for source in layout.view.sources:
        if source.mrid in stated:
            which = "its stated short-circuit current (maxInitialSymShCCurrent)"
            found.append((source, stated[source.mrid], which))
        elif np.abs(source.z).max() > STIFF:
            y = layout.primitives[layout.element[source.mrid]].y
            alone = np.abs(source.volts) / np.abs(np.diag(source.z))
            most = _FACTOR * max(float(np.abs(y @ source.volts).max()), float(alone.max()))
            found.append(
                (source, most, "the short-circuit current that its impedance lets through")
            )
    return tuple(found)


def _earthed(layout: Layout, given: Given, island: Ints) -> Iterator[str]:
    phases: dict[str, list[str]] = {}
    for node, phase in sorted(earthed(layout, given)):
        at = layout.number.get((node, phase))
        if at is not None and island[at] >= 0 and phase != "N":
            phases.setdefault(node, []).append(phase)
    for node, some in phases.items():
        name = layout.view.names.get(node)
        yield (
            f"ConnectivityNode {f'{name} ({node})' if name else node} is fed and earthed on phase"
            f" {', '.join(some)}: what flows there is a short circuit."
        )
