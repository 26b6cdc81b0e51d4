"""The historian as an app of the hub: stores what comes, and lets go of what is too old."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import MetaData

from cim.message import Message, OperationSet, Outgoing, Topic, Verb
from cim.profile import Profile
from hub.bulk import Accepted
from hub.historian.blocks import Found, blocks
from hub.historian.deadband import Deadbands
from hub.historian.plain import found_in
from hub.historian.store import Store
from hub.historian.sweep import Keep, sweep
from hub.historian.tables import NOUNS
from hub.interfaces import Context

NAME = "historian"
_TELLING = (Verb.CREATED, Verb.CHANGED)
_SET = OperationSet.__name__
_DAILY = timedelta(days=1)
_SOON = timedelta(seconds=30)


@dataclass
class Historian:
    """Stores MeterReadings and MeasurementValues, also those in operation sets
    (`hub.interfaces.App`, `Timed`, `hub.bulk.Bulk`)."""

    keep: Keep = field(default_factory=Keep)
    deadbands: Deadbands = field(default_factory=Deadbands)
    tables: MetaData | None = None  # the migrations of the journal make them
    partitions: int = 1

    def __post_init__(self) -> None:
        self._store = Store(self.deadbands)
        self._awake = False

    @property
    def topics(self) -> frozenset[Topic]:
        told = {Topic(verb, noun) for noun in NOUNS.values() for verb in _TELLING}
        return frozenset(told | {Topic(verb, _SET) for verb in (*_TELLING, Verb.EXECUTED)})

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        self._write([(message.header.message_id or "", blocks(*_told(message)))], context)
        return ()

    @property
    def bulk(self) -> frozenset[Topic]:
        return self.topics

    def handle_all(
        self, messages: Sequence[Accepted], context: Context
    ) -> Iterable[Iterable[Outgoing]]:
        """Many messages with as many statements as one (`hub.bulk.Bulk`)."""
        self._write([(one.message_id, _found(one)) for one in messages], context)
        return [()] * len(messages)

    def _write(self, found: Sequence[tuple[str, Found]], context: Context) -> None:
        is_new = self._store.write(context.connection, found, context.now)
        if is_new and not self._awake:
            context.wake_at(context.now)

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Once a day; again soon when there was more than is done at a time."""
        self._awake = True  # from now on there is a timer, whatever is rolled back
        swept = sweep(context.connection, self.keep, context.now)
        context.wake_at(context.now + (_DAILY if swept.is_done else _SOON))
        return ()


def _found(accepted: Accepted) -> Found:
    found = found_in(accepted.body)
    return blocks(*_told(accepted.message)) if found is None else found


def _told(message: Message) -> Iterator[Profile]:
    """The nouns of a message.  What was asked for in a set comes once more, when it is done."""
    payload = message.payload
    if isinstance(payload, Profile):
        yield payload
    elif isinstance(payload, OperationSet):
        for one in payload.operations:
            if one.payload is not None and (one.verb or message.header.verb) in _TELLING:
                yield one.payload
