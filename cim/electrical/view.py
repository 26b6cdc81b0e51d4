"""The whole electrical reading of a model, and what contradicts itself in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from cim.electrical.busbars import Busbar, busbars
from cim.electrical.earths import Earth, earths
from cim.electrical.equivalents import equivalent_branches, equivalent_shunts
from cim.electrical.external import external_networks, nominal_voltages
from cim.electrical.injections import Generator, Load, Source, generators, loads, sources
from cim.electrical.limits import Limit, Stated, limits
from cim.electrical.lines import Line, compensators
from cim.electrical.neutrals import beside_solid_earth, floating, settled
from cim.electrical.parts import segments
from cim.electrical.phase_shifters import PhaseShifter, phase_shifters
from cim.electrical.ports import live
from cim.electrical.protection import Pickup, pickups
from cim.electrical.ratings import ratings
from cim.electrical.reading import SI, Reading, Units
from cim.electrical.regulators import Regulator, regulators
from cim.electrical.short_circuit import ShortCircuit, short_circuit
from cim.electrical.shunts import Shunt, shunts
from cim.electrical.switches import Switch, switches
from cim.electrical.transformers import Transformer, transformers
from cim.electrical.wires import Surroundings
from cim.model.model import Model

_NOT_READ = (
    "ACLineSegmentBranch",
    "CsConverter",
    "VsConverter",
    "DCLineSegment",
)
_LOWEST = 200.0


@dataclass(frozen=True, eq=False)
class View:
    """What a model says electrically, in SI units.

    problems: a sentence for each thing that is missing, absurd or taken otherwise than stated;
              equipment that could not be read at all is named in them and in no list.
    stated:   limits and ratings as the document states them; `limits` has them one by one.
    earths:   what joins conductors to earth; the equipment in `transformers`, `shunts` and
              `sources` is earthed in itself as its own data say.
    nominal:  volts between phases by mRID of the node, where the model says it.
    names:    of nodes, by mRID.
    pickups:  settings of protective devices.
    frequency: nominal, in hertz; None when nothing says it.
    """

    lines: tuple[Line, ...]
    transformers: tuple[Transformer, ...]
    regulators: tuple[Regulator, ...]
    phase_shifters: tuple[PhaseShifter, ...]
    shunts: tuple[Shunt, ...]
    loads: tuple[Load, ...]
    sources: tuple[Source, ...]
    generators: tuple[Generator, ...]
    switches: tuple[Switch, ...]
    stated: tuple[Stated, ...]
    problems: tuple[str, ...]
    short_circuit: ShortCircuit = field(default_factory=ShortCircuit)
    nominal: Mapping[str, float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    earths: tuple[Earth, ...] = ()
    pickups: tuple[Pickup, ...] = ()
    busbars: tuple[Busbar, ...] = ()
    frequency: float | None = None

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        """One for each thing that a limit or rating holds for."""
        return tuple(limit for stated in self.stated for limit in stated.limits())

    @property
    def tap_changers(self) -> tuple[Regulator | PhaseShifter, ...]:
        """Those of both kinds."""
        return (*self.regulators, *self.phase_shifters)


def read(
    model: Model,
    *,
    unit: Units | None = None,
    frequency: float | None = None,
    around: Surroundings | None = None,
) -> View:
    """Everything electrical in a model.

    unit:      of the document; by its profile and namespace when None (`reading.units`).
    frequency: hertz, for lines described by wires; the model's BaseFrequency when None.
    around:    earth resistivity and conductor temperature, for the same; 100 ohm metre and 50
               degrees Celsius when None.
    """
    reading = Reading(model, unit=unit, frequency=frequency)
    _check_units(reading)
    for row in reading.of_class(*_NOT_READ):
        reading.say(row, "is not read: equipment of its class is not modelled")
    found = (
        (
            *segments(reading, around or Surroundings()),
            *compensators(reading),
            *equivalent_branches(reading),
        ),
        transformers(reading),
        regulators(reading),
        phase_shifters(reading),
        (*shunts(reading), *equivalent_shunts(reading)),
        loads(reading),
        (*sources(reading), *external_networks(reading)),
        generators(reading),
        switches(reading),
        (*limits(reading), *ratings(reading)),
    )
    view = _joined(reading, View(*found, problems=()))
    settings, bars = pickups(reading), busbars(reading)
    problems = dict.fromkeys((*reading.problems, *_stray_phases(reading, view)))
    return replace(
        view,
        problems=tuple(problems),
        pickups=settings,
        busbars=bars,
        frequency=reading.frequency,
        short_circuit=short_circuit(reading),
        nominal=nominal_voltages(reading),
        names={
            reading.mrid(row): reading.name(row)
            for row in reading.of_class("ConnectivityNode", "TopologicalNode")
        },
    )


def _joined(reading: Reading, view: View) -> View:
    """Equipment joined to the neutrals of its nodes, limits to the parts of lines."""
    other = settled(
        view.lines,
        view.transformers,
        view.loads,
        view.sources,
        view.generators,
        view.switches,
        earths(reading),
    )
    view = replace(
        view,
        stated=_of_parts(view),
        transformers=other.transformers,
        loads=other.loads,
        generators=other.generators,
        switches=other.switches,
        earths=other.earths,
    )
    reading.problems += beside_solid_earth(reading, view.transformers, view.earths)
    reading.problems += floating(reading, view.lines, view.transformers, view.switches, view.earths)
    return view


def _of_parts(view: View) -> tuple[Stated, ...]:
    """What holds for a line that is read in parts holds for each of them."""
    parts: dict[str, list[str]] = {}
    for line in view.lines:
        if line.segment:
            parts.setdefault(line.segment, []).append(line.mrid)
    if not parts:
        return view.stated
    return tuple(
        replace(one, of=tuple(part for of in one.of for part in parts.get(of, [of])))
        for one in view.stated
    )


def _check_units(reading: Reading) -> None:
    """Volts below what networks have are kilovolts that no profile or namespace declares."""
    rows = reading.of_class("BaseVoltage")
    stated = [reading.number(row, "BaseVoltage.nominalVoltage") for row in rows]
    known = [value for value in stated if value]
    if known and max(known) < _LOWEST and reading.unit == SI:
        reading.problems.append(
            f"The highest BaseVoltage is {max(known):g} V: is the document in kilovolts?"
        )


def _stray_phases(reading: Reading, view: View) -> Iterator[str]:
    """Sentences about loads, shunts and generators at phases that nothing brings to their node."""
    brought: dict[str, set[str]] = {}
    for node, phases in _brought(view):
        brought.setdefault(node, set()).update(phases)
    users = [(x.mrid, x.port.node, tuple(p for b in x.branches for p in b)) for x in view.loads]
    users += [(x.mrid, x.port.node, x.phases) for x in view.shunts]
    users += [(x.mrid, x.port.node, x.phases) for x in view.generators]
    for mrid, node, phases in users:
        missing = sorted(set(live(phases)) - brought.get(node, set()))
        if missing:
            called = reading.called(reading.model.row(mrid))
            where = reading.called(reading.model.row(node))
            yield f"{called} is on phase {', '.join(missing)}, which nothing brings to {where}."
    for earth in view.earths:
        node = earth.port.node
        if earth.phases == ("N",) and "N" not in brought.get(node, set()):
            called = reading.called(reading.model.row(earth.mrid))
            where = reading.called(reading.model.row(node))
            yield f"{called} is at the neutral of {where}, and nothing brings one there."


def _brought(view: View) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Nodes and the phases that conductors bring there."""
    for line in view.lines:
        for end in line.ends:
            yield end.node, line.phases
    for transformer in view.transformers:
        for winding in transformer.windings:
            yield winding.port.node, winding.phases
    for source in view.sources:
        yield source.port.node, source.phases
    for switch in view.switches:
        yield switch.ends[0].node, tuple(pole.one for pole in switch.poles)
        if len(switch.ends) > 1:
            yield switch.ends[1].node, tuple(pole.two for pole in switch.poles)
