"""Who is at a usage point and how to reach them, from CustomerAgreements (IEC 61968-8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cim.bounds import PROSE, short, whole
from cim.profiles.customer_agreements import CustomerAgreement
from cim.profiles.identification import UsagePoint
from cim.profiles.persons import Person, TelephoneNumber

_LOCALE = 40  # characters
PHONE, MOBILE, EMAIL = "phone", "mobile", "email"


def names_of(point: UsagePoint) -> list[str]:
    """All by which a usage point is called: mRID and names."""
    return [one for one in (point.mrid, *(name.name for name in point.names)) if one]


def rows(one: CustomerAgreement) -> list[dict[str, Any]]:
    """A row for each name of each usage point of an agreement."""
    account = one.customer_account
    needs = [one.customer.special_need, *(p.special_need for p in one.customer.person)]
    said = {
        "mrid": one.customer.mrid or "",
        "account": next(
            (n.name for some in (account, one.customer) if some for n in some.names), ""
        ),
        "locale": whole(one.customer.locale, _LOCALE) or "",
        "special_need": short(next((need for need in needs if need), ""), PROSE),
        "contacts": [list(c) for person in one.customer.person for c in _contacts(person)],
    }
    points = [
        *one.usage_points,
        *(point for place in one.service_locations for point in place.usage_points),
    ]
    called = dict.fromkeys(name for point in points for name in names_of(point))
    return [{"point": name, **said} for name in called]


def _contacts(person: Person) -> Iterator[tuple[str, str]]:
    """Means and number or address."""
    for means, phone in ((MOBILE, person.mobile_phone), (PHONE, person.landline_phone)):
        if number := _number(phone):
            yield means, number
    if person.electronic_address and person.electronic_address.email1:
        yield EMAIL, person.electronic_address.email1


def _number(phone: TelephoneNumber | None) -> str:
    if phone is None:
        return ""
    parts = (phone.country_code, phone.area_code, phone.city_code, phone.local_number)
    return phone.itu_phone or " ".join(part for part in parts if part)
