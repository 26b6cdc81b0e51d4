"""Prices: structures, tariffs, profiles, intervals and charges."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.identification import Name
from cim.profiles.services import ServiceCategory


class RevenueKind(StrEnum):
    """From whom the revenue comes."""

    COMMERCIAL = "commercial"
    INDUSTRIAL = "industrial"
    IRRIGATION = "irrigation"
    NON_RESIDENTIAL = "nonResidential"
    OTHER = "other"
    RESIDENTIAL = "residential"
    STREET_LIGHT = "streetLight"


class ChargeKind(StrEnum):
    """What a charge is for."""

    AUXILIARY_CHARGE = "auxiliaryCharge"
    CONSUMPTION_CHARGE = "consumptionCharge"
    DEMAND_CHARGE = "demandCharge"
    OTHER = "other"
    TAX_CHARGE = "taxCharge"


class Currency(StrEnum):
    """Currencies the published nouns name (ISO 4217)."""

    AUD = "AUD"
    CAD = "CAD"
    CHF = "CHF"
    CNY = "CNY"
    DKK = "DKK"
    EUR = "EUR"
    GBP = "GBP"
    INR = "INR"
    JPY = "JPY"
    NOK = "NOK"
    RUR = "RUR"
    SEK = "SEK"
    USD = "USD"
    OTHER = "other"


class UnitMultiplier(StrEnum):
    """Powers of ten of an amount of money."""

    NONE = "none"
    PICO = "p"
    NANO = "n"
    MICRO = "micro"
    MILLI = "m"
    CENTI = "c"
    DECI = "d"
    KILO = "k"
    MEGA = "M"
    GIGA = "G"
    TERA = "T"


class AccountingUnit(Profile):
    """An amount of money, for an amount of energy if one is given."""

    energy_unit: float | None = attribute(
        "AccountingUnit.energyUnit", "The energy the amount is for.", unit="Wh", default=None
    )
    monetary_unit: Currency | None = attribute(
        "AccountingUnit.monetaryUnit", "Currency.", default=None
    )
    multiplier: UnitMultiplier | None = attribute(
        "AccountingUnit.multiplier", "Power of ten of the amount.", default=None
    )
    value: float = attribute("AccountingUnit.value", "The amount.")


class ChildCharge(Profile, cim="Charge"):
    """A part of a charge."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the charge.", default=None)
    kind: ChargeKind | None = attribute("Charge.kind", "What it is for.", default=None)
    variable_portion: float | None = attribute(
        "Charge.variablePortion", "Part that varies with an amount.", unit="%", default=None
    )
    fixed_portion: AccountingUnit | None = attribute(
        "Charge.fixedPortion", "Part that is fixed.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the charge.", default=()
    )


class Charge(Profile):
    """Something a customer pays for."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the charge.", default=None)
    kind: ChargeKind | None = attribute("Charge.kind", "What it is for.", default=None)
    variable_portion: float | None = attribute(
        "Charge.variablePortion", "Part that varies with an amount.", unit="%", default=None
    )
    child_charges: tuple[ChildCharge, ...] = attribute(
        "Charge.ChildCharges", "Its parts.", default=()
    )
    fixed_portion: AccountingUnit | None = attribute(
        "Charge.fixedPortion", "Part that is fixed.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the charge.", default=()
    )


class ConsumptionTariffInterval(Profile):
    """A block of consumption with charges of its own."""

    sequence_number: int | None = attribute(
        "ConsumptionTariffInterval.sequenceNumber", "Place among the blocks.", default=None
    )
    start_value: float | None = attribute(
        "ConsumptionTariffInterval.startValue",
        "Consumption from which the block counts.",
        unit="Wh",
        default=None,
    )
    charges: tuple[Charge, ...] = attribute(
        "ConsumptionTariffInterval.Charges", "Charges of the block.", default=()
    )


class TimeTariffInterval(Profile):
    """A time of day with charges of its own."""

    sequence_number: int | None = attribute(
        "TimeTariffInterval.sequenceNumber", "Place among the intervals.", default=None
    )
    start_time: time | None = attribute(
        "TimeTariffInterval.startTime", "From when in the day it counts.", default=None
    )
    charges: tuple[Charge, ...] = attribute(
        "TimeTariffInterval.Charges", "Charges of the interval.", default=()
    )


class TariffProfile(Profile):
    """A set of intervals that repeats, e.g. every week."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the profile.", default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was made.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    revision_number: str | None = attribute("Document.revisionNumber", "Revision.", default=None)
    subject: str | None = attribute("Document.subject", "What it is about.", default=None)
    tariff_cycle: str | None = attribute(
        "TariffProfile.tariffCycle", "How often it repeats.", default=None
    )
    title: str | None = attribute("Document.title", "Title.", default=None)
    type: str | None = attribute(
        "Document.type", "Type, by the rules of the utility.", default=None
    )
    consumption_tariff_intervals: tuple[ConsumptionTariffInterval, ...] = attribute(
        "TariffProfile.ConsumptionTariffIntervals", "Blocks of consumption.", default=()
    )
    doc_status: Status | None = attribute(
        "Document.docStatus", "Status of the record.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the profile.", default=()
    )
    status: Status | None = attribute("Document.status", "Status of the profile.", default=None)
    time_tariff_intervals: tuple[TimeTariffInterval, ...] = attribute(
        "TariffProfile.TimeTariffIntervals", "Times of day.", default=()
    )


