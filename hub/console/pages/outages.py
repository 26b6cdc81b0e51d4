"""The outages and the network they are in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from hub.console.identity import Identity, Page, RefusedError
from hub.console.network import described
from hub.console.site import Here
from hub.journal import queries
from hub.security.roles import Right

routes = APIRouter()
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]


@routes.get("/outages")
def outages(request: Request, site: Here, identity: Viewer) -> Response:
    with site.view.journal.reading() as connection:
        known = site.outages.all(connection)
    return site.show(
        request,
        "outages.html",
        identity,
        active=[outage for outage in known if outage.active],
        over=[outage for outage in known if not outage.active],
    )


@routes.get("/outages/{mrid:path}")
def outage(request: Request, site: Here, identity: Viewer, mrid: str) -> Response:
    with site.view.journal.reading() as connection:
        known = site.outages.one(connection, mrid)
        if known is None:
            raise RefusedError(404, "There is no such outage, or it is long over.")
        wanted = queries.Filter(noun="UnplannedOutages", mrid=mrid)
        rows = queries.search(connection, wanted, limit=100)
    device = described(site.view.network(), known.device)
    return site.show(request, "outage.html", identity, outage=known, rows=rows, device=device)
