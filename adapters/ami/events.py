"""From what a head-end says about a meter to an EndDeviceEvent (IEC 61968-9)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from cim.codes import unheard_of
from cim.dialect.times import in_utc
from cim.message import Outgoing, Verb
from cim.profile import Reference
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name, NameType, UsagePoint
from hub.rows import Row

_FACTS = uuid.UUID("6f1f2f58-6c0b-5d0e-9d0c-7a3a4c1c9b11")  # namespace of our version 5 UUIDs
_CODE = re.compile(r"\d+\.\d+\.\d+\.\d+")


def outgoing(event: EndDeviceEvent, correlation_id: str | None = None) -> Outgoing:
    """The event as a message; the same fact has the same external id in whatever file it comes.

    correlation_id: of the request that it answers.
    """
    asset, point = event.assets, event.usage_point
    names = [*(asset.names if asset else ()), *(point.names if point else ())]
    who = names[0].name if names else (asset and asset.mrid) or (point and point.mrid) or ""
    when, what = event.created_date_time, event.end_device_event_type
    identity = _identity(who or event.mrid or "", when, what)
    if not event.mrid:
        event = replace(event, mrid=identity)
    return _created(identity, event, correlation_id)


def _identity(who: str, when: datetime, what: str) -> str:
    return str(uuid.uuid5(_FACTS, f"{who}|{when.astimezone(UTC).isoformat()}|{what}"))


def _created(identity: str, event: EndDeviceEvent, correlation_id: str | None) -> Outgoing:
    return Outgoing(
        Verb.CREATED,
        EndDeviceEvents(end_device_event=(event,)),
        external_id=identity,
        at=event.created_date_time,
        correlation_id=correlation_id,
    )


def from_row(row: Row, codes: Mapping[str, str], zone: tzinfo, *, local: bool) -> Outgoing:
    """The event of one CSV row.

    codes: native code -> EndDeviceEventType; a code of the standard's form stands for itself when
           the table is empty.
    zone:  of times that carry none; `local` says that the offset written beside them is wrong.
    Raises: ValueError naming file, line, column, value and rule.
    """
    if not (meter := row["meter_number"]):
        raise row.wrong("meter_number", "is empty: whose event is it?")
    happened, code = moment(row, "event_time", zone, local=local), _code(row, codes)
    identity, point = _identity(meter, happened, code), row["usage_point"]
    event = EndDeviceEvent(
        mrid=identity,
        created_date_time=happened,
        issuer_tracking_id=row["event_id"] or None,
        reason=row["event_name"] or None,
        assets=Asset(names=(Name(name=meter, name_type=NameType(name="MeterNumber")),)),
        end_device_event_type=Reference(code),
        usage_point=UsagePoint(names=(Name(name=point),)) if point else None,
    )
    return _created(identity, event, row["correlation_id"] or None)


def _code(row: Row, codes: Mapping[str, str]) -> str:
    code = row["event_code"]
    if code in codes:
        return codes[code]
    if codes or not _CODE.fullmatch(code):
        raise row.wrong(
            "event_code",
            "is not in the code table" if codes else "is not of the form 3.26.0.85",
        )
    return code


def check_heard_of(origin: str, said: Outgoing, codes: Mapping[str, str]) -> None:
    """Raises: ValueError naming code and number, for an event whose code nobody vouches for."""
    if not isinstance(said.payload, EndDeviceEvents):
        return
    for event in said.payload.end_device_event:
        code = str(event.end_device_event_type)
        if code not in codes.values() and (part := unheard_of(code)):
            raise ValueError(
                f"{origin}: EndDeviceEventType {code}: {part} stands in no table (gridbus codes"
                " list events); with known_codes = true a code of your own belongs into [codes]"
            )


def moment(row: Row, column: str, zone: tzinfo, *, local: bool) -> datetime:
    """A time in UTC; of a clock hour that comes twice in autumn the first is taken.

    Raises: ValueError when it is none, or a local time that the clock change leaves out.
    """
    try:
        read = datetime.fromisoformat(row[column])
    except ValueError as error:
        raise row.wrong(
            column, "is no ISO 8601 date and time, e.g. 2025-11-20T16:00:00Z"
        ) from error
    try:
        return in_utc(read, zone, local=local)
    except ValueError as error:
        raise row.wrong(column, str(error)) from None
