"""CIM documents of synthetic feeders (`benchmarks.radial`), one document a feeder."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.radial import FEEDER, Radial

_BEGIN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rdf:RDF xmlns:cim="http://iec.ch/TC57/CIM100#" '
    'xmlns:md="http://iec.ch/TC57/61970-552/ModelDescription/1#" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
)
_END = "</rdf:RDF>\n"
_PHASES = "http://iec.ch/TC57/CIM100#PhaseCode.ABC"
_MODEL, _FEEDER, _NODE, _SOURCE, _WAY, _LOAD, _POINT = range(1, 8)
_SERVED = 4
"""Every so many nodes there is a consumer with a usage point."""


def documents(network: Radial) -> Iterator[tuple[str, bytes]]:
    """Name and document of each feeder; ties stand in the document of their first node's feeder.

    Every feeder has FEEDER nodes on three phases, a source at its head, a switch for every tenth
    line and a usage point for every fourth node.
    """
    order = (network.a // FEEDER).argsort(kind="stable")
    a, b = network.a[order].tolist(), network.b[order].tolist()
    is_switch = network.is_switch[order].tolist()
    is_closed = network.is_closed[order].tolist()
    starts = (network.a[order] // FEEDER).searchsorted(range(network.count // FEEDER + 1)).tolist()
    for number in range(network.count // FEEDER):
        edges = range(starts[number], starts[number + 1])
        pieces = [_BEGIN, _head(number)]
        pieces += [_node(node) for node in range(number * FEEDER, (number + 1) * FEEDER)]
        pieces += [_way(e, a[e], b[e], is_switch[e], is_closed[e]) for e in edges]
        pieces.append(_END)
        yield f"feeder-{number:04}.xml", "".join(pieces).encode()


def node(number: int) -> str:
    """The mRID of a node."""
    return _mrid(_NODE, number)


def usage_point(number: int) -> str:
    """The mRID of the usage point at a node whose number is a multiple of four."""
    return _mrid(_POINT, number)


def _mrid(kind: int, number: int) -> str:
    return f"{kind:08X}-0000-4000-8000-{number:012X}"


def _object(kind: str, mrid: str, *said: str) -> str:
    inside = "".join(f"  {one}\n" for one in said)
    return f'<cim:{kind} rdf:about="urn:uuid:{mrid}">\n{inside}</cim:{kind}>\n'


def _text(name: str, value: object) -> str:
    return f"<cim:{name}>{value}</cim:{name}>"


def _link(name: str, kind: int, number: int) -> str:
    return f'<cim:{name} rdf:resource="urn:uuid:{_mrid(kind, number)}"/>'


def _named(kind: int, number: int, name: str) -> tuple[str, str]:
    mrid = _text("IdentifiedObject.mRID", _mrid(kind, number))
    return mrid, _text("IdentifiedObject.name", name)


def _head(number: int) -> str:
    identity = _mrid(_MODEL, number)
    header = (
        f'<md:FullModel rdf:about="urn:uuid:{identity}">\n'
        f"  <md:Model.created>2026-01-01T00:00:00Z</md:Model.created>\n"
        f"  <md:Model.profile>http://iec.ch/TC57/CIM100</md:Model.profile>\n"
        f"</md:FullModel>\n"
    )
    head = number * FEEDER
    return header + "".join(
        (
            _object("Feeder", _mrid(_FEEDER, number), *_named(_FEEDER, number, f"F{number}")),
            _object(
                "EnergySource",
                _mrid(_SOURCE, head),
                *_named(_SOURCE, head, f"S{number}"),
                _text("EnergySource.nominalVoltage", 12470),
            ),
            _terminal(_SOURCE, head, 1, head),
        )
    )


def _node(number: int) -> str:
    described = _object("ConnectivityNode", node(number), *_named(_NODE, number, f"n{number}"))
    if number % _SERVED:
        return described
    return "".join(
        (
            described,
            _object(
                "EnergyConsumer",
                _mrid(_LOAD, number),
                *_named(_LOAD, number, f"c{number}"),
                _text("EnergyConsumer.p", 1200),
                _text("EnergyConsumer.q", 300),
                _link("Equipment.EquipmentContainer", _FEEDER, number // FEEDER),
            ),
            _terminal(_LOAD, number, 1, number),
            _object(
                "UsagePoint",
                usage_point(number),
                *_named(_POINT, number, f"u{number}"),
                _link("UsagePoint.Equipments", _LOAD, number),
            ),
        )
    )


def _way(number: int, a: int, b: int, is_switch: bool, is_closed: bool) -> str:
    kind = "LoadBreakSwitch" if is_switch else "ACLineSegment"
    is_open = "false" if is_closed else "true"
    said = (
        (_text("Switch.normalOpen", is_open), _text("Switch.open", is_open))
        if is_switch
        else (_text("Conductor.length", 45),)
    )
    return "".join(
        (
            _object(
                kind,
                _mrid(_WAY, number),
                *_named(_WAY, number, f"w{number}"),
                *said,
                _link("Equipment.EquipmentContainer", _FEEDER, a // FEEDER),
            ),
            _terminal(_WAY, number, 1, a),
            _terminal(_WAY, number, 2, b),
        )
    )


def _terminal(kind: int, number: int, end: int, at: int) -> str:
    return _object(
        "Terminal",
        _mrid(kind + 16 * end, number),
        _text("ACDCTerminal.sequenceNumber", end),
        f'<cim:Terminal.phases rdf:resource="{_PHASES}"/>',
        _link("Terminal.ConductingEquipment", kind, number),
        _link("Terminal.ConnectivityNode", _NODE, at),
    )
