"""The outages and the network they are in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from cim.network import Network
from hub.console import dangers, orders, planned, tickets
from hub.console.acting import may_lead
from hub.console.deeds import CAUSES, DONE
from hub.console.filled import NOTHING, WRONG, Filled
from hub.console.identity import Identity, Page
from hub.console.orders import CREWS
from hub.console.outage_list import CALLS, PAGE, Line, Sheet, is_waiting
from hub.console.outages import NOUN, Outage
from hub.console.pages import about
from hub.console.pages.about import OF
from hub.console.reports import offered
from hub.console.site import Here, Site
from hub.report import Offer
from hub.security.roles import Right

_OURS = frozenset({NOUN, "Crews", "PlannedOutages", "TroubleOrders", "TroubleTickets"})
_MAP, _UNDER = "map", "under"
"""A report that is called so draws the network, with that parameter what a device feeds."""

routes = APIRouter()
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]
Number = Annotated[int, Query(ge=1, le=1_000_000)]
Asked = Annotated[str, Query(max_length=200)]


class Wanted(NamedTuple):
    """Which outages are looked at (`hub.console.outage_list.Sheet`)."""

    feeder: str = ""
    state: str = ""
    page: int = 1


ALL = Wanted()


@dataclass(frozen=True)
class Point:
    """A usage point without supply; `supplied` by switch positions, None when it is unknown."""

    mrid: str
    name: str
    supplied: bool | None


@routes.get("/outages")
def outages(
    request: Request,
    site: Here,
    identity: Viewer,
    feeder: Asked = "",
    state: Asked = "",
    page: Number = 1,
    done: Asked = "",
) -> Response:
    wanted = Wanted(feeder, state, page)
    return all_of(request, site, identity, wanted, Filled(done=DONE.get(done, "")))


def all_of(
    request: Request,
    site: Site,
    identity: Identity,
    asked: Wanted = ALL,
    filled: Filled = NOTHING,
) -> Response:
    """The page of all outages."""
    network = site.view.network()
    with site.view.journal.reading() as connection:
        active = site.outages.active(connection)
        calls = site.calls.now(site.view)
        plans = site.planned.active(connection)
        over = site.outages.over(connection)
    lines = [
        Line(
            one,
            site.places.of(network, one.place),
            None if calls is None else calls.get(one.mrid, 0),
        )
        for one in active
    ]
    sheet = Sheet(lines, asked.feeder, asked.state, asked.page)
    wanted = sheet.wanted
    first = (asked.page - 1) * PAGE
    return site.show(
        request,
        "outage_list.html" if "hx-request" in request.headers else "outages.html",
        identity,
        WRONG if filled.refused else 200,
        filled=filled,
        leads=may_lead(site, identity, NOUN),
        plans=may_lead(site, identity, planned.NOUN),
        warns=may_lead(site, identity, dangers.NOUN),
        hands=may_lead(site, identity, orders.NOUN),
        hears=may_lead(site, identity, tickets.NOUN),
        kinds=dangers.KINDS,
        lights=tickets.LIGHTS,
        sheet=sheet,
        wanted=wanted,
        lines=wanted[first : first + PAGE],
        last=max(1, -(-len(wanted) // PAGE)),
        figures=_figures(site, wanted),
        unplaced=site.unplaced.now(site.view) or 0,
        map=_map(site, identity),
        more=list(_more(site, identity)),
        planned=[(one, site.places.of(network, one.place)) for one in plans[:PAGE]],
        planned_all=len(plans),
        over=over,
        first=site.outages.first,
    )


@routes.get("/outages/{mrid:path}")
def outage(
    request: Request, site: Here, identity: Viewer, mrid: str, page: Number = 1, done: Asked = ""
) -> Response:
    return one(request, site, identity, mrid, page, Filled(done=DONE.get(done, "")))


def one(
    request: Request,
    site: Site,
    identity: Identity,
    mrid: str,
    page: int = 1,
    filled: Filled = NOTHING,
) -> Response:
    """The page of one outage."""
    with site.view.journal.reading() as connection:
        known = about.found(site.outages, connection, mrid)
        calls = site.calls.now(site.view)
        others = site.outages.active(connection) if known.active else []
    network, first = site.view.network(), (page - 1) * PAGE
    points = known.usage_points
    leads = known.active and may_lead(site, identity, NOUN)
    return about.page(
        request,
        site,
        identity,
        "outage_facts.html" if "hx-request" in request.headers else "outage.html",
        filled,
        NOUN,
        mrid,
        place=known.place,
        device=known.device,
        leads=leads,
        warns=known.active and may_lead(site, identity, dangers.NOUN),
        kinds=dangers.KINDS,
        crewed=known.active and CREWS in offered(site, identity),
        near=_near(site, network, known, others) if leads else [],
        causes=CAUSES,
        outage=known,
        calls=None if calls is None else calls.get(mrid, 0),
        map=_map(site, identity),
        points=[_point(network, one) for one in points[first : first + PAGE]],
        page=page,
        last=max(1, -(-len(points) // PAGE)),
    )


def _near(
    site: Site, network: Network, known: Outage, others: Sequence[Outage]
) -> Sequence[Outage]:
    """Open outages into which it can be merged: of its feeder, the most urgent first."""
    area = site.places.of(network, known.place)
    found = (o for o in others if o is not known and site.places.of(network, o.place) == area)
    return list(islice(found, PAGE))


def _figures(site: Site, lines: Sequence[Line]) -> dict[str, Any]:
    """What there is of what at a glance."""
    found, now = [line.outage for line in lines], site.view.clock()
    return {
        "customers": sum(one.customers for one in found),
        "critical": sum(one.critical or 0 for one in found),
        "hazards": sum(bool(one.hazards) for one in found),
        "waiting": sum(map(is_waiting, found)),
        "overdue": sum(one.overdue(now) for one in found),
    }


def _map(site: Site, identity: Identity) -> str:
    """Where what a device feeds is drawn: an address to which the device is added; or nothing."""
    for app, offers in offered(site, identity).items():
        for offer in offers:
            if offer.name == _MAP and any(one.name == _UNDER for one in offer.parameters):
                return f"/analysis/{app}/{_MAP}?{_UNDER}="
    return ""


def _more(site: Site, identity: Identity) -> Iterator[tuple[str, Offer]]:
    """Reports for who looks after outages: queues, crews, times."""
    for app, offers in offered(site, identity).items():
        for offer in offers:
            asks = any(one.needed or one.name == OF for one in offer.parameters)
            if offer.nouns & _OURS and not asks and not offer.takes_long and offer.name != CALLS:
                yield app, offer


def _point(network: Network, wanted: str) -> Point:
    point = network.usage_point_of(wanted)
    if not point:
        return Point(wanted, "", None)
    return Point(point, network.name(point), network.is_energised(point))
