"""Search the journal, and look at one message."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from cim.message import Verb
from cim.profiles import NOUNS
from hub.console import bodies
from hub.console.bodies import Text
from hub.console.identity import Identity, Page, RefusedError
from hub.console.search import PAGE, STATES, Search
from hub.console.site import Here, Number, Site
from hub.journal import attempts, queries
from hub.journal.queries import Detail
from hub.security.roles import Right

TABS = ("received", "validated", "transformed", "delivered")


routes = APIRouter(prefix="/messages")
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]
Reader = Annotated[Identity, Depends(Page(Right.BODIES))]


@routes.get("")
def search(request: Request, site: Here, identity: Viewer) -> Response:
    query = request.query_params
    refused = ""
    try:
        wanted = Search.of(query)
        with site.view.journal.reading() as connection:
            rows = queries.search(connection, wanted.filter(), wanted.before, PAGE + 1)
    except ValueError as wrong:
        wanted, rows, refused = Search({}), [], str(wrong)
    return site.show(
        request,
        "messages.html",
        identity,
        422 if refused else 200,
        search=wanted,
        refused=refused,
        rows=rows[:PAGE],
        more=len(rows) > PAGE,
        nouns=sorted(NOUNS),
        verbs=list(Verb),
        states=STATES,
    )


@routes.get("/{seq}")
def one(
    request: Request,
    site: Here,
    identity: Viewer,
    seq: Number,
    tab: Annotated[str, Query(pattern="|".join(TABS))] = "",
) -> Response:
    detail = _found(site, seq)
    tab = tab or ("validated" if Right.BODIES in identity.rights else "delivered")
    with site.view.journal.reading() as connection:
        lineage = queries.lineage(connection, seq)
        origins = attempts.made(connection, seq)
    return site.show(
        request,
        "message.html",
        identity,
        row=detail.row,
        detail=detail,
        lineage=lineage,
        origins=origins,
        tab=tab,
        tabs=TABS,
        body=_body(site, identity, detail, tab),
    )


@routes.get("/{seq}/received")
def received(site: Here, identity: Reader, seq: Number) -> Response:
    detail = _found(site, seq)
    if bodies.hides(detail.row.noun, personal=Right.PERSONAL in identity.rights):
        raise RefusedError(403, "These bytes can hold customer data.")
    site.note_personal(identity, detail.row)
    return attachment(detail.received, f"message-{seq}.xml")


def _found(site: Site, seq: int) -> Detail:
    with site.view.journal.reading() as connection:
        detail = queries.message(connection, seq)
    if detail is None:
        raise RefusedError(404, f"There is no message {seq}.")
    return detail


def _body(site: Site, identity: Identity, detail: Detail, tab: str) -> Text | None:
    if tab == "delivered" or Right.BODIES not in identity.rights:
        return None
    site.note_personal(identity, detail.row)
    shown = {
        "received": bodies.received,
        "validated": bodies.validated,
        "transformed": bodies.transformed,
    }[tab]
    return shown(detail, personal=Right.PERSONAL in identity.rights)


def attachment(content: bytes, filename: str) -> Response:
    """Bytes to be saved, never to be shown by the browser."""
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
