"""Short circuits by IEC 60909 where less than three phases feed: no figure, and a sentence."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from cim.electrical import view
from dms_apps.analyse.short_circuit import _extremes
from dms_apps.short_circuit.told import iec60909
from dms_apps.solver.given import Given
from dms_apps.solver.iec60909 import Faults, short_circuits
from dms_apps.solver.layout import Layout
from tests.cim.electrical.test_reference import model

pytestmark = pytest.mark.reference


def test_laterals_of_one_phase(shared: Path) -> None:
    """Node 2 of IEEE 123 has phase B alone, 610 lies behind a delta, all below 152 is off."""
    of = model(shared / "data" / "cim" / "feeders" / "ieee123_opendss.xml")
    read = view.read(of)
    node = {name.lower(): mrid for mrid, name in read.names.items()}
    [switch] = (one for one in read.switches if one.name == "sw2")
    whole = short_circuits(read)
    columns = [f.name for f in fields(Faults) if f.name != "nominal"]
    for column in columns:
        assert np.isnan(getattr(whole.faults, column)[whole.at(node["2"])]), column
    assert whole.faults.single[whole.at(node["610"])] == pytest.approx(0, abs=1e-6)
    assert any("buses are fed over one or two phases only" in one for one in whole.remarks)
    layout = Layout.of(read)
    shown = {row[1] for row in iec60909(layout, whole).rows}
    assert "2" not in {str(one).lower() for one in shown}

    opened = short_circuits(read, Given(poles={switch.mrid: frozenset()}))
    dead = opened.at(node["152"])
    assert opened.faults.three[dead] == 0
    lowest = _extremes(iec60909(layout, opened), maximum=False)
    assert not lowest["lowest Ik3"].startswith("0.000")
