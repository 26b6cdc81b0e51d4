"""REST for what was not accepted, under /api/v1/quarantine: look, correct, send again, reject."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response, Security

from hub.console import answers, quarantine
from hub.console.api import PREFIX, Limit, Viewer, token
from hub.console.identity import Call, Identity
from hub.console.pages.messages import attachment
from hub.console.problem import problem
from hub.console.quarantine import found
from hub.console.site import Before, Here, Number
from hub.dispatch.mending import Mended
from hub.journal import queries
from hub.journal.attempts import Attempt
from hub.security.roles import Right

Reader = Annotated[Identity, Depends(Call(Right.BODIES))]
Engineer = Annotated[Identity, Depends(Call(Right.QUARANTINE))]
Remark = Annotated[str, Query(max_length=500, description="goes into the audit")]

BYTES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            media: {"schema": {"type": "string", "format": "binary"}}
            for media in ("application/xml", "application/octet-stream")
        },
    }
}

routes = APIRouter(prefix=f"{PREFIX}/quarantine", tags=["failures"], dependencies=[Security(token)])


async def _body(request: Request) -> bytes:
    return await request.body()


@routes.get("")
def items(
    site: Here, identity: Viewer, before: Before = None, limit: Limit = 50
) -> list[answers.Quarantined]:
    """What came in and was not accepted, with the reason, the newest first."""
    with site.view.journal.reading() as connection:
        listed = queries.quarantined(connection, "open", before, limit)
    return [answers.quarantined(item) for item in listed if identity.may_know(item.principal)]


@routes.get("/{number}")
def item(site: Here, identity: Viewer, number: Number) -> answers.Quarantined:
    """One item in quarantine."""
    return answers.quarantined(found(site.view, identity, number))


@routes.get("/{number}/attempts")
def attempts(site: Here, identity: Viewer, number: Number) -> list[Attempt]:
    """What was done about an item, the first attempt first, and the messages that came of it."""
    found(site.view, identity, number)
    return quarantine.history(site.view, number)


@routes.get("/{number}/received")
def received(site: Here, identity: Reader, number: Number) -> Response:
    """The bytes as they came; every look is written into the audit."""
    kept = found(site.view, identity, number)
    quarantine.note_view(site.view, identity, number)
    return attachment(kept.received, f"quarantine-{number}.bin")


@routes.post("/{number}/correct", response_model=answers.Mended, openapi_extra=BYTES)
def correct(
    site: Here,
    identity: Engineer,
    number: Number,
    content: Annotated[bytes, Depends(_body)],
    remark: Remark = "",
) -> answers.Mended | Response:
    """Take corrected bytes in the place of an item, in the name of who sent it; it is in the
    journal when this is answered.  Refused again it stays, and the answer (422) says why."""
    return _said(quarantine.mend(site.view, identity, number, content, remark))


@routes.post("/{number}/resend", response_model=answers.Mended)
def resend(
    site: Here, identity: Engineer, number: Number, remark: Remark = ""
) -> answers.Mended | Response:
    """Take the same bytes again, as after a change of configuration or of the network."""
    return _said(quarantine.mend(site.view, identity, number, None, remark))


@routes.post("/{number}/reject")
def reject(
    site: Here,
    identity: Engineer,
    number: Number,
    reason: Annotated[str, Body(embed=True, min_length=3, max_length=500)],
) -> answers.Mended:
    """Close an item that nobody will send again; the reason goes into the audit."""
    done = quarantine.set_aside(site.view, identity, number, reason)
    return answers.Mended(done.item, done.state, done.messages)


def _said(done: Mended) -> answers.Mended | Response:
    if done.refusal is None:
        return answers.Mended(done.item, done.state, done.messages)
    violations = [dataclasses.asdict(v) for v in done.refusal.violations]
    return problem(422, done.sentence, violations=violations)
