"""What the IVR tells callers: outages, whom they concern, and when supply is expected back.

From UnplannedOutages and, once they are under way, PlannedOutages (IEC 61968-3).  What is told of
an outage takes the place of all that was told of it before; customers' data is not in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from cim.message import Message, Topic, Verb
from cim.profiles.identification import UsagePoint
from cim.profiles.outages import OutageStatusKind
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from cim.xml import date_time_text
from hub.handover import Parcel, Way, file_name
from hub.rows import written

PLANNED = "planned"
"""Status of a planned outage that is under way."""
OVER = frozenset({Verb.CLOSED, Verb.CANCELED, Verb.DELETED})
VERBS = frozenset({Verb.CREATED, Verb.CHANGED}) | OVER
TYPES = {"csv": "text/csv", "json": "application/json"}
COLUMNS = (
    "outage_id",
    "status",
    "usage_point",
    "usage_point_name",
    "start_time",
    "estimated_restoration",
    "confidence",
    "cause",
    "crew_status",
    "without_supply",
    "as_of",
)


@dataclass(frozen=True, kw_only=True)
class StatusList(Way):
    """How the IVR is told, the table `out` of `config/adapters/ivr.toml`.

    format:   "csv" or "json".
    current:  folder with one file for each outage that is not over, in that of the adapter unless
              it is absolute: all of them together are the whole list; "" for none.
    statuses: OutageStatusKind, `planned`, or the verb `closed`, `canceled` or `deleted`, -> the
              IVR's word; itself where left out.
    """

    format: Literal["csv", "json"] = "csv"
    current: str = "current"
    statuses: Mapping[str, str] = field(default_factory=dict)

    @property
    def topics(self) -> frozenset[Topic]:
        nouns = ("UnplannedOutages", "PlannedOutages") if self.ways else ()
        return frozenset(Topic(verb, noun) for verb in VERBS for noun in nouns)


@dataclass(frozen=True)
class Told(Parcel):
    """What is told of one outage.

    outage: which one, as the name of its file.
    over:   nothing is to be told of it any more.
    as_of:  when it was so.
    quiet:  nobody need hear of it, but it must not stay among those that are not over.
    """

    outage: str = ""
    over: bool = False
    as_of: datetime | None = None
    quiet: bool = False


class _Outage(NamedTuple):
    """Of an outage, in the words of the columns."""

    said: Mapping[str, str]
    points: Sequence[tuple[str, str]]


def told(message: Message, way: StatusList) -> Iterator[Told]:
    """One document an outage.  Raises: ValueError for an outage that has no identity."""
    header = message.header
    over = header.verb in OVER
    for number, outage in enumerate(_outages(message), 1):
        quiet = not _has_begun(outage)
        if quiet and not over:
            continue
        identity = outage.mrid or next((n.name for n in outage.names), None)
        if not identity:
            raise ValueError("an outage has neither mRID nor name: whose status is it?")
        one = _outage(outage, identity, header.verb, header.timestamp, way.statuses)
        origin = f"{header.message_id}-{number}"
        name = f"{file_name(origin)}.{way.format}"
        raw = _WRITERS[way.format](one)
        file = f"{file_name(identity)}.{way.format}"
        yield Told(
            origin,
            raw,
            name,
            again=True,
            outage=file,
            over=over,
            as_of=outage.last_modified_date_time or header.timestamp,
            quiet=quiet,
        )


def _outages(message: Message) -> Sequence[UnplannedOutage | PlannedOutage]:
    if isinstance(message.payload, UnplannedOutages):
        return message.payload.unplanned_outage
    return message.payload.planned_outage if isinstance(message.payload, PlannedOutages) else ()


def _has_begun(one: UnplannedOutage | PlannedOutage) -> bool:
    """Of outages that are only planned callers are told nothing yet."""
    began = one.actual_period.start if one.actual_period else None
    return isinstance(one, UnplannedOutage) or bool(began or one.outage_kind)


def _outage(
    outage: UnplannedOutage | PlannedOutage,
    identity: str,
    verb: Verb,
    at: datetime | None,
    statuses: Mapping[str, str],
) -> _Outage:
    status, more = _of_plan(outage) if isinstance(outage, PlannedOutage) else _of_fault(outage)
    status = str(verb) if verb in OVER else status
    expected = outage.estimated_restoration_time
    count = outage.meters_affected
    said = {
        "outage_id": identity,
        "status": statuses.get(status, status),
        "start_time": "",
        "estimated_restoration": said_time(expected.ert if expected else None),
        "confidence": str((expected and expected.confidence_kind) or ""),
        "cause": "",
        "crew_status": str(outage.status_kind or ""),
        "without_supply": "" if count is None else str(count),
        "as_of": said_time(outage.last_modified_date_time or at),
    }
    is_back = isinstance(outage, PlannedOutage) and status != PLANNED
    points = () if is_back else outage.de_energized_usage_point
    return _Outage({**said, **more}, [_point(one) for one in points])


def _of_fault(outage: UnplannedOutage) -> tuple[str, Mapping[str, str]]:
    """Status, and what is said of an outage nobody planned."""
    start = said_time(outage.reported_start_time)
    cause = str(outage.cause or outage.cause_kind or "")
    return str(outage.outage_kind or ""), {"start_time": start, "cause": cause}


def _of_plan(outage: PlannedOutage) -> tuple[str, Mapping[str, str]]:
    """The same of a planned one: supply is expected at its planned end, if at no other time."""
    plan, actual = outage.estimated_period, outage.actual_period
    begins = (actual.start if actual else None) or (plan.start if plan else None)
    said = {"start_time": said_time(begins), "cause": outage.reason or ""}
    expected = outage.estimated_restoration_time
    if plan and plan.end and not (expected and expected.ert):
        said["estimated_restoration"] = said_time(plan.end)
    kind = outage.outage_kind
    is_back = kind in (OutageStatusKind.RESTORED, OutageStatusKind.CLOSED)
    return str(kind) if is_back and kind else PLANNED, said


def said_time(moment: datetime | None) -> str:
    """A time as the IVR is told it: UTC, "" where there is none."""
    return date_time_text(moment) if moment else ""


def _point(point: UsagePoint) -> tuple[str, str]:
    return point.mrid or "", point.names[0].name if point.names else ""


def _csv(outage: _Outage) -> bytes:
    rows = (
        {**outage.said, "usage_point": point, "usage_point_name": name}
        for point, name in outage.points or [("", "")]
    )
    return written(COLUMNS, rows)


def _json(outage: _Outage) -> bytes:
    points = [{"usage_point": point, "usage_point_name": name} for point, name in outage.points]
    said = {**outage.said, "usage_points": points}
    return json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8")


_WRITERS = {"csv": _csv, "json": _json}
