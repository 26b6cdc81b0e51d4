"""What differs between two moments, in sentences: models, what was operated, who is supplied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from cim.network import Change, Network, Patch, changed
from cim.network.models import key_of
from cim.network.overlay import Overlay
from cim.network.phases import LIVE, listed
from hub.history.versions import Version
from hub.tracing import Thing, thing

Fact = TypeVar("Fact")
LISTED = 100
"""So many mRIDs of one part are given; the others are counted."""


@dataclass(frozen=True, kw_only=True)
class Then:
    """One of the two moments: the last message that counts, and when it was accepted."""

    seq: int
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ModelChange:
    """A model that came, went, or was replaced; `before`, `after`: ids of its versions."""

    mrid: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"Model {self.mrid} came into force as version {self.after}."
        if self.after is None:
            return f"Model {self.mrid} is in force no more; it was version {self.before}."
        return f"Model {self.mrid}: version {self.before}, then {self.after}."


@dataclass(frozen=True, kw_only=True)
class Operated:
    """A switch that was reported in another position; `before`, `after`: the phases closed."""

    switch: Thing
    before: Sequence[str]
    after: Sequence[str]

    def __str__(self) -> str:
        return f"{self.switch}: {_closed(self.before)}, then {_closed(self.after)}."


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Something that was put there or taken away: a tag, jumper, ground, cut, mobile source; or
    service that was taken up or ended.

    what: "tag", "jumper", "ground", "cut", "source" or "service".
    """

    what: str
    thing: Thing
    on: Sequence[str]
    there: bool

    def __str__(self) -> str:
        if self.what == "service":
            return f"{self.thing} is {'in' if self.there else 'out of'} service."
        where = f" at {', '.join(self.on)}" if self.on else ""
        return f"{self.what.capitalize()} {self.thing}{where} was {_done(self.there)}."


@dataclass(frozen=True, kw_only=True)
class Supplied:
    """A part of the network whose supply, earth or loops changed (`cim.network.Change`).

    nodes, usage_points, equipment: how many; `listed` are the first usage points.
    earth: a live earth, and where it is.
    """

    kind: str
    earth: Sequence[Thing] = ()
    phases: Sequence[str]
    nodes: int
    usage_points: int
    equipment: int
    listed: Sequence[str]
    switches: Sequence[Thing]
    feeder: str
    feed_point: str
    previous_feeder: str
    previous_feed_point: str

    def __str__(self) -> str:
        what = f"{_count(self.nodes, 'node')} with {_count(self.usage_points, 'usage point')}"
        if self.kind.startswith(("loop", "parallel")):
            what = ", ".join(map(str, self.switches)) or f"{self.equipment:,} pieces of equipment"
        if self.earth:
            what = f"Earth {' at '.join(map(str, self.earth))}"
        on = f" on {' '.join(self.phases)}" if self.phases else ""
        now, was = (
            " over ".join(filter(None, place))
            for place in (
                (self.feed_point, self.feeder),
                (self.previous_feed_point, self.previous_feeder),
            )
        )
        source = f" from {now}" if now else ""
        source += f", before from {was}" if was and was != now else ""
        return f"{what}: {_SUPPLY[self.kind]}{on}{source}."


