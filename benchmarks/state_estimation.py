"""State estimation: the 8500-node feeder from its sensors, and balanced networks beside others."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import Row, by_turns, feeders
from cim.electrical import view
from cim.model.read import read
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.state_estimation.estimation import estimated
from tests.dms_apps.state_estimation import balanced
from tests.dms_apps.state_estimation.metering import telemetry
from tests.dms_apps.state_estimation.noise import Feeder, Setting, dead

BUSES = 8_500
_RUNS = 3


def rows() -> list[Row]:
    with TemporaryDirectory(prefix="gridbus-bench-") as folder:
        file = next(feeders.published(Path(folder)), None) or feeders.ieee9500()
        feeder = Feeder(Layout.of(view.read(read(file.read_bytes()))), Setting())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas, of pandapower's own columns
        return [*_three_phase(feeder), *_balanced()]


def _three_phase(feeder: Feeder) -> list[Row]:
    """A meter that reads 0 where most flows is the worst that one error can do."""
    chance = np.random.default_rng(1)
    truth = feeder.truth(chance)
    shown = feeder.sensors(truth, chance)
    said = telemetry(shown, 1)
    wrong, _ = dead(said, shown, 0)

    def state() -> object:
        return estimated(feeder.layout, Given(), said, feeder.how, feeder.nodal)

    def sure() -> object:
        return estimated(feeder.layout, Given(), said, feeder.how, feeder.nodal).sigma

    def spoilt() -> object:
        return estimated(feeder.layout, Given(), wrong, feeder.how, feeder.nodal)

    works = _timed(state), _timed(sure), _timed(spoilt)
    whole, spread, found = by_turns(*works, runs=_RUNS)
    places = len(feeder.layout.places)
    what = f"SE, {places:,} places, {len(said.sensors):,} sensors"
    return [
        Row.of(f"{what}: state, bad data left out", "s", whole),
        Row.of(f"{what}: with every sigma", "s", spread),
        Row.of(f"{what}: one meter dead", "s", found),
    ]


def _balanced() -> list[Row]:
    net = balanced.radial(BUSES)
    works = [
        balanced.ours(net),
        balanced.pandapower(net),
        balanced.power_grid_model(net, "iterative_linear"),
    ]
    ours, theirs, linear = by_turns(*map(_timed, works), runs=_RUNS)
    what = f"SE, balanced, {BUSES:,} buses"
    return [
        Row.of(what, "s", ours, theirs, "pandapower WLS"),
        Row.of(what, "s", ours, linear, "power-grid-model, iterative linear"),
    ]


def _timed(work: Callable[[], object]) -> Callable[[], tuple[float, ...]]:
    def measured() -> tuple[float, ...]:
        begin = time.perf_counter()
        work()
        return (time.perf_counter() - begin,)

    return measured
