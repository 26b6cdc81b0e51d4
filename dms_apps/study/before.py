"""The network as it is, from which a study begins."""

from __future__ import annotations

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.unbalanced import Unbalanced


def solved(
    layout: Layout, given: Given, options: Options, solver: Unbalanced | None = None
) -> Solution:
    """Its state.  Raises: ValueError, when it has none."""
    found = (solver or Unbalanced()).solve(layout, given, options)
    if not found.converged:
        raise ValueError(f"The network as it is could not be solved. {found.remarks[0]}")
    return found
