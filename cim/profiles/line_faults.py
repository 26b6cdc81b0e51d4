"""LineFaults (IEC 61968-3): something is wrong somewhere along a line."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.faults import FaultCauseType, FaultImpedance, PhaseConnectedFaultKind
from cim.profiles.field_locations import Location
from cim.profiles.identification import ACLineSegment, Name
from cim.profiles.operations_documents import Outage
from cim.profiles.outages import Equipment
from cim.profiles.phases import PhaseCode


class LineFault(Profile):
    """One fault along a line segment."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the fault.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "What was found, in words.", default=None
    )
    kind: PhaseConnectedFaultKind | None = attribute(
        "Fault.kind", "How the phases are connected.", default=None
    )
    length_from_terminal1: float | None = attribute(
        "LineFault.lengthFromTerminal1",
        "How far from the first end of the segment.",
        unit="m",
        default=None,
    )
    occurred_date_time: datetime | None = attribute(
        "Fault.occurredDateTime", "When it occurred.", default=None
    )
    phases: PhaseCode | None = attribute("Fault.phases", "The phases concerned.", default=None)
    acline_segment: ACLineSegment = attribute("LineFault.ACLineSegment", "The segment.")
    fault_cause_types: tuple[FaultCauseType, ...] = attribute(
        "Fault.FaultCauseTypes", "Kinds of cause.", default=()
    )
    faulty_equipment: Equipment | None = attribute(
        "Fault.FaultyEquipment", "Equipment that carries the fault, beside the segment.",
        default=None,
    )  # fmt: skip
    impedance: FaultImpedance | None = attribute(
        "Fault.impedance", "Its impedance, as measured or computed.", default=None
    )
    location: Location | None = attribute("Fault.Location", "Where it is.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the fault.", default=())
    outage: Outage | None = attribute("Fault.Outage", "The outage it led to.", default=None)


class LineFaults(
    Profile,
    namespace="urn:gridbus:61968-3:2021:LineFaults#",
    standard="IEC 61968-3",
    ordering=(
        "line_fault.mrid",
        "line_fault.names.name",
        "line_fault.acline_segment.mrid",
        "line_fault.acline_segment.names.name",
    ),
):
    """Faults along lines, as found by protection, by a computation or by a crew."""

    line_fault: tuple[LineFault, ...] = attribute("LineFaults.LineFault", "The faults.", default=())
