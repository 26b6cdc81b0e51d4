"""The state of the hub at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection

from hub.console.identity import Identity, Page
from hub.console.site import Here, Site
from hub.journal import queries
from hub.security.roles import Right

COUNTED = (
    "Feeder",
    "UsagePoint",
    "Meter",
    "EnergyConsumer",
    "ACLineSegment",
    "PowerTransformer",
    "Breaker",
    "Recloser",
    "Fuse",
    "LoadBreakSwitch",
    "Disconnector",
)
"""Classes whose number tells people at a glance what is loaded."""


@dataclass(frozen=True)
class Line:
    """One subscriber: what waits for it and what it could not take."""

    subscriber: str
    waiting: int
    dead: int
    oldest: datetime | None


routes = APIRouter()
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]


@routes.get("/")
def overview(request: Request, site: Here, identity: Viewer) -> Response:
    return site.show(request, "overview.html", identity, **state(site))


@routes.get("/live")
def live(request: Request, site: Here, identity: Viewer) -> Response:
    return site.show(request, "live.html", identity, **state(site))


def state(site: Site) -> dict[str, Any]:
    """The figures of the overview."""
    now = site.view.clock()
    network = site.view.network()
    with site.view.journal.reading() as connection:
        counts = queries.counts(connection)
        active = site.outages.active(connection)
        alarms = site.alarms.active(connection)
        newest = queries.search(connection, limit=1)
        lines = backlog(site, connection)
        pace = site.pace.counts(connection, now)
    waiting = [line.oldest for line in lines if line.oldest]
    return {
        "pace": pace,
        "messages": counts.messages,
        "newest": newest[0].accepted_at if newest else None,
        "waiting": counts.accepted,
        "oldest": min(waiting, default=None),
        "dead": counts.dead,
        "quarantined": counts.quarantined,
        "active": active,
        "alarms": alarms,
        "customers": sum(outage.customers for outage in active),
        "components": site.view.components(),
        "backlog": lines,
        "counts": network.counts(),
        "counted": COUNTED,
        "problems": network.problems,
    }


def backlog(site: Site, connection: Connection) -> list[Line]:
    """Every subscriber by name, those with nothing to do too."""
    found = {line.subscriber: line for line in queries.backlog(connection)}
    names = {s.subscriber for s in site.view.journal.subscriptions} | found.keys()
    return [
        Line(name, line.accepted, line.dead, line.oldest)
        if (line := found.get(name))
        else Line(name, 0, 0, None)
        for name in sorted(names)
    ]
