"""The outages as anybody may see them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from hub.console.api_public import keep, told
from hub.console.site import Here, Site

routes = APIRouter(prefix="/public")


@routes.get("")
def public(request: Request, site: Here) -> Response:
    return _shown(request, site, "public.html")


@routes.get("/areas")
def areas(request: Request, site: Here) -> Response:
    """What of the page is looked at anew: an address of its own, as it may be kept."""
    return _shown(request, site, "public_areas.html")


def _shown(request: Request, site: Site, template: str) -> Response:
    zone = ZoneInfo(site.view.public.zone)
    found = told(site)
    day = found.at.astimezone(zone).date()
    answer = site.show(request, template, None, summary=found, zone=zone, day=day)
    keep(site, answer)
    return answer
