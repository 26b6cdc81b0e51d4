"""REST for versions of models and SPARQL over them, under /api/v1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response, Security
from fastapi.responses import JSONResponse, StreamingResponse

from cim.model import difference, write
from cim.profiles.network_models import NetworkModels
from cim.violation import Refusal
from hub import model_file
from hub.console import answers
from hub.console.api import PREFIX, Limit, token
from hub.console.identity import Call, Identity, RefusedError
from hub.console.site import Before, Here, Site
from hub.dispatch.models import BROUGHT, Brought
from hub.history import model_diff, versions
from hub.history.model_diff import Report
from hub.history.past import NEWEST
from hub.history.versions import Version
from hub.instant import instant
from hub.security import audit
from hub.security.roles import Right

NOUN = NetworkModels.__name__
RESULTS = "application/sparql-results+json"
NTRIPLES = "application/n-triples"
FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {answers.RDF: {"schema": {"type": "string"}}}}
}


class Bound:
    """Dependency of a call about models: who calls, with this right, not bound to other nouns."""

    def __init__(self, right: Right) -> None:
        self._call = Call(right)

    def __call__(self, request: Request) -> Identity:
        identity = self._call(request)
        if not identity.may_read(NOUN):
            raise RefusedError(403, f"You are not bound to {NOUN}.")
        return identity


Reader = Annotated[Identity, Depends(Bound(Right.SEE))]
Modeller = Annotated[Identity, Depends(Bound(Right.MODELS))]
Moment = Annotated[
    str | None, Query(max_length=40, description="ISO 8601; without an offset it is UTC")
]

routes = APIRouter(prefix=PREFIX, dependencies=[Security(token)])


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """A version of a model: what `hub.history.versions.Version` says, and where it is."""

    id: str
    seq: int
    mrid: str
    since: datetime
    until: int | None
    ended: datetime | None
    source: str
    statements: int
    header: dict[str, Any]

    @classmethod
    def of(cls, version: Version) -> ModelVersion:
        names = ("id", "seq", "mrid", "since", "until", "ended", "source", "statements")
        said = {name: getattr(version, name) for name in names}
        return cls(header=dict(version.header), **said)


@dataclass(frozen=True, kw_only=True)
class BroughtIn:
    """A file that was taken: its message, its models, and whether the same was there already.

    left_out: of its models that are not in force now, why.
    """

    seq: int
    known: bool
    models: Sequence[str]
    left_out: Sequence[str]


@routes.get("/models", tags=["models"])
def models(
    site: Here,
    _identity: Reader,
    mrid: str | None = None,
    moment: Moment = None,
    in_force: bool = False,
    before: Before = None,
    limit: Limit = 50,
) -> list[ModelVersion]:
    """Versions of models, the newest first: all, or those in force at a moment or now."""
    place = when(moment) or (NEWEST if in_force else None)
    at = None if place is None else site.past.seq_at(place)
    with site.past.reading() as connection:
        found = versions.listed(connection, mrid=mrid, at=at, before=before, limit=limit)
    return [ModelVersion.of(version) for version in found]


async def _body(request: Request) -> bytes:
    return await request.body()


@routes.post(
    "/models",
    tags=["models"],
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                media: {"schema": {"type": "string", "format": "binary"}}
                for media in (answers.RDF, "application/zip", "application/gzip")
            },
        }
    },
)
def bring(
    site: Here,
    identity: Modeller,
    content: Annotated[bytes, Depends(_body)],
    name: Annotated[str, Query(min_length=1, max_length=200)],
    again: bool = False,
) -> BroughtIn:
    """Put models in force: full ones and differences, plain or packed; it is in the journal when
    this is answered.

    name:  of the file; a model without header is called after it.
    again: take it although the same came before.
    """
    try:
        file = model_file.read(name, content)
        brought: Brought = site.view.bring(identity.name, file, again)
    except ValueError as refusal:
        raise RefusedError(422, str(refusal)) from None
    with site.view.writing() as connection:
        detail = {"message": brought.seq, "known": brought.known}
        now = site.view.clock()
        audit.record(connection, identity.name, BROUGHT, name, audit.OK, detail, now)
    return BroughtIn(
        seq=brought.seq,
        known=brought.known,
        models=[model.mrid for model in file.models],
        left_out=brought.left_out,
    )


@routes.get("/models/{wanted}", tags=["models"], responses=FORMS, response_model=ModelVersion)
def model(request: Request, site: Here, _identity: Reader, wanted: str) -> Response | ModelVersion:
    """One version, by its id or the newest of an mRID: what is known of it as JSON, or itself in
    canonical RDF/XML, by Accept."""
    version = found(site, wanted)
    if _wants_json(request):
        return ModelVersion.of(version)
    return document(site, version)


@routes.get(
    "/models/{wanted}/difference/{other}",
    tags=["models"],
    responses=FORMS,
    response_model=Report,
)
def differing(
    request: Request, site: Here, _identity: Reader, wanted: str, other: str
) -> Response | Report:
    """What turns one version into another: in classes and names as JSON, or as the difference
    model of IEC 61970-552 in RDF/XML, by Accept."""
    one, two = found(site, wanted), found(site, other)
    with site.heavy():
        old, new = site.past.model(one), site.past.model(two)
        change = difference.between(old, new)
        if _wants_json(request):
            return model_diff.told(change, old, new)
    return rdf(iter([write.difference(change)]), f"difference-{one.id}-{two.id}.xml")


@routes.get("/sparql", tags=["models"])
def sparql(
    request: Request,
    site: Here,
    _identity: Reader,
    query: Annotated[str, Query(max_length=8_000)],
    version: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Ask SPARQL (SELECT, ASK, CONSTRUCT) of a version, or of the models in force."""
    return _asked(request, site, query, version)


