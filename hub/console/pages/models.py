"""Versions of models, what is different between two, and SPARQL over them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from cim.model import difference, write
from cim.model.sparql import Answer
from cim.violation import Refusal
from hub.console.api_models import document, found, rdf
from hub.console.asking import BOUNDS
from hub.console.identity import Identity, Page
from hub.console.site import Before, Here, Site
from hub.history import model_diff, versions
from hub.history.past import NEWEST
from hub.security.roles import Right

PAGE = 50
SHOWN = 500
"""Changed values, new and gone objects, rows of an answer: so many on a page."""

EXAMPLE = """\
SELECT ?class (COUNT(?s) AS ?count)
WHERE { ?s a ?class }
GROUP BY ?class
ORDER BY DESC(?count)"""

routes = APIRouter(prefix="/models")
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]
Id = Annotated[str, Query(max_length=200)]


@routes.get("")
def listed(request: Request, site: Here, identity: Viewer, before: Before = None) -> Response:
    with site.past.reading() as connection:
        rows = versions.listed(connection, before=before, limit=PAGE + 1)
    return site.show(
        request,
        "models.html",
        identity,
        rows=rows[:PAGE],
        more=len(rows) > PAGE,
        before=before,
    )


@routes.get("/difference")
def differing(request: Request, site: Here, identity: Viewer, one: Id, other: Id) -> Response:
    old, new = found(site, one), found(site, other)
    with site.heavy():
        models = site.past.model(old), site.past.model(new)
        told = model_diff.told(difference.between(*models), *models)
    return site.show(
        request, "model_difference.html", identity, old=old, new=new, told=told, shown=SHOWN
    )


@routes.get("/query")
def query(
    request: Request,
    site: Here,
    identity: Viewer,
    q: Annotated[str, Query(max_length=8_000)] = "",
    version: Id = "",
) -> Response:
    with site.past.reading() as connection:
        known = versions.listed(connection, at=NEWEST)
    answer, refused = _asked(site, q, version.strip())
    return site.show(
        request,
        "model_query.html",
        identity,
        422 if refused else 200,
        q=q or EXAMPLE,
        version=version,
        known=known,
        answer=answer,
        refused=refused,
        shown=SHOWN,
        bounds=BOUNDS,
    )


@routes.get("/{wanted}/document")
def saved(site: Here, _identity: Viewer, wanted: str) -> Response:
    return document(site, found(site, wanted))


@routes.get("/{wanted}/difference/{other}")
def difference_document(site: Here, _identity: Viewer, wanted: str, other: str) -> Response:
    old, new = found(site, wanted), found(site, other)
    with site.heavy():
        change = difference.between(site.past.model(old), site.past.model(new))
    return rdf(iter([write.difference(change)]), f"difference-{old.id}-{new.id}.xml")


@routes.get("/{wanted}")
def one(request: Request, site: Here, identity: Viewer, wanted: str) -> Response:
    version = found(site, wanted)
    with site.past.reading() as connection:
        others = versions.listed(connection, mrid=version.mrid)
        superseded = (versions.find(connection, m) for m in version.header.get("supersedes", ()))
        before = [*superseded, *(v for v in others if v.seq < version.seq)]
    return site.show(
        request,
        "model.html",
        identity,
        version=version,
        others=others,
        before=next((v for v in before if v is not None and v.seq < version.seq), None),
    )


def _asked(site: Site, text: str, version: str) -> tuple[Answer | None, str]:
    """The answer, or why there is none."""
    if not text.strip():
        return None, ""
    try:
        return site.asking.ask(text, version), ""
    except KeyError:
        return None, f"There is no version {version}."
    except Refusal as refusal:
        return None, str(refusal)
