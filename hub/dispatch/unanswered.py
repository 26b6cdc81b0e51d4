"""What who has asked is told when nobody will answer any more: never silence.

The reply is accepted in the transaction in which the request became a dead letter, so that it is
said once whatever is killed; it goes where any answer would have gone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from cim.message import Error, Level, Message, Outgoing, Reply, Result, Verb
from cim.replies import failed
from cim.violation import Violation
from hub.dispatch.stamp import Voice, stamp
from hub.journal import Entry, Transaction, unanswered
from hub.journal.canonical import encode
from hub.journal.tables import ACCEPTED, DEAD

FAILED, NOTHING, TIMED_OUT = "5.3", "5.7", "4.1"


def dead(
    transaction: Transaction, seq: int, subscriber: str, attempts: int, voice: Voice, why: str = ""
) -> list[Entry]:
    """The reply to a request that has become a dead letter of `subscriber`; none to anything else,
    and none while somebody else has it in hand who may answer.

    why: what the requester may know of the reason; an app's errors are its operators' business.
    """
    request = unanswered.request(transaction.connection, seq)
    if request is None or any(
        other.state == ACCEPTED for other in _others(transaction, request, seq, subscriber)
    ):
        return []
    return _dead(transaction, seq, subscriber, attempts, voice, why)


def _dead(
    transaction: Transaction, seq: int, subscriber: str, attempts: int, voice: Voice, why: str = ""
) -> list[Entry]:
    times = "once" if attempts == 1 else f"in {attempts} attempts"
    rule = f"could not be handled by {subscriber} {times}{why};"
    rule += f" it is kept among the dead letters of {subscriber}"
    return given_up(transaction, seq, subscriber, rule, voice)


def given_up(
    transaction: Transaction, seq: int, subscriber: str, rule: str, voice: Voice
) -> list[Entry]:
    """The reply to a request that is not answered any more; none when it is.

    rule: what of it, e.g. "could not be ...".
    """
    request = unanswered.request(transaction.connection, seq)
    if request is None:
        return []
    header = request.header
    rule = f"message {header.message_id} ({header.verb} {header.noun}) {rule}"
    return [_entry(transaction, request, seq, subscriber, _failure(rule), voice)]


def late(connection: Connection, message_id: str, now: datetime, voice: Voice) -> Message | None:
    """What who has waited long enough is told of a request that its app has failed at so far; None
    when it has not.  It is no answer, and is kept nowhere."""
    seq, failing = unanswered.failing(connection, message_id)
    request = unanswered.request(connection, seq) if failing else None
    if request is None:
        return None
    header = request.header
    told = " and ".join(f"{name} has failed in attempt {times}" for name, times in failing.items())
    rule = f"message {header.message_id} ({header.verb} {header.noun}) is not answered yet: {told}"
    rule += " and will try again; the same MessageID sent again waits for the answer"
    outgoing = Outgoing(Verb.REPLY, reply=_failure(rule, TIMED_OUT))
    return stamp(outgoing, voice.source, now, request, voice.context)


def silent(
    transaction: Transaction, request: Message, seq: int, subscriber: str, voice: Voice
) -> list[Entry]:
    """The reply to a request that an app has handled without a word; none when others get it, too,
    who may answer.  When those have all failed for good, it is that which is told."""
    if others := _others(transaction, request, seq, subscriber):
        if any(other.state != DEAD for other in others):
            return []
        return _dead(transaction, seq, others[0].subscriber, others[0].attempts, voice)
    said = Reply(result=Result.OK)
    if request.header.verb is Verb.GET:
        rule = f"{subscriber} has nothing to say to get {request.header.noun}"
        said = failed([Violation(code=NOTHING, rule=rule)])
    return [_entry(transaction, request, seq, subscriber, said, voice)]


def _others(
    transaction: Transaction, request: Message, seq: int, subscriber: str
) -> list[unanswered.Taker]:
    """Who else gets a request and may answer it."""
    silent = {one.subscriber for one in transaction.subscribers(request) if not one.answers}
    silent.add(subscriber)
    if {one.subscriber for one in unanswered.takers(transaction.connection, seq)} <= silent:
        return []
    transaction.hold_order()  # else two that end at once would leave it to one another
    takers = unanswered.takers(transaction.connection, seq)
    return [one for one in takers if one.subscriber not in silent]


def _failure(rule: str, code: str = FAILED) -> Reply:
    told = Error(code=code, level=Level.FATAL, reason=rule, details=rule)
    return Reply(result=Result.FAILED, errors=(told,))


def _entry(
    transaction: Transaction, request: Message, seq: int, subscriber: str, said: Reply, voice: Voice
) -> Entry:
    outgoing = Outgoing(Verb.REPLY, reply=said)
    message = stamp(outgoing, voice.source, transaction.now, request, voice.context)
    once = f"{said.result} to {request.header.message_id}"
    return Entry(message, encode(message), subscriber, subscriber, external_id=once, cause=seq)
