"""The message of IEC 61968-100: a header that says what happened to which noun, and a payload.

What a message says knows no edition and no serialisation; `cim.envelope` reads and writes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple

from cim.profile import Profile
from cim.times import zoned


class Verb(StrEnum):
    """Present tense asks, past tense reports (IEC 61968-100:2013, HeaderType)."""

    GET = "get"
    CREATE = "create"
    CHANGE = "change"
    CANCEL = "cancel"
    CLOSE = "close"
    DELETE = "delete"
    EXECUTE = "execute"
    CREATED = "created"
    CHANGED = "changed"
    CANCELED = "canceled"
    CLOSED = "closed"
    DELETED = "deleted"
    EXECUTED = "executed"
    REPLY = "reply"

    @property
    def event(self) -> Verb | None:
        """The event that a fulfilled request causes (create -> created); None for others."""
        return _EVENT.get(self)

    @property
    def is_about_known(self) -> bool:
        """Whether it is about something that has been told of before."""
        return self in _ABOUT_KNOWN

    def is_partial(self, noun: type[Profile]) -> bool:
        """Whether it says of a `noun` only which it is, and what is new."""
        return self.is_about_known and not noun.whole


STATED = frozenset({Verb.CREATED, Verb.CHANGED, Verb.EXECUTED})
"""By which it is told what holds: what a message says was done, or is so."""

_EVENT = {
    Verb.CREATE: Verb.CREATED,
    Verb.CHANGE: Verb.CHANGED,
    Verb.CANCEL: Verb.CANCELED,
    Verb.CLOSE: Verb.CLOSED,
    Verb.DELETE: Verb.DELETED,
    Verb.EXECUTE: Verb.EXECUTED,
}

_ABOUT_KNOWN = frozenset(
    {
        *(Verb.CHANGE, Verb.CANCEL, Verb.CLOSE, Verb.DELETE),
        *(Verb.CHANGED, Verb.CANCELED, Verb.CLOSED, Verb.DELETED),
    }
)


class Kind(StrEnum):
    """The root element of the envelope."""

    MESSAGE = "Message"
    REQUEST = "RequestMessage"
    RESPONSE = "ResponseMessage"
    EVENT = "EventMessage"

    @classmethod
    def of(cls, verb: Verb) -> Kind:
        """The envelope in which `verb` travels."""
        if verb is Verb.REPLY:
            return cls.RESPONSE
        return cls.REQUEST if verb is Verb.GET or verb in _EVENT else cls.EVENT


class Format(StrEnum):
    """How a payload is written (Payload/Format)."""

    XML = "XML"
    RDF = "RDF"


class Edition(IntEnum):
    """Of IEC 61968-100, in which an envelope is written: that of 2013, that of 2022."""

    FIRST = 1
    SECOND = 2


@dataclass(frozen=True, kw_only=True)
class ReplayDetection:
    nonce: str
    created: datetime


@dataclass(frozen=True, kw_only=True)
class User:
    user_id: str
    organization: str | None = None


@dataclass(frozen=True)
class Property:
    """A name and a value for routing and filtering."""

    name: str
    value: str | None = None


LATE = "Late"
"""Header.Property of a fact that came late; its value is how long ago it was, as xsd:duration."""


STUDY = "STUDY"
"""Header.Context of what is supposed and not so: nothing of it leaves the study."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """HeaderType, in its order.  `extensions` are the foreign elements, each as XML bytes."""

    verb: Verb
    noun: str
    revision: str | None = None
    replay_detection: ReplayDetection | None = None
    context: str | None = None
    timestamp: datetime | None = None
    source: str | None = None
    async_reply_flag: bool | None = None
    reply_address: str | None = None
    ack_required: bool | None = None
    user: User | None = None
    message_id: str | None = None
    correlation_id: str | None = None
    comment: str | None = None
    properties: tuple[Property, ...] = ()
    extensions: tuple[bytes, ...] = ()

    @property
    def is_late(self) -> bool:
        """Whether its fact is older than news of its source may be."""
        return any(one.name == LATE for one in self.properties)

    @property
    def is_study(self) -> bool:
        """Whether what it says is only supposed."""
        return (self.context or "").upper() == STUDY


class IdKind(StrEnum):
    NAME = "name"
    UUID = "uuid"
    TRANSACTION = "transaction"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class ObjectId:
    """An `ID` element with its attribute group IDatts."""

    value: str
    id_type: str | None = None
    id_authority: str | None = None
    kind: IdKind | None = None
    object_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """RequestType: what a request asks for, beside its payload.

    query: the query profile of the noun, e.g. GetMeterReadings.
    """

    start_time: datetime | None = None
    end_time: datetime | None = None
    options: tuple[Property, ...] = ()
    ids: tuple[ObjectId, ...] = ()
    query: Profile | None = None
    extensions: tuple[bytes, ...] = ()

    @property
    def period(self) -> tuple[datetime | None, datetime | None]:
        """StartTime and EndTime; what says no zone is UTC."""
        return zoned(self.start_time), zoned(self.end_time)

    def within(self, at: datetime) -> bool:
        """Whether a moment is in the period that is asked for, its ends included."""
        start, end = self.period
        return (start is None or start <= at) and (end is None or at <= end)


class Result(StrEnum):
    OK = "OK"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"


class Level(StrEnum):
    INFORM = "INFORM"
    WARNING = "WARNING"
    FATAL = "FATAL"
    CATASTROPHIC = "CATASTROPHIC"


@dataclass(frozen=True, kw_only=True)
class Location:
    node: str | None = None
    pipeline: str | None = None
    stage: str | None = None


@dataclass(frozen=True, kw_only=True)
class Error:
    """ErrorType.  `code` is a reply code of `cim.reply_codes`; an XPath goes into `details`.

    `object` is the deprecated object description, kept as XML bytes.
    """

    code: str
    level: Level | None = None
    reason: str | None = None
    details: str | None = None
    xpath: str | None = None
    stack_trace: str | None = None
    location: Location | None = None
    id: ObjectId | None = None
    related_id: ObjectId | None = None
    object: bytes | None = None
    operation_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Reply:
    result: Result
    errors: tuple[Error, ...] = ()
    ids: tuple[ObjectId, ...] = ()
    extensions: tuple[bytes, ...] = ()
    operation_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Operation:
    operation_id: int
    noun: str | None = None
    verb: Verb | None = None
    element_operation: bool | None = None
    payload: Profile | None = None


@dataclass(frozen=True, kw_only=True)
class OperationSet:
    """Several operations in one message (IEC 61968-100, OperationSet)."""

    enforce_msg_sequence: bool | None = None
    enforce_transactional_integrity: bool | None = None
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message.  `payload` is a noun, an operation set, a list of object ids, or nothing.

    `format` and `compressed` are how the payload came or shall go, `edition` how the envelope did;
    they carry no meaning.

    document: the bytes it was read from, when they say it in our own form: the generic envelope of
              edition 1 with XML.  A message that is made, or made anew of another one, has none.
    """

    header: Header
    kind: Kind
    request: Request | None = None
    reply: Reply | None = None
    payload: Profile | OperationSet | tuple[ObjectId, ...] | None = None
    format: Format | None = field(default=None, compare=False)
    compressed: bool = field(default=False, compare=False)
    edition: Edition = field(default=Edition.FIRST, compare=False)
    document: bytes | None = field(default=None, init=False, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """FaultMessage: the answer where not even the header could be read."""

    reply: Reply


class Topic(NamedTuple):
    """What a subscriber asks for: this verb of this noun."""

    verb: Verb
    noun: str

    def __str__(self) -> str:
        return f"{self.verb}.{self.noun}"


@dataclass(frozen=True)
class Outgoing:
    """What an adapter or an app says; the hub adds the header.

    payload:     the noun, or operations on nouns; None only in a reply without one.
    external_id: the identity of the fact in the system it comes from; the hub takes the same
                 (source, external_id) only once.
    exact:       whether another content under the same external_id is refused; it is passed over
                 as a duplicate else.
    state_of:    mRID of the object whose whole state the fact is: when another state of it came
                 since, the same state as before is news.
    at:          when the fact was, as its source says, where it is one that must be known soon:
                 by this the hub tells late ones, and sources whose clock is wrong.
    reply:       for a reply, what it says beside the payload.
    request:     for a request, what it asks for beside the payload.
    properties:  of the header.
    context:     PRODUCTION, TESTING, TRAINING or STUDY; None: that of the message it follows from,
                 or else of the hub.  An answer has that of its question, and what follows from a
                 study stays in it.
    correlation_id: of the request that it answers, as the system says; of what an app says the hub
                 knows it.
    """

    verb: Verb
    payload: Profile | OperationSet | None = None
    external_id: str | None = None
    reply: Reply | None = None
    noun: str | None = None
    properties: tuple[Property, ...] = ()
    exact: bool = False
    correlation_id: str | None = None
    at: datetime | None = None
    state_of: str | None = None
    context: str | None = None
    request: Request | None = None
