"""Operation sets: several requests in one message (IEC 61968-100, OperationSet).

enforceTransactionalIntegrity: all are carried out or none; without it each is on its own.
enforceMsgSequence: in the order of operationId, and none after one that could not be carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cim.message import (
    Header,
    Kind,
    Message,
    Operation,
    OperationSet,
    Outgoing,
    Reply,
    Result,
    Verb,
)
from cim.replies import error
from cim.violation import Refusal, Violation

INVALID, MISSING, INVALID_VERB = "1.8", "1.7", "2.9"
NOT_ATTEMPTED, ABORTED = "5.2", "5.9"
_WHERE = "/RequestMessage/Payload/OperationSet/Operation"
_ELEMENTS = frozenset({Verb.CREATE, Verb.CHANGE, Verb.DELETE})
"""Verbs that may speak of single attributes and associations of an object."""

Check = Callable[[Message], None]
"""Raises: Refusal when the hub cannot carry out a request that was sent by itself."""


@dataclass(frozen=True)
class Plan:
    """What of a set is carried out, in order, and why the rest is not."""

    done: tuple[Operation, ...] = ()
    broken: tuple[Violation, ...] = ()

    def reply(self) -> Reply:
        """One error for each operation that is not carried out."""
        if not self.broken:
            return Reply(result=Result.OK)
        result = Result.PARTIAL if self.done else Result.FAILED
        return Reply(result=result, errors=tuple(map(error, self.broken)))


def plan(message: Message, check: Check) -> Plan | None:
    """What becomes of a request for an operation set; None for any other message.

    Raises: Refusal when nothing of it can be carried out.
    """
    if message.kind is not Kind.REQUEST or not isinstance(message.payload, OperationSet):
        return None
    wanted = message.payload
    operations = _in_order(wanted)
    broken = {
        one.operation_id: violation
        for one in operations
        if (violation := _broken(one, message.header, check)) is not None
    }
    if broken and wanted.enforce_transactional_integrity:
        broken = _aborted(operations, broken)
    elif broken and wanted.enforce_msg_sequence:
        broken = _stopped(operations, broken)
    done = tuple(one for one in operations if one.operation_id not in broken)
    violations = tuple(broken[one.operation_id] for one in operations if one.operation_id in broken)
    if violations and not done:
        raise Refusal(violations)
    return Plan(done, violations)


def events(request: Message, plan: Plan | None) -> Iterator[Outgoing]:
    """What is a fact once `request` is accepted: its own event, and one for each operation."""
    header = request.header
    if header.verb.event is None:
        return
    if plan is None or not isinstance(request.payload, OperationSet):
        yield Outgoing(header.verb.event, noun=header.noun)
        return
    carried_out = replace(request.payload, operations=plan.done)
    yield Outgoing(header.verb.event, carried_out, noun=header.noun)
    for one in plan.done:
        yield from _event(one, header.noun)


def _event(one: Operation, noun: str) -> Iterator[Outgoing]:
    """An operation on elements says so in an operation set of its own: outside of one it would be
    the creation or the end of the whole object."""
    if one.verb is None or one.verb.event is None:
        return
    if not one.element_operation:
        yield Outgoing(one.verb.event, one.payload)
        return
    told = OperationSet(operations=(replace(one, verb=one.verb.event),))
    yield Outgoing(Verb.EXECUTED, told, noun=one.noun or noun)


def _in_order(wanted: OperationSet) -> Sequence[Operation]:
    """Raises: Refusal when two have the same number: no error could name one of them."""
    numbers = [one.operation_id for one in wanted.operations]
    if twice := sorted({n for n in numbers if numbers.count(n) > 1}):
        rule = f"operationId {twice[0]} stands for more than one operation"
        raise Refusal.of(INVALID, rule, xpath=_WHERE, value=str(twice[0]))
    if not wanted.enforce_msg_sequence:
        return wanted.operations
    return sorted(wanted.operations, key=lambda one: one.operation_id)


def _broken(one: Operation, header: Header, check: Check) -> Violation | None:
    """Why it cannot be carried out."""
    if one.verb is None or one.verb.event is None or one.verb is Verb.EXECUTE:
        return _violation(one, INVALID_VERB, f"{one.verb or 'no verb'} asks for nothing")
    if one.element_operation and one.verb not in _ELEMENTS:
        return _violation(one, INVALID_VERB, f"{one.verb} is no operation on elements")
    if one.payload is None:
        return _violation(one, MISSING, "it has no payload")
    alone = replace(header, verb=one.verb, noun=one.noun or header.noun)
    try:
        check(Message(header=alone, kind=Kind.REQUEST, payload=one.payload))
    except Refusal as refusal:
        first = refusal.violations[0]
        return _violation(one, first.code, first.rule)
    return None


def _stopped(
    operations: Sequence[Operation], broken: Mapping[int, Violation]
) -> dict[int, Violation]:
    """With those after the first broken one, in sequence."""
    first = next(n for n, one in enumerate(operations) if one.operation_id in broken)
    rule = f"not attempted: operation {operations[first].operation_id} before it failed"
    later = {o.operation_id: _violation(o, NOT_ATTEMPTED, rule) for o in operations[first + 1 :]}
    return later | dict(broken)


def _aborted(
    operations: Sequence[Operation], broken: Mapping[int, Violation]
) -> dict[int, Violation]:
    """With all the others, in a transaction."""
    rule = f"aborted, because operation {min(broken)} cannot be carried out"
    return {o.operation_id: _violation(o, ABORTED, rule) for o in operations} | dict(broken)


def _violation(one: Operation, code: str, rule: str) -> Violation:
    number = one.operation_id
    return Violation(
        code=code, rule=f"operation {number}: {rule}", xpath=_WHERE, operation_id=number
    )
