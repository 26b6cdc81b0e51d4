"""The limits that are violated, and one of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.console.alarms import NOUN
from hub.console.identity import Identity, Page, RefusedError
from hub.console.network import described
from hub.console.reports import offered
from hub.console.site import Here
from hub.journal import queries
from hub.security.roles import Right

SHOWN = 500
"""So many are on a page."""
_MAP = "map"
"""A report of an app that is called so draws the network, and where limits are violated."""

routes = APIRouter()
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]


@routes.get("/alarms")
def alarms(
    request: Request,
    site: Here,
    identity: Viewer,
    q: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    wanted = q.strip()
    with site.view.journal.reading() as connection:
        known = site.alarms.all(connection, wanted)
    return site.show(
        request,
        "alarms.html",
        identity,
        q=wanted,
        active=[alarm for alarm in known if alarm.active],
        over=[alarm for alarm in known if not alarm.active],
        shown=SHOWN,
        first=site.alarms.first,
        maps=[
            f"/analysis/{app}/{_MAP}"
            for app, offers in offered(site, identity).items()
            if any(offer.name == _MAP for offer in offers)
        ],
    )


@routes.get("/alarms/{mrid:path}")
def alarm(request: Request, site: Here, identity: Viewer, mrid: str) -> Response:
    with site.view.journal.reading() as connection:
        known = site.alarms.one(connection, mrid)
        if known is None:
            raise RefusedError(404, "There is no such alarm, or it is long over.")
        wanted = queries.Filter(noun=NOUN, mrid=mrid)
        rows = queries.search(connection, wanted, limit=100)
    device = described(site.view.network(), known.equipment)
    return site.show(request, "alarm.html", identity, alarm=known, rows=rows, device=device)
