"""What is connected to earth on purpose: by grounds that were placed, and by earthing switches.

A GroundDisconnector joins what it is at to earth.  One may have a single terminal, or a second one
at a node where nothing else is; at a node with equipment it is a switch as others are, and that
says how it is earthed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np

from cim.electrical.switches import Switch
from cim.electrical.yprim import Place
from dms_apps.solver.energised import closed_poles
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled

KIND = "GroundDisconnector"


def earthed(layout: Layout, given: Given) -> frozenset[Place]:
    """The places that are at earth now."""
    alone, ends = _of(layout)
    if not alone and not ends:
        return given.earthed
    return given.earthed | ends | frozenset(closed_to_earth(alone, given))


def switches_to_earth(layout: Layout) -> frozenset[str]:
    """mRIDs of the switches whose other side is earth."""
    alone, ends = _of(layout)
    beside = {s.mrid for s in _two_ended(layout) if _places(s, 1) & ends or _places(s, 0) & ends}
    return frozenset({one.mrid for one in alone} | beside)


def closed_earthing(layout: Layout, given: Given) -> list[str]:
    """Earthing switches that are closed on any phase and in service, by name."""
    found = switches_to_earth(layout) - given.out
    return [
        titled(one.name, one.mrid)
        for one in layout.view.switches
        if one.mrid in found and any(closed_poles(one, given))
    ]


def closed_to_earth(switches: Iterable[Switch], given: Given) -> Iterator[Place]:
    """What those of a single terminal earth."""
    for switch in switches:
        if switch.kind == KIND and len(switch.ends) == 1 and switch.mrid not in given.out:
            for pole, closed in zip(switch.poles, closed_poles(switch, given), strict=True):
                if closed:
                    yield switch.ends[0].node, pole.one


@lru_cache(maxsize=4)
def _of(layout: Layout) -> tuple[tuple[Switch, ...], frozenset[Place]]:
    """Earthing switches of a single terminal, and places that only such of two are at."""
    some = [one for one in layout.view.switches if one.kind == KIND]
    if not some:
        return (), frozenset()
    own = np.isin(layout.conductors.element, [layout.element[one.mrid] for one in some])
    taken = {layout.places[i][0] for i in layout.conductors.place[~own].tolist()}
    bare = frozenset(
        place
        for one in _two_ended(layout)
        for end in (0, 1)
        if one.ends[end].node not in taken and one.ends[1 - end].node in taken
        for place in _places(one, end)
    )
    return tuple(one for one in some if len(one.ends) == 1), bare


def _two_ended(layout: Layout) -> Iterator[Switch]:
    return (one for one in layout.view.switches if one.kind == KIND and len(one.ends) == 2)


def _places(switch: Switch, end: int) -> frozenset[Place]:
    node = switch.ends[end].node
    return frozenset((node, pole.two if end else pole.one) for pole in switch.poles)
