"""The app on a clock that the test moves, a small network, and plans and switchings in short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from cim.message import Header, Kind, Message, ObjectId, Outgoing, Property, Request, User, Verb
from cim.network import Network
from cim.profile import Profile
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.customer_agreements import CustomerAccount, CustomerAgreement, CustomerAgreements
from cim.profiles.customer_contacts import Customer
from cim.profiles.identification import Name, PowerSystemResource, UsagePoint
from cim.profiles.outages import ConductingEquipment, Equipment, OutageStatusKind
from cim.profiles.persons import Person, TelephoneNumber
from cim.profiles.phases import PhaseCode
from cim.profiles.planned_outage_notifications import PlannedOutageNotifications
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import Switch, SwitchAction, SwitchActionKind
from cim.profiles.switching_events import SwitchingEvent, SwitchingEvents
from dms_apps.planned_outages import PlannedOutagesApp
from dms_apps.planned_outages.app import NAME
from hub.dispatch.stamp import stamp
from hub.journal.canonical import encode_checked
from tests.cim.network.drawing import Drawing

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def street() -> Drawing:
    # source - a =[B]= b --l-- c =[S1]= d: p1, p2
    #                          c =[S2]= e: p3
    # other - x =[B2]= g: p4        e =[T, open]= g
    return (
        Drawing()
        .source("a")
        .switch("B", "a", "b")
        .line("l", "b", "c")
        .switch("S1", "c", "d", kind="LoadBreakSwitch")
        .consumer("h1", "d")
        .usage_point("p1", "h1")
        .consumer("h2", "d")
        .usage_point("p2", "h2")
        .switch("S2", "c", "e", kind="LoadBreakSwitch")
        .consumer("h3", "e")
        .usage_point("p3", "h3")
        .switch("T", "e", "g", kind="LoadBreakSwitch", opened=True, normally_open=True)
        .source("x", "other")
        .switch("B2", "x", "g")
        .consumer("h4", "g")
        .usage_point("p4", "h4")
    )


def moment(text: str) -> datetime:
    """A time of a day, e.g. 10:02; "8 10:02" eight days later."""
    days, _, clock = text.rpartition(" ")
    return datetime.combine(DAY, time.fromisoformat(clock), UTC) + timedelta(days=int(days or 0))


def plan(given: Mapping[str, Any]) -> PlannedOutage:
    """id, name, from, until, open, close (switches), equipment, points, again (who has supply
    again while those at `points` have none), reason, status, why;
    began, ended: what it was in fact."""
    status, why, again = given.get("status"), given.get("why"), given.get("again", ())
    period, actual = _span(given, "from", "until"), _span(given, "began", "ended")
    actions = [
        SwitchAction(kind=SwitchActionKind(kind), operated_switch=Switch(mrid=switch))
        for kind in ("close", "open")
        for switch in given.get(f"then {kind}", ())
    ]
    return PlannedOutage(
        mrid=given.get("id"),
        reason=given.get("reason"),
        actual_period=actual,
        de_energized_usage_point=tuple(UsagePoint(mrid=p) for p in given.get("points", ())),
        energized_usage_point=tuple(UsagePoint(mrid=p) for p in again),
        outage_kind=OutageStatusKind.PARTIALLY_RESTORED if again else None,
        equipments=tuple(Equipment(mrid=e) for e in given.get("equipment", ())),
        estimated_period=period,
        names=tuple(Name(name=n) for n in given.get("names", ())),
        outage_isolation_equipment=tuple(
            ConductingEquipment(names=(Name(name=f"{d} name"),)) for d in given.get("open", ())
        ),
        planned_switch_actions=tuple(actions),
        status=Status(value=status, reason=why) if status or why else None,
        last_modified_date_time=moment(given["as_of"]) if "as_of" in given else None,
    )


def _span(given: Mapping[str, Any], one: str, other: str) -> DateTimeInterval | None:
    start, end = (moment(given[key]) if key in given else None for key in (one, other))
    return DateTimeInterval(start=start, end=end) if start or end else None


def message(payload: Profile, verb: Verb, at: datetime, source: str) -> Message:
    header = Header(
        verb=verb, noun=type(payload).__name__, timestamp=at, source=source, message_id=f"{at}",
        user=User(user_id="dispatcher") if Kind.of(verb) is Kind.REQUEST else None,
    )  # fmt: skip
    return Message(header=header, kind=Kind.of(verb), payload=payload)


def switched(given: Mapping[str, Any], at: datetime) -> SwitchingEvents:
    """open, close: switches; phases; at, when it is told later."""
    at = moment(given["at"]) if "at" in given else at
    phases = given.get("phases")
    return SwitchingEvents(
        switching_event=tuple(
            SwitchingEvent(
                switching_action=SwitchAction(
                    kind=SwitchActionKind(kind),
                    executed_date_time=at,
                    phases=PhaseCode(phases) if phases else None,
                    operated_switch=Switch(mrid=switch),
                )
            )
            for kind in ("open", "close")
            for switch in given.get(kind, ())
        )
    )


def serviced(given: Mapping[str, Any], at: datetime) -> PSREvents:
    """out, in: what went out of service, or into it."""
    kinds = {"out": PSREventKind.OUT_OF_SERVICE, "in": PSREventKind.IN_SERVICE}
    return PSREvents(
        psrevent=tuple(
            PSREvent(
                kind=kind,
                created_date_time=at,
                power_system_resource=PowerSystemResource(mrid=resource),
            )
            for key, kind in kinds.items()
            for resource in given.get(key, ())
        )
    )


def customer(given: Mapping[str, Any]) -> CustomerAgreements:
    """point, account, phone, need."""
    person = Person(landline_phone=TelephoneNumber(itu_phone=given.get("phone", "")))
    who = Customer(
        mrid=f"customer {given['account']}", special_need=given.get("need"), person=(person,)
    )
    agreement = CustomerAgreement(
        mrid=f"agreement {given['account']}",
        customer=who,
        customer_account=CustomerAccount(names=(Name(name=given["account"]),)),
        usage_points=(UsagePoint(names=(Name(name=f"{given['point']} name"),)),),
    )
    return CustomerAgreements(customer_agreement=(agreement,))


@dataclass
class Run:
    """The app, its network and its clock (`hub.interfaces.Context`, as far as it is looked at).

    What it says comes back to it, as in a hub.
    """

    app: PlannedOutagesApp
    connection: sa.Connection
    network: Network = field(default_factory=lambda: street().network())
    now: datetime = DAY
    due: datetime | None = None
    said: list[Outgoing] = field(default_factory=list)

    def wake_at(self, when: datetime) -> None:
        self.due = when if self.due is None else min(self.due, when)

    def play(self, step: Mapping[str, Any]) -> list[str]:
        """What is said until and in one step of a story, a line for each thing."""
        self.said = []
        self.until(moment(step["at"]))
        for verb in set(Verb) - {Verb.GET}:
            for one in _listed(step.get(str(verb))):
                payload = PlannedOutages(planned_outage=(plan(one),))
                self.hand(message(payload, verb, self.now, one.get("source", "ERP")))
        for key, made in (("switch", switched), ("service", serviced)):
            for one in _listed(step.get(key)):
                self.hand(message(made(one, self.now), Verb.CREATED, self.now, "SCADA"))
        for one in _listed(step.get("customer")):
            self.hand(message(customer(one), Verb.CREATED, self.now, "CIS"))
        if "get" in step:
            self.hand(question(step["get"], self.now))
        return [line for one in self.said for line in plain(one)]

    def hand(self, one: Message) -> None:
        self.network = self.network.after(one)
        self._take(self.app.handle(one, self))  # type: ignore[arg-type]  # enough of it

    def until(self, when: datetime) -> None:
        while self.due is not None and self.due <= when:
            self.now, self.due = max(self.now, self.due), None
            self._take(self.app.wake(self))  # type: ignore[arg-type]
        self.now = max(self.now, when)

    def _take(self, said: Iterable[Outgoing]) -> None:
        for one in list(said):
            told = stamp(one, NAME, self.now)
            encode_checked(told)  # as the hub takes it, by its schema
            self.said.append(one)
            if (
                told.header.verb is not Verb.REPLY
                and (told.header.verb, told.header.noun) in self.app.topics
            ):
                assert not list(self.app.handle(told, self))  # type: ignore[arg-type]


def question(given: Mapping[str, Any], at: datetime) -> Message:
    """id, type; from, until; status."""
    ids = (ObjectId(value=given["id"], id_type=given.get("type")),) if "id" in given else ()
    period = _span(given, "from", "until")
    options = (Property("status", given["status"]),) if "status" in given else ()
    request = Request(
        start_time=period.start if period else None,
        end_time=period.end if period else None,
        options=options,
        ids=ids,
    )
    header = Header(verb=Verb.GET, noun="PlannedOutages", timestamp=at, source="CIS")
    return replace(Message(header=header, kind=Kind.REQUEST), request=request)


def plain(one: Outgoing) -> Iterator[str]:
    """What is said, a line for each thing."""
    if one.verb is Verb.REPLY:
        assert one.reply is not None
        yield str(one.reply.result)
        yield from (f"{e.level}: {e.details}" for e in one.reply.errors)
    match one.payload:
        case PlannedOutages() as outages:
            for outage in outages.planned_outage:
                yield f"{one.verb} {_outage(outage)}"
        case PlannedOutageNotifications() as told:
            for each in told.planned_outage_notification:
                points = " ".join(p.mrid or p.names[0].name for p in each.usage_point)
                whom = " ".join(
                    f"{c.names[0].name}={c.customer_notifications[0].contact_value}"
                    for c in each.customer
                )
                yield f"{each.type} to {points}" + (f", {whom}" if whom else "")


def _outage(one: PlannedOutage) -> str:
    assert one.status is not None
    without, again = (
        " ".join(p.mrid or p.names[0].name for p in some)
        for some in (one.de_energized_usage_point, one.energized_usage_point)
    )
    points = "; ".join(filter(None, (without, f"again {again}" if again else "")))
    parts = [f"{one.mrid} {one.status.value} ({points}) of {one.original_customers_served}"]
    if one.outage_kind and one.outage_kind != "closed":
        parts.append(f"{one.outage_kind}, {one.meters_affected} without")
    if one.actual_period:
        start, end = one.actual_period.start, one.actual_period.end
        parts.append(f"{start:%H:%M}-{end:%H:%M}" if end else f"since {start:%H:%M}")
    if one.summary and one.summary.critical_count:
        parts.append(f"{one.summary.critical_count} critical")
    if one.status.remark and one.status.remark.startswith("It should have ended"):
        parts.append("overdue")
    return ", ".join(parts)


def _listed(value: Any) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
