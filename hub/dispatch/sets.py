"""Operation sets of which apps answer a part: each such operation is asked as a request of its own,
and the set is answered when all are.

What was begun is in the database, in the transactions in which it is; a hub that is killed goes on
where it was.  In a transaction every `get` is answered before anything is changed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import uuid4

from cim.message import (
    Error,
    Message,
    Operation,
    OperationSet,
    Outgoing,
    Reply,
    Result,
    Verb,
)
from cim.profile import Profile
from cim.replies import NO_ERRORS, error
from cim.violation import Violation
from hub.dispatch import operations, unanswered
from hub.dispatch.operations import ABORTED, NOT_ATTEMPTED, Plan
from hub.dispatch.retry import Retry
from hub.dispatch.stamp import Voice, correlation_id, stamp
from hub.journal import Entry, Journal, Leased, Overtaken, Transaction, operation_sets, queries
from hub.journal.canonical import decode, encode
from hub.journal.database import is_transient
from hub.journal.entry import ReplyTo
from hub.journal.operation_sets import State, Step

NAME = "operation-sets"
"""The subscriber to which the answers of apps go."""

log = logging.getLogger(__name__)
_BATCH = 100


@dataclass(frozen=True)
class Task:
    """One operation of a set, and how far it has come.

    replies: of the app that was asked.
    """

    operation: Operation
    step: Step
    replies: tuple[Message, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether an app has been asked and has not answered yet."""
        return self.step.state is State.ASKED and not self.replies

    @property
    def is_done(self) -> bool:
        """Whether it is carried out."""
        return self.step.state is State.DONE or (bool(self.replies) and not self.has_failed)

    @property
    def has_failed(self) -> bool:
        return self.step.state is State.BROKEN or any(
            said.reply is not None and said.reply.result is Result.FAILED for said in self.replies
        )

    @property
    def errors(self) -> Iterator[Error]:
        """What went wrong with it, and what its app has to say beside the answer."""
        number = self.operation.operation_id
        if self.step.state is State.BROKEN:
            yield _error(number, self.step.code or "", self.step.rule or "")
        for said in self.replies:
            for one in said.reply.errors if said.reply else ():
                if one.code != NO_ERRORS:
                    yield replace(one, operation_id=number)
        if self.replies and self.has_failed and not any(_reasons(self.replies)):
            yield _error(number, unanswered.FAILED, f"operation {number} failed without a reason")


class Set(NamedTuple):
    """A set that is being carried out."""

    request: Message
    wanted: OperationSet
    tasks: Sequence[Task]

    @property
    def is_in_turn(self) -> bool:
        """Whether nothing is begun after what has failed or is not answered yet."""
        wanted = self.wanted
        return bool(wanted.enforce_msg_sequence or wanted.enforce_transactional_integrity)

    def due(self) -> list[Task]:
        """What is to be carried out now."""
        found: list[Task] = []
        for task in self.tasks:
            if task.step.state in (State.TO_DO, State.TO_ASK):
                found.append(task)
            stops = task.is_open or task.has_failed or task.step.state is State.TO_ASK
            if stops and self.is_in_turn:
                break
        return found

    def after(self, step: Step) -> Set:
        """The same, when one of its operations has come as far as `step`."""
        tasks = [replace(t, step=step) if t.step.place == step.place else t for t in self.tasks]
        return self._replace(tasks=tasks)

    def reply(self) -> Reply:
        """What came of it, when nothing is left to be waited for."""
        failed = [t for t in self.tasks if t.has_failed]
        errors = [e for task in self.tasks for e in task.errors]
        if failed and self.wanted.enforce_transactional_integrity:
            rule = f"aborted, because operation {failed[0].operation.operation_id} failed"
            others = [t for t in self.tasks if not t.has_failed]
            errors = [e for task in failed for e in task.errors]
            errors += [_told(task, ABORTED, rule) for task in others]
            return Reply(result=Result.FAILED, errors=tuple(errors))
        left = [t for t in self.tasks if not t.has_failed and not t.is_done]
        if left:
            first = failed[0].operation.operation_id
            rule = f"not attempted: operation {first} before it failed"
            errors += [_told(task, NOT_ATTEMPTED, rule) for task in left]
        ids = tuple(i for s in self._said() if s.reply for i in s.reply.ids)
        return Reply(result=self._result(), errors=tuple(errors), ids=ids)

    def _result(self) -> Result:
        if not any(task.is_done for task in self.tasks):
            return Result.FAILED
        whole = all(task.is_done for task in self.tasks)
        said = all(s.reply is None or s.reply.result is Result.OK for s in self._said())
        return Result.OK if whole and said else Result.PARTIAL

    def _said(self) -> list[Message]:
        return [said for task in self.tasks for said in task.replies]

    def answers(self, reply: Reply) -> OperationSet | None:
        """The answers of the apps, each under the number of its operation."""
        if reply.result is Result.FAILED:
            return None
        told = tuple(
            Operation(
                operation_id=task.operation.operation_id,
                noun=said.header.noun,
                verb=Verb.REPLY,
                payload=said.payload if isinstance(said.payload, Profile) else None,
            )
            for task in self.tasks
            for said in task.replies
            if task.is_done
        )
        return OperationSet(operations=told) if told else None

    def carried_out(self) -> OperationSet | None:
        """What of it the hub itself has done."""
        done = tuple(t.operation for t in self.tasks if t.step.state is State.DONE)
        return replace(self.wanted, operations=done) if done else None


