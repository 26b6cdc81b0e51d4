"""Telemetry as points; on source - line - switch - load d and a generator g at the load's node."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from dms_apps.load_model.telemetered import Telemetered, telemetered
from dms_apps.solver.layout import Layout
from dms_apps.solver.sensors import Sensor, Value
from tests.cim.electrical.documents import terminals, viewed
from tests.dms_apps.load_model.playing import NOON
from tests.dms_apps.solver.feeder import balanced_line, load, source, switch


def layout() -> Layout:
    machine = {
        "PowerElectronicsConnection g": {
            "PowerElectronicsConnection.p": "-100000",
            "PowerElectronicsConnection.q": "0",
            "ratedS": "200000",
            "ratedU": "10000",
        },
        **terminals("g", "n3"),
    }
    return Layout.of(viewed(source(), balanced_line(), switch(), load(), machine))


def seen(*shown: tuple[Sensor, Value]) -> Telemetered:
    return telemetered(layout(), dict(shown), NOON, error=0.01, stale=900)


def at(value: float | None, seconds: float = 60, *, invalid: bool = False) -> Value:
    return Value(value, NOON - timedelta(seconds=seconds), invalid=invalid)


def test_watts_and_var_of_a_terminal_are_one_point() -> None:
    found = seen(
        (Sensor("p", "P w", "W", ("w_t1",), ("A", "B", "C"), 1e3), at(900.0)),
        (Sensor("q", "Q w", "VAr", ("w",), ("A", "B", "C"), 1e3, error=0.03), at(300.0, 90)),
    )
    [point] = found.points
    assert (point.terminal, point.phase, point.power) == ("w_t1", "ABC", 900e3 + 300e3j)
    assert point.sigma == pytest.approx(np.hypot(9e3, 3e3))
    assert (point.age, point.name) == (90, "P w")


def test_a_current_has_no_direction_and_a_part_may_be_missing() -> None:
    found = seen(
        (Sensor("i", "", "A", ("l_t1",), ("B",)), at(-52.0)),
        (Sensor("p", "", "W", ("l_t1",), ("B",)), at(3e5)),
    )
    current, power = found.points
    assert (current.current, current.phase, current.name) == (52, "B", "i")
    assert power.asks == {"p": 3e5}


def test_what_a_generator_feeds_in_is_given() -> None:
    found = seen((Sensor("p", "", "W", ("g",), ()), at(-90e3)))
    assert found.points == ()
    assert found.fed["g"] == pytest.approx(np.full(3, 30e3))


@pytest.mark.parametrize(
    ("sensor", "value", "why"),
    [
        (Sensor("x", "", "W", ("nowhere",), ()), at(1.0), "x is at nothing that is known"),
        (Sensor("x", "X", "W", ("w",), ()), at(1.0, invalid=True), "X (x) is of invalid quality"),
        (Sensor("x", "X", "W", ("w",), ()), at(None), "X (x) has no value"),
        (Sensor("x", "X", "W", ("w",), (), np.nan), at(1.0), "a unit that is not known"),
        (Sensor("x", "X", "W", ("g",), ()), at(1.0, 1e4), "of a generator and not used"),
    ],
)
def test_what_is_not_used_is_named(sensor: Sensor, value: Value, why: str) -> None:
    found = seen((sensor, value))
    assert (found.points, found.fed) == ((), {})
    assert why in found.remarks[0]