@routes.post("/sparql", tags=["models"])
def sparql_posted(
    request: Request,
    site: Here,
    _identity: Reader,
    query: Annotated[str, Body(embed=True, max_length=65_536)],
    version: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The same for a long query: {"query": ...}."""
    return _asked(request, site, query, version)


def _asked(_request: Request, site: Site, query: str, version: str) -> Response:
    try:
        answer = site.asking.ask(query, version)
    except KeyError:
        raise RefusedError(404, f"There is no version {version}.") from None
    except Refusal as refusal:
        raise RefusedError(422, str(refusal)) from None
    said = answer.as_json()
    cut = {"Gridbus-Cut": "true"} if answer.cut else {}
    if answer.triples is not None:
        return Response(said["ntriples"], media_type=NTRIPLES, headers=cut)
    said.pop("cut", None)
    return JSONResponse(said, media_type=RESULTS, headers=cut)


def found(site: Site, wanted: str) -> Version:
    """Raises: RefusedError, when there is no such version."""
    try:
        return site.past.version(wanted)
    except KeyError:
        raise RefusedError(404, f"There is no version {wanted[:80]}.") from None


def document(site: Site, version: Version) -> Response:
    """A version in canonical RDF/XML."""
    with site.heavy():
        pieces = list(write.full_pieces(site.past.model(version)))
    return rdf(iter(pieces), f"model-{version.id}.xml")


def rdf(pieces: Iterator[bytes], filename: str) -> Response:
    """A document to be saved."""
    saved = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingResponse(pieces, media_type=answers.RDF, headers=saved)


def when(moment: str | None) -> datetime | None:
    """Raises: RefusedError for what is no time."""
    try:
        return instant("moment", moment)
    except ValueError as wrong:
        raise RefusedError(422, str(wrong)) from None


def _wants_json(request: Request) -> bool:
    media = answers.preferred(request.headers.get("accept", ""))
    if media is None:
        raise RefusedError(406, f"Accept: one of {', '.join(answers.MEDIA)} was expected.")
    return media == answers.JSON
