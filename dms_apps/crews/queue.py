"""All open orders as they stand: what each is about, how urgent it is, who is at it, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import sqlalchemy as sa

from cim.network import Network
from dms_apps.crews import heirs, store, work, zones
from dms_apps.crews.assignment import Hand, Job, Turn, plan
from dms_apps.crews.life import ACTIVE, Stage, Step, overall, standing
from dms_apps.crews.places import Places, Site
from dms_apps.crews.priority import Score, rank, score
from dms_apps.crews.roster import Crew
from dms_apps.crews.settings import HAZARD, Settings
from dms_apps.crews.store import Order
from dms_apps.crews.trouble import INCIDENTS, ORDERS, OUTAGES, TICKETS, Trouble

_LEAST = 0.25
"""Hours that an order at least takes on, however long a crew is at it."""


@dataclass(frozen=True, kw_only=True)
class Queued:
    """An open order.

    outage: mRID of the one that is told of its crews; "" without.
    hours:  at the place, as assessed (`is_assessed`) or as usual.
    crews:  who is at it, and how far.
    """

    order: Order
    trouble: Trouble
    outage: str
    site: Site
    zone: str
    score: Score
    rank: int
    skills: frozenset[str]
    hours: float
    is_assessed: bool
    crews: Mapping[str, Step]

    @property
    def stage(self) -> Stage:
        return overall(self.crews)

    @property
    def urgency(self) -> tuple[bool, int, float, str]:
        """What it is sorted by; a dispatcher's rank goes before all others."""
        order = self.order
        return order.pinned is None, order.pinned or 0, -self.score.points, order.id

    @property
    def place(self) -> tuple[float, float] | None:
        return self.trouble.place or self.site.point

    def left(self, now: datetime) -> float:
        """Hours of work that are left."""
        if self.stage is Stage.COMPLETE:
            return 0.0
        begun = [step.at for step in self.crews.values() if step.stage is Stage.ARRIVED]
        gone = (now - min(begun)).total_seconds() / 3600 if begun else 0.0
        return max(self.hours - gone, min(_LEAST, self.hours))


@dataclass(frozen=True, kw_only=True)
class Day:
    """Crews and orders at one moment.

    turns:     when each crew is at each of its orders, by crew, in order.
    abandoned: noun and mRID of troubles that are not over, with their orders, which are.
    """

    now: datetime
    crews: Mapping[str, Crew]
    queue: Sequence[Queued]
    turns: Mapping[str, Sequence[Turn]]
    abandoned: Sequence[tuple[str, str, Order]] = ()

    def arrival(self, order: str) -> datetime | None:
        """When the first crew is there, which is not yet."""
        return min((t.arrives for t in self._of(order) if t.arrives > self.now), default=None)

    def completion(self, order: str) -> datetime | None:
        """When the last of its crews is done."""
        return max((turn.done for turn in self._of(order)), default=None)

    def _of(self, order: str) -> Sequence[Turn]:
        return self._turns.get(order, ())

    @cached_property
    def _turns(self) -> Mapping[str, Sequence[Turn]]:
        """By order."""
        found: dict[str, list[Turn]] = defaultdict(list)
        for some in self.turns.values():
            for turn in some:
                found[turn.order].append(turn)
        return found


def day(
    connection: sa.Connection, network: Network, places: Places, settings: Settings, now: datetime
) -> Day:
    """As it is now; the most urgent order first."""
    crews = {one.mrid: one for one in store.crews(connection)}
    orders = store.open_orders(connection)
    at = standing(store.steps_of_open_orders(connection))
    troubles = store.troubles(connection, (OUTAGES, INCIDENTS, TICKETS, ORDERS))
    known = _Known(heirs.attached(connection, troubles))
    ended = store.troubles_of(connection, [o for o in orders if known.of(o) is None])
    works = store.works(connection, work.WORK)
    found = []
    for order in orders:
        trouble = known.of(order) or ended.get(order.id) or Trouble(noun=order.noun, mrid=order.of)
        trouble = known.complete(trouble)
        site = places.of(network, trouble.device, trouble.also)
        kind = HAZARD if trouble.noun == TICKETS else site.kind
        assessed = work.hours(trouble.works, works, settings.task_hours)
        found.append(
            Queued(
                order=order,
                trouble=trouble,
                outage=known.outage(trouble),
                site=site,
                zone=zones.of_site(settings.zones, site),
                score=score(trouble, now, settings.weights),
                rank=rank(trouble, settings.many),
                skills=settings.needed(kind, is_hazard=bool(trouble.hazards)),
                hours=assessed or settings.usual_hours(kind),
                is_assessed=assessed > 0,
                crews=at.get(order.id, {}),
            )
        )
    queue = sorted(found, key=lambda one: one.urgency)
    return Day(
        now=now,
        crews=crews,
        queue=queue,
        turns=_turns(crews, queue, settings, now),
        abandoned=store.abandoned(connection),
    )


