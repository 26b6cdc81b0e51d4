"""REST for requests: a system asks, and has the reply in the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Response, Security
from fastapi import Request as HttpRequest

from cim import envelope
from cim.message import Header, Kind, Message, ObjectId, Property, Request, Verb
from cim.profiles import NOUNS
from cim.violation import Refusal
from hub.console import answers, bodies
from hub.console.api import PREFIX, Viewer, token
from hub.console.identity import Identity, RefusedError
from hub.console.plain import Replied, replied
from hub.console.problem import problem
from hub.console.site import Here, Site
from hub.dispatch.requested import Late, NoRequest
from hub.dispatch.rights import Denied
from hub.security.systems import System

ENVELOPE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {answers.XML: {"schema": {"type": "string"}}}}
}
Asked = Annotated[list[str], Query(max_length=100)]

routes = APIRouter(prefix=PREFIX, tags=["requests"], dependencies=[Security(token)])


async def _body(request: HttpRequest) -> bytes:
    return await request.body()


@routes.post("/requests", response_model=Replied, responses=answers.FORMS, openapi_extra=ENVELOPE)
def send(
    request: HttpRequest, site: Here, identity: Viewer, content: Annotated[bytes, Depends(_body)]
) -> Replied | Response:
    """Send a RequestMessage of IEC 61968-100, as over SOAP.  Its reply is the answer, whatever its
    Result, by Accept as JSON, as a ResponseMessage, or its payload alone as RDF/XML.  What is
    refused is a 422, or a 403, with the violations."""
    name = _system(identity).name
    return _answer(request, site, lambda: site.view.request(name, content))


@routes.get("/replies/{noun}", response_model=Replied, responses=answers.FORMS)
def ask(
    request: HttpRequest,
    site: Here,
    identity: Viewer,
    noun: str,
    id: Asked = [],  # noqa: B006 - FastAPI copies it
    type: Annotated[str | None, Query(max_length=100)] = None,
    start: datetime | None = None,
    end: datetime | None = None,
    option: Asked = [],  # noqa: B006
) -> Replied | Response:
    """Ask for a noun: the reply to `get` of it, answered as by `POST requests`.

    id: Request.ID, of the IDtype `type`; start, end: its StartTime and EndTime; option:
    "name=value".
    """
    if noun not in NOUNS:
        raise RefusedError(404, f"There is no noun {noun[:80]}.")
    system = _system(identity)
    given = Request(
        start_time=start,
        end_time=end,
        options=tuple(map(_option, option)),
        ids=tuple(ObjectId(value=one, id_type=type) for one in id),
    )
    header = Header(
        verb=Verb.GET,
        noun=noun,
        timestamp=site.view.clock(),
        source=system.name if system.may_speak_for(system.name) else min(system.sources),
        message_id=str(uuid4()),
    )
    asked = Message(header=header, kind=Kind.REQUEST, request=given)
    return _answer(request, site, lambda: site.view.request(system.name, asked))


def _system(identity: Identity) -> System:
    if identity.system is None:
        raise RefusedError(403, "Only a system asks; show its API token.")
    return identity.system


def _option(text: str) -> Property:
    name, there, value = text.partition("=")
    if not there or not name:
        raise RefusedError(422, f"option {text[:80]!r} is not of the form name=value.")
    return Property(name, value)


def _answer(request: HttpRequest, site: Site, ask: Callable[[], Message]) -> Replied | Response:
    media = answers.preferred(request.headers.get("accept", ""))
    if media is None:
        raise RefusedError(406, f"Accept: one of {', '.join(answers.MEDIA)} was expected.")
    try:
        with site.waiting():
            reply = ask()
    except NoRequest as error:
        raise RefusedError(422, str(error)) from None
    except Late as error:
        raise RefusedError(504, str(error)) from None
    except Refusal as refusal:
        return _refused(refusal)
    return _written(reply, media)


def _refused(refusal: Refusal) -> Response:
    violations = [
        {"code": v.code, "rule": v.rule, "xpath": v.xpath, "value": v.value}
        for v in refusal.violations
    ]
    return problem(403 if isinstance(refusal, Denied) else 422, str(refusal), violations=violations)


def _written(reply: Message, media: str) -> Replied | Response:
    if media == answers.JSON:
        return replied(reply)
    if media == answers.XML:
        return Response(envelope.write(reply), media_type=media)
    payload = bodies.rdf_payload(reply)
    if payload is None:
        raise RefusedError(406, "The reply has no payload that has an RDF form of its own.")
    return Response(payload, media_type=media)
