"""The life of an outage as it is told: created once believed for long enough, changed with every
insight, closed when those it concerns have power again or it was not borne out."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dms_apps.outage.episodes import CLOSED, OPEN, RESTORED, Episode, Row
from dms_apps.outage.holds import NEW

_OUTAGES = uuid.UUID("0c6f5a5e-3f0f-5d77-8f9b-5a2b1f8a7f10")  # namespace of our version 5 UUIDs
_NOBODY = frozenset[str]()


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One outage as last told; see `tables.outage` for the columns."""

    mrid: str
    state: str
    planned: bool = False
    device: str | None
    anchor: str
    poles: str
    opened_at: datetime | None
    started_at: datetime
    ended_at: datetime | None = None
    closed_at: datetime | None = None
    created_at: datetime
    modified_at: datetime
    placed: bool
    parent: str | None = None
    heir: str | None = None
    served: int
    affected: int
    reports: int
    without: int
    content: str
    calls: int = 0
    hazards: tuple[tuple[str, str], ...] = ()
    confidence: int = 0
    comment: str = ""
    cause: str | None = None
    cause_kind: str | None = None
    crew_status: str | None = None
    crews: tuple[tuple[str, str], ...] = ()
    incidents: tuple[tuple[str, str], ...] = ()
    remark: str | None = None
    verified: bool = False
    doubt: str = ""
    fault: str = ""
    ert: datetime | None = None
    ert_source: str | None = None
    ert_confidence: str | None = None

    @property
    def said(self) -> str:
        """What is told of it in words."""
        return f"{self.comment} Remark: {self.remark}" if self.remark else self.comment

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def same_as(self, other: Outage) -> bool:
        """Whether there is nothing new to tell."""
        mine = replace(
            self, modified_at=other.modified_at, comment=other.comment, confidence=other.confidence
        )
        return mine == other


@dataclass
class Step:
    """What becomes of the outages.

    passed:  outages that are over before they could be told.
    ended:   with how many of its usage points are known to be still without power.
    dropped: with the outage that took it over, if one did.
    mrids:   of every episode that is told, or over.
    due:     when to look again, None when nothing is pending.
    """

    created: list[Outage] = field(default_factory=list)
    changed: list[Outage] = field(default_factory=list)
    ended: list[tuple[Outage, int]] = field(default_factory=list)
    dropped: list[tuple[Outage, Outage | None]] = field(default_factory=list)
    passed: list[Outage] = field(default_factory=list)
    mrids: dict[Episode, str] = field(default_factory=dict)
    due: datetime | None = None

    def wait_for(self, when: datetime) -> None:
        self.due = when if self.due is None else min(self.due, when)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """hold_off: an outage is told once it was believed so long, and what is left over from another
    when nothing more was heard of the end of that one for so long; `longer` is that of some."""

    now: datetime
    hold_off: timedelta
    longer: Mapping[Episode, timedelta] = field(default_factory=dict)

    def ripe(self, episode: Episode) -> datetime:
        """When an episode may be told; what a person has entered may be at once."""
        if episode.outage.startswith(NEW):
            return episode.arrived_at
        heard = [episode.arrived_at]
        if episode.parent is not None and episode.parent.heard_at is not None:
            heard.append(episode.parent.heard_at)
        return max(heard) + self.longer.get(episode, self.hold_off)


@dataclass(frozen=True)
class Now:
    """Whom an episode is about.

    of:      everybody who was without power; `without` those who still are.
    calls:   how many calls it caused.
    hazards: the dangers that were reported there, each with the number of the call.
    """

    of: frozenset[str] = _NOBODY
    without: frozenset[str] = _NOBODY
    calls: int = 0
    hazards: tuple[tuple[str, str], ...] = ()


def concerned(rows: Iterable[Row]) -> dict[Episode, Now]:
    """Whom each episode with anybody in it is about."""
    every: dict[Episode, set[str]] = defaultdict(set)
    still: dict[Episode, set[str]] = defaultdict(set)
    for row in rows:
        if row.of is not None:
            every[row.of].add(row.point)
            if row.ended is None:
                still[row.of].add(row.point)
    return {e: Now(frozenset(points), frozenset(still[e])) for e, points in every.items()}


