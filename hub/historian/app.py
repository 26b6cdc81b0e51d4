"""The historian as an app of the hub: stores what comes, and lets go of what is too old."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import MetaData

from cim.message import Message, Outgoing, Topic, Verb
from cim.profile import Profile
from hub.historian.blocks import Found, blocks
from hub.historian.deadband import Deadbands
from hub.historian.plain import found_in
from hub.historian.store import Store
from hub.historian.sweep import Keep, sweep
from hub.historian.tables import NOUNS
from hub.interfaces import Accepted, Context

NAME = "historian"
_DAILY = timedelta(days=1)
_SOON = timedelta(seconds=30)


@dataclass
class Historian:
    """Stores MeterReadings and MeasurementValues (`hub.interfaces.App`, `Bulk`, `Timed`)."""

    keep: Keep = field(default_factory=Keep)
    deadbands: Deadbands = field(default_factory=Deadbands)
    tables: MetaData | None = None  # the migrations of the journal make them
    partitions: int = 1

    def __post_init__(self) -> None:
        self._store = Store(self.deadbands)
        self._awake = False

    @property
    def topics(self) -> frozenset[Topic]:
        verbs = (Verb.CREATED, Verb.CHANGED)
        return frozenset(Topic(verb, noun) for noun in NOUNS.values() for verb in verbs)

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        if isinstance(message.payload, Profile):
            message_id = message.header.message_id or ""
            self._write([(message_id, blocks(message.payload))], context)
        return ()

    def handle_all(self, messages: Sequence[Accepted], context: Context) -> None:
        """Many messages with as many statements as one (`hub.interfaces.Bulk`)."""
        self._write([(one.message_id, _found(one)) for one in messages], context)

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
    if found is None:
        payload = accepted.message.payload
        found = blocks(payload) if isinstance(payload, Profile) else Found()
    return found
