"""The fields of a reading type code, which several nouns spell out (IEC 61968-9, annex C), and why
a reading was taken."""

from __future__ import annotations

from enum import StrEnum

from cim.profile import Profile, attribute


class ReadingTypeCode(Profile, cim="ReadingType"):
    """A reading type code, field by field."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "The code, 18 numbers.", default=None)
    accumulation: str | None = attribute(
        "ReadingType.accumulation", "Behaviour over time, e.g. deltaData.", default=None
    )
    aggregate: str | None = attribute(
        "ReadingType.aggregate", "Operation over the period, e.g. maximum.", default=None
    )
    commodity: str | None = attribute("ReadingType.commodity", "What is measured.", default=None)
    consumption_tier: int | None = attribute(
        "ReadingType.consumptionTier", "Block of a block tariff; 0 for none.", default=None
    )
    cpp: int | None = attribute(
        "ReadingType.cpp", "Critical peak period; 0 for none.", default=None
    )
    currency: str | None = attribute("ReadingType.currency", "Currency.", default=None)
    flow_direction: str | None = attribute(
        "ReadingType.flowDirection", "Direction of the flow.", default=None
    )
    macro_period: str | None = attribute(
        "ReadingType.macroPeriod", "Period of interest, e.g. a billing period.", default=None
    )
    measurement_kind: str | None = attribute(
        "ReadingType.measurementKind", "Quantity, e.g. energy.", default=None
    )
    measuring_period: str | None = attribute(
        "ReadingType.measuringPeriod", "Length of the interval.", default=None
    )
    multiplier: str | None = attribute(
        "ReadingType.multiplier", "Power of ten of the unit.", default=None
    )
    phases: str | None = attribute("ReadingType.phases", "Phases measured.", default=None)
    tou: int | None = attribute("ReadingType.tou", "Time of use bucket; 0 for none.", default=None)
    unit: str | None = attribute("ReadingType.unit", "Unit.", default=None)


class ReadingReasonKind(StrEnum):
    """Why a reading was taken."""

    BILLING = "billing"
    DEMAND_RESET = "demandReset"
    INQUIRY = "inquiry"
    INSTALLATION = "installation"
    LOAD_MANAGEMENT = "loadManagement"
    LOAD_RESEARCH = "loadResearch"
    MOVE_IN = "moveIn"
    MOVE_OUT = "moveOut"
    OTHER = "other"
    REMOVAL = "removal"
    SERVICE_CONNECT = "serviceConnect"
    SERVICE_DISCONNECT = "serviceDisconnect"
