"""Requests over REST and of people on the console: taken as those over SOAP, and answered within
the same call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from cim.dialect import Correction, Dialects, read
from cim.message import Fault, Kind, Message, Outgoing, User
from cim.validation import check_outward
from cim.violation import Refusal
from hub.dispatch.controls import CONSOLE
from hub.dispatch.hub import Hub
from hub.dispatch.stamp import stamp
from hub.journal.canonical import encode, encode_checked

CHANNEL = "rest"


class NoRequest(ValueError):
    """It is nothing that is answered here; nothing of it is kept."""


class Late(RuntimeError):
    """It was taken, and there is no reply yet."""


@dataclass
class Call:
    """What a system sent that waits to hear what became of it (`hub.message_channel.Delivery`)."""

    content: Message | Refusal
    body: bytes
    principal: str
    corrections: Sequence[Correction] = ()
    refusal: Refusal | None = None

    def ack(self) -> None:
        """The reply says so."""

    def reject(self, why: str) -> None:
        raise ConnectionError(why)

    def refuse(self, refusal: Refusal) -> None:
        """It went into quarantine (`hub.message_channel.Refusable`)."""
        self.refusal = refusal


def request(
    hub: Hub,
    principal: str,
    given: bytes | Message,
    *,
    dialects: Dialects,
    seconds: float,
) -> Message:
    """The reply to a request; one sent again, by its MessageID, has the reply of the first.

    given:   an envelope, or the request itself.
    seconds: that the reply is waited for.
    Raises: Refusal, and it is in quarantine; NoRequest; Late; the database's error.
    """
    return _answered(hub, _call(given, principal, dialects), CHANNEL, seconds)


def act(hub: Hub, person: str, asked: Outgoing, *, seconds: float) -> Message:
    """The reply to what a person asks for, in the name of the hub.  Raises: as `request`."""
    voice = hub.voice
    said = stamp(asked, voice.source, hub.journal.clock(), context=voice.context)
    message = replace(said, header=replace(said.header, user=User(user_id=person)))
    return _answered(hub, Call(message, encode_checked(message), person), CONSOLE, seconds)


def _answered(hub: Hub, call: Call, channel: str, seconds: float) -> Message:
    hub.accept([call], channel)
    if call.refusal is not None:
        raise call.refusal
    assert isinstance(call.content, Message)  # noqa: S101 - else it was refused
    message_id = call.content.header.message_id or ""
    reply = hub.answer(message_id, seconds)
    if reply is None:
        raise Late(
            f"No reply came within {seconds:g} s: the same MessageID, {message_id}, sent again"
            " waits for it."
        )
    check_outward(reply, call.principal)
    return reply


def _call(given: bytes | Message, principal: str, dialects: Dialects) -> Call:
    if isinstance(given, Message):
        return Call(_request(given), encode(given), principal)
    try:
        message, corrections = read(given, dialects.of(principal))
    except Refusal as refusal:
        return Call(refusal, given, principal)
    return Call(_request(message), given, principal, corrections)


def _request(message: Message | Fault) -> Message:
    """The same, with an id by which its reply is known.  Raises: NoRequest."""
    if isinstance(message, Fault) or message.kind is not Kind.REQUEST:
        raise NoRequest("Only a request is answered here; events are sent over SOAP or RabbitMQ.")
    if message.header.async_reply_flag:
        raise NoRequest("A reply is given here and nowhere else: leave AsyncReplyFlag out.")
    if message.header.message_id:
        return message
    return replace(message, header=replace(message.header, message_id=str(uuid4())))


def request_nothing(_principal: str, _given: bytes | Message) -> Message:
    """For a console without a hub that takes anything."""
    raise NoRequest("Requests are not taken here.")


def act_not(_person: str, _asked: Outgoing) -> Message:
    """The same of what people ask for."""
    raise NoRequest("Requests are not taken here.")
