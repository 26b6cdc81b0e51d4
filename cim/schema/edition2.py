"""The schemas of nouns as the second edition of IEC 61968-100 wires them: a substitution group.

What is public of that edition (IEC 61968-100:2022): its namespace, and that the root of a payload
extends AbstractPayloadType and stands for AbstractPayload.  Payloads are the same in both editions.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from cim.parse import parse
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.schema.build import document, maker
from cim.schema.names import XS
from cim.schema.xsd import noun_xsd

EDITION_2 = "http://iec.ch/TC57/2021/schema/message"
ABSTRACT = "AbstractPayloadType.xsd"

_xs = maker(XS, {"xs": XS})


def files() -> dict[str, bytes]:
    """Every schema of a noun, and the one of what they stand for, by file name."""
    made = {f"{name}.xsd": noun_xsd_2(noun) for name, noun in NOUNS.items()}
    return {ABSTRACT: abstract_payload_xsd(), **made}


def noun_xsd_2(noun: type[Profile]) -> bytes:
    """The schema of `noun` for edition 2, derived from that of edition 1."""
    first = parse(noun_xsd(noun))
    prefixes: Any = {**first.nsmap, "part100": EDITION_2}
    root = etree.Element(first.tag, {str(k): str(v) for k, v in first.attrib.items()}, prefixes)
    root.append(_xs("import", namespace=EDITION_2, schemaLocation=ABSTRACT))
    root.extend(list(first))
    element = root.find(f"{{{XS}}}element")
    kind = root.find(f"{{{XS}}}complexType[@name='{noun.__name__}']")
    if element is None or kind is None:
        raise ValueError(f"the schema of {noun.__name__} declares no such element and type")
    element.set("substitutionGroup", "part100:AbstractPayload")
    content = kind.find(f"{{{XS}}}sequence")
    if content is not None:
        extension = _xs("extension", base="part100:AbstractPayloadType")
        kind.replace(content, _xs("complexContent", extension))
        extension.append(content)
    return document(root, f"{noun.__name__}, a profile of {noun.standard}, for edition 2.")


def abstract_payload_xsd() -> bytes:
    """What every payload of edition 2 stands for; inferred, the standard's own is not public."""
    root = maker(XS, {"xs": XS, "part100": EDITION_2})(
        "schema", targetNamespace=EDITION_2, elementFormDefault="qualified"
    )
    root.append(_xs("complexType", name="AbstractPayloadType", abstract="true"))
    root.append(
        _xs("element", name="AbstractPayload", type="part100:AbstractPayloadType", abstract="true")
    )
    return document(root, "What a payload of IEC 61968-100 ed.2 stands for; inferred.")
