"""What is new between two moments of a network, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from cim.network import loops, phases
from cim.network.carrying import moved
from cim.network.earths import LiveEarth, live_earths
from cim.network.network import Network
from cim.network.overlay import Kind
from cim.network.paths import Area
from cim.network.phases import SLOTS
from cim.network.state import State, bits_of, entries, places_in
from cim.network.things import Mrids
from cim.network.topology import NOTHING, RESERVED, Bools, Ints, at
from cim.network.trace import Longs, Trace

ChangeKind = Literal[
    "liveEarthFormed",
    "liveEarthCleared",
    "energised",
    "deEnergised",
    "transferred",
    "earthed",
    "unearthed",
    "loopFormed",
    "loopOpened",
    "parallelFormed",
    "parallelOpened",
]


@dataclass(frozen=True, eq=False)
class Change:
    """What became of one part of the network; everything by mRID.

    kind:     "transferred": supplied before and after, from another source or over another feeder;
              "loop...": two ways from one source; "parallel...": ways from two;
              "liveEarth...": an earth at a supplied node, told before all else.
    phases:   those concerned, of some of the nodes at least.
    equipment: what is at these nodes only; what a loop leads through; the live earth.
    switches: through which the part is, or was, supplied; those in the loop.
    feeder:   the Feeder that holds the first device after the source, or else that device.
    """

    kind: ChangeKind
    phases: frozenset[str]
    nodes: Sequence[str] = ()
    equipment: Sequence[str] = ()
    usage_points: Sequence[str] = ()
    switches: Sequence[str] = ()
    feeder: str = ""
    feed_point: str = ""
    previous_feeder: str = ""
    previous_feed_point: str = ""


def changed(before: Network, after: Network) -> tuple[Change, ...]:
    """What is new in `after`.

    Between networks that only messages about operation lie between, it costs as much as has
    changed.  After a model came, all is compared, by mRID: a node that is new counts as not
    supplied before, one that is gone is not spoken of.
    """
    return tuple(_Comparison(before._state, after._state).changes())


@dataclass(frozen=True, eq=False)
class _Places:
    """Places that have changed alike, in the graph of the state after and of the one before.

    old: node -1 where there was none.
    """

    node: Ints
    old: Ints
    slot: Ints

    def of(self, wanted: Bools | NDArray[np.intp]) -> _Places:
        return _Places(self.node[wanted], self.old[wanted], self.slot[wanted])


class _Fed:
    """How places of one state are supplied.

    entrance: the equipment number through which each set of them is entered.
    words:    distinct sources and feeders.
    code:     which of these.
    """

    def __init__(self, state: State, trace: Trace, node: Ints, slot: Ints) -> None:
        from cim.network import walks

        self._state = state
        places = node.astype(np.int64) * SLOTS + slot
        order = np.argsort(places)
        keys = places[order]
        where = np.empty(0, np.int32)
        if len(keys) > trace.graph.nodes // 8:
            where = np.full(trace.graph.nodes * SLOTS, -1, np.int32)
            where[keys] = np.arange(len(keys), dtype=np.int32)
        pool, arcs = trace.pool.words, trace.graph.arcs
        found = walks.heads(arcs, pool, trace.table, state.grid.devices, keys, where)
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        self.entrance, source, first = (column[back] for column in found)
        pairs = source.astype(np.int64) << 32 | (first.astype(np.int64) & 0xFFFFFFFF)
        distinct, pair = np.unique(pairs, return_inverse=True)
        feeders = map(self._feeder, (distinct & 0xFFFFFFFF).astype(np.int32).tolist())
        words = list(zip(map(state.called, (distinct >> 32).tolist()), feeders, strict=True))
        self.words = list(dict.fromkeys(words))
        number = {word: place for place, word in enumerate(self.words)}
        self.code = np.array([number[word] for word in words], np.int64)[pair]

    def _feeder(self, first: int) -> str:
        """Of the first device after the source: the Feeder that holds it, or else itself."""
        grid = self._state.grid
        if not 0 <= first < len(grid.numbers.rows):
            return ""
        container = int(grid.container[grid.numbers.rows[first]])
        if container >= 0 and grid.objects.cim_class(container) in ("Feeder", ""):
            return grid.objects.ids[container]
        return self._state.called(first)


_NOWHERE = ("", "")


class _Comparison:
    """Two states side by side: first which places may differ, then how."""

    def __init__(self, before: State, after: State) -> None:
        self.before, self.after = before, after
        self.same_grid = before.grid is after.grid
        if self.same_grid:
            supply = after.supply.differing(before.supply)
            nodes = np.union1d(supply, after.earth.differing(before.earth)).astype(np.int32)
            nodes = old = nodes[nodes >= RESERVED]
        else:
            nodes = np.arange(RESERVED, after.grid.graph.nodes, dtype=np.int32)
            rows = moved(after.grid.node_rows[nodes], after.grid.objects, before.grid.objects)
            old = at(before.grid.node_of, rows)
        slots = np.tile(np.arange(SLOTS, dtype=np.int32), len(nodes))
        self.places = _Places(np.repeat(nodes, SLOTS), np.repeat(old, SLOTS), slots)

    def changes(self) -> Iterator[Change]:
        before, after = self.before, self.after
        yield from self._live_earths()
        was, now = self._both(lambda state, nodes: state.supply.reached(nodes))
        gained, lost = self.places.of(now & ~was), self.places.of(was & ~now)
        fed = _Fed(after, after.supply, gained.node, gained.slot)
        yield from self._parts("energised", gained, after, fed.entrance, None, fed)
        fed = _Fed(before, before.supply, lost.old, lost.slot)
        yield from self._parts("deEnergised", lost, before, fed.entrance, fed, None)
        kept = self.places.of(was & now)
        if self.same_grid:
            kept = self._downstream(kept.of(self._otherwise(kept)))
        yield from self._transfers(kept)
        yield from self._loads()
        yield from self._earths()
        yield from self._loops(kept)

    def _both(self, ask: Callable[[State, Ints], Bools]) -> tuple[Bools, Bools]:
        """The answers of both states for all places; False where there was no node."""
        there = np.maximum(self.places.old[::SLOTS], 0)
        was = ask(self.before, there).ravel() & (self.places.old >= 0)
        return was, ask(self.after, self.places.node[::SLOTS]).ravel()

    def _parts(
        self,
        kind: ChangeKind,
        places: _Places,
        state: State,
        entrance: Ints,
        old: _Fed | None,
        new: _Fed | None,
    ) -> Iterator[Change]:
        """The places in parts: entered through the same equipment of `state`, supplied alike."""
        was, now = (fed.words if fed else [_NOWHERE] for fed in (old, new))
        key = entrance.astype(np.int64) * len(was) + (old.code if old else 0)
        key = key * len(now) + (new.code if new else 0)
        for group in _groups(key):
            through = int(entrance[group[0]])
            yield self._part(
                kind,
                places.of(group),
                (state.called(through),) if through < len(state.grid.switches.rows) else (),
                was[int(old.code[group[0]])] if old else _NOWHERE,
                now[int(new.code[group[0]])] if new else _NOWHERE,
            )

    def _part(
        self,
        kind: ChangeKind,
        places: _Places,
        switches: tuple[str, ...],
        was: tuple[str, str] = _NOWHERE,
        now: tuple[str, str] = _NOWHERE,
    ) -> Change:
        area = Area(self.after, places_in(entries(places.node, places.slot)))
        ids = self.after.grid.objects.ids
        return Change(
            kind,
            phases.names(bits_of(np.unique(places.slot))),
            Mrids(ids, area.node_rows),
            Mrids(ids, area.equipment),
            Mrids(ids, area.usage_points),
            switches,
            feeder=now[1],
            feed_point=now[0],
            previous_feeder=was[1],
            previous_feed_point=was[0],
        )

    def _otherwise(self, places: _Places) -> Bools:
        """Which of these places are supplied by another way than before."""
        here = np.arange(len(places.slot)), places.slot
        was, now = self.before.supply.places(places.old), self.after.supply.places(places.node)
        other: Bools = was[here] != now[here]
        return other

    def _downstream(self, places: _Places) -> _Places:
        """These and what they supply, as far as it was supplied before too; of one grid."""
        found = places_in(self.after.below(entries(places.node, places.slot))[0])
        node, slot = (found // SLOTS).astype(np.int32), (found % SLOTS).astype(np.int32)
        here = np.arange(len(slot)), slot
        both = self.before.supply.reached(node)[here] & self.after.supply.reached(node)[here]
        return _Places(node[both], node[both], slot[both])

    def _transfers(self, places: _Places) -> Iterator[Change]:
        """Places supplied before and after, from another source or over another feeder."""
        before, after = self.before, self.after
        old = _Fed(before, before.supply, places.old, places.slot)
        new = _Fed(after, after.supply, places.node, places.slot)
        was, now = old.words, new.words
        pairs, pair = np.unique(old.code * len(now) + new.code, return_inverse=True)
        differ = [was[p // len(now)] != now[p % len(now)] for p in pairs.tolist()]
        other = np.array(differ, np.bool_)[pair]
        found = places.of(other)
        if len(found.node):
            old.code, new.code = old.code[other], new.code[other]
            # entered where what is supplied otherwise begins
            entrance = _Fed(after, after.supply, found.node, found.slot).entrance
            yield from self._parts("transferred", found, after, entrance, old, new)

    def _loads(self) -> Iterator[Change]:
        """Loads that were connected or disconnected where there is supply before and after."""
        ids, customers = self.after.grid.objects.ids, self.after.grid.customers
        for mrid in self._operated_loads():
            row = self.after.grid.objects.row(mrid)
            was = self.before.load(self.before.grid.objects.row(mrid))
            now = self.after.load(row)
            both = was.supplied & now.supplied
            if was.connected != now.connected and both:
                yield Change(
                    "energised" if now.connected else "deEnergised",
                    phases.names(both),
                    equipment=(mrid,),
                    usage_points=Mrids(ids, customers.rows[customers.on == row]),
                )

    def _operated_loads(self) -> list[str]:
        """What hangs at one node only, in both, and of which something else was reported."""
        found = set()
        kinds: tuple[Kind, ...] = ("services", "connections")
        for kind in kinds:
            was, now = (getattr(state.overlay, kind) for state in (self.before, self.after))
            others = (
                [] if was is now else [of for of in {**was, **now} if was.get(of) != now.get(of)]
            )
            for state in (self.before, self.after):
                rows = {row for of in others for row in state.fit.at.get((kind, of), ())}
                loads = (row for row in rows if state.grid.numbers.of[row] < 0)
                found |= {state.grid.objects.ids[row] for row in loads}
        known = (self.before.grid.objects.knows, self.after.grid.objects.knows)
        return sorted(mrid for mrid in found if all(knows(mrid) for knows in known))

    def _earths(self) -> Iterator[Change]:
        before, after = self.before, self.after
        was, now = self._both(State.is_earthed)
        new, gone = self.places.of(now & ~was), self.places.of(was & ~now)
        fed = _Fed(after, after.earth, new.node, new.slot)
        yield from self._parts("earthed", new, after, fed.entrance, None, None)
        fed = _Fed(before, before.earth, gone.old, gone.slot)
        yield from self._parts("unearthed", gone, before, fed.entrance, None, None)

    def _live_earths(self) -> Iterator[Change]:
        """Earths that supply came to, or that came to supply; and those that are free of it."""
        around = None
        if self.same_grid:
            around = np.concatenate([self.places.node[::SLOTS], self._operated])
        was, now = (
            {(one.earth, one.node): one for one in live_earths(state, around)}
            for state in (self.before, self.after)
        )
        for kind, found, others in (("Formed", now, was), ("Cleared", was, now)):
            for place, one in found.items():
                known = others[place].phases if place in others else ()
                if more := frozenset(one.phases).difference(known):
                    yield _live_earth(f"liveEarth{kind}", one, more)

    def _loops(self, kept: _Places) -> Iterator[Change]:
        """Rings of which there are more or fewer than before; `kept` are supplied otherwise."""
        around = None
        if self.same_grid:
            around = np.unique(np.concatenate([self.places.node, kept.node, self._operated]))
        was, now = (_rings(state, around) for state in (self.before, self.after))
        for kind, rings, others in (("Formed", now, was), ("Opened", was, now)):
            for ring, (bits, sources) in rings.items():
                if more := bits & ~others.get(ring, (0, ()))[0]:
                    yield self._ring(f"{ring[0]}{kind}", ring[1], more, sources)

    @cached_property
    def _operated(self) -> Ints:
        """The nodes of what conducts otherwise than before; of one grid."""
        numbers = self.after.fit.masks.differing(self.before.fit.masks)
        both = self.before, self.after  # a jumper may have been moved
        arcs = [state.arcs(number) for number in numbers.tolist() for state in both]
        nodes: Ints = self.after.grid.graph.arcs[np.concatenate([NOTHING, *arcs]), 0]
        return nodes

    def _ring(
        self, kind: str, around: frozenset[str], bits: int, sources: tuple[str, ...]
    ) -> Change:
        state = self.after if kind.endswith("Formed") else self.before
        switches = [
            mrid
            for mrid in sorted(around)
            if state.grid.objects.knows(mrid)
            and state.grid.switches.number[state.grid.objects.row(mrid)] >= 0
        ]
        return Change(
            cast("ChangeKind", kind),
            phases.names(bits),
            equipment=tuple(sorted(around)),
            switches=tuple(switches),
            feed_point=sources[0] if kind.endswith("Formed") else "",
            previous_feed_point=sources[0] if kind.endswith("Opened") else "",
        )


def _live_earth(kind: str, one: LiveEarth, phases: frozenset[str]) -> Change:
    formed = kind.endswith("Formed")
    return Change(
        cast("ChangeKind", kind),
        phases,
        nodes=(one.node,),
        equipment=(one.earth,),
        switches=one.switches,
        feed_point=one.sources[0] if formed else "",
        previous_feed_point="" if formed else one.sources[0],
    )


def _rings(
    state: State, nodes: Ints | None
) -> dict[tuple[str, frozenset[str]], tuple[int, tuple[str, ...]]]:
    """Rings by kind and mRIDs."""
    return {
        (kind, frozenset(map(state.called, around))): (
            bits,
            tuple(map(state.called, sources.tolist())),
        )
        for (kind, around), (bits, sources) in loops.rings(state, nodes).items()
    }


def _groups(key: Longs) -> Iterator[NDArray[np.intp]]:
    """The places of equal keys, by their first place."""
    if not len(key):
        return
    order = np.argsort(key, kind="stable")
    begins = np.flatnonzero(np.diff(key[order], prepend=key[order[0]] - 1))
    groups = np.split(order, begins[1:])
    yield from sorted(groups, key=lambda group: int(group[0]))
