"""By what callers and their premises are found: usage point, premises, account, telephone, call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cim.bounds import whole
from cim.profiles.customer_agreements import CustomerAgreement
from cim.profiles.customer_contacts import Customer
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.persons import Person, TelephoneNumber
from cim.profiles.premises import ServiceLocation
from cim.profiles.trouble_tickets import TroubleTicket

_MARKS = re.compile(r"[^0-9+]")
_TELEPHONE = re.compile(r"[0-9+()./ -]+")


class Key(StrEnum):
    """What a name is a name of; also the IDtype in a question."""

    ACCOUNT = "AccountNumber"
    CALL = "CallNumber"
    PHONE = "TelephoneNumber"
    POINT = "UsagePoint"
    PREMISE = "PremiseNumber"

    def of(self, value: str) -> str:
        """The key by which `value` is kept."""
        return f"{self} {value}"


@dataclass(frozen=True)
class Numbers:
    """How telephone numbers are compared: the same number may be written in several ways.

    country: code of the country of numbers that have none, e.g. "1"; "" compares them as written.
    trunk:   what stands before a number within the country, e.g. "0".
    """

    country: str = ""
    trunk: str = ""

    def plain(self, number: str) -> str:
        """The number without marks, with its country where that is known."""
        digits = _MARKS.sub("", number)
        if digits and self.country and not digits.startswith("+"):
            return f"+{self.country}{digits.removeprefix(self.trunk)}"
        return digits

    def of(self, phone: TelephoneNumber | None) -> Iterator[str]:
        """The key of a telephone."""
        if phone is None:
            return
        parts = (phone.area_code, phone.city_code, phone.local_number)
        number = phone.itu_phone or "".join(part for part in parts if part)
        if phone.country_code and not phone.itu_phone:
            number = f"+{phone.country_code}{number}"
        if plain := self.plain(number):
            yield Key.PHONE.of(plain)


def points_of(point: UsagePoint) -> list[str]:
    """All by which a usage point is called: mRID and names."""
    return [one for one in (point.mrid, *(name.name for name in point.names)) if one]


def of_agreement(agreement: CustomerAgreement, numbers: Numbers) -> set[tuple[str, str]]:
    """Key and usage point of all that an agreement says of its customer."""
    keys = {
        *_names(
            agreement.customer_account.names if agreement.customer_account else (), Key.ACCOUNT
        ),
        *_phones(agreement.customer.person, numbers),
        *(key for place in agreement.service_locations for key in _premises(place)),
    }
    points = [
        *agreement.usage_points,
        *(point for place in agreement.service_locations for point in place.usage_points),
    ]
    said = [(points_of(point)[0], Key.POINT.of(n)) for point in points for n in points_of(point)]
    found = {
        *((key, point) for point, key in said),
        *((key, point) for key in keys for point, _ in said),
    }
    return {(key, point) for key, point in found if whole(key)}


def of_ticket(ticket: TroubleTicket, numbers: Numbers) -> set[str]:
    """The keys of all that a ticket says of its caller; what no table has room for is not said."""
    return {key for key in _of_ticket(ticket, numbers) if whole(key)}


def too_long(ticket: TroubleTicket) -> str | None:
    """Of the keys of a ticket one that no table has room for."""
    return min((key for key in _of_ticket(ticket, Numbers()) if not whole(key)), default=None)


def _of_ticket(ticket: TroubleTicket, numbers: Numbers) -> set[str]:
    place, reporter = ticket.service_location, ticket.trouble_reporter
    told = [n.contact_value or "" for n in ticket.notification]
    wanted = [numbers.plain(value) for value in told if _TELEPHONE.fullmatch(value)]
    return {
        *(_premises(place) if place else ()),
        *(Key.POINT.of(n) for p in (place.usage_points if place else ()) for n in points_of(p)),
        *_customer(ticket.customer, numbers),
        *_phones((reporter.person,) if reporter and reporter.person else (), numbers),
        *(Key.PHONE.of(number) for number in wanted if number),
        *_names(ticket.names, Key.CALL),
    }


def is_named(ticket: TroubleTicket) -> bool:
    """Whether a ticket itself says which usage point it is about."""
    place = ticket.service_location
    return place is not None and any(points_of(point) for point in place.usage_points)


def account_of(customer: Customer | None) -> str:
    """Number of the account, or of the customer; "" without."""
    return customer.names[0].name if customer and customer.names else ""


def _customer(customer: Customer | None, numbers: Numbers) -> Iterator[str]:
    if customer:
        yield from _names(customer.names, Key.ACCOUNT)
        yield from _phones(customer.person, numbers)


def _premises(place: ServiceLocation) -> Iterator[str]:
    yield from _names(place.names, Key.PREMISE)
    if place.mrid:
        yield Key.PREMISE.of(place.mrid)


def _phones(persons: Iterable[Person], numbers: Numbers) -> Iterator[str]:
    for person in persons:
        yield from numbers.of(person.landline_phone)
        yield from numbers.of(person.mobile_phone)


def _names(names: Iterable[Name], key: Key) -> Iterator[str]:
    for name in names:
        yield key.of(name.name)
