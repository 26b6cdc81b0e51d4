"""Protective zones: into what breakers, reclosers and fuses divide a network as operated."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dms_apps.solver.energised import Ways, closed_rows
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Ints, Layout

PROTECTIVE = ("Breaker", "DisconnectingCircuitBreaker", "Fuse", "ProtectedSwitch", "Recloser")
"""Classes of switches that interrupt faults by themselves."""


@dataclass(frozen=True)
class Device:
    """A protective device.

    kind:   its class.
    nodes:  of its two terminals.
    closed: whether any of its poles is.
    into:   the number of the zone that it feeds; -1 where it feeds none, as it is open, or both of
            its sides are as near to the source.
    out_of: of the zone that feeds it.
    """

    mrid: str
    name: str
    kind: str
    nodes: tuple[str, str]
    closed: bool
    into: int = -1
    out_of: int = -1


@dataclass(frozen=True, eq=False)
class Zones:
    """A network divided at its protective devices.

    zone:    by place; -1 where nothing feeds it.
    feeders: of each zone the devices through which supply comes in; with more than one it is fed
             from several sides, with none by a source.
    remarks: sentences.
    """

    layout: Layout
    devices: tuple[Device, ...]
    zone: Ints
    feeders: Mapping[int, tuple[str, ...]]
    remarks: tuple[str, ...]

    @classmethod
    def of(cls, layout: Layout, given: Given, island: Ints) -> Zones:
        """By the positions of now; `island` by place, as solvers have it."""
        ways = Ways.of(layout)
        found = _devices(layout, given)
        at = np.array([layout.element[one.mrid] for one in found], np.int64)
        on = closed_rows(layout, given)[ways.row]
        inner = on & ~np.isin(ways.element, at)
        zone = _numbered(_parts(layout, ways, given, inner), island)
        place = {node: i for i, (node, _) in enumerate(layout.places)}
        sides = [tuple(int(zone[place[node]]) for node in one.nodes) for one in found]
        depth = _depths(sides, [one.closed for one in found], zone[ways.seeds[0]])
        devices = tuple(_directed(one, side, depth) for one, side in zip(found, sides, strict=True))
        feeders: dict[int, list[str]] = {}
        for one in devices:
            if one.into >= 0:
                feeders.setdefault(one.into, []).append(one.mrid)
        known = {number: tuple(some) for number, some in feeders.items()}
        return cls(layout, devices, zone, known, tuple(_remarks(devices, known)))

    def beyond(self, device: Device) -> tuple[int, ...]:
        """The zones that the next devices behind it feed; of these it is the back-up."""
        return tuple(
            dict.fromkeys(
                one.into for one in self.devices if one.out_of == device.into >= 0 and one.into >= 0
            )
        )


def _devices(layout: Layout, given: Given) -> list[Device]:
    on = closed_rows(layout, given)
    return [
        Device(
            one.mrid,
            one.name or one.mrid,
            one.kind,
            (one.ends[0].node, one.ends[1].node),
            bool(on[layout.rows(one.mrid)].any()),
        )
        for one in layout.view.switches
        if one.kind in PROTECTIVE and len(one.ends) == 2 and one.mrid not in given.out and one.poles
    ]


def _parts(layout: Layout, ways: Ways, given: Given, on: NDArray[np.bool_]) -> Ints:
    """Nodes that conduct to one another; with all of their phases."""
    jumpers = [
        (layout.number[a], layout.number[b])
        for a, b in given.joined
        if a in layout.number and b in layout.number
    ]
    extra = np.array(jumpers, np.int64).reshape(-1, 2)
    size = len(layout.places)
    start = np.concatenate([ways.start[on], extra[:, 0], np.arange(size)])
    end = np.concatenate([ways.end[on], extra[:, 1], ways.first])
    graph = coo_matrix((np.ones(len(start), np.int8), (start, end)), (size, size))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _numbered(part: Ints, island: Ints) -> Ints:
    """From 0, where something feeds any phase of it; -1 elsewhere."""
    fed = np.zeros(int(part.max(initial=-1)) + 1, np.bool_)
    fed[part[island >= 0]] = True
    number = np.where(fed, np.cumsum(fed) - 1, -1)
    return np.asarray(number[part], np.int64)


def _depths(sides: list[tuple[int, ...]], closed: list[bool], seeds: Ints) -> dict[int, int]:
    """How many devices are between each zone and the nearest source."""
    next_to: dict[int, set[int]] = {}
    for (one, two), is_closed in zip(sides, closed, strict=True):
        if is_closed and one >= 0 and two >= 0:
            next_to.setdefault(one, set()).add(two)
            next_to.setdefault(two, set()).add(one)
    depth = {int(zone): 0 for zone in seeds if zone >= 0}
    waiting = deque(depth)
    while waiting:
        zone = waiting.popleft()
        for other in next_to.get(zone, ()):
            if other not in depth:
                depth[other] = depth[zone] + 1
                waiting.append(other)
    return depth


def _directed(device: Device, side: tuple[int, ...], depth: Mapping[int, int]) -> Device:
    one, two = side
    if not device.closed or one == two or depth.get(one) == depth.get(two):
        return device
    into, out_of = (two, one) if depth.get(two, -1) > depth.get(one, -1) else (one, two)
    return Device(
        device.mrid, device.name, device.kind, device.nodes, device.closed, into, out_of
    )  # fmt: skip


def _remarks(devices: tuple[Device, ...], feeders: Mapping[int, tuple[str, ...]]) -> list[str]:
    names = {one.mrid: one.name for one in devices}
    found = [
        f"{' and '.join(names[m] for m in some)} feed one zone: each sees its share of a fault."
        for some in feeders.values()
        if len(some) > 1
    ]
    found += [
        f"{one.kind} {one.name} has no zone of its own: both of its sides are fed otherwise."
        for one in devices
        if one.closed and one.into < 0
    ]
    return found