class Tariff(Profile):
    """Prices that hold for a time."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the tariff.", default=None)
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was made.", default=None
    )
    end_date: date | None = attribute("Tariff.endDate", "Last day it holds.", default=None)
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    revision_number: str | None = attribute("Document.revisionNumber", "Revision.", default=None)
    start_date: date | None = attribute("Tariff.startDate", "First day it holds.", default=None)
    subject: str | None = attribute("Document.subject", "What it is about.", default=None)
    title: str | None = attribute("Document.title", "Title.", default=None)
    type: str | None = attribute(
        "Document.type", "Type, by the rules of the utility.", default=None
    )
    doc_status: Status | None = attribute(
        "Document.docStatus", "Status of the record.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the tariff.", default=()
    )
    status: Status | None = attribute("Document.status", "Status of the tariff.", default=None)
    tariff_profiles: tuple[TariffProfile, ...] = attribute(
        "Tariff.TariffProfiles", "Its profiles.", default=()
    )


class PricingStructure(Profile):
    """The tariffs a customer may be on, and who may be."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the pricing structure.", default=None
    )
    code: str | None = attribute(
        "PricingStructure.code", "Code by which people know it.", default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was made.", default=None
    )
    daily_ceiling_usage: int | None = attribute(
        "PricingStructure.dailyCeilingUsage",
        "Most that a day's consumption can plausibly be.",
        default=None,
    )
    daily_estimated_usage: int | None = attribute(
        "PricingStructure.dailyEstimatedUsage",
        "A day's consumption, where none was measured.",
        default=None,
    )
    daily_floor_usage: int | None = attribute(
        "PricingStructure.dailyFloorUsage",
        "Least that a day's consumption can plausibly be.",
        default=None,
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    revenue_kind: RevenueKind | None = attribute(
        "PricingStructure.revenueKind", "From whom the revenue comes.", default=None
    )
    revision_number: str | None = attribute("Document.revisionNumber", "Revision.", default=None)
    subject: str | None = attribute("Document.subject", "What it is about.", default=None)
    tax_exemption: bool | None = attribute(
        "PricingStructure.taxExemption", "Whether it is free of tax.", default=None
    )
    title: str | None = attribute("Document.title", "Title.", default=None)
    type: str | None = attribute(
        "Document.type", "Type, by the rules of the utility.", default=None
    )
    doc_status: Status | None = attribute(
        "Document.docStatus", "Status of the record.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the pricing structure.", default=()
    )
    service_category: ServiceCategory | None = attribute(
        "PricingStructure.ServiceCategory", "What is supplied.", default=None
    )
    status: Status | None = attribute(
        "Document.status", "Status of the pricing structure.", default=None
    )
    tariffs: tuple[Tariff, ...] = attribute("PricingStructure.Tariffs", "Its tariffs.", default=())
