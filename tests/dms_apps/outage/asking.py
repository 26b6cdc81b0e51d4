"""What dispatchers, crews and other applications ask of outages, from a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cim.message import Header, Kind, Message, Property, Reply, Request, User, Verb
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.operations_staff import Crew
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    CrewStatusKind,
    ERTConfidenceKind,
    EstimatedRestorationTime,
    Incident,
    OutageCauseKind,
    OutageStatusKind,
    UnplannedOutage,
    UnplannedOutages,
)
from tests.dms_apps.outage.conftest import mrid, place

WHO = "anna"
_OPTIONS = ("zone", "ungroup", "mode", "regroup")


def meant(run: Any, name: str) -> str:
    """mRID of the open outage at a place, else of one that was; another text is an mRID."""
    every = [*run.outages(), *(o for _, o in reversed(run.told))]
    return next((o.mrid for o in every if called(o) == name), name)


def called(outage: UnplannedOutage) -> str:
    """Its device, else the first of its usage points."""
    if outage.outage_isolation_equipment or outage.de_energized_usage_point:
        return place(outage)
    return outage.energized_usage_point[0].names[0].name if outage.energized_usage_point else ""


def points(names: Any) -> tuple[UsagePoint, ...]:
    return tuple(UsagePoint(names=(Name(name=name),)) for name in names)


def outage(run: Any, event: Mapping[str, Any], morning: datetime) -> UnplannedOutage:
    """of; kind, device, back, out, start, end, crew, crews, ert, source, cause, cause_kind, remark,
    incident, new."""

    def moment(key: str) -> datetime | None:
        return None if event.get(key) is None else morning + timedelta(seconds=event[key])

    expected = EstimatedRestorationTime(
        ert=moment("ert"), ert_source=event.get("source"), confidence_kind=ERTConfidenceKind.HIGH
    )
    device = event.get("device")
    return UnplannedOutage(
        mrid=event["new"] if "new" in event else meant(run, event.get("of", "")) or None,
        original_customers_served=None,  # type: ignore[arg-type]  # a change says what is new
        outage_kind=OutageStatusKind(event["kind"]) if "kind" in event else None,
        outage_isolation_equipment=(ConductingEquipment(mrid=mrid(device)),) if device else (),
        energized_usage_point=points(event.get("back", ())),
        de_energized_usage_point=points(event.get("out", ())),
        reported_start_time=moment("start"),
        actual_period=DateTimeInterval(end=moment("end")) if "end" in event else None,
        status_kind=CrewStatusKind(event["crew"]) if "crew" in event else None,
        crew=tuple(Crew(mrid=name, names=(Name(name=name),)) for name in event.get("crews", ())),
        estimated_restoration_time=expected if "ert" in event else None,
        cause=event.get("cause"),
        cause_kind=OutageCauseKind(event["cause_kind"]) if "cause_kind" in event else None,
        comment=event.get("remark"),
        incident=(Incident(mrid=event["incident"]),) if "incident" in event else (),
    )


def ask(run: Any, event: Mapping[str, Any], morning: datetime) -> Reply:
    """Ask what an event says; options: into, from, and those of one name.  none: of no outage;
    number: the end of the message's ID."""
    options = []
    if "into" in event:
        options.append(Property("merge-into", meant(run, event["into"])))
    if "from" in event:
        options.append(Property("split-from", meant(run, event["from"])))
    options += [Property(name, event[name]) for name in _OPTIONS if name in event]
    some = () if event.get("none") else (outage(run, event, morning),)
    header = Header(
        verb=Verb(event["ask"]),
        noun="UnplannedOutages",
        message_id=f"{event}",
        timestamp=morning + timedelta(seconds=event["at"]),
        source="desk",
        user=User(user_id=event.get("who", WHO)),
    )
    message = Message(
        header=header,
        kind=Kind.REQUEST,
        request=Request(options=tuple(options)) if options else None,
        payload=UnplannedOutages(unplanned_outage=some),
    )
    [reply] = [one.reply for one in run.handle(message) if one.verb is Verb.REPLY]
    assert isinstance(reply, Reply)
    return reply
