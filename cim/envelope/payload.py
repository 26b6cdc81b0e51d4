"""Read a payload: a noun in XML or RDF, plain or compressed, an operation set, or ids."""

from __future__ import annotations

from typing import NoReturn

from lxml import etree

from cim import hollow, rdf, xml
from cim.cut import root_name
from cim.envelope.aliases import canonical
from cim.envelope.compression import unpack
from cim.envelope.parts import Parts, flag_of, id_of, integer_of
from cim.message import Format, ObjectId, Operation, OperationSet, Verb
from cim.parse import MODEL, Limits, parse
from cim.places import local_name, place_of
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.profiles.network_models import NetworkModels
from cim.schema.names import MESSAGE, RDF
from cim.validation import violations
from cim.violation import Refusal

Payload = Profile | OperationSet | tuple[ObjectId, ...]
_FORMAT, _COMPRESSED, _ID, _SET, _OPERATION = (
    f"{{{MESSAGE}}}{name}" for name in ("Format", "Compressed", "ID", "OperationSet", "Operation")
)


def payload_of(
    element: etree._Element | None, noun: str, limits: Limits
) -> tuple[Payload | None, Format | None, bool]:
    """The payload of a message about `noun`, how a noun was written, and whether compressed."""
    parts = [] if element is None else [e for e in element if e.tag != _FORMAT]
    if not parts:
        return None, None, False
    first = parts[0]
    if all(part.tag == _ID for part in parts):
        return tuple(map(id_of, parts)), None, False
    _only(first, parts)
    if first.tag == _SET:
        return _operation_set(first, noun), None, False
    if first.tag == _COMPRESSED:
        return *_inflated(first, noun, limits), True
    return _noun(first, noun), _format(first), False


def _only(first: etree._Element, parts: list[etree._Element]) -> None:
    if len(parts) > 1:
        line, xpath = place_of(parts[1])
        rule = f"The payload holds {local_name(first)} and {local_name(parts[1])}"
        rule += f", {len(parts)} elements in all; only one may be there."
        raise Refusal.of("3.1", rule, line=line, xpath=xpath)


def _format(element: etree._Element) -> Format:
    return Format.RDF if _is_rdf(element) else Format.XML


def _is_rdf(element: etree._Element) -> bool:
    return bool(element.tag == f"{{{RDF}}}RDF")


def _noun(element: etree._Element, noun: str) -> Profile:
    """The noun in `element`, which must be `noun`."""
    profile = NOUNS.get(noun)
    if profile is None:
        _differs(element, noun)
    if _is_rdf(element):
        return _from_rdf(element, profile)
    if local_name(element) in NOUNS and local_name(element) != noun:
        _differs(element, noun)
    if broken := violations(element):
        raise Refusal(broken)
    return xml.decode(element)


def _from_rdf(element: etree._Element, profile: type[Profile]) -> Profile:
    """RDF has no XSD, so the payload is held against that of its XML."""
    payload = rdf.decode(element, profile)
    broken = () if profile is NetworkModels else violations(xml.encode(payload))
    if broken:
        raise Refusal(broken)
    return payload


def _differs(element: etree._Element, noun: str) -> NoReturn:
    line, xpath = place_of(element)
    rule = f"The header says {noun}, but the payload is {local_name(element)}."
    raise Refusal.of("2.5", rule, line=line, xpath=xpath, value=local_name(element))


def _inflated(element: etree._Element, noun: str, limits: Limits) -> tuple[Profile, Format]:
    """What is inside Compressed; models may be larger than any other message."""
    if noun == NetworkModels.__name__:
        return _models(unpack(element.text or "", MODEL.bytes))
    inner = parse(unpack(element.text or "", limits.bytes), limits)
    canonical(inner)
    return _noun(inner, noun), _format(inner)


def _models(data: bytes) -> tuple[Profile, Format]:
    if root_name(data, MODEL) == f"{RDF}\nRDF":
        return rdf.read(data), Format.RDF
    around, documents = hollow.cut_out(data)
    inner = parse(around, MODEL)
    canonical(inner)
    payload = _noun(inner, NetworkModels.__name__)
    if documents and isinstance(payload, NetworkModels):
        payload = hollow.filled(payload, documents)
    return payload, _format(inner)


def _operation_set(element: etree._Element, noun: str) -> OperationSet:
    parts = Parts(element)
    return OperationSet(
        enforce_msg_sequence=parts.one("enforceMsgSequence", flag_of),
        enforce_transactional_integrity=parts.one("enforceTransactionalIntegrity", flag_of),
        operations=tuple(_operation(e, noun) for e in element.iterchildren(_OPERATION)),
    )


def _operation(element: etree._Element, noun: str) -> Operation:
    parts = Parts(element)
    own = parts.text("noun")
    foreign = [e for e in element if not e.tag.startswith(f"{{{MESSAGE}}}")]
    return Operation(
        operation_id=parts.one("operationId", integer_of) or 0,
        noun=own,
        verb=parts.one("verb", _verb),
        element_operation=parts.one("elementOperation", flag_of),
        payload=_noun(foreign[0], own or noun) if foreign else None,
    )


def _verb(element: etree._Element) -> Verb:
    text = element.text or ""
    if text not in list(Verb):
        line, xpath = place_of(element)
        rule = f"The verb {text[:80]!r} is unknown; it must be one of {', '.join(Verb)}."
        raise Refusal.of("2.9", rule, line=line, xpath=xpath, value=text[:80])
    return Verb(text)
