"""Published feeders and sets by their positive sequence: what is refused, computed and named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cim.electrical import view
from cim.model.merging import merged
from cim.model.read import read_files
from dms_apps.solver import balanced, nodal
from dms_apps.solver.batch import Batch, Unrepresentable
from dms_apps.solver.iec60909 import Method, short_circuits
from dms_apps.solver.layout import Layout
from tests.cim.electrical.test_reference import model

pytestmark = pytest.mark.reference


@pytest.mark.parametrize("name", ["ieee13", "ieee34", "ieee37", "ieee123"])
def test_ieee_feeders_are_refused_and_have_an_equivalent(shared: Path, name: str) -> None:
    """Open deltas, regulators that differ by phase, laterals: losses within a tenth or so."""
    path = shared / "data" / "cim" / "feeders" / f"{name}_opendss.xml"
    layout = Layout.of(view.read(model(path), frequency=60.0))
    refused = balanced.solve(layout)
    assert not refused.converged
    assert any(remark.startswith("Phases are not alike") for remark in refused.remarks)
    true, found = nodal.solve(layout), balanced.solve(layout, equivalent=True)
    assert found.converged, found.remarks
    assert 0.85 < found.losses().real / true.losses().real < 1.0
    drawn = [i for i, kind in enumerate(layout.kinds) if kind == "load"]
    assert found.taken[drawn].sum() == pytest.approx(true.taken[drawn].sum(), rel=0.005)
    with pytest.raises(Unrepresentable, match="Lines have one, two or four conductors: "):
        Batch.of(layout)


@pytest.mark.parametrize("maximum", [True, False])
@pytest.mark.parametrize("name", ["fullgrid_cgmes3", "microgrid_t1", "smallgrid_cgmes24"])
def test_short_circuits_of_published_sets(shared: Path, name: str, maximum: bool) -> None:
    """FullGrid feeds all but one of its buses; SmallGrid says nothing of short circuits."""
    files = sorted((shared / "data" / "cim" / "cgmes" / name).iterdir())
    found = short_circuits(view.read(merged(read_files(files).models)), method=Method(maximum))
    three = found.faults.three
    assert np.isfinite(three).all()
    fed = {"fullgrid_cgmes3": 21, "microgrid_t1": 11, "smallgrid_cgmes24": 0}[name]
    assert np.count_nonzero(three) == fed
    named = [remark for remark in found.remarks if "is left out" in remark]
    assert len(named) >= {"fullgrid_cgmes3": 5, "microgrid_t1": 5, "smallgrid_cgmes24": 20}[name]


def test_the_three_phase_buses_of_the_8500_node_feeder(shared: Path) -> None:
    """Behind its regulators, too, which are units of one phase; the rest is named."""
    path = shared / "data" / "cim" / "feeders" / "ieee8500_opendss.zip"
    read = view.read(model(path), frequency=60.0)
    found = short_circuits(read, method=Method(maximum=False, frequency=60.0, heat=20.0))
    live = np.flatnonzero(found.faults.three > 0)
    assert len(live) == 624
    assert any("1177 transformers are of one or two phases" in one for one in found.remarks)
