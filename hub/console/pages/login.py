"""Log in, choose a password, log out."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from hub.console.identity import Identity, Page, RefusedError, Sent, local_path
from hub.console.site import Here, Site
from hub.security import audit, people
from hub.security.people import LONGEST, AccountError

AT_ONCE = 4
"""Comparisons at the same time; each takes 64 MiB, and anybody may ask for one."""

WRONG = "Name or password is wrong, or the account is locked for a while."

Name = Annotated[str, Form(max_length=100)]
Password = Annotated[str, Form(max_length=LONGEST)]


routes = APIRouter()
Anybody = Annotated[Identity, Depends(Page(None))]
Sender = Annotated[Identity, Depends(Sent(None))]
_free = BoundedSemaphore(AT_ONCE)


@routes.get("/login")
def login_form(request: Request, site: Here, next: str = "/") -> Response:
    return site.show(request, "login.html", None, next=local_path(next), refused="")


@routes.post("/login")
def login(
    request: Request, site: Here, name: Name, password: Password, next: Annotated[str, Form()] = "/"
) -> Response:
    site.door.same_origin(request)
    if not _free.acquire(blocking=False):
        raise RefusedError(503, "Too many people log in at this moment; try again.")
    try:
        person = people.log_in(site.view.writing, name, password, site.view.clock())
    finally:
        _free.release()
    if person is None:
        return site.show(request, "login.html", None, 403, next=local_path(next), refused=WRONG)
    target = "/password" if person.must_change else local_path(next)
    return _let_in(site, request, person.name, target)


@routes.get("/password")
def password_form(request: Request, site: Here, identity: Anybody) -> Response:
    return site.show(request, "password.html", identity, refused="")


@routes.post("/password")
def password(
    request: Request,
    site: Here,
    identity: Sender,
    old: Password,
    new: Password,
    again: Password,
) -> Response:
    try:
        if new != again:
            raise AccountError("the new password was not repeated exactly")
        people.change_password(site.view.writing, identity.name, old, new, site.view.clock())
    except AccountError as refused:
        return site.show(
            request, "password.html", identity, 422, refused=f"Not changed: {refused}."
        )
    return _let_in(site, request, identity.name, site.home(identity))


@routes.post("/logout")
def logout(request: Request, site: Here, identity: Sender) -> Response:
    response = RedirectResponse("/login", 303)
    with site.view.writing() as connection:
        site.door.send_away(request, response, connection)
        audit.record(
            connection, identity.name, "logout", identity.name, audit.OK, {}, site.view.clock()
        )
    return response


def _let_in(site: Site, request: Request, name: str, target: str) -> Response:
    response = RedirectResponse(target, 303)
    with site.view.writing() as connection:
        site.door.let_in(request, response, connection, name)
    return response
