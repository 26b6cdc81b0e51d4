"""PSREvents (IEC 61968-3): parts of the power system went into service or out of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.identification import Name, PowerSystemResource


class PSREventKind(StrEnum):
    """What happened to a part of the power system."""

    IN_SERVICE = "inService"
    OTHER = "other"
    OUT_OF_SERVICE = "outOfService"
    PENDING_ADD = "pendingAdd"
    PENDING_REMOVE = "pendingRemove"
    PENDING_REPLACE = "pendingReplace"
    UNKNOWN = "unknown"


class PSREvent(Profile):
    """One event on one part of the power system.

    Only inService and outOfService change whether it conducts; the pending kinds announce a change
    of the model.
    """

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the event.", default=None)
    created_date_time: datetime | None = attribute(
        "ActivityRecord.createdDateTime", "When the event was recorded.", default=None
    )
    kind: PSREventKind = attribute("PSREvent.kind", "What happened.")
    reason: str | None = attribute("ActivityRecord.reason", "Why it happened.", default=None)
    severity: str | None = attribute(
        "ActivityRecord.severity", "How severe the event is.", default=None
    )
    type: str | None = attribute("ActivityRecord.type", "Kind of event.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the event.", default=())
    power_system_resource: PowerSystemResource = attribute(
        "PSREvent.PowerSystemResource", "What it happened to."
    )
    status: Status | None = attribute(
        "ActivityRecord.status", "What became of the event.", default=None
    )


class PSREvents(
    Profile,
    namespace="urn:gridbus:61968-3:2021:PSREvents#",
    standard="IEC 61968-3",
    whole=True,
    ordering=(
        "psrevent.power_system_resource.mrid",
        "psrevent.power_system_resource.names.name",
        "psrevent.mrid",
    ),
):
    """Equipment that went into service or out of it."""

    psrevent: tuple[PSREvent, ...] = attribute(
        "PSREvents.PSREvent", "The events, in the order they happened."
    )
