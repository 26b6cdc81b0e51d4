"""One planned outage, and what a dispatcher may do with it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from hub.console import deeds
from hub.console.acting import WRONG, ask, may_lead
from hub.console.deeds import DONE, PLANNING
from hub.console.identity import Identity, Page, RefusedError, Sent
from hub.console.network import described
from hub.console.pages.outages import Asked, told
from hub.console.planned import NOUN
from hub.console.site import Here, Site
from hub.journal import queries
from hub.security.roles import Right

Text = Annotated[str, Form(max_length=500)]

routes = APIRouter(prefix="/planned")
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]
Dispatcher = Annotated[Identity, Depends(Sent(Right.OUTAGES))]


@routes.get("/{mrid:path}")
def planned(
    request: Request, site: Here, identity: Viewer, mrid: str, done: Asked = ""
) -> Response:
    return _page(request, site, identity, mrid, done=DONE.get(done, ""))


@routes.post("/{mrid:path}")
def lead(
    request: Request,
    site: Here,
    identity: Dispatcher,
    mrid: str,
    deed: Text,
    begins: Text = "",
    ends: Text = "",
    reason: Text = "",
) -> Response:
    if deed not in PLANNING:
        raise RefusedError(422, f"There is no deed {deed[:40]!r}; there are {', '.join(PLANNING)}.")
    form = deeds.Plan(begins=begins, ends=ends, reason=reason.strip())
    try:
        ask(site, identity, PLANNING[deed](mrid, form))
    except RefusedError as error:
        if error.status != WRONG:
            raise
        return _page(request, site, identity, mrid, refused=error.why)
    return RedirectResponse(f"/planned/{quote(mrid, safe='')}?done={deed}", 303)


def _page(
    request: Request,
    site: Site,
    identity: Identity,
    mrid: str,
    *,
    done: str = "",
    refused: str = "",
) -> Response:
    """`done` or `refused`: what became of a form."""
    with site.view.journal.reading() as connection:
        known = site.planned.one(connection, mrid)
        if known is None:
            raise RefusedError(404, "There is no such planned outage, or it is long over.")
        rows = queries.search(connection, queries.Filter(mrid=mrid), limit=100)
    network = site.view.network()
    return site.show(
        request,
        "planned.html",
        identity,
        422 if refused else 200,
        done=done,
        refused=refused,
        leads=known.active and may_lead(site, identity, NOUN),
        planned=known,
        area=site.places.of(network, known.place),
        device=described(network, known.place),
        told=list(told(site, identity, NOUN)),
        of=known.mrid,
        rows=rows,
    )
