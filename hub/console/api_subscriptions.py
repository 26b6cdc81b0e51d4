"""REST for subscriptions at run time: a system makes, sees and ends its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Security

from cim.message import Edition, Format
from hub.console.api import PREFIX, token
from hub.console.identity import Call, Identity, RefusedError
from hub.console.site import Here
from hub.dispatch.callbacks import subscribe, unsubscribe
from hub.journal import callbacks
from hub.journal.callbacks import Callback
from hub.security.roles import Right
from hub.security.systems import System

Viewer = Annotated[Identity, Depends(Call(Right.SEE))]

routes = APIRouter(
    prefix=f"{PREFIX}/subscriptions", tags=["subscriptions"], dependencies=[Security(token)]
)


@routes.get("")
def listed(site: Here, identity: Viewer) -> list[Callback]:
    """A system's own subscriptions; for a person those of all."""
    own = identity.system.name if identity.system else None
    with site.view.journal.reading() as connection:
        return callbacks.everyone(connection, own)


@routes.post("", status_code=201)
def made(
    site: Here,
    identity: Viewer,
    url: Annotated[str, Body(max_length=2_000)],
    topics: Annotated[list[str], Body(max_length=100)],
    payload: Annotated[Format, Body()] = Format.XML,
    edition: Annotated[Edition | None, Body()] = None,
) -> Callback:
    """Have events sent to a SOAP endpoint from now on: each once it is in the journal, in order."""
    system = _system(identity)
    with site.view.writing() as connection:
        now = site.view.clock()
        try:
            return subscribe(
                connection,
                system.name,
                system,
                url,
                topics,
                payload,
                site.view.addresses,
                now,
                edition,
            )
        except ValueError as error:
            raise RefusedError(422, f"{str(error)[:1].upper()}{str(error)[1:]}.") from None


@routes.delete("/{number}", status_code=204)
def ended(site: Here, identity: Viewer, number: str) -> None:
    """End a subscription, and forget what it has not got."""
    system = _system(identity)
    with site.view.writing() as connection:
        one = callbacks.find(connection, number)
        if one is None or one.system != system.name:
            raise RefusedError(404, f"You have no subscription {number}.")
        unsubscribe(connection, system.name, one, site.view.clock())


def _system(identity: Identity) -> System:
    if identity.system is None:
        raise RefusedError(403, "Only a system subscribes; people use `gridbus subscription`.")
    return identity.system
