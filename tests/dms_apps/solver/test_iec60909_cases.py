"""Published short-circuit currents, from CIM documents."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from cim.electrical import view
from cim.model.read import read
from dms_apps.solver.iec60909 import Method, short_circuits
from tests.dms_apps.solver import iec_60909_4

CASES = Path(__file__).parents[2] / "cases" / "short_circuit"


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_published_currents(name: str) -> None:
    folder = CASES / name
    params = tomllib.loads((folder / "params.toml").read_text())
    method = Method(**params["method"])
    found = short_circuits(view.read(read((folder / "input.xml").read_bytes())), method=method)
    near = params["tolerance"]
    checked = 0
    for row in csv.DictReader((folder / "expected.csv").read_text().splitlines()):
        place = found.at(row.pop("node"))
        for column, text in row.items():
            if text:
                amperes = float(getattr(found.faults, column)[place])
                assert amperes / 1e3 == pytest.approx(float(text), **near), (place, column)
                checked += 1
    assert checked >= 60
    assert found.remarks == ()


def test_the_document_is_what_its_table_says() -> None:
    assert (CASES / "iec_60909_4" / "input.xml").read_bytes() == iec_60909_4.document()
