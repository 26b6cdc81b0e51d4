"""REST for the network as operated, now and then, under /api/v1/network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Security

from cim.network import LiveEarth, Loop, Network
from hub import tracing
from hub.console.api import PREFIX, SEES, token
from hub.console.api_models import Moment, when
from hub.console.identity import RefusedError
from hub.console.site import Here, Site
from hub.history import comparison
from hub.history.past import NEWEST, Place
from hub.tracing import State, Summary, Thing

MOST = 10_000
Wanted = Annotated[str, Query(max_length=200)]
Listed = Annotated[int, Query(ge=0, le=MOST)]
Direction = Literal["up", "down", "between", "state", "loops", "earths", "isolate"]

routes = APIRouter(prefix=f"{PREFIX}/network", tags=["network"], dependencies=[Security(token)])


@dataclass(frozen=True, kw_only=True)
class At:
    """The network after message `seq`, which was accepted at `at`."""

    seq: int
    at: datetime | None
    dead_nodes: int
    dead_points: int
    summary: Summary


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a trace came to; what the question has nothing to do with is empty.

    The counts are of all, the lists may be cut: see `limit`.
    """

    start: Sequence[Thing]
    equipment: Sequence[Thing] = ()
    equipment_count: int = 0
    nodes: Sequence[str] = ()
    nodes_count: int = 0
    usage_points: Sequence[str] = ()
    usage_points_count: int = 0
    state: State | None = None
    loops: Sequence[Loop] = ()
    live_earths: Sequence[LiveEarth] = ()
    open: Sequence[Thing] = ()
    keep_open: Sequence[Thing] = ()
    sources: Sequence[Thing] = ()


@routes.get("/at", dependencies=[SEES])
def at(site: Here, moment: Moment = None, limit: Listed = 1000) -> At:
    """The network as the hub knew it at a moment, or as it is now: who has no supply, what is
    placed, what does not fit."""
    seq = site.past.seq_at(when(moment) or NEWEST)
    with site.heavy():
        found = tracing.summary(site.past.as_of(seq))
    return At(
        seq=seq,
        at=site.past.accepted_at(seq),
        dead_nodes=len(found.dead_nodes),
        dead_points=len(found.dead_points),
        summary=replace(
            found, dead_nodes=found.dead_nodes[:limit], dead_points=found.dead_points[:limit]
        ),
    )


@routes.get("/trace", dependencies=[SEES])
def trace(
    site: Here,
    direction: Direction,
    start: Wanted = "",
    to: Wanted = "",
    moment: Moment = None,
    normal: bool = False,
    limit: Listed = 1000,
) -> Answer:
    """What supplies an object (up), what it supplies (down), the way between two, the state of one
    by phase, all loops, all earths at supplied nodes, or what to open around a place to isolate it.

    start, to: an mRID, a name of equipment, a usage point or its meter.
    normal:    by the normal switch positions.
    """
    network = network_at(site, when(moment), normal=normal)
    with site.heavy():
        if direction == "loops":
            return Answer(start=(), loops=network.loops()[:limit])
        if direction == "earths":
            return Answer(start=(), live_earths=network.live_earths()[:limit])
        given = (start, to) if direction == "between" else (start,)
        return _ANSWERS[direction](network, [mrid_of(network, one) for one in given], limit)


@routes.get("/compare", dependencies=[SEES])
def compare(site: Here, one: Moment = None, other: Moment = None) -> dict[str, Any]:
    """What is different between two moments, in sentences and as data; without `other`, now."""
    if one is None:
        raise RefusedError(422, "one: a time such as 2026-03-01T14:00 (UTC) was expected")
    with site.heavy():
        found = site.past.compare(when(one) or NEWEST, when(other) or NEWEST)
    return comparison.as_data(found)


def network_at(site: Site, place: Place | None, *, normal: bool = False) -> Network:
    """The network of a moment, or of now."""
    network = site.view.network() if place is None else site.past.as_of(place)
    return network.normal if normal else network


def mrid_of(network: Network, wanted: str) -> str:
    """Raises: RefusedError, when nothing is meant."""
    try:
        return tracing.find(network, wanted.strip())
    except KeyError as error:
        raise RefusedError(404, error.args[0]) from None


def _up(network: Network, mrids: Sequence[str], limit: int) -> Answer:
    found = tracing.traced(network, "up", mrids[0])
    return Answer(
        start=(found.start,),
        equipment=found.equipment[:limit],
        equipment_count=len(found.equipment),
    )


def _down(network: Network, mrids: Sequence[str], limit: int) -> Answer:
    area = network.downstream(mrids[0])
    return Answer(
        start=(tracing.thing(network, mrids[0]),),
        equipment=tracing.things(network, area.equipment[:limit]),
        equipment_count=len(area.equipment),
        nodes=list(area.nodes[:limit]),
        nodes_count=len(area.nodes),
        usage_points=list(area.usage_points[:limit]),
        usage_points_count=len(area.usage_points),
    )


def _between(network: Network, mrids: Sequence[str], limit: int) -> Answer:
    found = network.between(*mrids)
    return Answer(
        start=tracing.things(network, mrids),
        equipment=tracing.things(network, found[:limit]),
        equipment_count=len(found),
    )


def _state(network: Network, mrids: Sequence[str], _limit: int) -> Answer:
    found = tracing.state(network, mrids[0])
    return Answer(start=(found.thing,), state=found)


def _isolate(network: Network, mrids: Sequence[str], limit: int) -> Answer:
    points = network.isolation_points(*mrids)
    opened, kept, sources = (
        tracing.things(network, sorted(some)[:limit])
        for some in (points.open, points.keep_open, points.sources)
    )
    start = tracing.things(network, mrids)
    return Answer(start=start, open=opened, keep_open=kept, sources=sources)


_ANSWERS = {
    "up": _up,
    "down": _down,
    "between": _between,
    "state": _state,
    "isolate": _isolate,
}
