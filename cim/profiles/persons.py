"""Persons, and how to reach them."""

from __future__ import annotations

from cim.profile import Profile, attribute


class TelephoneNumber(Profile):
    """A telephone number, whole or in parts."""

    area_code: str | None = attribute("TelephoneNumber.areaCode", "Code of the area.", default=None)
    city_code: str | None = attribute("TelephoneNumber.cityCode", "Code of the city.", default=None)
    country_code: str | None = attribute(
        "TelephoneNumber.countryCode", "Code of the country.", default=None
    )
    extension: str | None = attribute(
        "TelephoneNumber.extension", "Extension behind the number.", default=None
    )
    itu_phone: str | None = attribute(
        "TelephoneNumber.ituPhone", "The whole number as ITU-T E.164 writes it.", default=None
    )
    local_number: str | None = attribute(
        "TelephoneNumber.localNumber", "The number within area or city.", default=None
    )


class ElectronicAddress(Profile):
    """Addresses for electronic messages."""

    email1: str | None = attribute(
        "ElectronicAddress.email1", "First e-mail address.", personal=True, default=None
    )
    email2: str | None = attribute(
        "ElectronicAddress.email2", "Second e-mail address.", personal=True, default=None
    )
    radio: str | None = attribute("ElectronicAddress.radio", "Radio address.", default=None)


class Person(Profile):
    """A person."""

    first_name: str | None = attribute(
        "Person.firstName", "First name.", personal=True, default=None
    )
    last_name: str | None = attribute("Person.lastName", "Last name.", personal=True, default=None)
    m_name: str | None = attribute("Person.mName", "Middle names.", personal=True, default=None)
    prefix: str | None = attribute(
        "Person.prefix", "What stands before the name.", personal=True, default=None
    )
    special_need: str | None = attribute(
        "Person.specialNeed",
        "What the person depends on, e.g. life support.",
        personal=True,
        default=None,
    )
    suffix: str | None = attribute(
        "Person.suffix", "What stands behind the name.", personal=True, default=None
    )
    electronic_address: ElectronicAddress | None = attribute(
        "Person.electronicAddress",
        "Addresses for electronic messages.",
        personal=True,
        default=None,
    )
    landline_phone: TelephoneNumber | None = attribute(
        "Person.landlinePhone", "Telephone at a fixed place.", personal=True, default=None
    )
    mobile_phone: TelephoneNumber | None = attribute(
        "Person.mobilePhone", "Mobile telephone.", personal=True, default=None
    )
