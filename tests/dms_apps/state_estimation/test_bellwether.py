"""Where meters are worth most: two branches behind one node, of different load and sureness."""

from __future__ import annotations

import numpy as np
import pytest

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.state_estimation.bellwether import Bellwether, chosen
from dms_apps.state_estimation.estimation import Estimated, Telemetry, estimated
from tests.cim.electrical.documents import viewed
from tests.dms_apps.solver.feeder import balanced_line, load, source
from tests.dms_apps.state_estimation.metering import NOON

# n1 -- n2 -- n3 (900 kW) -- n5 (300 kW)
#         \-- n4 (600 kW)
VIEW = viewed(
    source(),
    balanced_line("l", ("n1", "n2")),
    balanced_line("m", ("n2", "n3")),
    balanced_line("o", ("n2", "n4")),
    balanced_line("p", ("n3", "n5")),
    load(900e3, 300e3, "d3", "n3"),
    load(600e3, 200e3, "d4", "n4"),
    load(300e3, 100e3, "d5", "n5"),
)
LAYOUT = Layout.of(VIEW)


def found() -> Estimated:
    return estimated(LAYOUT, Given(), Telemetry([], {}, {}, NOON))


def at(*nodes: str, phase: str = "A") -> list[int]:
    return [LAYOUT.number[node, phase] for node in nodes]


def nodes(choice: list[Bellwether]) -> list[str]:
    return [LAYOUT.places[one.place][0] for one in choice]


def test_the_lowest_comes_first_and_then_where_much_is_open() -> None:
    """Once n5 is read, n3, which hangs on the same line, is better known than n4."""
    choice = chosen(found(), at("n2", "n3", "n4", "n5"), 2)
    assert nodes(choice) == ["n5", "n4"]
    assert choice[0].lowest < choice[1].lowest


def test_sigmas_fall_as_if_the_chosen_were_read() -> None:
    before = found()
    first, second = chosen(before, at("n3", "n5"), 2)
    assert nodes([first, second]) == ["n5", "n3"]
    sigma = before.sigma[0] * np.abs(before.solution.volts) / LAYOUT.nominal
    assert first.sigma == pytest.approx(sigma[first.place])
    assert second.sigma < sigma[second.place] / 2


def test_all_there_are_when_more_are_asked_for() -> None:
    assert len(chosen(found(), at("n2", "n3"), 10)) == 2
    assert chosen(found(), [], 3) == []


def test_the_covariance_with_another_place_is_that_of_the_inverse() -> None:
    own = found()
    place = int(own.unknowns.place[at("n5")[0]])
    assert own.estimate.beside(place)[place] == pytest.approx(
        own.estimate.variances[0][place], rel=1e-6
    )
