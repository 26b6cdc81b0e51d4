"""What people ask the network, as data and in words; for console, REST and command line alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from cim.network import LiveEarth, Loop, Network, Patch, Tag
from cim.network.phases import LIVE, listed

Direction = Literal["up", "down"]


@dataclass(frozen=True, kw_only=True)
class Thing:
    """An object of the network; `kind` is its class, empty where no model describes it."""

    mrid: str
    name: str = ""
    kind: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.name or self.mrid)))


@dataclass(frozen=True, kw_only=True)
class State:
    """One object as operated.

    energised, earthed: phases; of a usage point, node or equipment (at any of its sides).
    live_earthed: phases that are supplied and connected to earth all the same.
    dead:     phases that it has and that are not supplied.
    closed:   phases on which it is closed; None for what is no switch.
    volts:    nominal; None where no model says it.
    sources:  of each supplied phase.
    path:     switches and transformers up to the source, the nearest first.
    tags, patches: that hang on it, in words.
    below:    usage points supplied through it.
    """

    thing: Thing
    energised: Sequence[str]
    dead: Sequence[str]
    earthed: Sequence[str]
    live_earthed: Sequence[str]
    closed: Sequence[str] | None
    in_service: bool
    feeder: Thing | None
    sources: Sequence[Thing]
    volts: float | None
    path: Sequence[Thing]
    next_device: Thing | None
    tags: Sequence[str]
    patches: Sequence[str]
    below: int


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The network as a whole.

    dead_nodes, dead_points: without supply on any, or on some of their phases.
    live_earths: each earth at a supplied node, in a sentence.
    """

    models: Sequence[str]
    nodes: int
    dead_nodes: Sequence[str]
    usage_points: int
    dead_points: Sequence[str]
    loops: int
    live_earths: Sequence[str]
    tags: Sequence[str]
    patches: Sequence[str]
    problems: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Traced:
    """What a trace came to; all but `start` and `equipment` only downstream.

    dead_nodes, dead_points: how many of the nodes and usage points are not supplied now: they were
                             when they last were.
    """

    start: Thing
    equipment: Sequence[Thing]
    usage_points: Sequence[str] = ()
    nodes: Sequence[str] = ()
    dead_nodes: int = 0
    dead_points: int = 0


def find(network: Network, wanted: str) -> str:
    """The mRID of what is meant: an mRID, a name of equipment, a usage point or its meter.

    Raises: KeyError with a sentence.
    """
    if network.knows(wanted):
        return network.equipment(wanted).mrid
    if point := network.usage_point_of(wanted):
        return point
    try:
        return network.equipment_named(wanted).mrid
    except KeyError:
        raise KeyError(f"The network knows no object of the mRID or name {wanted}.") from None


def thing(network: Network, designation: str) -> Thing:
    """An object by mRID or name, however it was reported."""
    try:
        known = network.knows(designation)
        found = network.equipment(designation) if known else network.equipment_named(designation)
    except KeyError:
        return Thing(mrid=designation)
    return Thing(mrid=found.mrid, name=found.name, kind=found.cim_class)


def things(network: Network, mrids: Sequence[str]) -> tuple[Thing, ...]:
    """Several of them."""
    return tuple(thing(network, mrid) for mrid in mrids)


def state(network: Network, mrid: str) -> State:
    """How an object is now.  Raises: KeyError."""
    feeder = network.feeder_of(mrid)
    following = network.next_device(mrid)
    return State(
        thing=thing(network, mrid),
        energised=_ordered(network.energised_phases(mrid)),
        dead=_ordered(network.dead_phases(mrid)),
        earthed=_ordered(network.earthed_phases(mrid)),
        live_earthed=_ordered(network.live_earthed_phases(mrid)),
        closed=_closed(network, mrid),
        in_service=network.in_service(mrid),
        feeder=thing(network, feeder) if feeder else None,
        sources=things(network, sorted({*network.feed_points(mrid).values()})),
        volts=network.voltage_level(mrid),
        path=things(network, network.protective_path(mrid)),
        next_device=thing(network, following) if following else None,
        tags=tuple(map(tag, network.tags(mrid))),
        patches=tuple(patch(network, one) for one in _patches_on(network, mrid)),
        below=len(network.usage_points_below(mrid)),
    )


