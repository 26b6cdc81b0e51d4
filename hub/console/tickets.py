"""What a dispatcher says of calls, as the requests it becomes: TroubleTickets (IEC 61968-8)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from cim.message import Outgoing, Verb
from cim.network import Network
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.persons import Person, TelephoneNumber
from cim.profiles.premises import ServiceLocation, StreetAddress, StreetDetail
from cim.profiles.trouble_symptoms import TroubleSymptoms, TroubleSymptomsLightKind
from cim.profiles.trouble_tickets import (
    TroubleReporter,
    TroubleReportingKind,
    TroubleTicket,
    TroubleTickets,
)
from hub.console.deeds import moment
from hub.console.filled import WrongError

NOUN = TroubleTickets.__name__
LIGHTS: Mapping[str, str] = MappingProxyType(
    {
        TroubleSymptomsLightKind.ALL_OUT: "none",
        TroubleSymptomsLightKind.PART_OUT: "in part",
        TroubleSymptomsLightKind.DIM: "dim lights",
        TroubleSymptomsLightKind.FLICKERING: "flickering lights",
        TroubleSymptomsLightKind.OK: "all there",
    }
)
"""How the lights are -> how supply is called on the form."""
_DIGITS = 40
_E164 = re.compile(r"\+[0-9]{2,15}")


@dataclass(frozen=True, kw_only=True)
class Call:
    """What was filled in; one of `where`, `address` and `phone` must say whom it concerns.

    caller, phone: who called.
    where:   a usage point or meter, by mRID or name; address: in words.
    light:   a TroubleSymptomsLightKind; empty for nothing.
    text:    what was said.
    at:      UTC, as the field of a browser has it; empty: `now`.
    """

    network: Network
    now: datetime
    caller: str = ""
    phone: str = ""
    where: str = ""
    address: str = ""
    light: str = ""
    text: str = ""
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A call that is known.

    ticket: its number, or its mRID; where: a usage point or meter, by mRID or name.
    """

    network: Network
    ticket: str = ""
    where: str = ""


def place(form: Known) -> Outgoing:
    """It is there.  Raises: WrongError."""
    wrong = _unnamed(form)
    point = form.network.usage_point_of(form.where) if form.where else None
    if not form.where:
        wrong["where"] = "Where: it is missing."
    elif point is None:
        wrong["where"] = f"Where {form.where[:80]!r}: no usage point or meter is called so."
    if wrong:
        raise WrongError(wrong)
    points = (UsagePoint(mrid=point),)
    return _of_known(Verb.CHANGE, form, ServiceLocation(usage_points=points))


def close(form: Known) -> Outgoing:
    """It is over.  Raises: WrongError."""
    if wrong := _unnamed(form):
        raise WrongError(wrong)
    return _of_known(Verb.CLOSE, form)


def _unnamed(form: Known) -> dict[str, str]:
    return {} if form.ticket else {"ticket": "The call: its number is missing."}


def _of_known(verb: Verb, form: Known, location: ServiceLocation | None = None) -> Outgoing:
    try:
        mrid = str(uuid.UUID(form.ticket))
    except ValueError:
        mrid = None
    ticket = TroubleTicket(
        mrid=mrid,
        names=() if mrid else (Name(name=form.ticket),),
        date_time_of_report=None,  # type: ignore[arg-type]  # a change says what is new
        service_location=location,
    )
    return Outgoing(verb, TroubleTickets(trouble_ticket=(ticket,)))


def enter(form: Call) -> Outgoing:
    """A call.  Raises: WrongError, with all that is wrong."""
    wrong = {}
    point = form.network.usage_point_of(form.where) if form.where else None
    if form.where and point is None:
        wrong["where"] = f"Where {form.where[:80]!r}: no usage point or meter is called so."
    elif not (form.where or form.address or form.phone):
        wrong["where"] = "Usage point, address and telephone: all are missing; where is it?"
    if len(form.phone) > _DIGITS:
        wrong["phone"] = f"Telephone: it has {len(form.phone)} characters, at most {_DIGITS} are."
    if form.light and form.light not in LIGHTS:
        wrong["light"] = f"Supply {form.light[:40]!r}: it is none of {', '.join(LIGHTS)}."
    at = None
    try:
        at = moment(form.at, "at", "The time")
    except WrongError as error:
        wrong |= error.wrong
    if wrong:
        raise WrongError(wrong)
    light = TroubleSymptomsLightKind(form.light) if form.light else None
    ticket = TroubleTicket(
        comment=form.text or None,
        date_time_of_report=at or form.now,
        reporting_kind=TroubleReportingKind.CALL,
        service_location=_place(form, point),
        trouble_reporter=_reporter(form, point),
        trouble_symptoms=TroubleSymptoms(trouble_symptoms_light=light) if light else None,
    )
    return Outgoing(Verb.CREATE, TroubleTickets(trouble_ticket=(ticket,)))


def _place(form: Call, point: str | None) -> ServiceLocation | None:
    if not point and not form.address:
        return None
    street = StreetDetail(address_general=form.address)
    return ServiceLocation(
        main_address=StreetAddress(street_detail=street) if form.address else None,
        usage_points=(UsagePoint(mrid=point),) if point else (),
    )


def _reporter(form: Call, point: str | None) -> TroubleReporter | None:
    if not form.caller and not form.phone:
        return None
    return TroubleReporter(
        trouble_reporter_type="customer" if point else "caller",
        names=(Name(name=form.caller),) if form.caller else (),
        person=Person(landline_phone=_telephone(form.phone)) if form.phone else None,
    )


def _telephone(number: str) -> TelephoneNumber:
    if _E164.fullmatch(number):
        return TelephoneNumber(itu_phone=number)
    return TelephoneNumber(local_number=number)
