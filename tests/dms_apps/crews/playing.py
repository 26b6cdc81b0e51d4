"""The app on a clock that the test moves; crews, troubles and orders in short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

import sqlalchemy as sa

from cim.message import Header, Kind, Message, ObjectId, Outgoing, Property, Request, User, Verb
from cim.network import Network
from cim.profile import Profile
from cim.profiles import crews as cim
from cim.profiles import incidents, trouble_tickets
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.customer_contacts import Hazard
from cim.profiles.field_locations import PositionPoint, Premises
from cim.profiles.identification import Name, NameType, NameTypeAuthority, UsagePoint
from cim.profiles.incidents import IncidentHazard, Incidents
from cim.profiles.operations_documents import UnplannedOutage as OutagePointer
from cim.profiles.operations_documents import Work as WorkPointer
from cim.profiles.operations_staff import Crew as CrewPointer
from cim.profiles.premises import ServiceLocation
from cim.profiles.trouble_orders import Priority, TroubleOrder, TroubleOrders, WorkTask
from cim.profiles.trouble_tickets import TroubleTickets
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    OutageStatusKind,
    ServicePointOutageSummary,
    UnplannedOutage,
    UnplannedOutages,
)
from cim.profiles.unplanned_outages import Incident as DangerOfOutage
from cim.profiles.work_locations import PositionPoint as WorkPoint
from cim.profiles.work_requests import Crew as WorkCrew
from cim.profiles.work_requests import Work, WorkRequest, WorkRequests
from cim.profiles.work_requests import WorkTask as RequestTask
from cim.profiles.works import (
    WorkKind,
    WorkStatusKind,
    WorkTaskKind,
    WorkTimeSchedule,
    WorkTimeScheduleKind,
)
from dms_apps.crews import CrewsApp
from hub.dispatch.stamp import stamp
from hub.journal.canonical import encode_checked
from hub.report import Report

DAY = datetime(2025, 11, 20, tzinfo=UTC)


def moment(text: str) -> datetime:
    """A time of the day, e.g. 10:02."""
    return datetime.combine(DAY, time.fromisoformat(text), UTC)


def names(*values: str) -> tuple[Name, ...]:
    return tuple(Name(name=value) for value in values if value)


def event(payload: Profile, verb: Verb, at: datetime, source: str = "test") -> Message:
    header = Header(verb=verb, noun=type(payload).__name__, timestamp=at, source=source)
    return Message(header=header, kind=Kind.of(verb), payload=payload)


def _as_of(given: Mapping[str, Any], at: datetime) -> datetime:
    return moment(given["as_of"]) if "as_of" in given else at


def crew(given: Mapping[str, Any], at: datetime) -> Message:
    """id; name, skills, shifts (two times each), at, depot, status, kind, by, of, verb."""
    issuer = NameTypeAuthority(name=given["by"]) if "by" in given else None
    kind = NameType(name="CrewName", name_type_authority=issuer)
    place = None
    if "at" in given or "depot" in given:
        points = [WorkPoint(x_position=str(x), y_position=str(y)) for x, y in [given["at"]]] if (
            "at" in given
        ) else []  # fmt: skip
        place = cim.Location(
            names=names(given.get("depot", "")),
            position_points=tuple(points),
            status=Status(date_time=_as_of(given, at)),
        )
    one = cim.Crew(
        mrid=given["id"],
        names=(Name(name=given.get("name", f"Line {given['id']}"), name_type=kind),),
        capabilities=tuple(cim.Capability(type=skill) for skill in given.get("skills", ())),
        crew_type=cim.CrewType(names=names(given["kind"])) if "kind" in given else None,
        location=place,
        outage=tuple(cim.Outage(mrid=mrid) for mrid in given.get("of", ())),
        shift_patterns=tuple(
            cim.ShiftPattern(
                validity_interval=DateTimeInterval(start=moment(start), end=moment(end))
            )
            for start, end in given.get("shifts", ())
        ),
        status=Status(date_time=_as_of(given, at), value=given["status"])
        if "status" in given
        else None,
    )
    verb = Verb(given.get("verb", "created"))
    return event(cim.Crews(crew=(one,)), verb, _as_of(given, at))


def outage(given: Mapping[str, Any], at: datetime) -> Message:
    """id; verb, customers, critical, device or point, state, status, since, says, dangers by call,
    supplied (a point), into (the outage it is part of by now), as_of."""
    device, point = given.get("device"), given.get("point")
    status = Status(value=given["status"]) if "status" in given else None
    if "into" in given:
        status = Status(value="merged", reason=given["into"])
    critical = given.get("critical")
    one = UnplannedOutage(
        mrid=given["id"],
        comment=given.get("says"),
        last_modified_date_time=_as_of(given, at),
        meters_affected=given.get("customers"),
        original_customers_served=10,
        outage_kind=OutageStatusKind(given.get("state", "predicted")),
        reported_start_time=moment(given["since"]) if "since" in given else None,
        de_energized_usage_point=(UsagePoint(mrid=point),) if point else (),
        energized_usage_point=(UsagePoint(mrid=given["supplied"]),) if "supplied" in given else (),
        incident=tuple(
            DangerOfOutage(cause=what, names=names(call))
            for call, what in given.get("dangers", {}).items()
        ),
        outage_isolation_equipment=(ConductingEquipment(mrid=device),) if device else (),
        status=status,
        summary=ServicePointOutageSummary(critical_count=critical) if critical else None,
    )
    payload = UnplannedOutages(unplanned_outage=(one,))
    return event(payload, Verb(given.get("verb", "created")), at)


def incident(given: Mapping[str, Any], at: datetime) -> Message:
    """id; says, hazards, cleared, outage, works, at, verb."""
    hazards = [IncidentHazard(type=kind) for kind in given.get("hazards", ())]
    cleared = Status(value="cleared")
    hazards += [IncidentHazard(type=kind, status=cleared) for kind in given.get("cleared", ())]
    one = incidents.Incident(
        mrid=given["id"],
        last_modified_date_time=_as_of(given, at),
        subject=given.get("says"),
        incident_hazard=tuple(hazards),
        location=_premises(given),
        unplanned_outage=OutagePointer(mrid=given["outage"]) if "outage" in given else None,
        works=tuple(WorkPointer(mrid=work) for work in given.get("works", ())),
    )
    return event(Incidents(incident=(one,)), Verb(given.get("verb", "created")), at)


def ticket(given: Mapping[str, Any], at: datetime) -> Message:
    """id; number, hazards, outage, point, verb."""
    point = given.get("point")
    behind = given.get("outage")
    one = trouble_tickets.TroubleTicket(
        mrid=given["id"],
        date_time_of_report=at,
        names=names(given.get("number", "")),
        last_modified_date_time=_as_of(given, at),
        hazard=tuple(Hazard(type=kind) for kind in given.get("hazards", ())),
        service_location=ServiceLocation(usage_points=(UsagePoint(mrid=point),)) if point else None,
        unplanned_outage=trouble_tickets.UnplannedOutage(mrid=behind) if behind else None,
    )
    return event(TroubleTickets(trouble_ticket=(one,)), Verb(given.get("verb", "created")), at)


def work(given: Mapping[str, Any], at: datetime) -> Message:
    """id; tasks, estimate (two times), status, crews, verb; of: the order of ours that it is."""
    schedules = []
    if "estimate" in given:
        start, end = map(moment, given["estimate"])
        interval = DateTimeInterval(start=start, end=end)
        schedules = [
            WorkTimeSchedule(kind=WorkTimeScheduleKind.ESTIMATE, schedule_interval=interval)
        ]
    one = Work(
        mrid=given["id"],
        kind=WorkKind.REPAIR,
        last_modified_date_time=_as_of(given, at),
        status_kind=WorkStatusKind(given.get("status", "approved")),
        time_schedules=tuple(schedules),
        work_tasks=tuple(
            RequestTask(
                subject="mend",
                task_kind=WorkTaskKind(kind),
                crews=tuple(WorkCrew(mrid=crew) for crew in given.get("crews", ())),
            )
            for kind in given.get("tasks", ())
        ),
    )
    mrid, number = f"request for {given['id']}", given.get("number", "")
    request = WorkRequest(mrid=mrid, names=names(number), work=(one,))
    payload = WorkRequests(work_request=(request,))
    return event(payload, Verb(given.get("verb", "created")), at)


def order(given: Mapping[str, Any], at: datetime) -> TroubleOrder:
    """id or number; outage, says, crews, status, rank, at, as_of."""
    rank = given.get("rank")
    crews = tuple(CrewPointer(mrid=mrid) for mrid in given.get("crews", ()))
    task = WorkTask(crews=crews, priority=None if rank is None else Priority(rank=rank))
    status = None
    if "status" in given:
        status = Status(date_time=_as_of(given, at), value=given["status"])
    return TroubleOrder(
        mrid=given.get("id"),
        comment=given.get("says", "Look there."),
        last_modified_date_time=_as_of(given, at),
        location=_premises(given),
        names=names(given.get("number", "")),
        status=status,
        unplanned_outage=OutagePointer(mrid=given["outage"]) if "outage" in given else None,
        work_task=(task,) if crews or rank is not None else (),
    )


def erp(given: Mapping[str, Any], at: datetime) -> Message:
    """What another system tells of an order (`order`)."""
    payload = TroubleOrders(trouble_order=(order(given, at),))
    return event(payload, Verb(given.get("verb", "changed")), at, "erp")


def asked(given: Mapping[str, Any], at: datetime) -> Message:
    """verb; what `order` takes, one or several (orders); user; or a zone and its dispatcher."""
    some = given.get("orders", [] if "zone" in given else [given])
    options = [Property(name, given[name]) for name in ("zone", "dispatcher") if name in given]
    payload = TroubleOrders(trouble_order=tuple(order(one, at) for one in some))
    header = Header(
        verb=Verb(given["verb"]),
        noun="TroubleOrders",
        timestamp=at,
        source="console",
        user=User(user_id=given.get("user", "anna")),
    )
    request = Request(options=tuple(options)) if options else None
    return Message(header=header, kind=Kind.REQUEST, request=request, payload=payload)


def question(*ids: str) -> Message:
    """get Crews."""
    wanted = tuple(ObjectId(value=one) for one in ids)
    header = Header(verb=Verb.GET, noun="Crews", source="console")
    return Message(header=header, kind=Kind.REQUEST, request=Request(ids=wanted))


def _premises(given: Mapping[str, Any]) -> Premises | None:
    if "at" not in given:
        return None
    x, y = given["at"]
    return Premises(position_points=(PositionPoint(x_position=str(x), y_position=str(y)),))


_MADE = {
    "crew": crew,
    "outage": outage,
    "incident": incident,
    "ticket": ticket,
    "work": work,
    "erp": erp,
    "ask": asked,
}


@dataclass
class Run:
    """The app and its clock (`hub.interfaces.Context`, as far as it is looked at).

    echoes: whether it hears what it says, as in a hub; not so while it learns.
    """

    app: CrewsApp
    connection: sa.Connection
    network: Network = field(default_factory=Network.empty)
    now: datetime = DAY
    due: datetime | None = None
    said: list[Outgoing] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    echoes: bool = True

    def wake_at(self, when: datetime) -> None:
        self.due = when if self.due is None else min(self.due, when)

    def tell(self, step: Mapping[str, Any]) -> None:
        """One thing happens at a time of the day."""
        self.until(moment(step["at"]))
        for kind, make in _MADE.items():
            for given in [step[kind]] if isinstance(step.get(kind), dict) else step.get(kind, ()):
                self.take(make(self._named(given), self.now))

    def _named(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """With the number of an order for `of`, what it looks after."""
        found = dict(given)
        if isinstance(found.get("of"), str):
            found["number"] = self.numbers.get(found["of"], found.pop("of"))
        if "orders" in found:
            found["orders"] = [self._named(one) for one in found["orders"]]
        return found

    def take(self, message: Message) -> list[Outgoing]:
        found = list(self.app.handle(message, self))  # type: ignore[arg-type]  # enough of it
        self._keep(found)
        return found

    def play(self, step: Mapping[str, Any]) -> list[str]:
        """What is said in one step of a story, and a minute after."""
        self.until(moment(step["at"]))
        self.said = []
        self.tell(step)
        self.until(self.now.replace(second=30))
        return [line for one in self.said for line in plain(one, self.numbers)]

    def until(self, when: datetime) -> None:
        while self.due is not None and self.due <= when:
            self.now, self.due = max(self.now, self.due), None
            self._keep(list(self.app.wake(self)))  # type: ignore[arg-type]
        self.now = max(self.now, when)

    def _keep(self, found: Sequence[Outgoing]) -> None:
        for one in found:  # as the hub takes it, by its schema
            encode_checked(stamp(one, "crews", self.now))
            if isinstance(one.payload, TroubleOrders) and one.verb is not Verb.REPLY:
                if self.echoes:
                    said = stamp(one, "crews", self.now)
                    assert list(self.app.handle(said, self)) == []  # type: ignore[arg-type]
                for order_ in one.payload.trouble_order:
                    self.numbers.setdefault(about(order_), order_.names[0].name)
        self.said += found

    def report(self, name: str, **asked_: str) -> Report:
        return self.app.report(name, asked_, self)

    def rows(self, name: str, *columns: str, **asked_: str) -> list[list[Any]]:
        """Some columns of a report."""
        found = self.report(name, **asked_)
        at = [[column.name for column in found.columns].index(one) for one in columns]
        return [[row[n] for n in at] for row in found.rows]


def about(one: TroubleOrder) -> str:
    """What an order looks after."""
    pointer = one.unplanned_outage if not one.incident and not one.trouble_ticket else None
    pointers = [one.incident, *one.trouble_ticket, pointer]
    return next((p.mrid for p in pointers if p and p.mrid), one.mrid or "")


def plain(one: Outgoing, numbers: Mapping[str, str]) -> Iterator[str]:
    """What is said, a line for each thing."""
    match one.payload:
        case TroubleOrders() as orders:
            for each in orders.trouble_order:
                [task] = each.work_task
                crews = ", ".join(crew.mrid or "" for crew in task.crews)
                rank = f", rank {task.priority.rank}" if task.priority else ""
                eta = f" at {task.crew_eta:%H:%M}" if task.crew_eta else ""
                status = each.status.value if each.status else ""
                yield f"{one.verb} order of {about(each)}: {status}{rank} [{crews}{eta}]"
        case UnplannedOutages() as outages:
            for of in outages.unplanned_outage:
                crews = ", ".join(crew.mrid or "" for crew in of.crew)
                more = f" ({of.status.value})" if of.status else ""
                yield f"{one.verb} outage {of.mrid}: {of.status_kind}{more} [{crews}]"
        case _:
            assert one.reply is not None
            errors = [e.details or "" for e in one.reply.errors if e.level != "INFORM"]
            said = " | ".join([one.reply.result.value, *errors])
            for of_, number in numbers.items():
                said = said.replace(number, f"<{of_}>")
            yield said
