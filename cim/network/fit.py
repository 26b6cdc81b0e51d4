"""How the facts of the overlay fit the grid: what conducts by them, and what does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from cim.network import phases
from cim.network.fastening import Fastened, fastened
from cim.network.grid import Given, Grid
from cim.network.masks import Masks
from cim.network.overlay import Changed, Overlay, Patch, Position, Service
from cim.network.phases import LIVE
from cim.network.topology import NO_EXTRA, NOTHING, Ints


@dataclass(frozen=True, eq=False)
class Fit:
    """The state of the network that follows from the facts.

    extra:    arcs of patches (see topology.NO_EXTRA).
    on:       for each object row the facts about it, in the order in which they count.
    at:       for each fact the object rows that it is about.
    patches:  where each patch that fits is fastened, and those that were.
    strays:   what does not fit, in sentences, by fact.
    """

    grid: Grid
    given: Given
    masks: Masks
    extra: Ints = field(default_factory=lambda: NO_EXTRA)
    on: Mapping[int, tuple[Changed, ...]] = field(default_factory=dict)
    at: Mapping[Changed, tuple[int, ...]] = field(default_factory=dict)
    patches: Mapping[str, Fastened] = field(default_factory=dict)
    strays: Mapping[Changed, str] = field(default_factory=dict)

    @classmethod
    def none(cls, grid: Grid, given: Given) -> Fit:
        """No facts."""
        return cls(grid, given, given.masks)

    def after(self, overlay: Overlay, changed: Sequence[Changed]) -> tuple[Fit, Ints]:
        """The fit once these facts have changed, and the arcs of what conducts otherwise now."""
        work = _Work(self, overlay)
        for fact in changed:
            work.take(fact)
        return work.done()

    def closed(self, overlay: Overlay, number: int) -> int:
        """The phases on which a switch is closed, bits."""
        bits = int(self.grid.switches.bits[number])
        closed = int(self.given.closed[number])
        position = Position("")
        for kind, of in self.on.get(int(self.grid.switches.rows[number]), ()):
            if kind == "positions":
                position = overlay.positions[of].over(position)
        return closed & ~position.known | position.closed & position.known & bits

    def in_service(self, overlay: Overlay, row: int) -> bool:
        """Whether an object is in service, and connected if it is a source or load."""
        services, connections = Service("", bool(self.given.service[row])), Service("", on=True)
        for kind, of in self.on.get(row, ()):
            if kind == "services":
                services = overlay.services[of].over(services)
            elif kind == "connections":
                connections = overlay.connections[of].over(connections)
        return services.on and connections.on

    def cut(self, overlay: Overlay, row: int) -> int:
        """The phases on which a segment is cut, bits."""
        bits = 0
        for kind, of in self.on.get(row, ()):
            if kind == "patches":
                bits |= overlay.patches[of].phases
        return bits

    def patch_of(self, number: int) -> str:
        """The key of the patch that has this equipment number; empty when none has."""
        return next((of for of, held in self.patches.items() if held.number == number), "")

    def mask(self, overlay: Overlay, number: int) -> int:
        """The phases on which equipment conducts, bits."""
        row = int(self.grid.numbers.rows[number])
        if not self.in_service(overlay, row):
            return 0
        switches = len(self.grid.switches.rows)
        closed = self.closed(overlay, number) if number < switches else LIVE
        return closed & ~self.cut(overlay, row)


class _Work:
    """A fit in the making."""

    def __init__(self, before: Fit, overlay: Overlay) -> None:
        self.before, self.overlay, self.grid = before, overlay, before.grid
        self.on, self.at = dict(before.on), dict(before.at)
        self.strays = dict(before.strays)
        self.patches = dict(before.patches)
        self.extra = before.extra
        self.rows: dict[int, None] = {}
        self.masks: dict[int, int] = {}
        self.arcs: list[Ints] = []

    def take(self, fact: Changed) -> None:
        """Put one fact where it belongs, after all others about the same thing."""
        self.strays.pop(fact, None)
        for row in self.at.pop(fact, ()):
            self._off(row, fact)
        kind, of = fact
        found = getattr(self.overlay, kind).get(of)
        try:
            if kind == "patches":
                self._patch(of, found)
            if found is not None:
                rows = _FINDERS[kind](self.grid, found)
                for row in rows:
                    self.on[row] = (*self.on.get(row, ()), fact)
                    self.rows[row] = None
                if rows:
                    self.at[fact] = rows
                self._remark(fact, found, rows)
        except LookupError as error:
            self.strays[fact] = error.args[0]

    def _off(self, row: int, fact: Changed) -> None:
        left = tuple(one for one in self.on[row] if one != fact)
        if left:
            self.on[row] = left
        else:
            del self.on[row]
        self.rows[row] = None

    def _patch(self, of: str, patch: Patch | None) -> None:
        """Fasten a patch, or take out of force what was fastened."""
        held = self.patches.get(of)
        if held is not None:
            self.masks[held.number] = 0
            self.arcs.append(held.arcs)
        if patch is None or patch.kind == "cut":
            return
        if held is None or not held.fits(patch):
            held = fastened(self.grid, patch)
            self.extra = held.among(self.grid.graph, self.extra)
            self.patches[of] = held
            self.arcs.append(held.arcs)
        self.masks[held.number] = held.bits(patch)

    def _remark(self, fact: Changed, found: object, rows: tuple[int, ...]) -> None:
        if isinstance(found, Position):
            bits = int(self.grid.switches.bits[self.grid.switches.number[rows[0]]])
            if not bits & found.known:
                names = ", ".join(sorted(phases.names(found.known)))
                self.strays[fact] = (
                    f"Switch {found.switch} was operated on {names}, where it has no pole."
                )

    def done(self) -> tuple[Fit, Ints]:
        fit = replace(
            self.before,
            extra=self.extra,
            on=self.on,
            at=self.at,
            patches=self.patches,
            strays=self.strays,
        )
        masks = dict(self.masks)
        for row in self.rows:
            if (number := int(self.grid.numbers.of[row])) >= 0:
                masks[number] = fit.mask(self.overlay, number)
        news = {n: bits for n, bits in masks.items() if self.before.masks.of(n) != bits}
        if not news:
            return fit, NOTHING
        arcs = [self.grid.arcs(number) for number in news]
        changed = np.concatenate([NOTHING, *arcs, *self.arcs])
        return replace(fit, masks=self.before.masks.with_(news)), np.unique(changed)


def _switch(grid: Grid, position: Position) -> tuple[int, ...]:
    """The switch of that mRID or, failing that, of that name."""
    called = position.switch
    rows = _rows(grid, called)
    switches = [row for row in rows if grid.switches.number[row] >= 0]
    if len(switches) == 1:
        return (switches[0],)
    if switches:
        raise LookupError(f"{len(switches)} switches are called {called}; none was moved.")
    if rows:
        kind = grid.objects.cim_class(rows[0])
        raise LookupError(f"{called} was operated as a switch, but it is a {kind}.")
    raise LookupError(f"Switch {called} was operated, but no model describes it.")


def _rows(grid: Grid, called: str) -> list[int]:
    try:
        return [grid.objects.row(called)]
    except KeyError:
        return grid.objects.rows_named(called)


def _service(grid: Grid, service: Service) -> tuple[int, ...]:
    done = "went into service" if service.on else "went out of service"
    return (_one(grid, service.of, done),)


def _connection(grid: Grid, service: Service) -> tuple[int, ...]:
    done = "was connected" if service.on else "was disconnected"
    return (_one(grid, service.of, done),)


def _one(grid: Grid, called: str, done: str) -> int:
    """The equipment of that mRID or name."""
    rows = _rows(grid, called)
    equipment = [row for row in rows if grid.is_equipment(row)]
    if len(equipment) == 1:
        return equipment[0]
    if equipment:
        raise LookupError(
            f"{called} {done}, but {len(equipment)} pieces of equipment are called so."
        )
    if rows:
        kind = grid.objects.cim_class(rows[0])
        raise LookupError(f"{called} {done}, but a {kind} is no equipment at a node.")
    raise LookupError(f"{called} {done}, but no model describes it.")


def _cut(grid: Grid, patch: Patch) -> tuple[int, ...]:
    """The segment that is cut; other patches are no equipment of the models."""
    if patch.kind != "cut":
        return ()
    if not patch.ends:
        raise LookupError(f"Cut {patch.mrid} was placed, but on which segment is not said.")
    return (_one(grid, patch.ends[0].at, "was cut"),)


_FINDERS: Mapping[str, Callable[..., tuple[int, ...]]] = {
    "positions": _switch,
    "services": _service,
    "connections": _connection,
    "patches": _cut,
}
