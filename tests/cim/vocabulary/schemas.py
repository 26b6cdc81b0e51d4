"""Schemas of our own in the dialects that are read, all of one small part of a made-up CIM."""

from __future__ import annotations

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"
  xmlns:cims="http://iec.ch/TC57/1999/rdf-schema-extensions-19990926#"
  xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:uml="http://langdale.com.au/2005/UML#"
  xmlns:owl="http://www.w3.org/2002/07/owl#">
"""
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
CIMS = "http://iec.ch/TC57/1999/rdf-schema-extensions-19990926#"
OWL = "http://www.w3.org/2002/07/owl#"
UML = "http://iec.ch/TC57/NonStandard/UML#"
TOOL = "http://langdale.com.au/2005/UML#"
CIM, OWN = "urn:cim#", "urn:own#"


def node(about: str, kind: str, *said: str) -> str:
    """A description of `about`, whose type is `kind`; `said` are its further elements."""
    name = "nodeID" if about.startswith("_:") else "about"
    body = "".join(f"    {line}\n" for line in said)
    return f"""  <rdf:Description rdf:{name}="{about.removeprefix("_:")}">
{body}    <rdf:type rdf:resource="{kind}"/>
  </rdf:Description>
"""


def to(name: str, target: str) -> str:
    if target.startswith("_:"):
        return f'<{name} rdf:nodeID="{target[2:]}"/>'
    return f'<{name} rdf:resource="{target}"/>'


def say(name: str, text: str) -> str:
    return f"<{name}>{text}</{name}>"


def document(*nodes: str) -> bytes:
    return f"{_HEAD}{''.join(nodes)}</rdf:RDF>\n".encode()


def many(number: str) -> str:
    return to("cims:multiplicity", f"{CIMS}M:{number}")


CONCRETE = to("cims:stereotype", f"{UML}concrete")
CLASS, PROPERTY = f"{RDFS}Class", f"{RDF}Property"

BODY = (
    node(f"{CIM}Thing", CLASS),
    node(f"{CIM}Thing.name", PROPERTY, to("rdfs:domain", f"{CIM}Thing"), many("0..1"),
         to("cims:dataType", f"{CIM}String")),
    node(f"{CIM}Pole", CLASS, to("rdfs:subClassOf", f"{CIM}Thing"), CONCRETE),
    node(f"{CIM}Pole.height", PROPERTY, to("rdfs:domain", f"{CIM}Pole"), many("1..1"),
         to("cims:dataType", f"{CIM}Length")),
    node(f"{CIM}Pole.wood", PROPERTY, to("rdfs:domain", f"{CIM}Pole"), many("1"),
         to("rdfs:range", f"{CIM}WoodKind")),
    node(f"{CIM}Pole.Wires", PROPERTY, to("rdfs:domain", f"{CIM}Pole"), many("0..n"),
         to("rdfs:range", f"{CIM}Wire"), to("cims:inverseRoleName", f"{CIM}Wire.Poles"),
         say("cims:AssociationUsed", "No")),
    node(f"{CIM}Wire", CLASS, to("rdfs:subClassOf", f"{CIM}Thing"), CONCRETE,
         say("cims:stereotype", "Description")),
    node(f"{OWN}Wire.Poles", PROPERTY, to("rdfs:domain", f"{CIM}Wire"), many("1..2"),
         to("rdfs:range", f"{CIM}Pole"), to("cims:inverseRoleName", f"{CIM}Pole.Wires"),
         say("cims:AssociationUsed", "Yes")),
    node(f"{CIM}WoodKind", CLASS, to("cims:stereotype", f"{UML}enumeration")),
    node(f"{CIM}WoodKind.pine", f"{CIM}WoodKind", say("cims:stereotype", "enum")),
    node(f"{OWN}WoodKind.larch", f"{CIM}WoodKind", say("cims:stereotype", "enum")),
    node(f"{CIM}String", CLASS, say("cims:stereotype", "Primitive")),
    node(f"{CIM}Float", CLASS, say("cims:stereotype", "Primitive")),
    node(f"{CIM}Length", CLASS, say("cims:stereotype", "CIMDatatype")),
    node(f"{CIM}Length.value", PROPERTY, to("rdfs:domain", f"{CIM}Length"),
         to("cims:dataType", f"{CIM}Float")),
    node(f"{CIM}Length.unit", PROPERTY, to("rdfs:domain", f"{CIM}Length"),
         to("rdfs:range", f"{CIM}UnitSymbol"), say("cims:isFixed", "m")),
    node(f"{CIM}Length.multiplier", PROPERTY, to("rdfs:domain", f"{CIM}Length"),
         to("rdfs:range", f"{CIM}UnitMultiplier"), say("cims:isFixed", "k")),
    node(f"{CIM}Place", CLASS, say("cims:stereotype", "Compound")),
)  # fmt: skip

RDFS2020 = document(
    node(
        f"{OWN}Ontology",
        f"{OWL}Ontology",
        say("dcat:keyword", "PL"),
        to("owl:versionIRI", "http://example.org/poles/1"),
    ),
    *BODY,
)
RDFS2019 = document(
    node(f"{OWN}Package_Poles", f"{CIMS}ClassCategory", say("rdfs:label", "Poles")), *BODY
)
OLDER = document(
    *BODY,
    node(f"{CIM}PolesVersion", CLASS, CONCRETE),
    node(f"{CIM}PolesVersion.uri", PROPERTY, to("rdfs:domain", f"{CIM}PolesVersion"), many("1"),
         to("cims:dataType", f"{CIM}String"), say("cims:isFixed", "http://example.org/old/1")),
)  # fmt: skip


def restriction(name: str, on: str, *said: str) -> str:
    return node(name, f"{OWL}Restriction", to("owl:onProperty", on), *said)


def below(*names: str) -> tuple[str, ...]:
    return tuple(to("rdfs:subClassOf", name) for name in names)


MADE = "urn:made#"
CANONICAL = document(
    node(f"{MADE}Thing", f"{OWL}Class", *below(f"{CIM}Thing", "_:n")),
    node(f"{MADE}Pole1", f"{OWL}Class",
         *below(f"{CIM}Pole", f"{MADE}Thing", "_:h", "_:k", "_:k1", "_:w", "_:l", "_:c")),
    node(f"{MADE}Wire", f"{OWL}Class", *below(f"{CIM}Wire", f"{MADE}Thing")),
    node(f"{MADE}WoodKind", f"{OWL}Class", *below(f"{CIM}WoodKind"), to("owl:oneOf", "_:l1")),
    node("_:l1", f"{RDF}List", to("rdf:first", f"{CIM}WoodKind.pine"), to("rdf:rest", "_:l2")),
    node("_:l2", f"{RDF}List", to("rdf:first", f"{OWN}WoodKind.larch"),
         to("rdf:rest", f"{RDF}nil")),
    restriction("_:n", f"{CIM}Thing.name", to("owl:allValuesFrom", "_:nt"),
                say("owl:minCardinality", "1")),
    node("_:nt", f"{RDFS}Datatype", to("uml:hasStereotype", f"{TOOL}attribute"),
         to("owl:equivalentClass", "http://www.w3.org/2001/XMLSchema#string")),
    restriction("_:h", f"{CIM}Pole.height", to("owl:allValuesFrom", "_:ht")),
    node("_:ht", f"{RDFS}Datatype", to("uml:hasStereotype", f"{TOOL}attribute"),
         to("owl:equivalentClass", f"{CIM}Length")),
    restriction("_:k", f"{OWN}Pole.wood", to("owl:allValuesFrom", "_:kt")),
    restriction("_:k1", f"{OWN}Pole.wood", say("owl:maxCardinality", "1")),
    node("_:kt", f"{OWL}Class", to("uml:hasStereotype", f"{TOOL}attribute"),
         to("rdfs:subClassOf", f"{CIM}WoodKind")),
    restriction("_:w", f"{CIM}Pole.Wires", to("owl:allValuesFrom", "_:wt")),
    node("_:wt", f"{OWL}Class", to("rdfs:subClassOf", f"{CIM}Wire")),
    restriction("_:l", f"{CIM}Pole.Lost", to("owl:allValuesFrom", "_:lt"),
                say("owl:maxCardinality", "1")),
    node("_:lt", f"{OWL}Class", say("rdfs:label", "Lost")),
    restriction("_:c", f"{CIM}Pole.Place", to("owl:allValuesFrom", "_:ct")),
    node("_:ct", f"{OWL}Class", to("rdfs:subClassOf", f"{CIM}Place")),
    node(f"{MADE}Place", f"{OWL}Class", *below(f"{CIM}Place"),
         to("uml:hasStereotype", f"{TOOL}compound")),
    node(f"{OWL}Thing", f"{OWL}Class"),
)  # fmt: skip
