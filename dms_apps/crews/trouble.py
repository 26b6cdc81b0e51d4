"""What is wrong somewhere, as messages tell it: outages, incidents, dangers, orders of others."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from cim.bounds import counted
from cim.profiles.compounds import Status
from cim.profiles.field_locations import Premises
from cim.profiles.identification import Name
from cim.profiles.incidents import Incident
from cim.profiles.outages import MERGED
from cim.profiles.trouble_orders import TroubleOrder
from cim.profiles.trouble_tickets import TroubleTicket
from cim.profiles.unplanned_outages import OutageStatusKind, UnplannedOutage
from dms_apps.crews.parts import Parts, called, text, time, values
from dms_apps.crews.travel import Point

OUTAGES, INCIDENTS, TICKETS, ORDERS = (
    "UnplannedOutages",
    "Incidents",
    "TroubleTickets",
    "TroubleOrders",
)
CLEARED = frozenset({"cleared", "closed", "over", "none", "resolved"})
"""Hazard.status: the danger is not there any more."""

HAZARD = "hazard"
"""Document.status of an outage at which calls tell of dangers, which its incidents name."""


_LISTS = ("also", "hazards", "incidents", "works")
_DONE = frozenset({OutageStatusKind.RESTORED, OutageStatusKind.CLOSED})


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something wrong.

    noun:      of the messages that tell it.
    device:    the open device, else the usage point or what else is named; mRID or name.
    also:      what else it names, to be found by where the network does not have the device.
    customers: without supply now; critical: those of them whose supply must not fail.
    outage:    mRID of the outage it is of, where it is none itself.
    works:     identities of the work that mends it.
    dangers:   of an outage the dangers that calls tell of: the call's number, and what it is.
    place:     where it is, when the message says so.
    numbers:   names of an order that another system gave, each with its type and who gives those.
    over:      how it ended; "" while it is not.
    heir:      mRID of the outage of which this one is a part by now.
    """

    noun: str
    mrid: str
    name: str = ""
    device: str = ""
    also: tuple[str, ...] = ()
    device_name: str = ""
    customers: int = 0
    critical: int = 0
    hazards: tuple[str, ...] = ()
    since: datetime | None = None
    says: str = ""
    state: str = ""
    status: str = ""
    outage: str = ""
    incidents: tuple[str, ...] = ()
    works: tuple[str, ...] = ()
    place: Point | None = None
    dangers: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, str, str], ...] = ()
    over: str = ""
    heir: str = ""

    @classmethod
    def of(cls, noun: str, mrid: str, parts: Parts) -> Trouble:
        """From what is known of it."""
        known = values(parts)
        known |= {part: counted(known.get(part)) or 0 for part in ("customers", "critical")}
        at = known.get("place")
        known |= {part: tuple(known.get(part, ())) for part in _LISTS}
        known["since"] = time(known.get("since"))
        known["place"] = (at[0], at[1]) if at and all(map(isfinite, at)) else None
        known["dangers"] = tuple((call, what) for call, what in known.get("dangers", ()))
        known["numbers"] = tuple((n, kind, by) for n, kind, by in known.get("numbers", ()))
        return cls(noun=noun, mrid=mrid, **known)

    @property
    def called(self) -> str:
        """Its number, else its mRID."""
        return self.name or self.mrid

    def needs_crew(
        self, held: Collection[str], outages: Collection[str], calls: Collection[str]
    ) -> bool:
        """Whether somebody must go there.

        held:    Document.status of outages that wait, e.g. for a meter that is asked.
        outages: those that are not over: their orders look after their incidents, too.
        calls:   numbers of calls of dangers, each of which has an order of its own.
        """
        if self.over or self.status in held:
            return False
        match self.noun:
            case "UnplannedOutages":
                return self.state not in _DONE and not self.is_of_calls(calls)
            case "TroubleTickets":
                return bool(self.hazards)
            case "Incidents" if self.outage:
                return bool(self.hazards) and self.outage not in outages
            case _:
                return True

    def is_of_calls(self, calls: Collection[str]) -> bool:
        """Whether an outage is nothing but dangers that these calls tell of."""
        return (
            not self.customers and bool(self.dangers) and {c for c, _ in self.dangers} <= {*calls}
        )