def summary(network: Network) -> Summary:
    """How the network is now."""
    return Summary(
        models=network.version,
        nodes=network.counts().get("ConnectivityNode", 0),
        dead_nodes=list(network.dead_nodes),
        usage_points=len(network.usage_points),
        dead_points=tuple(sorted(network.dead_usage_points)),
        loops=len(network.loops()),
        live_earths=tuple(live_earths(network)),
        tags=tuple(f"{tag(one)} on {thing(network, one.on)}" for one in network.tags()),
        patches=tuple(patch(network, one) for one in network.patches),
        problems=network.problems,
    )


def traced(network: Network, direction: Direction, mrid: str) -> Traced:
    """All that supplies an object, the nearest first; or all that is supplied through it.

    What is not supplied now is supplied through what it was when it last was.
    """
    start = thing(network, mrid)
    if direction == "up":
        return Traced(start=start, equipment=things(network, network.upstream(mrid)))
    area = network.downstream(mrid)
    return Traced(
        start=start,
        equipment=things(network, area.equipment),
        usage_points=list(area.usage_points),
        nodes=list(area.nodes),
        dead_nodes=len({*area.nodes} & {*network.dead_nodes}),
        dead_points=len({*area.usage_points} & {*network.dead_usage_points}),
    )


def loops(network: Network) -> Iterator[str]:
    """Each loop in a sentence."""
    for loop in network.loops():
        yield _loop(network, loop)


def live_earths(network: Network) -> Iterator[str]:
    """Each earth at a supplied node in a sentence."""
    for earth in network.live_earths():
        yield _live_earth(network, earth)


def tag(one: Tag) -> str:
    """A tag in words."""
    said = one.type or one.description or one.mrid or "tag"
    by = f" by {one.author}" if one.author else ""
    since = f" since {one.since:%Y-%m-%d %H:%M}" if one.since else ""
    return f"{said}{by}{since}"


def patch(network: Network, one: Patch) -> str:
    """A jumper, ground, cut or mobile source in words."""
    ends = " and ".join(str(thing(network, end.at)) for end in one.ends)
    on = "" if one.phases == LIVE else f" on {' '.join(listed(one.phases))}"
    since = f" since {one.since:%Y-%m-%d %H:%M}" if one.since else ""
    return f"{one.kind} {one.mrid}".strip() + (f" at {ends}" if ends else "") + on + since


def _patches_on(network: Network, mrid: str) -> Iterator[Patch]:
    for one in network.patches:
        if any(thing(network, end.at).mrid == mrid for end in one.ends):
            yield one


def _loop(network: Network, loop: Loop) -> str:
    switches = ", ".join(str(thing(network, mrid)) for mrid in loop.switches) or "no switch"
    sources = " and ".join(str(thing(network, mrid)) for mrid in loop.sources)
    what = "Loop" if loop.kind == "loop" else "Parallel supply"
    return (
        f"{what} on {' '.join(loop.phases)} from {sources}, over {switches};"
        f" {len(loop.equipment):,} pieces of equipment."
    )


def _live_earth(network: Network, earth: LiveEarth) -> str:
    sources, switches = (
        " and ".join(str(thing(network, mrid)) for mrid in listed)
        for listed in (earth.sources, earth.switches)
    )
    return (
        f"Earth {thing(network, earth.earth)} at {thing(network, earth.node)} is live on"
        f" {' '.join(earth.phases)} from {sources}"
        + (f", through {switches}." if switches else ".")
    )


def _closed(network: Network, mrid: str) -> Sequence[str] | None:
    try:
        return _ordered(network.switch_closed(mrid))
    except KeyError:
        return None


def _ordered(phases: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(phases))
