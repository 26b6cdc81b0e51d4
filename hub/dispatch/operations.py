"""Operation sets: several requests in one message, all of them or none (IEC 61968-100)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cim.message import Header, Kind, Message, Operation, OperationSet, Outgoing, Verb
from cim.violation import Refusal

NOT_ATTEMPTED, INVALID_VERB, MISSING = "5.2", "2.9", "1.7"


def check(message: Message, is_answered: Callable[[Message], bool]) -> None:
    """Raises: Refusal when a request for an operation set cannot be carried out whole.

    is_answered: whether an app answers such a request; it could say no after the others are done.
    """
    if message.kind is not Kind.REQUEST or not isinstance(message.payload, OperationSet):
        return
    for one in message.payload.operations:
        _check(one, message.header.noun, is_answered)


def events(request: Message) -> Iterator[Outgoing]:
    """What is a fact once `request` is accepted: its own event, and one for each operation."""
    header = request.header
    if header.verb.event is None:
        return
    yield Outgoing(header.verb.event, noun=header.noun)
    if isinstance(request.payload, OperationSet):
        for one in request.payload.operations:
            if one.verb is not None and one.verb.event is not None:
                yield Outgoing(one.verb.event, one.payload)


def _check(one: Operation, noun: str, is_answered: Callable[[Message], bool]) -> None:
    def refuse(code: str, rule: str) -> Refusal:
        where = "/RequestMessage/Payload/OperationSet/Operation"
        return Refusal.of(code, f"operation {one.operation_id}: {rule}", xpath=where)

    if one.element_operation:
        raise refuse(NOT_ATTEMPTED, "element operations are not carried out here")
    if one.verb is None or one.verb.event is None or one.verb is Verb.EXECUTE:
        raise refuse(INVALID_VERB, f"{one.verb or 'no verb'} asks for nothing")
    if one.payload is None:
        raise refuse(MISSING, "it has no payload")
    alone = Header(verb=one.verb, noun=one.noun or noun)
    if is_answered(Message(header=alone, kind=Kind.REQUEST)):
        raise refuse(
            NOT_ATTEMPTED, f"{alone.verb} {alone.noun} is answered by an application: send it alone"
        )