class Sets:
    """Carries them out.  Its tables are in the journal's database."""

    def __init__(self, journal: Journal, retry: Retry, voice: Voice) -> None:
        self._journal = journal
        self._retry = retry
        self._voice = voice
        journal.create_tables(operation_sets.tables)

    def begin(
        self, transaction: Transaction, request: Entry, seq: int, plan: Plan
    ) -> Iterator[Entry]:
        """What follows at once from a set that was accepted as `seq`."""
        wanted = request.message.payload
        assert isinstance(wanted, OperationSet)  # noqa: S101 - there is a plan
        operation_sets.begin(transaction.connection, _steps(wanted, seq, plan))
        yield from self._go_on(transaction, request, seq)

    def step(self) -> Iterator[dict[int, Entry]]:
        """Go on with every set of which an app has answered a part; what was said in each commit,
        by its place in the journal.

        Raises: the database's error.
        """
        for row in self._journal.lease(NAME, range(1), _BATCH):
            try:
                yield self._take(row)
            except Overtaken:
                continue  # another hub was quicker
            except Exception as failure:
                if is_transient(failure):
                    raise
                yield self._failed(row, failure)

    def _take(self, row: Leased) -> dict[int, Entry]:
        with self._journal.transaction() as transaction:
            transaction.delivered(NAME, [row.seq], transaction.now)
            seq = operation_sets.answered_by(transaction.connection, row.seq)
            if seq is None:
                return {}  # a second answer, and the set did not wait for it
            return _accepted(
                transaction, self._go_on(transaction, self._asked(transaction, seq), seq)
            )

    def _asked(self, transaction: Transaction, seq: int) -> Entry:
        known = queries.message(transaction.connection, seq)
        assert known is not None  # noqa: S101 - nothing leaves the journal
        return Entry(decode(known.body), known.body, known.row.channel, known.row.principal)

    def _go_on(self, transaction: Transaction, asked: Entry, seq: int) -> Iterator[Entry]:
        connection = transaction.connection
        current = _read(transaction, asked.message, seq)
        for task in current.due():
            entry, step = self._carry_out(transaction, asked, seq, task)
            yield entry
            operation_sets.note(connection, step)
            current = current.after(step)
        # By what was read above: an answer that has come since has a turn of its own.
        if current.tasks and not any(task.is_open for task in current.tasks):
            operation_sets.end(connection, seq)
            yield from self._end(transaction, asked, seq, current)

    def _carry_out(
        self, transaction: Transaction, asked: Entry, seq: int, task: Task
    ) -> tuple[Entry, Step]:
        message = asked.message
        if task.step.state is State.TO_DO:
            [told] = operations.event(task.operation, message.header.noun)
            entry = self._entry(transaction, asked, seq, told)
            return entry, replace(task.step, state=State.DONE)
        alone = operations.alone(task.operation, message.header)
        identity = str(uuid4())
        header = replace(alone.header, message_id=identity, correlation_id=correlation_id(message))
        request = replace(alone, header=header)
        to = ReplyTo(NAME, message.header.message_id or "")
        entry = Entry(
            request, encode(request), asked.channel, asked.principal, cause=seq, reply_to=to
        )
        return entry, replace(task.step, state=State.ASKED, request=identity)

    def _end(
        self, transaction: Transaction, asked: Entry, seq: int, current: Set
    ) -> Iterator[Entry]:
        """What is a fact, and the answer to the set."""
        if carried_out := current.carried_out():
            told = Outgoing(Verb.EXECUTED, carried_out, noun=asked.message.header.noun)
            yield self._entry(transaction, asked, seq, told)
        reply = current.reply()
        answer = Outgoing(
            Verb.REPLY, current.answers(reply), reply=reply, noun=asked.message.header.noun
        )
        yield self._entry(transaction, asked, seq, answer)

    def _entry(self, transaction: Transaction, asked: Entry, seq: int, told: Outgoing) -> Entry:
        voice = self._voice
        message = stamp(told, voice.source, transaction.now, asked.message, voice.context)
        return Entry(message, encode(message), asked.channel, asked.principal, cause=seq)

    def _failed(self, row: Leased, failure: Exception) -> dict[int, Entry]:
        """Have it tried again; at last whoever asked is told that there will be no answer."""
        with self._journal.transaction() as transaction:
            due = self._retry.due(row.attempts + 1, transaction.now)
            text = f"{type(failure).__name__}: {failure}"
            log.warning("%s: message %s: %s", NAME, row.message_id, text, exc_info=failure)
            transaction.failed(NAME, row.seq, text, due)
            seq = operation_sets.answered_by(transaction.connection, row.seq)
            if due is not None or seq is None:
                return {}
            operation_sets.end(transaction.connection, seq)
            rule = f"could not be gone on with after message {row.message_id}"
            return _accepted(
                transaction, unanswered.given_up(transaction, seq, NAME, rule, self._voice)
            )


