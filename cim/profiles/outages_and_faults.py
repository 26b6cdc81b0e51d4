"""OutagesAndFaults (IEC 61968-3, editions 1 and 2): outages of all kinds, and their faults."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.equipment_faults import EquipmentFault
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.line_faults import LineFault
from cim.profiles.operations_documents import Incident, SwitchingPlan
from cim.profiles.outages import Equipment, ServicePointOutageSummary
from cim.profiles.switching_actions import Switch, SwitchAction


class AnyOutage(Profile, cim="Outage"):
    """One outage, planned or not."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the outage.", default=None)
    cancelled_date_time: datetime | None = attribute(
        "Outage.cancelledDateTime", "When a planned outage was cancelled.", default=None
    )
    cause: str | None = attribute("Outage.cause", "The cause.", default=None)
    comment: str | None = attribute("Document.comment", "Free text on it.", default=None)
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When the outage was recorded.", default=None
    )
    is_planned: bool | None = attribute(
        "Outage.isPlanned", "Whether it was planned; not known when left out.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    actual_period: DateTimeInterval | None = attribute(
        "Outage.actualPeriod", "From the loss of supply to its restoration.", default=None
    )
    equipments: tuple[Equipment, ...] = attribute(
        "Outage.Equipments", "Equipment the outage is attributed to.", default=()
    )
    estimated_period: DateTimeInterval | None = attribute(
        "Outage.estimatedPeriod", "The period as planned or estimated.", default=None
    )
    incident: Incident | None = attribute(
        "Outage.Incident", "The incident behind the outage.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the outage, e.g. its number.", default=()
    )
    opened_switches: tuple[Switch, ...] = attribute(
        "Outage.OpenedSwitches", "Switches that are open because of it.", default=()
    )
    planned_switch_actions: tuple[SwitchAction, ...] = attribute(
        "Outage.PlannedSwitchActions", "Switches to operate for it.", default=()
    )
    status: Status | None = attribute("Document.status", "Status of the outage.", default=None)
    summary: ServicePointOutageSummary | None = attribute(
        "Outage.summary", "Counts of service points affected.", default=None
    )
    switching_plans: tuple[SwitchingPlan, ...] = attribute(
        "Outage.SwitchingPlans", "Switching plans that begin or end it.", default=()
    )
    usage_points: tuple[UsagePoint, ...] = attribute(
        "Outage.UsagePoints", "Usage points without supply.", default=()
    )


class OutagesAndFaults(
    Profile,
    namespace="urn:gridbus:61968-3:2017:OutagesAndFaults#",
    standard="IEC 61968-3",
    ordering=(
        "outage.mrid",
        "outage.names.name",
        "equipment_fault.mrid",
        "equipment_fault.names.name",
        "equipment_fault.faulty_equipment.mrid",
        "equipment_fault.faulty_equipment.names.name",
        "line_fault.mrid",
        "line_fault.names.name",
        "line_fault.acline_segment.mrid",
        "line_fault.acline_segment.names.name",
    ),
):
    """Outages and faults as systems of earlier editions send them.

    Edition 3 has PlannedOutages, UnplannedOutages, EquipmentFaults and LineFaults instead, which
    the hub and its apps send.  The attributes of the outage are those of the UML of that time:
    `isPlanned` instead of two classes, `UsagePoints` instead of those with and without supply.  A
    fault names its outage.
    """

    equipment_fault: tuple[EquipmentFault, ...] = attribute(
        "OutagesAndFaults.EquipmentFault", "Faults at equipment.", default=()
    )
    line_fault: tuple[LineFault, ...] = attribute(
        "OutagesAndFaults.LineFault", "Faults along lines.", default=()
    )
    outage: tuple[AnyOutage, ...] = attribute("OutagesAndFaults.Outage", "The outages.", default=())
