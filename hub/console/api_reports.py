"""REST for the reports of apps, under /api/v1/apps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response, Security

from hub.console import answers
from hub.console.api import PREFIX, Viewer, token
from hub.console.identity import Call, Identity, RefusedError
from hub.console.reports import answered, offered, wrong
from hub.console.site import Here
from hub.report import Cell, Column, Form, Offer, Report, Unanswerable, as_csv, as_json
from hub.security.roles import Right
from hub.workbook import XLSX, as_workbook

CSV = "text/csv"
DRAWN: dict[str, str] = {Form.SVG: "image/svg+xml", Form.PNG: "image/png"}
MEDIA: dict[str, str] = {"json": answers.JSON, "csv": CSV, "xlsx": XLSX, **DRAWN}
"""What may be asked for, by `format`; the last ones are drawings."""

FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {media: {"schema": {"type": "string"}} for media in (CSV, XLSX, *DRAWN.values())}
    }
}
PARAMETERS: dict[str, Any] = {
    "parameters": [
        {
            "name": "asked",
            "in": "query",
            "required": False,
            "description": "The parameters of the report, as /api/v1/apps lists them.",
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    ]
}
Asker = Annotated[Identity, Depends(Call(Right.SEE, open=True))]

routes = APIRouter(prefix=f"{PREFIX}/apps", tags=["apps"], dependencies=[Security(token)])


@dataclass(frozen=True)
class Told:
    """An app and the reports it can be asked for."""

    app: str
    reports: Sequence[Offer]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A report; what nobody knows is null.

    drawing: where it is drawn, by format; empty: it has no drawing.
    """

    app: str
    report: str
    asked: Mapping[str, str]
    title: str
    at: datetime | None
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    remarks: Sequence[str]
    drawing: Mapping[str, str]


@routes.get("")
def apps(site: Here, identity: Viewer) -> list[Told]:
    """The apps that answer, each with its reports and the parameters they take."""
    return [Told(app, offers) for app, offers in offered(site, identity).items()]


@routes.get(
    "/{app}/reports/{name}", responses=FORMS, response_model=Answer, openapi_extra=PARAMETERS
)
def report(
    request: Request,
    site: Here,
    identity: Asker,
    app: str,
    name: str,
    format: Annotated[str, Query(max_length=20)] = "",
) -> Response | Answer:
    """Ask an app: its table as JSON, CSV or XLSX, its drawing as SVG or PNG, by `format` or
    Accept."""
    media = _media(format, request.headers.get("accept", ""))
    asked = question(request)
    found = answered(site, identity, app, name, asked)
    if media == CSV:
        return Response(as_csv(found), media_type=CSV, headers=_file(name, "csv"))
    if media == XLSX:
        return Response(as_workbook([found]), media_type=XLSX, headers=_file(name, "xlsx"))
    for form, drawn in DRAWN.items():
        if media == drawn:
            return Response(_drawn(found, Form(form)), media_type=drawn, headers=_file(name, form))
    return _answer(app, name, asked, found)


def question(request: Request, *ours: str) -> dict[str, str]:
    """The parameters for the app, without `format` and `ours`.  Raises: RefusedError."""
    asked: dict[str, str] = {}
    for key, text in request.query_params.multi_items():
        if key in asked:
            raise wrong(Unanswerable("it is given twice", key[:80]))
        if key not in ("format", *ours):
            asked[key] = text
    return {key: text for key, text in asked.items() if text}


def _media(format: str, accept: str) -> str:
    if format:
        if format not in MEDIA:
            rule = f"one of {', '.join(MEDIA)} was expected, not {format}"
            raise wrong(Unanswerable(rule, "format"))
        return MEDIA[format]
    media = answers.preferred(accept, tuple(MEDIA.values()))
    if media is None:
        raise RefusedError(406, f"Accept: one of {', '.join(MEDIA.values())} was expected.")
    return media


def _drawn(found: Report, form: Form) -> bytes:
    if found.draw is None:
        raise RefusedError(406, "This report has no drawing: ask for json, csv or xlsx.")
    return found.draw(form)


def _file(name: str, ending: str) -> dict[str, str]:
    """As a file: an SVG is no page of this site."""
    return {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}


def _answer(app: str, name: str, asked: Mapping[str, str], found: Report) -> Answer:
    place = f"{PREFIX}/apps/{app}/reports/{name}"
    drawn = {form: f"{place}?{urlencode({**asked, 'format': form})}" for form in Form}
    return Answer(
        app=app,
        report=name,
        asked=asked,
        title=found.title,
        at=found.at,
        columns=found.columns,
        rows=[[as_json(cell) for cell in row] for row in found.rows],
        remarks=found.remarks,
        drawing={str(form): address for form, address in drawn.items()} if found.draw else {},
    )
