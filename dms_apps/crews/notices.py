"""What the app says: orders, how far crews are with outages, and crews as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cim.message import Outgoing, Verb
from cim.profiles import crews as cim
from cim.profiles import work_locations, works
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.field_locations import PositionPoint, Premises
from cim.profiles.identification import Name, NameType, NameTypeAuthority
from cim.profiles.operations_documents import Incident, TroubleTicket
from cim.profiles.operations_documents import UnplannedOutage as OutagePointer
from cim.profiles.operations_staff import Crew as CrewPointer
from cim.profiles.trouble_orders import Priority, TroubleOrder, TroubleOrders, WorkTask
from cim.profiles.unplanned_outages import CrewStatusKind, UnplannedOutage, UnplannedOutages
from dms_apps.crews.life import FARTHEST, Stage, Step, overall
from dms_apps.crews.priority import RANKS
from dms_apps.crews.queue import Day, Queued
from dms_apps.crews.roster import Crew, interval
from dms_apps.crews.store import Order
from dms_apps.crews.trouble import INCIDENTS, OUTAGES, TICKETS, Trouble

NUMBER = "TroubleOrderNumber"
"""Type of the names of orders."""


def order(verb: Verb, one: Queued, today: Day) -> Outgoing:
    """An order as it stands."""
    task = WorkTask(
        crew_eta=today.arrival(one.order.id),
        estimated_completion_time=today.completion(one.order.id),
        crews=_crews(one.crews, today.crews),
        priority=Priority(
            justification=" ".join(one.score.reasons) or None,
            rank=one.rank if one.order.pinned is None else one.order.pinned,
            type=RANKS[one.rank] if one.order.pinned is None else "dispatcher",
        ),
    )
    return _said(verb, one.order, one.trouble, _status(one.stage, one.crews), today.now, task, one)


def ended(
    verb: Verb, over: Order, trouble: Trouble | None, crews: Mapping[str, Step], now: datetime,
    known: Mapping[str, Crew],
) -> Outgoing:  # fmt: skip
    """An order that is over."""
    task = WorkTask(crews=_crews(crews, known))
    status = Status(date_time=now, value=verb)
    about = trouble or Trouble(noun=over.noun, mrid=over.of)
    return _said(verb, over, about, status, now, task)


def _said(
    verb: Verb, one: Order, trouble: Trouble, status: Status, now: datetime, task: WorkTask,
    queued: Queued | None = None,
) -> Outgoing:  # fmt: skip
    said = TroubleOrder(
        mrid=one.id,
        author_name=one.author or None,
        comment=comment(trouble),
        created_date_time=one.created_at,
        last_modified_date_time=now,
        incident=Incident(mrid=one.of) if one.noun == INCIDENTS else None,
        location=_location(queued) if queued else None,
        names=_names(one, trouble),
        planned_execution_interval=_assessed(queued, now) if queued else None,
        status=status,
        trouble_ticket=(TroubleTicket(mrid=one.of),) if one.noun == TICKETS else (),
        unplanned_outage=_outage(one.noun, trouble),
        work_task=(task,),
    )
    return Outgoing(verb, TroubleOrders(trouble_order=(said,)))


def _assessed(one: Queued, now: datetime) -> DateTimeInterval | None:
    """How long the work takes, where damage was assessed: from the arrival of the first crew, or
    from now while there is none."""
    if not one.is_assessed:
        return None
    there = [step.at for step in one.crews.values() if step.stage is Stage.ARRIVED]
    start = min(there, default=now)
    return DateTimeInterval(start=start, end=start + timedelta(hours=one.hours))


def _names(one: Order, trouble: Trouble) -> tuple[Name, ...]:
    """Its number; of an order that another system gave as that calls it."""
    if not one.theirs or not trouble.numbers:
        return (Name(name=one.number, name_type=NameType(name=NUMBER)),)
    found = []
    for number, kind, by in trouble.numbers:
        issuer = NameTypeAuthority(name=by) if by else None
        of = NameType(name=kind, name_type_authority=issuer) if kind else None
        found.append(Name(name=number, name_type=of))
    return tuple(found)


def comment(trouble: Trouble) -> str:
    """What the trouble is, for the crew."""
    danger = f"Danger: {', '.join(trouble.hazards)}." if trouble.hazards else ""
    return " ".join(filter(None, (danger, trouble.says))) or "Look after it."


def outage(mrid: str, crews: Mapping[str, Step], known: Mapping[str, Crew]) -> Outgoing:
    """The request to the outage app: how far the crews of an outage are."""
    stage = overall(crews)
    change = UnplannedOutage(
        mrid=mrid,
        original_customers_served=None,  # type: ignore[arg-type]  # a change says what is new
        status_kind=CrewStatusKind(Stage.ASSIGNED if stage is Stage.SUSPENDED else stage),
        crew=_crews(crews, known),
        status=_status(stage, crews) if stage is Stage.SUSPENDED else None,
    )
    return Outgoing(Verb.CHANGE, UnplannedOutages(unplanned_outage=(change,)))


def fingerprint(one: Queued) -> dict[str, Any]:
    """What of an order is news when it changes."""
    found = {
        "stage": one.stage,
        "crews": stages(one.crews),
        "rank": one.rank,
        "pinned": one.order.pinned,
        "hazards": [*one.trouble.hazards],
    }
    return found | ({"hours": round(one.hours, 2)} if one.is_assessed else {})


def stages(crews_: Mapping[str, Step]) -> dict[str, str]:
    """Crew -> how far it is."""
    return {crew: step.stage for crew, step in sorted(crews_.items())}


def crews(some: Iterable[Crew], today: Day) -> cim.Crews:
    """Crews with what they are at."""
    at: dict[str, list[tuple[Queued, Step]]] = {}
    for one in today.queue:
        for crew, step in one.crews.items():
            at.setdefault(crew, []).append((one, step))
    return cim.Crews(crew=tuple(_crew(one, at.get(one.mrid, [])) for one in some))


def _crew(one: Crew, at: list[tuple[Queued, Step]]) -> cim.Crew:
    now = next((step for _, step in at if step.stage in (Stage.ENROUTE, Stage.ARRIVED)), None)
    issuer = NameTypeAuthority(name=one.organisation) if one.organisation else None
    status = Status(date_time=one.status_at, value=one.status) if one.status else None
    return cim.Crew(
        mrid=one.mrid,
        description=one.description or None,
        capabilities=tuple(
            cim.Capability(type=s[2], validity_interval=interval(s) if s[0] or s[1] else None)
            for s in one.skills
        ),
        crew_type=cim.CrewType(names=(Name(name=one.kind),)) if one.kind else None,
        location=_crew_place(one),
        names=(
            Name(name=one.name, name_type=NameType(name="CrewName", name_type_authority=issuer)),
        )
        if one.name
        else (),
        outage=tuple(cim.Outage(mrid=q.order.of) for q, _ in at if q.order.noun == OUTAGES),
        shift_patterns=tuple(
            cim.ShiftPattern(assignment_type=s[2] or None, validity_interval=interval(s))
            for s in one.shifts
        ),
        status=Status(date_time=now.at, value=now.stage) if now else status,
        work_tasks=tuple(_crew_task(queued) for queued, _ in at),
    )


def _crew_task(one: Queued) -> cim.WorkTask:
    return cim.WorkTask(
        mrid=one.order.id,
        subject=comment(one.trouble),
        names=(Name(name=one.order.number, name_type=NameType(name=NUMBER)),),
        priority=works.Priority(rank=one.rank, type=RANKS[one.rank]),
    )


def _crew_place(one: Crew) -> cim.Location | None:
    if one.place is None and not one.place_name:
        return None
    at = [one.place] if one.place else []
    return cim.Location(
        names=(Name(name=one.place_name),) if one.place_name else (),
        position_points=tuple(
            work_locations.PositionPoint(x_position=repr(x), y_position=repr(y)) for x, y in at
        ),
        status=Status(date_time=one.located_at) if one.located_at else None,
    )


def _crews(at: Mapping[str, Step], known: Mapping[str, Crew]) -> tuple[CrewPointer, ...]:
    """The foremost first: systems that take one crew take that, with the status of the order."""
    found = []
    for mrid in sorted(at, key=lambda crew: (FARTHEST.index(at[crew].stage), crew)):
        name = known[mrid].name if mrid in known else ""
        found.append(CrewPointer(mrid=mrid, names=(Name(name=name),) if name else ()))
    return tuple(found)


def _status(stage: Stage, crews_: Mapping[str, Step]) -> Status:
    since = max((step.at for step in crews_.values() if step.stage is stage), default=None)
    return Status(date_time=since, value=stage)


def _outage(noun: str, trouble: Trouble) -> OutagePointer | None:
    mrid = trouble.mrid if noun == OUTAGES else trouble.outage
    return OutagePointer(mrid=mrid) if mrid else None


def _location(one: Queued) -> Premises | None:
    """Where to go; names of devices, and no address of anybody."""
    name = one.site.name or one.trouble.device_name
    if not name and one.place is None:
        return None
    at = [one.place] if one.place else []
    points = tuple(PositionPoint(x_position=repr(x), y_position=repr(y)) for x, y in at)
    return Premises(names=(Name(name=name),) if name else (), position_points=points)
