"""From the fields of a work order to MaintenanceOrders, WorkRequests or ServiceOrders.

All are of IEC 61968-6; TroubleOrders, which send crews to outages, are of part 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adapters.erp import services, troubles
from adapters.erp.fields import Fields, modified, moment, needed
from adapters.erp.identity import Key, asset, crew, digest, identifier, named
from adapters.erp.idocs import IdocOrder
from adapters.erp.terms import Terms, WorkType, kind_of, listed
from cim.message import Outgoing, Verb
from cim.profile import Profile
from cim.profiles import maintenance_orders, service_orders, work_requests
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name
from cim.profiles.maintenance_order_assets import Asset, Crew
from cim.profiles.work_locations import WorkLocation
from cim.profiles.works import Priority, WorkTimeSchedule, WorkTimeScheduleKind

ACTIONS = ("Add", "Change", "Replace", "AddChange", "Delete")
"""What Maximo writes beside a WORKORDER."""

SCHEDULES = {
    WorkTimeScheduleKind.ACTUAL: ("actstart", "actfinish"),
    WorkTimeScheduleKind.ESTIMATE: ("schedstart", "schedfinish"),
    WorkTimeScheduleKind.REQUEST: ("targstartdate", "targcompdate"),
}


def outgoing(fields: Fields, terms: Terms) -> Iterator[Outgoing]:
    """The message of one work order; two where a create may stand for a change.

    Raises: ValueError naming record, field, value and rule.
    """
    numbering = fields.numbering if isinstance(fields, IdocOrder) else ""
    key = Key(needed(fields, "siteid"), needed(fields, "wonum"), numbering)
    work_type = _work_type(fields, terms)
    if _action(fields) == "Delete":
        yield _later(Verb.DELETED, _deleted(key, work_type, terms), key, fields, terms)
        return
    payload = _payload(fields, key, work_type, terms)
    verb = _verb(fields, terms)
    if verb is not Verb.CREATED:
        yield _later(verb, payload, key, fields, terms)
        return
    digest(fields.origin, payload)  # that it can be told
    first = identifier("created", terms.system, *key.parts)
    yield Outgoing(verb, payload, external_id=first, exact=terms.created_again == "refuse")
    if terms.created_again == "change":
        yield _later(Verb.CHANGED, payload, key, fields, terms)


def _later(verb: Verb, payload: Profile, key: Key, fields: Fields, terms: Terms) -> Outgoing:
    """What is said of an order that is known: identified by what is said, and by when it became so.

    The time tells an order that is again as it was from one that is told once more.
    """
    at = modified(fields, terms.zone, local=terms.local) or moment(
        fields, "sent", terms.zone, local=terms.local
    )
    if at is None and verb is not Verb.CHANGED:
        at_text = ""  # closed, canceled and deleted are once and for all
    elif at is None:
        raise fields.wrong(
            "changedate", "is empty, and so is the date of the status: since when is it so?"
        )
    else:
        at_text = at.isoformat()
    said = identifier(verb, terms.system, *key.parts, at_text, digest(fields.origin, payload))
    return Outgoing(verb, payload, external_id=said)


def _action(fields: Fields) -> str:
    if (action := fields["action"]) and action not in ACTIONS:
        raise fields.wrong("action", f"is none of {listed(ACTIONS)}")
    return action


def _verb(fields: Fields, terms: Terms) -> Verb:
    """By status; what is neither closed nor canceled is as new as the record itself says."""
    verb = terms.verbs[_status(fields, terms)]
    if verb in (Verb.CREATED, Verb.CHANGED):
        said = {"Add": Verb.CREATED, "Change": Verb.CHANGED, "Replace": Verb.CHANGED}
        return said.get(_action(fields), verb)
    return verb


def _status(fields: Fields, terms: Terms) -> str:
    """A status of the table; the standard value behind it where the settings say so."""
    status, standard = needed(fields, "status"), fields["status_maxvalue"]
    if terms.by_maxvalue and status not in terms.statuses and standard in terms.statuses:
        return standard
    try:
        kind_of(status, terms.statuses)
    except ValueError as error:
        raise fields.wrong("status", str(error)) from None
    return status


def _work_type(fields: Fields, terms: Terms) -> WorkType:
    if (name := fields["worktype"]) not in terms.work_types:
        known = listed(terms.work_types)
        raise fields.wrong("worktype", f"is not in the table work_types; known are {known}")
    return terms.work_types[name]


def _payload(fields: Fields, key: Key, work_type: WorkType, terms: Terms) -> Profile:
    order: dict[str, Any] = _identity(key, "order", terms)
    if work_type.noun == "TroubleOrders":
        kind, rank = terms.statuses[_status(fields, terms)], _rank(fields, terms)
        return troubles.payload(fields, order, kind, rank, terms)
    work = {
        **_identity(key, "work", terms),
        "kind": work_type.kind,
        "last_modified_date_time": modified(fields, terms.zone, local=terms.local),
        "request_date_time": moment(fields, "reportdate", terms.zone, local=terms.local),
        "status_kind": terms.statuses[_status(fields, terms)],
        "time_schedules": tuple(_schedules(fields, terms)),
    }
    if work_type.noun == "MaintenanceOrders":
        done = _maintenance(fields, key, work_type, work, terms)
        one = maintenance_orders.MaintenanceOrder(**order, work=(done,))
        return maintenance_orders.MaintenanceOrders(maintenance_order=(one,))
    if work_type.noun == "ServiceOrders":
        priority = None if (rank := _rank(fields, terms)) is None else Priority(rank=rank)
        service = services.work(fields, key, work_type, {**work, "priority": priority}, terms)
        called = service_orders.ServiceOrder(**order, work=(service,))
        return service_orders.ServiceOrders(service_order=(called,))
    wanted = _requested(fields, key, work_type, work, terms)
    asked = work_requests.WorkRequest(**order, work=(wanted,))
    return work_requests.WorkRequests(work_request=(asked,))


def _deleted(key: Key, work_type: WorkType, terms: Terms) -> Profile:
    """Which order it is, and no more."""
    order: dict[str, Any] = _identity(key, "order", terms)
    if work_type.noun == "MaintenanceOrders":
        gone = maintenance_orders.MaintenanceOrder(**order, work=())
        return maintenance_orders.MaintenanceOrders(maintenance_order=(gone,))
    if work_type.noun == "TroubleOrders":
        return troubles.deleted(order)
    if work_type.noun == "ServiceOrders":
        over = service_orders.ServiceOrder(**order, work=())
        return service_orders.ServiceOrders(service_order=(over,))
    return work_requests.WorkRequests(work_request=(work_requests.WorkRequest(**order, work=()),))


def _identity(key: Key, kind: str, terms: Terms) -> dict[str, Any]:
    """Its mRID, and its number, which is one of its site."""
    numbering = key.numbering or "WorkOrderNumber"
    return {
        "mrid": identifier(kind, terms.system, *key.parts),
        "names": named(key.number, numbering, f"{terms.system} {key.site}"),
    }


def _maintenance(
    fields: Fields,
    key: Key,
    work_type: WorkType,
    work: dict[str, Any],
    terms: Terms,
) -> maintenance_orders.Work:
    rank, place = _rank(fields, terms), _place(fields, key.site, terms)
    task = maintenance_orders.WorkTask(
        mrid=identifier("task", terms.system, *key.parts),
        subject=needed(fields, "description"),
        status_kind=work["status_kind"],
        task_kind=work_type.task,
        assets=tuple(
            Asset(critical=number in terms.critical_assets, utc_number=number, names=names)
            for number, names in asset(fields, key.site, terms.system)
        ),
        crews=tuple(Crew(mrid=mrid, names=names) for mrid, names in crew(fields, terms.system)),
    )
    return maintenance_orders.Work(
        **work,
        priority=None if rank is None else maintenance_orders.Priority(rank=rank),
        work_location=WorkLocation(names=place) if place else None,
        work_tasks=(task,),
    )


def _requested(
    fields: Fields,
    key: Key,
    work_type: WorkType,
    work: dict[str, Any],
    terms: Terms,
) -> work_requests.Work:
    rank, place = _rank(fields, terms), _place(fields, key.site, terms)
    task = work_requests.WorkTask(
        mrid=identifier("task", terms.system, *key.parts),
        subject=needed(fields, "description"),
        task_kind=work_type.task,
        assets=tuple(
            work_requests.Asset(
                critical=number in terms.critical_assets, utc_number=number, names=names
            )
            for number, names in asset(fields, key.site, terms.system)
        ),
        crews=tuple(
            work_requests.Crew(mrid=mrid, names=names) for mrid, names in crew(fields, terms.system)
        ),
    )
    return work_requests.Work(
        **work,
        priority=None if rank is None else Priority(rank=rank),
        work_location=work_requests.WorkLocation(names=place) if place else None,
        work_tasks=(task,),
    )


def _place(fields: Fields, site: str, terms: Terms) -> tuple[Name, ...]:
    name = fields["location"]
    return named(name, "LocationName", f"{terms.system} {site}") if name else ()


def _rank(fields: Fields, terms: Terms) -> int | None:
    """Without a table nobody knows whether 1 or 4 is the most urgent, so nothing is said."""
    priority = fields["wopriority"]
    if not priority or not terms.priorities:
        return None
    if priority not in terms.priorities:
        known = listed(terms.priorities)
        raise fields.wrong("wopriority", f"is not in the table priorities; known are {known}")
    return terms.priorities[priority]


def _schedules(fields: Fields, terms: Terms) -> Iterator[WorkTimeSchedule]:
    for kind, (start, end) in SCHEDULES.items():
        interval = DateTimeInterval(
            start=moment(fields, start, terms.zone, local=terms.local),
            end=moment(fields, end, terms.zone, local=terms.local),
        )
        if interval.start and interval.end and interval.end < interval.start:
            raise fields.wrong(end, f"is before {fields[start]}, when it begins")
        if interval.start or interval.end:
            yield WorkTimeSchedule(kind=kind, schedule_interval=interval)
