"""What was not accepted: look at it, correct it, send it again, set it aside."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from hub.console import quarantine
from hub.console.identity import Identity, Page, RefusedError, Sent
from hub.console.pages.messages import attachment
from hub.console.quarantine import EDITED, found
from hub.console.site import Before, Here, Number, Site
from hub.dispatch.mending import Mended
from hub.journal import attempts, queries
from hub.security.roles import Right

PAGE = 50
Reason = Annotated[str, Form(min_length=3, max_length=500)]
Remark = Annotated[str, Form(max_length=500)]

routes = APIRouter(prefix="/quarantine")
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]
Reader = Annotated[Identity, Depends(Page(Right.BODIES))]
Engineer = Annotated[Identity, Depends(Sent(Right.QUARANTINE))]


@routes.get("")
def items(
    request: Request, site: Here, identity: Viewer, before: Before = None, all: bool = False
) -> Response:
    with site.view.journal.reading() as connection:
        state = None if all else "open"
        listed = queries.quarantined(connection, state, before, PAGE + 1)
    return site.show(
        request,
        "quarantine.html",
        identity,
        items=listed[:PAGE],
        more=len(listed) > PAGE,
        all=all,
    )


@routes.get("/{number}")
def item(request: Request, site: Here, identity: Viewer, number: Number) -> Response:
    return _page(request, site, identity, number)


@routes.get("/{number}/received")
def received(site: Here, identity: Reader, number: Number) -> Response:
    kept = found(site.view, identity, number)
    quarantine.note_view(site.view, identity, number)
    return attachment(kept.received, f"quarantine-{number}.bin")


@routes.get("/{number}/attempts/{which}")
def attempted(site: Here, identity: Reader, number: Number, which: Number) -> Response:
    found(site.view, identity, number)
    with site.view.journal.reading() as connection:
        data = attempts.corrected(connection, number, which)
    if data is None:
        raise RefusedError(404, f"Attempt {which} on item {number} has no bytes of its own.")
    quarantine.note_view(site.view, identity, number)
    return attachment(data, f"quarantine-{number}-{which}.bin")


@routes.post("/{number}")
def reject(site: Here, identity: Engineer, number: Number, reason: Reason) -> Response:
    quarantine.set_aside(site.view, identity, number, reason)
    return RedirectResponse("/quarantine", 303)


@routes.post("/{number}/resend")
def resend(
    request: Request, site: Here, identity: Engineer, number: Number, remark: Remark = ""
) -> Response:
    done = quarantine.mend(site.view, identity, number, None, remark)
    return _done(request, site, identity, done)


@routes.post("/{number}/correct")
def correct(
    request: Request,
    site: Here,
    identity: Engineer,
    number: Number,
    content: Annotated[str, Form(max_length=2 * EDITED)],
    remark: Remark = "",
) -> Response:
    kept = found(site.view, identity, number)
    data = quarantine.edited(content, kept.received)
    done = quarantine.mend(site.view, identity, number, data, remark)
    return _done(request, site, identity, done)


def _done(request: Request, site: Site, identity: Identity, done: Mended) -> Response:
    """What was taken is shown by its address; what was not, with the new reasons at once."""
    if done.refusal is None:
        return RedirectResponse(f"/quarantine/{done.item}", 303)
    return _page(request, site, identity, done.item, done)


def _page(
    request: Request, site: Site, identity: Identity, number: int, done: Mended | None = None
) -> Response:
    kept = found(site.view, identity, number)
    made = quarantine.history(site.view, number)
    reads = Right.BODIES in identity.rights
    if reads:
        quarantine.note_view(site.view, identity, number)
    shown, left_out = quarantine.lines(kept) if reads else ([], 0)
    mends = reads and kept.state == "open" and Right.QUARANTINE in identity.rights
    text = quarantine.editable(quarantine.newest(site.view, kept, made)) if mends else None
    return site.show(
        request,
        "quarantined.html",
        identity,
        200 if done is None else 422,
        item=kept,
        lines=shown,
        left_out=left_out,
        attempts=made,
        mends=mends,
        text=text,
        done=done,
    )
