"""The crews app: who is sent to which trouble, how far they have come, and who decided so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import MetaData

from cim.bounds import short
from cim.message import Message, ObjectId, Outgoing, Topic, Verb
from cim.network import Network
from cim.objects import meant
from cim.profiles.trouble_orders import TroubleOrder, TroubleOrders
from cim.replies import failed
from cim.violation import Refusal, Violation
from dms_apps.crews import (
    answers,
    hearing,
    heirs,
    merging,
    notices,
    provenance,
    reports,
    requests,
    store,
)
from dms_apps.crews.handover import Handover, handed_over, owned
from dms_apps.crews.life import Stage, Step
from dms_apps.crews.parts import text, time
from dms_apps.crews.places import Places
from dms_apps.crews.queue import Day, Queued, day, suggested
from dms_apps.crews.requests import Asked
from dms_apps.crews.settings import Settings
from dms_apps.crews.store import Order
from dms_apps.crews.tables import metadata
from dms_apps.crews.trouble import INCIDENTS, ORDERS, OUTAGES, TICKETS
from hub.interfaces import Asking, Context
from hub.report import Offer, Report

NAME = "crews"
"""Header.Source of what it says itself; of that it hears what was decided, and has come back."""

_EVENTS = (Verb.CREATED, Verb.CHANGED, Verb.CLOSED, Verb.CANCELED, Verb.DELETED)
_ASKED = (Verb.CREATE, Verb.CHANGE, Verb.CLOSE, Verb.CANCEL)
_HEARD = (
    *(OUTAGES, INCIDENTS, TICKETS, ORDERS),
    *("ServiceOrders", "MaintenanceOrders", "WorkRequests"),
)
_AT_PLACE = frozenset({Stage.ARRIVED, Stage.SUSPENDED})
_PAUSE = timedelta(hours=1)  # between two looks for what is to be forgotten
_AGAIN = timedelta(minutes=2)
"""After which what was said is said again, when it has not come back: while the app learns what was
before it, its words are dropped, and somebody must give the orders that are still open then."""


@dataclass(frozen=True, kw_only=True)
class CrewsApp(Settings):
    """Hears of crews, troubles and work; says orders, and tells the outage app of its crews."""

    @property
    def topics(self) -> frozenset[Topic]:
        heard = {Topic(verb, noun) for verb in _EVENTS for noun in (answers.CREWS, *_HEARD)}
        asked = {Topic(verb, ORDERS) for verb in (*_ASKED, Verb.GET)}
        return frozenset(heard | asked | {Topic(Verb.GET, answers.CREWS)})

    @property
    def tables(self) -> MetaData:
        return metadata

    @property
    def partitions(self) -> int:
        """One: which crew goes where follows from all orders together."""
        return 1

    def prepare(self, network: Network) -> None:
        """Read where things are in a network that is new."""
        self._places.prepare(network)

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Take in what is told, and act on it soon; answer what is asked at once."""
        header, at = message.header, message.header.timestamp or context.now
        verb = header.verb
        if verb is Verb.GET:
            today = self._day(context)
            is_order = header.noun == ORDERS
            yield (
                answers.orders(message, context.connection, today)
                if is_order
                else answers.crews(message, today)
            )
            return
        if header.source == NAME:
            if handover := Handover.of(header):
                handover.keep(context.connection)
            elif isinstance(message.payload, TroubleOrders):
                if at > context.now - self.kept:  # else it is forgotten
                    provenance.keep(context.connection, header, message.payload)
                store.confirm(context.connection, message.payload)
            return
        soon = context.now + timedelta(seconds=self.pace)
        if verb in _ASKED:
            context.wake_at(soon)
            yield from self._asked(message, context)
            return
        heard = hearing.take(context.connection, message, at)
        if heard.is_news:
            context.wake_at(soon)
        for order, end in heard.over:
            said = [*self._over(order, end, context, short(header.source or ""))]
            yield from () if order.theirs else said

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Give orders for what needs a crew, end those that nobody needs, send crews, tell."""
        connection, now = context.connection, context.now
        self._make(connection, now)
        today = self._day(context)
        if merging.hand_on(connection, today.queue, now, NAME):
            today = self._day(context)
        if ended := list(self._end(today, context)):
            yield from ended
            today = self._day(context)
        if self.assignment == "assign" and self._assign(today, context):
            today = self._day(context)
        yield from self._tell(today, context)
        store.prune(connection, now - self.kept)
        if (oldest := store.oldest_ended(connection)) is not None:
            context.wake_at(max(oldest + self.kept, now + _PAUSE))
        if (begins := self._next(today)) is not None:
            context.wake_at(begins)

    # -- orders

    def _make(self, connection: sa.Connection, now: datetime) -> None:
        """An order for each trouble that needs a crew and never had one."""
        troubles = store.without_order(connection, (OUTAGES, INCIDENTS, TICKETS, ORDERS))
        troubles = heirs.attached(connection, troubles)
        outages = store.still(connection, OUTAGES, {one.outage for one in troubles})
        tickets = store.troubles(connection, (TICKETS,))
        calls = {one.called for one in tickets if one.hazards}
        made: dict[str, Order] = {}
        for one in sorted(troubles, key=lambda one: one.noun == ORDERS):
            if not one.needs_crew(self.held, outages, calls):
                continue
            is_theirs = one.noun == ORDERS
            mrid = one.mrid if is_theirs else store.identity(one.noun, one.mrid)
            number = short((is_theirs and one.name) or store.number(mrid))
            author = "" if is_theirs else NAME
            order = Order(id=mrid, number=number, noun=one.noun, of=one.mrid, created_at=now)
            made.setdefault(mrid, replace(order, author=author, theirs=is_theirs))
        # An order of a dispatcher may have that mRID by now, and looks after something else.
        taken = store.order_ids(connection, made)
        store.add_orders(connection, [one for mrid, one in made.items() if mrid not in taken])

    def _end(self, today: Day, context: Context) -> Iterator[Outgoing]:
        """Orders whose trouble is over; a crew that is at the place finishes first."""
        for one in today.queue:
            is_done = one.stage is Stage.COMPLETE
            if is_done and (one.trouble.over or one.order.noun != OUTAGES):
                yield from self._over(one.order, Verb.CLOSED, context, NAME, "all crews are done")
            elif merging.awaits(context.connection, one):
                continue
            elif one.trouble.over and not _AT_PLACE & {s.stage for s in one.crews.values()}:
                is_what = f"part of {one.trouble.heir}" if one.trouble.heir else one.trouble.over
                why = f"the trouble is {is_what}"
                yield from self._over(one.order, Verb.CANCELED, context, NAME, why)

    def _over(
        self, order: Order, verb: Verb, context: Context, who: str, why: str = ""
    ) -> Iterator[Outgoing]:
        """Let an order be over, and say so."""
        connection, now = context.connection, context.now
        if order.over:
            return
        crews = requests.over(connection, order, verb, now, who, why)
        at = {crew: step for crew, step in crews.items() if step.stage is not Stage.AWAITING}
        trouble = store.trouble(connection, order.noun, order.of)
        known = {one.mrid: one for one in store.crews(connection)}
        is_news = notices.stages(at) != order.said.get("crews", {})
        if is_news and order.noun == OUTAGES and trouble and not trouble.over:
            yield notices.outage(order.of, at, known)
        ended = replace(order, over=str(verb), ended_at=now)
        beside = provenance.properties(connection, [ended])[order.id]
        yield replace(notices.ended(verb, order, trouble, at, now, known), properties=beside)

    def _assign(self, today: Day, context: Context) -> bool:
        """Send crews; whether any was."""
        turns = suggested(today, self, with_held=False)
        steps = [
            Step(
                order=turn.order, crew=turn.crew, at=context.now, stage=Stage.ASSIGNED, who=NAME,
                why=f"expected {turn.arrives:%H:%M} UTC",
            )
            for turn in turns
        ]  # fmt: skip
        store.add_steps(context.connection, steps)
        return bool(steps)

    def _tell(self, today: Day, context: Context) -> Iterator[Outgoing]:
        """Orders that are new or other than they were told, and outages with other crews."""
        saying: dict[str, Mapping[str, Any]] = {}
        telling: list[Queued] = []
        for one in today.queue:
            now, before = notices.fingerprint(one), one.order.said
            if now == before or (one.order.theirs and not before and not one.crews):
                continue
            last = time(one.order.saying.get("at"))
            if last and now == one.order.saying["what"] and today.now < last + _AGAIN:
                context.wake_at(last + _AGAIN)
                continue
            context.wake_at(today.now + _AGAIN)
            saying[one.order.id] = {"what": now, "at": text(today.now)}
            telling.append(one)
        beside = provenance.properties(context.connection, [one.order for one in telling])
        for one in telling:
            before = one.order.said
            verb = Verb.CHANGED if before or one.order.theirs else Verb.CREATED
            yield replace(notices.order(verb, one, today), properties=beside[one.order.id])
            crews = saying[one.order.id]["what"]["crews"]
            if crews != before.get("crews", {}) and one.outage:
                yield notices.outage(one.outage, one.crews, today.crews)
        store.keep_saying(context.connection, saying)

    def _next(self, today: Day) -> datetime | None:
        """When the next crew begins or ends its shift while orders wait for one."""
        if self.assignment != "assign" or all(one.crews for one in today.queue):
            return None
        edges = (edge for c in today.crews.values() for s in c.shifts for edge in s[:2])
        return min((edge for edge in edges if edge and edge > today.now), default=None)

    # -- requests

    def _asked(self, message: Message, context: Context) -> Iterator[Outgoing]:
        """Each order by itself: done, or refused with a reason."""
        try:
            asked = Asked.of(message, context.connection, self, context.now)
        except Refusal as refusal:
            yield Outgoing(Verb.REPLY, reply=failed(refusal.violations), noun=ORDERS)
            return
        if of_zone := handed_over(message, asked, partial(self._day, context)):
            yield from of_zone
            return
        some = meant(message, TroubleOrders)
        ids: list[ObjectId] = []
        refused: list[Violation] = []
        said: list[Outgoing] = []
        if some is None or not some.trouble_order:
            rule = "TroubleOrders, TroubleOrder: it names none"
            refused.append(Violation(code=requests.MISSING, rule=rule))
        for one in some.trouble_order if some else ():
            try:
                # What is refused leaves nothing behind.
                with context.connection.begin_nested():
                    order = self._carry_out(asked, one, message.header.verb, context, said)
                ids.append(ObjectId(value=order.id))
            except Refusal as refusal:
                refused += refusal.violations
        yield Outgoing(Verb.REPLY, reply=answers.reply(ids, refused), noun=ORDERS)
        yield from said

    def _carry_out(
        self, asked: Asked, one: TroubleOrder, verb: Verb, context: Context, said: list[Outgoing]
    ) -> Order:
        """Raises: Refusal."""
        if verb is Verb.CREATE:
            order = requests.create(asked, one)
            if requests.says_more(one):
                requests.change(asked, replace(one, mrid=order.id), self._day(context))
            return order
        if verb is Verb.CHANGE:
            return requests.change(asked, one, self._day(context))
        event = Verb.CLOSED if verb is Verb.CLOSE else Verb.CANCELED
        order = requests.end(asked, one, event)
        said += self._over(order, event, context, asked.who)
        return order

    # -- reports

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """Crews and orders as they are now."""
        if name == "log":
            return reports.log(given.connection, given.now, asked)
        today = day(given.connection, given.network, Places(), self, given.now)
        return reports.of_day(name, today, self, owned(given.connection, self))

    def _day(self, context: Context) -> Day:
        return day(context.connection, context.network, self._places, self, context.now)

    @cached_property
    def _places(self) -> Places:
        return Places()