def of_outage(one: UnplannedOutage) -> dict[str, Any]:
    """The parts that a message tells; what one that is no whole notice leaves out is as it was."""
    start = one.reported_start_time or (one.actual_period.start if one.actual_period else None)
    devices = [(d.mrid, d.names) for d in one.outage_isolation_equipment]
    devices += [(d.mrid, d.names) for d in one.equipments]
    # Of many services without supply one is enough to find the place.
    devices += [(p.mrid, p.names) for p in one.de_energized_usage_point[:1]]
    devices += [(p.mrid, p.names) for p in one.energized_usage_point[:1]]
    mrid, names = next(iter(devices), (None, ()))
    also = [name for device in devices[1:] if (name := called(*device))]
    is_danger = one.status is not None and one.status.value == HAZARD
    dangers = [(called(i.mrid, i.names), i.cause or "danger") for i in one.incident]
    # It must be said in whole notices (`cim.profiles.unplanned_outages`).
    is_whole = one.original_customers_served is not None
    nothing = {"status": "", "incidents": [], "dangers": [], "heir": ""} if is_whole else {}
    is_merged = one.status is not None and one.status.value == MERGED
    return nothing | _said(
        name=called(None, one.names),
        device=called(mrid, names),
        also=also or None,
        device_name=called(None, names),
        customers=counted(one.meters_affected),
        critical=counted(one.summary.critical_count) if one.summary else None,
        since=text(start) if start else None,
        says=one.comment,
        state=one.outage_kind,
        status=one.status.value if one.status else None,
        incidents=[called(i.mrid, i.names) for i in one.incident] or None,
        dangers=dangers if is_danger else None,
        heir=one.status.reason if one.status and is_merged else None,
    )


def of_incident(one: Incident) -> dict[str, Any]:
    """The same of an incident, or what damage assessment found."""
    outage = one.unplanned_outage
    return _said(
        name=called(None, one.names),
        hazards=_dangers(
            (hazard.type or hazard.description or "danger", hazard.status)
            for hazard in one.incident_hazard
        ),
        since=text(one.created_date_time) if one.created_date_time else None,
        says=one.subject or one.cause,
        status=one.status.value if one.status else None,
        outage=called(outage.mrid, outage.names) if outage else None,
        works=[called(work.mrid, work.names) for work in one.works] or None,
        place=_position(one.location),
        device_name=_where(one.location),
    )


def of_ticket(one: TroubleTicket) -> dict[str, Any]:
    """The same of a call that tells of a danger."""
    outage, premises = one.unplanned_outage, one.service_location
    points = premises.usage_points if premises else ()
    at = (
        [(p.x_position, p.y_position) for p in one.location.position_points] if one.location else ()
    )
    return _said(
        name=called(None, one.names),
        hazards=_dangers((hazard.type or "danger", hazard.status) for hazard in one.hazard),
        since=text(one.date_time_of_report) if one.date_time_of_report else None,
        status=one.status.value if one.status else None,
        outage=called(outage.mrid, outage.names) if outage else None,
        device=next((called(p.mrid, p.names) for p in points), None),
        device_name=next((called(None, p.names) for p in points), None),
        place=_point(at),
    )


def of_order(one: TroubleOrder) -> dict[str, Any]:
    """The same of an order that somebody else, or a dispatcher, has given."""
    outage = one.unplanned_outage
    since = one.created_date_time or one.last_modified_date_time
    return _said(
        name=called(None, one.names),
        numbers=[_number(name) for name in one.names] or None,
        since=text(since) if since else None,
        says=one.comment,
        outage=called(outage.mrid, outage.names) if outage else None,
        place=_position(one.location),
        device_name=_where(one.location),
    )


def _number(one: Name) -> tuple[str, str, str]:
    kind = one.name_type
    issuer = kind.name_type_authority if kind else None
    return one.name, kind.name if kind else "", issuer.name if issuer else ""


def _dangers(some: Iterable[tuple[str, Status | None]]) -> list[str] | None:
    """Those that are not over; None when nothing was said of any."""
    found = [(kind, status.value if status else None) for kind, status in some]
    if not found:
        return None
    return [kind for kind, status in found if (status or "").lower() not in CLEARED]


def _said(**parts: Any) -> dict[str, Any]:
    return {part: value for part, value in parts.items() if value not in (None, "")}


def _position(place: Premises | None) -> list[float] | None:
    return _point([(p.x_position, p.y_position) for p in place.position_points]) if place else None


def _where(place: Premises | None) -> str:
    """In words, without the address, which may be a customer's."""
    return called(None, place.names) if place else ""


def _point(points: Iterable[tuple[str, str]]) -> list[float] | None:
    for x, y in points:
        try:
            found = [float(x), float(y)]
        except ValueError:
            return None
        return found if all(map(isfinite, found)) else None
    return None
