"""What a circuit is to be at one moment; what does not differ is that of the moment before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dms_apps.solver import primitives
from dms_apps.solver.energised import Bools, Ways, closed_rows
from dms_apps.solver.flows import Poles
from dms_apps.solver.given import Given
from dms_apps.solver.grounds import earthed
from dms_apps.solver.layout import Ints, Layout
from dms_apps.solver.loads import Drawn, asked, served
from dms_apps.solver.solution import Complex, Options

_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Supply:
    """Positions and service, and what is fed then.

    closed: by pole of `Flows.poles`.
    out:    numbers of the elements out of service.
    island: by place; -1 where nothing feeds it.
    dead:   which places nothing feeds; None where all are fed.
    dark:   the rows of `Layout.branches` that are out of service, or that nothing feeds.
    """

    closed: Bools
    out: frozenset[int]
    island: Ints
    dead: Bools | None
    dark: Ints

    @classmethod
    def of(cls, layout: Layout, given: Given, poles: Poles) -> Supply:
        """That of what is given."""
        closed = closed_rows(layout, given)
        island, on = Ways.of(layout).islands(given, closed=closed), closed[poles.one]
        out = frozenset(primitives.out_of_service(layout, given))
        dead = island < 0
        if not out and not dead.any():
            return cls(on, out, island, None, _NONE)
        dark = (~served(layout, given, ~dead)).nonzero()[0]
        return cls(on, out, island, dead if dead.any() else None, dark)

    @classmethod
    def whole(cls, layout: Layout, poles: Poles) -> Supply:
        """All poles closed, all in service and fed."""
        island = np.zeros(len(layout.places), np.int64)
        return cls(np.ones(len(poles.one), np.bool_), frozenset(), island, None, _NONE)

    @cached_property
    def none(self) -> bool:
        """Whether nothing is fed at all."""
        return self.dead is not None and bool(self.dead.all())


@dataclass(frozen=True, eq=False)
class Moment:
    """What a circuit is, or is to be.

    given:  as it was asked for; where controls moved something, as that ended.
    loads:  what loads and generators draw.
    driven: amperes by conductor that sources drive out of their places.
    """

    given: Given
    supply: Supply
    loads: Drawn
    driven: Complex

    @classmethod
    def of(
        cls, layout: Layout, given: Given, options: Options, poles: Poles, old: Moment | None
    ) -> Moment:
        """That of what is given, after another one."""
        same = old is not None and _ways_alike(old.given, given)
        supply = old.supply if old is not None and same else Supply.of(layout, given, poles)
        steady = old is not None and old.supply.out == supply.out
        if old is not None and steady and not old.given.volts and not given.volts:
            driven = old.driven
        else:
            driven = primitives.driven(layout, given)
        return cls(given, supply, asked(layout, given, supply.dark, options), driven)


def drawn_alike(layout: Layout, old: Moment, new: Moment) -> bool:
    """Whether one drawing does for both: the same jumpers, grounds and cuts."""
    if old.supply is new.supply:
        return True
    was, now = old.given, new.given
    alike = was.joined == now.joined and _cuts_alike(was, now)
    return alike and earthed(layout, was) == earthed(layout, now)


def _ways_alike(old: Given, new: Given) -> bool:
    """Whether supply is the same."""
    alike = old.poles == new.poles and old.out == new.out and old.joined == new.joined
    return alike and old.earthed == new.earthed and _cuts_alike(old, new)


def _cuts_alike(old: Given, new: Given) -> bool:
    return old.cut == new.cut or _cuts(old) == _cuts(new)


def _cuts(given: Given) -> dict[str, frozenset[str]]:
    return {mrid: phases for mrid, phases in given.cut.items() if phases}
