"""What the hub itself says to a request: it is the answer where no app gives one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from cim.bounds import LONGEST
from cim.message import Error, Kind, Level, Message, Outgoing, Reply, Result, Verb
from cim.replies import acknowledged, failed, in_part
from cim.violation import Refusal, Violation
from hub.channels.addresses import AMQP
from hub.dispatch.operations import Plan
from hub.dispatch.stamp import Voice, stamp
from hub.journal import Entry


def reply(request: Message) -> Reply:
    """The answer to a request that nobody but the hub answers, once it is accepted."""
    if request.header.verb is Verb.GET:
        return _nobody(request.header.noun)
    return Reply(result=Result.OK)


def receipts(entry: Entry) -> Iterator[Outgoing]:
    """The acknowledgement that its sender wants and gets on no connection."""
    if entry.reply_to is not None and entry.channel == AMQP and entry.message.header.ack_required:
        yield Outgoing(Verb.REPLY, reply=acknowledged())


def replies(
    entry: Entry, planned: Plan | None, refused: Sequence[Violation] = ()
) -> Iterator[Outgoing]:
    """The hub's own answer, when it must be sent somewhere or says more than yes or no; no app
    answers the request.

    refused: why a part of it is not taken.
    """
    if entry.message.kind is not Kind.REQUEST:
        return
    if refused:
        yield Outgoing(Verb.REPLY, reply=in_part(refused))
    elif entry.reply_to is not None or (planned is not None and planned.broken):
        said = reply(entry.message) if planned is None else planned.reply()
        yield Outgoing(Verb.REPLY, reply=said)


def refusal(request: Message, why: Refusal, now: datetime, voice: Voice) -> Message | None:
    """The answer to what went into quarantine; None when its ids are too long to be repeated."""
    asked = request.header
    # It may be what is wrong; but what is said of a study stays in it.
    header = replace(asked, context=asked.context if asked.is_study else None)
    if len(header.message_id or "") > LONGEST or len(header.correlation_id or "") > LONGEST:
        return None
    outgoing = Outgoing(Verb.REPLY, reply=failed(why.violations))
    return stamp(outgoing, voice.source, now, replace(request, header=header), voice.context)


def _nobody(noun: str) -> Reply:
    rule = f"nobody here answers get {noun}"
    error = Error(code="2.5", level=Level.FATAL, reason=rule, details=rule)
    return Reply(result=Result.FAILED, errors=(error,))
