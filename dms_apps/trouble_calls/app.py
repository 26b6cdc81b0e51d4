"""The trouble call app: which outage is behind a call, whom to call back, what callers are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy import MetaData

from cim.message import Error, Level, Message, ObjectId, Outgoing, Reply, Result, Topic, Verb
from cim.profiles.customer_agreements import CustomerAgreements
from cim.profiles.incident_information import Incident, IncidentInformation
from cim.profiles.kinds import NotificationTriggerKind
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from cim.profiles.unplanned_outages import UnplannedOutages
from dms_apps.trouble_calls import places, reports, requests, store, words
from dms_apps.trouble_calls.places import Key, Numbers
from dms_apps.trouble_calls.store import Callback
from dms_apps.trouble_calls.tables import metadata, outage, ticket, ticket_key, wish
from hub.interfaces import Asking, Context
from hub.report import Offer, Report

NOUN = "IncidentInformation"
OVER = frozenset({Verb.CLOSED, Verb.CANCELED, Verb.DELETED})
VERBS = frozenset({Verb.CREATED, Verb.CHANGED}) | OVER
CALLED_BACK = "callback"
"""Status.reason of a ticket whose caller was called back; its value says how it is."""

_ON, _OFF = "powerOn", "powerOff"
_AT_ONCE = 1000  # tickets in one transaction
_PAUSE = timedelta(hours=1)  # between two looks for what is to be forgotten
_RESTORED = NotificationTriggerKind.POWER_RESTORED
_INITIAL, _CHANGED = NotificationTriggerKind.INITIAL_ETR, NotificationTriggerKind.ETR_CHANGE


@dataclass(frozen=True, kw_only=True)
class TroubleCallsApp:
    """Settings, in `config/apps/trouble_calls.toml`.

    settle:       seconds between a restoration and the call-backs of it: so long another outage
                  may turn out to be behind the call.
    early:        seconds that a call may come before the outage behind it began.
    days:         how long tickets and outages that are over are kept.
    catch_up:     whether it learns, when it is added, the calls, outages and customers that the hub
                  knows already; nobody is called back, and no ticket tied, for what was over.
    country_code, trunk_prefix: of telephone numbers that have no country (`places.Numbers`).

    A call is about the usage points that it names, else those of its premises, else the one of its
    account or telephone, as CustomerAgreements tell; the one found so is told, as a change of the
    ticket.  What is said of an outage later counts; what
    comes late, as out of the dead letters, changes nothing.
    """

    settle: Annotated[float, Field(ge=0)] = 120.0
    early: Annotated[float, Field(ge=0)] = 3600.0
    days: Annotated[float, Field(gt=0)] = 30.0
    catch_up: bool = True
    country_code: str = ""
    trunk_prefix: str = ""

    @property
    def topics(self) -> frozenset[Topic]:
        nouns = ("TroubleTickets", "UnplannedOutages", "CustomerAgreements")
        asked = {Topic(verb, requests.NOUN) for verb in (Verb.GET, *requests.EVENTS)}
        return (
            frozenset(Topic(v, n) for v in VERBS for n in nouns) | asked | {Topic(Verb.GET, NOUN)}
        )

    @property
    def tables(self) -> MetaData:
        return metadata

    @property
    def partitions(self) -> int:
        """One: calls, customers and outages have different keys."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Take in one message, and say what follows from it."""
        verb, connection = message.header.verb, context.connection
        match message.payload:
            case CustomerAgreements() as agreements:
                self._customers(agreements, verb, connection)
            case TroubleTickets() as tickets if verb in requests.EVENTS:
                yield from self._carry_out(message, tickets, context)
            case TroubleTickets() as tickets:
                for one in tickets.trouble_ticket:
                    yield from self._ticket(one, verb, context)
            case UnplannedOutages() as outages:
                at = message.header.timestamp or context.now
                yield from self._outages(outages, verb, at, context)
            case _ if verb is Verb.GET and message.header.noun == requests.NOUN:
                yield requests.answer(message, connection, self._numbers)
            case _ if verb is Verb.GET:
                yield self._answer(message, connection)

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Have those called whose restoration has settled, so many at once."""
        connection, now = context.connection, context.now
        due = store.tickets(connection, ticket.c.due_at <= now, _AT_ONCE)
        wanted = store.untold(connection, [one.id for one in due], _RESTORED)
        found: dict[str, list[Callback]] = defaultdict(list)
        for one in due:
            for want in wanted.get(one.id, ()):
                found[one.outage].append(Callback(one, want, _RESTORED, one.restored_at))
        store.told(connection, [one.id for one in due], found.values())
        for identity, some in found.items():
            [of] = connection.execute(sa.select(outage).where(outage.c.id == identity))
            yield from words.callbacks(of, some)
        kept = timedelta(days=self.days)
        store.prune(connection, now - kept)
        if (then := connection.scalar(sa.select(sa.func.min(ticket.c.due_at)))) is not None:
            context.wake_at(then)
        over = sa.select(sa.func.min(outage.c.as_of)).where(outage.c.over != "")
        if (oldest := connection.scalar(over)) is not None:
            context.wake_at(max(oldest + kept, now + _PAUSE))

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """Calls by outage; who has called of one, and who is in it."""
        return reports.report(name, asked, given)

    def _carry_out(
        self, message: Message, tickets: TroubleTickets, context: Context
    ) -> Iterator[Outgoing]:
        """What is asked of tickets becomes what is told of them."""
        asked = requests.handle(message, tickets, context.connection, context.now)
        yield asked.reply
        for one in asked.told:
            yield Outgoing(asked.event, TroubleTickets(trouble_ticket=(one,)))
            yield from self._ticket(one, asked.event, context)

    def _customers(
        self, agreements: CustomerAgreements, verb: Verb, connection: sa.Connection
    ) -> None:
        for one in agreements.customer_agreement:
            if identity := one.mrid or next((n.name for n in one.names), ""):
                said = () if verb in OVER else places.of_agreement(one, self._numbers)
                store.keep_customer(connection, identity, said)

    def _ticket(self, one: TroubleTicket, verb: Verb, context: Context) -> Iterator[Outgoing]:
        connection = context.connection
        identity = one.mrid or next((n.name for n in one.names), "")
        if verb is Verb.CREATED and identity:
            keys = places.of_ticket(one, self._numbers)
            points = store.places(connection, keys)
            at = {Key.POINT.of(point) for point in points}
            if (row := store.add_ticket(connection, one, identity, keys | at)) is not None:
                if len(points) == 1 and not places.is_named(one):
                    yield words.placed(row, next(iter(points)), one)
                yield from self._place(row, points, context)
        elif verb in OVER:
            store.remove_tickets(connection, [identity])
        elif verb is Verb.CHANGED and one.status and one.status.reason == CALLED_BACK:
            yield from self._called_back(one, context)
        elif verb is Verb.CHANGED and one.notification:
            store.keep_wishes(connection, identity, one)

    def _called_back(self, one: TroubleTicket, context: Context) -> Iterator[Outgoing]:
        """With supply the ticket is closed; without, its caller waits for the next restoration."""
        assert one.status is not None  # noqa: S101 - whence it is known
        connection, at = context.connection, one.status.date_time or context.now
        found = store.tickets(connection, ticket.c.id == (one.mrid or ""))
        if not found and one.names:
            found = store.tickets(connection, ticket.c.name == one.names[0].name)
        for row in found:
            if row.answered_at is not None and row.answered_at >= at:
                continue
            if one.status.value == _ON:
                store.remove_tickets(connection, [row.id])
                yield words.resolved(row, at)
            elif one.status.value == _OFF:
                store.update_ticket(connection, row.id, answered_at=at)
                store.tie(connection, row.id, None)
                again = sa.update(wish).where(wish.c.ticket == row.id, wish.c.trigger == _RESTORED)
                connection.execute(again.values(told_at=None))
                yield from self._tie([row.id], context)

    def _outages(
        self, outages: UnplannedOutages, verb: Verb, at: datetime, context: Context
    ) -> Iterator[Outgoing]:
        connection = context.connection
        for one in outages.unplanned_outage:
            identity = one.mrid or next((n.name for n in one.names), "")
            over = str(verb) if verb in OVER else ""
            as_of = one.last_modified_date_time or at
            moved = store.keep_outage(connection, one, identity, as_of, over) if identity else None
            if moved is None:
                continue
            if over:
                context.wake_at(context.now + timedelta(days=self.days))
            yield from self._tie(sorted(store.tickets_at(connection, moved)), context)
            yield from self._restoration_times(identity, connection)

    def _tie(self, identities: Iterable[str], context: Context) -> Iterator[Outgoing]:
        """Find what is behind tickets now, and whether they are about to be over."""
        for identity in identities:
            row = store.ticket_of(context.connection, identity)
            if row.restored_at is None or row.due_at is not None:  # else settled
                points = store.points_of_ticket(context.connection, identity)
                yield from self._place(row, points, context)

    def _place(
        self, row: sa.Row[tuple[object, ...]], points: Collection[str], context: Context
    ) -> Iterator[Outgoing]:
        """By the time of the call: what covers it comes before what began after it."""
        since = row.answered_at or row.reported_at
        known = store.outages_at(context.connection, points)
        ended = [one for one in known if one.until is not None and one.until >= since]
        past = [one for one in ended if not one.was_none and self._began(one, since)]
        last = max(past, key=lambda one: (one.began(since), one.until), default=None)
        now = [one for one in known if one.until is None and self._fits(one, row, since, last)]
        if now:
            yield from self._behind(row, now[0], context.connection)
        elif last is not None:
            is_out = any(one.until is None for one in known)
            yield from self._restored(row, last, context, is_out=is_out)
        elif ended:
            store.tie(context.connection, row.id, None)

    def _began(self, one: store.Open, since: datetime) -> bool:
        """Whether the outage began before a call, or so soon after that it may be behind it."""
        return one.began(since + timedelta(seconds=self.early))

    def _fits(
        self,
        one: store.Open,
        row: sa.Row[tuple[object, ...]],
        since: datetime,
        last: store.Open | None,
    ) -> bool:
        """Whether an open outage may be behind the call: it may take over from another at any time,
        but not when supply was back between them after one that the call was in."""
        if last is not None and last.until is not None and last.began(since):
            return one.began(last.until + timedelta(seconds=self.settle))
        return row.outage is not None or self._began(one, since)

    def _behind(
        self, row: sa.Row[tuple[object, ...]], one: store.Open, connection: sa.Connection
    ) -> Iterator[Outgoing]:
        if row.outage == one.outage and row.due_at is None:
            return
        store.tie(connection, row.id, one.outage)
        if row.outage != one.outage:
            yield words.tied(row, one.outage)
            if one.ert is not None:
                yield from self._restoration_times(one.outage, connection, row.id)

    def _restored(
        self, row: sa.Row[tuple[object, ...]], last: store.Open, context: Context, *, is_out: bool
    ) -> Iterator[Outgoing]:
        """Supply seems to be back; nobody is called who was already, or who is out again."""
        connection = context.connection
        if row.outage != last.outage:
            yield words.tied(row, last.outage)
        if row.restored_at is not None:
            store.tie(connection, row.id, last.outage, last.until, row.due_at)
        elif is_out:
            store.tie(connection, row.id, last.outage)
        else:
            due = context.now + timedelta(seconds=self.settle)
            store.tie(connection, row.id, last.outage, last.until, due)
            context.wake_at(due)

    def _restoration_times(
        self, identity: str, connection: sa.Connection, only: str = ""
    ) -> Iterator[Outgoing]:
        """Tell when supply is expected back to those who want to know, when it is news to them."""
        [of] = connection.execute(sa.select(outage).where(outage.c.id == identity))
        if of.ert is None or of.over:
            return
        condition = ticket.c.id == only if only else ticket.c.outage == identity
        wanted = sa.select(wish.c.ticket).where(
            wish.c.trigger.in_((_INITIAL, _CHANGED)),
            sa.or_(wish.c.told_at.is_(None), wish.c.told_at != of.ert),
        )
        found = []
        for row in store.tickets(connection, sa.and_(condition, ticket.c.id.in_(wanted))):
            wishes = self._wishes(connection, row.id, (_INITIAL, _CHANGED))
            news = _news(wishes, of.ert, is_new=bool(only))
            found += [Callback(row, w, NotificationTriggerKind(w.trigger), of.ert) for w in news]
            told = sa.update(wish).where(wish.c.ticket == row.id, wish.c.trigger != _RESTORED)
            connection.execute(told.values(told_at=of.ert))
        yield from words.callbacks(of, found)

    def _wishes(
        self, connection: sa.Connection, identity: str, triggers: tuple[str, ...]
    ) -> list[sa.Row[tuple[object, ...]]]:
        condition = sa.and_(wish.c.ticket == identity, wish.c.trigger.in_(triggers))
        return list(connection.execute(sa.select(wish).where(condition).order_by(wish.c.number)))

    def _answer(self, message: Message, connection: sa.Connection) -> Outgoing:
        """What is known at the places asked for, or of all outages; nothing where there is supply
        as far as anybody knows."""
        asked = message.request.ids if message.request else ()
        found: dict[str, Incident] = {}
        unknown = []
        for one in asked:
            points = self._asked(one, connection)
            if points is None:
                unknown.append(one)
            found |= {i.mrid or "": i for i in self._at(points or set(), connection)}
        if not asked:
            rows = connection.execute(sa.select(outage).where(outage.c.over == ""))
            found = {row.id: words.incident(row, (), ()) for row in rows}
        payload = IncidentInformation(incident=tuple(found.values())) if found else None
        return Outgoing(Verb.REPLY, payload, reply=_reply(unknown, len(asked)), noun=NOUN)

    def _asked(self, one: ObjectId, connection: sa.Connection) -> set[str] | None:
        """The usage points of a telephone, premises ...; None when nobody knows it."""
        kinds = [Key(one.id_type)] if one.id_type in set(Key) else list(Key)
        values = dict.fromkeys(kinds, one.value)
        if Key.PHONE in values:
            values[Key.PHONE] = self._numbers.plain(one.value)
        keys = [kind.of(value) for kind, value in values.items()]
        points = store.known_points(connection, keys)
        called = sa.select(ticket_key.c.ticket).where(ticket_key.c.key.in_(keys))
        for identity in connection.scalars(called).all():
            points.update(store.points_of_ticket(connection, identity))
        if Key.POINT in values and store.outages_at(connection, [one.value]):
            points.add(one.value)
        return points or None

    def _at(self, points: set[str], connection: sa.Connection) -> Iterator[Incident]:
        for identity in dict.fromkeys(
            one.outage for one in store.outages_at(connection, points) if one.until is None
        ):
            [row] = connection.execute(sa.select(outage).where(outage.c.id == identity))
            at = {p for p in points if any(o.outage == identity for o in _now(connection, p))}
            called = store.tickets(connection, ticket.c.id.in_(store.tickets_at(connection, at)))
            yield words.incident(row, at, called)

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self.country_code, self.trunk_prefix)


def _news(
    wishes: list[sa.Row[tuple[object, ...]]], ert: datetime, *, is_new: bool
) -> list[sa.Row[tuple[object, ...]]]:
    """Which wishes a restoration time fulfils.

    is_new: the caller has just called, and was told what was known.
    """
    first = [one for one in wishes if one.trigger == _INITIAL and one.told_at is None]
    changed = [one for one in wishes if one.trigger == _CHANGED and one.told_at != ert]
    return first or [one for one in changed if one.told_at is not None or not is_new]


def _now(connection: sa.Connection, point: str) -> list[store.Open]:
    return [one for one in store.outages_at(connection, [point]) if one.until is None]


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
