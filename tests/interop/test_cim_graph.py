"""What we write opens in CIM-Graph, with as many objects of each class as the model has."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cim.model import Model
from tests.interop.conftest import Exported

_PROFILE = "cimhub_2026"
_NOT_IN_IT = {
    "CoordinateSystem",
    "DistributionArea",
    "FeederArea",
    "IEC61970CIMVersion",
    "PhotovoltaicUnit",
    "SecondaryArea",
    "SwitchArea",
}
"""Classes of the feeders that CIM-Graph's profile does not know and leaves out."""


@pytest.fixture
def _cim_graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """CIM-Graph takes its profile from the environment; unknown names are errors in its log."""
    monkeypatch.setenv("CIMG_CIM_PROFILE", _PROFILE)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("_cim_graph")
def test_objects_of_each_class(feeder: Exported) -> None:
    ours = _objects(feeder.ours)

    assert ours == _objects(feeder.original)
    assert ours == {name: count for name, count in _counts(feeder.model).items() if name in ours}
    assert set(_counts(feeder.model)) - set(ours) <= _NOT_IN_IT


@pytest.mark.usefixtures("_cim_graph")
def test_what_hangs_together(feeder: Exported) -> None:
    """Each terminal has the equipment and the node in CIM-Graph that it has in the model."""
    theirs = {
        (terminal.ConductingEquipment.identifier, terminal.ConnectivityNode.identifier)
        for terminal in _graph(feeder.ours)["Terminal"]
    }
    model = feeder.model
    equipment = model.one(model.links("Terminal.ConductingEquipment"))
    node = model.one(model.links("Terminal.ConnectivityNode"))
    terminals = model.of_class("Terminal")
    ours = {
        (model.mrid(e).lower(), model.mrid(n).lower())
        for e, n in zip(equipment[terminals].tolist(), node[terminals].tolist(), strict=True)
    }

    assert {(str(e), str(n)) for e, n in theirs} == ours


def _objects(path: Path) -> dict[str, int]:
    return {name: len(objects) for name, objects in _graph(path).items() if objects}


def _graph(path: Path) -> dict[str, list[Any]]:
    from cimgraph.databases import XMLFile  # type: ignore[attr-defined]
    from cimgraph.models import FeederModel  # type: ignore[attr-defined]

    network = FeederModel(container=None, connection=XMLFile(filename=str(path)))
    return {kind.__name__: list(objects.values()) for kind, objects in network.graph.items()}


def _counts(model: Model) -> Counter[str]:
    codes = model.class_of()
    return Counter(model.local(code) for code in codes[codes >= 0].tolist())
