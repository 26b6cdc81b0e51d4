"""REST for everybody, under /api/v1/public: no token is asked for."""

from __future__ import annotations

from fastapi import APIRouter, Response

from hub.console.api import PREFIX
from hub.console.identity import RefusedError
from hub.console.public import Summary
from hub.console.site import Here, Site

routes = APIRouter(prefix=f"{PREFIX}/public", tags=["public"])


@routes.get("/outages")
def outages(site: Here, response: Response) -> Summary:
    """All outages by area, without anything of any customer; where the hub is set to tell it."""
    found = told(site)
    keep(site, response)
    return found


def told(site: Site) -> Summary:
    """Raises: RefusedError, where nothing is told to everybody."""
    if not site.view.public.enabled:
        raise RefusedError(404, "There is no public summary of outages here.")
    return site.public.summary(site.view)


def keep(site: Site, response: Response) -> None:
    """Let whoever stands between keep it as long."""
    response.headers["Cache-Control"] = f"public, max-age={site.view.public.seconds:.0f}"
