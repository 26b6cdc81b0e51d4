"""Unknowns and measurements of a small feeder with a switch and an unbalanced load."""

from __future__ import annotations

import numpy as np
import pytest

from cim.electrical.view import View
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.nodal import Nodal
from dms_apps.solver.solution import Options
from dms_apps.state_estimation.equations import Kind
from dms_apps.state_estimation.measurements import (
    Accuracy,
    Gathering,
    Measurements,
    Origin,
    assume,
)
from dms_apps.state_estimation.unknowns import Unknowns
from dms_apps.state_estimation.wls import Known, estimate
from tests.dms_apps.solver.feeder import feeder, load

STAR = load(A=(300e3, 100e3), B=(500e3, 0.0), C=(100e3, 200e3))
DELTA = load(A=(300e3, 100e3), B=(500e3, 0.0), C=(100e3, 200e3), connection="D")


def unknowns(view: View, given: Given | None = None) -> Unknowns:
    given = given or Given()
    return Unknowns.of(Nodal.of(Layout.of(view), given), given, Options(tolerance=1e-12))


def known(own: Unknowns, found: Measurements) -> Known:
    used = np.ones(len(found.name), np.bool_)
    modelled = found.origin != Origin.MEASURED
    return Known(own.grid, found.quantities, found.value, found.sigma, used, modelled)


@pytest.mark.parametrize("view", [feeder(STAR), feeder(DELTA)], ids=["star", "delta"])
def test_the_load_flow_keeps_the_laws(view: View) -> None:
    own = unknowns(view)
    assert np.abs(own.grid.residual(own.start)).max() < 1e-6
    assert own.behind @ own.start == pytest.approx(own.volts, rel=1e-9)
    assert own.into @ own.start == pytest.approx(own.solution.current, abs=1e-6)


@pytest.mark.parametrize("view", [feeder(STAR), feeder(DELTA)], ids=["star", "delta"])
def test_models_alone_give_the_load_flow(view: View) -> None:
    own = unknowns(view)
    gathering = Gathering(own, Accuracy())
    assume(gathering)
    found = estimate(known(own, gathering.done()), own.start * 1.05)
    assert found.converged
    assert found.freedom == 0
    assert np.abs(found.x - own.start).max() < 1e-5
    assert found.observable.all()


def test_measurements_win_over_the_load_model() -> None:
    """The load is 1.5 times what its model says; flow and voltage at the switch show it."""
    truth = unknowns(feeder(load(p=1350e3, q=450e3)))
    own = unknowns(feeder(load(p=900e3, q=300e3)))
    gathering = Gathering(own, Accuracy())
    assume(gathering)
    layout = own.nodal.layout
    first = layout.rows("w").start
    for row in range(first, first + 3):
        place = int(layout.conductors.place[row])
        volts = truth.start[truth.place[place]]
        power = volts * np.conj((truth.into @ truth.start)[row])
        name = f"at phase {layout.conductors.phase[row]}", ""
        term = [(place, own.firsts.into + row)]
        for kind, value in ((Kind.ACTIVE, power.real), (Kind.REACTIVE, power.imag)):
            gathering.add(name, Origin.MEASURED, kind, value, 1e3, term)
        gathering.add(name, Origin.MEASURED, Kind.MAGNITUDE, abs(volts), 5.0, [(place, -1)])
    found = estimate(known(own, gathering.done()), own.start)
    count = len(own.places)
    assert np.abs(found.x[:count]) == pytest.approx(np.abs(truth.start[:count]), rel=1e-3)
    drawn = found.fitted[0] + 1j * found.fitted[1]
    assert drawn == pytest.approx(450e3 + 150e3j, rel=0.01)


def test_what_an_open_switch_cuts_off_is_no_unknown() -> None:
    own = unknowns(feeder(STAR), Given(poles={"w": frozenset("AB")}))
    layout = own.nodal.layout
    phases = {layout.places[at] for at in own.places}
    assert ("n3", "C") not in phases
    assert ("n3", "A") in phases
    assert len(own.branches) == 2


def test_small_sigmas_are_raised_and_named() -> None:
    own = unknowns(feeder(STAR))
    gathering = Gathering(own, Accuracy())
    gathering.add(("V1", ""), Origin.MEASURED, Kind.MAGNITUDE, 5800.0, 1e-9, [(0, -1)])
    found = gathering.done()
    assert found.sigma[0] == pytest.approx(1e-4 * own.scale[0])
    assert found.raised.tolist() == [1]
    assert "V1" in found.remarks[0]
