"""Dead letters."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from hub.console.failures import LISTED, grouped, replay
from hub.console.identity import Identity, Page, Sent
from hub.console.site import LARGEST, Here
from hub.journal import queries
from hub.security.roles import Right

Seq = Annotated[int, Field(ge=1, le=LARGEST)]
Reason = Annotated[str, Form(min_length=3, max_length=500)]


routes = APIRouter()
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]
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
