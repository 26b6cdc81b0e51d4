"""Read header, request and reply, which are schema valid."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from lxml import etree

from cim.message import (
    Error,
    Header,
    IdKind,
    Level,
    Location,
    ObjectId,
    Property,
    ReplayDetection,
    Reply,
    Request,
    Result,
    User,
    Verb,
)
from cim.places import local_name, place_of
from cim.schema.names import MESSAGE
from cim.violation import Refusal
from cim.xml import boolean, date_time

T = TypeVar("T")


def header_of(element: etree._Element) -> Header:
    """The header."""
    parts = Parts(element)
    return Header(
        verb=Verb(parts.text("Verb") or ""),
        noun=parts.text("Noun") or "",
        revision=parts.text("Revision"),
        replay_detection=parts.one("ReplayDetection", _replay_detection),
        context=parts.text("Context"),
        timestamp=parts.one("Timestamp", time_of),
        source=parts.text("Source"),
        async_reply_flag=parts.one("AsyncReplyFlag", flag_of),
        reply_address=parts.text("ReplyAddress"),
        ack_required=parts.one("AckRequired", flag_of),
        user=parts.one("User", _user),
        message_id=parts.text("MessageID"),
        correlation_id=parts.text("CorrelationID"),
        comment=parts.text("Comment"),
        properties=parts.all("Property", lambda e: _pair(e, "Name", "Value")),
        extensions=parts.extensions,
    )


def request_of(element: etree._Element) -> Request:
    """What a request asks for."""
    parts = Parts(element)
    return Request(
        start_time=parts.one("StartTime", time_of),
        end_time=parts.one("EndTime", time_of),
        options=parts.all("Option", lambda e: _pair(e, "name", "value")),
        ids=parts.all("ID", id_of),
        extensions=parts.extensions,
    )


def reply_of(element: etree._Element) -> Reply:
    """What a reply says."""
    parts = Parts(element)
    return Reply(
        result=Result(parts.text("Result") or ""),
        errors=parts.all("Error", _error),
        ids=parts.all("ID", id_of),
        extensions=parts.extensions,
        operation_id=parts.one("operationId", integer_of),
    )


class Parts:
    """The children of one element of the envelope, by local name."""

    def __init__(self, element: etree._Element) -> None:
        self._by_name: dict[str, list[etree._Element]] = {}
        self._foreign: list[etree._Element] = []
        for child in element:
            if child.tag.startswith(_PREFIX):
                self._by_name.setdefault(child.tag[len(_PREFIX) :], []).append(child)
            else:
                self._foreign.append(child)

    def text(self, name: str) -> str | None:
        """The text of the only child called `name`; None without one."""
        found = self._by_name.get(name)
        return (found[0].text or "") if found else None

    def one(self, name: str, convert: Callable[[etree._Element], T]) -> T | None:
        found = self._by_name.get(name)
        return convert(found[0]) if found else None

    def all(self, name: str, convert: Callable[[etree._Element], T]) -> tuple[T, ...]:
        return tuple(map(convert, self._by_name.get(name, ())))

    @property
    def extensions(self) -> tuple[bytes, ...]:
        return tuple(map(alone, self._foreign))


_PREFIX = f"{{{MESSAGE}}}"


def alone(element: etree._Element) -> bytes:
    """The bytes of `element` as a document of its own."""
    return etree.tostring(copy.deepcopy(element), encoding="UTF-8", with_tail=False)


def time_of(element: etree._Element) -> datetime:
    """Its xs:dateTime.  Raises: Refusal, outside the years 1 to 9999."""
    try:
        return date_time(element.text or "")
    except (ValueError, OverflowError):
        raise _out_of_range(element) from None


def integer_of(element: etree._Element) -> int:
    """Its xs:integer.  Raises: Refusal, with thousands of digits."""
    try:
        return int(element.text or "")
    except ValueError:
        raise _out_of_range(element) from None


def flag_of(element: etree._Element) -> bool:
    """Its xs:boolean."""
    return boolean(element.text or "")


def id_of(element: etree._Element) -> ObjectId:
    """An ID with its attributes."""
    kind = element.get("kind")
    return ObjectId(
        value=element.text or "",
        id_type=element.get("idType"),
        id_authority=element.get("idAuthority"),
        kind=None if kind is None else IdKind(kind),
        object_type=element.get("objectType"),
    )


def _out_of_range(element: etree._Element) -> Refusal:
    line, xpath = place_of(element)
    text = (element.text or "")[:80]
    rule = f"{local_name(element)} is {text!r}, which cannot be kept."
    return Refusal.of("1.8", rule, line=line, xpath=xpath, value=text)


def _replay_detection(element: etree._Element) -> ReplayDetection:
    nonce, created = _children(element)
    return ReplayDetection(nonce=nonce.text or "", created=time_of(created))


def _user(element: etree._Element) -> User:
    parts = Parts(element)
    return User(user_id=parts.text("UserID") or "", organization=parts.text("Organization"))


def _pair(element: etree._Element, name: str, value: str) -> Property:
    parts = Parts(element)
    return Property(parts.text(name) or "", parts.text(value))


def _error(element: etree._Element) -> Error:
    parts = Parts(element)
    return Error(
        code=parts.text("code") or "",
        level=parts.one("level", lambda e: Level(e.text or "")),
        reason=parts.text("reason"),
        details=parts.text("details"),
        xpath=parts.one("xpath", _qualified),
        stack_trace=parts.text("stackTrace"),
        location=parts.one("Location", _location),
        id=parts.one("ID", id_of),
        related_id=parts.one("relatedID", id_of),
        object=parts.one("object", alone),
        operation_id=parts.one("operationId", integer_of),
    )


def _qualified(element: etree._Element) -> str:
    """An xs:QName as "{namespace}name" where it has a prefix: prefixes do not travel."""
    prefix, colon, name = (element.text or "").strip().rpartition(":")
    return f"{{{element.nsmap[prefix]}}}{name}" if colon else name


def _location(element: etree._Element) -> Location:
    parts = Parts(element)
    return Location(
        node=parts.text("node"), pipeline=parts.text("pipeline"), stage=parts.text("stage")
    )


def _children(element: etree._Element) -> Iterator[etree._Element]:
    return iter(element)
