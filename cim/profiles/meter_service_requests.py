"""MeterServiceRequests (IEC 61968-9): work on meters."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, Reference, attribute
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.contacts import StreetDetail, TownDetail
from cim.profiles.customers import ValuedStatus
from cim.profiles.identification import Name
from cim.profiles.kinds import CustomerKind, MeterMultiplierKind, ServiceMultiplierKind
from cim.profiles.meter_readings import ReadingQuality
from cim.profiles.metering_objects import CustomerAgreement
from cim.profiles.reading_types import ReadingReasonKind, ReadingTypeCode
from cim.profiles.service_phases import PhaseCode


class WorkKind(StrEnum):
    """What is to be done."""

    CONSTRUCTION = "construction"
    DISCONNECT = "disconnect"
    INSPECTION = "inspection"
    MAINTENANCE = "maintenance"
    METER = "meter"
    OTHER = "other"
    RECONNECT = "reconnect"
    REPAIR = "repair"
    SERVICE = "service"
    TEST = "test"


class MeterActivityRecord(Profile, cim="ActivityRecord"):
    """Something that was done for the request."""

    created_date_time: datetime = attribute(
        "ActivityRecord.createdDateTime", "When it was recorded."
    )
    reason: str | None = attribute("ActivityRecord.reason", "Why.", default=None)
    severity: str | None = attribute("ActivityRecord.severity", "How severe it is.", default=None)
    type: str = attribute("ActivityRecord.type", "Kind of activity.")


class Customer(Profile):
    """The customer at whose premises the work is."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the customer.", default=None
    )
    kind: CustomerKind | None = attribute("Customer.kind", "Kind of customer.", default=None)
    puc_number: str | None = attribute(
        "Customer.pucNumber", "Number given by the public utilities commission.", default=None
    )
    special_need: str | None = attribute(
        "Customer.specialNeed",
        "Why supply matters more here than elsewhere, e.g. life support.",
        personal=True,
        default=None,
    )
    vip: bool | None = attribute(
        "Customer.vip",
        "Whether the customer is to be treated with special care.",
        personal=True,
        default=None,
    )
    customer_agreements: tuple[CustomerAgreement, ...] = attribute(
        "Customer.CustomerAgreements", "Agreements with the customer.", personal=True, default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names",
        "Names of the customer, e.g. the customer number.",
        personal=True,
        default=(),
    )
    status: ValuedStatus | None = attribute(
        "Customer.status", "Status of the customer.", default=None
    )


class MeterMultiplier(Profile):
    """A number that what a meter shows is multiplied with."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the multiplier.", default=None
    )
    kind: MeterMultiplierKind = attribute("MeterMultiplier.kind", "What it is.")
    value: float = attribute("MeterMultiplier.value", "The number.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the multiplier.", default=()
    )


class Reading(Profile):
    """One value of one quantity; its unit follows from the reading type."""

    reason: ReadingReasonKind | None = attribute(
        "Reading.reason", "Why the reading was taken.", default=None
    )
    reported_date_time: datetime | None = attribute(
        "BaseReading.reportedDateTime", "When it reached the metering system.", default=None
    )
    source: str | None = attribute(
        "BaseReading.source", "System that supplied the value.", default=None
    )
    time_stamp: datetime = attribute("MeasurementValue.timeStamp", "When it was measured.")
    value: float | None = attribute("BaseReading.value", "The value.", default=None)
    reading_qualities: tuple[ReadingQuality, ...] = attribute(
        "BaseReading.ReadingQualities", "Qualities of the value.", default=()
    )
    reading_type: Reference = attribute(
        "Reading.ReadingType", "Quantity and unit: 18 numbers, IEC 61968-9 annex C."
    )
    time_period: DateTimeInterval | None = attribute(
        "BaseReading.timePeriod", "Period the value is for.", default=None
    )


class MeterReading(Profile):
    """What a meter shows before or after the work."""

    readings: tuple[Reading, ...] = attribute("MeterReading.Readings", "The values.", default=())
    values_interval: DateTimeInterval | None = attribute(
        "MeterReading.valuesInterval", "Interval that all the values lie in.", default=None
    )


class Meter(Profile):
    """The meter to work on."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the meter.", default=None)
    amr_system: str | None = attribute(
        "EndDevice.amrSystem", "Metering system it talks to.", default=None
    )
    form_number: str | None = attribute(
        "Meter.formNumber", "Form of the meter, e.g. by ANSI C12.10.", default=None
    )
    serial_number: str | None = attribute("Asset.serialNumber", "Serial number.", default=None)
    meter_multipliers: tuple[MeterMultiplier, ...] = attribute(
        "Meter.MeterMultipliers", "What its values are multiplied with.", default=()
    )
    meter_readings: tuple[MeterReading, ...] = attribute(
        "Meter.MeterReadings", "What it shows.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the meter, e.g. its badge number.", default=()
    )


class SiteAddress(Profile, cim="StreetAddress"):
    """Where the fitter goes."""

    street_detail: StreetDetail | None = attribute(
        "StreetAddress.streetDetail", "House and street.", personal=True, default=None
    )
    town_detail: TownDetail | None = attribute("StreetAddress.townDetail", "Town.", default=None)


class ServiceLocation(Profile):
    """The premises the fitter goes to."""

    access_method: str | None = attribute(
        "ServiceLocation.accessMethod",
        "How the fitter gets in, e.g. where the key is.",
        personal=True,
        default=None,
    )
    needs_inspection: bool | None = attribute(
        "ServiceLocation.needsInspection",
        "Whether an inspection was asked for or is due.",
        default=None,
    )
    site_access_problem: str | None = attribute(
        "ServiceLocation.siteAccessProblem",
        "What made access hard before, e.g. a dog.",
        personal=True,
        default=None,
    )
    main_address: SiteAddress | None = attribute(
        "Location.mainAddress", "The address.", personal=True, default=None
    )


