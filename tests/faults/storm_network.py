"""The network of the kill test of a storm: feeders that are made up.

Every feeder has a breaker at its head and a recloser halfway; behind each of the two there are ten
laterals behind fuses, each with ten transformers of five services: 1,000 usage points in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from benchmarks.storms import Zone, said
from cim.message import Message
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels

ZONES, LATERALS, TRANSFORMERS, SERVICES = 2, 10, 10, 5
FEEDER = ZONES * LATERALS * TRANSFORMERS * SERVICES
"""Usage points of one feeder."""

_MODEL, _FEEDER, _NODE, _SOURCE, _DEVICE, _LOAD, _POINT, _LINE = range(1, 9)
_SIZES = (25_000, 50_000, 75_000)  # volt-amperes of transformers, by turns


def model(feeders: int) -> Message:
    """One message with a model of each feeder."""
    models = tuple(
        NetworkModel(mrid=_mrid(_MODEL, n), document=RdfXml(_document(n))) for n in range(feeders)
    )
    return said(NetworkModels(network_model=models), "model", source="gis")


# -- which device serves whom


def zones(feeders: int) -> list[Zone]:
    """What may open on each feeder."""
    return [Zone(_opens(feeder), _called) for feeder in range(feeders)]


def _opens(feeder: int) -> dict[str, list[tuple[int, list[int]]]]:
    """The devices of each kind, and the usage points below each; the recloser serves one zone."""
    half = FEEDER // ZONES
    opens = {
        "breaker": [(0, range(FEEDER))],
        "recloser": [(1, range(half, FEEDER))],
        "fuse": _below(2, TRANSFORMERS * SERVICES),
        "transformer": _below(2 + ZONES * LATERALS, SERVICES),
    }
    base = feeder * FEEDER
    return {
        kind: [
            (_number(_DEVICE, _device(feeder, at)), [_number(_POINT, base + n) for n in points])
            for at, points in some
        ]
        for kind, some in opens.items()
    }


def volt_amperes(feeders: int) -> Mapping[str, int]:
    """Usage point -> its share of its transformer."""
    many = range(feeders * FEEDER)
    return {_mrid(_POINT, n): _size(n // SERVICES) // SERVICES for n in many}


def _size(transformer: int) -> int:
    return _SIZES[transformer % len(_SIZES)]


def _below(first: int, size: int) -> list[tuple[int, range]]:
    return [(first + n, range(n * size, (n + 1) * size)) for n in range(FEEDER // size)]


def _device(feeder: int, place: int) -> int:
    return feeder * (2 + ZONES * LATERALS * (1 + TRANSFORMERS)) + place


def _mrid(kind: int, number: int) -> str:
    return _called(_number(kind, number))


def _number(kind: int, number: int) -> int:
    return kind << 96 | 0x4000_8000 << 48 | number


def _called(number: int) -> str:
    return str(UUID(int=number))


# -- the documents


def _document(feeder: int) -> bytes:
    body = "".join(_pieces(feeder))
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:cim="http://iec.ch/TC57/CIM100#">\n{body}</rdf:RDF>\n'
    ).encode()


def _pieces(feeder: int) -> Iterator[str]:
    nodes = 3 + 2 * ZONES * LATERALS * (1 + TRANSFORMERS)
    node = feeder * nodes
    yield _object("Feeder", _FEEDER, feeder, f"F{feeder}")
    for n in range(nodes):
        yield _object("ConnectivityNode", _NODE, node + n, f"N{feeder}-{n}")
    yield _object("EnergySource", _SOURCE, feeder, f"S{feeder}")
    yield _terminal(_SOURCE, feeder, 1, node)
    yield _switch("Breaker", feeder, 0, node, node + 1)
    yield _switch("Recloser", feeder, 1, node + 1, node + 2)
    free = node + 3
    for lateral in range(ZONES * LATERALS):
        zone = node + 1 + lateral // LATERALS
        yield _switch("Fuse", feeder, 2 + lateral, zone, free)
        here, free = free, free + 1
        for transformer in range(TRANSFORMERS):
            place = lateral * TRANSFORMERS + transformer
            number = feeder * ZONES * LATERALS * TRANSFORMERS + place
            yield _line(number, feeder, here, free)
            at = 2 + ZONES * LATERALS + place
            yield from _transformer(feeder, at, _size(number), free, free + 1)
            yield from _services(feeder, number, free + 1)
            here, free = free, free + 2


def _services(feeder: int, load: int, node: int) -> Iterator[str]:
    home = _link("Equipment.EquipmentContainer", _FEEDER, feeder)
    yield _object("EnergyConsumer", _LOAD, load, f"L{load}", home)
    yield _terminal(_LOAD, load, 1, node)
    for n in range(SERVICES):
        number = load * SERVICES + n
        where = _link("UsagePoint.Equipments", _LOAD, load)
        yield _object("UsagePoint", _POINT, number, f"U{number}", where)


def _switch(kind: str, feeder: int, place: int, a: int, b: int) -> str:
    number = _device(feeder, place)
    position = "".join(f"<cim:Switch.{at}>false</cim:Switch.{at}>" for at in ("normalOpen", "open"))
    home = _link("Equipment.EquipmentContainer", _FEEDER, feeder)
    return (
        _object(kind, _DEVICE, number, f"{kind[0]}{feeder}-{place}", position + home)
        + _terminal(_DEVICE, number, 1, a)
        + _terminal(_DEVICE, number, 2, b)
    )


def _transformer(feeder: int, place: int, size: int, a: int, b: int) -> Iterator[str]:
    number = _device(feeder, place)
    home = _link("Equipment.EquipmentContainer", _FEEDER, feeder)
    yield _object("PowerTransformer", _DEVICE, number, f"T{feeder}-{place}", home)
    for end, (node, volts) in enumerate(((a, 7200), (b, 240)), start=1):
        yield _terminal(_DEVICE, number, end, node)
        yield _object(
            "PowerTransformerEnd",
            _DEVICE + 16 * (2 + end),
            number,
            f"T{feeder}-{place}-{end}",
            _link("PowerTransformerEnd.PowerTransformer", _DEVICE, number)
            + _link("TransformerEnd.Terminal", _DEVICE + 16 * end, number)
            + f"<cim:TransformerEnd.endNumber>{end}</cim:TransformerEnd.endNumber>"
            + f"<cim:PowerTransformerEnd.ratedU>{volts}</cim:PowerTransformerEnd.ratedU>"
            + f"<cim:PowerTransformerEnd.ratedS>{size}</cim:PowerTransformerEnd.ratedS>",
        )


def _line(number: int, feeder: int, a: int, b: int) -> str:
    home = _link("Equipment.EquipmentContainer", _FEEDER, feeder)
    return (
        _object("ACLineSegment", _LINE, number, f"W{number}", home)
        + _terminal(_LINE, number, 1, a)
        + _terminal(_LINE, number, 2, b)
    )


def _object(kind: str, of: int, number: int, name: str, more: str = "") -> str:
    mrid = _mrid(of, number)
    return (
        f'<cim:{kind} rdf:about="urn:uuid:{mrid}">'
        f"<cim:IdentifiedObject.mRID>{mrid}</cim:IdentifiedObject.mRID>"
        f"<cim:IdentifiedObject.name>{name}</cim:IdentifiedObject.name>{more}</cim:{kind}>\n"
    )


def _terminal(of: int, number: int, end: int, node: int) -> str:
    return (
        f'<cim:Terminal rdf:about="urn:uuid:{_mrid(of + 16 * end, number)}">'
        f"<cim:ACDCTerminal.sequenceNumber>{end}</cim:ACDCTerminal.sequenceNumber>"
        f"{_link('Terminal.ConductingEquipment', of, number)}"
        f"{_link('Terminal.ConnectivityNode', _NODE, node)}</cim:Terminal>\n"
    )


def _link(name: str, of: int, number: int) -> str:
    return f'<cim:{name} rdf:resource="urn:uuid:{_mrid(of, number)}"/>'
