"""What the pages of one outage share, unplanned or planned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from fastapi import Request, Response
from sqlalchemy import Connection

from hub.console.bodies import hides
from hub.console.filled import WRONG, Filled
from hub.console.identity import Identity, RefusedError
from hub.console.network import described
from hub.console.reports import offered
from hub.console.site import Site
from hub.journal import queries
from hub.report import Offer

OF = "outage"
"""Reports of outages with a parameter of that name tell of single ones: its mRID."""

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Known(Protocol[T_co]):
    """Outages as they are folded from the journal."""

    def one(self, connection: Connection, mrid: str) -> T_co | None: ...


@dataclass(frozen=True)
class Told:
    """A report of an app on one outage; `at_once`: it need not be wanted first."""

    app: str
    offer: Offer
    at_once: bool


def found(known: Known[T], connection: Connection, mrid: str) -> T:
    """Raises: RefusedError, when nobody knows it."""
    one = known.one(connection, mrid)
    if one is None:
        raise RefusedError(404, "There is no such outage, or it is long over.")
    return one


def page(
    request: Request,
    site: Site,
    identity: Identity,
    template: str,
    filled: Filled,
    noun: str,
    mrid: str,
    *,
    place: str,
    device: str,
    **more: Any,
) -> Response:
    """The page of one outage of that noun; `place` is in its feeder, `device` is behind it."""
    with site.view.journal.reading() as connection:
        rows = queries.search(connection, queries.Filter(mrid=mrid), limit=100)
    network = site.view.network()
    return site.show(
        request,
        template,
        identity,
        WRONG if filled.refused else 200,
        filled=filled,
        area=site.places.of(network, place),
        device=described(network, device),
        told=list(_told(site, identity, noun)),
        of=mrid,
        rows=rows,
        **more,
    )


def _told(site: Site, identity: Identity, noun: str) -> Iterator[Told]:
    """Which reports there are of one outage of that noun."""
    for app, offers in offered(site, identity).items():
        for offer in offers:
            named = {one.name for one in offer.parameters}
            needed = {one.name for one in offer.parameters if one.needed}
            if OF in named and needed <= {OF} and noun in offer.nouns:
                personal = any(hides(one, personal=False) for one in offer.nouns)
                yield Told(app, offer, not personal and not offer.takes_long)
