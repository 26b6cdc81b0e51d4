"""What is heard: planned outages of other systems, switches, and what is in service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from cim.message import Verb
from cim.network import Network
from cim.objects import changed
from cim.profiles.compounds import Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.planned_outages import PlannedOutage, supplied
from cim.profiles.psr_events import PSREventKind, PSREvents
from cim.profiles.switching_actions import SwitchActionKind
from cim.profiles.switching_events import SwitchingEvents
from cim.times import done_at
from cim.violation import Refusal
from dms_apps.planned_outages import early, store, switching
from dms_apps.planned_outages.customers import names_of
from dms_apps.planned_outages.documents import kept, said
from dms_apps.planned_outages.outlook import placed
from dms_apps.planned_outages.plan import Deed, Plan, State
from dms_apps.planned_outages.switching import MISSING

OVER = {
    Verb.CLOSED: State.COMPLETED,
    Verb.CANCELED: State.CANCELLED,
    Verb.DELETED: State.CANCELLED,
}
_STATES = {
    "active": State.ACTIVE,
    "inprogress": State.ACTIVE,
    "completed": State.COMPLETED,
    "closed": State.COMPLETED,
    "cancelled": State.CANCELLED,
    "canceled": State.CANCELLED,
    "rejected": State.CANCELLED,
    "withdrawn": State.CANCELLED,
}
"""What other systems call it, in lower case without marks."""
_SWITCHED = {SwitchActionKind.OPEN: True, SwitchActionKind.CLOSE: False}
_SERVICE = {PSREventKind.OUT_OF_SERVICE: True, PSREventKind.IN_SERVICE: False}


def heard(
    connection: sa.Connection,
    network: Network,
    one: PlannedOutage,
    verb: Verb,
    at: datetime,
    *,
    is_ours: bool,
    is_fixed: bool | None = None,
) -> Plan | None:
    """The plan after what is told of it, kept; None when that is no news.

    What others have decided is not refused: what speaks against it is told.

    at:      as of when it is told.
    is_ours: whether the hub told it itself, before this app kept it.
    is_fixed: whether somebody had said whom it concerns; None: nobody tells.
    Raises: Refusal, when it cannot be kept: nobody says which it is, or when it is to be.
    """
    names = [name.name for name in one.names]
    before = store.plan_called(connection, one.mrid, names)
    if before is not None and (before.as_of >= at if is_ours else before.heard_at > at):
        return None
    if before is None and verb in OVER and _is_untimed(one):
        why = (one.status.reason if one.status else None) or ""
        early.keep(connection, [one.mrid] if one.mrid else names, verb, at, why)
        return None
    if before is None and (ended := early.found(connection, [*_called(one.mrid, one.names)], at)):
        verb, at = Verb(ended.verb), ended.at
        one = replace(one, status=Status(reason=ended.why or None))
    plan = _new(one, at) if before is None else replace(before, heard_at=at)
    document = one if before is None else changed(said(before), replace(one, mrid=plan.mrid))
    assert isinstance(document, PlannedOutage)  # noqa: S101 - as it was
    deeds, equipment = _switching(network, document, plan.mrid)
    points = _points(network, one.de_energized_usage_point)
    again = _points(network, supplied(one))
    concerned = store.points(connection, plan.mrid).keys()
    points |= again & concerned if concerned else again  # others have had supply all the time
    plan = replace(
        _timed(plan, one),
        deeds=deeds,
        equipment=equipment,
        is_fixed=plan.is_fixed or bool(points and not is_ours) if is_fixed is None else is_fixed,
        document=kept(document),
        notify_at=at,
    )
    store.keep(connection, plan, new=before is None)
    store.keep_names(connection, plan.mrid, names)
    store.keep_devices(connection, plan, network)
    if points:
        store.keep_points(connection, network, plan.mrid, points, at)
    if plan.is_ahead:
        plan = placed(connection, network, plan, at)
    return replace(_stated(plan, one, verb, at), notify_at=at, tell_from=at)


def switchings(events: SwitchingEvents, at: datetime) -> Iterator[tuple[list[str], datetime, bool]]:
    """By what a switch is called, when it moved, and whether it was opened."""
    for event in events.switching_event:
        action = event.switching_action
        if action is not None and action.kind in _SWITCHED:
            switch = action.operated_switch
            when = done_at(action.executed_date_time or event.created_date_time, at) or at
            yield _called(switch.mrid, switch.names), when, _SWITCHED[action.kind]


def services(events: PSREvents, at: datetime) -> Iterator[tuple[list[str], datetime, bool]]:
    """The same of what went out of service, and into it."""
    for event in events.psrevent:
        if event.kind in _SERVICE:
            resource = event.power_system_resource
            when = done_at(event.created_date_time, at) or at
            yield _called(resource.mrid, resource.names), when, _SERVICE[event.kind]


def _new(one: PlannedOutage, at: datetime) -> Plan:
    """Raises: Refusal."""
    mrid = one.mrid or next((name.name for name in one.names), "")
    if not mrid:
        raise Refusal.of(MISSING, "PlannedOutage: neither IdentifiedObject.mRID nor Names")
    period = one.estimated_period
    if period is None or period.start is None or period.end is None or period.start >= period.end:
        rule = f"PlannedOutage {mrid}, Outage.estimatedPeriod: a start before an end must be given"
        raise Refusal.of(MISSING, rule)
    return Plan(
        mrid=mrid, state=State.PLANNED, begins_at=period.start, ends_at=period.end,
        created_at=one.created_date_time or at, as_of=at, heard_at=at, deeds=(), tell_from=at,
    )  # fmt: skip


def _is_untimed(one: PlannedOutage) -> bool:
    """Whether nothing tells when it is to be."""
    period = one.estimated_period
    return period is None or period.start is None or period.end is None


def _timed(plan: Plan, one: PlannedOutage) -> Plan:
    """In the period that is told; one that cannot be is passed over."""
    period = one.estimated_period
    begins_at = (period.start if period else None) or plan.begins_at
    ends_at = (period.end if period else None) or plan.ends_at
    return replace(plan, begins_at=begins_at, ends_at=ends_at) if begins_at < ends_at else plan


def _stated(plan: Plan, one: PlannedOutage, verb: Verb, at: datetime) -> Plan:
    """As far as it is told to have come; what is over stays so."""
    if not plan.is_open:
        return plan
    value = (one.status.value if one.status else None) or ""
    words = "".join(letter for letter in value.lower() if letter.isalpha())
    state = OVER.get(verb) or _STATES.get(words)
    actual = one.actual_period
    start, end = (actual.start, actual.end) if actual else (None, None)
    why = (one.status.reason if one.status else None) or plan.why
    if state is State.CANCELLED:
        return replace(plan, state=state, why=why, dark=0, is_overdue=False)
    if state is State.COMPLETED:
        started = start or plan.started_at or plan.begins_at
        plan = replace(plan, started_at=started, ended_at=end or at)
        return replace(plan, state=state, why=why, dark=0, is_overdue=False)
    if state is State.ACTIVE and plan.is_ahead:
        return replace(plan, state=state, started_at=start or at, dark=plan.count, why=why)
    return replace(plan, why=why)


def _switching(
    network: Network, one: PlannedOutage, mrid: str
) -> tuple[tuple[Deed, ...], tuple[str, ...]]:
    """What is switched and what is to be without supply, where the network knows all of it."""
    try:
        return switching.deeds(network, one, mrid), switching.equipment(network, one, mrid)
    except Refusal:
        return (), ()


def _points(network: Network, some: Iterable[UsagePoint]) -> set[str]:
    """Usage points by mRID; those that the network does not have, as they are called; those that
    are called nothing are none."""
    called = [names for point in some if (names := names_of(point))]
    return {
        next((mrid for n in names if (mrid := network.usage_point_of(n))), names[0])
        for names in called
    }


def _called(mrid: str | None, names: tuple[Name, ...]) -> list[str]:
    return [one for one in (mrid, *(name.name for name in names)) if one]
