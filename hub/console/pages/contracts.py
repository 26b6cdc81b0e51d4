"""What may be exchanged with the hub: every noun, between whom it goes, and its contract."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from cim.contract import Contract
from cim.profiles import NOUNS
from cim.reference_model import exchange_of, functions, sub_functions
from hub.console.identity import Identity, Page, RefusedError
from hub.console.site import Here, Site
from hub.message_channel import Subscription
from hub.security.roles import Right

routes = APIRouter(prefix="/contracts")
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]


@routes.get("")
def listed(request: Request, site: Here, identity: Viewer) -> Response:
    rows = [(NOUNS[name], exchange_of(name)) for name in sorted(NOUNS)]
    return site.show(
        request,
        "contracts.html",
        identity,
        rows=rows,
        functions=functions(),
        parts=sub_functions().values(),
    )


@routes.get("/{noun}")
def one(request: Request, site: Here, identity: Viewer, noun: str) -> Response:
    if noun not in NOUNS:
        raise RefusedError(404, f"There is no noun {noun[:80]}; /contracts lists those there are.")
    return site.show(
        request,
        "contract.html",
        identity,
        contract=Contract.of(noun),
        subscribed=list(subscribed(site, noun)),
    )


def subscribed(site: Site, noun: str) -> list[tuple[str, list[str]]]:
    """Who gets messages of a noun in this hub, each with the verbs."""
    found = ((s.subscriber, _verbs(s, noun)) for s in site.view.journal.subscriptions)
    return sorted((name, verbs) for name, verbs in found if verbs)


def _verbs(subscription: Subscription, noun: str) -> list[str]:
    if not subscription.topics:
        return ["every event"]
    return sorted(topic.verb for topic in subscription.topics if topic.noun == noun)
