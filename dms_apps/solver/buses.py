"""Nodes that closed switches make one, for solvers that know three phases only together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cim.electrical.ports import ABC
from cim.electrical.switches import Switch
from cim.electrical.view import View
from dms_apps.solver.given import Given
from dms_apps.solver.naming import titled, titled_of

_Pair = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Buses:
    """Numbers for nodes; nodes that are joined in all three phases have one.

    number:  of the bus, by mRID of the node.
    nodes:   mRIDs by number.
    remarks: sentences on switches and joints that some phases pass and some do not: these join
             nothing here.
    """

    number: Mapping[str, int]
    nodes: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...]

    @classmethod
    def of(cls, view: View, given: Given, *, partly: bool = False) -> Buses:
        """By the positions of now.

        partly: join nodes, too, that some phases alone join; remarks say so all the same.
        """
        remarks: list[str] = []
        top = {node: node for node in _all(view)}
        for one, two in _joined(view, given, partly, remarks):
            top[_top(top, one)] = _top(top, two)
        groups: dict[str, list[str]] = {}
        for node in top:
            groups.setdefault(_top(top, node), []).append(node)
        number = {node: i for i, group in enumerate(groups.values()) for node in group}
        return cls(number, tuple(map(tuple, groups.values())), tuple(remarks))


def _top(top: dict[str, str], node: str) -> str:
    while (above := top[node]) != node:
        top[node] = node = top[above]
    return node


def _all(view: View) -> Iterator[str]:
    for ends in (*(one.ends for one in view.lines), *(one.ends for one in view.switches)):
        yield from (end.node for end in ends)
    for transformer in view.transformers:
        yield from (winding.port.node for winding in transformer.windings)
    ports = (*(one.port for one in view.shunts), *(one.port for one in view.loads))
    ports += (*(one.port for one in view.sources), *(one.port for one in view.generators))
    yield from (port.node for port in ports)


def _joined(
    view: View, given: Given, partly: bool, remarks: list[str]
) -> Iterator[tuple[str, str]]:
    """Pairs of nodes; what has a device for each phase is one."""
    passed: dict[_Pair, set[str]] = {}
    halves: dict[_Pair, str] = {}
    for switch in view.switches:
        if switch.mrid not in given.out and len(switch.ends) > 1:
            _pass(switch, given, passed, halves)
    for (one, phase), (two, other) in given.joined:
        if phase == other:
            passed.setdefault(_pair(one, two), set()).add(phase)
            ends = " and ".join(titled_of(view.names, node) for node in (one, two))
            halves.setdefault(_pair(one, two), f"What joins {ends}")
    yield from (pair for pair, phases in passed.items() if partly or phases >= set(ABC))
    for pair, called in halves.items():
        phases = passed.get(pair, set())
        if not phases >= set(ABC):
            way = f"passes {', '.join(sorted(phases))} only" if phases else "crosses phases"
            remarks.append(f"{called} {way}: it is taken as {'closed' if partly else 'open'}.")


def _pass(
    switch: Switch, given: Given, passed: dict[_Pair, set[str]], halves: dict[_Pair, str]
) -> None:
    """The phases that a switch passes straight on; in `halves` when some of its poles do not."""
    said = given.poles.get(switch.mrid)
    closed = [p for p in switch.poles if (p.closed if said is None else p.one in said)]
    straight = {pole.one for pole in closed if pole.one == pole.two}
    pair = _pair(*(end.node for end in switch.ends))
    if len(straight) < len(closed) or 0 < len(closed) < len(switch.poles):
        halves[pair] = f"{switch.kind} {titled(switch.name, switch.mrid)}"
    if straight:
        passed.setdefault(pair, set()).update(straight)


def _pair(one: str, two: str) -> _Pair:
    return (one, two) if one < two else (two, one)
