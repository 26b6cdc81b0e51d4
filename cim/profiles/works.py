"""What the orders and requests of IEC 61968-6 say of work alike."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval


class WorkKind(StrEnum):
    """What kind of work it is."""

    CONNECT = "connect"
    CONSTRUCTION = "construction"
    DISCONNECT = "disconnect"
    INSPECTION = "inspection"
    MAINTENANCE = "maintenance"
    OTHER = "other"
    RECONNECT = "reconnect"
    REPAIR = "repair"
    SERVICE = "service"
    TEST = "test"


class WorkStatusKind(StrEnum):
    """How far work has come."""

    APPROVED = "approved"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    COMPLETED = "completed"
    DISPATCHED = "dispatched"
    ENROUTE = "enroute"
    IN_PROGRESS = "inProgress"
    ON_SITE = "onSite"
    SCHEDULED = "scheduled"
    WAITING_ON_APPROVAL = "waitingOnApproval"
    WAITING_ON_MATERIAL = "waitingOnMaterial"
    WAITING_TO_BE_SCHEDULED = "waitingToBeScheduled"


class WorkTaskKind(StrEnum):
    """What a task does to an asset."""

    EXCHANGE = "exchange"
    INSTALL = "install"
    INVESTIGATE = "investigate"
    REMOVE = "remove"


class WorkTimeScheduleKind(StrEnum):
    """What a time for work means."""

    ACTUAL = "actual"
    EARLIEST = "earliest"
    ESTIMATE = "estimate"
    LATEST = "latest"
    REQUEST = "request"


class ActivityRecord(Profile):
    """Something that happened to the work."""

    created_date_time: datetime = attribute(
        "ActivityRecord.createdDateTime", "When it was recorded."
    )
    reason: str | None = attribute("ActivityRecord.reason", "Why it happened.", default=None)
    severity: str | None = attribute("ActivityRecord.severity", "How severe it is.", default=None)
    type: str = attribute("ActivityRecord.type", "What happened.")


class Priority(Profile):
    """How urgent it is."""

    justification: str | None = attribute(
        "Priority.justification", "Why it has this rank.", default=None
    )
    rank: int | None = attribute(
        "Priority.rank",
        "The rank; the lower, the more urgent among those of one type.",
        default=None,
    )
    type: str | None = attribute("Priority.type", "Kind of rank, e.g. emergency.", default=None)


class WorkTimeSchedule(Profile):
    """A time for work."""

    kind: WorkTimeScheduleKind = attribute("WorkTimeSchedule.kind", "What the time means.")
    schedule_interval: DateTimeInterval = attribute(
        "TimeSchedule.scheduleInterval", "From when until when."
    )


class Attachment(Profile):
    """A document kept elsewhere."""

    comment: str | None = attribute(
        "Attachment.Comment", "Free text on the document.", default=None
    )
    description: str | None = attribute(
        "Attachment.Description", "What the document is.", default=None
    )
    url: str = attribute("Attachment.Url", "Where the document is found.")


class Attachments(Profile):
    """Documents that belong to the work; an extension of the public schemas."""

    attachment: tuple[Attachment, ...] = attribute("Attachments.Attachment", "The documents.")