def advance(
    told: Sequence[Outage],
    before: Mapping[str, Collection[str]],
    episodes: Sequence[Episode],
    about: Mapping[Episode, Now],
    patience: Patience,
) -> Step:
    """The next step of outages.

    before: mRID -> the usage points each was about when it was last told.
    """
    step = Step()
    pairs = _pairs(told, before, episodes, about)
    for episode in episodes:
        _one(step, episode, pairs.get(episode), about.get(episode, Now()), patience)
    kept = {outage.mrid for outage in pairs.values()}
    gone = [o for o in told if o.mrid not in kept and o.is_open]
    newest = (*(o for o, _ in step.ended), *step.created, *step.changed, *step.passed)
    by_mrid = {o.mrid: o for o in (*pairs.values(), *newest)}
    known = {step.mrids[e]: e for e in episodes if e in about and e in step.mrids}
    known = {mrid: e for mrid, e in known.items() if not _is_untold(by_mrid[mrid])}
    for outage in gone:
        current = {mrid: about[e].of for mrid, e in known.items() if _met(outage, e)}
        heir = _heir(before.get(outage.mrid, ()), current)
        over = replace(
            outage, state=CLOSED, ended_at=max(patience.now, outage.started_at),
            closed_at=patience.now, modified_at=patience.now, without=0, content=_digest(_NOBODY),
        )  # fmt: skip
        step.dropped.append((over, by_mrid.get(heir or "")))
    return step


def _one(step: Step, episode: Episode, told: Outage | None, now: Now, patience: Patience) -> None:
    if told is not None:
        step.mrids[episode] = told.mrid
        after = _renewed(told, episode, now, patience.now, _parent(step, episode))
        if told.planned:
            step.passed += [] if after.same_as(told) else [after]
        elif told.is_open and not after.is_open:
            left = sum(1 for p in now.of if p not in episode.ends)
            step.ended.append((after, left))
        elif not after.same_as(told):
            (step.changed if told.is_open else step.passed).append(after)
    elif episode.state == CLOSED or episode.planned:
        outage = _new(episode, now, patience.now, _parent(step, episode))
        step.mrids[episode] = outage.mrid
        step.passed.append(outage)
    elif (ripe := patience.ripe(episode)) <= patience.now:
        outage = _new(episode, now, patience.now, _parent(step, episode))
        step.mrids[episode] = outage.mrid
        step.created.append(outage)
    else:
        step.wait_for(ripe)


def _parent(step: Step, episode: Episode) -> str | None:
    return None if episode.parent is None else step.mrids.get(episode.parent)


def _pairs(
    told: Sequence[Outage],
    before: Mapping[str, Collection[str]],
    episodes: Sequence[Episode],
    about: Mapping[Episode, Now],
) -> dict[Episode, Outage]:
    """The told outage that each episode continues: what a person said of it, the same device at
    the same time, else the one with which it shares most usage points."""
    pairs: dict[Episode, Outage] = {}
    free = {outage.mrid: outage for outage in told}
    order = sorted(episodes, key=lambda e: (e.state not in OPEN, e.started, e.device or ""))
    for episode in order:
        wanted = episode.planned or episode.outage.removeprefix(NEW)
        if wanted in free and _may(free[wanted], episode):
            pairs[episode] = free.pop(wanted)
    by_device: dict[tuple[str | None, str, bool], list[Outage]] = defaultdict(list)
    for outage in free.values():
        by_device[outage.device, outage.poles, outage.placed].append(outage)
    for episode in order:
        if episode not in pairs and (episode.device or not episode.placed):
            some = by_device[episode.device, episode.poles, episode.placed]
            fits = [o for o in some if o.mrid in free and _may(o, episode) and _met(o, episode)]
            if fits:
                nearest = min(fits, key=lambda o: (abs(o.started_at - episode.started), o.mrid))
                pairs[episode] = free.pop(nearest.mrid)
    _by_points(pairs, free, before, order, about)
    return pairs


