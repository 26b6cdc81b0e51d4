"""The unbalanced load flow of a layout, warm from one moment to the next."""

from __future__ import annotations

from dms_apps.solver import nodal
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.nodal import Nodal
from dms_apps.solver.solution import Options, Solution


class Unbalanced:
    """Solves; what follows from the layout, and from the positions of last time, is kept."""

    def __init__(self) -> None:
        self._nodal: tuple[Layout, tuple[object, ...], Nodal] | None = None

    def solve(self, layout: Layout, given: Given, options: Options) -> Solution:
        """The state of one moment."""
        return nodal.solve(layout, given, options, self._of(layout, given, options))

    def _of(self, layout: Layout, given: Given, options: Options) -> Nodal:
        key = (*given.linear(), options.switch_ohm)
        if self._nodal is None or self._nodal[0] is not layout or self._nodal[1] != key:
            self._nodal = layout, key, Nodal.of(layout, given, options)
        return self._nodal[2]
