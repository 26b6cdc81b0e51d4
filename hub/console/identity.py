"""Who asks, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Form, Request, Response
from sqlalchemy import Connection

from hub.console.view import ConsoleView
from hub.front import credentials
from hub.security import audit, sessions, systems
from hub.security.roles import Right
from hub.security.sessions import Session
from hub.security.systems import System


class RefusedError(Exception):
    """The request is not carried out; `status` is the HTTP status, `why` a sentence.

    location: where a browser goes instead.
    more:     what a system is told beside, by name.
    """

    def __init__(
        self, status: int, why: str, location: str | None = None, **more: str | None
    ) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.location = location
        self.more = more


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A person with a session, or a system."""

    name: str
    rights: frozenset[Right]
    session: Session | None = None
    system: System | None = None

    @property
    def csrf(self) -> str:
        """What a form of this person's must carry."""
        return self.session.csrf if self.session else ""

    def may_read(self, noun: str) -> bool:
        """A system reads the nouns it is bound to; a person every one."""
        return self.system is None or self.system.may_use(noun)

    def may_know(self, principal: str) -> bool:
        """A system bound to nouns knows only what itself was refused, as nobody can say of which
        noun that is."""
        return self.system is None or not self.system.nouns or principal == self.name


class Door:
    """Turns requests into identities."""

    def __init__(self, view: ConsoleView) -> None:
        self._view = view
        self.cookie = "__Host-gridbus" if view.secure else "gridbus"

    def page(self, request: Request, right: Right | None) -> Identity:
        """The person of the session; `right` None lets in those too who must change a password.

        Raises: RefusedError, leading to the login or the password page.
        """
        identity = self._session(request)
        if identity is None or identity.session is None:
            raise RefusedError(401, "Log in first.", f"/login?next={quote(_here(request))}")
        if right is not None:
            if identity.session.person.must_change:
                raise RefusedError(403, "Change the one-time password first.", "/password")
            self._need(request, identity, right)
        return identity

    def form(self, request: Request, right: Right | None, csrf: str) -> Identity:
        """As `page`, for a form: of the same origin and with the session's own token."""
        identity = self.page(request, right)
        self._own_form(request, identity, csrf)
        return identity

    def system(self, request: Request, right: Right) -> Identity:
        """For REST: an API token or client certificate, or else the session of a person."""
        identity = self._system(request) or self._session(request)
        if identity is None:
            raise RefusedError(401, "Give an API token: Authorization: Bearer <token>.")
        if identity.session and identity.session.person.must_change:
            raise RefusedError(403, "Change the one-time password first.")
        self._need(request, identity, right)
        if identity.session and request.method not in ("GET", "HEAD"):
            self._own_form(request, identity, request.headers.get("x-csrf-token", ""))
        return identity

    def same_origin(self, request: Request) -> None:
        """Raises: RefusedError when another site's page sent this.

        A browser names the origin of every POST.
        """
        expected = self._view.origin or f"{request.url.scheme}://{request.url.netloc}"
        if request.headers.get("origin") != expected:
            raise RefusedError(403, "This form was not sent from the console itself.")

    def let_in(
        self, request: Request, response: Response, connection: Connection, name: str
    ) -> None:
        """Start a session of `name`, ending the one the browser had."""
        now = self._view.clock()
        self._end(request, connection)
        token = sessions.start(connection, name, now, self._view.timeouts)
        response.set_cookie(
            self.cookie, token, path="/", secure=self._view.secure, httponly=True, samesite="strict"
        )

    def send_away(self, request: Request, response: Response, connection: Connection) -> None:
        """End the session of the browser, if it has one."""
        self._end(request, connection)
        response.delete_cookie(
            self.cookie, path="/", secure=self._view.secure, httponly=True, samesite="strict"
        )

    def _end(self, request: Request, connection: Connection) -> None:
        token = request.cookies.get(self.cookie, "")
        if session := sessions.find(connection, token, self._view.clock(), self._view.timeouts):
            sessions.end(connection, session)

    def _session(self, request: Request) -> Identity | None:
        token = request.cookies.get(self.cookie)
        if not token:
            return None
        now = self._view.clock()
        with self._view.journal.reading() as connection:
            session = sessions.find(connection, token, now, self._view.timeouts)
        if session is None:
            return None
        if session.stale(now) and "hx-request" not in request.headers:  # a page refreshing itself
            with self._view.writing() as connection:
                sessions.touch(connection, session, now)
        rights = self._view.roles.allowed(session.person.roles)
        return Identity(name=session.person.name, rights=rights, session=session)

    def _system(self, request: Request) -> Identity | None:
        shown = credentials(request.scope)
        if shown == (None, None):
            return None
        with self._view.journal.reading() as connection:
            system = systems.authenticate(connection, *shown)
        if system is None and shown.authorization is None:
            return None  # a person's browser may show a certificate too
        if system is None:
            raise RefusedError(401, "The API token is not known here.")
        rights = self._view.roles.allowed(system.roles)
        return Identity(name=system.name, rights=rights, system=system)

    def _own_form(self, request: Request, identity: Identity, token: str) -> None:
        self.same_origin(request)
        if identity.session is None or not identity.session.vouches(token):
            raise RefusedError(403, "This form is no longer valid: load the page again.")

    def _need(self, request: Request, identity: Identity, right: Right) -> None:
        if right in identity.rights:
            return
        with self._view.writing() as connection:
            audit.record(
                connection,
                identity.name,
                f"{request.method} {request.url.path}",
                str(right),
                audit.REFUSED,
                {},
                self._view.clock(),
            )
        raise RefusedError(403, f'Your roles do not include the right "{right}".')


class Page:
    """Dependency of a page: who asks, with this right."""

    def __init__(self, right: Right | None) -> None:
        self._right = right

    def __call__(self, request: Request) -> Identity:
        return _door(request).page(request, self._right)


class Sent:
    """Dependency of a form: who sent it, with this right."""

    def __init__(self, right: Right | None) -> None:
        self._right = right

    def __call__(
        self, request: Request, csrf: Annotated[str, Form(max_length=100)] = ""
    ) -> Identity:
        return _door(request).form(request, self._right, csrf)


class Call:
    """Dependency of a REST call: who calls, with this right.

    open: whether others than the call itself look after its parameters.
    """

    def __init__(self, right: Right, *, open: bool = False) -> None:
        self._right = right
        self._open = open

    def __call__(self, request: Request) -> Identity:
        identity = _door(request).system(request, self._right)
        if not self._open:
            _understood(request)
        return identity


def _understood(request: Request) -> None:
    """Refuse a parameter that means nothing: whoever misspells a filter gets no answer to another.

    Raises: RefusedError.
    """
    path, method = request.scope["route"].path_format, request.method.lower()
    described = request.app.openapi()["paths"][path][method]
    known = [one["name"] for one in described.get("parameters", ()) if one["in"] == "query"]
    for name in request.query_params:
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there is none"
            raise RefusedError(422, f"There is no parameter {name[:80]!r} here; {there}.")


def _door(request: Request) -> Door:
    door = request.app.state.site.door
    assert isinstance(door, Door)  # noqa: S101 - put there by `create`
    return door


def local_path(path: str) -> str:
    """`path` when it stays on this site, else the overview."""
    parts = urlsplit(path)
    stays = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if stays and not parts.scheme and not parts.netloc and path.isprintable() else "/"


def _here(request: Request) -> str:
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
