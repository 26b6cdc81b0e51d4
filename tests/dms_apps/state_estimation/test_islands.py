"""Islands that know nothing of one another, and sources that share one."""

from __future__ import annotations

import numpy as np
import pytest

from cim.electrical.view import View
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.nodal import solve
from dms_apps.state_estimation.estimation import estimated
from tests.cim.electrical.documents import viewed
from tests.dms_apps.solver.feeder import balanced_line, load, source, switch
from tests.dms_apps.state_estimation.metering import flows, telemetry, volts


def two(tie: dict[str, str] | None = None, factor: float = 1.0) -> View:
    """n1 -- n2 (load) and n3 -- n4 (load), each with a source; a switch from n2 to n4."""
    joined = switch("w", ("n2", "n4"))
    joined["LoadBreakSwitch w"] |= tie or {"Switch.open": "true", "Switch.normalOpen": "true"}
    return viewed(
        source(node="n1", name="s1"),
        source(node="n3", name="s3"),
        balanced_line("l", ("n1", "n2")),
        balanced_line("m", ("n3", "n4")),
        load(900e3 * factor, 300e3 * factor, "d2", "n2"),
        load(600e3 * factor, 200e3 * factor, "d4", "n4"),
        joined,
    )


CLOSED = {"Switch.open": "false", "Switch.normalOpen": "false"}


def test_each_island_is_estimated_by_itself() -> None:
    """Only the first one is measured: its loads are 1.4 times those of the model."""
    truth = solve(Layout.of(two(factor=1.4)))
    layout = Layout.of(two())
    said = telemetry([*flows(truth, "l", 0.01), *volts(truth, "n2", "ABC", 0.002)])
    found = estimated(layout, Given(), said)
    assert found.solution.converged
    model = solve(layout)
    for phase in "ABC":
        assert abs(found.solution.at("n2", phase)) == pytest.approx(
            abs(truth.at("n2", phase)), rel=5e-4
        )
        assert found.solution.at("n4", phase) == pytest.approx(model.at("n4", phase), rel=1e-6)
    assert len(found.unknowns.anchors) == 2
    nodes = {layout.places[at][0] for at in np.flatnonzero(found.metered)}
    assert nodes == {"n1", "n2"}


def test_sources_of_one_island_have_one_angle_to_count_from() -> None:
    truth = solve(Layout.of(two(CLOSED, factor=1.4)))
    layout = Layout.of(two(CLOSED))
    shown = [*flows(truth, "l", 0.01), *flows(truth, "m", 0.01), *flows(truth, "w", 0.01)]
    shown += [one for node in ("n1", "n2", "n3") for one in volts(truth, node, "ABC", 0.002)]
    found = estimated(layout, Given(), telemetry(shown))
    assert found.solution.converged
    assert len(found.unknowns.anchors) == 1
    assert found.solution.volts == pytest.approx(truth.volts, rel=1e-3)
    assert np.abs(found.solution.balance).max() < 1
