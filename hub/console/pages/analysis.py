"""What the apps have come to: their reports, and one of them."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.console.api_reports import question
from hub.console.identity import Identity, Page, RefusedError
from hub.console.reports import Sheet, answered, offer_of, offered
from hub.console.site import Here
from hub.report import Offer, Report
from hub.security.roles import Right

routes = APIRouter(prefix="/analysis")
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]


@routes.get("")
def analysis(request: Request, site: Here, identity: Viewer) -> Response:
    return site.show(request, "analysis.html", identity, apps=offered(site, identity))


@routes.get("/{app}/{name}")
def report(
    request: Request,
    site: Here,
    identity: Viewer,
    app: str,
    name: str,
    sort: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    offer = offer_of(site, identity, app, name)
    asked: Mapping[str, str] = {}
    found: Report | None = None
    refused = ""
    try:
        asked = question(request, "sort", "page")
        if request.url.query or not _waits(offer):
            found = answered(site, identity, app, name, asked)
    except RefusedError as wrong:
        if wrong.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        refused = wrong.why
    sheet = Sheet(found, asked, sort, page) if found else None
    return site.show(
        request,
        "told.html" if "hx-request" in request.headers else "report.html",
        identity,
        422 if refused else 200,
        app=app,
        offer=offer,
        asked=asked,
        refused=refused,
        sheet=sheet,
    )


def _waits(offer: Offer) -> bool:
    """Whether it is not asked for before somebody says so."""
    return offer.takes_long or any(parameter.needed for parameter in offer.parameters)
