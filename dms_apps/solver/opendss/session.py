"""A circuit that stays: drawn once, then only what differs is edited before the next solution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from cim.electrical import yprim
from dms_apps.solver import primitives
from dms_apps.solver.absurd import absurdities, explained
from dms_apps.solver.flows import Flows
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Ints, Layout
from dms_apps.solver.loads import asked
from dms_apps.solver.naming import titled_of
from dms_apps.solver.opendss import circuit, controls, equipment
from dms_apps.solver.opendss.drawing import Drawing, draw
from dms_apps.solver.opendss.loads import LOWEST, nominal_volts
from dms_apps.solver.opendss.moment import Moment, Supply, drawn_alike
from dms_apps.solver.solution import Complex, Engine, Options, Solution, unsolved

_FLOATING = 1e-7
"""The least tolerance where parts have no way to earth."""


@dataclass(frozen=True, eq=False)
class Running:
    """A circuit that is drawn, and how."""

    circuit: circuit.Circuit
    drawing: Drawing
    controls: controls.Controls


def engine(options: Options) -> Engine:
    """What solves with these options."""
    return Engine("OpenDSS", circuit.version(), asdict(options))


class Session:
    """OpenDSS for one layout.

    Not for several threads at a time.
    """

    def __init__(self, layout: Layout, options: Options | None = None) -> None:
        self.layout = layout
        self.options = options or Options()
        self._whole = list(layout.primitives)
        self._flows = Flows.of(layout, self._whole)
        self._apart = False
        self._running: Running | None = None
        self._now: Moment | None = None

    def solve(self, given: Given | None = None) -> Solution:
        """The load flow of now.

        Controls begin where `given`, else the models, say, so that the result depends on nothing
        before.  Without a source there is nothing to compute: all is at 0 V.
        Raises: Refused, when OpenDSS does not take what was drawn.
        """
        poles = self._flows.poles
        new = Moment.of(self.layout, given or Given(), self.options, poles, self._now)
        if new.supply.none:
            return self._solution(new, np.zeros(len(self.layout.places), np.complex128), ())
        try:
            running = self._edited(new)
        except Exception:
            self._running = None  # half edited
            raise
        why = running.circuit.solve()
        volts = running.circuit.volts()
        why = why or self._absurd(new, volts)
        if why:
            self._running = None  # its voltages are no place to begin from
            why = explained(why, self.layout, new.given, new.supply.island)
            return unsolved(self.layout, self.engine, new.supply.island, why)
        self._now = self._settled(running, new)
        return self._solution(self._now, volts, running.controls.remarks)

    # -- the circuit

    def _edited(self, new: Moment) -> Running:
        """The circuit as it is to be."""
        running, old, loads = self._running, self._now, new.loads
        if running is not None and not running.drawing.loads.holds(loads.p, loads.q):
            self._apart, running = True, None
        if running is None or old is None or not drawn_alike(self.layout, old, new):
            self._running = None
            running, old = self._drawn(new)
        if new.supply is not old.supply:
            differs = new.supply.closed != old.supply.closed
            running.circuit.switch(differs.nonzero()[0], new.supply.closed)
        running.circuit.run(self._edits(running.drawing, old, new))
        together = running.drawing.loads
        other = together.differing(old.loads, loads)
        if len(other):
            some = other if len(other) < len(together.first) else None
            p, q = together.whole(loads.p, some), together.whole(loads.q, some)
            running.circuit.draw_powers(other, p, q)
        self._running, self._now = running, new
        return running

    def _drawn(self, new: Moment) -> tuple[Running, Moment]:
        """Draw everything: all poles closed, all in service and fed, the rest as given."""
        layout, given, options = self.layout, new.given, self.options
        whole = Supply.whole(layout, self._flows.poles)
        loads = asked(layout, given, whole.dark, options)
        drawing = draw(layout, given, loads, options, apart=self._apart)
        local = controls.draw(layout, drawing, options)
        if drawing.floating:  # rounding moves such voltages from one iteration to the next
            options = replace(options, tolerance=max(options.tolerance, _FLOATING))
        commands = (*drawing.commands, *local.commands)
        drawn = circuit.Circuit(commands, drawing.places, options, drawing.poles)
        running = Running(drawn, drawing, local)
        self._whole = primitives.present(layout, replace(given, out=frozenset()))
        before = self._flows.present
        self._flows = self._flows.changed(
            {at: own for at, own in enumerate(self._whole) if own is not before[at]}
        )
        return running, replace(new, supply=whole, loads=loads)

    def _edits(self, drawing: Drawing, old: Moment, new: Moment) -> list[str]:
        found: list[str] = []
        moved = set(_moved(self.layout, old.given, new.given))
        if moved:
            found += self._moves(drawing, moved, new.given)
        served = old.supply.out ^ new.supply.out
        if served:
            found += self._put(drawing, served, new.supply)
        if moved or served:
            self._account(moved | served, new)
        if old.given.volts or new.given.volts:
            found += self._held(drawing, old.given, new.given)
        return found

    def _held(self, drawing: Drawing, old: Given, new: Given) -> Iterator[str]:
        for source in self.layout.view.sources:
            volts = new.volts.get(source.mrid, source.volts)
            if not np.array_equal(old.volts.get(source.mrid, source.volts), volts):
                yield from equipment.voltages(drawing.sources[source.mrid], volts)

    def _put(self, drawing: Drawing, some: Iterable[int], new: Supply) -> Iterator[str]:
        """What puts elements in service, and out of it."""
        for at in some:
            parts = drawing.parts.get(self.layout.elements[at], ())
            verb = "open" if at in new.out else "close"
            yield from (f"{verb} {name} {end + 1}" for name, ends in parts for end in range(ends))

    def _moves(self, drawing: Drawing, moved: Iterable[int], given: Given) -> Iterator[str]:
        """What moves tap changers and switches sections; keeps the admittances that follow."""
        view = self.layout.view
        for at in moved:
            i = at - len(view.lines)
            if i < len(view.transformers):
                taps = primitives.tap(self.layout, given, view.transformers[i])
                self._whole[at] = yprim.of_transformer(view.transformers[i], taps)
                yield from drawing.transformers[self.layout.elements[at]].retapped(
                    taps, drawing.sites
                )
            else:
                shunt = primitives.stepped(view.shunts[i - len(view.transformers)], given)
                self._whole[at] = yprim.of_shunt(shunt)
                yield from equipment.sections(
                    drawing.shunts[shunt.mrid], shunt, shunt.sections.tolist()
                )

    def _account(self, touched: Iterable[int], new: Moment) -> None:
        """Flows follow the admittances of now."""
        self._flows = self._flows.changed(
            {
                at: primitives.nothing(self._whole[at]) if at in new.supply.out else self._whole[at]
                for at in touched
                if at < len(self._whole)
            }
        )

    def _settled(self, running: Running, new: Moment) -> Moment:
        """With what controls have moved."""
        if not running.controls.moving:
            return new
        steps, sections = controls.ended(self.layout, running.controls, running.circuit)
        given = new.given
        ended = replace(
            given, steps={**given.steps, **steps}, sections={**given.sections, **sections}
        )
        moved = set(_moved(self.layout, given, ended))
        list(self._moves(running.drawing, moved, ended))  # the engine is there already
        self._account(moved, new)
        return replace(new, given=ended)

    def _absurd(self, now: Moment, volts: Complex) -> str:
        """Why these voltages are no solution, though OpenDSS may say so; empty when they are.

        Near 0 V every load of OpenDSS is an impedance: there it ends when there is too much load.
        """
        if not isfinite(np.vdot(volts, volts).real):  # the sum of all squares
            return "OpenDSS ended with voltages that are no numbers."
        if self.options.low > 2 * LOWEST:
            return ""
        start, end, inner = self._across
        across = volts[start]
        across[inner] -= volts[end]
        low = np.abs(across) < self._lowest
        if not low.any():
            return ""
        low &= (now.loads.p != 0) | (now.loads.q != 0)
        found = np.flatnonzero(low)
        if not len(found):
            return ""
        mrid = self.layout.elements[self.layout.branches.element[found[0]]]
        called = titled_of(self.layout.names, mrid)
        return f"The voltage collapses at {len(found)} parts of loads, the first of them {called}."

    @cached_property
    def _across(self) -> tuple[Ints, Ints, Ints]:
        """Where parts of loads begin, where those end that do not at earth, and which these are."""
        table = self.layout.branches
        inner = np.flatnonzero(table.end >= 0)
        return table.start, table.end[inner], inner

    @cached_property
    def _lowest(self) -> NDArray[np.float64]:
        """Volts by part of a load; an impedance has no lowest."""
        impedance = (self.layout.branches.shares[:, [0, 4]] == 1).all(axis=1)
        return np.where(impedance, 0.0, 2 * LOWEST * nominal_volts(self.layout))

    # -- the result

    @cached_property
    def engine(self) -> Engine:
        """What computes, and how."""
        return engine(self.options)

    def _solution(self, now: Moment, volts: Complex, remarks: tuple[str, ...]) -> Solution:
        """What follows from voltages; what nothing feeds is at 0 V and carries nothing."""
        layout, dead, island = self.layout, now.supply.dead, now.supply.island
        flows, ohm = self._flows, self.options.switch_ohm
        known = volts if dead is None else np.where(dead, 0, volts)

        def carried() -> Complex:
            current = flows.currents(volts, now.supply.closed, ohm) - now.driven
            current += now.loads.at_conductors(volts)
            if dead is not None:
                current[dead[layout.conductors.place]] = 0
            return current

        def said() -> tuple[str, ...]:
            if now.supply.none:
                return (*remarks, *layout.remarks)
            absurd = absurdities(layout, now.given, volts, island)
            return (*remarks, *absurd, *layout.remarks)

        steps, sections = (
            primitives.steps(layout, now.given),
            primitives.sections(layout, now.given),
        )
        return Solution(layout, self.engine, True, known, island, carried, steps, sections, said)


def _moved(layout: Layout, old: Given, new: Given) -> Iterator[int]:
    """Transformers and shunts whose taps or sections differ, by number."""
    if old.steps == new.steps and old.sections == new.sections:
        return
    for one in layout.view.tap_changers:
        was, now = (given.steps.get(one.mrid, one.step) for given in (old, new))
        if was != now and one.transformer in layout.element:
            yield layout.element[one.transformer]
    for shunt in layout.view.shunts:
        usual = tuple(shunt.sections.tolist())
        if old.sections.get(shunt.mrid, usual) != new.sections.get(shunt.mrid, usual):
            yield layout.element[shunt.mrid]
