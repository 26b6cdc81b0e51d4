"""From a call to TroubleTickets (IEC 61968-8), one for each of the premises it is about."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from adapters.ivr.fields import Fields, text, yes
from adapters.ivr.places import location
from adapters.ivr.troubles import Seen, Troubles
from cim.message import Outgoing, Verb
from cim.profiles.customer_contacts import Customer, CustomerNotification
from cim.profiles.identification import Name, NameType, NameTypeAuthority, UsagePoint
from cim.profiles.kinds import NotificationTriggerKind
from cim.profiles.persons import Person, TelephoneNumber
from cim.profiles.premises import ServiceLocation
from cim.profiles.trouble_tickets import (
    TroubleReporter,
    TroubleReportingKind,
    TroubleTicket,
    TroubleTickets,
)
from hub.rows import Row

_CALLS = uuid.UUID("a0f43f6e-2f53-5c4e-8a53-2f1f8f6f4d27")  # namespace of our version 5 UUIDs
_E164 = re.compile(r"\+[0-9]{2,15}")


@dataclass(frozen=True)
class Premises:
    """Premises of a caller, by usage point, by their own number, or both."""

    point: str = ""
    number: str = ""

    @property
    def name(self) -> str:
        return self.point or self.number


@dataclass(frozen=True)
class Numbering:
    """How calls are told from one another.

    several:    a call may come in several rows, each of other premises.
    per_source: a number is unique only together with its `call_source_id`.
    """

    several: bool = False
    per_source: bool = False

    def name(self, row: Row) -> Name:
        """The number of the call, by which its tickets are known.  Raises: ValueError."""
        source = text(row, "call_source_id")
        if not (number := text(row, "external_id")):
            raise row.wrong("external_id", "is empty: which call is it?")
        issuer = NameTypeAuthority(name=source) if source else None
        return Name(name=number, name_type=NameType(name="CallNumber", name_type_authority=issuer))

    def identity(self, row: Row, premises: str = "") -> str:
        """The mRID of a ticket: always the same for a call, or for a call and premises."""
        call = uuid.uuid5(_CALLS, self.name(row).name)
        if self.per_source:
            if not (source := text(row, "call_source_id")):
                raise row.wrong("call_source_id", "is empty: whose call is it?")
            call = uuid.uuid5(call, source)
        return str(uuid.uuid5(call, premises) if premises else call)


@dataclass(frozen=True)
class Calls:
    """How calls are read.

    sources: native call source -> TroubleReportingKind; empty when all are of a voice computer.
    crs:     URN of the coordinate reference system of positions.
    wish:    whether who says nothing of it wants to be called back.
    triggers: their word for when to call back -> NotificationTriggerKind; itself where left out.
    """

    fields: Fields = field(default_factory=Fields)
    troubles: Troubles = field(default_factory=Troubles)
    numbering: Numbering = field(default_factory=Numbering)
    sources: Mapping[str, str] = field(default_factory=dict)
    crs: str = ""
    wish: bool = False
    triggers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for word, trigger in self.triggers.items():
            if trigger not in set(NotificationTriggerKind):
                known = ", ".join(NotificationTriggerKind)
                raise ValueError(f"triggers.{word}: {trigger!r} is none of {known}")
        for source, kind in self.sources.items():
            if kind not in set(TroubleReportingKind):
                raise ValueError(
                    f"sources.{source}: {kind!r} is none of {', '.join(TroubleReportingKind)}"
                )

    def tickets(self, row: Row) -> Iterator[Outgoing]:
        """The tickets of one call.

        Raises: ValueError naming file, line, column, value and rule.
        """
        at = self._premises(row)
        is_apart = self.numbering.several or len(at) > 1
        for one in at:
            identity = self.numbering.identity(row, one.name if is_apart else "")
            ticket = self._ticket(row, one, identity)
            yield Outgoing(
                Verb.CREATED,
                TroubleTickets(trouble_ticket=(ticket,)),
                external_id=identity,
                at=ticket.date_time_of_report,
            )

    def _ticket(self, row: Row, at: Premises, identity: str) -> TroubleTicket:
        code, seen = text(row, "trouble_code"), self._seen(row)
        ticket = TroubleTicket(
            mrid=identity,
            comment=text(row, "comment") or None,
            created_date_time=self.fields.maybe(row, "received_time"),
            date_time_of_report=self.fields.moment(row, "call_time"),
            multiple_premises=yes(row, "neighbours_out"),
            reporting_kind=self._reported(row),
            trouble_code=code or None,
            customer=_customer(row),
            hazard=seen.hazards,
            location=location(row, self.crs),
            names=(self.numbering.name(row),),
            notification=self._notification(row),
            service_location=_service_location(at),
            trouble_reporter=_reporter(row, at),
            trouble_symptoms=seen.symptoms,
        )
        if not any(
            (ticket.comment, ticket.customer, ticket.location, at.name, ticket.trouble_reporter)
        ):
            raise ValueError(
                f"{row.origin}: the call names no premises, account, place, caller, telephone or"
                " comment: nobody could look after it"
            )
        return ticket

    def _premises(self, row: Row) -> list[Premises]:
        points = self.fields.parts(row, "service_point_id")
        numbers = self.fields.parts(row, "premise_id")
        if points and numbers and len(points) != len(numbers):
            raise row.wrong(
                "premise_id",
                f"names {len(numbers)} premises, there are {len(points)} service points",
            )
        found = [Premises(*pair) for pair in zip_longest(points, numbers, fillvalue="")]
        return list(dict.fromkeys(found)) or [Premises()]

    def _seen(self, row: Row) -> Seen:
        # An empty code is looked up like any other: the table may have it.
        codes = self.fields.parts(row, "trouble_code") or [""]
        try:
            return self.troubles.seen(codes)
        except ValueError as error:
            raise row.wrong("trouble_code", f"cannot be understood: {error}") from None

    def _reported(self, row: Row) -> TroubleReportingKind:
        source = text(row, "call_source_id")
        if not self.sources:
            return TroubleReportingKind.IVR
        if source not in self.sources:
            raise row.wrong(
                "call_source_id",
                f"is not in the table of sources; known are {', '.join(sorted(self.sources))}",
            )
        return TroubleReportingKind(self.sources[source])

    def _notification(self, row: Row) -> tuple[CustomerNotification, ...]:
        """The wish to be called back: when supply is restored, or for what the row says."""
        wish = yes(row, "callback_flag")
        if not (self.wish if wish is None else wish):
            return ()
        reasons = self.fields.parts(row, "callback_for") or [NotificationTriggerKind.POWER_RESTORED]
        return tuple(
            CustomerNotification(
                contact_type=text(row, "callback_type") or "phone",
                contact_value=text(row, "callback_phone") or text(row, "caller_phone") or None,
                earliest_date_time_to_call=self.fields.maybe(row, "callback_after"),
                latest_date_time_to_call=self.fields.maybe(row, "callback_before"),
                trigger=self._trigger(row, reason),
            )
            for reason in dict.fromkeys(reasons)
        )

    def _trigger(self, row: Row, reason: str) -> NotificationTriggerKind:
        kind = self.triggers.get(reason, reason)
        if kind not in set(NotificationTriggerKind):
            known = ", ".join([*self.triggers, *NotificationTriggerKind])
            raise row.wrong("callback_for", f"names {reason!r}, which is none of {known}")
        return NotificationTriggerKind(kind)


def _customer(row: Row) -> Customer | None:
    if not (account := text(row, "account_number")):
        return None
    return Customer(names=(Name(name=account, name_type=NameType(name="AccountNumber")),))


def _reporter(row: Row, at: Premises) -> TroubleReporter | None:
    """Who called: a customer, when premises or account are known."""
    name = text(row, "caller_name")
    phone = text(row, "caller_phone") or text(row, "callback_phone")
    if not name and not phone:
        return None
    is_customer = at.name or text(row, "account_number")
    return TroubleReporter(
        trouble_reporter_type="customer" if is_customer else "caller",
        names=(Name(name=name),) if name else (),
        person=Person(landline_phone=_telephone(phone)) if phone else None,
    )


def _telephone(number: str) -> TelephoneNumber:
    if _E164.fullmatch(number):
        return TelephoneNumber(itu_phone=number)
    return TelephoneNumber(local_number=number)


def _service_location(at: Premises) -> ServiceLocation | None:
    """Premises by the names that CIS and AMI call them by, too."""
    if not at.name:
        return None
    number = Name(name=at.number, name_type=NameType(name="PremiseNumber"))
    return ServiceLocation(
        names=(number,) if at.number else (),
        usage_points=(UsagePoint(names=(Name(name=at.point),)),) if at.point else (),
    )
