"""The assets of MaintenanceOrders, and what is done to them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.identification import Name
from cim.profiles.unit_symbols import UnitSymbol
from cim.profiles.units import UnitMultiplier
from cim.profiles.work_locations import WorkLocation


class PhaseCode(StrEnum):
    """Phases as the CIM of 2015 names them."""

    A = "A"
    AB = "AB"
    ABC = "ABC"
    ABCN = "ABCN"
    ABN = "ABN"
    AC = "AC"
    ACN = "ACN"
    AN = "AN"
    B = "B"
    BC = "BC"
    BCN = "BCN"
    BN = "BN"
    C = "C"
    CN = "CN"
    N = "N"
    NONE = "none"
    S1 = "s1"
    S12 = "s12"
    S12N = "s12N"
    S1N = "s1N"
    S2 = "s2"
    S2N = "s2N"


class ProcedureKind(StrEnum):
    """What a procedure is for."""

    DIAGNOSIS = "diagnosis"
    INSPECTION = "inspection"
    MAINTENANCE = "maintenance"
    OTHER = "other"
    TEST = "test"


class VehicleUsageKind(StrEnum):
    """Who uses a vehicle."""

    CONTRACTOR = "contractor"
    CREW = "crew"
    OTHER = "other"
    USER = "user"


class Measurement(Profile):
    """What a procedure measures."""

    measurement_type: str | None = attribute(
        "Measurement.measurementType", "What is measured.", default=None
    )
    phases: PhaseCode | None = attribute("Measurement.phases", "On which phases.", default=None)
    unit_multiplier: UnitMultiplier | None = attribute(
        "Measurement.unitMultiplier", "Power of ten of the unit.", default=None
    )
    unit_symbol: UnitSymbol | None = attribute(
        "Measurement.unitSymbol", "Unit of the value.", default=None
    )


class Procedure(Profile):
    """How something is done to an asset."""

    instruction: str = attribute("Procedure.instruction", "What to do.")
    kind: ProcedureKind = attribute("Procedure.kind", "What it is for.")
    sequence_number: str | None = attribute(
        "Procedure.sequenceNumber", "Place among the procedures.", default=None
    )
    measurements: tuple[Measurement, ...] = attribute(
        "Procedure.Measurements", "What is measured.", default=()
    )


class Asset(Profile):
    """An asset that is maintained or replaced."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the asset.", default=None)
    critical: bool = attribute("Asset.critical", "Whether it is critical.")
    utc_number: str = attribute("Asset.utcNumber", "Number under which it is tracked.")
    location: WorkLocation | None = attribute("Asset.Location", "Where it is.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the asset.", default=())
    procedures: tuple[Procedure, ...] = attribute(
        "Asset.Procedures", "What is done to it.", default=()
    )


class WorkAssetProcedure(Profile, cim="Procedure"):
    """How something is done to a tool or vehicle."""

    instruction: str = attribute("Procedure.instruction", "What to do.")
    kind: ProcedureKind | None = attribute("Procedure.kind", "What it is for.", default=None)
    sequence_number: str | None = attribute(
        "Procedure.sequenceNumber", "Place among the procedures.", default=None
    )
    measurements: tuple[Measurement, ...] = attribute(
        "Procedure.Measurements", "What is measured.", default=()
    )


class WorkAsset(Profile):
    """A tool or vehicle the crew works with."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the asset.", default=None)
    critical: bool = attribute("Asset.critical", "Whether it is critical.")
    last_calibration_date: date | None = attribute(
        "Tool.lastCalibrationDate", "When the tool was last calibrated.", default=None
    )
    odometer_read_date_time: datetime | None = attribute(
        "Vehicle.odometerReadDateTime", "When the odometer was read.", default=None
    )
    odometer_reading: float | None = attribute(
        "Vehicle.odometerReading", "What the odometer showed.", unit="m", default=None
    )
    usage_kind: VehicleUsageKind | None = attribute(
        "Vehicle.usageKind", "Who uses the vehicle.", default=None
    )
    utc_number: str = attribute("Asset.utcNumber", "Number under which it is tracked.")
    location: WorkLocation | None = attribute("Asset.Location", "Where it is.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the asset.", default=())
    procedures: tuple[WorkAssetProcedure, ...] = attribute(
        "Asset.Procedures", "What is done to it.", default=()
    )


class Person(Profile):
    """A person."""

    first_name: str | None = attribute(
        "Person.firstName", "First name.", personal=True, default=None
    )
    last_name: str = attribute("Person.lastName", "Last name.", personal=True)


class CrewMember(Profile):
    """A member of a crew."""

    person: Person = attribute("PersonRole.Person", "Who it is.")


class Crew(Profile):
    """A crew, and what it works with."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the crew.", default=None)
    crew_members: tuple[CrewMember, ...] = attribute(
        "Crew.CrewMembers", "Who belongs to it.", default=()
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the crew.", default=())
    work_assets: tuple[WorkAsset, ...] = attribute(
        "Crew.WorkAssets", "Its tools and vehicles.", default=()
    )


class IntegerQuantity(Profile):
    """A whole number of units."""

    multiplier: UnitMultiplier | None = attribute(
        "IntegerQuantity.multiplier", "Power of ten of the unit.", default=None
    )
    unit: UnitSymbol | None = attribute("IntegerQuantity.unit", "The unit.", default=None)
    value: int = attribute("IntegerQuantity.value", "How many.")


class MaterialItem(Profile):
    """Material the task needs."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the material.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the material.", default=()
    )
    quantity: IntegerQuantity | None = attribute(
        "MaterialItem.quantity", "How much of it.", default=None
    )
