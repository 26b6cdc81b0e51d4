"""The life of an outage: created once believed for long enough, changed with every insight, closed
when those it concerns have power again or it was not borne out."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dms_apps.outage.assessment import Found
from dms_apps.outage.evidence import Evidence

PREDICTED, CONFIRMED, RETURNING, CLOSED = "predicted", "confirmed", "partiallyRestored", "closed"

_OUTAGES = uuid.UUID("0c6f5a5e-3f0f-5d77-8f9b-5a2b1f8a7f10")  # namespace of our version 5 UUIDs


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One outage as last told; see `tables.outage` for the columns."""

    mrid: str
    state: str
    device: str | None
    poles: str
    opened_at: datetime | None
    started_at: datetime
    ended_at: datetime | None = None
    created_at: datetime
    modified_at: datetime
    placed: bool
    served: int
    affected: int
    dark: frozenset[str]
    points: frozenset[str]
    concerned: frozenset[str]
    comment: str = ""

    def same_as(self, other: Outage) -> bool:
        """Whether there is nothing new to tell."""
        mine = replace(self, modified_at=other.modified_at, comment=other.comment)
        return mine == other


@dataclass
class Step:
    """What becomes of the outages.

    restored: with how many of its usage points are known to be still without power.
    dropped:  with the outage that took it over, if one did.
    due:      when to look again, None when nothing is pending.
    """

    created: list[Outage] = field(default_factory=list)
    changed: list[Outage] = field(default_factory=list)
    restored: list[tuple[Outage, int]] = field(default_factory=list)
    dropped: list[tuple[Outage, Outage | None]] = field(default_factory=list)
    due: datetime | None = None

    def wait_for(self, when: datetime) -> None:
        self.due = when if self.due is None else min(self.due, when)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """hold_off: an outage is told once it was believed so long, and a restoration has settled
    when nothing more was heard of it for so long."""

    now: datetime
    hold_off: timedelta

    def over(self, arrived: datetime) -> bool:
        return arrived + self.hold_off <= self.now


def advance(
    outages: Iterable[Outage],
    evidence: Evidence,
    patience: Patience,
    assess: Callable[[frozenset[str]], list[Found]],
) -> Step:
    """The next step of all open `outages`.

    assess: the outages there are, without the given usage points.
    """
    step = Step()
    live: list[Outage] = []
    held: set[str] = set()
    for outage in outages:
        fate = _restoration(outage, evidence)
        if fate is None:
            live.append(outage)
        elif fate.left and not patience.over(fate.heard_at):
            held |= outage.concerned
            step.wait_for(fate.heard_at + patience.hold_off)
            step.changed.append(_returning(outage, evidence, patience.now))
        else:
            over = _closed(outage, fate.at, patience.now)
            step.restored.append((over, len(fate.left)))
    _settle(step, live, assess(frozenset(held)), patience)
    return step


@dataclass(frozen=True)
class _Return:
    """Power is coming back: when, when the last word of it arrived, and who is left without."""

    at: datetime
    heard_at: datetime
    left: frozenset[str]


def _restoration(outage: Outage, evidence: Evidence) -> _Return | None:
    """None while nothing says that the outage as a whole is over."""
    concerned = outage.concerned
    if any(i.device == outage.device for i in evidence.openings if i.closed is None):
        return None
    words = [evidence.restored[point] for point in concerned & evidence.restored.keys()]
    if outage.device in evidence.closed:
        words.append(evidence.closed[outage.device])
    heard = [word for word in words if word.at > outage.started_at]
    if not heard:
        return None
    left = concerned & (evidence.dark.keys() | evidence.unknown.keys())
    return _Return(max(h.at for h in heard), max(h.arrived_at for h in heard), frozenset(left))


def _returning(outage: Outage, evidence: Evidence, now: datetime) -> Outage:
    back = {
        p for p in outage.concerned & evidence.alive.keys() if evidence.alive[p] > outage.started_at
    }
    points = outage.concerned - (back - evidence.dark.keys())
    return replace(outage, state=RETURNING, points=points, modified_at=now)


def _closed(outage: Outage, at: datetime, now: datetime) -> Outage:
    return replace(
        outage,
        state=CLOSED,
        ended_at=max(at, outage.started_at),
        modified_at=now,
        points=frozenset(),
    )


def _settle(step: Step, live: list[Outage], found: list[Found], patience: Patience) -> None:
    """Pair what was told with what is believed now."""
    pairs = _pairs(live, found)
    told: list[tuple[Outage, Outage]] = []
    for number, one in enumerate(found):
        before = pairs.get(number)
        if before is not None:
            after = _renewed(before, one, patience.now)
            told.append((before, after))
        elif patience.over(one.arrived):
            step.created.append(_new(one, patience.now))
        else:
            step.wait_for(one.arrived + patience.hold_off)
    step.changed += [after for before, after in told if not after.same_as(before)]
    kept = {before.mrid for before, _ in told}
    current = [*(after for _, after in told), *step.created]
    step.dropped += [
        (_closed(outage, patience.now, patience.now), _heir(outage, current))
        for outage in live
        if outage.mrid not in kept
    ]


def _pairs(live: list[Outage], found: list[Found]) -> Mapping[int, Outage]:
    """Number of a found outage -> the told one it continues: the same device, else the one with
    which it shares most usage points."""
    pairs: dict[int, Outage] = {}
    free = {outage.mrid: outage for outage in live}
    by_device = {_key(o): o for o in live if o.device or not o.placed}
    for number, one in enumerate(found):
        if (one.device or not one.placed) and (same := by_device.get(_key(one))):
            pairs[number] = free.pop(same.mrid)
    owner = {p: o.mrid for o in free.values() for p in o.concerned}
    order = sorted(
        (n for n in range(len(found)) if n not in pairs),
        key=lambda n: (-len(found[n].points), found[n].started, found[n].device or ""),
    )
    for number in order:
        shared = Counter(owner[p] for p in found[number].points if p in owner)
        for mrid, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
            if mrid in free:
                pairs[number] = free.pop(mrid)
                break
    return pairs


def _key(one: Outage | Found) -> tuple[str | None, str, bool]:
    return one.device, one.poles, one.placed


def _renewed(before: Outage, found: Found, now: datetime) -> Outage:
    return replace(
        before,
        state=CONFIRMED if found.opened else PREDICTED,
        device=found.device,
        poles=found.poles,
        opened_at=found.opened,
        started_at=found.started,
        modified_at=now,
        placed=found.placed,
        served=found.served,
        affected=max(before.affected, len(found.points)),
        dark=found.dark,
        points=found.points,
        concerned=found.points,
    )


def _new(found: Found, now: datetime) -> Outage:
    name = f"{found.device or min(found.dark)}|{found.poles}|{found.started.isoformat()}"
    return Outage(
        mrid=str(uuid.uuid5(_OUTAGES, f"{name}|{now.isoformat()}")),
        state=CONFIRMED if found.opened else PREDICTED,
        device=found.device,
        poles=found.poles,
        opened_at=found.opened,
        started_at=found.started,
        created_at=now,
        modified_at=now,
        placed=found.placed,
        served=found.served,
        affected=len(found.points),
        dark=found.dark,
        points=found.points,
        concerned=found.points,
    )


def _heir(outage: Outage, current: list[Outage]) -> Outage | None:
    """The outage that now holds what is left of `outage`."""
    shared = [
        (len(outage.concerned & o.points), o.mrid, o)
        for o in current
        if outage.concerned & o.points
    ]
    return max(shared)[2] if shared else None
