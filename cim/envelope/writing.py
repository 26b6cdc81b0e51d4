"""Write the generic envelope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lxml import etree

from cim import hollow, override, rdf
from cim.envelope.compression import pack
from cim.envelope.texts import begun_with
from cim.message import (
    Error,
    Fault,
    Format,
    Header,
    Location,
    Message,
    ObjectId,
    OperationSet,
    Property,
    ReplayDetection,
    Reply,
    Request,
    User,
)
from cim.parse import parse
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.profiles.network_models import NetworkModels
from cim.schema.names import MESSAGE
from cim.xml import date_time_text

if TYPE_CHECKING:
    from cim.envelope.edition2 import Edition2

_sub = etree.SubElement


def write(
    message: Message | Fault,
    *,
    format: Format = Format.XML,
    compress: bool = False,
    second: Edition2 | None = None,
) -> bytes:
    """The bytes of `message` in the generic envelope.

    format:   how a noun is written inside it; several network models are XML whatever it says.
    compress: whether the noun goes gzipped into Compressed.
    second:   the envelope of edition 2, when it is to be that.

    Raises: Refusal, for what edition 2 does not allow.
    """
    plain = format is Format.XML and not compress and second is None
    if isinstance(message, Message) and plain:
        noun = override.text_of(message.payload) if isinstance(message.payload, Profile) else None
        if noun is not None:
            return _around(noun, message)
    root = write_element(message, format=format, compress=compress, second=second)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _around(noun: bytes, message: Message) -> bytes:
    """A message with the bytes of its noun, which come last in it."""
    if (begun := begun_with(message)) is not None:
        return b"%s<Payload>%s</Payload></%s>" % (begun, noun, message.kind.encode())
    root = write_element(replace(message, payload=()))
    around = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    before, _, after = around.rpartition(b"<Payload/>")
    return b"%s<Payload>%s</Payload>%s" % (before, noun, after)


def write_element(
    message: Message | Fault,
    *,
    format: Format = Format.XML,
    compress: bool = False,
    second: Edition2 | None = None,
) -> etree._Element:
    """The element of `message`; see `write`."""
    root = _element(message, format, compress)
    return root if second is None else second.of_edition_1(root)


def _element(message: Message | Fault, format: Format, compress: bool) -> etree._Element:
    if isinstance(message, Fault):
        root = _root("FaultMessage")
        _reply(root, message.reply)
        return root
    root = _root(message.kind)
    _header(root, message.header)
    if message.request is not None:
        _request(root, message.request)
    if message.reply is not None:
        _reply(root, message.reply)
    if message.payload is not None:
        _payload(_sub(root, _tag("Payload")), message.payload, format, compress)
    return root


def _tag(name: str) -> str:
    return f"{{{MESSAGE}}}{name}"


def _root(name: str) -> etree._Element:
    default: Any = {None: MESSAGE}
    return etree.Element(_tag(name), nsmap=default)


def _text(parent: etree._Element, name: str, value: Any) -> None:
    """A child called `name` that holds `value`; none for None."""
    if value is None:
        return
    if value is True or value is False:
        value = "true" if value else "false"
    _sub(parent, _tag(name)).text = str(value)


def _header(root: etree._Element, header: Header) -> None:
    element = _sub(root, _tag("Header"))
    _text(element, "Verb", header.verb)
    _text(element, "Noun", header.noun)
    _text(element, "Revision", header.revision)
    if header.replay_detection is not None:
        _replay_detection(element, header.replay_detection)
    _text(element, "Context", header.context)
    if header.timestamp is not None:
        _text(element, "Timestamp", date_time_text(header.timestamp))
    _text(element, "Source", header.source)
    _text(element, "AsyncReplyFlag", header.async_reply_flag)
    _text(element, "ReplyAddress", header.reply_address)
    _text(element, "AckRequired", header.ack_required)
    if header.user is not None:
        _user(element, header.user)
    _text(element, "MessageID", header.message_id)
    _text(element, "CorrelationID", header.correlation_id)
    _text(element, "Comment", header.comment)
    _pairs(element, header.properties, "Property", "Name", "Value")
    _foreign(element, header.extensions)


def _replay_detection(header: etree._Element, replay: ReplayDetection) -> None:
    element = _sub(header, _tag("ReplayDetection"))
    _text(element, "Nonce", replay.nonce)
    _text(element, "Created", date_time_text(replay.created))


def _user(header: etree._Element, user: User) -> None:
    element = _sub(header, _tag("User"))
    _text(element, "UserID", user.user_id)
    _text(element, "Organization", user.organization)


def _pairs(
    parent: etree._Element, pairs: Iterable[Property], tag: str, name: str, value: str
) -> None:
    for pair in pairs:
        element = _sub(parent, _tag(tag))
        _text(element, name, pair.name)
        _text(element, value, pair.value)


def _foreign(parent: etree._Element, extensions: Iterable[bytes]) -> None:
    for extension in extensions:
        parent.append(parse(extension))


def _request(root: etree._Element, request: Request) -> None:
    element = _sub(root, _tag("Request"))
    if request.start_time is not None:
        _text(element, "StartTime", date_time_text(request.start_time))
    if request.end_time is not None:
        _text(element, "EndTime", date_time_text(request.end_time))
    _pairs(element, request.options, "Option", "name", "value")
    _ids(element, "ID", request.ids)
    if request.query is not None:
        element.append(override.encode(request.query))
    _foreign(element, request.extensions)


def _ids(parent: etree._Element, tag: str, ids: Iterable[ObjectId]) -> None:
    for one in ids:
        element = _sub(parent, _tag(tag))
        element.text = one.value
        attributes = {
            "idType": one.id_type,
            "idAuthority": one.id_authority,
            "kind": one.kind,
            "objectType": one.object_type,
        }
        for name, value in attributes.items():
            if value is not None:
                element.set(name, str(value))


def _reply(root: etree._Element, reply: Reply) -> None:
    element = _sub(root, _tag("Reply"))
    _text(element, "Result", reply.result)
    for error in reply.errors:
        _error(element, error)
    _ids(element, "ID", reply.ids)
    _foreign(element, reply.extensions)
    _text(element, "operationId", reply.operation_id)


def _error(reply: etree._Element, error: Error) -> None:
    element = _sub(reply, _tag("Error"))
    _text(element, "code", error.code)
    _text(element, "level", error.level)
    _text(element, "reason", error.reason)
    _text(element, "details", error.details)
    if error.xpath is not None:
        _qualified(element, error.xpath)
    _text(element, "stackTrace", error.stack_trace)
    if error.location is not None:
        _location(element, error.location)
    _ids(element, "ID", filter(None, [error.id]))
    _ids(element, "relatedID", filter(None, [error.related_id]))
    if error.object is not None:
        element.append(parse(error.object))
    _text(element, "operationId", error.operation_id)


def _qualified(error: etree._Element, name: str) -> None:
    """An xs:QName; "{namespace}name" gets a prefix."""
    if not name.startswith("{"):
        _text(error, "xpath", name)
        return
    qualified = etree.QName(name)
    element = _sub(error, _tag("xpath"), nsmap={"at": qualified.namespace})
    element.text = f"at:{qualified.localname}"


def _location(error: etree._Element, location: Location) -> None:
    element = _sub(error, _tag("Location"))
    _text(element, "node", location.node)
    _text(element, "pipeline", location.pipeline)
    _text(element, "stage", location.stage)


def _payload(
    element: etree._Element,
    payload: Profile | OperationSet | tuple[ObjectId, ...],
    format: Format,
    compress: bool,
) -> None:
    if isinstance(payload, NetworkModels) and len(payload.network_model) != 1:
        format = Format.XML  # one document has one model (IEC 61970-552); each stays RDF inside
    if isinstance(payload, tuple):
        _ids(element, "ID", payload)
    elif isinstance(payload, OperationSet):
        _operation_set(element, payload, format)
    elif compress:
        _text(element, "Compressed", pack(_written(payload, format)))
        _text(element, "Format", format)
    else:
        element.append(_noun(payload, format))
        if format is not Format.XML:
            _text(element, "Format", format)


def _written(payload: Profile, format: Format) -> Iterable[bytes | memoryview]:
    if isinstance(payload, NetworkModels):
        return rdf.written(payload) if format is Format.RDF else hollow.written(payload)
    return [etree.tostring(_noun(payload, format), encoding="UTF-8")]


def _noun(payload: Profile, format: Format) -> etree._Element:
    return rdf.encode(payload) if format is Format.RDF else override.encode(payload)


def _operation_set(payload: etree._Element, operations: OperationSet, format: Format) -> None:
    element = _sub(payload, _tag("OperationSet"))
    _text(element, "enforceMsgSequence", operations.enforce_msg_sequence)
    _text(element, "enforceTransactionalIntegrity", operations.enforce_transactional_integrity)
    for one in operations.operations:
        operation = _sub(element, _tag("Operation"))
        _text(operation, "operationId", one.operation_id)
        _text(operation, "noun", one.noun)
        _text(operation, "verb", one.verb)
        _text(operation, "elementOperation", one.element_operation)
        if one.payload is not None:
            # A query is XML in whatever form nouns travel, as in the request of a get.
            is_noun = type(one.payload).__name__ in NOUNS
            operation.append(_noun(one.payload, format if is_noun else Format.XML))
