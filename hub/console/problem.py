"""What is said when a request is not carried out: a page for people, problem+json for systems."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from cim.violation import Refusal
from hub.console.identity import RefusedError
from hub.console.site import site
from hub.history.past import Busy

API = "/api/"
log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Answer every failure in sentences."""

    def say(
        request: Request, status: int, sentence: str, location: str | None = None, **more: object
    ) -> Response:
        if request.url.path.startswith(API):
            return problem(status, sentence, **more)
        if location and "hx-request" not in request.headers:
            return RedirectResponse(location, 303)
        title = HTTPStatus(status).phrase
        return site(request).show(
            request, "said.html", None, status, title=title, sentence=sentence
        )

    @app.exception_handler(RefusedError)
    def refused(request: Request, error: RefusedError) -> Response:
        return say(request, error.status, error.why, error.location, **error.more)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        return say(request, error.status_code, f"{error.detail}: {request.url.path}.")

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return say(request, 422, "; ".join(_sentence(e["loc"], e["msg"]) for e in error.errors()))

    @app.exception_handler(Refusal)
    def unreadable(request: Request, error: Refusal) -> Response:
        return say(request, 422, f"A stored message can no longer be read: {error}")

    @app.exception_handler(Busy)
    def busy(request: Request, error: Busy) -> Response:
        answer = say(request, 503, str(error))
        answer.headers["Retry-After"] = "5"
        return answer

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return say(request, 500, "Something here is broken; the log of the hub says what.")


def problem(status: int, sentence: str, **more: object) -> Response:
    """RFC 9457; `more` are members of its own."""
    return JSONResponse(
        {"title": HTTPStatus(status).phrase, "status": status, "detail": sentence, **more},
        status,
        headers={"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None,
        media_type="application/problem+json",
    )


def at_the_door(status: int, sentence: str) -> tuple[str, bytes]:
    """The same of a request that never got here (`hub.front.limits.Refuse`)."""
    answer = problem(status, sentence)
    return str(answer.media_type), bytes(answer.body)


def _sentence(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, place[1:] or place))}: {message}"
