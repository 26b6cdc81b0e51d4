"""What is asked of planned outages: create, change, close, cancel; done, or refused in words."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from cim.bounds import short
from cim.message import Message
from cim.network import Network
from cim.objects import changed
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import UsagePoint
from cim.profiles.planned_outages import PlannedOutage
from cim.violation import Refusal
from dms_apps.planned_outages import store, switching
from dms_apps.planned_outages.customers import names_of
from dms_apps.planned_outages.documents import kept, said
from dms_apps.planned_outages.outlook import counted, placed, span
from dms_apps.planned_outages.plan import AHEAD, Deed, Plan, State
from dms_apps.planned_outages.switching import MISSING, RULE, UNKNOWN, called, without

_POINT = "2.12"
_OUTAGES = uuid.UUID("9c1d4a53-3c8e-5d0b-8a0c-5a1f4a3a6f10")  # namespace of version 5 UUIDs


class Rules(NamedTuple):
    """notice: that customers must get; early: how much before its time an outage may begin.
    longest: that one may last; ahead: before its begin."""

    notice: timedelta
    early: timedelta
    longest: timedelta
    ahead: timedelta


@dataclass(frozen=True)
class Asked:
    """One request, and what it is decided by.

    who:     the user, else the system that asks.
    message: its identity.
    rules:   what must hold, unless somebody says why not.
    """

    connection: sa.Connection
    network: Network
    now: datetime
    who: str
    message: str
    rules: Rules

    @classmethod
    def of(
        cls,
        message: Message,
        connection: sa.Connection,
        network: Network,
        now: datetime,
        rules: Rules,
    ) -> Asked:
        header = message.header
        who = header.user.user_id if header.user else header.source or ""
        return cls(
            connection, network, now, short(who), header.message_id or now.isoformat(), rules
        )


def create(asked: Asked, one: PlannedOutage, number: int) -> Plan:
    """A new outage; `number` of it in its message.  Raises: Refusal."""
    names = [name.name for name in one.names]
    mrid = one.mrid or str(uuid.uuid5(_OUTAGES, f"{asked.message} {number}"))
    known = store.plan_called(asked.connection, one.mrid, names)
    if known is not None or store.plan_of(asked.connection, mrid):
        label = one.mrid or names[0]
        rule = f"PlannedOutage {label}: it exists already and can only be changed"
        raise Refusal.of(RULE, rule, value=label)
    label = names[0] if names else one.mrid or "without mRID"
    if one.status and one.status.value not in (None, State.PLANNED):
        rule = f"PlannedOutage {label}, Document.status {one.status.value!r}: a new one is planned"
        raise Refusal.of(RULE, rule, value=one.status.value)
    begins_at, ends_at = _period(asked, one.estimated_period, label)
    _check_start(asked, begins_at, label)
    now = asked.now
    deeds, equipment = _switching(asked, one, label)
    plan = Plan(
        mrid=mrid, state=State.PLANNED, begins_at=begins_at, ends_at=ends_at, created_at=now,
        as_of=now, heard_at=now, deeds=deeds, equipment=equipment,
        is_fixed=bool(one.de_energized_usage_point), why=_why(one), tell_from=now, notify_at=now,
        document=kept(replace(one, mrid=mrid)),
    )  # fmt: skip
    store.keep(asked.connection, plan, new=True)
    store.keep_names(asked.connection, mrid, names)
    plan = _planned(asked, plan, one, label, before=None)
    _decided(asked, plan, "created")
    return plan


def change(asked: Asked, one: PlannedOutage) -> Plan:
    """What is said anew; a status says that it begins, ends, or is cancelled.  Raises: Refusal."""
    plan, label = _open(asked, one)
    state = _state(one, label)
    if state is State.COMPLETED:
        return close(asked, one)
    if state is State.CANCELLED:
        return cancel(asked, one)
    _check_change(asked, plan, one, state, label)
    before = plan
    whole = changed(said(plan), replace(one, mrid=plan.mrid, names=one.names or said(plan).names))
    assert isinstance(whole, PlannedOutage)  # noqa: S101 - as it was
    plan = _moved(asked, plan, one, label)
    if _says_switching(one):
        if plan.state is State.ACTIVE:
            rule = f"PlannedOutage {label}: it has begun, what is switched for it stays"
            raise Refusal.of(RULE, rule)
        deeds, equipment = _switching(asked, whole, label)
        fixed = bool(one.de_energized_usage_point)
        plan = replace(plan, deeds=deeds, equipment=equipment, is_fixed=fixed)
    plan = replace(plan, document=kept(whole), why=_why(one) or plan.why)
    store.keep_names(asked.connection, plan.mrid, [name.name for name in one.names])
    plan = _planned(asked, plan, one, label, before)
    if state is State.ACTIVE and plan.is_ahead:
        return begin(asked, plan, one, label)
    _decided(asked, plan, "changed" + _what(before, plan))
    return plan


def begin(asked: Asked, plan: Plan, one: PlannedOutage, label: str) -> Plan:
    """It is said to have begun.  Raises: Refusal."""
    at = (one.actual_period.start if one.actual_period else None) or asked.now
    if not at <= asked.now or at >= plan.ends_at:
        rule = f"PlannedOutage {label}, Outage.actualPeriod: its start {at} is to come, or after"
        raise Refusal.of(RULE, f"{rule} the planned end", value=at.isoformat())
    if at < plan.begins_at - asked.rules.longest:
        rule = f"PlannedOutage {label}, Outage.actualPeriod: its start {at} is more than"
        rule += f" {_days(asked.rules.longest)} before the planned one {plan.begins_at}"
        raise Refusal.of(RULE, rule, value=at.isoformat())
    if plan.count and at < plan.begins_at - asked.rules.early and not _why(one):
        rule = f"PlannedOutage {label}, Outage.actualPeriod: its start {at} is before the planned"
        rule += f" one {plan.begins_at}; Status.reason must say why"
        raise Refusal.of(RULE, rule, value=at.isoformat())
    plan = replace(plan, state=State.ACTIVE, started_at=at, dark=plan.count)
    _decided(asked, plan, "begun")
    return plan


def close(asked: Asked, one: PlannedOutage) -> Plan:
    """Supply is back, and it is over.  Raises: Refusal."""
    plan, label = _open(asked, one)
    if plan.started_at is None:
        rule = f"PlannedOutage {label}: it has not begun; cancel it, or say that it is active first"
        raise Refusal.of(RULE, rule, value=plan.state)
    said_at = one.actual_period.end if one.actual_period else None
    at = said_at or plan.back_at or asked.now
    if not plan.started_at <= at <= asked.now:
        rule = f"PlannedOutage {label}, Outage.actualPeriod: its end {at} is before the start"
        raise Refusal.of(RULE, f"{rule} {plan.started_at}, or to come", value=at.isoformat())
    why = _why(one)
    left = len(without(asked.network, store.points(asked.connection, plan.mrid)))
    if left and not why:
        rule = f"PlannedOutage {label}: {counted(left, 'customer')} of it have no supply;"
        raise Refusal.of(RULE, f"{rule} Status.reason must say why it is closed", value=str(left))
    plan = replace(
        plan, state=State.COMPLETED, ended_at=at, dark=0, is_overdue=False, why=why or plan.why
    )
    _decided(asked, plan, "closed")
    return plan


def cancel(asked: Asked, one: PlannedOutage) -> Plan:
    """Nothing comes of it.  Raises: Refusal."""
    plan, label = _open(asked, one)
    if not plan.is_ahead:
        rule = f"PlannedOutage {label}: it has begun, and can only be closed"
        raise Refusal.of(RULE, rule, value=plan.state)
    plan = replace(
        plan, state=State.CANCELLED, why=_why(one), notify_at=asked.now, tell_from=asked.now
    )
    _decided(asked, plan, "cancelled")
    return plan


def _open(asked: Asked, one: PlannedOutage) -> tuple[Plan, str]:
    """The outage that is meant, and how it is called.  Raises: Refusal."""
    names = [name.name for name in one.names]
    plan = store.plan_called(asked.connection, one.mrid, names)
    if plan is None and one.mrid:
        plan = store.plan_called(asked.connection, None, [one.mrid])
    label = next(iter(names), one.mrid or "")
    if plan is None:
        raise Refusal.of(UNKNOWN, f"PlannedOutage {label!r}: there is none", value=label)
    if not plan.is_open:
        raise Refusal.of(RULE, f"PlannedOutage {label}: it is {plan.state}", value=plan.state)
    return plan, label


def _state(one: PlannedOutage, label: str) -> State | None:
    if one.status is None or not one.status.value:
        return None
    try:
        return State(one.status.value)
    except ValueError:
        rule = f"PlannedOutage {label}, Document.status {one.status.value!r}: it is none of "
        raise Refusal.of(RULE, rule + ", ".join(State), value=one.status.value) from None


def _check_change(
    asked: Asked, plan: Plan, one: PlannedOutage, state: State | None, label: str
) -> None:
    """Raises: Refusal, when nothing is said that is to be changed, or a state that nobody makes by
    saying it."""
    known = {plan.mrid, *store.names_of(asked.connection, plan.mrid)}
    bare = replace(one, mrid=None, created_date_time=None, last_modified_date_time=None)
    if {name.name for name in one.names} <= known:
        bare = replace(bare, names=())
    if bare == PlannedOutage():
        raise Refusal.of(MISSING, f"PlannedOutage {label}: nothing is said that is to be changed")
    rule = f"PlannedOutage {label}, Document.status {str(state)!r}: it is"
    if state in AHEAD and not plan.is_ahead:
        raise Refusal.of(RULE, f"{rule} {plan.state}, and does not go back", value=state)
    if state is State.NOTIFIED and plan.state is State.PLANNED:
        raise Refusal.of(RULE, f"{rule} planned until its customers are told", value=state)


def _period(asked: Asked, period: DateTimeInterval | None, label: str) -> tuple[datetime, datetime]:
    """Raises: Refusal, when it is not whole, ends before it starts, or is too long."""
    if period is None or period.start is None or period.end is None:
        rule = f"PlannedOutage {label}, Outage.estimatedPeriod: start and end must be given"
        raise Refusal.of(MISSING, rule)
    if period.start >= period.end:
        rule = f"PlannedOutage {label}, Outage.estimatedPeriod: its start {period.start} must be"
        raise Refusal.of(RULE, f"{rule} before its end {period.end}", value=str(period.start))
    if period.end - period.start > asked.rules.longest:
        rule = f"PlannedOutage {label}, Outage.estimatedPeriod: its end {period.end} is more than"
        rule += f" {_days(asked.rules.longest)} after its start {period.start}"
        raise Refusal.of(RULE, rule, value=str(period.end))
    return period.start, period.end


def _check_start(asked: Asked, begins_at: datetime, label: str) -> None:
    """Raises: Refusal for one that is past, or too far ahead."""
    rule = f"PlannedOutage {label}, Outage.estimatedPeriod: its start {begins_at} is"
    ahead = asked.rules.ahead
    if begins_at < asked.now:
        raise Refusal.of(RULE, f"{rule} past", value=str(begins_at))
    if begins_at - asked.now > ahead:
        raise Refusal.of(RULE, f"{rule} more than {_days(ahead)} ahead", value=str(begins_at))


def _moved(asked: Asked, plan: Plan, one: PlannedOutage, label: str) -> Plan:
    """The plan in another period, where one is said.  Raises: Refusal."""
    given = one.estimated_period
    if given is None:
        return plan
    whole = DateTimeInterval(start=given.start or plan.begins_at, end=given.end or plan.ends_at)
    if (whole.start, whole.end) == _period_of(plan):  # also one of another system that is long
        return plan
    begins_at, ends_at = _period(asked, whole, label)
    if plan.state is State.ACTIVE and begins_at != plan.begins_at:
        rule = f"PlannedOutage {label}, Outage.estimatedPeriod: it has begun, its start stays"
        raise Refusal.of(RULE, rule, value=str(begins_at))
    if plan.is_ahead and begins_at != plan.begins_at:
        _check_start(asked, begins_at, label)
    if ends_at != plan.ends_at and ends_at <= asked.now:
        rule = f"PlannedOutage {label}, Outage.estimatedPeriod: its end {ends_at} is past"
        raise Refusal.of(RULE, rule, value=str(ends_at))
    overdue = plan.is_overdue and ends_at == plan.ends_at
    return replace(plan, begins_at=begins_at, ends_at=ends_at, is_overdue=overdue)


def _says_switching(one: PlannedOutage) -> bool:
    return bool(
        one.outage_isolation_equipment
        or one.equipments
        or one.planned_switch_actions
        or one.de_energized_usage_point
    )


def _switching(
    asked: Asked, one: PlannedOutage, label: str
) -> tuple[tuple[Deed, ...], tuple[str, ...]]:
    """What is switched, and what is to be without supply.  Raises: Refusal."""
    equipment = switching.equipment(asked.network, one, label)
    if one.de_energized_usage_point and not (
        equipment or one.outage_isolation_equipment or one.planned_switch_actions
    ):
        return (), ()
    return switching.deeds(asked.network, one, label), equipment


def _planned(asked: Asked, plan: Plan, one: PlannedOutage, label: str, before: Plan | None) -> Plan:
    """The plan with whom it concerns, within the rules.  Raises: Refusal."""
    connection, now = asked.connection, asked.now
    is_same = before is not None and before.deeds == plan.deeds
    is_same = is_same and not one.de_energized_usage_point
    if one.de_energized_usage_point:
        points = [_known(asked.network, p, label) for p in one.de_energized_usage_point]
        store.keep_points(connection, asked.network, plan.mrid, points, now)
    if not is_same:
        store.keep_devices(connection, plan, asked.network)
    store.keep(connection, plan, new=False)
    if plan.state is not State.ACTIVE:
        plan = placed(connection, asked.network, plan, now)
    plan = replace(plan, notify_at=now, tell_from=now)
    if before is None or not is_same or _period_of(before) != _period_of(plan):
        _check_devices(asked, plan, label)
    if before is None or (plan.is_ahead and before.begins_at != plan.begins_at) or not is_same:
        _check_notice(asked, plan, one, label)
    return plan


def _known(network: Network, point: UsagePoint, label: str) -> str:
    """The usage point by mRID.  Raises: Refusal."""
    names = names_of(point)
    found = next((mrid for name in names if (mrid := network.usage_point_of(name))), None)
    if found is None:
        said_ = names[0] if names else ""
        rule = f"PlannedOutage {label}, Outage.DeEnergizedUsagePoint {said_!r}: the network has"
        raise Refusal.of(_POINT, f"{rule} no such usage point", value=said_)
    return found


def _check_devices(asked: Asked, plan: Plan, label: str) -> None:
    """Raises: Refusal, when a device is switched for another outage meanwhile."""
    for other in store.sharing_device(asked.connection, plan):
        rule = (
            f"PlannedOutage {label}, Outage.estimatedPeriod: {called(asked.network, other.device)}"
        )
        rule += f" is switched for planned outage {other.mrid}"
        rule += f" {span(other.begins_at, other.ends_at)}"
        raise Refusal.of(RULE, rule, value=other.mrid)


def _check_notice(asked: Asked, plan: Plan, one: PlannedOutage, label: str) -> None:
    """Raises: Refusal, when customers would be told too late, and nobody says why."""
    notice = asked.rules.notice
    if not plan.count or plan.begins_at - asked.now >= notice:
        return
    short = f"{counted(plan.count, 'customer')} would get less notice than {_days(notice)}"
    if why := _why(one):
        store.decide(asked.connection, asked.now, plan.mrid, asked.who, short, why)
        return
    rule = f"PlannedOutage {label}, Outage.estimatedPeriod: {short}; Status.reason must say why"
    raise Refusal.of(RULE, rule, value=str(plan.begins_at))


def _days(some: timedelta) -> str:
    return f"{some / timedelta(days=1):g} days"


def _why(one: PlannedOutage) -> str:
    return (one.status.reason if one.status else None) or ""


def _period_of(plan: Plan) -> tuple[datetime, datetime]:
    return plan.begins_at, plan.ends_at


def _what(before: Plan, plan: Plan) -> str:
    """What became different, for people."""
    parts = []
    if _period_of(before) != _period_of(plan):
        parts.append(span(plan.begins_at, plan.ends_at))
    if before.deeds != plan.deeds:
        parts.append(", ".join(f"{deed.kind} {deed.device}" for deed in plan.deeds))
    return f": {'; '.join(parts)}" if parts else ""


def _decided(asked: Asked, plan: Plan, what: str) -> None:
    store.decide(asked.connection, asked.now, plan.mrid, asked.who, what, plan.why)
