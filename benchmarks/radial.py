"""Synthetic distribution networks: radial feeders with switches and normally open ties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEEDER = 2_000
"""Nodes of one feeder; the first of them is its source."""

_SWITCHES = 0.1
_TIES = 0.01
_ONWARD = 0.8
_REACH = 60


@dataclass(frozen=True)
class Radial:
    """Edges between nodes 0..count, in one phase; the open ones are ties.

    a, b:      the nodes of each edge.
    is_switch: whether it is one.
    is_closed: whether it is closed.
    sources:   a node of each feeder.
    """

    count: int
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    is_switch: NDArray[np.bool_]
    is_closed: NDArray[np.bool_]
    sources: NDArray[np.int32]

    @property
    def closed(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The nodes of the closed edges."""
        return self.a[self.is_closed], self.b[self.is_closed]

    def some_switches(self, count: int) -> list[int]:
        """Closed switches, anywhere."""
        chosen = np.random.default_rng(3).choice(
            np.flatnonzero(self.is_switch & self.is_closed), count, replace=False
        )
        return [int(edge) for edge in chosen]


def radial(count: int) -> Radial:
    """A network of `count` nodes, always the same.

    Four of five nodes hang on the one before them, the others on one of the 60 before: long trunks
    with laterals.  One edge in ten is a switch; one tie for a hundred nodes is open.
    """
    random: Any = np.random.default_rng(1)
    node = np.arange(count)
    place = node % FEEDER
    back = np.where(random.random(count) < _ONWARD, 1, random.integers(1, _REACH, count))
    parent = node - np.minimum(back, place)
    hangs = place > 0
    ties = random.integers(0, count, (2, int(count * _TIES)))
    ties = ties[:, ties[0] != ties[1]]
    is_switch = random.random(int(hangs.sum())) < _SWITCHES
    return Radial(
        count,
        np.concatenate([parent[hangs], ties[0]]).astype(np.int32),
        np.concatenate([node[hangs], ties[1]]).astype(np.int32),
        np.concatenate([is_switch, np.ones(ties.shape[1], np.bool_)]),
        np.concatenate([np.ones(len(is_switch), np.bool_), np.zeros(ties.shape[1], np.bool_)]),
        node[place == 0].astype(np.int32),
    )
