"""Neutrals that documents bring to nodes as conductors: what meets them there, what earths them.

In a network of four wires the neutral has a voltage of its own.  Star points of sources and
transformers are earthed as their data say; loads and generators are between phase and neutral.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cim.electrical.earths import Earth
from cim.electrical.injections import Generator, Load, Source
from cim.electrical.lines import Line
from cim.electrical.reading import Reading
from cim.electrical.switches import Pole, Switch
from cim.electrical.transformers import Transformer, Winding


@dataclass(frozen=True, eq=False)
class Settled:
    """Equipment as it is where neutrals are kept."""

    transformers: tuple[Transformer, ...]
    loads: tuple[Load, ...]
    generators: tuple[Generator, ...]
    switches: tuple[Switch, ...]
    earths: tuple[Earth, ...]


def settled(
    lines: Iterable[Line],
    transformers: tuple[Transformer, ...],
    loads: tuple[Load, ...],
    sources: Iterable[Source],
    generators: tuple[Generator, ...],
    switches: tuple[Switch, ...],
    earths: tuple[Earth, ...],
) -> Settled:
    """Equipment at nodes to which lines bring a neutral, joined to it.

    A load in a star and a generator lie between phase and neutral.  A switch between two such nodes
    has a pole in the neutral, which moves with the others.  The star point of a source, and that of
    a winding that is earthed or brought out, is the neutral of its node, unless the winding names
    its phases without one.

    earths: equipment between conductors and earth.
    """
    nodes = {end.node for line in lines if "N" in line.phases for end in line.ends}
    neutrals = nodes | {earth.port.node for earth in earths if "N" in earth.phases}
    if neutrals:
        transformers = tuple(_brought_out(one, neutrals) for one in transformers)
    if not nodes:
        return Settled(transformers, loads, generators, switches, earths)
    return Settled(
        transformers,
        tuple(
            replace(one, neutral=one.connection == "Y") if one.port.node in nodes else one
            for one in loads
        ),
        tuple(replace(one, neutral=True) if one.port.node in nodes else one for one in generators),
        tuple(_with_neutral_pole(one, nodes) for one in switches),
        (*earths, *_star_points(transformers, sources, nodes)),
    )


def _brought_out(transformer: Transformer, nodes: set[str]) -> Transformer:
    windings = tuple(
        replace(w, phases=(*w.phases, "N")) if w.port.node in nodes and _hidden(w) else w
        for w in transformer.windings
    )
    return (
        transformer if windings == transformer.windings else replace(transformer, windings=windings)
    )


def _hidden(winding: Winding) -> bool:
    """Whether it has a star point for a neutral that its phases do not name."""
    return (
        winding.is_star
        and not winding.apart
        and "N" not in winding.phases
        and (winding.grounded or winding.connection in ("Yn", "Zn"))
    )


def _with_neutral_pole(switch: Switch, nodes: set[str]) -> Switch:
    ends, poles = switch.ends, switch.poles
    if len(ends) < 2 or not {end.node for end in ends} <= nodes or not poles:
        return switch
    if any("N" in (pole.one, pole.two) for pole in poles):
        return switch
    normal = poles[0].normal_open
    return replace(switch, poles=(*poles, Pole("N", "N", any(p.closed for p in poles), normal)))


def _star_points(
    transformers: Iterable[Transformer], sources: Iterable[Source], nodes: set[str]
) -> Iterator[Earth]:
    """One solid earth for each node; a winding with an impedance to earth has it in itself."""
    found: dict[str, Earth] = {}
    for source in sources:
        port = source.port
        if port.node in nodes:
            earth = Earth(port.terminal, source.name, "EnergySource", port, ("N",), 0j)
            found.setdefault(port.node, earth)
    for transformer in transformers:
        for winding in transformer.windings:
            port = winding.port
            solid = winding.grounded and not winding.z_ground and "N" in winding.phases
            if solid and port.node in nodes:
                name = transformer.name
                earth = Earth(port.terminal, name, "TransformerEnd", port, ("N",), 0j)
                found.setdefault(port.node, earth)
    yield from found.values()


# -- what earths them


def beside_solid_earth(
    reading: Reading, transformers: Iterable[Transformer], earths: Iterable[Earth]
) -> Iterator[str]:
    """A sentence for each coil or impedance at a star point that is said to be solidly earthed."""
    coils = {e.port.node: e for e in earths if e.kind in ("PetersenCoil", "GroundingImpedance")}
    for transformer in transformers:
        for winding in transformer.windings:
            coil = coils.get(winding.port.node)
            star = winding.is_star or "N" in winding.phases
            if coil and star and not winding.apart and winding.grounded and not winding.z_ground:
                end = reading.called(reading.model.row(winding.mrid))
                beside = reading.called(reading.model.row(coil.mrid))
                yield f"{end} is said to be solidly earthed, beside {beside}; so it is taken."


def floating(
    reading: Reading,
    lines: Iterable[Line],
    transformers: Iterable[Transformer],
    switches: Iterable[Switch],
    earths: Iterable[Earth],
) -> Iterator[str]:
    """A sentence for each neutral, over lines and switches in any position, without an earth."""
    parents: dict[str, str] = {}
    for line in lines:
        if "N" in line.phases:
            _join(parents, [end.node for end in line.ends])
    for switch in switches:
        if any(pole.one == pole.two == "N" for pole in switch.poles):
            _join(parents, [end.node for end in switch.ends])
    windings = (w for transformer in transformers for w in transformer.windings)
    earthed = {w.port.node for w in windings if w.grounded and "N" in w.phases}
    earthed |= {earth.port.node for earth in earths if "N" in earth.phases}
    held = {_top(parents, node) for node in earthed if node in parents}
    parts: dict[str, list[str]] = {}
    for node in parents:
        parts.setdefault(_top(parents, node), []).append(node)
    for top, nodes in parts.items():
        if top not in held:
            first = reading.called(reading.model.row(nodes[0]))
            others = f" and {len(nodes) - 1} more nodes" if len(nodes) > 1 else ""
            yield f"The neutral of {first}{others} is earthed nowhere: its voltage is open."


def _join(parents: dict[str, str], nodes: Sequence[str]) -> None:
    tops = [_top(parents, node) for node in nodes]
    for top in tops:
        parents[top] = tops[0]


def _top(parents: dict[str, str], node: str) -> str:
    above = parents.setdefault(node, node)
    while above != node:
        node, above = above, parents[above]
    return node
