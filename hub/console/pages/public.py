"""The outages as anybody may see them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from hub.console.api_public import keep, told
from hub.console.site import Here

routes = APIRouter()


@routes.get("/public")
def public(request: Request, site: Here) -> Response:
    zone = ZoneInfo(site.view.public.zone)
    found = told(site)
    template = "public_areas.html" if "hx-request" in request.headers else "public.html"
    answer = site.show(
        request, template, None, summary=found, zone=zone, day=found.at.astimezone(zone).date()
    )
    keep(site, answer)
    return answer