class ServiceMultiplier(Profile):
    """A ratio of the transformers before the meter."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the ratio.", default=None)
    kind: ServiceMultiplierKind = attribute("ServiceMultiplier.kind", "Whose ratio.")
    value: float = attribute("ServiceMultiplier.value", "The ratio.")
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the ratio.", default=())


class UsagePoint(Profile):
    """Where the meter is."""

    check_billing: bool | None = attribute(
        "UsagePoint.checkBilling", "Whether earlier bills are in doubt.", default=None
    )
    grounded: bool | None = attribute("UsagePoint.grounded", "Whether it is earthed.", default=None)
    is_virtual: bool | None = attribute(
        "UsagePoint.isVirtual", "Whether nothing could be measured here.", default=None
    )
    nominal_service_voltage: float | None = attribute(
        "UsagePoint.nominalServiceVoltage", "Nominal voltage.", unit="V", default=None
    )
    phase_code: PhaseCode | None = attribute("UsagePoint.phaseCode", "Its phases.", default=None)
    rated_current: float | None = attribute(
        "UsagePoint.ratedCurrent", "Current it may take.", unit="A", default=None
    )
    rated_power: float | None = attribute(
        "UsagePoint.ratedPower", "Power it may take.", unit="W", default=None
    )
    service_delivery_remark: str | None = attribute(
        "UsagePoint.serviceDeliveryRemark", "Free text on the supply.", default=None
    )
    service_priority: str | None = attribute(
        "UsagePoint.servicePriority", "How much the supply matters.", default=None
    )
    service_location: ServiceLocation | None = attribute(
        "UsagePoint.ServiceLocation", "The premises.", default=None
    )
    service_multipliers: tuple[ServiceMultiplier, ...] = attribute(
        "UsagePoint.ServiceMultipliers", "Ratios of the transformers before the meter.", default=()
    )


class MeterServiceWork(Profile):
    """Work on one meter."""

    kind: WorkKind | None = attribute("Work.kind", "What is to be done.", default=None)
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When the request was last changed.", default=None
    )
    priority: str | None = attribute("Work.priority", "How urgent it is.", default=None)
    request_date_time: datetime | None = attribute(
        "Work.requestDateTime", "When the work was asked for.", default=None
    )
    type: str | None = attribute(
        "Document.type", "Type, by the rules of the utility.", default=None
    )
    activity_records: tuple[MeterActivityRecord, ...] = attribute(
        "Document.ActivityRecords", "What was done.", default=()
    )
    customers: tuple[Customer, ...] = attribute(
        "Work.Customers", "Customers concerned.", default=()
    )
    meter: Meter = attribute("MeterServiceWork.Meter", "The meter to work on, or the new one.")
    old_meter: Meter | None = attribute(
        "MeterServiceWork.OldMeter", "The meter that is replaced.", default=None
    )
    status: ValuedStatus | None = attribute(
        "Document.status", "How far the work has come.", default=None
    )
    usage_point: UsagePoint | None = attribute(
        "MeterServiceWork.UsagePoint", "Where the meter is.", default=None
    )


class QualifiedNameType(Profile, cim="NameType"):
    """The type of a name, by its name alone."""

    name: str = attribute("NameType.name", "Name of the type.")


class QualifiedName(Profile, cim="Name"):
    """A name whose type is given by its name alone."""

    name: str = attribute("Name.name", "The name itself.")
    name_type: QualifiedNameType | None = attribute(
        "Name.NameType", "Type of this name.", default=None
    )


class ReadingQualityType(Profile):
    """The meaning of a quality code."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "The code.", default=None)
    category: str | None = attribute(
        "ReadingQualityType.category", "High-level nature of the quality.", default=None
    )
    sub_category: str | None = attribute(
        "ReadingQualityType.subCategory", "More specific nature of the quality.", default=None
    )
    system_id: str | None = attribute(
        "ReadingQualityType.systemId", "System that judged the quality.", default=None
    )
    names: tuple[QualifiedName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the quality type."
    )


class ReadingType(ReadingTypeCode):
    """The meaning of a reading type code."""

    argument: Reference | None = attribute(
        "ReadingType.argument", "A number that belongs to the unit, by reference.", default=None
    )
    interharmonic: Reference | None = attribute(
        "ReadingType.interharmonic", "Harmonic or interharmonic, by reference.", default=None
    )
    names: tuple[QualifiedName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the reading type."
    )


class MeterServiceRequests(
    Profile,
    namespace="http://iec.ch/TC57/2011/MeterServiceRequests#",
    standard="IEC 61968-9",
    ordering=(
        "meter_service_work.meter.mrid",
        "meter_service_work.meter.names.name",
        "meter_service_work.meter.serial_number",
    ),
):
    """Requests for work on meters, and how far it has come.

    The published schema puts the Header of the message in front of these once more; ours stands
    in the envelope alone, and the tolerance header-in-noun takes a second one that says the same.
    """

    meter_service_work: tuple[MeterServiceWork, ...] = attribute(
        "MeterServiceRequests.MeterServiceWork", "The works.", default=()
    )
    reading_quality_type: tuple[ReadingQualityType, ...] = attribute(
        "MeterServiceRequests.ReadingQualityType", "Meaning of the quality codes used.", default=()
    )
    reading_type: tuple[ReadingType, ...] = attribute(
        "MeterServiceRequests.ReadingType", "Meaning of the reading type codes used.", default=()
    )
