"""What else may be behind an outage, how likely each is, and what speaks for and against it.

The same evidence is weighed under each hypothesis as in `prediction`: ln of the probability that a
device is open, that who is without power says so, and that the others have not managed to.  What is
ruled out stays in the list, with the reason, so that nobody has to guess why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from dms_apps.outage.forest import Forest
from dms_apps.outage.prediction import Rules, ln

MOST = 3
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
    """

    device: str | None
    odds: float | None
    share: float
    dark: int
    below: int
    blocked: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class _Weighed:
    device: str | None
    weight: float
    dark: int
    below: int
    blocked: str = ""
    at: datetime | None = None


def ranked(
    forest: Forest,
    rules: Rules,
    device: str | None,
    dark: Mapping[str, datetime],
    on: Mapping[str, datetime],
    closed: Set[str],
) -> list[Hypothesis]:
    """The most likely hypotheses for an outage, the likeliest first; at most three.

    device: what is believed to be open; None for a service alone.
    on:     usage point -> when it was last known to have power.
    closed: devices that telemetry has closed.
    """
    newest = max(dark.values(), default=None)
    candidates = [_apart(rules, len(dark))]
    start = device or next((d for p in dark for d in [forest.home.get(p)] if d), None)
    here = start
    while here is not None and len(candidates) <= MOST:
        candidates.append(_open(forest, rules, here, dark, on, closed, newest))
        here = forest.parent[here]
    return _shared(candidates)[:MOST]


def _apart(rules: Rules, dark: int) -> _Weighed:
    weight = dark * (ln(rules.rarity) + ln(rules.delivery))
    return _Weighed(None, weight, dark, dark)


def _open(
    forest: Forest,
    rules: Rules,
    device: str,
    dark: Mapping[str, datetime],
    on: Mapping[str, datetime],
    closed: Set[str],
    newest: datetime | None,
) -> _Weighed:
    points = set(forest.under(device, lambda _: True))
    said, below = len(points & dark.keys()), len(points)
    others = len(dark) - said
    weight = ln(rules.rarity) + said * ln(rules.delivery)
    weight += (below - said) * ln(1 - rules.delivery)
    weight += others * (ln(rules.rarity) + ln(rules.delivery))
    powered = max((on[p] for p in points & on.keys() if p not in dark), default=None)
    if device in closed:
        return _Weighed(device, weight, said, below, CLOSED_BY_TELEMETRY)
    if powered is not None and newest is not None and powered > newest:
        return _Weighed(device, weight, said, below, POWERED, powered)
    return _Weighed(device, weight, said, below)


def _shared(candidates: list[_Weighed]) -> list[Hypothesis]:
    """Each with its probability; what is ruled out last."""
    possible = [one for one in candidates if not one.blocked]
    top = max(one.weight for one in possible)
    total = sum(math.exp(one.weight - top) for one in possible)
    found = []
    for one in candidates:
        share = 0.0 if one.blocked else math.exp(one.weight - top) / total
        odds = None if one.blocked else _odds(share)
        found.append(Hypothesis(one.device, odds, share, one.dark, one.below, one.blocked, one.at))
    return sorted(found, key=lambda one: (bool(one.blocked), -one.share, one.below))


def _odds(share: float) -> float:
    """ln of share : rest; certainty is kept finite."""
    share = min(max(share, 1e-9), 1 - 1e-9)
    return math.log(share / (1 - share))
