"""Dead letters and quarantine."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from hub.console.failures import LISTED, grouped, replay
from hub.console.identity import Identity, Page, RefusedError, Sent
from hub.console.pages.messages import attachment
from hub.console.quarantine import lines, set_aside
from hub.console.site import LARGEST, Before, Here, Number, Site
from hub.journal import queries
from hub.journal.queries import QuarantinedDetail
from hub.security import audit
from hub.security.roles import Right

PAGE = 50
Seq = Annotated[int, Field(ge=1, le=LARGEST)]
Reason = Annotated[str, Form(min_length=3, max_length=500)]


routes = APIRouter()
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]
Reader = Annotated[Identity, Depends(Page(Right.BODIES))]
Engineer = Annotated[Identity, Depends(Sent(Right.REPLAY))]


@routes.get("/dead-letters")
def dead_letters(
    request: Request, site: Here, identity: Viewer, again: str = "", asked: int = 0
) -> Response:
    with site.view.journal.reading() as connection:
        letters = queries.dead(connection, limit=LISTED)
        total = queries.counts(connection).dead
    return site.show(
        request,
        "dead_letters.html",
        identity,
        groups=grouped(letters),
        listed=len(letters),
        total=total,
        again=int(again) if again.isdecimal() else None,
        asked=asked,
    )


@routes.post("/dead-letters")
def replay_letters(
    site: Here,
    identity: Engineer,
    subscriber: Annotated[str, Form(max_length=100)],
    seq: Annotated[list[Seq], Form(max_length=LISTED)],
    reason: Reason,
) -> Response:
    again = replay(site.view, identity, subscriber, seq, reason)
    return RedirectResponse(f"/dead-letters?again={len(again)}&asked={len(seq)}", 303)


@routes.get("/quarantine")
def quarantine(
    request: Request, site: Here, identity: Viewer, before: Before = None, all: bool = False
) -> Response:
    with site.view.journal.reading() as connection:
        state = None if all else "open"
        items = queries.quarantined(connection, state, before, PAGE + 1)
    return site.show(
        request,
        "quarantine.html",
        identity,
        items=items[:PAGE],
        more=len(items) > PAGE,
        all=all,
    )


@routes.get("/quarantine/{number}")
def item(request: Request, site: Here, identity: Viewer, number: Number) -> Response:
    kept = _found(site, number)
    reads = Right.BODIES in identity.rights
    if reads:
        _note(site, identity, number)
    shown, left_out = lines(kept) if reads else ([], 0)
    return site.show(
        request, "quarantined.html", identity, item=kept, lines=shown, left_out=left_out
    )


@routes.get("/quarantine/{number}/received")
def received(site: Here, identity: Reader, number: Number) -> Response:
    kept = _found(site, number)
    _note(site, identity, number)
    return attachment(kept.received, f"quarantine-{number}.bin")


@routes.post("/quarantine/{number}")
def reject(site: Here, identity: Engineer, number: Number, reason: Reason) -> Response:
    set_aside(site.view, identity, number, reason)
    return RedirectResponse("/quarantine", 303)


def _found(site: Site, number: int) -> QuarantinedDetail:
    with site.view.journal.reading() as connection:
        kept = queries.quarantined_item(connection, number)
    if kept is None:
        raise RefusedError(404, f"There is no item {number} in quarantine.")
    return kept


def _note(site: Site, identity: Identity, number: int) -> None:
    """Nobody knows what refused bytes hold, so every look at them goes into the audit."""
    with site.view.writing() as connection:
        audit.record(
            connection,
            identity.name,
            "quarantine.view",
            f"item {number}",
            audit.OK,
            {},
            site.view.clock(),
        )
