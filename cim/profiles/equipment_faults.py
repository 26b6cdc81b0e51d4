"""EquipmentFaults (IEC 61968-3): something is wrong at a piece of equipment."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.faults import FaultCauseType, FaultImpedance, PhaseConnectedFaultKind
from cim.profiles.field_locations import Location
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.operations_documents import Outage
from cim.profiles.outages import Equipment
from cim.profiles.phases import PhaseCode


class Terminal(IdentifiedObject):
    """The side of the equipment, by mRID or by name."""


class EquipmentFault(Profile):
    """One fault at the terminal of a piece of equipment."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the fault.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "What was found, in words.", default=None
    )
    kind: PhaseConnectedFaultKind | None = attribute(
        "Fault.kind", "How the phases are connected.", default=None
    )
    occurred_date_time: datetime | None = attribute(
        "Fault.occurredDateTime", "When it occurred.", default=None
    )
    phases: PhaseCode | None = attribute("Fault.phases", "The phases concerned.", default=None)
    fault_cause_types: tuple[FaultCauseType, ...] = attribute(
        "Fault.FaultCauseTypes", "Kinds of cause.", default=()
    )
    faulty_equipment: Equipment = attribute("Fault.FaultyEquipment", "The equipment.")
    impedance: FaultImpedance | None = attribute(
        "Fault.impedance", "Its impedance, as measured or computed.", default=None
    )
    location: Location | None = attribute("Fault.Location", "Where it is.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the fault.", default=())
    outage: Outage | None = attribute("Fault.Outage", "The outage it led to.", default=None)
    terminal: Terminal | None = attribute(
        "EquipmentFault.Terminal", "The side of the equipment.", default=None
    )


class EquipmentFaults(
    Profile,
    namespace="urn:gridbus:61968-3:2021:EquipmentFaults#",
    standard="IEC 61968-3",
    ordering=(
        "equipment_fault.mrid",
        "equipment_fault.names.name",
        "equipment_fault.faulty_equipment.mrid",
        "equipment_fault.faulty_equipment.names.name",
    ),
):
    """Faults at equipment, as found by protection, by a computation or by a crew."""

    equipment_fault: tuple[EquipmentFault, ...] = attribute(
        "EquipmentFaults.EquipmentFault", "The faults.", default=()
    )
