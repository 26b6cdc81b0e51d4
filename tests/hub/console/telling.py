"""Outages as applications tell them, and what the pages show of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cim.message import Message, Outgoing, Topic
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.outages import ConductingEquipment as Isolating
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    Incident,
    OutageStatusKind,
    ServicePointOutageSummary,
    UnplannedOutage,
    UnplannedOutages,
)
from hub.interfaces import Asking, Context
from hub.report import Column, Offer, Parameter, Report
from tests.hub.console.house import OUTAGE, START

HOSTILE = "<script>alert(1)</script>"
TICKETS = "TroubleTickets"
OTHERS = {"HX-Request": "true"}


def told(
    mrid: str,
    *,
    device: str = "fuse-7",
    customers: int = 3,
    critical: int = 0,
    hazards: Sequence[str] = (),
    minutes: int = 10,
    kind: OutageStatusKind = OutageStatusKind.PREDICTED,
    **said: object,
) -> UnplannedOutages:
    """All of one outage, as the application that owns outages tells it."""
    one = UnplannedOutage(
        mrid=mrid,
        comment=f"Why {mrid} is believed in.",
        original_customers_served=customers,
        outage_kind=kind,
        reported_start_time=START - timedelta(minutes=minutes),
        de_energized_usage_point=tuple(UsagePoint(mrid=f"point-{n}") for n in range(customers)),
        outage_isolation_equipment=(
            ConductingEquipment(mrid=device, names=(Name(name=f"{device} name"),)),
        ),
        incident=tuple(Incident(cause=what, names=(Name(name="call 7"),)) for what in hazards),
        status=Status(value="hazard", reason=", ".join(hazards)) if hazards else None,
        summary=ServicePointOutageSummary(critical_count=critical, total_count=customers),
    )
    return UnplannedOutages(unplanned_outage=(replace(one, **said),))  # type: ignore[arg-type]


def news(mrid: str, **said: object) -> UnplannedOutages:
    """What is new of one outage, and nothing else."""
    one = UnplannedOutage(mrid=mrid, original_customers_served=3)
    return UnplannedOutages(unplanned_outage=(replace(one, **said),))  # type: ignore[arg-type]


def planned(
    mrid: str,
    status: str,
    *,
    customers: int = 3,
    dark: int = 0,
    device: str = "line-north",
    ends: datetime | None = None,
) -> PlannedOutages:
    """A planned outage, as its application tells it."""
    one = PlannedOutage(
        mrid=mrid,
        names=(Name(name=f"{mrid} number"),),
        reason="A pole is renewed.",
        meters_affected=dark,
        estimated_period=DateTimeInterval(
            start=START - timedelta(hours=1), end=ends or START + timedelta(hours=3)
        ),
        outage_isolation_equipment=(Isolating(mrid=device, names=(Name(name=f"{device} name"),)),),
        status=Status(value=status, remark="Who is concerned."),
        summary=ServicePointOutageSummary(critical_count=1, total_count=customers),
    )
    return PlannedOutages(planned_outage=(one,))


@dataclass(frozen=True)
class CallsApp:
    """Knows of calls, and who has called."""

    partitions: int = 1
    tables: None = None
    topics: frozenset[Topic] = frozenset()

    def handle(self, _message: Message, _context: Context) -> Iterable[Outgoing]:
        return ()

    @property
    def reports(self) -> Sequence[Offer]:
        of = Parameter("outage", "Which one.", needed=True)
        return (
            Offer("by-outage", "How many have called."),
            Offer("hypotheses", "What it may be.", (of,), frozenset({"UnplannedOutages"})),
            Offer("callers", "Who has called.", (of,), frozenset({"UnplannedOutages", TICKETS})),
            Offer("plan", "Of a planned outage.", (of,), frozenset({"PlannedOutages"})),
            Offer("queue", "What waits.", (), frozenset({TICKETS})),
            Offer("years", "All.", (), frozenset({"UnplannedOutages"}), takes_long=True),
            Offer("map", "Where it is.", (Parameter("under", "What it feeds."),)),
        )

    def report(self, name: str, asked: Mapping[str, str], _given: Asking) -> Report:
        if name == "by-outage":
            columns = Column("outage"), Column("calls")
            return Report(title="Calls", columns=columns, rows=[(OUTAGE, 17)])
        if name == "callers":
            column = Column("telephone", personal=True)
            return Report(title="Callers", columns=(column,), rows=[("555-1234",)])
        row = ("fuse-7", f"It is {asked['outage']}.")
        return Report(title="May be", columns=(Column("device"), Column("why")), rows=[row])


def devices(page: str) -> list[str]:
    """Of the open outages, in order."""
    table = page.split('<table class="outages">')[1].split("</table>")[0]
    return re.findall(r'<a id="outage-[^>]+>([^<]+)</a>', table)


def words(page: str) -> str:
    """The text of a page alone."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())
