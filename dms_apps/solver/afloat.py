"""Where nothing is earthed: behind a delta, or a star whose point is not earthed."""

from __future__ import annotations

from collections.abc import Iterator

from cim.electrical.transformers import Winding
from cim.electrical.view import View


def afloat(view: View) -> frozenset[str]:
    """Nodes that lines and switches, closed or not, connect to no earthed star point.

    Capacitance to earth and loads between phase and earth fix no voltage there.
    """
    parents: dict[str, str] = {}

    def top(node: str) -> str:
        while (above := parents.setdefault(node, node)) != node:
            parents[node] = parents[above]
            node = above
        return node

    for ends in _joined(view):
        parents[top(ends[0])] = top(ends[1])
    earthed = {top(node) for node in _earthed(view)}
    return frozenset(node for node in tuple(parents) if top(node) not in earthed)


def _joined(view: View) -> Iterator[tuple[str, str]]:
    for line in view.lines:
        yield line.ends[0].node, line.ends[1].node
    for switch in view.switches:
        yield switch.ends[0].node, switch.ends[-1].node
    for transformer in view.transformers:
        for winding in transformer.windings:
            yield winding.port.node, winding.port.node
        autos = [w.port.node for w in transformer.windings if w.connection == "A"]
        for winding in transformer.windings if autos else ():
            if winding.is_star:
                yield winding.port.node, autos[0]
    for load in view.loads:
        yield load.port.node, load.port.node
    for generator in view.generators:
        yield generator.port.node, generator.port.node


def _earthed(view: View) -> Iterator[str]:
    yield from (source.port.node for source in view.sources)
    yield from (earth.port.node for earth in view.earths)
    for transformer in view.transformers:
        for winding in transformer.windings:
            if _is_earthed(winding):
                yield winding.port.node


def _is_earthed(winding: Winding) -> bool:
    if winding.three_phase:
        return winding.is_star and winding.grounded
    return winding.grounded or len(winding.phases) == 1
