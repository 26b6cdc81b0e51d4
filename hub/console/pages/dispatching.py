"""What dispatchers do with outages and their orders: each form is a request, and is audited."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from hub.console import deeds, orders
from hub.console.acting import WRONG, ask, may_lead
from hub.console.deeds import DEEDS
from hub.console.identity import Identity, Page, RefusedError, Sent
from hub.console.pages import outages
from hub.console.site import Here, Site
from hub.security.roles import Right

Text = Annotated[str, Form(max_length=500)]
Many = Annotated[list[str], Form(max_length=outages.PAGE)]

routes = APIRouter()
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]
Dispatcher = Annotated[Identity, Depends(Sent(Right.OUTAGES))]


@routes.post("/outages")
def enter(
    request: Request, site: Here, identity: Dispatcher, device: Text = "", at: Text = ""
) -> Response:
    form = deeds.Form(network=site.view.network(), device=device, at=at)
    try:
        ask(site, identity, deeds.enter(form))
    except RefusedError as error:
        if error.status != WRONG:
            raise
        return outages.all_of(request, site, identity, outages.Wanted(), refused=error.why)
    return RedirectResponse("/outages?done=entered", 303)


@routes.post("/outages/{mrid:path}")
def lead(
    request: Request,
    site: Here,
    identity: Dispatcher,
    mrid: str,
    deed: Text,
    device: Text = "",
    point: Many = [],  # noqa: B006 - FastAPI copies it
    other: Text = "",
    at: Text = "",
    sure: Text = "",
    cause: Text = "",
    cause_kind: Text = "",
    remark: Text = "",
) -> Response:
    if deed not in DEEDS:
        raise RefusedError(422, f"There is no deed {deed[:40]!r}; there are {', '.join(DEEDS)}.")
    form = deeds.Form(
        network=site.view.network(),
        device=device.strip(),
        points=point,
        of=_points(site, mrid),
        other=other,
        at=at,
        sure=sure,
        cause=cause,
        cause_kind=cause_kind,
        remark=remark,
    )
    try:
        ask(site, identity, DEEDS[deed](mrid, form))
    except RefusedError as error:
        if error.status != WRONG:
            raise
        return outages.one(request, site, identity, mrid, refused=error.why)
    return _back(mrid, deed)


@routes.get("/orders/{outage:path}")
def crews(request: Request, site: Here, identity: Viewer, outage: str) -> Response:
    """Who is sent to an outage, and who might be."""
    return site.show(
        request,
        "orders.html" if "hx-request" in request.headers else "orders_page.html",
        identity,
        crewing=orders.crewing(site, identity, outage),
        outage=outage,
        stages=orders.STAGES,
        leads=may_lead(site, identity, orders.NOUN),
    )


@routes.post("/orders/{outage:path}")
def order(
    request: Request,
    site: Here,
    identity: Dispatcher,
    outage: str,
    deed: Text,
    order: Text,
    number: Text = "",
    crew: Text = "",
    beside: Annotated[bool, Form()] = False,
    stage: Text = "",
) -> Response:
    try:
        if deed == "send":
            there = orders.crewing(site, identity, outage).at(number) if beside else []
            asked = orders.send(order, [*there, crew])
        elif deed == "first":
            asked = orders.first(order)
        else:
            asked = orders.stage(order, stage)
        ask(site, identity, asked)
    except RefusedError as error:
        if error.status != WRONG:
            raise
        return outages.one(request, site, identity, outage, refused=error.why)
    return _back(outage, deed)


def _points(site: Site, mrid: str) -> tuple[str, ...]:
    with site.view.journal.reading() as connection:
        known = site.outages.one(connection, mrid)
    if known is None:
        raise RefusedError(404, "There is no such outage, or it is long over.")
    return known.usage_points


def _back(mrid: str, deed: str) -> Response:
    return RedirectResponse(f"/outages/{quote(mrid, safe='')}?done={deed}", 303)
