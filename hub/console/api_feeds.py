"""REST for the files of other systems, under /api/v1/feeds: hand one in, and what became of all."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Security

from hub.console.api import PREFIX, SEES, Limit, Viewer, token
from hub.console.identity import Identity, RefusedError
from hub.console.site import Before, Here
from hub.dispatch.handed_in import HANDED_IN, HandedIn, NoFeed
from hub.journal import feed_files
from hub.journal.feed_files import Feed, FeedFile
from hub.security import audit
from hub.security.roles import Right

BYTES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}

routes = APIRouter(prefix=f"{PREFIX}/feeds", tags=["feeds"], dependencies=[Security(token)])


async def _body(request: Request) -> bytes:
    return await request.body()


@routes.get("", dependencies=[SEES])
def feeds(site: Here) -> list[Feed]:
    """The sources of files, each with what became of all its records."""
    with site.view.journal.reading() as connection:
        return feed_files.feeds(connection)


@routes.get("/files", dependencies=[SEES])
def files(
    site: Here,
    source: Annotated[str | None, Query(max_length=200)] = None,
    before: Before = None,
    limit: Limit = 50,
) -> list[FeedFile]:
    """What became of each file, the newest first; `before`: those with a smaller number."""
    with site.view.journal.reading() as connection:
        return feed_files.listed(connection, source, before, limit)


@routes.post("/{adapter}/files/{name}", status_code=201, openapi_extra=BYTES)
def hand_in(
    site: Here,
    identity: Viewer,
    adapter: str,
    name: str,
    content: Annotated[bytes, Depends(_body)],
) -> HandedIn:
    """Hand in a file for an adapter, in its native format; when this is answered every record of
    it is in the journal or in quarantine.  Sent once more it is all duplicates."""
    _check(identity, adapter)
    try:
        done = site.view.hand_in(adapter, name, content)
    except NoFeed as error:
        raise RefusedError(404, str(error)) from None
    except ValueError as error:
        _audit(site, identity, adapter, {"name": name[:200], "refused": str(error)[:500]})
        raise RefusedError(422, str(error)) from None
    detail = {"file": done.file.number, "name": name, "digest": done.file.digest}
    _audit(site, identity, adapter, detail)
    return done


def _check(identity: Identity, adapter: str) -> None:
    """A person needs the right; a system must be one that may speak for the adapter's source.

    Raises: RefusedError.
    """
    system = identity.system
    if system is None:
        if Right.FEEDS not in identity.rights:
            raise RefusedError(403, f'Your roles do not include the right "{Right.FEEDS}".')
    elif not system.may_speak_for(adapter):
        raise RefusedError(403, f"The system {system.name} may not speak for the source {adapter}.")
    elif system.nouns:
        raise RefusedError(
            403,
            f"The system {system.name} is bound to nouns; what a file becomes is known only when"
            " it is read.",
        )


def _audit(site: Here, identity: Identity, adapter: str, detail: dict[str, Any]) -> None:
    with site.view.writing() as connection:
        outcome = audit.REFUSED if "refused" in detail else audit.OK
        now = site.view.clock()
        audit.record(connection, identity.name, HANDED_IN, adapter, outcome, detail, now)
