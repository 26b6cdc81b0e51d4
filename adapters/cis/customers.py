"""Customers, what they have agreed and how to reach them, as CustomerAgreements (IEC 61968-8)."""

from __future__ import annotations

import re

from adapters.cis.fields import Fields, needed, text
from adapters.cis.model import identifier
from adapters.cis.terms import Terms
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.customer_agreements import (
    CustomerAccount,
    CustomerAgreement,
    CustomerAgreements,
    PricingStructure,
)
from cim.profiles.customer_contacts import Customer
from cim.profiles.identification import Name, NameType, NameTypeAuthority, UsagePoint
from cim.profiles.persons import ElectronicAddress, Person, TelephoneNumber
from cim.profiles.premises import (
    ServiceLocation,
    StreetAddress,
    StreetDetail,
    TownDetail,
)
from cim.profiles.work_locations import CoordinateSystem, PositionPoint
from cim.profiles.works import Priority

_E164 = re.compile(r"\+[0-9]{2,15}")
_MARKS = re.compile(r"[\s()./-]")


def named(value: str, kind: str, system: str) -> tuple[Name, ...]:
    """A name of this type, issued by the system."""
    authority = NameTypeAuthority(name=system)
    return (Name(name=value, name_type=NameType(name=kind, name_type_authority=authority)),)


def agreements(fields: Fields, terms: Terms) -> CustomerAgreements | None:
    """The agreement on a service point; None for one that nobody has taken.

    Raises: ValueError naming record, field, value and rule.
    """
    if not text(fields, "customer_id"):
        return None
    system, point = terms.system, needed(fields, "service_point_id")
    account, tariff = text(fields, "account_number"), text(fields, "tariff")
    status = text(fields, "agreement_status")
    number = text(fields, "agreement_id")
    agreement = CustomerAgreement(
        mrid=agreement_mrid(fields, terms),
        type=text(fields, "agreement_type"),
        customer=_customer(fields, terms),
        customer_account=CustomerAccount(
            mrid=identifier("account", system, account),
            billing_cycle=text(fields, "billing_cycle"),
            names=named(account, "AccountNumber", system),
        )
        if account
        else None,
        names=named(number, "AgreementNumber", system) if number else (),
        pricing_structures=(PricingStructure(names=named(tariff, "Tariff", system)),)
        if tariff
        else (),
        service_locations=_premises(fields, terms),
        status=Status(value=status) if status else None,
        usage_points=(
            UsagePoint(
                mrid=identifier("usage-point", system, point),
                names=named(point, "ServicePoint", system),
            ),
        ),
        validity_interval=_interval(fields, terms),
    )
    return CustomerAgreements(customer_agreement=(agreement,))


def ended(fields: Fields, terms: Terms) -> CustomerAgreements | None:
    """The agreement that is no more: which one, and whose."""
    if not (customer := text(fields, "customer_id")):
        return None
    number = text(fields, "agreement_id")
    agreement = CustomerAgreement(
        mrid=agreement_mrid(fields, terms),
        customer=Customer(mrid=identifier("customer", terms.system, customer)),
        names=named(number, "AgreementNumber", terms.system) if number else (),
    )
    return CustomerAgreements(customer_agreement=(agreement,))


def agreement_mrid(fields: Fields, terms: Terms) -> str:
    """Of its number; without one, of account (else customer) and service point together."""
    if number := text(fields, "agreement_id"):
        return identifier("agreement", terms.system, number)
    holder = text(fields, "account_number") or text(fields, "customer_id") or ""
    point = needed(fields, "service_point_id")
    return identifier("agreement", terms.system, f"{holder} at {point}")


