"""What is counted under a hypothesis is what one counts who goes through all below the device."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dms_apps.outage.forest import Forest
from dms_apps.outage.hypotheses import CLOSED_BY_TELEMETRY, MOST, POWERED, ranked
from dms_apps.outage.prediction import Rules
from tests.cim.network.test_random import Branch, drawn, grids

NOON = datetime(2026, 7, 14, 12, tzinfo=UTC)
RULES = Rules(delivery=0.5, rarity=0.001, device_share=0.2, transformer_share=0.0)


@settings(deadline=None, max_examples=60)
@given(grids(), st.data())
def test_counts_are_those_of_all_below(branches: list[Branch], data: st.DataObject) -> None:
    forest = Forest.of(drawn(branches).network())
    points, devices = [*forest.home, "unknown"], sorted(forest.parent)
    moments = st.integers(-60, 60).map(lambda n: NOON + timedelta(seconds=n))
    dark = data.draw(st.dictionaries(st.sampled_from(points), moments))
    on = data.draw(st.dictionaries(st.sampled_from(points), moments))
    device = data.draw(st.sampled_from([None, *devices]))
    closed = data.draw(st.sets(st.sampled_from(devices))) if devices else set[str]()
    found = ranked(forest, RULES, device, dark, on, closed)
    assert 1 <= len(found) <= MOST
    newest = max(dark.values(), default=None)
    for one in found:
        if one.device is None:
            assert (one.dark, one.below, one.blocked) == (len(dark), len(dark), "")
            continue
        below = set(forest.under(one.device, lambda _: True))
        assert (one.dark, one.below) == (len(below & dark.keys()), len(below))
        last = max((on[p] for p in below & on.keys() - dark.keys()), default=None)
        if one.device in closed:
            assert one.blocked == CLOSED_BY_TELEMETRY
        elif last is not None and newest is not None and last > newest:
            assert (one.blocked, one.at) == (POWERED, last)
        else:
            assert not one.blocked
