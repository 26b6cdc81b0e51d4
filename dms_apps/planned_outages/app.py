"""The app of planned outages: who loses supply, when they are told, and how it comes about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy import MetaData

from cim.message import STATED, Message, Outgoing, Topic, Verb
from cim.network import Network
from cim.profiles.customer_agreements import CustomerAgreements
from cim.profiles.network_models import NetworkModels
from cim.profiles.planned_outages import PlannedOutages
from cim.profiles.psr_events import PSREvents
from cim.profiles.switching_events import SwitchingEvents
from dms_apps.planned_outages import (
    answers,
    customers,
    early,
    hearing,
    news,
    provenance,
    reports,
    store,
)
from dms_apps.planned_outages.documents import dated
from dms_apps.planned_outages.news import Timing
from dms_apps.planned_outages.notices import notice
from dms_apps.planned_outages.notifications import notifications
from dms_apps.planned_outages.outlook import placed
from dms_apps.planned_outages.plan import Patience, Plan, State, advanced, times
from dms_apps.planned_outages.requests import Asked, Rules
from dms_apps.planned_outages.tables import metadata
from dms_apps.planned_outages.watching import looked, seen, touched, under_way
from hub.interfaces import Asking, Context
from hub.report import Offer, Report

NAME = "planned_outages"
"""Header.Source of what it says itself, which it has kept already."""

NOUN = "PlannedOutages"
_ASKED = (Verb.CREATE, Verb.CHANGE, Verb.CLOSE, Verb.CANCEL, Verb.DELETE)
_EVENTS = (Verb.CREATED, Verb.CHANGED, Verb.CLOSED, Verb.CANCELED, Verb.DELETED)
_ENDS = {State.COMPLETED: Verb.CLOSED, State.CANCELLED: Verb.CANCELED}
_TICK = timedelta(microseconds=1)
_PAUSE = timedelta(hours=1)  # between two looks for what is to be forgotten

Days = Annotated[float, Field(ge=0)]
Minutes = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, kw_only=True)
class PlannedOutagesApp:
    """Settings, in `config/apps/planned_outages.toml`.

    notice:   days before the begin by which customers must know; less is refused, unless
              Status.reason says why.
    announce: days before the begin at which they are told; 0 or less than `notice`: at `notice`.
    remind:   days before the begin at which they are reminded; 0: not at all.
    steady:   minutes that the network must be otherwise before those are told whom it then concerns
              or does not concern any more.
    early:    minutes before the begin at which the opening of a switch counts as the begin.
    longest:  days that one may last; a request for a longer one is refused.
    ahead:    days until its begin at most; a request for a later one is refused.
    grace:    minutes after the planned end, after which it is overdue.
    settle:   seconds after news, before plans are looked at.
    zone:     in whose time customers are told, e.g. "Europe/Zurich".
    keep:     days that what is over is kept.
    catch_up: whether it learns, when it is added, what the hub knows already.
    """

    notice: Days = 3.0
    announce: Days = 7.0
    remind: Days = 1.0
    steady: Minutes = 60.0
    early: Minutes = 30.0
    longest: Annotated[float, Field(gt=0)] = 30.0
    ahead: Annotated[float, Field(gt=0)] = 730.0
    grace: Minutes = 15.0
    settle: Annotated[float, Field(ge=0)] = 2.0
    zone: str = "UTC"
    keep: Annotated[float, Field(gt=0)] = 400.0
    catch_up: bool = True

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(
                f"zone: {self.zone!r} is no time zone, such as Europe/Zurich"
            ) from None

    @property
    def topics(self) -> frozenset[Topic]:
        """What is asked of plans, and told of them; what changes supply; who the customers are."""
        told = {Topic(verb, noun) for verb in _EVENTS for noun in (NOUN, "CustomerAgreements")}
        asked = {Topic(verb, NOUN) for verb in (*_ASKED, Verb.GET)}
        nouns = ("SwitchingEvents", "PSREvents", "NetworkModels")
        return frozenset(told | asked | {Topic(verb, noun) for verb in STATED for noun in nouns})

    @property
    def tables(self) -> MetaData:
        return metadata

    @property
    def partitions(self) -> int:
        """One: plans share devices and customers."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Take in what is told, and look at plans soon; answer what is asked at once."""
        verb, connection = message.header.verb, context.connection
        at = message.header.timestamp or context.now
        match message.payload:
            case _ if verb is Verb.GET:
                yield answers.found(message, connection, context.network)
                return
            case _ if verb in _ASKED:
                yield from self._asked(message, context)
            case PlannedOutages() as outages:
                yield from self._heard(message, outages, at, context)
            case CustomerAgreements() as agreements:
                _customers(connection, agreements, verb)
            case NetworkModels() as models:
                store.record_critical(connection, models)
            case SwitchingEvents() as events:
                touched(connection, hearing.switchings(events, at))
            case PSREvents() as events:
                touched(connection, hearing.services(events, at))
        if store.has_work(connection):
            context.wake_at(context.now + timedelta(seconds=self.settle))

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Look at all plans that are not over, and tell what is new."""
        connection, now = context.connection, context.now
        is_moved = self._is_moved(connection, context.network)
        for plan in [*store.open_plans(connection), *store.to_be_called_off(connection)]:
            yield from self._look(plan, context, is_moved=is_moved)
        kept = timedelta(days=self.keep)
        store.prune(connection, now - kept)
        early.prune(connection, now - kept)
        if (oldest := store.oldest_over(connection)) is not None:
            context.wake_at(max(oldest + kept, now + _PAUSE))

    # -- reports

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """The plans, who was told of them, or who decided what."""
        return reports.report(name, asked, given.connection, given.network, given.now)

    # -- what is told and asked

    def _heard(
        self, message: Message, outages: PlannedOutages, at: datetime, context: Context
    ) -> Iterator[Outgoing]:
        """Keep what others plan; what the network adds to it is told."""
        is_ours = message.header.source == NAME
        for one in map(dated, outages.planned_outage):
            plan = hearing.heard(
                context.connection, context.network, one, message.header.verb,
                one.last_modified_date_time or at, is_ours=is_ours,
                is_fixed=provenance.is_fixed(message.header) if is_ours else None,
            )  # fmt: skip
            if is_ours:
                provenance.keep_decided(context.connection, message.header, one.mrid or "")
            if plan is not None:
                store.make_stale(context.connection, plan)
            if plan is not None and plan.is_open and not plan.is_fixed and not is_ours:
                yield self._told(Verb.CHANGED, plan, context)
            elif plan is not None:
                store.keep(context.connection, plan, new=False)

    def _asked(self, message: Message, context: Context) -> Iterator[Outgoing]:
        """Each outage by itself: done, or refused with a reason."""
        rules = Rules(
            timedelta(days=self.notice),
            timedelta(minutes=self.early),
            timedelta(days=self.longest),
            timedelta(days=self.ahead),
        )
        connection, verb = context.connection, message.header.verb
        asked = Asked.of(message, connection, context.network, context.now, rules)
        done, reply = answers.carried_out(asked, verb, answers.wanted(message))
        yield reply
        for plan in done:
            store.make_stale(connection, plan)
            event = Verb.CREATED if verb is Verb.CREATE else _ENDS.get(plan.state, Verb.CHANGED)
            yield self._told(event, plan, context)

    # -- what becomes of plans

    def _look(self, before: Plan, context: Context, *, is_moved: bool) -> Iterator[Outgoing]:
        """One plan: how far it has come, whom it concerns now, whom to tell."""
        connection, network, now = context.connection, context.network, context.now
        plan = before
        if plan.is_ahead and (is_moved or plan.is_stale):
            plan = placed(connection, network, plan, now + self._steady, quickly=True)
        if plan.is_open:
            plan = advanced(plan, seen(connection, network, plan, now), now, self._patience)
        if plan.started_at is not None and plan.is_seen:
            plan = under_way(connection, network, plan, now)
        plan, said = self._notified(plan, context)
        if _unlike(before, plan):
            yield self._told(_ENDS.get(plan.state, Verb.CHANGED), plan, context)
        elif plan != before:
            store.keep(connection, plan, new=False)
        yield from said
        if plan.is_open:
            for at in (*times(plan, self._patience), plan.notify_at):
                if at is not None and at > now:
                    context.wake_at(at)

    def _notified(self, plan: Plan, context: Context) -> tuple[Plan, list[Outgoing]]:
        """The plan once those were told who are to be."""
        connection, now = context.connection, context.now
        if plan.notify_at is None or plan.notify_at > now:
            return plan, []
        points, told = store.points(connection, plan.mrid), store.told_of(connection, plan.mrid)
        found = news.news(plan, points, told, now, self._timing)
        said = list(
            notifications(connection, context.network, plan, found.now, now, ZoneInfo(self.zone))
        )
        period = {"begins_at": plan.begins_at, "ends_at": plan.ends_at, "told_at": now}
        rows = [{"point": point, "kind": kind, **period} for point, kind in found.now.items()]
        store.keep_told(connection, plan.mrid, rows)
        if rows:
            told = store.told_of(connection, plan.mrid)
            then = news.news(plan, points, told, now, self._timing).then
        else:
            then = found.then
        if plan.state is State.PLANNED and news.is_told(plan, points, told):
            plan = replace(plan, state=State.NOTIFIED)
        return replace(plan, notify_at=then), said

    def _told(self, verb: Verb, plan: Plan, context: Context) -> Outgoing:
        """Keep a plan, and tell it."""
        as_of = max(context.now, plan.as_of + _TICK)
        plan = replace(plan, as_of=as_of)
        store.keep(context.connection, plan, new=False)
        beside = provenance.properties(context.connection, plan, context.now)
        payload = notice(context.connection, context.network, [plan])
        return Outgoing(verb, payload, properties=beside)

    def _is_moved(self, connection: sa.Connection, network: Network) -> bool:
        """Whether the network is another than at the last look that was kept."""
        number = looked(connection)
        is_moved = all(at != number or of is not network for at, of in self._looked)
        self._looked[:] = [(number + 1, network)]
        return is_moved

    @cached_property
    def _looked(self) -> list[tuple[int, Network]]:
        return []

    @cached_property
    def _timing(self) -> Timing:
        announce = timedelta(days=max(self.announce, self.notice))
        return Timing(announce, timedelta(days=self.remind))

    @cached_property
    def _patience(self) -> Patience:
        return Patience(timedelta(minutes=self.early), timedelta(minutes=self.grace))

    @property
    def _steady(self) -> timedelta:
        return timedelta(minutes=self.steady)


def _customers(connection: sa.Connection, agreements: CustomerAgreements, verb: Verb) -> None:
    gone = verb in (Verb.CLOSED, Verb.CANCELED, Verb.DELETED)
    for one in agreements.customer_agreement:
        if identity := one.mrid or next((n.name for n in one.names), ""):
            rows = customers.rows(one)
            store.keep_customer(connection, identity, [] if gone else rows)
            store.make_stale_at(connection, [row["point"] for row in rows])


def _unlike(before: Plan, plan: Plan) -> bool:
    """Whether there is anything to tell."""
    own = ("notify_at", "tell_from", "is_stale", *(() if before.mark else ("mark",)))
    return replace(plan, **{name: getattr(before, name) for name in own}) != before