def _accepted(
    transaction: Transaction, said: Iterator[Entry] | Sequence[Entry]
) -> dict[int, Entry]:
    entries = list(said)
    seqs = transaction.accept(entries)
    return {seq: e for seq, e in zip(seqs, entries, strict=True) if seq is not None}


def _steps(wanted: OperationSet, seq: int, plan: Plan) -> list[Step]:
    """All operations in their turn: within a transaction, those that an app answers come first."""
    index = {one.operation_id: n for n, one in enumerate(wanted.operations)}
    broken = {v.operation_id: v for v in plan.broken}
    turn = sorted(index) if wanted.enforce_msg_sequence else list(index)
    if wanted.enforce_transactional_integrity:
        turn.sort(key=lambda number: number not in plan.asked)
    found = []
    for place, number in enumerate(turn):
        state = State.TO_ASK if number in plan.asked else State.TO_DO
        why = broken.get(number)
        step = Step(seq=seq, place=place, operation=index[number], state=state)
        if why is not None:
            step = replace(step, state=State.BROKEN, code=why.code, rule=why.rule)
        found.append(step)
    return found


def _read(transaction: Transaction, request: Message, seq: int) -> Set:
    wanted = request.payload
    assert isinstance(wanted, OperationSet)  # noqa: S101 - it was noted as one
    steps = operation_sets.steps(transaction.connection, seq)
    asked = [step.request for step in steps if step.request is not None]
    replies = queries.replies(transaction.connection, asked)
    tasks = [
        Task(
            wanted.operations[step.operation],
            step,
            tuple(map(decode, replies.get(step.request or "", ()))),
        )
        for step in steps
    ]
    return Set(request, wanted, tasks)


def _reasons(replies: Sequence[Message]) -> Iterator[Error]:
    return (e for said in replies if said.reply for e in said.reply.errors if e.code != NO_ERRORS)


def _told(task: Task, code: str, rule: str) -> Error:
    number = task.operation.operation_id
    return _error(number, code, f"operation {number}: {rule}")


def _error(number: int, code: str, rule: str) -> Error:
    xpath = "/RequestMessage/Payload/OperationSet/Operation"
    return error(Violation(code=code, rule=rule, xpath=xpath, operation_id=number))
