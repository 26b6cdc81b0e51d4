"""One call from beginning to end: read, hand over, wait, answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from uuid import uuid4

from lxml import etree

from cim.dialect import Correction, Dialect, Dialects, read_element
from cim.envelope.edition2 import edition_of
from cim.message import Edition, Fault, Format, Kind, Message
from cim.validation import check_outward
from cim.violation import Refusal, Violation
from hub.channels.soap.answers import Answers, Asked
from hub.channels.soap.intake import BUSY, Intake, SoapDelivery
from hub.front import Principal

TIMED_OUT, TOO_MANY_PENDING = "4.1", "3.2"
INVALID_VERB = "2.9"
FAILED = "5.3"
LARGE = 256 * 1024
MOST_PENDING = 128

_log = logging.getLogger(__name__)

Replies = Callable[[str, float], Message | None]
"""Message id of a request, seconds -> its reply, or None after that time; it may block."""


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """How messages are taken and answered.

    replies:         waits for the reply to a request.
    answer_seconds:  how long the sender waits for a reply.
    journal_seconds: how long for the journal.
    payload:         how replies say their payloads shall be written, unless the request's own came
                     as RDF, or its envelope in edition 2, whose payloads are XML; they are
                     compressed when the request's was.
    dialects:        how strictly each system is read.
    """

    intake: Intake
    answers: Answers
    replies: Replies
    answer_seconds: float = 20.0
    journal_seconds: float = 30.0
    payload: Format = Format.XML
    dialects: Dialects = field(default_factory=Dialects)
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(MOST_PENDING, "soap-reply"), init=False
    )
    _pending: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(MOST_PENDING), init=False
    )

    async def take(self, element: etree._Element, who: Principal) -> Message:
        """The reply to the message in `element`, which says how it is to be written.

        Raises: Refusal, when not even the header can be read.
        """
        edition = edition_of(element)
        body = etree.tostring(element, with_tail=False)
        try:
            read = await _read(element, len(body), self.dialects.of(who.name))
        except Refusal as refusal:
            await self.quarantine(refusal, body, who)
            if (asked := Asked.read(element)) is None:
                raise
            return replace(self.answers.refused(asked, refusal.violations), edition=edition)
        reply = self._fit(await self._hand_over(*read, body, who), who)
        format_ = Format.XML if edition is Edition.SECOND else self.payload
        format_ = Format.RDF if read[0].format is Format.RDF else format_
        return replace(reply, format=format_, compressed=read[0].compressed, edition=edition)

    def _fit(self, reply: Message, who: Principal) -> Message:
        """The reply, or that it breaks a utility's own XSD: it may be of before that held."""
        try:
            check_outward(reply, who.name)
        except Refusal as refusal:
            _log.warning("a reply was not sent: %s", refusal)
            broken = [replace(v, code=FAILED) for v in refusal.violations]
            return self.answers.refused(Asked.by(reply.header), broken)
        return reply

    async def quarantine(self, refusal: Refusal, body: bytes, who: Principal) -> None:
        """Have bytes kept that are no message; the sender gets its refusal whether or not."""
        delivery = SoapDelivery(refusal, body, who.name)
        if self.intake.put(delivery):
            await self._outcome(delivery)

    def close(self) -> None:
        """Let nobody wait for replies any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _hand_over(
        self, message: Message, corrections: Sequence[Correction], body: bytes, who: Principal
    ) -> Message:
        # Without an id of its own the request could not be told from others when its reply comes.
        message_id = message.header.message_id or str(uuid4())
        message = replace(message, header=replace(message.header, message_id=message_id))
        delivery = SoapDelivery(message, body, who.name, corrections)
        asked = Asked.by(message.header)
        if message.kind is not Kind.REQUEST:
            wants_receipt = message.header.ack_required
            taken = self.answers.acknowledged if wants_receipt else self.answers.accepted
            return await self._journaled(delivery, asked) or taken(asked)
        if message.header.async_reply_flag:
            refused = await self._journaled(delivery, asked)
            return refused or self.answers.acknowledged(asked)
        if self._pending.locked():
            rule = f"{MOST_PENDING} requests are waiting for their replies; send again later."
            return self.answers.refused(asked, [Violation(code=TOO_MANY_PENDING, rule=rule)])
        async with self._pending:
            return await self._journaled(delivery, asked) or await self._reply(asked, message_id)

    async def _journaled(self, delivery: SoapDelivery, asked: Asked) -> Message | None:
        """None when it is in the journal, else the refusal."""
        if self.intake.put(delivery):
            broken = await self._outcome(delivery)
        else:
            rule = "Too many messages wait for the journal; send again later."
            broken = (Violation(code=BUSY, rule=rule),)
        return self.answers.refused(asked, broken) if broken else None

    async def _outcome(self, delivery: SoapDelivery) -> tuple[Violation, ...]:
        try:
            return await delivery.outcome(self.journal_seconds)
        except TimeoutError:
            rule = (
                f"The journal did not answer within {self.journal_seconds:g} s: send the same"
                " MessageID again, it is taken once."
            )
            return (Violation(code=BUSY, rule=rule),)

    async def _reply(self, asked: Asked, message_id: str) -> Message:
        reply = await asyncio.get_running_loop().run_in_executor(
            self._pool, self.replies, message_id, self.answer_seconds
        )
        if reply is not None:
            return reply
        rule = f"No reply came within {self.answer_seconds:g} s."
        return self.answers.refused(asked, [Violation(code=TIMED_OUT, rule=rule)])


async def _read(
    element: etree._Element, size: int, dialect: Dialect
) -> tuple[Message, Sequence[Correction]]:
    # What is compressed may be hundreds of times as large.
    large = size > LARGE or element.find(".//{*}Compressed") is not None
    if large:
        message, corrections = await asyncio.to_thread(read_element, element, dialect)
    else:
        message, corrections = read_element(element, dialect)
    if isinstance(message, Fault):
        raise Refusal.of(INVALID_VERB, "A FaultMessage is an answer; it cannot be sent as a call.")
    return message, corrections
