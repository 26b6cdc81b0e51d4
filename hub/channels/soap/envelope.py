"""The SOAP 1.1 envelope: what spyne's protocol reads and writes here.

Stricter than spyne's own: one gate for the bytes, exactly one body with one child, no references
between elements, the SOAPAction of the operation, no header ignored that must be understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from cim.envelope import read_element
from cim.envelope.aliases import current
from cim.envelope.edition2 import edition_of
from cim.message import Edition
from cim.parse import line_of, parse
from cim.places import xpath_of
from cim.schema.edition2 import EDITION_2
from cim.schema.names import MESSAGE
from cim.violation import Refusal
from hub.channels.soap.contract import Operation
from hub.channels.soap.framework import Fault, Soap11
from hub.channels.soap.username import SECURITY

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
NEXT = "http://schemas.xmlsoap.org/soap/actor/next"
UNDERSTOOD = frozenset({SECURITY})

_ELSEWHERE = (
    "/soap takes the generic envelope, /soap/<Service> what that strongly typed service names"
)
_HEADER, _BODY = f"{{{ENVELOPE}}}Header", f"{{{ENVELOPE}}}Body"
_encoded = etree.XPath(
    "boolean(//@href[starts-with(., '#')] | //e:* | //@e:*)", namespaces={"e": ENCODING}
)


class ContractSoap11(Soap11):  # type: ignore[misc]
    """Hands the body's element over as it is, and takes the answer as an element."""

    def __init__(self, namespace: str, operations: tuple[Operation, ...]) -> None:
        super().__init__()
        self._namespace = namespace
        self._by_input: Mapping[str, Operation] = {o.input: o for o in operations}

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:  # noqa: ARG002
        """Raises: Refusal; the encoding is what the bytes say, not what HTTP says."""
        ctx.in_document = parse(ctx.udc.body)

    def decompose_incoming_envelope(self, ctx: Any, message: object = Soap11.REQUEST) -> None:  # noqa: ARG002
        """Raises: Fault for an envelope that is not ours, or a message for which this service has
        no operation; Refusal for a body that is no message."""
        ctx.in_header_doc, ctx.in_body_doc = opened(ctx.in_document)
        # On its own, so that places in the message are counted from the message.
        ctx.in_document[-1].remove(ctx.in_body_doc)
        sent = ctx.in_body_doc.tag  # reading makes another of it
        operation = self._by_input.get(_current(sent))
        if operation is None:
            # It may be no message at all: that says why.  For a stranger nothing is read, and for
            # nobody anything inflated; edition 2 is for those to read who have its schema.
            is_first = edition_of(ctx.in_body_doc) is Edition.FIRST
            compressed = ctx.in_body_doc.find(".//{*}Compressed")
            if ctx.udc.sender is not None and is_first and compressed is None:
                read_element(ctx.in_body_doc)
            raise Fault("Client", f"No operation here takes {_words(sent)}; {_ELSEWHERE}.")
        if ctx.udc.action.strip('"') != operation.action:
            raise Fault(
                "Client",
                f'The SOAPAction "{ctx.udc.action.strip(chr(34))[:200]}" is not that of the body:'
                f' {operation.name} has "{operation.action}".',
            )
        ctx.method_request_string = f"{{{self._namespace}}}{operation.name}"

    def deserialize(self, ctx: Any, message: object) -> None:  # noqa: ARG002
        ctx.in_object = ctx.in_body_doc
        self.event_manager.fire_event("after_deserialize", ctx)

    def serialize(self, ctx: Any, message: object) -> None:
        if ctx.out_error is not None:
            super().serialize(ctx, message)
            return
        ctx.out_document = wrapped(ctx.out_object[0])
        self.event_manager.fire_event("after_serialize", ctx)


def opened(root: etree._Element) -> tuple[list[etree._Element], etree._Element]:
    """Header blocks and the one body child of a SOAP 1.1 envelope.

    Raises: Fault saying what is wrong with it; Refusal when it is none.
    """
    name = etree.QName(root)
    if name.localname == "Envelope" and name.namespace != ENVELOPE:
        raise Fault("VersionMismatch", f"The envelope must be SOAP 1.1, {ENVELOPE}.")
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        rule = f"A SOAP envelope is expected, not {_words(root.tag)}."
        raise Refusal.of("1.8", rule, line=line_of(root), xpath=xpath_of(root))
    parts = [child.tag for child in root]
    if parts not in ([_BODY], [_HEADER, _BODY]):
        raise Fault("Client", "An envelope has at most one Header, then exactly one Body.")
    if _encoded(root):
        raise Fault("Client", "Document/literal only: no references by href, no SOAP encoding.")
    blocks, body = list(root[0]) if len(root) > 1 else [], list(root[-1])
    for block in blocks:
        _check_understood(block)
    if len(body) != 1:
        raise Fault("Client", f"The Body must have exactly one child; it has {len(body)}.")
    return blocks, body[0]


def wrapped(*body: etree._Element) -> etree._Element:
    """An envelope around `body`."""
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    etree.SubElement(envelope, _BODY).extend(body)
    return envelope


def _check_understood(block: etree._Element) -> None:
    # A block for another actor is not ours to understand.
    ours = block.get(f"{{{ENVELOPE}}}actor", NEXT) == NEXT
    wanted = block.get(f"{{{ENVELOPE}}}mustUnderstand") in {"1", "true"}
    if ours and wanted and block.tag not in UNDERSTOOD:
        raise Fault("MustUnderstand", f"The header block {_words(block.tag)} is not understood.")


def _current(tag: str) -> str:
    """The tag in today's namespace: partners still speak older ones."""
    name = etree.QName(tag)
    # Whether edition 2 is understood is for the reading to say.
    space = MESSAGE if name.namespace == EDITION_2 else current(name.namespace or "")
    return f"{{{space}}}{name.localname}"


def _words(tag: str) -> str:
    name = etree.QName(tag)
    return f"{name.localname[:100]} of the namespace {(name.namespace or '(none)')[:200]}"
