"""What the app shows beside messages: crews, the queue, crews that are needed, dispatchers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from dms_apps import plots
from dms_apps.crews import store, zones
from dms_apps.crews.assignment import Turn
from dms_apps.crews.life import Stage
from dms_apps.crews.merging import CAME
from dms_apps.crews.notices import comment
from dms_apps.crews.priority import RANKS
from dms_apps.crews.queue import Day, Queued, suggested
from dms_apps.crews.roster import Crew
from dms_apps.crews.settings import Settings
from dms_apps.crews.trouble import INCIDENTS, ORDERS, OUTAGES, TICKETS
from hub.report import Cell, Column, Offer, Parameter, Report, Unanswerable

_NO_ZONE = "no zone"
_MOST_HOURS = 1_000_000
_NOUNS = frozenset({"Crews", OUTAGES, INCIDENTS, TICKETS, ORDERS})
OFFERS = (
    Offer("crews", "Who is where, until when, at which order, and which come next.", nouns=_NOUNS),
    Offer(
        "work-queue",
        "All open orders, the most urgent first, with the reasons, and who should go there.",
        nouns=_NOUNS,
    ),
    Offer(
        "needed-crews",
        "By zone: hours of work that are left, hours that crews are on duty, crews that lack.",
        nouns=_NOUNS,
    ),
    Offer(
        "dispatchers",
        "The work of each dispatcher's zones, and who should take over which.",
        nouns=_NOUNS,
    ),
    Offer(
        "log",
        "Who decided what, and how far crews were when; the newest first.",
        (
            Parameter("order", "Number or mRID of an order; all when left out."),
            Parameter("hours", "How many up to now; 24 when left out."),
        ),
        nouns=_NOUNS,
    ),
)


def of_day(name: str, today: Day, settings: Settings, owners: Mapping[str, str]) -> Report:
    """A report on how it is now; `owners`: zone -> dispatcher."""
    if name == "dispatchers":
        return dispatchers(today, settings, owners)
    made = {"crews": crews, "work-queue": queue, "needed-crews": needed}
    return made[name](today, settings)


def crews(today: Day, settings: Settings) -> Report:
    """All crews, by name."""
    orders = {one.order.id: one for one in today.queue}
    return Report(
        title="Crews",
        at=today.now,
        columns=(
            Column("crew"), Column("mRID"), Column("organisation"), Column("kind"),
            Column("zone"), Column("on shift"), Column("until"), Column("skills"),
            Column("place"), Column("first coordinate"), Column("second coordinate"),
            Column("status"), Column("since"), Column("order"), Column("of"), Column("next"),
        ),
        rows=[_crew(one, orders, today, settings) for one in today.crews.values()],
    )  # fmt: skip


def _crew(
    one: Crew, orders: Mapping[str, Queued], today: Day, settings: Settings
) -> tuple[Cell, ...]:
    turns = [orders[turn.order] for turn in today.turns.get(one.mrid, ())]
    first, others = turns[:1], turns[1:]
    step = first[0].crews[one.mrid] if first else None
    x, y = one.place or (None, None)
    is_on = one.on_shift(today.now)
    return (
        one.name, one.mrid, one.organisation, one.kind, zones.of_crew(settings.zones, one),
        "yes" if is_on else "no", one.until(today.now) if is_on else None,
        ", ".join(sorted(one.able(today.now))), one.place_name, x, y,
        step.stage if step else one.status, step.at if step else one.status_at,
        first[0].order.number if first else "", comment(first[0].trouble) if first else "",
        ", ".join(other.order.number for other in others),
    )  # fmt: skip


def queue(today: Day, settings: Settings) -> Report:
    """All open orders."""
    turns = {turn.order: turn for turn in suggested(today, settings)}
    return Report(
        title="Work queue",
        at=today.now,
        columns=(
            Column("order"), Column("mRID"), Column("rank"), Column("class"), Column("points"),
            Column("why"), Column("about"), Column("outage"), Column("place"), Column("feeder"),
            Column("zone"), Column("customers"), Column("critical"), Column("since"),
            Column("hours", "h"), Column("status"), Column("crews"), Column("expected"),
            Column("suggestion"),
        ),
        rows=[_queued(one, turns.get(one.order.id), today) for one in today.queue],
        remarks=_remarks(today),
    )  # fmt: skip


def _queued(one: Queued, turn: Turn | None, today: Day) -> tuple[Cell, ...]:
    pinned = one.order.pinned
    why = [*one.score.reasons, *([f"A dispatcher ranks it {pinned}."] if pinned else [])]
    at = today.arrival(one.order.id) or (turn.arrives if turn else None)
    return (
        one.order.number, one.order.id, one.rank if pinned is None else pinned,
        RANKS[one.rank] if pinned is None else "dispatcher", round(one.score.points, 1),
        " ".join(why), comment(one.trouble),
        one.order.of if one.order.noun == OUTAGES else one.trouble.outage,
        one.site.name or one.trouble.device_name, one.site.feeder_name or one.site.feeder,
        one.zone, one.trouble.customers, one.trouble.critical, one.trouble.since,
        round(one.left(today.now), 2), one.stage,
        ", ".join(f"{_name(today, crew)} {step.stage}" for crew, step in one.crews.items()),
        at, _suggestion(one, turn, today),
    )  # fmt: skip


def _suggestion(one: Queued, turn: Turn | None, today: Day) -> str:
    """Who should go there; why nobody can."""
    if one.stage is not Stage.AWAITING:
        return ""
    if turn is not None:
        hours = (turn.arrives - turn.leaves).total_seconds() / 3600
        name = _name(today, turn.crew)
        return f"{name}, which leaves at {turn.leaves:%H:%M} UTC and is {hours:.1f} h on the way."
    if one.skills and not any(one.skills <= c.able(today.now) for c in today.crews.values()):
        return f"No crew can do {', '.join(sorted(one.skills))}."
    return "No crew has room for it and can end it within its shift."


def _name(today: Day, crew: str) -> str:
    return today.crews[crew].called if crew in today.crews else crew


def _remarks(today: Day) -> tuple[str, ...]:
    unknown = sorted({c for one in today.queue for c in one.crews if c not in today.crews})
    nowhere = sum(one.place is None for one in today.queue)
    found = [f"Nothing was told of crew {crew}." for crew in unknown]
    for noun, of, order in today.abandoned:
        found.append(
            f"{noun} {of} is not over, but order {order.number} for it is {order.over}: whoever"
            " creates it again has a crew sent."
        )
    found += _together(today)
    if nowhere:
        found.append(
            f"Of {nowhere:,} {'order' if nowhere == 1 else 'orders'} no coordinates are known: the"
            " usual time is taken for the way."
        )
    return tuple(found)


def _together(today: Day) -> list[str]:
    """Orders at which are crews of several outages, so that a dispatcher may take some off."""
    found = []
    for one in today.queue:
        came = [crew for crew, step in one.crews.items() if step.why.startswith(CAME)]
        others = [crew for crew in one.crews if crew not in came]
        if came and others:
            them, those = (", ".join(_name(today, c) for c in some) for some in (came, others))
            found.append(
                f"Order {one.order.number}: outages have become one, and {them} came to {those}."
                " All stay until somebody takes them off."
            )
    return found


def needed(today: Day, settings: Settings) -> Report:
    """Crews by zone, and how many lack."""
    found = zones.loads(
        [(one.zone, _left(one, today, settings)) for one in today.queue],
        [
            (
                zones.of_crew(settings.zones, crew),
                crew.until(today.now),
                crew.is_mutual_aid(settings.own),
            )
            for crew in today.crews.values()
            if crew.on_shift(today.now) and crew.status not in settings.unavailable
        ],
        today.now,
        settings.shift,
    )
    bars = plots.Bars(tuple(one.zone or _NO_ZONE for one in found), [one.needed for one in found])
    return Report(
        title="Needed crews",
        at=today.now,
        columns=(
            Column("zone"), Column("orders"), Column("work", "h"), Column("crews"),
            Column("of these mutual aid"), Column("on duty", "h"), Column("needed crews"),
            Column("from no zone"), Column("short"),
        ),
        rows=[
            (one.zone, one.orders, round(one.hours, 2), one.crews, one.mutual_aid,
             round(one.shift, 2), one.needed, one.shared, one.short)
            for one in found
        ],
        draw=partial(plots.ranked, bars, title="Needed crews", quantity="crews"),
        remarks=(
            "Work is what is left to do and, for orders at which nobody is yet, a usual way.",
            "Crews of no zone may go anywhere: those left over there come where most lack."
            f" Where none is on duty a shift has {settings.shift:g} h.",
        ),
    )  # fmt: skip


def _left(one: Queued, today: Day, settings: Settings) -> float:
    way = 0.0 if one.stage in (Stage.ARRIVED, Stage.COMPLETE) else settings.travel.usual
    return one.left(today.now) + way


def dispatchers(today: Day, settings: Settings, now: Mapping[str, str]) -> Report:
    """Hours of work by dispatcher, as it is and as it would be balanced."""
    hours: dict[str, float] = defaultdict(float)
    orders: dict[str, int] = defaultdict(int)
    for zone in now:
        hours[zone] += 0.0
    for one in today.queue:
        hours[one.zone] += _left(one, today, settings)
        orders[one.zone] += 1
    users = {*settings.dispatchers, *now.values()}
    then = zones.balanced(hours, now, users)
    remarks = () if users else ("No dispatcher is in the settings.",)
    rows = []
    for user in sorted(users | ({""} if hours.keys() - now.keys() else set())):
        has = sorted(zone for zone in hours if now.get(zone, "") == user)
        gets = sorted(zone for zone, of in then.items() if of == user)
        rows.append(
            (user or "nobody", _zones(has), sum(orders[z] for z in has),
             round(sum(hours[z] for z in has), 2), _zones(gets),
             round(sum(hours[z] for z in gets), 2))
        )  # fmt: skip
    return Report(
        title="Dispatchers",
        at=today.now,
        columns=(
            Column("dispatcher"), Column("zones"), Column("orders"), Column("work", "h"),
            Column("proposed zones"), Column("proposed work", "h"),
        ),
        rows=rows,
        remarks=remarks,
    )  # fmt: skip


def _zones(some: list[str]) -> str:
    return ", ".join(zone or _NO_ZONE for zone in some)


def log(connection: sa.Connection, now: datetime, asked: Mapping[str, str]) -> Report:
    """Raises: Unanswerable, naming the parameter."""
    try:
        hours = float(asked.get("hours", "24"))
    except ValueError:
        raise Unanswerable(f"a number was expected, not {asked['hours']!r}", "hours") from None
    if not 0 < hours <= _MOST_HOURS:
        raise Unanswerable(f"it must be above 0, and at most {_MOST_HOURS:,}", "hours")
    mrid = ""
    if said := asked.get("order", ""):
        order = store.order_called(connection, said, [said])
        if order is None:
            raise Unanswerable(f"there is no order {said!r}", "order")
        mrid = order.id
    numbers = store.numbers(connection)
    names = {crew.mrid: crew.called for crew in store.crews(connection)}
    return Report(
        title="Log of orders",
        at=now,
        columns=(Column("at"), Column("order"), Column("crew"), Column("what"), Column("who")),
        rows=[
            (one["at"], numbers.get(one["order"], one["order"]),
             names.get(one["crew"], one["crew"]), one["what"], one["who"])
            for one in store.history(connection, now - timedelta(hours=hours), mrid)
        ],
    )  # fmt: skip
