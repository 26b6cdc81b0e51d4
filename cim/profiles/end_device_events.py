"""EndDeviceEvents (IEC 61968-9): what meters and other end devices report."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, Reference, attribute
from cim.profiles.compounds import Status
from cim.profiles.get_end_device_events import GetEndDeviceEvents
from cim.profiles.identification import Name, UsagePoint


class Asset(Profile):
    """The device that reports, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the asset.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the asset, e.g. its badge number.", default=()
    )


class EndDeviceEventDetail(Profile):
    """A name and a value that say more about one event."""

    name: str = attribute("EndDeviceEventDetail.name", "Name of the detail.")
    value: str | None = attribute(
        "EndDeviceEventDetail.value", "Value of the detail, with its unit.", default=None
    )


class EndDeviceEvent(Profile):
    """Something an end device noticed, e.g. that its supply failed."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the event.", default=None)
    created_date_time: datetime = attribute(
        "ActivityRecord.createdDateTime", "When the event happened, by the clock of the device."
    )
    issuer_id: str | None = attribute(
        "EndDeviceEvent.issuerID", "Who originated the event.", default=None
    )
    issuer_tracking_id: str | None = attribute(
        "EndDeviceEvent.issuerTrackingID", "Identifier given by the originator.", default=None
    )
    reason: str | None = attribute("ActivityRecord.reason", "Why it happened.", default=None)
    severity: str | None = attribute(
        "ActivityRecord.severity", "How severe the event is.", default=None
    )
    user_id: str | None = attribute(
        "EndDeviceEvent.userID", "Who triggered the event, if a person did.", default=None
    )
    assets: Asset | None = attribute(
        "ActivityRecord.Assets", "The device the event is about.", default=None
    )
    end_device_event_details: tuple[EndDeviceEventDetail, ...] = attribute(
        "EndDeviceEvent.EndDeviceEventDetails", "Details of the event.", default=()
    )
    end_device_event_type: Reference = attribute(
        "EndDeviceEvent.EndDeviceEventType",
        "Code <type>.<domain>.<subDomain>.<eventOrAction>, e.g. 3.26.0.85 for a last gasp.",
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the event.", default=())
    status: Status | None = attribute(
        "ActivityRecord.status", "What became of the event.", default=None
    )
    usage_point: UsagePoint | None = attribute(
        "EndDeviceEvent.UsagePoint", "Where the device is installed.", default=None
    )


class EndDeviceEventType(Profile):
    """The meaning of an event code, for receivers that do not know it."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "The code.", default=None)
    domain: str | None = attribute(
        "EndDeviceEventType.domain", "High-level nature of the event.", default=None
    )
    event_or_action: str | None = attribute(
        "EndDeviceEventType.eventOrAction", "The event or action itself.", default=None
    )
    sub_domain: str | None = attribute(
        "EndDeviceEventType.subDomain", "More specific nature of the event.", default=None
    )
    type: str | None = attribute(
        "EndDeviceEventType.type", "Kind of device that reported it.", default=None
    )
    names: Name = attribute("IdentifiedObject.Names", "Name of the event type.")


class EndDeviceEvents(
    Profile,
    namespace="http://iec.ch/TC57/2011/EndDeviceEvents#",
    standard="IEC 61968-9",
    query=GetEndDeviceEvents,
    ordering=(
        "end_device_event.usage_point.mrid",
        "end_device_event.usage_point.names.name",
        "end_device_event.assets.mrid",
        "end_device_event.assets.names.name",
        "end_device_event.mrid",
    ),
):
    """Events of end devices: last gasps, restorations, voltage alarms, tampering."""

    end_device_event: tuple[EndDeviceEvent, ...] = attribute(
        "EndDeviceEvents.EndDeviceEvent", "The events.", default=()
    )
    end_device_event_type: tuple[EndDeviceEventType, ...] = attribute(
        "EndDeviceEvents.EndDeviceEventType", "Meaning of the codes used.", default=()
    )