_SUPPLY = {
    "energised": "supplied now",
    "deEnergised": "without supply now",
    "transferred": "supplied in another way now",
    "earthed": "earthed now",
    "unearthed": "earthed no more",
    "liveEarthFormed": "live now",
    "liveEarthCleared": "live no more",
    "loopFormed": "a loop now",
    "loopOpened": "a loop no more",
    "parallelFormed": "two sources connected now",
    "parallelOpened": "two sources connected no more",
}


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is different in `other`, seen from `one`."""

    one: Then
    other: Then
    models: Sequence[ModelChange]
    switches: Sequence[Operated]
    placed: Sequence[Placed]
    supply: Sequence[Supplied]

    def __bool__(self) -> bool:
        return bool(self.models or self.switches or self.placed or self.supply)

    def sentences(self) -> Iterator[str]:
        """In words; one sentence says that there is nothing to say."""
        if not self:
            yield "Nothing is different."
        for group in (self.models, self.switches, self.placed, self.supply):
            yield from map(str, group)


@dataclass(frozen=True)
class Moment:
    """One side of a comparison; `versions` of the models in force then, the newest first."""

    then: Then
    network: Network
    versions: Sequence[Version]


def compared(one: Moment, other: Moment) -> Comparison:
    """Compare two moments; the network of `other` gives the names."""
    before, after = one.network, other.network
    was, now = before.overlay, after.overlay
    return Comparison(
        one=one.then,
        other=other.then,
        models=tuple(_models(one.versions, other.versions)),
        switches=tuple(_switches(before, was, after, now)),
        placed=tuple(_placed(before, was, after, now)),
        supply=tuple(_supplied(change, after) for change in changed(before, after)),
    )


def _models(was: Sequence[Version], now: Sequence[Version]) -> Iterator[ModelChange]:
    old, new = ({key_of(v.mrid): v for v in reversed(listed)} for listed in (was, now))
    for key in {**old, **new}:
        before, after = old.get(key), new.get(key)
        version = after or before
        if version is not None and (before is None or after is None or before.id != after.id):
            yield ModelChange(
                mrid=version.mrid,
                before=before.id if before else None,
                after=after.id if after else None,
            )


def _switches(before: Network, was: Overlay, after: Network, now: Overlay) -> Iterator[Operated]:
    for designation in _differing(was.positions, now.positions, lambda p: p.switch):
        switch = thing(after, designation)
        old, new = (_phases(network, switch.mrid) for network in (before, after))
        if old != new:
            yield Operated(switch=switch, before=old, after=new)


def _phases(network: Network, switch: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(network.switch_closed(switch)))
    except KeyError:
        return ()


def _placed(before: Network, was: Overlay, after: Network, now: Overlay) -> Iterator[Placed]:
    served = {*_differing(was.services, now.services, lambda s: s.of)}
    served |= {*_differing(was.connections, now.connections, lambda s: s.of)}
    for designation in sorted(served):
        one = thing(after, designation)
        old, new = (_serves(network, one.mrid) for network in (before, after))
        if old != new:
            yield Placed(what="service", thing=one, on=(), there=new)
    for there, patch in _moved(was.patches, now.patches):
        yield _patch(after, patch, there=there)
    for there, tag in _moved(was.tags, now.tags):
        label = Thing(mrid=tag.mrid, name=tag.type or tag.description)
        on = str(thing(after, tag.on))
        yield Placed(what="tag", thing=label, on=(on,), there=there)


def _serves(network: Network, mrid: str) -> bool:
    return network.in_service(mrid) if network.knows(mrid) else True


def _patch(network: Network, patch: Patch, *, there: bool) -> Placed:
    on = tuple(str(thing(network, end.at)) for end in patch.ends)
    if patch.phases != LIVE:
        on = (*on, f"on {' '.join(listed(patch.phases))}")
    return Placed(what=patch.kind, thing=Thing(mrid=patch.mrid), on=on, there=there)


def _differing(
    was: Mapping[str, Fact], now: Mapping[str, Fact], designation: Callable[[Fact], str]
) -> Iterator[str]:
    """What facts that are different speak of."""
    if was is now:
        return
    for key in {**was, **now}:
        old, new = was.get(key), now.get(key)
        fact = new if new is not None else old
        if old != new and fact is not None:
            yield designation(fact)


def _moved(was: Mapping[str, Fact], now: Mapping[str, Fact]) -> Iterator[tuple[bool, Fact]]:
    """What is gone (False) and what is new (True); what is otherwise now is both."""
    yield from ((False, fact) for key, fact in was.items() if now.get(key) != fact)
    yield from ((True, fact) for key, fact in now.items() if was.get(key) != fact)


def _supplied(change: Change, network: Network) -> Supplied:
    def called(mrid: str) -> str:
        return thing(network, mrid).name or mrid if mrid else ""

    of_earth = (change.equipment[0], change.nodes[0]) if change.kind.startswith("live") else ()
    return Supplied(
        kind=change.kind,
        earth=tuple(thing(network, mrid) for mrid in of_earth),
        phases=tuple(sorted(change.phases)),
        nodes=len(change.nodes),
        usage_points=len(change.usage_points),
        equipment=len(change.equipment),
        listed=tuple(change.usage_points[:LISTED]),
        switches=tuple(thing(network, mrid) for mrid in change.switches[:LISTED]),
        feeder=called(change.feeder),
        feed_point=called(change.feed_point),
        previous_feeder=called(change.previous_feeder),
        previous_feed_point=called(change.previous_feed_point),
    )


def _closed(phases: Sequence[str]) -> str:
    return f"closed on {' '.join(phases)}" if phases else "open"


def _done(there: bool) -> str:
    return "placed" if there else "removed"


def as_data(comparison: Comparison) -> dict[str, Any]:
    """For JSON: the fields, and the sentences beside them."""
    fields = {name: getattr(comparison, name) for name in Comparison.__dataclass_fields__}
    return fields | {"sentences": list(comparison.sentences())}
