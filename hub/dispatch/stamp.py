"""The hub's signature under a message: the only place where identifiers are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from cim.message import Header, Kind, Message, Outgoing, Reply, Result, Verb


@dataclass(frozen=True)
class Voice:
    """In whose name the hub itself speaks.

    source:  Header.Source.
    context: Header.Context of what follows from nothing that names one.
    """

    source: str = "GRIDBUS"
    context: str | None = None


def stamp(
    outgoing: Outgoing,
    source: str,
    now: datetime,
    answers: Message | None = None,
    context: str | None = None,
) -> Message:
    """Make a message of what an adapter or an app says.

    answers: the message it follows from; its conversation and its context go on.
    context: Header.Context where there is none to go on.
    Raises: ValueError, when it would be of another context than what it follows from must have.
    """
    verb = outgoing.verb
    asked = answers.header if answers else None
    noun = outgoing.noun or (type(outgoing.payload).__name__ if outgoing.payload else None)
    if not (noun := noun or (asked.noun if asked else None)):
        raise ValueError(f"a {verb} message needs a payload or a noun")
    return Message(
        header=Header(
            verb=verb,
            noun=noun,
            context=_context(outgoing, asked, context),
            timestamp=now,
            source=source,
            message_id=str(uuid4()),
            correlation_id=correlation_id(answers) if answers else outgoing.correlation_id,
            properties=outgoing.properties,
        ),
        kind=Kind.of(verb),
        reply=(outgoing.reply or Reply(result=Result.OK)) if verb is Verb.REPLY else None,
        payload=outgoing.payload,
        request=outgoing.request,
    )


def _context(outgoing: Outgoing, asked: Header | None, usual: str | None) -> str | None:
    follows = (asked.context if asked else None) or usual
    said = outgoing.context
    if said is None or said == follows:
        return follows
    if asked and (asked.is_study or outgoing.verb is Verb.REPLY):
        raise ValueError(f"{said} is said of what follows from a message of {follows}: it stays so")
    return said


def correlation_id(message: Message) -> str | None:
    """By which answers to `message` are known: its own correlation id, else its message id."""
    return message.header.correlation_id or message.header.message_id