def hands(today: Day, settings: Settings) -> list[Hand]:
    """The crews that may get more, once they are done with what they have."""
    found = []
    orders = {one.order.id: one for one in today.queue}
    for crew in today.crews.values():
        if not is_fit(crew, settings, today.now):
            continue
        turns = today.turns.get(crew.mrid, ())
        last = orders[turns[-1].order] if turns else None
        found.append(
            Hand(
                crew=crew.mrid,
                free_at=turns[-1].done if turns else today.now,
                until=crew.until(today.now),
                place=(last.place if last else None) or crew.place,
                skills=crew.able(today.now),
                room=settings.queue - len(turns),
            )
        )
    return found


def is_fit(crew: Crew, settings: Settings, now: datetime) -> bool:
    """Whether it may be sent by itself: on duty, available, and wanted."""
    if crew.status in settings.unavailable or not crew.on_shift(now):
        return False
    return settings.mutual_aid or not crew.is_mutual_aid(settings.own)


def suggested(today: Day, settings: Settings, *, with_held: bool = True) -> list[Turn]:
    """Who should go where, of the orders that nobody is at."""
    jobs = [
        Job(
            order=one.order.id,
            points=one.score.points,
            pinned=one.order.pinned,
            place=one.place,
            skills=one.skills,
            hours=one.hours,
        )
        for one in today.queue
        if one.stage is Stage.AWAITING and (with_held or not one.order.held)
    ]
    return plan(
        jobs,
        hands(today, settings),
        settings.travel,
        per_hour=settings.weights.travel,
        patience=settings.patience / 60,
    )


class _Known:
    """All troubles that are not over, and which belong together."""

    def __init__(self, troubles: Iterable[Trouble]) -> None:
        self._by = {(one.noun, one.mrid): one for one in troubles}
        self._calls = {
            one.called for one in self._by.values() if one.noun == TICKETS and one.hazards
        }
        self._near: dict[str, list[Trouble]] = defaultdict(list)
        self._shown: dict[str, str] = {}  # call -> the outage that is nothing but its danger
        for one in self._by.values():
            if one.noun == INCIDENTS:
                for key in {one.outage, one.mrid} - {""}:
                    self._near[key].append(one)
            elif one.noun == OUTAGES and one.is_of_calls(self._calls):
                self._shown |= {call: one.mrid for call, _ in one.dangers}

    def of(self, order: Order) -> Trouble | None:
        """What an order looks after, when that is not over."""
        return self._by.get((order.noun, order.of))

    def outage(self, one: Trouble) -> str:
        """The outage that is told of the crews of a trouble."""
        return one.mrid if one.noun == OUTAGES else self._shown.get(one.called, "")

    def complete(self, one: Trouble) -> Trouble:
        """With the dangers and the work of incidents of the same outage, and the dangers that calls
        tell of, but for those which have an order of their own."""
        near = {i.mrid: i for key in (one.mrid, *one.incidents) for i in self._near.get(key, ())}
        near.pop(one.mrid, None)
        more = [near[mrid] for mrid in sorted(near)]
        called = tuple(what for call, what in one.dangers if call not in self._calls)
        if not more and not called:
            return one
        return replace(
            one,
            hazards=_all((*one.hazards, *called), (i.hazards for i in more)),
            works=_all(one.works, (i.works for i in more)),
            place=one.place or next((i.place for i in more if i.place), None),
        )


def _all(own: tuple[str, ...], others: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*own, *(one for some in others for one in some)]))


def _turns(
    crews: Mapping[str, Crew], queue: Sequence[Queued], settings: Settings, now: datetime
) -> dict[str, list[Turn]]:
    """Of each crew, the order it is at first, then the others by urgency."""
    mine: dict[str, list[tuple[bool, Queued, Step]]] = defaultdict(list)
    for one in queue:
        for crew, step in one.crews.items():
            if step.stage is not Stage.COMPLETE:
                mine[crew].append((step.stage not in ACTIVE, one, step))
    found: dict[str, list[Turn]] = {}
    for crew, some in mine.items():
        at = crews[crew].place if crew in crews else None
        free, turns = now, list[Turn]()
        for _, one, step in sorted(some, key=lambda entry: entry[0]):
            way = timedelta(hours=settings.travel.hours(at, one.place))
            arrives = {
                Stage.ARRIVED: step.at,
                Stage.ENROUTE: max(step.at + way, now),
            }.get(step.stage, free + way)
            done = max(arrives, now) + timedelta(hours=one.left(now))
            turns.append(
                Turn(order=one.order.id, crew=crew, leaves=free, arrives=arrives, done=done)
            )
            at, free = one.place or at, done
        found[crew] = turns
    return found
