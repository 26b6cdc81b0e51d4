"""The audit: read, verify, export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from hub.console.identity import Identity, Page
from hub.console.site import Before, Here, Site
from hub.security import audit
from hub.security.audit import Head
from hub.security.roles import Right

PAGE = 100


routes = APIRouter(prefix="/audit")
Auditor = Annotated[Identity, Depends(Page(Right.AUDIT))]


@routes.get("")
def read(
    request: Request,
    site: Here,
    identity: Auditor,
    before: Before = None,
    anchor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    with site.view.journal.reading() as connection:
        entries = audit.newest(connection, PAGE + 1, before)
        head = audit.head(connection)
    return site.show(
        request,
        "audit.html",
        identity,
        entries=entries[:PAGE],
        more=len(entries) > PAGE,
        head=str(head),
        anchor=anchor or "",
        faults=None if anchor is None else _verified(site, anchor),
    )


@routes.get("/export")
def export(site: Here, identity: Auditor) -> Response:
    with site.view.writing() as connection:
        audit.record(
            connection, identity.name, "audit.export", "all", audit.OK, {}, site.view.clock()
        )
    return StreamingResponse(
        _lines(site),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="audit.jsonl"'},
    )


def _verified(site: Site, anchor: str) -> list[str]:
    try:
        kept = Head.parse(anchor) if anchor.strip() else None
    except ValueError as wrong:
        return [str(wrong)]
    with site.view.journal.reading() as connection:
        return audit.verify(connection, kept)


def _lines(site: Site) -> Iterator[str]:
    with site.view.journal.reading() as connection:
        for entry in audit.entries(connection):
            yield audit.canonical({**vars(entry), "at": entry.at.isoformat()}) + "\n"
