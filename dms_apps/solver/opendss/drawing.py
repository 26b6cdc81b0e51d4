"""A layout as the commands that draw it in OpenDSS, and the names by which to edit it later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dms_apps.solver import primitives
from dms_apps.solver.given import Given
from dms_apps.solver.grounds import earthed, switches_to_earth
from dms_apps.solver.layout import Layout
from dms_apps.solver.loads import Drawn as Powers
from dms_apps.solver.nodal import EARTHED, Nodal
from dms_apps.solver.opendss import equipment, loads, transformers
from dms_apps.solver.opendss.sites import Sites, said
from dms_apps.solver.solution import Options

Parts = tuple[tuple[str, int], ...]
"""OpenDSS elements, and how many terminals each has."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """The commands, and what is where.

    parts:        by mRID the OpenDSS elements of lines, transformers, shunts and sources.
    poles:        name of the line that each pole of a switch is, in the order of the switches.
    transformers: by mRID.
    shunts, sources: names by mRID.
    places:       names of the nodes, by place.
    loads:        which rows of loads and generators are together.
    floating:     whether something has no way to earth but a very small one.
    """

    commands: tuple[str, ...]
    sites: Sites
    parts: dict[str, Parts]
    poles: tuple[str, ...]
    transformers: dict[str, transformers.Drawn]
    shunts: dict[str, str]
    sources: dict[str, tuple[str, ...]]
    places: tuple[str, ...]
    loads: loads.Together
    floating: bool


def draw(
    layout: Layout, given: Given, powers: Powers, options: Options, *, apart: bool = False
) -> Drawing:
    """Everything in service and all poles closed; taps, sections and voltages as given.

    powers: of loads and generators.
    apart:  draws each part of them by itself, which may come to differ from the others.
    Raises: IndexError without a source.
    """
    view, sites = layout.view, Sites(layout.places)
    sources, written = _sources(layout, given, sites)
    for i, line in enumerate(view.lines):
        written[line.mrid] = equipment.line(f"l{i}", line, sites)
    drawn = {}
    for i, one in enumerate(view.transformers):
        taps = primitives.tap(layout, given, one)
        drawn[one.mrid], written[one.mrid] = transformers.draw(f"t{i}", one, taps, sites)
    shunts = {shunt.mrid: f"c{i}" for i, shunt in enumerate(view.shunts)}
    for shunt in view.shunts:
        now = primitives.stepped(shunt, given)
        written[shunt.mrid] = equipment.shunt(shunts[shunt.mrid], now, sites)
    for i, earth in enumerate(view.earths):
        written[earth.mrid] = equipment.electrodes(f"n{i}", earth, sites)
    poles, switches = _switches(layout, options, sites)
    together = loads.Together.of(layout, powers.p, powers.q, apart)
    places = tuple(sites.at(*place) for place in layout.places)
    leaks = list(_leaks(layout, given, options, places))
    commands = (
        "clear",
        f"set defaultbasefrequency={said(equipment.FREQUENCY)}",
        f"new circuit.gridbus phases=1 bus1={sites.at(*_first(layout))}",
        *(command for own in written.values() for command in own),
        *switches,
        *loads.draw(layout, together, powers.p, powers.q, options, sites),
        *_beside(layout, given, options, sites),
        *leaks,
        "makebuslist",
        *_rated(layout, sites),
    )
    parts = {mrid: tuple(_made(own)) for mrid, own in written.items()}
    return Drawing(
        commands, sites, parts, poles, drawn, shunts, sources, places, together, bool(leaks)
    )


def _first(layout: Layout) -> tuple[str, str]:
    source = layout.view.sources[0]
    return source.port.node, source.phases[0]


def _sources(
    layout: Layout, given: Given, sites: Sites
) -> tuple[dict[str, tuple[str, ...]], dict[str, list[str]]]:
    names, commands = {}, {}
    for i, one in enumerate(layout.view.sources):
        own = [f"v{i}_{k}" for k in range(len(one.phases))]
        if i == 0:
            own[0] = "source"
        names[one.mrid] = tuple(own)
        volts = given.volts.get(one.mrid, one.volts)
        commands[one.mrid] = equipment.source(own, one, sites, volts)
    return names, commands


def _switches(layout: Layout, options: Options, sites: Sites) -> tuple[tuple[str, ...], list[str]]:
    """Names of the poles between two ends, and the commands of all switches."""
    names, commands = [], []
    for i, switch in enumerate(layout.view.switches):
        own = equipment.poles(f"w{i}", switch, options.switch_ohm, sites)
        commands += own
        if len(switch.ends) > 1:
            names += [name for name, _ in _made(own)]
    return tuple(names), commands


def _made(commands: Sequence[str]) -> Iterator[tuple[str, int]]:
    """What commands make: lines, capacitors, reactors and sources have two terminals."""
    for command in commands:
        verb, name, *words = f"{command} ".split(" ")
        if verb == "new" or name == "vsource.source":
            windings = [word for word in words if word.startswith("windings=")]
            yield name, int(windings[0].partition("=")[2]) if windings else 2


def _beside(layout: Layout, given: Given, options: Options, sites: Sites) -> Iterator[str]:
    """Jumpers, grounds, earthing switches and cuts."""
    known = layout.number
    for i, (one, two) in enumerate(sorted(given.joined)):
        if one in known and two in known:
            yield equipment.jumper(f"j{i}", one, two, options.switch_ohm, sites)
    for i, place in enumerate(sorted(earthed(layout, given))):
        if place in known:
            yield equipment.earth(f"e{i}", place, 1 / complex(EARTHED), sites)
    for i, line in enumerate(layout.view.lines):
        for phase in given.cut.get(line.mrid, ()):
            if phase in line.phases:
                at = line.phases.index(phase) + 1
                yield from (f"open line.l{i} {end} {at}" for end in (1, 2))


def _leaks(layout: Layout, given: Given, options: Options, places: Sequence[str]) -> Iterator[str]:
    """What has no way to earth, whichever switch is closed, gets a very small one.

    An earthing switch that closes gives another one, which matters more.
    """
    closed = {w.mrid: frozenset(pole.one for pole in w.poles) for w in layout.view.switches}
    closed |= dict.fromkeys(switches_to_earth(layout), frozenset[str]())
    whole = replace(given, poles=closed, out=frozenset())
    leaks = Nodal.of(layout, whole, options).leaks
    for i in leaks.nonzero()[0].tolist():
        bus = places[i].partition(".")[0]
        yield f"new reactor.k{i} phases=1 bus1={places[i]} bus2={bus}.0 r={said(1 / leaks[i])} x=0"


def _rated(layout: Layout, sites: Sites) -> Iterator[str]:
    """OpenDSS judges by changes of voltages per unit whether it has converged.

    Where nothing says what that refers to, by their share of the voltages themselves.
    """
    volts: dict[str, float] = {}
    for (node, _), nominal in zip(layout.places, layout.nominal.tolist(), strict=True):
        if nominal > 0:
            volts[node] = max(nominal, volts.get(node, 0.0))
    for node, bus in sites.buses():
        if node in volts:
            yield f"setkvbase bus={bus} kvln={said(volts[node] / 1e3)}"
