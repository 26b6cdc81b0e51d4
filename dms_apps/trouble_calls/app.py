"""The trouble call app: which outage is behind a call, whom to call back, what callers are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy import MetaData

from cim.message import Message, Outgoing, Topic, Verb
from cim.profiles.customer_agreements import CustomerAgreements
from cim.profiles.kinds import NotificationTriggerKind
from cim.profiles.planned_outages import PlannedOutages
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from cim.profiles.unplanned_outages import UnplannedOutages
from dms_apps.trouble_calls import news, places, plans, reports, requests, store, supply, words
from dms_apps.trouble_calls.menu import NOUN, Menu
from dms_apps.trouble_calls.places import Key, Numbers
from dms_apps.trouble_calls.plans import Plans
from dms_apps.trouble_calls.store import Callback
from dms_apps.trouble_calls.tables import metadata, outage, ticket, wish
from dms_apps.trouble_calls.tying import Tying
from hub.bulk import Accepted
from hub.interfaces import Asking, Context
from hub.report import Offer, Report

NAME = "trouble_calls"
"""Header.Source of what it says itself, which it need not hear."""

OVER = frozenset({Verb.CLOSED, Verb.CANCELED, Verb.DELETED})
VERBS = frozenset({Verb.CREATED, Verb.CHANGED}) | OVER
_CALLS = Topic(Verb.CREATED, "TroubleTickets")
CALLED_BACK = "callback"
"""Status.reason of a ticket whose caller was called back; its value says how it is."""

_ON, _OFF = "powerOn", "powerOff"
_AT_ONCE = 1000  # tickets in one transaction
_TICK = timedelta(microseconds=1)  # what is asked comes after all that was told by then
_PAUSE = timedelta(hours=1)  # between two looks for what is to be forgotten
_RESTORED = NotificationTriggerKind.POWER_RESTORED


@dataclass(frozen=True, kw_only=True)
class TroubleCallsApp:
    """Settings, in `config/apps/trouble_calls.toml`.

    settle:       seconds between a restoration and the call-backs of it: so long another outage
                  may turn out to be behind the call.
    early:        seconds that a call may come before the outage behind it began.
    ahead:        seconds before its begin in which a call may be of a planned outage.
    zone:         in whose time callers are told of planned outages, e.g. "Europe/Zurich".
    days:         how long tickets and outages that are over are kept; a request to create a
                  ticket of a call before is refused.
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
    ahead: Annotated[float, Field(ge=0)] = 1800.0
    zone: str = "UTC"
    days: Annotated[float, Field(gt=0)] = 30.0
    catch_up: bool = True
    country_code: str = ""
    trunk_prefix: str = ""

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(
                f"zone: {self.zone!r} is no time zone, such as Europe/Zurich"
            ) from error

    @property
    def topics(self) -> frozenset[Topic]:
        nouns = ("TroubleTickets", "UnplannedOutages", "PlannedOutages", "CustomerAgreements")
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

    @property
    def bulk(self) -> frozenset[Topic]:
        """New calls: of a storm very many come at once."""
        return frozenset({_CALLS})

    def handle_all(
        self, messages: Sequence[Accepted], context: Context
    ) -> Iterable[Iterable[Outgoing]]:
        """What follows from each of these new calls; with as many statements as from one."""
        given = [one.message for one in messages]
        said = [
            (one.header.timestamp or context.now, one.payload.trouble_ticket)
            for one in given
            if isinstance(one.payload, TroubleTickets)
        ]
        return self._calls(said, context)

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Take in one message, and say what follows from it."""
        verb, connection = message.header.verb, context.connection
        at = message.header.timestamp or context.now
        match message.payload:
            case CustomerAgreements() as agreements:
                self._customers(agreements, verb, connection)
            case _ if verb in requests.EVENTS:
                yield from self._carry_out(message, context)
            case TroubleTickets() as tickets if verb is Verb.CREATED:
                yield from self._calls([(at, tickets.trouble_ticket)], context)[0]
            case TroubleTickets() as tickets:
                is_theirs = message.header.source != NAME
                for one in tickets.trouble_ticket:
                    is_news = verb is Verb.CHANGED and (
                        is_theirs or requests.is_unheard(message.header, one, connection)
                    )
                    yield from self._ticket(one, verb, at, context, is_news=is_news)
            case UnplannedOutages() as outages:
                yield from self._outages(outages, verb, at, context)
            case PlannedOutages() as planned:
                yield from self._planned(planned, verb, at, context)
            case _ if verb is Verb.GET and message.header.noun == requests.NOUN:
                yield requests.answer(message, connection, self._numbers, self._plans)
            case _ if verb is Verb.GET:
                menu = Menu(connection, self._numbers, self._plans, context.now)
                yield menu.answer(message)

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
            of = connection.execute(sa.select(outage).where(outage.c.id == identity)).first()
            if of is not None:  # else it was forgotten before that waited for its tickets
                yield from words.callbacks(of, some)
        kept = timedelta(days=self.days)
        store.prune(connection, now - kept)
        if (then := connection.scalar(sa.select(sa.func.min(ticket.c.due_at)))) is not None:
            context.wake_at(then)
        if (oldest := store.oldest_over(connection)) is not None:
            context.wake_at(max(oldest + kept, now + _PAUSE))

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """Calls by outage; who has called of one, and who is in it; what was refused."""
        return reports.report(name, asked, given)

    def _carry_out(self, message: Message, context: Context) -> Iterator[Outgoing]:
        """What is asked of tickets becomes what is told of them."""
        kept = timedelta(days=self.days)
        asked = requests.handle(message, context.connection, context.now, kept)
        if asked.refused:  # which is kept for so long
            context.wake_at(context.now + kept)
        said: list[Outgoing] = []
        remarks: dict[str, None] = {}
        for one, event in asked.events:
            said.append(event)
            if asked.event is Verb.CREATED:
                said += self._calls([(context.now + _TICK, [one])], context)[0]
            else:
                is_news = asked.event is Verb.CHANGED
                said += self._ticket(one, asked.event, context.now, context, is_news=is_news)
            behind = store.tickets(context.connection, ticket.c.id == one.mrid)
            plans_ = (self._plans.sentence(context.connection, r.outage or "") for r in behind)
            remarks |= dict.fromkeys(filter(None, plans_))
        yield asked.reply([*remarks])
        yield from said

    def _customers(
        self, agreements: CustomerAgreements, verb: Verb, connection: sa.Connection
    ) -> None:
        for one in agreements.customer_agreement:
            if identity := one.mrid or next((n.name for n in one.names), ""):
                said = () if verb in OVER else places.of_agreement(one, self._numbers)
                store.keep_customer(connection, identity, said)

    def _calls(
        self, given: Sequence[tuple[datetime, Sequence[TroubleTicket]]], context: Context
    ) -> list[list[Outgoing]]:
        """What follows from new calls, of each of the messages, as of when it was told."""
        connection = context.connection
        calls = _told(connection, given)
        keys = {i: places.of_ticket(one, self._numbers) for _, i, one in reversed(calls)}
        known = store.points_by(connection, {key for some in keys.values() for key in some})
        at = {i: store.places(some, known) for i, some in keys.items()}
        named = {i: keys[i] | {Key.POINT.of(point) for point in at[i]} for i in keys}
        rows = store.add_tickets(connection, {i: (one, named[i]) for _, i, one in reversed(calls)})
        there = supply.outages_by(connection, {point for i in rows for point in at[i]})
        said: list[list[Outgoing]] = [[] for _ in given]
        for number, identity, one in calls:
            if (row := rows.pop(identity, None)) is None:  # not its first
                continue
            points = at[identity]
            if len(points) == 1 and not places.is_named(one):
                said[number].append(words.placed(row, next(iter(points)), one))
            found = supply.oldest_first(o for p in points for o in there.get(p, ()))
            said[number] += self._tying.tie(row, found, context)
        return said

    def _ticket(
        self, one: TroubleTicket, verb: Verb, at: datetime, context: Context, *, is_news: bool
    ) -> Iterator[Outgoing]:
        """What follows from what is said of a ticket that was told before; or is yet to be.

        at:      as of when it is said.
        is_news: it is kept, for who asks for the ticket.
        """
        connection, identity = context.connection, _identity(one)
        if verb in OVER:
            self._end(identity, at, context)
            return
        if is_news and store.is_here(connection, identity):
            store.keep_said(connection, identity, one)
            yield from self._placed(one, identity, context)
        elif is_news and identity:
            store.keep_absent(connection, identity, one, min(at, context.now))
            context.wake_at(context.now + timedelta(days=self.days))
        if one.status and one.status.reason == CALLED_BACK:
            yield from self._called_back(one, context)
        elif one.notification and store.is_here(connection, identity):
            store.keep_wishes(connection, identity, one)

    def _placed(self, one: TroubleTicket, identity: str, context: Context) -> Iterator[Outgoing]:
        """A ticket that is said to be somewhere is tied to what is there; another telephone of its
        caller, or account, says nothing of where it is."""
        if one.service_location is None:
            return
        connection = context.connection
        keys = places.of_ticket(one, self._numbers)
        points = store.places(keys, store.points_by(connection, keys))
        if not points or not store.put_points(connection, identity, points):
            return
        row = store.ticket_of(connection, identity)
        there = supply.outages_by(connection, points)
        found = supply.oldest_first(o for p in sorted(points) for o in there.get(p, ()))
        if row.outage is not None and row.outage not in {o.outage for o in found}:
            store.tie(connection, identity, None)
            row = store.ticket_of(connection, identity)
        yield from self._tying.tie(row, found, context)

    def _end(self, identity: str, at: datetime, context: Context) -> None:
        """A ticket is over, which is kept for as long as it may be told again."""
        if identity:
            store.end_ticket(context.connection, identity, min(at, context.now))
            context.wake_at(context.now + timedelta(days=self.days))

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
                self._end(row.id, context.now, context)
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
            were = supply.points_out(connection, identity) if over else ()
            moved = supply.keep_outage(connection, one, identity, as_of, over) if identity else None
            heir = supply.heir_of(one) if over else None
            if moved is not None and heir:
                moved |= supply.hand_on(connection, identity, heir, were, as_of)
            yield from self._news(identity, moved, context)
            if moved is not None and heir:
                yield from self._handed_on(identity, heir, connection)

    def _handed_on(self, identity: str, heir: str, connection: sa.Connection) -> Iterator[Outgoing]:
        """Also calls of which supply is back are of the outage of which theirs became part; what
        their callers were told, and are to be told, stays."""
        theirs = ticket.c.outage == identity
        rows = store.tickets(connection, theirs)
        connection.execute(sa.update(ticket).where(theirs).values(outage=heir))
        plan = self._plans.sentence(connection, heir) if rows else ""
        for row in rows:
            yield words.tied(row, heir, plan)

    def _planned(
        self, outages: PlannedOutages, verb: Verb, at: datetime, context: Context
    ) -> Iterator[Outgoing]:
        for one in outages.planned_outage:
            identity, as_of = one.mrid or "", one.last_modified_date_time or at
            identity = identity or next((n.name for n in one.names), "")
            moved = plans.keep(context.connection, one, identity, as_of, verb) if identity else None
            yield from self._news(identity, moved, context)

    def _news(
        self, identity: str, moved: Collection[str] | None, context: Context
    ) -> Iterator[Outgoing]:
        """What follows for tickets from news of an outage; None: it was none."""
        if moved is None:
            return
        context.wake_at(context.now + timedelta(days=self.days))
        yield from self._tie(sorted(store.tickets_at(context.connection, moved)), context)
        yield from news.of_outage(context.connection, identity)

    def _tie(self, identities: Iterable[str], context: Context) -> Iterator[Outgoing]:
        """Find what is behind tickets now, and whether they are about to be over."""
        for identity in identities:
            row = store.ticket_of(context.connection, identity)
            if row.restored_at is None or row.due_at is not None:  # else settled
                points = store.points_of_ticket(context.connection, identity)
                known = supply.outages_at(context.connection, points)
                yield from self._tying.tie(row, known, context)

    @cached_property
    def _tying(self) -> Tying:
        settle, early = timedelta(seconds=self.settle), timedelta(seconds=self.early)
        return Tying(self._plans, settle, early)

    @cached_property
    def _plans(self) -> Plans:
        return Plans(timedelta(seconds=self.ahead), ZoneInfo(self.zone))

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self.country_code, self.trunk_prefix)


def _told(
    connection: sa.Connection, given: Sequence[tuple[datetime, Sequence[TroubleTicket]]]
) -> list[tuple[int, str, TroubleTicket]]:
    """Of new calls the number of their message, the identity, and the ticket with what was said of
    it already; without those that are over by then."""
    calls = [
        (number, identity, at, one)
        for number, (at, some) in enumerate(given)
        for one in some
        if (identity := _identity(one))
    ]
    absent = store.absent_by(connection, {identity for _, identity, *_ in calls})
    found = []
    for number, identity, at, one in calls:
        whole = absent[identity].with_call(one, at) if identity in absent else one
        if whole is not None:
            found.append((number, identity, whole))
    return found


def _identity(one: TroubleTicket) -> str:
    """The mRID of a ticket, else its number; "" without both."""
    return one.mrid or next((name.name for name in one.names), "")
