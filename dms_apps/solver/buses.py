"""Nodes that closed switches make one, for solvers that know three phases only together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cim.electrical.ports import ABC
from cim.electrical.view import View
from dms_apps.solver.given import Given


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
    for switch in view.switches:
        said = given.poles.get(switch.mrid)
        closed = {p.one for p in switch.poles if (p.closed if said is None else p.one in said)}
        if switch.mrid in given.out or not closed or len(switch.ends) < 2:
            continue
        straight = all(pole.one == pole.two for pole in switch.poles)
        whole = closed >= set(ABC) and straight
        if whole or partly:
            yield switch.ends[0].node, switch.ends[1].node
        if not whole and (len(closed) < len(switch.poles) or not straight):
            called = switch.name or switch.mrid
            taken = "closed" if partly else "open"
            remarks.append(
                f"{switch.kind} {called} passes {', '.join(sorted(closed))} only, or crosses "
                f"phases: it is taken as {taken}."
            )
    joints: dict[tuple[str, str], set[str]] = {}
    for (one, phase), (two, other) in given.joined:
        if phase == other:
            joints.setdefault((min(one, two), max(one, two)), set()).add(phase)
    for (one, two), phases in joints.items():
        if phases >= set(ABC) or partly:
            yield one, two
        if not phases >= set(ABC):
            remarks.append(f"What joins {one} and {two} passes {', '.join(sorted(phases))} only.")
