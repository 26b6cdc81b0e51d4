"""When a configuration changes, by whom and why."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.plain_names import PlainName


class ConfigurationEvent(Profile):
    """A change of a configuration."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the change.", default=None)
    created_date_time: datetime | None = attribute(
        "ActivityRecord.createdDateTime", "When it was recorded.", default=None
    )
    effective_date_time: datetime | None = attribute(
        "ConfigurationEvent.effectiveDateTime", "From when it holds.", default=None
    )
    modified_by: str | None = attribute(
        "ConfigurationEvent.modifiedBy", "Who made it.", default=None
    )
    reason: str | None = attribute("ActivityRecord.reason", "Why.", default=None)
    remark: str | None = attribute("ConfigurationEvent.remark", "Free text on it.", default=None)
    severity: str | None = attribute("ActivityRecord.severity", "How severe it is.", default=None)
    type: str | None = attribute("ActivityRecord.type", "Kind of change.", default=None)
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the change.", default=()
    )
    status: Status | None = attribute("ActivityRecord.status", "What became of it.", default=None)
