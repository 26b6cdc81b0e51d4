"""The 9500-node feeder many times over, with usage points, as far as a storm concerns it.

Of the published model is kept what connects: nodes, lines, transformers, switches, loads, and the
phases of all.  Each load has `SERVICES` usage points.  The model has circuit breakers at the heads
of three feeders, five reclosers and two fuses on them; what a utility has beside, and this model
has not, is put where a utility has it: a fuse wherever a lateral of one or two phases leaves what
has three.  The fuse of a service transformer is the transformer itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.feeders import ieee9500
from benchmarks.storms import Zone, said, switched
from cim.gate import MODEL
from cim.message import Message
from cim.network import Network
from cim.network.classes import SWITCHES
from cim.network.extraction import LINKS, VALUES
from cim.parse import parse
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.switching_events import SwitchActionKind
from dms_apps.outage.forest import Forest, Group

SERVICES = 4
"""Usage points of one load."""

_HEAD, _RECLOSER, _FUSE = "Breaker", "Recloser", "Fuse"
_KINDS = {_HEAD: "breaker", _RECLOSER: "recloser", _FUSE: "fuse", "PowerTransformer": "transformer"}
_LINE = "ACLineSegment"
_EQUIPMENT = {_LINE, "SeriesCompensator", "EnergySource", "EnergyConsumer", "PowerTransformer",
              *SWITCHES}  # fmt: skip
_PARTS = {
    "Feeder",
    "ConnectivityNode",
    "Terminal",
    "ACLineSegmentPhase",
    "SwitchPhase",
    "EnergyConsumerPhase",
    "TransformerTank",
    "TransformerTankEnd",
    "PowerTransformerEnd",
}
_PROPERTIES = {*LINKS, *VALUES}
_NAME = "IdentifiedObject.name"
_ANY = datetime(2026, 1, 1, tzinfo=UTC)
_COPY = "@@@@@@@@"  # in place of the first digits of every mRID
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_CIM = "http://iec.ch/TC57/CIM100#"
Opens = Mapping[str, Sequence[tuple[int, tuple[int, ...]]]]


@dataclass
class _Thing:
    """An object: what it says, and to what or which code it refers."""

    kind: str
    texts: dict[str, str]
    links: dict[str, str]


@dataclass(frozen=True)
class Feeder:
    """The feeder once.

    text:   its document, of any copy.
    points: its usage points, by number.
    opens:  below each head: kind of device -> each, with the usage points below it, by number.
    """

    text: str
    points: tuple[int, ...]
    opens: tuple[Opens, ...]

    @classmethod
    def read(cls) -> Feeder:
        things = _read(ieee9500())
        _fuse_laterals(things)
        points = _serve(things)
        numbers = {mrid: number for number, mrid in enumerate(things)}
        text = "".join(_written(things, numbers))
        feeder = cls(text, tuple(numbers[mrid] for mrid in points), ())
        return cls(text, feeder.points, _opens(Network.empty().after(feeder.model(1))))

    def model(self, copies: int) -> Message:
        """One message with a model of each copy."""
        models = tuple(
            NetworkModel(mrid=name(n, 0), document=RdfXml(_document(self.text, n)))
            for n in range(copies)
        )
        return said(NetworkModels(network_model=models), "model", source="gis")

    def ties(self) -> tuple[int, ...]:
        """The numbers of the switches that supply somebody another way once they are closed."""
        network = Network.empty().after(self.model(1))
        switches = (d for d in sorted(network.devices) if network.device_kind(d) in SWITCHES)
        ties = (device for device in switches if not network.switch_closed(device))
        closing = ((tie, switched(tie, _ANY, SwitchActionKind.CLOSE)) for tie in ties)
        return tuple(
            _number(tie)
            for tie, closed in closing
            if not network.after(closed).is_supplied_like(network)
        )

    def zones(self, copies: int) -> list[Zone]:
        """What is below each head of each copy."""
        return [Zone(opens, partial(name, n)) for n in range(copies) for opens in self.opens]

    def point(self, number: int) -> str:
        """The mRID of a usage point, of all copies."""
        copy, place = divmod(number, len(self.points))
        return name(copy, self.points[place])


def name(copy: int, number: int) -> str:
    """The mRID of an object of a copy."""
    return f"{copy + 1:08x}-0000-4000-8000-{number:012x}"


def _read(path: Path) -> dict[str, _Thing]:
    """What connects, by mRID."""
    found: dict[str, _Thing] = {}
    for element in parse(path.read_bytes(), MODEL):
        kind = _local(element.tag)
        if kind in _EQUIPMENT or kind in _PARTS:
            thing = found[_target(element.get(f"{_RDF}about"))] = _Thing(kind, {}, {})
            for child in element:
                _take(thing, _local(child.tag), child.text, child.get(f"{_RDF}resource"))
    at = "Terminal.ConductingEquipment"
    return {mrid: thing for mrid, thing in found.items() if thing.links.get(at, mrid) in found}


def _take(thing: _Thing, what: str, text: str | None, resource: str | None) -> None:
    if what in _PROPERTIES and resource:
        thing.links[what] = _target(resource)
    elif what in _PROPERTIES or (what == _NAME and thing.kind in _EQUIPMENT):
        thing.texts[what] = text or ""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _target(iri: str | None) -> str:
    assert iri
    return iri.removeprefix("urn:uuid:")


def _fuse_laterals(things: dict[str, _Thing]) -> None:
    """A fuse before every lateral."""
    phases: dict[str, str] = defaultdict(str)
    for thing in things.values():
        if thing.kind == "ACLineSegmentPhase":
            phase = thing.links["ACLineSegmentPhase.phase"].rpartition(".")[2]
            phases[thing.links["ACLineSegmentPhase.ACLineSegment"]] += phase.replace("N", "")
    ends: dict[str, list[_Thing]] = defaultdict(list)
    for thing in things.values():
        if thing.kind == "Terminal":
            ends[thing.links["Terminal.ConductingEquipment"]].append(thing)
    lines = {mrid: phases.get(mrid, "ABC") for mrid in ends if things[mrid].kind == _LINE}
    at = "Terminal.ConnectivityNode"
    trunk = {end.links[at] for line, has in lines.items() if len(has) == 3 for end in ends[line]}
    for line, has in lines.items():
        joined = [end for end in ends[line] if end.links[at] in trunk]
        if "s" not in has and len(has) < 3 and len(joined) == 1:  # two: part of the trunk
            _fuse(things, joined[0], "".join(sorted(has)))


def _fuse(things: dict[str, _Thing], before: _Thing, phases: str) -> None:
    """A fuse between this terminal and where it has been."""
    number = len(things)
    line = things[before.links["Terminal.ConductingEquipment"]]
    fuse, node = f"fuse-{number}", f"node-{number}"
    home = "Equipment.EquipmentContainer"
    closed = {f"Switch.{what}": "false" for what in ("normalOpen", "open")}
    label = {_NAME: f"{line.texts[_NAME]}_fuse"}
    things[fuse] = _Thing(_FUSE, closed | label, {home: line.links[home]})
    things[node] = _Thing("ConnectivityNode", {}, {})
    ends = (before.links["Terminal.ConnectivityNode"], node)
    for end, at in enumerate(ends, 1):
        links = {
            "Terminal.ConductingEquipment": fuse,
            "Terminal.ConnectivityNode": at,
            "Terminal.phases": f"{_CIM}PhaseCode.{phases}",
        }
        sequence = {"ACDCTerminal.sequenceNumber": str(end)}
        things[f"terminal-{number}-{end}"] = _Thing("Terminal", sequence, links)
    before.links["Terminal.ConnectivityNode"] = node


def _serve(things: dict[str, _Thing]) -> list[str]:
    """Usage points for every load; their names."""
    loads = [mrid for mrid, thing in things.items() if thing.kind == "EnergyConsumer"]
    points = {f"{load}-{n}": load for load in loads for n in range(SERVICES)}
    for point, load in points.items():
        things[point] = _Thing("UsagePoint", {}, {"UsagePoint.Equipments": load})
    return list(points)


def _written(things: Mapping[str, _Thing], numbers: Mapping[str, int]) -> Iterator[str]:
    yield f'<rdf:RDF xmlns:rdf="{_RDF[1:-1]}" xmlns:cim="{_CIM}">\n'
    for mrid, thing in things.items():
        yield f'<cim:{thing.kind} rdf:about="{_urn(numbers[mrid])}">'
        yield from (f"<cim:{what}>{text}</cim:{what}>" for what, text in thing.texts.items())
        for what, to in thing.links.items():
            if to in numbers or to.startswith(_CIM):
                iri = _urn(numbers[to]) if to in numbers else to
                yield f'<cim:{what} rdf:resource="{iri}"/>'
        yield f"</cim:{thing.kind}>\n"
    yield "</rdf:RDF>\n"


def _urn(number: int) -> str:
    return f"urn:uuid:{_COPY}-0000-4000-8000-{number:012x}"


def _document(text: str, copy: int) -> bytes:
    return text.replace(_COPY, f"{copy + 1:08x}").encode()


# -- which device serves whom


def _opens(network: Network) -> tuple[Opens, ...]:
    """What may open below each head."""
    forest = Forest.of(network)
    found: dict[str, dict[str, list[tuple[int, tuple[int, ...]]]]]
    found = defaultdict(lambda: defaultdict(list))
    for device in forest.parent:
        path = list(_up(forest, device))
        heads = [one for one in path if network.device_kind(one) == _HEAD]
        if heads and any(forest.below[device]) and _shows(forest, device, path[1:]):
            points = tuple(sorted(map(_number, network.usage_points_below(device))))
            found[heads[-1]][_KINDS[network.device_kind(device)]].append((_number(device), points))
    return tuple(
        {kind: tuple(each) for kind, each in kinds.items()} for _, kinds in sorted(found.items())
    )


def _up(forest: Forest, device: str | None) -> Iterator[str]:
    while device is not None:
        yield device
        device = forest.parent[device]


def _shows(forest: Forest, device: str, above: Iterable[str]) -> bool:
    """Whether the customers that lose supply tell that it is this device which is open.

    They do not where the next one below serves just the same, or where they are all that one pole
    of a device above serves.
    """
    counts = forest.below[device]
    if any(forest.below[child] == counts for child in forest.children[device]):
        return False
    groups = [group for group in Group if counts[group]]
    return len(groups) > 1 or not any(
        forest.below[upper] != counts and forest.below[upper][groups[0]] == counts[groups[0]]
        for upper in above
    )


def _number(mrid: str) -> int:
    return int(mrid.rpartition("-")[2], 16)