def _by_points(
    pairs: dict[Episode, Outage],
    free: dict[str, Outage],
    before: Mapping[str, Collection[str]],
    order: Sequence[Episode],
    about: Mapping[Episode, Now],
) -> None:
    owners: dict[str, list[str]] = defaultdict(list)
    for mrid, outage in free.items():
        for point in before.get(mrid, ()) or (outage.anchor,):
            owners[point].append(mrid)
    left = [episode for episode in order if episode not in pairs]
    size = {e: len(about[e].of) if e in about else 0 for e in left}
    for episode in sorted(left, key=lambda e: (-size[e], e.started, e.device or "")):
        of = about[episode].of if episode in about else episode.dark.keys()
        points = of or episode.dark.keys()  # a danger or what is to be verified: nobody is out
        shared = Counter(mrid for p in points for mrid in owners.get(p, ()))
        for mrid, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
            if mrid not in free or not (of or free[mrid].state == episode.state):
                continue
            if _may(free[mrid], episode) and _met(free[mrid], episode):
                pairs[episode] = free.pop(mrid)
                break


def _may(outage: Outage, episode: Episode) -> bool:
    """What is over stays over: what is found to go on is another outage."""
    return (outage.is_open or episode.state not in OPEN) and outage.planned == bool(episode.planned)


def _met(outage: Outage, episode: Episode) -> bool:
    """Whether both were at some time."""
    ended = _ended(episode)
    return (ended is None or outage.started_at <= ended) and (
        outage.ended_at is None or episode.started <= outage.ended_at
    )


def _is_untold(outage: Outage) -> bool:
    """Whether nobody knows of it: it was over before it could be told."""
    return not outage.planned and outage.closed_at == outage.created_at


def _ended(episode: Episode) -> datetime | None:
    if episode.state not in (CLOSED, RESTORED):
        return None
    return max(episode.ends.values(), default=episode.at or episode.started)


def _renewed(
    told: Outage, episode: Episode, now: Now, when: datetime, parent: str | None
) -> Outage:
    is_over = episode.state == CLOSED
    after = replace(
        told,
        state=episode.state,
        device=episode.device,
        anchor=_anchor(episode, now),
        poles=episode.poles,
        opened_at=episode.opened,
        started_at=episode.started,
        ended_at=_ended(episode),
        closed_at=(told.closed_at or when) if is_over else None,
        placed=episode.placed,
        parent=parent,
        heir=None,
        served=max(episode.served, len(now.of)) or 1,
        affected=len(now.of),
        reports=len(episode.dark),
        without=len(now.without),
        content=_digest(now.without),
        calls=now.calls,
        hazards=now.hazards,
        confidence=round(100 * episode.confidence),
        doubt=_doubt(episode),
        fault=_fault(episode),
    )
    return after if after.same_as(told) else replace(after, modified_at=when)


def _new(episode: Episode, now: Now, when: datetime, parent: str | None) -> Outage:
    anchor = _anchor(episode, now)
    name = f"{episode.device or anchor}|{episode.poles}|{episode.started.isoformat()}"
    mrid = episode.planned or str(uuid.uuid5(_OUTAGES, f"{name}|{when.isoformat()}"))
    if episode.outage.startswith(NEW):
        mrid = episode.outage.removeprefix(NEW)
    blank = Outage(
        mrid=mrid, state=episode.state, planned=bool(episode.planned), device=None, anchor=anchor,
        poles="", opened_at=None, started_at=episode.started, created_at=when, modified_at=when,
        placed=True, served=0, affected=0, reports=0, without=0, content="",
    )  # fmt: skip
    return _renewed(blank, episode, now, when, parent)


def _doubt(episode: Episode) -> str:
    return f"{episode.doubt[0]} {episode.doubt[1].isoformat()}" if episode.doubt else ""


def _fault(episode: Episode) -> str:
    between = episode.fault
    return json.dumps([between.after, *between.before]) if between else ""


def _anchor(episode: Episode, now: Now) -> str:
    return min(now.of or episode.dark.keys() or episode.points.keys() or {""})


def _digest(points: Collection[str]) -> str:
    return hashlib.sha1("\n".join(sorted(points)).encode(), usedforsecurity=False).hexdigest()


def _heir(points: Collection[str], current: Mapping[str, Collection[str]]) -> str | None:
    """The outage that now holds what is left of another."""
    shared = [(n, mrid) for mrid, of in current.items() if (n := len(set(points).intersection(of)))]
    return max(shared)[1] if shared else None
