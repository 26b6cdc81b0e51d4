"""What callers are told by the menu: what is known at a place, by whatever it is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from cim.message import Error, Level, Message, ObjectId, Outgoing, Reply, Result, Verb
from cim.profiles.incident_information import Incident, IncidentInformation
from dms_apps.trouble_calls import plans, store, supply, words
from dms_apps.trouble_calls.places import Key, Numbers
from dms_apps.trouble_calls.tables import outage, ticket, ticket_key

NOUN = "IncidentInformation"


@dataclass(frozen=True)
class Menu:
    """Answers of one moment."""

    connection: sa.Connection
    numbers: Numbers
    plans: plans.Plans
    now: datetime

    def answer(self, message: Message) -> Outgoing:
        """What is known at the places asked for, or of all outages; nothing where there is supply
        as far as anybody knows."""
        asked = message.request.ids if message.request else ()
        found: dict[str, Incident] = {}
        unknown = []
        for one in asked:
            points = self._asked(one)
            if points is None:
                unknown.append(one)
            found |= {i.mrid or "": i for i in self._at(points or set())}
        if not asked:
            rows = self.connection.execute(sa.select(outage).where(outage.c.over == ""))
            known = plans.known(self.connection)
            there = [
                r for r in rows if r.id not in known or self.plans.is_on(known[r.id], self.now)
            ]
            found = {r.id: words.incident(r, (), (), self._sentence(r.id)) for r in there}
        payload = IncidentInformation(incident=tuple(found.values())) if found else None
        return Outgoing(Verb.REPLY, payload, reply=_reply(unknown, len(asked)), noun=NOUN)

    def _asked(self, one: ObjectId) -> set[str] | None:
        """The usage points of a telephone, premises ...; None when nobody knows it."""
        kinds = [Key(one.id_type)] if one.id_type in set(Key) else list(Key)
        values = dict.fromkeys(kinds, one.value)
        if Key.PHONE in values:
            values[Key.PHONE] = self.numbers.plain(one.value)
        keys = [kind.of(value) for kind, value in values.items()]
        points = store.known_points(self.connection, keys)
        called = sa.select(ticket_key.c.ticket).where(ticket_key.c.key.in_(keys))
        for identity in self.connection.scalars(called).all():
            points.update(store.points_of_ticket(self.connection, identity))
        if Key.POINT in values and supply.outages_at(self.connection, [one.value]):
            points.add(one.value)
        return points or None

    def _at(self, points: set[str]) -> Iterator[Incident]:
        for identity in dict.fromkeys(one.outage for one in self._now(points)):
            [row] = self.connection.execute(sa.select(outage).where(outage.c.id == identity))
            at = {p for p in points if any(o.outage == identity for o in self._now({p}))}
            those = ticket.c.id.in_(store.tickets_at(self.connection, at))
            called = store.tickets(self.connection, those)
            yield words.incident(row, at, called, self._sentence(identity))

    def _now(self, points: set[str]) -> list[supply.Open]:
        known = supply.outages_at(self.connection, points)
        return [one for one in known if one.until is None and self.plans.is_on(one, self.now)]

    def _sentence(self, identity: str) -> str:
        return self.plans.sentence(self.connection, identity)


def _reply(unknown: list[ObjectId], asked: int) -> Reply:
    if not unknown:
        return Reply(result=Result.OK)
    errors = tuple(
        Error(
            code="2.15",
            level=Level.FATAL,
            reason=f"There is no {one.id_type or 'telephone, premises, account or usage point'}"
            f" {one.value} among customers and callers.",
        )
        for one in unknown
    )
    return Reply(result=Result.PARTIAL if len(unknown) < asked else Result.FAILED, errors=errors)
