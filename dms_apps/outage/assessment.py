"""From the evidence to the outages there are: known open switches, predicted devices, services."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cim.network import Network
from dms_apps.outage.evidence import Evidence, Interval
from dms_apps.outage.forest import Forest, Group
from dms_apps.outage.prediction import Prediction, Rules, predict


@dataclass(frozen=True, kw_only=True)
class Found:
    """An outage as the evidence has it.

    device: what is open; None for a service alone or for meters that are not in the network.
    poles:  "A", "B" or "C" when only that pole is open.
    opened: when the device was reported open; None when it is only predicted.
    served: customers below the device.
    dark:   usage points that reported power lost, `points` all that are without.
    placed: False for meters that are not in the network.
    ripe:   when the first word of it arrived.
    """

    device: str | None
    poles: str = ""
    opened: datetime | None = None
    started: datetime
    served: int
    dark: frozenset[str]
    points: frozenset[str]
    placed: bool = True
    arrived: datetime


@dataclass(frozen=True, kw_only=True)
class View:
    """What an assessment looks at.

    skew:   how far the clocks of meters and switches may differ.
    nested: a loss of power this soon after an upstream switch was closed began when it opened.
    held:   usage points of outages that are just being restored; left out.
    """

    network: Network
    forest: Forest
    evidence: Evidence
    rules: Rules
    skew: timedelta
    nested: timedelta
    held: Set[str]


def assess(view: View) -> list[Found]:
    """The outages there are, no usage point in two of them."""
    known = _open_switches(view)
    explained = {
        point
        for found in known
        for point in found.points
        if point in view.evidence.dark
        and found.opened is not None
        and view.evidence.dark[point].at >= found.opened - view.skew
    }
    predicted = _predicted(view, explained, {f.device for f in known if f.device})
    taken = {point for found in predicted for point in found.points}
    known = [replace(f, points=f.points - taken, dark=f.dark - taken) for f in known]
    found = [f for f in known if f.points] + predicted + list(_unknown(view.evidence))
    return [_backdated(view, f) for f in found]


def _open_switches(view: View) -> list[Found]:
    """One outage for each switch known to be open with usage points dead below it.

    Of two above a usage point the one that opened first has it.
    """
    network, evidence = view.network, view.evidence
    taken: set[str] = set(view.held)
    result = []
    openings = [i for i in evidence.openings if i.closed is None and network.knows(i.device)]
    for opening in sorted(openings, key=lambda i: (i.opened.at, i.device)):
        dead = {p for p in network.usage_points_below(opening.device) if _dead(view, p, opening)}
        points = frozenset(dead - taken)
        taken |= points
        if points:
            result.append(_known(opening, points, len(dead), evidence))
    return result


def _dead(view: View, point: str, opening: Interval) -> bool:
    alive = view.evidence.alive.get(point)
    if alive is not None and alive > opening.opened.at and point not in view.evidence.dark:
        return False
    return point in view.forest.dead


def _known(opening: Interval, points: frozenset[str], served: int, evidence: Evidence) -> Found:
    return Found(
        device=opening.device,
        opened=opening.opened.at,
        started=opening.opened.at,
        served=served,
        dark=points & evidence.dark.keys(),
        points=points,
        arrived=opening.opened.arrived_at,
    )


def _predicted(view: View, explained: Set[str], opened: Set[str]) -> list[Found]:
    evidence = view.evidence
    dark = {
        point: heard.at
        for point, heard in evidence.dark.items()
        if point not in explained and point not in view.held
    }
    # a fuse has no telemetry: having been closed once does not mean it holds
    closed = {d for d in evidence.closed if view.network.knows(d) and not _is_fuse(view.network, d)}
    predictions = predict(
        view.forest,
        dark,
        evidence.alive,
        closed=closed | opened,
        gone=view.held,
        rules=view.rules,
    )
    return [_found(view, prediction) for prediction in predictions]


def _is_fuse(network: Network, device: str) -> bool:
    return network.equipment(device).cim_class == "Fuse"


def _found(view: View, prediction: Prediction) -> Found:
    evidence, dark = view.evidence, prediction.dark
    heard = [evidence.dark[point] for point in dark]
    started = min(h.at for h in heard)
    below = dark
    if prediction.device is not None:
        wanted = None if prediction.group is Group.ALL else prediction.group
        below = frozenset(
            view.forest.under(prediction.device, lambda g: wanted is None or g is wanted)
        )
    alive = {p for p in below - dark if p in evidence.alive and evidence.alive[p] > started}
    return Found(
        device=prediction.device,
        poles="" if prediction.group is Group.ALL else prediction.group.name,
        started=started,
        served=len(below),
        dark=dark,
        points=frozenset(below - alive - view.held),
        arrived=min(h.arrived_at for h in heard),
    )


def _unknown(evidence: Evidence) -> Iterator[Found]:
    """Meters that are not in the network, together: they cannot be placed, nor forgotten."""
    if evidence.unknown:
        names, heard = frozenset(evidence.unknown), evidence.unknown.values()
        yield Found(
            device=None,
            started=min(h.at for h in heard),
            served=len(names),
            dark=names,
            points=names,
            placed=False,
            arrived=min(h.arrived_at for h in heard),
        )


def _backdated(view: View, found: Found) -> Found:
    """The outage with the start it has when it was left over from an upstream one."""
    starts = [found.started]
    for interval in view.evidence.openings:
        closed, opened = interval.closed, interval.opened.at
        if closed and opened < found.started <= closed.at + view.nested:
            below = _below(view.network, interval.device)
            if all(p in below and _dead_since(view, p, opened) for p in found.points):
                starts.append(opened)
    return replace(found, started=min(starts))


def _below(network: Network, device: str) -> frozenset[str]:
    return network.usage_points_below(device) if network.knows(device) else frozenset()


def _dead_since(view: View, point: str, moment: datetime) -> bool:
    alive = view.evidence.alive.get(point)
    return alive is None or alive < moment
