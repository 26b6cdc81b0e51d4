"""Operation sets: several requests in one message (IEC 61968-100, OperationSet).

enforceTransactionalIntegrity: all are carried out or none; without it each is on its own.
enforceMsgSequence: in the order of operationId, and none after one that could not be carried out.

What an app answers goes to it as a request of its own (`hub.dispatch.sets`).  In a transaction only
a `get` may: what an app has changed nobody can take back.
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
    Request,
    Result,
    Verb,
)
from cim.profiles import NOUNS
from cim.replies import error
from cim.violation import Refusal, Violation

INVALID, MISSING, INVALID_VERB = "1.8", "1.7", "2.9"
NOT_ATTEMPTED, ABORTED = "5.2", "5.9"
_WHERE = "/RequestMessage/Payload/OperationSet/Operation"
_ELEMENTS = frozenset({Verb.CREATE, Verb.CHANGE, Verb.DELETE})
"""Verbs that may speak of single attributes and associations of an object."""

Check = Callable[[Message, Operation], bool]
"""Whether an app answers a request, which is that of an operation by itself.

Raises: Refusal when it could not be carried out if it were sent by itself.
"""


@dataclass(frozen=True)
class Plan:
    """What of a set is carried out, in order, and why the rest is not.

    asked: numbers of the operations that an app answers.
    """

    done: tuple[Operation, ...] = ()
    broken: tuple[Violation, ...] = ()
    asked: frozenset[int] = frozenset()

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
    broken, asked = _looked_at(operations, message.header, check)
    if wanted.enforce_transactional_integrity:
        broken |= _irrevocable(operations, asked, message)
        broken = _aborted(operations, broken) if broken else broken
    elif broken and wanted.enforce_msg_sequence:
        broken = _stopped(operations, broken)
    done = tuple(one for one in operations if one.operation_id not in broken)
    violations = tuple(broken[one.operation_id] for one in operations if one.operation_id in broken)
    if violations and not done:
        raise Refusal(violations)
    return Plan(done, violations, asked & {one.operation_id for one in done})


def alone(one: Operation, header: Header) -> Message:
    """An operation of a set as a request of its own, for whoever answers it; it has no id yet."""
    header = replace(
        header,
        verb=one.verb or header.verb,
        noun=one.noun or header.noun,
        message_id=None,
        replay_detection=None,
        async_reply_flag=None,
        reply_address=None,
        ack_required=None,
    )
    payload, request = one.payload, None
    if payload is not None and type(payload).__name__ not in NOUNS:
        payload, request = None, Request(query=payload)
    return Message(header=header, kind=Kind.REQUEST, request=request, payload=payload)


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
        yield from event(one, header.noun)


def event(one: Operation, noun: str) -> Iterator[Outgoing]:
    """What is a fact once an operation of a set about `noun` is carried out.

    An operation on elements says so in an operation set of its own: outside of one it would be
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


def _looked_at(
    operations: Sequence[Operation], header: Header, check: Check
) -> tuple[dict[int, Violation], frozenset[int]]:
    """Why some cannot be carried out, and which of the others an app answers."""
    broken: dict[int, Violation] = {}
    asked: set[int] = set()
    for one in operations:
        try:
            if _is_asked(one, header, check):
                asked.add(one.operation_id)
        except Refusal as refusal:
            first = refusal.violations[0]
            broken[one.operation_id] = _violation(one, first.code, first.rule)
    return broken, frozenset(asked)


def _is_asked(one: Operation, header: Header, check: Check) -> bool:
    """Whether an app answers it.  Raises: Refusal when it cannot be carried out."""
    asks = one.verb is Verb.GET or (one.verb is not None and one.verb.event is not None)
    if not asks or one.verb is None:
        raise Refusal.of(INVALID_VERB, f"{one.verb or 'no verb'} asks for nothing")
    if one.element_operation and one.verb not in _ELEMENTS:
        raise Refusal.of(INVALID_VERB, f"{one.verb} is no operation on elements")
    if one.payload is None and one.verb is not Verb.GET:
        raise Refusal.of(MISSING, "it has no payload")
    request = alone(one, header)
    is_asked = check(request, one)
    if one.verb is Verb.EXECUTE and not is_asked:
        raise Refusal.of(INVALID_VERB, f"{one.verb} asks for nothing")
    if is_asked:
        _check_alone(one, request.header.noun)
    return is_asked


def _check_alone(one: Operation, noun: str) -> None:
    """Raises: Refusal when it would be no request, or another one, outside of the set."""
    verbs = NOUNS[noun].verbs if noun in NOUNS else ()
    if one.verb not in verbs:
        known = ", ".join(verbs)
        raise Refusal.of(INVALID_VERB, f"{noun} knows no {one.verb}; its verbs are {known}")
    if one.element_operation:
        rule = f"{one.verb} {noun} is answered by an application, which would take it for the whole"
        raise Refusal.of(NOT_ATTEMPTED, f"{rule} object: leave out elementOperation")


def _irrevocable(
    operations: Sequence[Operation], asked: frozenset[int], message: Message
) -> dict[int, Violation]:
    """What an app would answer, but not so that all is done or nothing."""
    broken: dict[int, Violation] = {}
    for place, one in enumerate(operations):
        if one.operation_id in asked and (
            why := _irrevocable_one(one, operations[:place], asked, message)
        ):
            broken[one.operation_id] = _violation(one, NOT_ATTEMPTED, why)
    return broken


def _irrevocable_one(
    one: Operation, before: Sequence[Operation], asked: frozenset[int], message: Message
) -> str | None:
    if one.verb is not Verb.GET:
        return _CANNOT_BE_UNDONE.format(one.verb, one.noun or message.header.noun)
    changing = next((b.operation_id for b in before if b.operation_id not in asked), None)
    in_sequence = isinstance(message.payload, OperationSet) and message.payload.enforce_msg_sequence
    return _TOO_LATE.format(changing) if in_sequence and changing is not None else None


_CANNOT_BE_UNDONE = (
    "{} {} is carried out by an application, which cannot take it back when another operation"
    " fails: send it alone, or the set without enforceTransactionalIntegrity"
)
_TOO_LATE = (
    "a get cannot be answered after operation {0} within a transaction, for {0} can only be carried"
    " out once every get is answered: put it first, or do without enforceMsgSequence"
)


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
