"""Loads and generators where nothing is earthed."""

from __future__ import annotations

import pytest

from dms_apps.solver import nodal
from dms_apps.solver.afloat import afloat
from dms_apps.solver.layout import Layout
from dms_apps.solver.violations import Limits
from tests.cim.electrical.banks import CENTRE, bank, end
from tests.cim.electrical.documents import viewed
from tests.dms_apps.solver.feeder import load, source

MESH = {
    "TransformerMeshImpedance mesh": {
        "r": "1", "x": "6", "r0": "1", "x0": "6",
        "FromTransformerEnd": "#e1", "ToTransformerEnd": "#e2",
    }
}  # fmt: skip


def behind(connection: str, clock: int, used: dict[str, dict[str, str]]) -> Layout:
    """A load or generator behind a transformer of 10 to 0.4 kV."""
    ends = end("Yn", 10_000.0), end(connection, 400.0, clock)
    return Layout.of(viewed(source(), bank(*ends), MESH, used))


def test_a_delta_leaves_its_side_afloat() -> None:
    layout = behind("D", 1, load(30e3, 10e3, node="n2"))
    assert afloat(layout.view) == {"n2"}
    assert afloat(behind("Yn", 0, load(30e3, 10e3, node="n2")).view) == frozenset()


@pytest.mark.parametrize("power", [30e3, -30e3])
def test_three_phases_there_are_taken_as_a_delta(power: float) -> None:
    layout = behind("D", 1, load(power, 10e3, node="n2"))
    found = nodal.solve(layout)
    assert found.converged
    assert found.taken[layout.element["d"]] == pytest.approx(power + 10e3j, rel=1e-9)
    assert found.of("d")[1].sum() == pytest.approx(0, abs=1e-6)
    assert layout.remarks == ()


def test_one_phase_to_earth_there_is_remarked() -> None:
    layout = behind("D", 1, load(0, 0, node="n2", A=(3e3, 1e3)))
    assert layout.remarks == ("EnergyConsumer d draws to earth where nothing has a way to earth.",)


def test_a_leg_of_a_split_service_has_the_voltage_of_its_winding() -> None:
    """Whatever the load's BaseVoltage is: 240 V between the legs, here."""
    used = load(0, 0, node="n2", s1=(3e3, 1e3), s2=(1e3, 0.0)) | {
        "BaseVoltage base": {"nominalVoltage": "240"}
    }
    layout = Layout.of(viewed(source(7200 * 3**0.5), CENTRE, used))
    assert layout.branches.nominal == pytest.approx([120, 120])


def test_a_limit_between_the_legs_of_a_split_service_is_half_of_it_for_each() -> None:
    used = load(0, 0, node="n2", s1=(3e3, 1e3)) | {
        "BaseVoltage base": {"nominalVoltage": "240"},
        "OperationalLimitSet set": {"Equipment": "#d"},
        "OperationalLimitType kind": {"direction": "~OperationalLimitDirectionKind.low"},
        "VoltageLimit low": {
            "value": "250",
            "OperationalLimit.OperationalLimitSet": "#set",
            "OperationalLimit.OperationalLimitType": "#kind",
        },
    }
    layout = Layout.of(viewed(source(7200 * 3**0.5), CENTRE, used))
    found = Limits(layout).violated(nodal.solve(layout))
    [low] = [one.limit for one in found if (one.node, one.kind) == ("n2", "lowVoltage")]
    assert low == pytest.approx(125)
