"""Work orders for the work management system: new ones, and how far work has come.

From MaintenanceOrders, WorkRequests, ServiceOrders (IEC 61968-6) and TroubleOrders (part 3) to the
rows that `adapters.erp.native` writes as Maximo's XML or as CSV.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from adapters.erp import native, troubles
from adapters.erp.idocs import NOTIFICATION, NUMBERS
from adapters.erp.orders import SCHEDULES
from adapters.erp.terms import Terms, listed, one_of, status_of
from cim.message import Message, Topic, Verb
from cim.profile import Profile
from cim.profiles.trouble_orders import TroubleOrder
from cim.profiles.works import WorkKind, WorkStatusKind
from cim.xml import date_time_text
from hub.handover import Parcel, Way, file_name

ACTIONS = {
    Verb.CREATED: "Add",
    Verb.CHANGED: "Change",
    Verb.CLOSED: "Change",
    Verb.CANCELED: "Change",
    Verb.DELETED: "Delete",
}
ORDERS = {
    "MaintenanceOrders": "maintenance_order",
    "ServiceOrders": "service_order",
    "WorkRequests": "work_request",
    "TroubleOrders": "trouble_order",
}
"""Noun -> where its orders are."""

TYPES = {"xml": "application/xml", "csv": "text/csv", "idoc": "application/xml"}
_NUMBER = "WorkOrderNumber"
_ENDS = {Verb.CLOSED: WorkStatusKind.CLOSED, Verb.CANCELED: WorkStatusKind.CANCELLED}


@dataclass(frozen=True, kw_only=True)
class News(Way):
    """How the system is told of orders, the table `out` of `config/adapters/erp.toml`.

    format:   "xml" (Maximo's), "csv" or "idoc" (IORDER01).
    nouns:    of which it is told.
    site:     of orders that are not its own; "" refuses them.
    statuses: WorkStatusKind -> their status, before `statuses` of the adapter is asked.
    service_types: WorkKind of a service order -> WORKTYPE, before `work_types` is asked.
    """

    format: Literal["xml", "csv", "idoc"] = "xml"
    nouns: tuple[
        Literal["MaintenanceOrders", "ServiceOrders", "WorkRequests", "TroubleOrders"], ...
    ] = (
        "MaintenanceOrders",
        "ServiceOrders",
        "WorkRequests",
    )
    site: str = ""
    statuses: Mapping[str, str] = field(default_factory=dict)
    service_types: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        for kind in self.statuses:
            one_of(WorkStatusKind, kind, "out.statuses")
        for kind in self.service_types:
            one_of(WorkKind, kind, "out.service_types")

    @property
    def topics(self) -> frozenset[Topic]:
        if not self.ways:
            return frozenset()
        return frozenset(Topic(verb, noun) for verb in ACTIONS for noun in self.nouns)


@dataclass(frozen=True)
class Names:
    """Our names -> theirs, where they differ."""

    elements: Mapping[str, str]
    columns: Mapping[str, str]
    idoc_fields: Mapping[str, str]


def parcels(message: Message, news: News, terms: Terms, names: Names) -> Iterator[Parcel]:
    """One document an order.  Raises: ValueError for what the system has no word for."""
    orders = getattr(message.payload, ORDERS[message.header.noun])
    for number, order in enumerate(orders, 1):
        origin = f"{message.header.message_id}-{number}"
        row = _row(message, order, news, terms)
        ending = "csv" if news.format == "csv" else "xml"
        raw = _written(row, news, terms, names)
        # Site and number are their key there: told twice it is one order, in the same state.
        yield Parcel(origin, raw, f"{file_name(origin)}-orders.{ending}", again=True)


def serves(message: Message, terms: Terms) -> bool:
    """Whether any order in it is the system's own, by who has given its number."""
    orders = getattr(message.payload, ORDERS.get(message.header.noun, ""), ())
    return any(_given_by(name)[0] == terms.system for order in orders for name in order.names)


def _given_by(name: Any) -> tuple[str, str]:
    """The system that has given a number, and its site."""
    authority = name.name_type.name_type_authority if name.name_type else None
    given_by, _, site = (authority.name or "" if authority else "").partition(" ")
    return given_by, site


def _written(row: Mapping[str, str], news: News, terms: Terms, names: Names) -> bytes:
    if news.format == "xml":
        return native.write([row], elements=names.elements)
    if news.format == "csv":
        return native.write_orders([row], columns=names.columns)
    if row["action"] == "Delete":
        raise ValueError(f"order {row['wonum']} is deleted, for which an IDoc has no word")
    return native.write_idocs([row], zone=terms.zone, fields=names.idoc_fields)


def _row(message: Message, order: Any, news: News, terms: Terms) -> dict[str, str]:
    verb = message.header.verb
    site, number = _key(order, news, terms)
    row = {"action": ACTIONS[verb], "siteid": site, "wonum": number}
    if verb is Verb.DELETED:
        return row
    if isinstance(order, TroubleOrder):
        row |= _trouble(message, order, terms)
        if status := _status(verb, troubles.status_of(order), news, terms):
            row["status"] = status
        return {column: value for column, value in row.items() if value}
    if len(order.work) > 1:
        raise ValueError(f"order {number} has {len(order.work)} works; there is a place for one")
    row |= {"changedate": _time(message.header.timestamp)}
    for work in order.work:
        row |= _work(message.header.noun, work, news, terms)
        row |= _task(work)
    said = next((work.status_kind for work in order.work if work.status_kind), None)
    if status := _status(verb, said, news, terms):
        row["status"] = status
    return {column: value for column, value in row.items() if value}


def _trouble(message: Message, order: TroubleOrder, terms: Terms) -> dict[str, str]:
    """The comment is what is to be done; of several tasks the first is told, and its first crew."""
    known = [name for name, one in terms.work_types.items() if one.noun == "TroubleOrders"]
    if not known:
        raise ValueError("work_types has no WORKTYPE for TroubleOrders")
    place, interval = order.location, order.planned_execution_interval
    task = next(iter(order.work_task), None)
    return {
        "worktype": known[0],
        "changedate": _time(order.last_modified_date_time or message.header.timestamp),
        "reportdate": _time(order.created_date_time),
        "description": order.comment or "",
        "location": place.names[0].name if place and place.names else "",
        "schedstart": _time(interval.start) if interval else "",
        "schedfinish": _time(interval.end) if interval else "",
        "wopriority": _priority(task.priority, terms) if task else "",
        "crew": next((n.name for c in task.crews[:1] for n in c.names), "") if task else "",
    }


def _key(order: Any, news: News, terms: Terms) -> tuple[str, str]:
    """Site and number: its own where the system has given them, else by name or mRID."""
    for name in order.names:
        kind, (given_by, site) = name.name_type, _given_by(name)
        if kind and kind.name == _NUMBER and given_by == terms.system and site:
            return site, name.name
        if kind and kind.name == NUMBERS[NOTIFICATION] and given_by == terms.system:
            raise ValueError(f"{name.name} is a notification of {terms.system}, and no order")
    number = order.names[0].name if order.names else order.mrid
    if not number:
        raise ValueError("an order has neither name nor mRID: which one is it?")
    if not news.site:
        raise ValueError(f"order {number} is none of {terms.system}'s, and out.site says no site")
    return news.site, number


def _work(noun: str, work: Any, news: News, terms: Terms) -> dict[str, str]:
    place, modified = work.work_location, work.last_modified_date_time
    row = {
        "worktype": _work_type(noun, work, news, terms) if work.kind else "",
        "wopriority": _priority(work.priority, terms),
        "reportdate": _time(work.request_date_time),
        "location": place.names[0].name if place and place.names else "",
    }
    if modified:
        row["changedate"] = _time(modified)
    for schedule in work.time_schedules:
        if interval := schedule.schedule_interval:
            start, end = SCHEDULES.get(schedule.kind, ("", ""))
            row |= {start: _time(interval.start), end: _time(interval.end)} if start else {}
    return row


def _task(work: Any) -> dict[str, str]:
    """Of the first task: an order has one place for each of these."""
    for task in work.work_tasks:
        asset = task.assets[0].utc_number if task.assets else ""
        crew: Profile | None = task.crews[0] if task.crews else None
        names = getattr(crew, "names", ())
        return {
            "description": task.subject or "",
            "assetnum": asset or "",
            "crew": names[0].name if names else "",
        }
    return {}


def _work_type(noun: str, work: Any, news: News, terms: Terms) -> str:
    tasks = {task.task_kind for task in work.work_tasks}
    if noun == "ServiceOrders" and work.kind in news.service_types:
        return news.service_types[work.kind]
    same = {n: t for n, t in terms.work_types.items() if (t.noun, t.kind) == (noun, work.kind)}
    found = [name for name, one in same.items() if one.task in tasks] or list(same)
    if not found:
        nor = ", nor has out.service_types" if noun == "ServiceOrders" else ""
        raise ValueError(f"work_types has no WORKTYPE for {noun} of the kind {work.kind}{nor}")
    return found[0]


def _status(verb: Verb, said: WorkStatusKind | None, news: News, terms: Terms) -> str:
    """Of the work; of what is closed or canceled what that says."""
    kind = _ENDS.get(verb, said)
    if kind is None:
        return ""
    return news.statuses.get(kind) or status_of(kind, terms.statuses)


def _priority(priority: Any, terms: Terms) -> str:
    """As they say it; nothing without a table, as nothing is read without one."""
    if priority is None or not terms.priorities:
        return ""
    for name, rank in terms.priorities.items():
        if rank == priority.rank:
            return name
    raise ValueError(
        f"priority {priority.rank} has no counterpart; known are"
        f" {listed(str(rank) for rank in terms.priorities.values())}"
    )


def _time(moment: datetime | None) -> str:
    return date_time_text(moment) if moment else ""
