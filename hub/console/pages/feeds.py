"""The files of other systems, and what became of their records."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.console.identity import Identity, Page
from hub.console.site import Before, Here
from hub.journal import feed_files
from hub.security.roles import Right

_LISTED = 50

routes = APIRouter()
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]


@routes.get("/feeds")
def feeds(
    request: Request,
    site: Here,
    identity: Viewer,
    source: Annotated[str | None, Query(max_length=200)] = None,
    before: Before = None,
) -> Response:
    with site.view.journal.reading() as connection:
        found = feed_files.listed(connection, source or None, before, _LISTED + 1)
        sources = feed_files.feeds(connection)
    return site.show(
        request,
        "feeds.html",
        identity,
        sources=sources,
        source=source,
        files=found[:_LISTED],
        more=len(found) > _LISTED,
    )
