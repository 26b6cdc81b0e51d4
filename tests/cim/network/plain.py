"""A network in plain Python: what happens to it, and what then is supplied and earthed.

Everything is looked for anew, phase by phase; it shares no code with `cim.network`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from cim.message import Message, Verb
from cim.profiles.identification import (
    ACLineSegment,
    ConnectivityNode,
    PowerSystemResource,
)
from cim.profiles.phases import PhaseCode
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import (
    Cut,
    CutAction,
    EnergyConsumer,
    EnergyConsumerAction,
    EnergySource,
    EnergySourceAction,
    Ground,
    GroundAction,
    Jumper,
    JumperAction,
    OperationalTag,
    Switch,
    SwitchAction,
    SwitchActionKind,
    TagAction,
    TagActionKind,
    TempEquipActionKind,
    Terminal,
)
from cim.profiles.switching_events import SwitchingEvent, SwitchingEvents
from tests.cim.network.drawing import Drawing, event, model

Ends = tuple[str, str]


@dataclass
class Branch:
    """A line or switch between two nodes."""

    ends: Ends
    phases: str
    switch: bool
    closed: bool = True


@dataclass
class Plain:
    """Branches by mRID, a source at n0 and one at "m0" if that is there; a load at every node."""

    branches: dict[str, Branch]
    positions: dict[str, dict[str, bool]] = field(default_factory=lambda: defaultdict(dict))
    out: set[str] = field(default_factory=set)
    off: set[str] = field(default_factory=set)
    cuts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    jumpers: dict[str, tuple[Ends, set[str]]] = field(default_factory=dict)
    grounds: dict[str, tuple[str, set[str]]] = field(default_factory=dict)
    mobile: dict[str, str] = field(default_factory=dict)
    took_away: bool = False  # a jumper or generator, over which ways may have led

    @property
    def nodes(self) -> list[str]:
        ends = (end for branch in self.branches.values() for end in branch.ends)
        return sorted({"n0", *ends})

    @property
    def sources(self) -> dict[str, str]:
        return {f"source {node}": node for node in ("n0", "m0") if node in self.nodes}

    def drawing(self) -> Drawing:
        drawing = Drawing()
        for source, node in self.sources.items():
            drawing.source(node, source)
        for mrid, branch in self.branches.items():
            if branch.switch:
                opened = not branch.closed
                drawing.switch(mrid, *branch.ends, branch.phases, opened=opened)
            else:
                drawing.line(mrid, *branch.ends, branch.phases)
        for node in self.nodes:
            drawing.consumer(f"load {node}", node, "ABC").usage_point(
                f"point {node}", f"load {node}"
            )
        return drawing

    # -- what there is

    def conducting(self, phase: str) -> dict[str, set[str]]:
        """The neighbours of each node on one phase."""
        found: dict[str, set[str]] = defaultdict(set)
        for mrid, branch in self.branches.items():
            if phase in branch.phases and self._conducts(mrid, branch, phase):
                self._join(found, branch.ends)
        for ends, phases in self.jumpers.values():
            if phase in phases and set(ends) <= set(self.nodes):
                self._join(found, ends)
        return found

    def _conducts(self, mrid: str, branch: Branch, phase: str) -> bool:
        if mrid in self.out or phase in self.cuts[mrid]:
            return False
        return not branch.switch or self.positions[mrid].get(phase, branch.closed)

    @staticmethod
    def _join(found: dict[str, set[str]], ends: Ends) -> None:
        found[ends[0]].add(ends[1])
        found[ends[1]].add(ends[0])

    def supplied(self, phase: str) -> set[str]:
        begin = {node for name, node in self.sources.items() if name not in self.off | self.out}
        begin |= {node for node in self.mobile.values() if node in self.nodes}
        return self._reached(phase, begin)

    def earthed(self, phase: str) -> set[str]:
        return self._at_earth(phase) - self.supplied(phase)

    def _at_earth(self, phase: str) -> set[str]:
        begin = {n for n, phases in self.grounds.values() if phase in phases and n in self.nodes}
        return self._reached(phase, begin)

    def _reached(self, phase: str, begin: set[str]) -> set[str]:
        beside, found, todo = self.conducting(phase), set(begin), list(begin)
        while todo:
            for other in beside[todo.pop()] - found:
                found.add(other)
                todo.append(other)
        return found

    def supply(self) -> dict[str, set[str]]:
        """The phases supplied at each node."""
        return self._by_node({phase: self.supplied(phase) for phase in "ABC"})

    def earth(self) -> dict[str, set[str]]:
        return self._by_node({phase: self.earthed(phase) for phase in "ABC"})

    def live_earth(self) -> dict[str, set[str]]:
        """The phases of each node that are connected to earth and supplied."""
        return self._by_node({p: self._at_earth(p) & self.supplied(p) for p in "ABC"})

    def live_earths(self) -> dict[tuple[str, str], set[str]]:
        """The phases on which a ground is at a supplied node."""
        supply = self.supply()
        found = {
            (mrid, node): phases & supply.get(node, set())
            for mrid, (node, phases) in self.grounds.items()
        }
        return {place: live for place, live in found.items() if live}

    def _by_node(self, by_phase: dict[str, set[str]]) -> dict[str, set[str]]:
        return {n: {phase for phase, nodes in by_phase.items() if n in nodes} for n in self.nodes}

    # -- what happens; each gives the message that says so

    def loaded(self) -> Message:
        return model("grid", self.drawing().document())

    def switch(self, mrid: str, phases: str, *, closed: bool) -> Message:
        for phase in phases:
            self.positions[mrid][phase] = closed
        kind = SwitchActionKind.CLOSE if closed else SwitchActionKind.OPEN
        return said(
            switching_action=SwitchAction(
                kind=kind, operated_switch=Switch(mrid=mrid), phases=PhaseCode(phases)
            )
        )

    def service(self, mrid: str, *, on: bool) -> Message:
        (self.out.discard if on else self.out.add)(mrid)
        kind = PSREventKind.IN_SERVICE if on else PSREventKind.OUT_OF_SERVICE
        one = PSREvent(kind=kind, power_system_resource=PowerSystemResource(mrid=mrid))
        return event(Verb.CREATED, PSREvents(psrevent=(one,)))

    def cut(self, mrid: str, phases: str, *, there: bool) -> Message:
        (self.cuts[mrid].update if there else self.cuts[mrid].difference_update)(phases)
        cut = Cut(mrid=f"cut {mrid}", acline_segment=ACLineSegment(mrid=mrid))
        return said(cut_action=CutAction(kind=done(there), cut=cut, phases=PhaseCode(phases)))

    def jumper(self, mrid: str, ends: Ends, phases: str, *, there: bool) -> Message:
        before = self.jumpers.get(mrid)
        still = before[1] if before and (before[0] == ends or not there) else set()
        left = still | set(phases) if there else still - set(phases)
        self.took_away |= not there or before is not None
        self.jumpers[mrid] = (ends if there or not before else before[0], left)
        jumper = Jumper(mrid=mrid, terminals=terminals(*ends) if there else ())
        action = JumperAction(kind=done(there), jumper=jumper, phases=PhaseCode(phases))
        return said(jumper_action=action)

    def ground(self, mrid: str, node: str, phases: str, *, there: bool) -> Message:
        before = self.grounds.get(mrid)
        still = before[1] if before and (before[0] == node or not there) else set()
        left = still | set(phases) if there else still - set(phases)
        self.grounds[mrid] = (node if there or not before else before[0], left)
        ground = Ground(mrid=mrid, terminals=terminals(node) if there else ())
        action = GroundAction(kind=done(there), ground=ground, phases=PhaseCode(phases))
        return said(ground_action=action)

    def source(self, mrid: str, *, on: bool) -> Message:
        (self.off.discard if on else self.off.add)(mrid)
        kind = TempEquipActionKind.CONNECT if on else TempEquipActionKind.DISCONNECT
        source = EnergySource(mrid=mrid)
        return said(energy_source_action=EnergySourceAction(kind=kind, energy_source=source))

    def generator(self, mrid: str, node: str, *, there: bool) -> Message:
        self.took_away |= not there or mrid in self.mobile
        if there:
            self.mobile[mrid] = node
        else:
            self.mobile.pop(mrid, None)
        source = EnergySource(mrid=mrid, terminals=terminals(node))
        action = EnergySourceAction(kind=done(there), energy_source=source, phases=PhaseCode.ABC)
        return said(energy_source_action=action)

    def load(self, node: str, *, on: bool) -> Message:
        (self.off.discard if on else self.off.add)(f"load {node}")
        kind = TempEquipActionKind.CONNECT if on else TempEquipActionKind.DISCONNECT
        load = EnergyConsumer(mrid=f"load {node}")
        return said(energy_consumer_action=EnergyConsumerAction(kind=kind, energy_consumer=load))


def done(there: bool) -> TempEquipActionKind:
    return TempEquipActionKind.PLACE if there else TempEquipActionKind.REMOVE


def terminals(*nodes: str) -> tuple[Terminal, ...]:
    return tuple(
        Terminal(sequence_number=number, connectivity_node=ConnectivityNode(mrid=node))
        for number, node in enumerate(nodes, 1)
    )


def tagged(mrid: str, on: str, *, there: bool = True, type: str = "hold") -> Message:
    tag = OperationalTag(
        mrid=mrid, type=type, power_system_resource=PowerSystemResource(mrid=on) if on else None
    )
    kind = TagActionKind.PLACE if there else TagActionKind.REMOVE
    return said(tag_action=TagAction(kind=kind, operational_tag=tag))


def said(**action: object) -> Message:
    """The message of one event."""
    return event(Verb.CREATED, SwitchingEvents(switching_event=(SwitchingEvent(**action),)))  # type: ignore[arg-type]


def together(messages: Iterable[Message]) -> Message:
    """The switching events of all these in one message."""
    events = [one for m in messages for one in m.payload.switching_event]
    return event(Verb.CREATED, SwitchingEvents(switching_event=tuple(events)))
