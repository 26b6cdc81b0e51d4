"""A message's bytes as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from cim import envelope, rdf
from cim.message import Format, Message, OperationSet
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.profiles.network_models import NetworkModels
from cim.violation import Refusal
from hub.console.masking import is_personal, masked
from hub.journal.canonical import decode
from hub.journal.queries import Detail

SHOWN = 64 * 1024
"""Characters of a body on a page; the rest is behind the link to download."""
READ = 1024 * 1024
"""Bytes of a body that are decoded for a page; larger ones are shown as they are."""


@dataclass(frozen=True, kw_only=True)
class Text:
    """What a page shows of some bytes.  `left_out`: characters beyond what is shown."""

    text: str
    left_out: int = 0
    note: str = ""


def shortened(data: bytes, note: str = "") -> Text:
    """Bytes as text; what is no UTF-8 is shown as replacement characters."""
    text = data.decode("utf-8", "replace")
    return Text(text=text[:SHOWN], left_out=max(0, len(text) - SHOWN), note=note)


def received(detail: Detail, *, personal: bool) -> Text:
    """The bytes as they came."""
    if hides(detail.row.noun, personal=personal):
        return Text(
            text="",
            note="The bytes as received can hold customer data, which your roles do not include. "
            "The validated form shows them with that data masked.",
        )
    return shortened(detail.received)


def validated(detail: Detail, *, personal: bool) -> Text:
    """The canonical envelope, indented."""
    return _read(detail, personal=personal, format=Format.XML)


def transformed(detail: Detail, *, personal: bool) -> Text:
    """The payload as CIM RDF/XML, indented."""
    return _read(detail, personal=personal, format=Format.RDF)


def rdf_payload(message: Message) -> bytes | None:
    """The payload alone as CIM RDF/XML; None when it is no noun, or several network models."""
    payload = message.payload
    if not isinstance(payload, Profile):
        return None
    if isinstance(payload, NetworkModels) and len(payload.network_model) != 1:
        return None
    return _pretty(rdf.encode(payload))


def shown(body: bytes, *, personal: bool) -> Message:
    """A stored body, decoded, with customer data masked unless `personal`."""
    message = decode(body)
    return message if personal else masked(message)


def hides(noun: str, *, personal: bool) -> bool:
    """Whether the raw bytes of that noun stay hidden; an operation set may carry any noun."""
    if personal:
        return False
    known = NOUNS.get(noun)
    return noun == OperationSet.__name__ or (known is not None and is_personal(known))


def _read(detail: Detail, *, personal: bool, format: Format) -> Text:
    if len(detail.body) > READ:
        if hides(detail.row.noun, personal=personal):
            return Text(text="", note="Too large to be masked for this page.")
        return shortened(detail.body, "Too large to be laid out; this is the body as stored.")
    try:
        message = shown(detail.body, personal=personal)
    except Refusal as refusal:
        return Text(text="", note=f"The stored body can no longer be read: {refusal}")
    if format is Format.XML:
        return shortened(_pretty(envelope.write_element(message)))
    payload = rdf_payload(message)
    if payload is None:
        return Text(
            text="",
            note="This message carries no noun, or several network models, which are documents of "
            "their own: there is nothing to transform.",
        )
    return shortened(payload)


def _pretty(element: etree._Element) -> bytes:
    etree.indent(element, "  ")
    return etree.tostring(element, encoding="utf-8")
