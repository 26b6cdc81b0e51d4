"""Balanced networks, estimated by pandapower and power-grid-model too."""

from __future__ import annotations

import pytest

from tests.dms_apps.state_estimation.balanced import ours, pandapower, power_grid_model, radial


@pytest.mark.filterwarnings("ignore::pandas.errors.SettingWithCopyWarning")
@pytest.mark.parametrize("seed", range(3))
def test_all_agree(seed: int) -> None:
    net = radial(33, seed)
    found = ours(net)()
    assert pandapower(net)() == pytest.approx(found, abs=1e-8)
    assert power_grid_model(net)() == pytest.approx(found, abs=1e-8)


def test_the_linear_method_is_near() -> None:
    net = radial(33)
    assert power_grid_model(net, "iterative_linear")() == pytest.approx(ours(net)(), abs=1e-5)
