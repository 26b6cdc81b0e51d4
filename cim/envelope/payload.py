"""Read a payload: a noun in XML or RDF, plain or compressed, an operation set, or ids."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import NoReturn

from lxml import etree

from cim import hollow, override, rdf, xml
from cim.envelope import parts
from cim.envelope.aliases import canonical, spaced
from cim.envelope.compression import unpack
from cim.envelope.parts import Parts, flag_of, id_of, integer_of
from cim.message import Format, ObjectId, Operation, OperationSet, Request, Verb
from cim.parse import MODEL, Limits, parsed
from cim.places import local_name, place_of
from cim.plain import Elements
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
    element: etree._Element | None,
    noun: str,
    verb: Verb,
    limits: Limits,
    plain: Elements | None = None,
    models: hollow.Unpacked | None = None,
) -> tuple[Payload | None, Format | None, bool]:
    """The payload of a message that says `verb` of `noun`, how it was written, if compressed.

    plain:  the elements of the document in which `element` is, for speed alone.
    models: what a Compressed in it holds, when somebody has unpacked it already.
    """
    held = [] if element is None else [e for e in element if e.tag != _FORMAT]
    if not held:
        return None, None, False
    first = held[0]
    if all(one.tag == _ID for one in held):
        return tuple(map(id_of, held)), None, False
    _only(first, held)
    if first.tag == _SET:
        return _operation_set(first, noun, verb), None, False
    if first.tag == _COMPRESSED:
        return *_inflated(first, noun, verb, limits, models), True
    return _noun(first, noun, verb, plain), _format(first), False


def request_of(element: etree._Element, noun: str) -> Request:
    """What a request about `noun` asks for, with its query.  Raises: Refusal."""
    request = parts.request_of(element)
    profile = NOUNS[noun].query if noun in NOUNS else None
    tag = f"{{{profile.namespace}}}{profile.__name__}" if profile else ""
    found = element.findall(tag) if tag else []
    if not found:
        return request
    _only(found[0], found)
    if broken := violations(found[0]):
        raise Refusal(broken)
    others = [e for e in element if not e.tag.startswith(f"{{{MESSAGE}}}") and e.tag != tag]
    extensions = tuple(map(parts.alone, others))
    return replace(request, query=xml.decode(found[0]), extensions=extensions)


def _only(first: etree._Element, held: list[etree._Element]) -> None:
    if len(held) > 1:
        line, xpath = place_of(held[1])
        parent = first.getparent()
        home = "payload" if parent is None else local_name(parent).lower()
        rule = f"The {home} holds {local_name(first)} and {local_name(held[1])}"
        rule += f", {len(held)} elements in all; only one may be there."
        raise Refusal.of("3.1", rule, line=line, xpath=xpath)


def _format(element: etree._Element) -> Format:
    return Format.RDF if _is_rdf(element) else Format.XML


def _is_rdf(element: etree._Element) -> bool:
    return bool(element.tag == f"{{{RDF}}}RDF")


def _noun(element: etree._Element, noun: str, verb: Verb, plain: Elements | None = None) -> Profile:
    """The noun in `element`, which must be `noun`."""
    profile = NOUNS.get(noun)
    if profile is None:
        _differs(element, noun)
    if _is_rdf(element):
        return _from_rdf(element, profile, verb)
    if local_name(element) in NOUNS and local_name(element) != noun:
        _differs(element, noun)
    if broken := violations(element, partial=verb.is_partial(profile)):
        raise Refusal(broken)
    return xml.decode(element) if plain is None else xml.decode(element, plain, _number(element))


def _number(element: etree._Element) -> int:
    """How many elements of its document begin before `element`."""
    others = takewhile(lambda other: other is not element, element.getroottree().iter())
    return sum(1 for _ in others)


def _from_rdf(element: etree._Element, profile: type[Profile], verb: Verb) -> Profile:
    """RDF has no XSD, so the payload is held against that of its XML, once it is translated.

    What breaks it is told of the XML, whose places the RDF does not have.
    """
    partial = verb.is_partial(profile)
    payload = rdf.decode(element, profile, partial=partial)
    if profile is NetworkModels:
        return payload
    if broken := violations(override.encode(payload), partial=partial):
        line, xpath = place_of(element)
        told = (replace(v, rule=f"As XML, {v.xpath}: {v.rule}") for v in broken)
        raise Refusal(tuple(replace(v, line=line, xpath=xpath) for v in told))
    return payload


def _differs(element: etree._Element, noun: str) -> NoReturn:
    line, xpath = place_of(element)
    rule = f"The header says {noun}, but the payload is {local_name(element)}."
    raise Refusal.of("2.5", rule, line=line, xpath=xpath, value=local_name(element))


def _inflated(
    element: etree._Element,
    noun: str,
    verb: Verb,
    limits: Limits,
    models: hollow.Unpacked | None,
) -> tuple[Profile, Format]:
    """What is inside Compressed; models may be larger than any other message."""
    if noun == NetworkModels.__name__:
        return _models(models or unpacked(element), verb)
    inner, plain = parsed(unpack(element.text or "", limits.bytes), limits, spaced())
    canonical(inner)
    return _noun(inner, noun, verb, plain), _format(inner)


def unpacked(element: etree._Element) -> hollow.Unpacked:
    """The NetworkModels in a Compressed.  Raises: Refusal."""
    return hollow.Unpacked.of(unpack(element.text or "", MODEL.bytes))


def _models(found: hollow.Unpacked, verb: Verb) -> tuple[Profile, Format]:
    if found.around is None:
        return rdf.read(found.document), Format.RDF
    canonical(found.around)
    payload = _noun(found.around, NetworkModels.__name__, verb)
    if found.documents and isinstance(payload, NetworkModels):
        payload = hollow.filled(payload, found.documents)
    return payload, _format(found.around)


def _operation_set(element: etree._Element, noun: str, verb: Verb) -> OperationSet:
    said = Parts(element)
    return OperationSet(
        enforce_msg_sequence=said.one("enforceMsgSequence", flag_of),
        enforce_transactional_integrity=said.one("enforceTransactionalIntegrity", flag_of),
        operations=tuple(_operation(e, noun, verb) for e in element.iterchildren(_OPERATION)),
    )


def _operation(element: etree._Element, noun: str, verb: Verb) -> Operation:
    said = Parts(element)
    own, does = said.text("noun"), said.one("verb", _verb)
    foreign = [e for e in element if not e.tag.startswith(f"{{{MESSAGE}}}")]
    return Operation(
        operation_id=said.one("operationId", integer_of) or 0,
        noun=own,
        verb=does,
        element_operation=said.one("elementOperation", flag_of),
        payload=_operand(foreign[0], own or noun, does or verb) if foreign else None,
    )


def _operand(element: etree._Element, noun: str, verb: Verb) -> Profile:
    """What an operation is on: the noun, or of a `get` the query by which it is asked for."""
    query = NOUNS[noun].query if noun in NOUNS else None
    if verb is not Verb.GET or query is None or local_name(element) != query.__name__:
        return _noun(element, noun, verb)
    if broken := violations(element):
        raise Refusal(broken)
    return xml.decode(element)


def _verb(element: etree._Element) -> Verb:
    text = element.text or ""
    if text not in list(Verb):
        line, xpath = place_of(element)
        rule = f"The verb {text[:80]!r} is unknown; it must be one of {', '.join(Verb)}."
        raise Refusal.of("2.9", rule, line=line, xpath=xpath, value=text[:80])
    return Verb(text)
