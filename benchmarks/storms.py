"""A network of many feeders and a storm over it, of which it is known what truly happened.

Every feeder has a breaker at its head and a recloser halfway; behind each of the two there are ten
laterals behind fuses, each with ten transformers of five services: 1,000 usage points in all.  A
transformer is drawn as its fuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from cim.message import Header, Kind, Message, Verb
from cim.profile import Profile, RdfXml, Reference
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.premises import ServiceLocation
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets

ZONES, LATERALS, TRANSFORMERS, SERVICES = 2, 10, 10, 5
FEEDER = ZONES * LATERALS * TRANSFORMERS * SERVICES
"""Usage points of one feeder."""

DELIVERY = 0.9
"""Share of the last gasps that get through."""

_LOST, _RESTORED = Reference("3.26.0.85"), Reference("3.26.0.216")
_MODEL, _FEEDER, _NODE, _SOURCE, _DEVICE, _LOAD, _POINT, _LINE = range(1, 9)
_SHARES = {"breaker": 0.8, "recloser": 0.178, "fuse": 0.02, "transformer": 0.002}
"""Of all that go dark, below which kind of device."""


def model(feeders: int) -> Message:
    """One message with a model of each feeder."""
    models = tuple(
        NetworkModel(mrid=_mrid(_MODEL, n), document=RdfXml(_document(n))) for n in range(feeders)
    )
    return said(NetworkModels(network_model=models), "model", source="gis")


def said(payload: Profile, identity: str, source: str) -> Message:
    """An event as its source sends it."""
    header = Header(
        verb=Verb.CREATED, noun=type(payload).__name__, source=source, message_id=identity
    )
    return Message(header=header, kind=Kind.EVENT, payload=payload)


@dataclass(frozen=True)
class Storm:
    """What happens, and what is heard of it.

    devices: the devices that truly open.
    dark:    the usage points below them.
    gasps:   seconds after the beginning at which a last gasp is sent, and the usage point.
    calls:   the same of calls.
    """

    devices: frozenset[str]
    dark: frozenset[str]
    gasps: Sequence[tuple[float, str]]
    calls: Sequence[tuple[float, str]]


def storm(feeders: int, dark: int, calls: int, seconds: float = 60.0, seed: int = 7) -> Storm:
    """A storm in which some `dark` usage points go dark and so many of their customers call.

    No device opens above or below another one.
    """
    random = Random(seed)  # noqa: S311
    order = random.sample(range(feeders), feeders)
    devices, gasps, out = set[str](), list[tuple[float, str]](), list[tuple[float, str]]()
    for kind, share in _SHARES.items():
        left = dark * share
        while left >= _size(kind) / 2 and order:
            device, points = _open(kind, order.pop(), random)
            devices.add(device)
            at = random.uniform(0.0, seconds * 0.8)
            out += [(at, point) for point in points]
            heard = [point for point in points if random.random() < DELIVERY]
            gasps += [(at + random.uniform(0.0, seconds * 0.2), point) for point in heard]
            left -= len(points)
    called = random.sample(out, min(calls, len(out)))
    rung = [(at + random.uniform(0.0, seconds - at), point) for at, point in called]
    dark_ones = frozenset(point for _, point in out)
    return Storm(frozenset(devices), dark_ones, sorted(gasps), sorted(rung))


def meters(
    words: Sequence[tuple[datetime, str]], number: int, *, restored: bool = False
) -> Message:
    """One message of the head-end: that so many usage points lost power, or have it again, then."""
    code = _RESTORED if restored else _LOST
    events = tuple(
        EndDeviceEvent(
            created_date_time=at, end_device_event_type=code, usage_point=UsagePoint(mrid=point)
        )
        for at, point in words
    )
    return said(EndDeviceEvents(end_device_event=events), f"meters-{number}", "ami")


def call(point: str, at: datetime, number: int) -> Message:
    """One call of a customer."""
    ticket = TroubleTicket(
        mrid=_mrid(99, number),
        date_time_of_report=at,
        names=(Name(name=f"call-{number}"),),
        service_location=ServiceLocation(usage_points=(UsagePoint(mrid=point),)),
    )
    return said(TroubleTickets(trouble_ticket=(ticket,)), f"call-{number}", "ivr")


# -- which device serves whom


def _size(kind: str) -> int:
    return {"breaker": FEEDER, "recloser": FEEDER // ZONES,
            "fuse": TRANSFORMERS * SERVICES, "transformer": SERVICES}[kind]  # fmt: skip


def _open(kind: str, feeder: int, random: Random) -> tuple[str, list[str]]:
    """A device of that kind on a feeder, and the usage points below it."""
    size = _size(kind)
    first = 0 if kind == "breaker" else random.randrange(FEEDER // size) * size
    if kind == "recloser":
        first = FEEDER // ZONES  # the second zone: nothing else lies behind its recloser
    at = {"breaker": 0, "recloser": 1, "fuse": 2 + first // size,
          "transformer": 2 + ZONES * LATERALS + first // size}[kind]  # fmt: skip
    base = feeder * FEEDER + first
    return _mrid(_DEVICE, _device(feeder, at)), [point(base + n) for n in range(size)]


def point(number: int) -> str:
    """The mRID of a usage point."""
    return _mrid(_POINT, number)


def _device(feeder: int, place: int) -> int:
    return feeder * (2 + ZONES * LATERALS * (1 + TRANSFORMERS)) + place


def _mrid(kind: int, number: int) -> str:
    return str(UUID(int=kind << 96 | 0x4000_8000 << 48 | number))


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
            yield _line(feeder * ZONES * LATERALS * TRANSFORMERS + place, feeder, here, free)
            at = 2 + ZONES * LATERALS + place
            yield _switch("Fuse", feeder, at, free, free + 1)
            yield from _services(feeder, place, free + 1)
            here, free = free, free + 2


def _services(feeder: int, transformer: int, node: int) -> Iterator[str]:
    load = feeder * ZONES * LATERALS * TRANSFORMERS + transformer
    home = _link("Equipment.EquipmentContainer", _FEEDER, feeder)
    yield _object("EnergyConsumer", _LOAD, load, f"L{load}", home)
    yield _terminal(_LOAD, load, 1, node)
    for n in range(SERVICES):
        number = feeder * FEEDER + transformer * SERVICES + n
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
