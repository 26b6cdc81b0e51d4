"""CIM RDF/XML written by hand, small, for tests of single objects."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from cim.electrical import view
from cim.model.model import Model
from cim.model.read import read

CIM = "http://iec.ch/TC57/CIM100#"
Objects = Mapping[str, Mapping[str, str]]
"""By "Class id", what is said: by property a literal, "#id" for an object, "~X.y" for a value."""


def document(objects: Objects, namespace: str = CIM, header: str = "") -> bytes:
    """The document that says this; the class goes before a property that has no dot."""
    named = [(key.split(), said) for key, said in objects.items()]
    parts = [element(kind, identity, said) for (kind, identity), said in named]
    text = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:cim="{namespace}">{header}{"".join(parts)}</rdf:RDF>'
    )
    return text.encode()


def model(objects: Objects, namespace: str = CIM, header: str = "") -> Model:
    """The model that says this."""
    return read(document(objects, namespace, header))


def viewed(*objects: Objects, frequency: float | None = 60.0) -> view.View:
    """The electrical view of all these objects."""
    return view.read(
        model({k: v for some in objects for k, v in some.items()}), frequency=frequency
    )


def element(kind: str, identity: str, said: Mapping[str, str]) -> str:
    """An object as RDF/XML."""
    inner = "".join(
        _property(name if "." in name else f"{kind}.{name}", text)
        for name, value in said.items()
        for text in value.split("|")
    )
    return f'<cim:{kind} rdf:about="#_{identity}">{inner}</cim:{kind}>'


def _property(name: str, value: str) -> str:
    if value.startswith("#"):
        return f'<cim:{name} rdf:resource="#_{value[1:]}"/>'
    if value.startswith("~"):
        return f'<cim:{name} rdf:resource="{CIM}{value[1:]}"/>'
    return f"<cim:{name}>{escape(value)}</cim:{name}>"


def terminals(equipment: str, *nodes: str, phases: str = "") -> dict[str, dict[str, str]]:
    """Terminals of equipment at these nodes, named after it: l_t1, l_t2 ..."""
    found: dict[str, dict[str, str]] = {}
    for number, node in enumerate(nodes, 1):
        found[f"Terminal {equipment}_t{number}"] = {
            "ConductingEquipment": f"#{equipment}",
            "ConnectivityNode": f"#{node}",
            "ACDCTerminal.sequenceNumber": str(number),
            **({"phases": f"~PhaseCode.{phases}"} if phases else {}),
        }
        found[f"ConnectivityNode {node}"] = {}
    return found


def line(
    identity: str, said: Mapping[str, str], phases: str = "", nodes: tuple[str, str] = ("n1", "n2")
) -> dict[str, dict[str, str]]:
    """An ACLineSegment with its terminals and a phase object for each letter of `phases`."""
    objects: dict[str, dict[str, str]] = {
        f"ACLineSegment {identity}": dict(said),
        **terminals(identity, *nodes),
    }
    for number, phase in enumerate(phases, 1):
        objects[f"ACLineSegmentPhase {identity}_{phase}"] = {
            "ACLineSegment": f"#{identity}",
            "phase": f"~SinglePhaseKind.{phase}",
            "sequenceNumber": str(number),
        }
    return objects


def matrix(identity: str, entries: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """A PerLengthPhaseImpedance; entries "row,column" to "r x" or "r x b"."""
    objects: dict[str, dict[str, str]] = {f"PerLengthPhaseImpedance {identity}": {}}
    for place, values in entries.items():
        row, column = place.split(",")
        r, x, *b = values.split()
        objects[f"PhaseImpedanceData {identity}_{row}_{column}"] = {
            "PhaseImpedance": f"#{identity}",
            "row": row,
            "column": column,
            "r": r,
            "x": x,
            **({"b": b[0]} if b else {}),
        }
    return objects
