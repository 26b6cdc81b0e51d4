"""What the records of an adapter become: messages that may be accepted, or a reason why not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from cim.message import Message, Outgoing
from cim.violation import Refusal, Violation
from hub.dispatch.checks import check_names
from hub.dispatch.duplicates import same_content, used_otherwise
from hub.dispatch.stamp import stamp
from hub.dispatch.window import Lags, Window, marked
from hub.interfaces import Adapter, Record
from hub.journal.canonical import encode_checked

log = logging.getLogger(__name__)

_BATCH = 500  # records that the journal is asked about at once


class Told(NamedTuple):
    """What an adapter says.

    age: how many seconds ago the fact was, when that is longer than its source may take; else 0.
    """

    outgoing: Outgoing
    age: float


class Said(NamedTuple):
    """A message with its bytes, and what identifies the fact in its source.

    at:   when the fact was; None where that is of no matter.
    late: whether that is longer ago than its source may take.
    """

    message: Message
    body: bytes
    external_id: str | None
    exact: bool = False
    at: datetime | None = None
    late: bool = False
    state_of: str | None = None


@dataclass(frozen=True)
class Translation:
    """How the records of an adapter are translated now.

    name:    the source.
    context: Header.Context.
    window:  how long facts of this source may take until they are here.
    lags:    where the time of each fact is noted.
    """

    name: str
    adapter: Adapter[Any]
    now: datetime
    context: str | None = None
    window: Window = Window()  # noqa: RUF009 - immutable
    lags: Lags = field(default_factory=Lags)

    def messages(self, record: Record) -> list[Said]:
        """All messages of one record.  Raises: Refusal when one of them is wrong."""
        with refusing(self.name, record):
            return [self.said(one) for one in self.read(record)]

    def read(self, record: Record) -> list[Told]:
        """What one record says; its times are noted in `lags`, refused or not.

        Raises: what `to_cim` does; ValueError for a fact of the future.
        """
        told = [Told(one, self.window.age(one.at, self.now)) for one in self.adapter.to_cim(record)]
        for one, _ in told:
            if one.at is not None:
                self.lags.look(one.at, self.now)
        for one, _ in told:
            self.window.check(one, self.now)
        return told

    def said(self, told: Told) -> Said:
        """The message.  Raises: Refusal."""
        one = told.outgoing
        message = stamp(marked(one, told.age), self.name, self.now, context=self.context)
        body, late = encode_checked(message), bool(told.age)
        check_names(body, message.header.noun)
        return Said(message, body, one.external_id, one.exact, one.at, late, one.state_of)


@contextmanager
def refusing(name: str, record: Record) -> Iterator[None]:
    """Whatever is wrong with a record is a Refusal that says why."""
    try:
        yield
    except Refusal:
        raise
    except (ValueError, KeyError) as error:
        reason = str(error) if isinstance(error, ValueError) else f"unknown {error}"
    except Exception as error:
        log.exception("%s: %s", name, record.origin)
        reason = f"the adapter failed: {type(error).__name__}: {error}"
    else:
        return
    raise Refusal.of("1.8", reason)


class Verdict(StrEnum):
    """What would become of a record; a late one is accepted, too, and marked as late."""

    ACCEPTED = "accepted"
    LATE = "late"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class Tried:
    """What would become of one record, and why.

    messages:   what would be accepted of it.
    before:     of a duplicate, the record that has said the same; "" when the journal has it.
    violations: why it would go to quarantine.
    """

    origin: str
    verdict: Verdict
    messages: Sequence[Said] = ()
    before: str = ""
    violations: Sequence[Violation] = ()


Known = Callable[[Sequence[Said]], Collection[str]]
"""What is said -> the external ids of what is a duplicate of what is in the journal."""

Held = Callable[[str], bytes | None]
"""External id -> the message that brought it, as the journal holds it."""


def tried(
    translation: Translation, records: Sequence[Record], known: Known, held: Held
) -> Iterator[Tried]:
    """What would become of each of these records, one after the other; nothing is accepted."""
    seen: dict[str, str] = {}
    firm: dict[str, bytes] = {}
    for start in range(0, len(records), _BATCH):
        batch = [
            (record.origin, _attempt(translation, record))
            for record in records[start : start + _BATCH]
        ]
        journalled = known([one for _, said in batch if isinstance(said, list) for one in said])
        for origin, said in batch:
            if isinstance(said, Refusal):
                yield Tried(origin, Verdict.QUARANTINED, violations=said.violations)
                continue
            if found := _contradictions(translation.name, said, firm, held):
                yield Tried(origin, Verdict.QUARANTINED, violations=found)
                continue
            yield _judged(origin, said, seen, journalled)
            seen.update((one, origin) for one in _ids(said) if one not in seen)


def _attempt(translation: Translation, record: Record) -> list[Said] | Refusal:
    try:
        return translation.messages(record)
    except Refusal as refusal:
        return refusal


def _contradictions(
    name: str, said: Sequence[Said], firm: dict[str, bytes], held: Held
) -> list[Violation]:
    """What contradicts the journal or, as `firm` remembers, an earlier record."""
    found: list[Violation] = []
    for one in said:
        if one.external_id is None or not one.exact:
            continue
        before = firm.get(one.external_id) or held(one.external_id)
        if before is not None and not same_content(before, one.message):
            found += used_otherwise(name, one.message, before).violations
        firm.setdefault(one.external_id, before or one.body)
    return found


def _judged(
    origin: str, said: Sequence[Said], seen: Mapping[str, str], journalled: Collection[str]
) -> Tried:
    news = [
        one for one in said if one.external_id not in seen and one.external_id not in journalled
    ]
    if news or not said:
        verdict = Verdict.LATE if any(one.late for one in news) else Verdict.ACCEPTED
        return Tried(origin, verdict, news)
    before = next((seen[one] for one in _ids(said) if one in seen), "")
    return Tried(origin, Verdict.DUPLICATE, before=before)


def _ids(said: Sequence[Said]) -> list[str]:
    return [one.external_id for one in said if one.external_id is not None]
