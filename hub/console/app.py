"""The console as an ASGI application: pages for people, REST for systems."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.console import (
    api,
    api_feeds,
    api_historian,
    api_models,
    api_network,
    api_public,
    api_quarantine,
    api_reports,
    api_requests,
    api_subscriptions,
    problem,
)
from hub.console.pages import (
    alarms,
    analysis,
    audit,
    contracts,
    dispatching,
    failures,
    feeds,
    login,
    messages,
    models,
    network,
    outages,
    overview,
    planned,
    public,
    quarantine,
)
from hub.console.public import PUBLIC, PUBLIC_API
from hub.console.site import HERE, Site
from hub.console.view import ConsoleView

PAGES = (
    *(login, overview, messages, failures, quarantine, feeds, outages, dispatching, planned),
    *(alarms, network, analysis, models, contracts, audit, public),
)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # "no-referrer" would take the Origin off our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create(view: ConsoleView) -> FastAPI:
    """The console of one hub; serve it under the root of its host."""
    app = FastAPI(
        title="Gridbus",
        summary="IEC 61968 integration hub",
        version="1",
        openapi_url=f"{api.PREFIX}/openapi.json",
        docs_url=None,  # both load scripts from elsewhere
        redoc_url=None,
    )
    app.state.site = Site(view)
    for pages in PAGES:
        app.include_router(pages.routes, include_in_schema=False)
    app.include_router(api.routes)
    app.include_router(api_quarantine.routes)
    app.include_router(api_feeds.routes)
    app.include_router(api_models.routes)
    app.include_router(api_network.routes)
    app.include_router(api_historian.routes)
    app.include_router(api_reports.routes)
    app.include_router(api_public.routes)
    app.include_router(api_subscriptions.routes)
    app.include_router(api_requests.routes)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    problem.install(app)
    app.add_middleware(Guarded, headers=HEADERS, secure=view.secure)
    return app


class Guarded:
    """Puts the security headers on every answer; what is neither a static file nor open to
    everybody may not be kept."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str], secure: bool) -> None:
        self._app = app
        self._headers = dict(headers)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_open = scope["path"].startswith((PUBLIC, PUBLIC_API))
        keeps = "max-age=3600" if scope["path"].startswith("/static/") else "no-store"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if not (is_open and "Cache-Control" in headers):
                    headers["Cache-Control"] = keeps
            await send(message)

        await self._app(scope, receive, guarded)
