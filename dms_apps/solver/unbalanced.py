"""The unbalanced load flow of a layout, warm from one moment to the next."""

from __future__ import annotations

from dms_apps.solver import nodal
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Options, Solution


class Unbalanced:
    """Solves; what follows from the layout alone is kept."""

    def solve(self, layout: Layout, given: Given, options: Options) -> Solution:
        """The state of one moment."""
        return nodal.solve(layout, given, options)
