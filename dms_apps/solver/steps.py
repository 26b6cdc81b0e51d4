"""Positions of tap changers that there are."""

from __future__ import annotations

from collections.abc import Mapping

from dms_apps.solver.layout import Layout


def beyond(layout: Layout, steps: Mapping[str, float]) -> dict[str, str]:
    """Why a position cannot be, by mRID of a known tap changer; the end of a sentence."""
    known = {one.mrid: one for one in layout.view.tap_changers}
    found = {}
    for mrid, step in steps.items():
        one = known.get(mrid)
        if one is not None and not one.low <= step <= one.high:
            found[mrid] = f"position {step:g} is beyond its positions {one.low} to {one.high}"
    return found
