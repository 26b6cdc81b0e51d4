"""The network as operated: now or at a moment, one object of it, traces, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from cim.network import Network
from hub import tracing
from hub.console.alarms import Alarm
from hub.console.identity import Identity, Page
from hub.console.network import described
from hub.console.site import Here, Site
from hub.history.comparison import Comparison
from hub.history.past import NEWEST
from hub.instant import instant
from hub.security.roles import Right
from hub.tracing import State, Thing

SHOWN = 500
"""Pieces of equipment, usage points, sentences: so many on a page."""

Show = Literal["", "up", "down", "isolate"]
Asked = Annotated[str, Query(max_length=200)]
Moment = Annotated[str, Query(max_length=40)]

routes = APIRouter(prefix="/network")
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One phase of an object; `closed` is None for what is no switch."""

    name: str
    supplied: bool
    earthed: bool
    live_earthed: bool
    closed: bool | None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The answer to a trace: lists under headings, each as far as it is shown."""

    title: str
    counts: Sequence[tuple[str, int]] = ()
    equipment: Sequence[Thing] = ()
    usage_points: Sequence[str] = ()


@routes.get("")
def network(
    request: Request,
    site: Here,
    identity: Viewer,
    q: Asked = "",
    moment: Moment = "",
    show: Show = "",
    normal: bool = False,
) -> Response:
    when, refused = _moment(moment)
    now = site.view.network() if when is None else site.past.as_of(when)
    now = now.normal if normal else now
    wanted = q.strip()
    mrid = _found(now, wanted)
    state = tracing.state(now, mrid) if mrid else None
    with site.view.journal.reading() as connection:
        alarms = [] if when else _alarms(site.alarms.active(connection), wanted, mrid)
    return site.show(
        request,
        "network.html",
        identity,
        422 if refused else 200,
        q=wanted,
        moment=moment,
        when=when,
        refused=refused,
        normal=normal,
        counts=now.counts(),
        version=now.version,
        problems=now.problems,
        placed=_placed(now),
        live_earths=list(tracing.live_earths(now)),
        found=described(now, wanted) if wanted else None,
        state=state,
        phases=_phases(state) if state else (),
        traced=_traced(site, now, mrid, show) if mrid and show else None,
        shown=SHOWN,
        alarms=alarms,
    )


@routes.get("/compare")
def compare(
    request: Request, site: Here, identity: Viewer, one: Moment = "", other: Moment = ""
) -> Response:
    (first, wrong), (second, also) = _moment(one), _moment(other)
    found: Comparison | None = None
    if first is not None and not also:
        with site.heavy():
            found = site.past.compare(first, NEWEST if second is None else second)
    sentences = list(found.sentences()) if found else []
    return site.show(
        request,
        "network_compare.html",
        identity,
        422 if wrong or also else 200,
        one=one,
        other=other,
        refused=wrong or also,
        found=found,
        sentences=sentences,
        shown=SHOWN,
    )


def _alarms(active: Sequence[Alarm], wanted: str, mrid: str) -> list[Alarm]:
    """Those of the object that is looked at, or all."""
    if not wanted:
        return list(active)
    names = {wanted, mrid} - {""}
    return [one for one in active if names & {one.equipment, one.equipment_name}]


def _moment(text: str) -> tuple[datetime | None, str]:
    """The moment, None for now; or why it is none."""
    try:
        return (instant("moment", text.strip()) if text.strip() else None), ""
    except ValueError as wrong:
        return None, str(wrong)


def _found(network: Network, wanted: str) -> str:
    try:
        return tracing.find(network, wanted) if wanted else ""
    except KeyError:
        return ""


def _placed(network: Network) -> list[str]:
    """Everything that is in the network for a time only, and all tags."""
    patches = (tracing.patch(network, one) for one in network.patches)
    tags = (f"{tracing.tag(one)} on {tracing.thing(network, one.on)}" for one in network.tags())
    return [*patches, *tags]


def _phases(state: State) -> list[Phase]:
    names = sorted({*state.energised, *state.dead, *state.earthed, *(state.closed or ())})
    return [
        Phase(
            name=name,
            supplied=name in state.energised,
            earthed=name in state.earthed,
            live_earthed=name in state.live_earthed,
            closed=None if state.closed is None else name in state.closed,
        )
        for name in names
    ]


def _traced(site: Site, network: Network, mrid: str, show: Show) -> Shown:
    with site.heavy():
        if show == "up":
            found = tracing.traced(network, "up", mrid).equipment
            return Shown(title="Fed through, the nearest first", equipment=found)
        if show == "isolate":
            return _isolation(network, mrid)
        area = network.downstream(mrid)
        dead = len({*area.usage_points} & {*network.dead_usage_points})
        return Shown(
            title="Supplied through it",
            counts=(
                ("Equipment", len(area.equipment)),
                ("Nodes", len(area.nodes)),
                ("Usage points", len(area.usage_points)),
                *((("Of these without supply now", dead),) if dead else ()),
            ),
            equipment=tracing.things(network, area.equipment[:SHOWN]),
            usage_points=list(area.usage_points[:SHOWN]),
        )


def _isolation(network: Network, mrid: str) -> Shown:
    points = network.isolation_points(mrid)
    counts = (
        ("To open", len(points.open)),
        ("To keep open", len(points.keep_open)),
        ("Sources inside", len(points.sources)),
    )
    found = tracing.things(network, sorted(points.open | points.keep_open | points.sources))
    return Shown(title="To isolate it", counts=counts, equipment=found[:SHOWN])
