"""What was done and measured, as reported: an overlay that outlives the models it was reported for.

Every fact is kept under the key of what it is about: mRID, or else name, as the message has it.
Of one thing there may be two facts, then: by its mRID, and by its name.
Whether it fits the models is another question (`cim.network.fit`).

What says when it was done counts by that time, phase by phase, and not by when it was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from cim.model.terms import key
from cim.network.layers import Layers
from cim.network.phases import LIVE
from cim.network.placing import End, Placing, Since, not_newer, stamped


@dataclass(frozen=True)
class Position:
    """What is known about the poles of one switch.

    switch: mRID or name as reported.
    known:  bits of the phases it was operated on, which may be more than it has poles for.
    closed: bits of those of them that are closed now.
    since:  bits and when these poles moved last, where that was said; nothing else follows from it.
    """

    switch: str
    known: int = 0
    closed: int = 0
    since: Since = field(default=(), compare=False)

    def after(self, poles: int, *, closed: bool, at: datetime | None = None) -> Position:
        """The position once `poles` moved, without those of them that have moved later.

        at: with an offset from UTC; None where nothing says so, and what is told last counts.
        """
        since = stamped((), poles, at)
        return Position(self.switch, poles, poles if closed else 0, since).over(self)

    def over(self, earlier: Position) -> Position:
        """What is known by both of one switch, the other told earlier: pole by pole the newer.

        Where one says no time, all of what is told later counts.
        """
        late = 0
        for bits, at in self.since:
            late |= bits & ~not_newer(earlier.since, bits, at)
        poles = self.known & ~late
        if not poles:
            return earlier
        since = stamped(earlier.since, poles, None)
        for bits, at in self.since:
            since = stamped(since, bits & poles, at)
        closed = earlier.closed & ~poles | self.closed & poles
        return Position(self.switch, earlier.known | poles, closed, since)


@dataclass(frozen=True)
class Service:
    """Whether something is in service, or a source or load is connected.

    of:    mRID or name as reported.
    since: when that was done last, where it was said; nothing else follows from it.
    """

    of: str
    on: bool
    since: datetime | None = field(default=None, compare=False)

    def after(self, of: str, on: bool, at: datetime | None) -> Service:
        """What is known once it went into or out of service, unless it did so later than `at`.

        at: with an offset from UTC; None where nothing says so, and what is told last counts.
        """
        return Service(of, on, at).over(self)

    def over(self, earlier: Service) -> Service:
        """The newer of what is known of one thing, the other told earlier."""
        is_late = self.since and earlier.since and self.since < earlier.since
        return earlier if is_late else self


PatchKind = Literal["jumper", "ground", "source", "cut"]


def patch_key(kind: str, name: str) -> str:
    """Under which a patch is kept: patches of different kinds may be called alike.

    name: its mRID or name, or else what it goes by.
    """
    return f"{kind} {key(name)}"


def patch_name(kind: PatchKind, mrid: str, ends: Iterable[End]) -> str:
    """What a patch goes by: its mRID or name, or else its kind and places."""
    return mrid or " ".join((kind, *sorted(end.at for end in ends)))


@dataclass(frozen=True)
class Patch:
    """Something that is in the network for a time only.

    mrid:   its own mRID or name; empty where it has none.
    ends:   the two that a jumper connects, where a ground or source is; the segment that is cut.
    phases: bits on which it is in force; LIVE where the message names none.
    since:  when it was placed.
    """

    kind: PatchKind
    mrid: str
    ends: tuple[End, ...]
    phases: int = LIVE
    since: datetime | None = None

    @property
    def key(self) -> str:
        """Under which it is kept."""
        return patch_key(self.kind, patch_name(self.kind, self.mrid, self.ends))


@dataclass(frozen=True)
class Tag:
    """A tag on a part of the power system.

    on:   mRID or name of what it hangs on.
    type: the utility's own kind, e.g. a hold.
    """

    mrid: str
    on: str
    type: str = ""
    description: str = ""
    comment: str = ""
    author: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Measured:
    """The latest value of a measurement.

    of:       mRID or name of the measurement.
    value:    None where only its quality was ever told.
    at:       when it was measured, or what is known of its quality; None where nothing says so.
    validity: GOOD, QUESTIONABLE or INVALID; empty where nothing says so.
    flags:    names of the other quality flags that are set.
    source:   the system that it comes from.
    """

    of: str
    value: float | int | None
    at: datetime | None = None
    validity: str = ""
    flags: tuple[str, ...] = ()
    source: str = ""


Kind = Literal["positions", "services", "connections", "patches"]
Changed = tuple[Kind, str]
"""A fact that changes what conducts: its column of Overlay and its key."""


@dataclass(frozen=True)
class Overlay:
    """All facts by key; those that changed last come last.

    services:    from PSREvents.
    connections: of sources and loads that the models describe.
    placings:    when patches were placed and removed, by kind and key; nothing else follows from
                 them, and they are kept of what is removed, too.
    """

    positions: Mapping[str, Position] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    connections: Mapping[str, Service] = field(default_factory=dict)
    patches: Mapping[str, Patch] = field(default_factory=dict)
    tags: Mapping[str, Tag] = field(default_factory=dict)
    measured: Layers[Measured] = field(default_factory=Layers)
    placings: Mapping[str, Placing] = field(default_factory=dict)

    def facts(self) -> list[Changed]:
        """All that changes what conducts."""
        kinds: tuple[Kind, ...] = ("positions", "services", "connections", "patches")
        return [(kind, of) for kind in kinds for of in getattr(self, kind)]

    def said(self) -> dict[str, list[list[Any]]]:
        """All of it as JSON can say it; `of` reads it."""
        return {
            one.name: [[of, *_plain(fact)] for of, fact in getattr(self, one.name).items()]
            for one in fields(self)
        }

    @classmethod
    def of(cls, said: Mapping[str, list[list[Any]]]) -> Overlay:
        columns: dict[str, Any] = {
            name: {of: _FACTS[name](*_rich(name, values)) for of, *values in said.get(name, ())}
            for name in _FACTS
        }
        columns["patches"] = {one.key: one for one in columns["patches"].values()}
        return cls(**(columns | {"measured": Layers(columns["measured"])}))


_FACTS: Mapping[str, type[Any]] = {
    "positions": Position,
    "services": Service,
    "connections": Service,
    "patches": Patch,
    "tags": Tag,
    "measured": Measured,
    "placings": Placing,
}
_TIMES = {  # which value is a time
    "services": 2,
    "connections": 2,
    "patches": 4,
    "tags": 6,
    "measured": 2,
    "placings": 2,
}
_ENDS = {"patches": 2, "placings": 1}  # which value says where it is fastened


def _plain(fact: Any) -> list[Any]:
    values = [getattr(fact, one.name) for one in fields(fact)]
    if isinstance(fact, Patch):
        values[2] = [[end.at, end.phases] for end in fact.ends]
    if isinstance(fact, Placing) and fact.ends is not None:
        values[1] = [[end.at, end.phases] for end in fact.ends]
    if isinstance(fact, Position | Placing):
        values[3] = [[bits, moved.isoformat()] for bits, moved in fact.since]
    return [v.isoformat() if isinstance(v, datetime) else v for v in values]


def _rich(name: str, values: list[Any]) -> list[Any]:
    """As a fact has them.  Earlier versions kept no times of positions and service."""
    at, ends = _TIMES.get(name), _ENDS.get(name)
    if at is not None and values[at:] and values[at] is not None:
        values[at] = datetime.fromisoformat(values[at])
    if ends is not None and values[ends] is not None:
        values[ends] = tuple(End(*end) for end in values[ends])
    if name == "measured":
        values[4] = tuple(values[4])
    if name in ("positions", "placings"):
        values[3:] = [_since(one) for one in values[3:]]
    return values


def _since(said: list[list[Any]]) -> Since:
    return tuple((bits, datetime.fromisoformat(moved)) for bits, moved in said)
