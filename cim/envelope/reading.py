"""Read an envelope: gate, older names, schema, header, then the payload by its own schema."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from lxml import etree

from cim import override
from cim.envelope import edition2
from cim.envelope.aliases import canonical, spaced
from cim.envelope.compression import unpack
from cim.envelope.parts import header_of, reply_of
from cim.envelope.payload import payload_of, request_of
from cim.envelope.strong import OPERATION_SET, Typed, generic, is_set, name_operations, path
from cim.hollow import Unpacked
from cim.message import Fault, Format, Header, Kind, Message, Verb
from cim.parse import MESSAGE, Limits, line_of, parse, parsed
from cim.places import local_name, place_of, xpath_of
from cim.plain import Elements
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.schema.names import MESSAGE as NAMESPACE
from cim.validation import violations
from cim.violation import Refusal

_ROOTS = (*Kind, "FaultMessage")
_CARRIES = frozenset(
    {Verb.CREATE, Verb.CHANGE, Verb.EXECUTE, Verb.CREATED, Verb.CHANGED, Verb.EXECUTED}
)
"""Verbs that say nothing without a payload."""


def read(data: bytes, limits: Limits = MESSAGE) -> Message | Fault:
    """The message in `data`, generic or strongly typed.  Raises: Refusal."""
    root, plain = parsed(data, limits, spaced())
    return read_element(root, limits, plain)


def read_element(
    root: etree._Element,
    limits: Limits = MESSAGE,
    plain: Elements | None = None,
    models: Unpacked | None = None,
) -> Message | Fault:
    """The message of an element that `cim.parse` made, e.g. the child of a SOAP body.

    plain:  the elements of the document of which it is the root, for speed alone.
    models: the network models that came compressed in it, when they are unpacked already.

    `root` is changed in place: older namespaces and strongly typed names become the generic ones.
    Raises: Refusal.
    """
    canonical(root)
    name = local_name(root)
    typed = generic(root)
    try:
        return _read(root, typed, limits, plain, models)
    except Refusal as refusal:
        raise _renamed(refusal, local_name(root), name) from None


def _read(
    root: etree._Element,
    typed: Typed | None,
    limits: Limits,
    plain: Elements | None,
    models: Unpacked | None,
) -> Message | Fault:
    _known_root(root)
    if is_set(typed) or root.findtext(path("Header", "Noun")) == OPERATION_SET:
        plain = None  # it tells of the document as it came
        _unfold(root, limits)
    if broken := violations(root):
        raise Refusal(broken)
    if is_set(typed):
        name_operations(root, typed.noun)
    parts = {local_name(part): part for part in root}
    if "Header" not in parts:
        return Fault(reply=reply_of(parts["Reply"]))
    header = header_of(parts["Header"])
    kind = Kind(local_name(root))
    _consistent(parts["Header"], header, kind, typed)
    payload, format, compressed = payload_of(
        parts.get("Payload"), header.noun, header.verb, limits, plain, models
    )
    if payload is None and header.verb in _CARRIES:
        line, xpath = place_of(root)
        rule = f"A message that says {header.verb} {header.noun} must carry a payload."
        raise Refusal.of("1.7", rule, line=line, xpath=xpath)
    message = Message(
        header=header,
        kind=kind,
        request=request_of(parts["Request"], header.noun) if "Request" in parts else None,
        reply=reply_of(parts["Reply"]) if "Reply" in parts else None,
        payload=payload,
        format=format,
        compressed=compressed,
    )
    if plain is not None and _is_own(message, plain):
        object.__setattr__(message, "document", plain.document)  # no part of what it says
    return message


def _is_own(message: Message, plain: Elements) -> bool:
    """Whether its document is in the form that we write, but for prefixes and white space.

    Nothing was renamed, rearranged or unpacked; every text stands in its bytes as it is.
    """
    payload = message.payload
    if not isinstance(payload, Profile) or message.format is not Format.XML or message.compressed:
        return False
    ours = {NAMESPACE.encode(), type(payload).namespace.encode()}
    if plain.namespaces is None or not plain.namespaces <= ours:
        return False
    return override.theirs(message.header.noun) is None and b"&" not in plain.document


def _unfold(root: etree._Element, limits: Limits) -> None:
    """Put what came compressed in its place, in the payload of a message about an operation set.

    The envelope's own schema then tells whether it is one, and that there is only one: several are
    not even unpacked.  Raises: Refusal.
    """
    found = root.findall(path("Payload", "Compressed"))
    if len(found) != 1:
        return
    [compressed] = found
    inner = parse(unpack(compressed.text or "", limits.bytes), limits)
    canonical(inner)
    if local_name(inner) == OPERATION_SET:
        # A strongly typed schema declares it, too, and so in its own namespace.
        inner.tag = path(OPERATION_SET)
    for payload in compressed.iterancestors(path("Payload")):
        payload.replace(compressed, inner)


def _known_root(root: etree._Element) -> None:
    edition2.refuse(root)
    name = etree.QName(root)
    if name.namespace == NAMESPACE and name.localname in _ROOTS:
        return
    line, xpath = place_of(root)
    if name.localname in _ROOTS:
        rule = f"{name.localname} is in the namespace {name.namespace or ''!r}; "
        rule += f"it must be in {NAMESPACE!r}."
    else:
        rule = f"{name.localname} is no message; the root must be one of {', '.join(_ROOTS)}."
    raise Refusal.of("1.8", rule, line=line, xpath=xpath)


def _consistent(element: etree._Element, header: Header, kind: Kind, typed: Typed | None) -> None:
    """Header, root and this hub agree on verb and noun."""
    noun, verb = header.noun, header.verb
    if noun not in NOUNS and noun != OPERATION_SET:
        known = ", ".join((*NOUNS, OPERATION_SET))
        _refuse(element, "Noun", "2.5", f"The noun {noun[:80]!r} is unknown; known are {known}.")
    if noun in NOUNS and verb is not Verb.REPLY and verb not in NOUNS[noun].verbs:
        rule = f"{noun} knows no {verb}; its verbs are {', '.join(NOUNS[noun].verbs)}."
        _refuse(element, "Verb", "2.9", rule)
    if kind is not Kind.MESSAGE and kind is not Kind.of(verb):
        rule = f"The verb {verb} belongs in a {Kind.of(verb)}, not in a {kind}."
        _refuse(element, "Verb", "2.9", rule)
    if typed is not None and typed.verb not in (None, verb):
        rule = f"The header says {verb}, but the message is to {typed.verb} {typed.noun}."
        _refuse(element, "Verb", "2.9", rule)
    if typed is not None and noun not in typed.nouns:
        rule = f"The header says {noun}, but the message is one of {typed.noun}."
        _refuse(element, "Noun", "2.5", rule)


def _refuse(header: etree._Element, tag: str, code: str, rule: str) -> NoReturn:
    element = header.find(f"{{{NAMESPACE}}}{tag}")
    place = header if element is None else element
    raise Refusal.of(
        code, rule, line=line_of(place), xpath=xpath_of(place), value=(place.text or "")[:80]
    )


def _renamed(refusal: Refusal, generic_name: str, name: str) -> Refusal:
    """The refusal with paths that begin with the root as it was received."""
    if generic_name == name:
        return refusal
    prefix = f"/{generic_name}"
    return Refusal(
        tuple(
            replace(v, xpath=f"/{name}{v.xpath.removeprefix(prefix)}") if v.xpath else v
            for v in refusal.violations
        )
    )
