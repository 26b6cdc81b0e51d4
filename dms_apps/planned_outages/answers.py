"""Answers to requests: what was done, why the rest was not, which outages there are."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from cim.bounds import short
from cim.message import (
    Error,
    Level,
    Message,
    ObjectId,
    Outgoing,
    Reply,
    Request,
    Result,
    Verb,
)
from cim.network import Network
from cim.objects import identity, meant
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.replies import MOST_ERRORS, NO_ERRORS, error
from cim.reply_codes import REPLY_CODES
from cim.times import zoned
from cim.violation import Refusal, Violation
from dms_apps.planned_outages import requests, store
from dms_apps.planned_outages.documents import dated
from dms_apps.planned_outages.notices import notice
from dms_apps.planned_outages.outlook import counted
from dms_apps.planned_outages.plan import Plan, State
from dms_apps.planned_outages.provenance import REFUSED
from dms_apps.planned_outages.requests import Asked
from dms_apps.planned_outages.switching import MISSING, RULE, UNKNOWN
from dms_apps.planned_outages.tables import outage

NOUN = "PlannedOutages"
STATUS, USAGE_POINT = "status", "UsagePoint"
_EVER = Request()


def carried_out(
    asked: Asked, verb: Verb, wanted: Sequence[PlannedOutage]
) -> tuple[list[Plan], Outgoing]:
    """What became of each outage of a request, and the reply; what is refused leaves nothing."""
    done: list[Plan] = []
    refused: list[Violation] = []
    for number, one in enumerate(wanted):
        try:
            with asked.connection.begin_nested():
                done.append(_one(asked, verb, dated(one), number))
        except Refusal as refusal:
            refused += refusal.violations
            known = store.plan_called(asked.connection, one.mrid, [n.name for n in one.names])
            named = known.mrid if known else identity(one) or ""
            store.decide(
                asked.connection, asked.now, short(named), asked.who, REFUSED, str(refusal)
            )
    if not wanted:
        refused.append(Violation(code=MISSING, rule="PlannedOutages: it names none"))
    ids = tuple(ObjectId(value=plan.mrid) for plan in done)
    result = Result.OK if not refused else Result.PARTIAL if done else Result.FAILED
    errors = [*map(error, refused), *(w for plan in done for w in _warnings(plan))]
    reply = Reply(result=result, errors=tuple(errors), ids=ids)
    return done, Outgoing(Verb.REPLY, reply=reply, noun=NOUN)


def wanted(message: Message) -> Sequence[PlannedOutage]:
    """The outages that a request is about: those in it, or those whose identifiers it has."""
    of = meant(message, PlannedOutages)
    return of.planned_outage if of else ()


def found(message: Message, connection: sa.Connection, network: Network) -> Outgoing:
    """The outages asked for by mRID, name or usage point (IDtype UsagePoint); without any, those
    that are not over; by the Option `status` those alone of which it is the status; of those that
    overlap the period asked for."""
    request = message.request or _EVER
    missing: list[Violation] = []
    try:
        plans = _asked_for(connection, network, request, missing)
    except Refusal as refusal:
        plans, missing = [], [*refusal.violations]
    start, end = zoned(request.start_time), zoned(request.end_time)
    plans = [
        p for p in plans if (not end or p.begins_at < end) and (not start or p.ends_at > start)
    ]
    payload = notice(connection, network, plans)
    result = Result.OK if not missing else Result.PARTIAL if plans else Result.FAILED
    reply = Reply(result=result, errors=tuple(map(error, missing[:MOST_ERRORS])))
    return Outgoing(Verb.REPLY, payload, reply=reply, noun=NOUN)


def _one(asked: Asked, verb: Verb, one: PlannedOutage, number: int) -> Plan:
    """Raises: Refusal."""
    if verb is Verb.CREATE:
        return requests.create(asked, one, number)
    carry_out = {Verb.CHANGE: requests.change, Verb.CLOSE: requests.close}
    return carry_out.get(verb, requests.cancel)(asked, one)


def _warnings(plan: Plan) -> list[Error]:
    """What was done all the same, and should be known."""
    said = list(plan.remarks)
    if plan.critical:
        said.insert(0, f"{counted(plan.critical, 'critical customer')} will be without supply.")
    texts = [f"PlannedOutage {plan.mrid}: {text}" for text in said] if plan.is_ahead else []
    reason = REPLY_CODES[NO_ERRORS]
    return [Error(code=NO_ERRORS, level=Level.WARNING, reason=reason, details=t) for t in texts]


def _asked_for(
    connection: sa.Connection, network: Network, request: Request, missing: list[Violation]
) -> list[Plan]:
    """Raises: Refusal, for an Option that there is not, or a status that none has."""
    if wrong := [o.name for o in request.options if o.name != STATUS]:
        raise Refusal.of(RULE, f"Option {wrong[0]!r}: it is not {STATUS}", value=wrong[0])
    states = [o.value or "" for o in request.options]
    if wrong := [state for state in states if state not in set(State)]:
        rule = f"Option {STATUS} {wrong[0]!r}: it is none of {', '.join(State)}"
        raise Refusal.of(UNKNOWN, rule, value=wrong[0])
    if not request.ids and states:
        return store.plans(connection, outage.c.state.in_(states))
    if not request.ids:
        return store.open_plans(connection)
    plans: dict[str, Plan] = {}
    for one in request.ids:
        if one.id_type == USAGE_POINT:
            point = network.usage_point_of(one.value) or one.value
            mrids = store.at_point(connection, point)
            some = [plan for mrid in mrids if (plan := store.plan_of(connection, mrid))]
        else:
            plan = store.plan_of(connection, one.value)
            plan = plan or store.plan_called(connection, None, [one.value])
            some = [plan] if plan else []
            if plan is None:
                rule = f"PlannedOutage {one.value!r}: there is none"
                missing.append(Violation(code=UNKNOWN, rule=rule, value=one.value))
        plans |= {plan.mrid: plan for plan in some if not states or plan.state in states}
    return list(plans.values())
