"""Which outage is behind a call, and whether supply seems to be back there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from cim.message import Outgoing
from dms_apps.trouble_calls import news, store, supply, words
from dms_apps.trouble_calls.plans import Plans
from hub.interfaces import Context


@dataclass(frozen=True)
class Tying:
    """settle: from a restoration to the call-backs of it.
    early: so long a call may come before the outage behind it began.
    """

    plans: Plans
    settle: timedelta
    early: timedelta

    def tie(
        self, row: sa.Row[tuple[object, ...]], known: Sequence[supply.Open], context: Context
    ) -> Iterator[Outgoing]:
        """Find what is behind a ticket, by the time of its call: what covers it comes before what
        began after it.

        known: the outages at its usage points.
        """
        since = row.answered_at or row.reported_at
        ended = [one for one in known if one.until is not None and one.until >= since]
        past = [
            one
            for one in ended
            if not one.was_none and (one.outage == row.outage or self._began(one, since))
        ]
        last = max(past, key=lambda one: (one.began(since), one.until), default=None)
        now = [one for one in known if one.until is None and self._fits(one, row, since, last)]
        if now:
            first = min(now, key=lambda one: one.begins is not None)
            yield from self._behind(row, first, context.connection)
        elif last is not None:
            now_on = (self.plans.is_on(one, context.now) for one in known if one.until is None)
            is_out = any(now_on)
            yield from self._restored(row, last, context, is_out=is_out)
        elif ended:
            store.tie(context.connection, row.id, None)

    def _began(self, one: supply.Open, since: datetime) -> bool:
        """Whether the outage began before a call, or so soon after that it may be behind it."""
        if one.begins is not None:
            return self.plans.is_on(one, since)
        return one.began(since + self.early)

    def _fits(
        self,
        one: supply.Open,
        row: sa.Row[tuple[object, ...]],
        since: datetime,
        last: supply.Open | None,
    ) -> bool:
        """Whether an open outage may be behind the call: it may take over from another at any time,
        but not when supply was back between them after one that the call was in."""
        if one.begins is not None:
            return self.plans.is_on(one, since)
        if last is not None and last.until is not None and last.began(since):
            return one.began(last.until + self.settle)
        return row.outage is not None or self._began(one, since)

    def _behind(
        self, row: sa.Row[tuple[object, ...]], one: supply.Open, connection: sa.Connection
    ) -> Iterator[Outgoing]:
        if row.outage == one.outage and row.due_at is None:
            return
        store.tie(connection, row.id, one.outage)
        if row.outage != one.outage:
            plan = self.plans.sentence(connection, one.outage)
            yield words.tied(row, one.outage, plan)
            yield from news.of_call(connection, row, one, plan)

    def _restored(
        self, row: sa.Row[tuple[object, ...]], last: supply.Open, context: Context, *, is_out: bool
    ) -> Iterator[Outgoing]:
        """Supply seems to be back; nobody is called who was already, or who is out again."""
        connection = context.connection
        if row.outage != last.outage:
            plan = self.plans.sentence(connection, last.outage)
            yield words.tied(row, last.outage, plan)
        if row.restored_at is not None:
            store.tie(connection, row.id, last.outage, last.until, row.due_at)
        elif is_out:
            store.tie(connection, row.id, last.outage)
        else:
            due = context.now + self.settle
            store.tie(connection, row.id, last.outage, last.until, due)
            context.wake_at(due)
