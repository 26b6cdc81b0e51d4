"""REST beside the pages, under /api/v1, described by its OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Query, Request, Response, Security
from fastapi.security import HTTPBearer

from cim import codes, envelope
from cim.contract import Contract
from cim.profiles import NOUNS
from hub.console import alarms, answers, bodies
from hub.console.failures import replay
from hub.console.identity import Call, Identity, RefusedError
from hub.console.network import described
from hub.console.outages import NOUN
from hub.console.pages.overview import state
from hub.console.search import Search
from hub.console.site import Before, Here, Number, Site
from hub.journal import attempts, corrections, queries
from hub.journal.queries import Detail
from hub.security.roles import Right

PREFIX = "/api/v1"

Limit = Annotated[int, Query(ge=1, le=500)]
SEES = Depends(Call(Right.SEE))
Viewer = Annotated[Identity, SEES]
Engineer = Annotated[Identity, Depends(Call(Right.REPLAY))]

Kind = Literal["events", "controls", "readings", "qualities", "replies"]

token = HTTPBearer(auto_error=False, description="API token of a system")
routes = APIRouter(prefix=PREFIX, dependencies=[Security(token)])


@routes.get("/messages", tags=["messages"], openapi_extra=answers.SEARCH)
def search(request: Request, site: Here, identity: Viewer, limit: Limit = 50) -> answers.Messages:
    """Search the journal, the newest messages first; `next` is the address of the next page."""
    try:
        wanted = Search.of(request.query_params)
    except ValueError as wrong:
        raise RefusedError(422, str(wrong)) from None
    if not identity.may_read(wanted.given.get("noun", "")):
        raise RefusedError(403, "Name one of the nouns you are bound to: ?noun=<Noun>.")
    with site.view.journal.reading() as connection:
        rows = queries.search(connection, wanted.filter(), wanted.before, limit + 1)
    page = rows[:limit]
    more = len(rows) > limit
    return answers.Messages(
        messages=page,
        next=f"{PREFIX}/messages?{wanted.older(page[-1].seq)}&limit={limit}" if more else None,
        window=wanted.window(),
    )


@routes.get(
    "/messages/{seq}", tags=["messages"], responses=answers.FORMS, response_model=answers.OneMessage
)
def one(
    request: Request, site: Here, identity: Viewer, seq: Number
) -> Response | answers.OneMessage:
    """One message: what is known of it as JSON, or itself as XML or RDF/XML, by Accept."""
    detail = _found(site, identity, seq)
    media = answers.preferred(request.headers.get("accept", ""))
    if media is None:
        raise RefusedError(406, f"Accept: one of {', '.join(answers.MEDIA)} was expected.")
    if media == answers.JSON:
        with site.view.journal.reading() as connection:
            lineage = queries.lineage(connection, seq)
            origins = attempts.made(connection, seq)
        causes, effects = (
            tuple(row for row in rows if identity.may_read(row.noun))
            for rows in (lineage.causes, lineage.effects)
        )
        return answers.one(detail, queries.Lineage(causes, effects), origins)
    return _written(site, identity, detail, media)


@routes.post("/messages/{seq}/replay", tags=["messages"])
def again(
    site: Here,
    identity: Engineer,
    seq: Number,
    subscriber: Annotated[str, Body(max_length=100)],
    reason: Annotated[str, Body(min_length=3, max_length=500)],
) -> answers.Replayed:
    """Hand a dead letter to its subscriber again; the reason goes into the audit."""
    _found(site, identity, seq)
    if not replay(site.view, identity, subscriber, [seq], reason):
        raise RefusedError(409, f"Message {seq} is no dead letter of {subscriber}.")
    return answers.Replayed(seq=seq, subscriber=subscriber)


def _found(site: Site, identity: Identity, seq: int) -> Detail:
    with site.view.journal.reading() as connection:
        detail = queries.message(connection, seq)
    if detail is None or not identity.may_read(detail.row.noun):
        raise RefusedError(404, f"There is no message {seq}.")
    return detail


def _written(site: Site, identity: Identity, detail: Detail, media: str) -> Response:
    if Right.BODIES not in identity.rights:
        raise RefusedError(403, f'Your roles do not include the right "{Right.BODIES}".')
    personal = Right.PERSONAL in identity.rights
    site.note_personal(identity, detail.row)
    if media == answers.XML and not bodies.hides(detail.row.noun, personal=personal):
        return Response(detail.body, media_type=media)
    message = bodies.shown(detail.body, personal=personal)
    if media == answers.XML:
        return Response(envelope.write(message), media_type=media)
    payload = bodies.rdf_payload(message)
    if payload is None:
        raise RefusedError(406, f"Message {detail.row.seq} has no RDF form of its own.")
    return Response(payload, media_type=media)


@routes.get("/contracts", tags=["contracts"])
def contracts(_identity: Viewer) -> list[answers.Noun]:
    """Every noun of this hub, its verbs, and between which business functions it goes."""
    return [answers.noun(name) for name in sorted(NOUNS)]


@routes.get("/contracts/{noun}", tags=["contracts"])
def contract(_identity: Viewer, noun: str) -> Contract:
    """All there is to know to exchange one noun; its files are under /soap."""
    if noun not in NOUNS:
        raise RefusedError(404, f"There is no noun {noun[:80]}.")
    return Contract.of(noun)


@routes.get("/dead-letters", tags=["failures"])
def dead_letters(
    site: Here,
    identity: Viewer,
    subscriber: str | None = None,
    before: Before = None,
    limit: Limit = 50,
) -> list[queries.Dead]:
    """Deliveries that were given up, the newest message first."""
    with site.view.journal.reading() as connection:
        letters = queries.dead(connection, subscriber, before, limit)
    return [letter for letter in letters if identity.may_read(letter.message.noun)]


@routes.get("/outages", tags=["outages"])
def outages(site: Here, identity: Viewer, active: bool | None = None) -> list[answers.Outage]:
    """The outages as last reported, active ones first."""
    _bound(identity, NOUN)
    with site.view.journal.reading() as connection:
        known = site.outages.all(connection)
    return [o for o in known if active is None or o.active == active]


@routes.get("/outages/{mrid:path}", tags=["outages"])
def outage(site: Here, identity: Viewer, mrid: str) -> answers.Outage:
    """One outage."""
    _bound(identity, NOUN)
    with site.view.journal.reading() as connection:
        known = site.outages.one(connection, mrid)
    if known is None:
        raise RefusedError(404, f"There is no outage {mrid}.")
    return known


@routes.get("/violations", tags=["violations"])
def violations(
    site: Here,
    identity: Viewer,
    active: bool | None = None,
    equipment: Annotated[str, Query(max_length=200)] = "",
) -> list[answers.Alarm]:
    """The violated limits as last reported, active ones first; equipment: an mRID or name."""
    _bound(identity, alarms.NOUN)
    with site.view.journal.reading() as connection:
        known = site.alarms.all(connection, equipment)
    return [a for a in known if active is None or a.active == active]


@routes.get("/violations/{mrid:path}", tags=["violations"])
def violation(site: Here, identity: Viewer, mrid: str) -> answers.Alarm:
    """One violation of a limit."""
    _bound(identity, alarms.NOUN)
    with site.view.journal.reading() as connection:
        known = site.alarms.one(connection, mrid)
    if known is None:
        raise RefusedError(404, f"There is no violation {mrid}.")
    return known


@routes.get("/network/usage-points/{wanted:path}", tags=["network"], dependencies=[SEES])
def usage_point(site: Here, wanted: str) -> answers.Described:
    """A usage point, by its mRID or by its meter."""
    thing = described(site.view.network(), wanted)
    if thing is None or thing.energised is None:
        raise RefusedError(404, f"The network has no usage point or meter {wanted}.")
    return thing


@routes.get("/status", tags=["hub"], dependencies=[SEES])
def status(site: Here) -> answers.Status:
    """The state of the hub: what the overview page shows."""
    with site.view.journal.reading() as connection:
        corrected = corrections.totals(connection)
    return answers.status(state(site), site.view.clock(), corrected)


@routes.get("/codes", tags=["codes"], dependencies=[SEES])
def all_codes(site: Here, kind: Kind, source: str | None = None) -> list[codes.Listed]:
    """The codes of one kind; with `source` those for which it has a word of its own."""
    return codes.listed(kind, site.view.codes, source)


@routes.get("/codes/{code}", tags=["codes"], dependencies=[SEES])
def explained(site: Here, code: str, source: str | None = None) -> codes.Explanation:
    """What a code says: of an event, control, reading type, reading quality or reply."""
    try:
        return codes.explain(code, site.view.codes, source)
    except ValueError as error:
        raise RefusedError(422, f"{error}.") from None


def _bound(identity: Identity, noun: str) -> None:
    if not identity.may_read(noun):
        raise RefusedError(403, f"You are not bound to {noun}.")
