"""What dispatchers ask of orders: create, change, close, cancel; done, or refused in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from cim.bounds import LARGEST, LONGEST
from cim.message import Message, Verb
from cim.profiles.operations_staff import Crew as CrewPointer
from cim.profiles.trouble_orders import TroubleOrder
from cim.violation import Refusal
from dms_apps.crews import heirs, store
from dms_apps.crews.life import Stage, Step, after, latest, standing
from dms_apps.crews.parts import called
from dms_apps.crews.priority import counted
from dms_apps.crews.queue import Day, Queued
from dms_apps.crews.roster import Crew
from dms_apps.crews.settings import Settings
from dms_apps.crews.store import Order
from dms_apps.crews.trouble import INCIDENTS, ORDERS, OUTAGES, TICKETS, of_order

UNKNOWN, RULE, MISSING = "2.15", "6.1", "5.8"
_AHEAD = timedelta(minutes=5)
"""So far the clock of who asks may be ahead."""


@dataclass(frozen=True)
class Asked:
    """One request, and what it is decided by.

    who: the user, else the system that asks; user: "" where a system asks for nobody.
    """

    connection: sa.Connection
    settings: Settings
    now: datetime
    who: str
    user: str = ""

    @classmethod
    def of(
        cls, message: Message, connection: sa.Connection, settings: Settings, now: datetime
    ) -> Asked:
        """Raises: Refusal."""
        header = message.header
        user = header.user.user_id if header.user else ""
        who = user or header.source or ""
        _fits(who, "Header, UserID" if user else "Header, Source")
        return cls(connection, settings, now, who, user)


def create(asked: Asked, one: TroubleOrder) -> Order:
    """A new order, for an outage, an incident, a call, or for what its comment says; of trouble
    whose order is over, that order again.  Raises: Refusal."""
    noun, of = _trouble(asked, one)
    mrid = one.mrid or store.identity(noun, of)
    number = one.names[0].name if one.names else store.number(mrid)
    texts = {"mRID": mrid, "Names.name": number, "Document.authorName": one.author_name or ""}
    for field, text in texts.items():
        _fits(text, f"TroubleOrder {number[:20]}, {field}")
    before = store.order_for(asked.connection, noun, of)
    if before and not before.over:
        rule = f"TroubleOrder {before.number}: it looks after {noun} {of} already"
        raise Refusal.of(RULE, rule, value=of)
    if before:
        store.reopen(asked.connection, before.id)
        at = standing(store.steps_of_order(asked.connection, before.id)).get(before.id, {})
        store.add_steps(asked.connection, _off(asked, before, at, asked.now))
        made = store.order_called(asked.connection, before.id, ())
        assert made is not None  # noqa: S101 - it was there
    else:
        names = [number] if one.names else []
        twin = store.order_called(asked.connection, mrid, names)
        if twin or (noun != ORDERS and store.still(asked.connection, ORDERS, {mrid, *names})):
            there = twin.number if twin else number
            rule = f"TroubleOrder {there}: there is one with that mRID or number already"
            raise Refusal.of(RULE, rule, value=mrid)
        made = Order(
            id=mrid, number=number, noun=noun, of=of, created_at=asked.now,
            author=one.author_name or asked.who,
        )  # fmt: skip
        store.add_orders(asked.connection, [made])
    if noun == ORDERS:
        store.keep_told(asked.connection, ORDERS, of, of_order(one) | {"over": ""}, asked.now)
    _decided(asked, made, "created again" if before else "created")
    return made


def says_more(one: TroubleOrder) -> bool:
    """Whether a new order says what a change of it would."""
    is_said = one.status is not None and one.status.value not in (None, "", Stage.AWAITING)
    return is_said or any(task.crews or task.priority for task in one.work_task)


def change(asked: Asked, one: TroubleOrder, today: Day) -> Order:
    """Crews, status and rank of an order; all of it, or nothing.

    - Crews that are named are those that do it from now on; others are taken off.
    - The status awaitingCrewAssignment takes the named ones off, or all of them; any other one is
      that of the named crews, or of all.
    - Priority.rank puts it before all orders without one; 0 takes that back.
    Raises: Refusal.
    """
    order = _open(asked, one)
    queued = next(q for q in today.queue if q.order.id == order.id)
    stage, rank = _stage(order, one), _rank(order, one)
    named = [_crew(asked, order, crew) for task in one.work_task for crew in task.crews]
    if stage is None and rank is None and not named:
        rule = f"TroubleOrder {order.number}: neither crew, status nor Priority.rank is given"
        raise Refusal.of(MISSING, rule)
    steps = _steps(asked, queued, named, stage, today, _at(asked, queued, one))
    store.add_steps(asked.connection, steps)
    if stage is Stage.AWAITING:
        store.update_order(asked.connection, order.id, held=True)
    elif named:
        store.update_order(asked.connection, order.id, held=False)
    if rank is not None:
        store.update_order(asked.connection, order.id, pinned=rank or None)
        _decided(asked, order, f"rank {rank}" if rank else "rank taken back")
    return order


def end(asked: Asked, one: TroubleOrder, verb: Verb) -> Order:
    """Close or cancel an order.  Raises: Refusal."""
    order = _open(asked, one)
    _decided(asked, order, verb)
    return order


def over(
    connection: sa.Connection, order: Order, verb: Verb, now: datetime, who: str, why: str = ""
) -> Mapping[str, Step]:
    """Let an order be over; its crews are done, or taken off.  What they were at."""
    at = standing(store.steps_of_order(connection, order.id)).get(order.id, {})
    stage = Stage.COMPLETE if verb is Verb.CLOSED else Stage.AWAITING
    last = latest(store.steps_of_order(connection, order.id))
    steps = [
        Step(order=order.id, crew=crew, at=after(last, crew, now), stage=stage, who=who, why=why)
        for crew, step in at.items()
        if step.stage is not Stage.COMPLETE
    ]
    store.add_steps(connection, steps)
    store.update_order(connection, order.id, over=str(verb), ended_at=now)
    if order.noun == ORDERS:
        store.keep_told(connection, ORDERS, order.of, {"over": str(verb)}, now)
    return {**at, **{step.crew: step for step in steps}}


def refusal_of(crew: Crew, queued: Queued, today: Day, settings: Settings) -> str:
    """Why a crew cannot be assigned to an order; "" when it can."""
    lacks = sorted(queued.skills - crew.able(today.now))
    turns = [turn for turn in today.turns.get(crew.mrid, ()) if turn.order != queued.order.id]
    if not crew.on_shift(today.now):
        begins = crew.next_shift(today.now)
        again = (
            f"its next shift begins {begins:%Y-%m-%d %H:%M} UTC" if begins else "no shift follows"
        )
        return f"is off shift; {again}"
    if crew.status in settings.unavailable:
        return f"says that it is {crew.status}"
    if lacks:
        has = ", ".join(sorted(crew.able(today.now))) or "nothing that was told"
        return f"cannot do {', '.join(lacks)}, which is needed; it can do {has}"
    if len(turns) >= settings.queue:
        return f"has {counted(len(turns), 'order')} already, and queue is {settings.queue}"
    return ""


def _trouble(asked: Asked, one: TroubleOrder) -> tuple[str, str]:
    """What an order looks after.  Raises: Refusal for an outage and the like that nobody knows."""
    pointers = (
        (OUTAGES, one.unplanned_outage),
        (INCIDENTS, one.incident),
        (TICKETS, next(iter(one.trouble_ticket), None)),
    )
    for noun, pointer in pointers:
        if pointer is None:
            continue
        of = called(pointer.mrid, pointer.names)
        known = store.trouble(asked.connection, noun, of)
        if known is None or known.over:
            is_over = f"is {known.over}" if known else "is not known"
            rule = f"TroubleOrder, {noun} {of!r}: it {is_over}, so no crew can be sent there"
            raise Refusal.of(UNKNOWN, rule, value=of)
        return noun, of
    of = one.mrid or called(None, one.names)
    if not of:
        rule = "TroubleOrder: without mRID and Names it must name an outage, an incident or a call"
        raise Refusal.of(MISSING, rule)
    return ORDERS, of


def _open(asked: Asked, one: TroubleOrder) -> Order:
    """The order that is meant.  Raises: Refusal."""
    names = [name.name for name in one.names]
    order = store.order_called(asked.connection, one.mrid, names)
    if order is None:
        said = called(one.mrid, one.names)
        raise Refusal.of(UNKNOWN, f"TroubleOrder {said!r}: there is none", value=said)
    if order.over:
        now = heirs.current(asked.connection, order)
        so = "and can only be created again"
        so = so if now.id == order.id else f"its outage is part of that of {now.number} now"
        rule = f"TroubleOrder {order.number}: it is {order.over}, {so}"
        raise Refusal.of(RULE, rule, value=order.over)
    return order


def _fits(text: str, field: str) -> None:
    """Raises: Refusal for what the tables have no room for."""
    if len(text) > LONGEST:
        rule = f"{field}: it has {len(text):,} characters, and at most {LONGEST} may be"
        raise Refusal.of(RULE, rule, value=text[:20])


def _stage(order: Order, one: TroubleOrder) -> Stage | None:
    if one.status is None or not one.status.value:
        return None
    try:
        return Stage(one.status.value)
    except ValueError:
        rule = f"TroubleOrder {order.number}, Document.status {one.status.value!r}: it is none of "
        raise Refusal.of(RULE, rule + ", ".join(Stage), value=one.status.value) from None


def _rank(order: Order, one: TroubleOrder) -> int | None:
    ranks = [t.priority.rank for t in one.work_task if t.priority and t.priority.rank is not None]
    if ranks and ranks[0] < 0:
        rule = f"TroubleOrder {order.number}, Priority.rank {ranks[0]}: it must not be below 0"
        raise Refusal.of(RULE, rule, value=str(ranks[0]))
    if ranks and ranks[0] > LARGEST:
        rule = f"TroubleOrder {order.number}, Priority.rank: it must not be above {LARGEST:,}"
        raise Refusal.of(RULE, rule, value=str(ranks[0])[:20])
    return ranks[0] if ranks else None


def _at(asked: Asked, queued: Queued, one: TroubleOrder) -> datetime:
    """When it was so, at the latest now.  Raises: Refusal for what is to come, or before all that
    is kept, unless it is what was told of the order come back."""
    said = one.status.date_time if one.status else None
    if said is None:
        return asked.now
    if said < asked.now - asked.settings.kept and said in {s.at for s in queued.crews.values()}:
        return asked.now
    rule = f"TroubleOrder {queued.order.number}, status.dateTime {said.isoformat()}: it lies"
    if said > asked.now + _AHEAD:
        raise Refusal.of(RULE, f"{rule} in the future", value=said.isoformat())
    if said < asked.now - asked.settings.kept:
        rule += f" more than {asked.settings.days:g} days in the past"
        raise Refusal.of(RULE, rule, value=said.isoformat())
    return min(said, asked.now)


def _crew(asked: Asked, order: Order, one: CrewPointer) -> Crew:
    crew = store.crew_called(asked.connection, one.mrid, [name.name for name in one.names])
    if crew is None:
        said = called(one.mrid, one.names)
        rule = f"TroubleOrder {order.number}, WorkTask.Crews {said!r}: there is no such crew"
        raise Refusal.of(UNKNOWN, rule, value=said)
    return crew


def _steps(
    asked: Asked,
    queued: Queued,
    named: Sequence[Crew],
    stage: Stage | None,
    today: Day,
    at: datetime,
) -> list[Step]:
    """What a change means for crews.  Raises: Refusal."""
    order, before = queued.order, queued.crews
    wanted = {crew.mrid: crew for crew in named}
    if stage is Stage.AWAITING:
        return _taken_off(asked, order, before, wanted, at)
    new = [crew for mrid, crew in wanted.items() if mrid not in before]
    for crew in new:
        if why := refusal_of(crew, queued, today, asked.settings):
            rule = f"TroubleOrder {order.number}, WorkTask.Crews: crew {crew.called} {why}"
            raise Refusal.of(RULE, rule, value=crew.called)
    if wanted and stage is None and wanted.keys() == before.keys():
        them = ", ".join(crew.called for crew in named)
        rule = f"TroubleOrder {order.number}, WorkTask.Crews: {them} is assigned to it already"
        raise Refusal.of(RULE, rule, value=them)
    if stage and not wanted and not before:
        rule = f"TroubleOrder {order.number}, Document.status {stage}: no crew is assigned to it"
        raise Refusal.of(RULE, rule, value=stage)
    last = latest(store.steps_of_order(asked.connection, order.id))
    off = {crew: Stage.AWAITING for crew in before if wanted and crew not in wanted}
    on = {crew.mrid: Stage.ASSIGNED for crew in new}
    moved = dict.fromkeys(wanted or before, stage) if stage else {}
    return [
        Step(order=order.id, crew=crew, at=after(last, crew, at), stage=to, who=asked.who)
        for crew, to in {**off, **on, **moved}.items()
    ]


def _taken_off(
    asked: Asked,
    order: Order,
    before: Mapping[str, Step],
    wanted: Mapping[str, Crew],
    at: datetime,
) -> list[Step]:
    strangers = [crew.called for mrid, crew in wanted.items() if mrid not in before]
    if strangers or not before:
        who = f"{', '.join(strangers)} is not" if strangers else "no crew is"
        rule = f"TroubleOrder {order.number}, WorkTask.Crews: {who} assigned to it"
        raise Refusal.of(RULE, rule, value=", ".join(strangers) or None)
    return _off(asked, order, wanted or before, at)


def _off(asked: Asked, order: Order, crews: Iterable[str], at: datetime) -> list[Step]:
    """Take crews off an order."""
    last, off = latest(store.steps_of_order(asked.connection, order.id)), Stage.AWAITING
    return [
        Step(order=order.id, crew=crew, at=after(last, crew, at), stage=off, who=asked.who)
        for crew in crews
    ]


def _decided(asked: Asked, order: Order, what: str) -> None:
    store.decide(asked.connection, asked.now, order.id, what, asked.who)
