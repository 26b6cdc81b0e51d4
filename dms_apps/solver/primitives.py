"""The primitive admittances of a layout as they are now: taps, sections, service and cuts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np

from cim.electrical import yprim
from cim.electrical.lines import Line
from cim.electrical.shunts import Shunt
from cim.electrical.taps import Tap, together
from cim.electrical.transformers import Transformer
from cim.electrical.yprim import Primitive
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Complex

T = TypeVar("T")


def steps(layout: Layout, given: Given) -> Mapping[str, float]:
    """The position of every tap changer."""
    return _over(layout.steps, given.steps)


def sections(layout: Layout, given: Given) -> Mapping[str, tuple[float, ...]]:
    """The sections in service of every shunt compensator, by branch."""
    return _over(layout.sections, given.sections)


def _over(usual: Mapping[str, T], said: Mapping[str, T]) -> Mapping[str, T]:
    if not said:
        return usual
    return {**usual, **{mrid: one for mrid, one in said.items() if mrid in usual}}


def tap(layout: Layout, given: Given, transformer: Transformer) -> tuple[Tap, ...]:
    """What the tap changers of a transformer do, by winding."""
    own = [one for one in layout.view.tap_changers if one.transformer == transformer.mrid]
    found = []
    for winding in transformer.windings:
        at = [c for c in own if c.end == winding.mrid]
        taps = (c.curve.at(given.steps.get(c.mrid, c.step)) for c in at)
        found.append(together(taps) if at else winding.tap)
    return tuple(found)


def stepped(shunt: Shunt, given: Given) -> Shunt:
    """A shunt compensator with the sections of now."""
    said = given.sections.get(shunt.mrid)
    return shunt if said is None else replace(shunt, sections=np.array(said, np.float64))


def present(layout: Layout, given: Given) -> list[Primitive]:
    """Of each element of `Layout.primitives`; what is out of service admits nothing."""
    found = list(layout.primitives)
    for at, primitive in _changed(layout, given):
        found[at] = primitive
    for at in out_of_service(layout, given):
        if at < len(found):
            found[at] = nothing(found[at])
    return found


def out_of_service(layout: Layout, given: Given) -> list[int]:
    """Numbers of the elements that are out of service; the tanks of a PowerTransformer with it."""
    if not given.out:
        return []
    banks = {mrid for mrid in given.out if mrid not in layout.element}
    found = [layout.element[mrid] for mrid in given.out if mrid in layout.element]
    if banks:
        found += [layout.element[t.mrid] for t in layout.view.transformers if t.bank in banks]
    return found


def nothing(primitive: Primitive) -> Primitive:
    """The same conductors without any admittance."""
    return replace(primitive, y=np.zeros_like(primitive.y))


def _changed(layout: Layout, given: Given) -> Iterator[tuple[int, Primitive]]:
    view, at = layout.view, layout.element
    moved = {one.transformer for one in view.tap_changers if one.mrid in given.steps}
    for transformer in view.transformers if moved else ():
        if transformer.mrid in moved:
            taps = tap(layout, given, transformer)
            yield at[transformer.mrid], yprim.of_transformer(transformer, taps)
    for shunt in view.shunts if given.sections else ():
        if shunt.mrid in given.sections:
            yield at[shunt.mrid], yprim.of_shunt(stepped(shunt, given))
    for line in view.lines if given.cut else ():
        if line.mrid in given.cut:
            yield at[line.mrid], _cut(line, given.cut[line.mrid])


def _cut(line: Line, phases: frozenset[str]) -> Primitive:
    """A line without the conductors that are cut; those carry nothing at all."""
    kept = [i for i, phase in enumerate(line.phases) if phase not in phases]
    whole = yprim.of_line(line)
    y = np.zeros_like(whole.y)
    if kept:
        left = tuple(line.phases[i] for i in kept)
        inner = np.ix_(kept, kept)
        some = yprim.of_line(replace(line, phases=left, z=line.z[inner], y=line.y[inner]))
        rows = [*kept, *(i + len(line.phases) for i in kept)]
        y[np.ix_(rows, rows)] = some.y
    return replace(whole, y=y)


def driven(layout: Layout, given: Given) -> Complex:
    """Amperes by conductor that sources drive by themselves, out of their places."""
    found = np.zeros(len(layout.conductors.place), np.complex128)
    for source in layout.view.sources:
        if source.mrid not in given.out:
            y = layout.primitives[layout.element[source.mrid]].y
            found[layout.rows(source.mrid)] = y @ given.volts.get(source.mrid, source.volts)
    return found