def _customer(fields: Fields, terms: Terms) -> Customer:
    number = needed(fields, "customer_id")
    name = text(fields, "organisation")
    critical, kind = text(fields, "critical_class"), fields["customer_type"]
    if kind and kind not in terms.customer_kinds and terms.customer_kinds:
        known = ", ".join(terms.customer_kinds)
        raise fields.wrong("customer_type", f"is not in customer_kinds; known are {known}")
    person = _person(fields, terms)
    status = text(fields, "customer_status")
    return Customer(
        mrid=identifier("customer", terms.system, number),
        kind=terms.customer_kinds.get(kind),
        locale=text(fields, "language"),
        special_need=special_need(fields, terms),
        vip=terms.writing.flag(fields, "vip") if fields["vip"] else None,
        names=(
            *named(number, "CustomerNumber", terms.system),
            *(named(name, "CustomerName", terms.system) if name else ()),
        ),
        person=(person,) if person else (),
        priority=Priority(type=critical) if critical else None,
        status=Status(value=status) if status else None,
    )


def special_need(fields: Fields, terms: Terms) -> str | None:
    """What the customer depends on: by the flag of life support, and in their words."""
    words = [
        "life support" if terms.writing.flag(fields, "life_support") else None,
        text(fields, "special_need"),
    ]
    return ", ".join(word for word in words if word) or None


def _person(fields: Fields, terms: Terms) -> Person | None:
    email = text(fields, "email")
    person = Person(
        first_name=text(fields, "first_name"),
        last_name=text(fields, "last_name"),
        electronic_address=ElectronicAddress(email1=email) if email else None,
        landline_phone=_telephone(fields, "phone", terms) or _telephone(fields, "day_phone", terms),
        mobile_phone=_telephone(fields, "mobile_phone", terms),
    )
    return person if person != Person() else None


def _telephone(fields: Fields, column: str, terms: Terms) -> TelephoneNumber | None:
    """As ITU-T E.164 writes it, where it has its country or `country_code` tells; else as it is."""
    if not (number := text(fields, column)):
        return None
    area = text(fields, f"{column}_area")
    digits = _MARKS.sub("", f"{area or ''}{number}")
    if terms.country_code and not digits.startswith("+"):
        digits = f"+{terms.country_code}{digits.removeprefix(terms.trunk_prefix)}"
    if digits.startswith("+"):
        if not _E164.fullmatch(digits):
            raise fields.wrong(column, f"is no telephone number: {digits} is not of ITU-T E.164")
        return TelephoneNumber(itu_phone=digits)
    return TelephoneNumber(area_code=area, local_number=number)


def _premises(fields: Fields, terms: Terms) -> tuple[ServiceLocation, ...]:
    premise = text(fields, "premise_id")
    place = ServiceLocation(
        mrid=identifier("premise", terms.system, premise) if premise else None,
        access_method=text(fields, "access"),
        main_address=_address(fields),
        names=named(premise, "Premise", terms.system) if premise else (),
        position_points=(position := _position(fields, terms)),
        coordinate_system=CoordinateSystem(crs_urn=terms.crs) if position else None,
    )
    return (place,) if place != ServiceLocation() else ()


def _address(fields: Fields) -> StreetAddress | None:
    street = StreetDetail(
        address_general=text(fields, "address"),
        address_general2=text(fields, "address2"),
        name=text(fields, "street"),
        number=text(fields, "street_number"),
        suite_number=text(fields, "suite"),
    )
    town = TownDetail(
        country=text(fields, "country"),
        name=text(fields, "city"),
        state_or_province=text(fields, "state"),
    )
    address = StreetAddress(
        postal_code=text(fields, "postal_code"),
        street_detail=street if street != StreetDetail() else None,
        town_detail=town if town != TownDetail() else None,
    )
    return address if address != StreetAddress() else None


def _position(fields: Fields, terms: Terms) -> tuple[PositionPoint, ...]:
    x = terms.writing.number(fields, "longitude", 180)
    y = terms.writing.number(fields, "latitude", 90)
    if x is None and y is None:
        return ()
    if x is None or y is None:
        missing = "latitude" if y is None else "longitude"
        raise fields.wrong(missing, "is empty, and the other coordinate is not")
    return (PositionPoint(x_position=x, y_position=y),)


def _interval(fields: Fields, terms: Terms) -> DateTimeInterval | None:
    start = terms.writing.moment(fields, "valid_from")
    end = terms.writing.moment(fields, "valid_to")
    if start and end and end <= start:
        raise fields.wrong("valid_to", f"is not after {fields['valid_from']}, when it begins")
    return DateTimeInterval(start=start, end=end) if start or end else None
