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


@dataclass(frozen=True, eq=False)
class Supply:
    """Positions and service, and what is fed then.

    closed: by pole of `Flows.poles`.
    out:    numbers of the elements out of service.
    island: by place; -1 where nothing feeds it.
    lit:    which rows of `Layout.branches` are in service with something that feeds them.
    """

    closed: Bools
    out: frozenset[int]
    island: Ints
    lit: Bools

    @classmethod
    def of(cls, layout: Layout, given: Given, poles: Poles) -> Supply:
        """That of what is given."""
        closed = closed_rows(layout, given)
        out = frozenset(primitives.out_of_service(layout, given))
        island = Ways.of(layout).islands(given, closed=closed)
        return cls(closed[poles.one], out, island, served(layout, given, island >= 0))

    @classmethod
    def whole(cls, layout: Layout, poles: Poles) -> Supply:
        """All poles closed, all in service and fed."""
        lit = np.ones(len(layout.branches.p), np.bool_)
        island = np.zeros(len(layout.places), np.int64)
        return cls(np.ones(len(poles.one), np.bool_), frozenset(), island, lit)

    @cached_property
    def dead(self) -> Bools | None:
        """Which places nothing feeds; None where all are fed."""
        dead = self.island < 0
        return dead if dead.any() else None

    @cached_property
    def none(self) -> bool:
        """Whether nothing is fed at all."""
        return bool((self.island < 0).all())


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
        return cls(given, supply, asked(layout, given, supply.lit, options), driven)


def drawn_alike(layout: Layout, old: Given, new: Given) -> bool:
    """Whether one drawing does for both: the same jumpers, grounds and cuts."""
    alike = old.joined == new.joined and _cuts_alike(old, new)
    return alike and earthed(layout, old) == earthed(layout, new)


def _ways_alike(old: Given, new: Given) -> bool:
    """Whether supply is the same."""
    alike = old.poles == new.poles and old.out == new.out and old.joined == new.joined
    return alike and old.earthed == new.earthed and _cuts_alike(old, new)


def _cuts_alike(old: Given, new: Given) -> bool:
    return old.cut == new.cut or _cuts(old) == _cuts(new)


def _cuts(given: Given) -> dict[str, frozenset[str]]:
    return {mrid: phases for mrid, phases in given.cut.items() if phases}
