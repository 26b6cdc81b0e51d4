"""What else may be behind an outage, how likely each is, and what speaks for and against it.

The same evidence is weighed under each hypothesis as in `prediction`: ln of the probability that a
device is open, that who is without power says so, and that the others have not managed to.  What is
ruled out stays in the list, with the reason, so that nobody has to guess why.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from dms_apps.outage.forest import Forest
from dms_apps.outage.prediction import Rules, ln
from dms_apps.outage.sections import Signs, odds

MOST = 3
_Weighed = tuple["Hypothesis", float]
CLOSED_BY_TELEMETRY, POWERED = "closed", "powered"


@dataclass(frozen=True)
class Hypothesis:
    """One explanation of who is dark.

    device:  what would be open; None: every service by itself.
    odds:    ln of its odds against all others; None when it is ruled out.
    share:   its probability among those not ruled out, 0 ... 1.
    dark, below: usage points below it that are dark, and all.
    blocked: why it is ruled out: CLOSED_BY_TELEMETRY; or POWERED, somebody below had power `at` a
             time after the last loss of it.
    tripped, untripped: fault indicators on the way to the fault that would be behind it.
    """

    device: str | None
    odds: float | None
    share: float
    dark: int
    below: int
    blocked: str = ""
    at: datetime | None = None
    tripped: tuple[str, ...] = ()
    untripped: tuple[str, ...] = ()


def ranked(
    forest: Forest,
    rules: Rules,
    device: str | None,
    dark: Mapping[str, datetime],
    on: Mapping[str, datetime],
    closed: Set[str],
    signs: Signs | None = None,
    apart: Set[str] = frozenset(),
) -> list[Hypothesis]:
    """The most likely hypotheses for an outage, the likeliest first; at most three.

    device: what is believed to be open; None for a service alone.
    on:     usage point -> when it was last known to have power.
    closed: devices that telemetry has closed.
    signs:  what fault indicators say; a service by itself is no fault that trips them.
    apart:  devices that have nothing to do with it.
    """
    start = device or next((d for p in dark for d in [forest.home.get(p)] if d), None)
    chain = list(islice((one for one in _up(forest, start) if one not in apart), MOST))
    opened = zip(chain, _opened(forest, rules, chain, dark, on, closed), strict=True)
    indicated = [_indicated(one, weight, here, signs) for here, (one, weight) in opened]
    return _shared([_apart(rules, len(dark)), *indicated])[:MOST]


def _up(forest: Forest, device: str | None) -> Iterator[str]:
    while device is not None:
        yield device
        device = forest.parent[device]


def _apart(rules: Rules, dark: int) -> _Weighed:
    weight = dark * (ln(rules.rarity) + ln(rules.delivery))
    return Hypothesis(None, None, 0.0, dark, dark), weight


def _indicated(one: Hypothesis, weight: float, device: str, signs: Signs | None) -> _Weighed:
    """With what fault indicators say of a fault below the device."""
    way = signs.on_the_way(device) if signs else []
    if signs is None or not way:
        return one, weight
    tripped = tuple(i for i in way if signs.tripped(i))
    untripped = tuple(i for i in way if not signs.tripped(i))
    told = replace(one, tripped=tripped, untripped=untripped)
    return told, weight + odds(signs.weight(way))


def _opened(
    forest: Forest,
    rules: Rules,
    chain: Sequence[str],
    dark: Mapping[str, datetime],
    on: Mapping[str, datetime],
    closed: Set[str],
) -> Iterator[_Weighed]:
    """The devices of `chain`, each above the one before: who is below one is below the next."""
    place = _places(forest, chain)
    said_at = Counter(map(place, dark))
    powered_at: dict[int, datetime] = {}
    for point, at in on.items():
        if point not in dark:
            here = place(point)
            powered_at[here] = max(at, powered_at.get(here, at))
    newest = max(dark.values(), default=None)
    said, powered = 0, None
    for here, device in enumerate(chain):
        said += said_at[here]
        powered = max((at for at in (powered, powered_at.get(here)) if at), default=None)
        below = sum(forest.below[device])
        weight = ln(rules.rarity) + said * ln(rules.delivery)
        weight += (below - said) * ln(1 - rules.delivery)
        weight += (len(dark) - said) * (ln(rules.rarity) + ln(rules.delivery))
        one = Hypothesis(device, None, 0.0, said, below)
        if device in closed:
            one = replace(one, blocked=CLOSED_BY_TELEMETRY)
        elif powered is not None and newest is not None and powered > newest:
            one = replace(one, blocked=POWERED, at=powered)
        yield one, weight


def _places(forest: Forest, chain: Sequence[str]) -> Callable[[str], int]:
    """Of a usage point the first of `chain` that it is below, by place; behind them of none."""
    known: dict[str | None, int] = {None: len(chain)}
    known |= {device: place for place, device in enumerate(chain)}

    def place(point: str) -> int:
        device, passed = forest.home.get(point), list[str | None]()
        while device is not None and device not in known:
            passed.append(device)
            device = forest.parent[device]
        known.update(dict.fromkeys(passed, known[device]))
        return known[device]

    return place


def _shared(candidates: list[_Weighed]) -> list[Hypothesis]:
    """Each with its probability; what is ruled out last."""
    possible = [weight for one, weight in candidates if not one.blocked]
    top = max(possible)
    total = sum(math.exp(weight - top) for weight in possible)
    found = []
    for one, weight in candidates:
        share = 0.0 if one.blocked else math.exp(weight - top) / total
        found.append(replace(one, share=share, odds=None if one.blocked else _odds(share)))
    return sorted(found, key=lambda one: (bool(one.blocked), -one.share, one.below))


def _odds(share: float) -> float:
    """ln of share : rest; certainty is kept finite."""
    share = min(max(share, 1e-9), 1 - 1e-9)
    return math.log(share / (1 - share))
