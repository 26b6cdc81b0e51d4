"""The published fault currents of IEEE 34, 37 and 123, by RDAP and by OpenDSS.

A case says in what its circuit differs from the published load flow, and why: for both, and where
RDAP and OpenDSS computed of different data, for each.  A row that follows from them less well than
the others is named, with a tolerance of its own.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree
from numpy.typing import NDArray

from cim.electrical import view
from cim.electrical.impedances import from_sequences
from cim.electrical.lines import Line
from cim.electrical.transformers import Transformer
from cim.electrical.view import View
from cim.model.model import Model
from cim.parse import parse
from dms_apps.solver import fault_levels, faults
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from tests.cim.electrical.test_reference import model

pytestmark = pytest.mark.reference

CASES = Path(__file__).parents[2] / "cases" / "solver" / "faults"
SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
WITHIN = 0.005
"""Of every published current."""
TURNS = np.exp(-2j * np.pi / 3 * np.arange(3))
Floats = NDArray[np.float64]


# -- the tables


def tables(book: Path, sheet: str) -> dict[str, tuple[Floats, Floats]]:
    """By node the amperes of A, B and C of RDAP and of OpenDSS."""
    with zipfile.ZipFile(book) as archive:
        shared = parse(archive.read("xl/sharedStrings.xml"))
        texts = ["".join(one.itertext(f"{SHEETS}t")) for one in shared]  # type: ignore[arg-type]
        names = [one.get("name") for one in parse(archive.read("xl/workbook.xml"))
                 .iter(f"{SHEETS}sheet")]  # fmt: skip
        number = names.index(sheet) + 1
        root = parse(archive.read(f"xl/worksheets/sheet{number}.xml"))
    found = {}
    for row in root.iter(f"{SHEETS}row"):
        cells = {str(c.get("r")).rstrip("0123456789"): _value(c, texts) for c in row}
        ours, theirs = ([cells.get(column) for column in some] for some in ("BCD", "GHI"))
        if cells.get("A") and all(isinstance(one, float) for one in ours):
            found[_name(cells["A"])] = np.array(ours, float), np.array(theirs, float)
    return found


def _value(cell: etree._Element, texts: list[str]) -> str | float | None:
    value = cell.findtext(f"{SHEETS}v")
    if value is None:
        return None
    return texts[int(value)] if cell.get("t") == "s" else float(value)


def _name(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) else str(value).lower()


# -- the circuits


def named(of: Model) -> dict[str, str]:
    """Names by mRID, in small letters."""
    subjects, texts = of.values("IdentifiedObject.name")
    pairs = zip(subjects.tolist(), texts.tolist(), strict=True)
    return {of.mrid(row): of.text(text).lower() for row, text in pairs}


def circuit(params: Mapping[str, Any], by: str) -> dict[str, Any]:
    """What a case says of the circuit of "rdap" or "opendss"."""
    merged = dict(params)
    for section, said in params[by].items():
        common = params.get(section)
        merged[section] = {**common, **said} if isinstance(common, dict) else said
    return merged


def corrected(of: View, params: Mapping[str, Any]) -> View:
    """The view with what the case says of its source, transformers, lines and switches."""
    [source] = of.sources
    said = params["source"]
    volts = said["volts"] / np.sqrt(3) * TURNS
    z = from_sequences(complex(*said["z1"]), complex(*said["z0"]), source.phases)
    switches = params.get("switches", {})
    by_name = {one.name: one for one in of.lines}
    lines = [_line(one, params.get("lines", {}), by_name) for one in of.lines]
    if "uncharged" in params:
        lines = [replace(one, y=np.zeros_like(one.y)) for one in lines]
    return replace(
        of,
        sources=(replace(source, volts=volts, z=z),),
        transformers=tuple(
            _transformer(t, params.get("transformers", {})) for t in of.transformers
        ),
        lines=(*lines, *(_closed(of, switches) if switches else ())),
        switches=() if switches else of.switches,
    )


def _transformer(one: Transformer, said: Mapping[str, Any]) -> Transformer:
    if one.name not in said:
        return one
    z = np.array([[0, complex(*said[one.name]["z"])], [0, 0]])
    return replace(one, leakage=replace(one.leakage, z=z, z0=None))


def _line(one: Line, said: Mapping[str, Any], by_name: Mapping[str, Line]) -> Line:
    """As another line, where that is said, and so many times as long."""
    own = said.get(one.name, {"times": 1})
    like = by_name[own.get("as", one.name)]
    return replace(one, z=like.z * own["times"], y=like.y * own["times"])


def _closed(of: View, said: Mapping[str, Any]) -> Iterator[Line]:
    """Closed switches as lines of an impedance."""
    for switch in of.switches:
        if switch.name not in said["open"]:
            phases = tuple(pole.one for pole in switch.poles)
            z = complex(*said["z"]) * np.eye(len(phases))
            yield replace(
                of.lines[0], mrid=switch.mrid, name=switch.name, ends=switch.ends, phases=phases,
                z=z, y=np.zeros_like(z),  # type: ignore[arg-type]
            )  # fmt: skip


def given(of: View, params: Mapping[str, Any]) -> Given:
    """Without loads, capacitors, and regulators, past which jumpers lead."""
    bypassed = [t for t in of.transformers if t.name in params["bypassed"]["names"]]
    assert len(bypassed) == len(params["bypassed"]["names"])
    out = {one.mrid for one in of.shunts if one.name in params.get("out", {"names": ()})["names"]}
    assert len(out) == len(of.shunts)
    jumpers = {
        ((t.windings[0].port.node, phase), (t.windings[1].port.node, phase))
        for t in bypassed
        for phase in t.windings[0].phases
        if phase != "N"
    }
    return Given(
        out=frozenset(out | {m for t in bypassed for m in (t.mrid, t.bank)}),
        joined=frozenset(jumpers),
    )


def currents(of: View, names: Mapping[str, str], params: Mapping[str, Any]) -> dict[str, Floats]:
    """By node the amperes of A, B and C, of a fault of all three phases to earth."""
    layout = Layout.of(corrected(of, params))
    found = fault_levels.everywhere(faults.Before.of(layout, given(of, params)))
    three = [row for row, one in enumerate(found.kinds) if one == "3ph-earth"]
    return {names[found.nodes[found.node[row]]]: np.abs(found.current[row]) for row in three}


@pytest.mark.parametrize("name", ["ieee34", "ieee37", "ieee123"])
def test_published_fault_currents(shared: Path, name: str) -> None:
    params = json.loads((CASES / name / "params.json").read_text())
    of = model(shared / "data" / "cim" / "feeders" / params["model"])
    read, names = view.read(of), named(of)
    by_rdap, by_opendss = (currents(read, names, circuit(params, by)) for by in ("rdap", "opendss"))
    table = tables(
        shared / "data/dms/ieee_feeders/test feeders RDAP vs openDSS.xlsx", params["sheet"]
    )
    assert len(table) == {"34": 26, "37": 35, "123": 67}[params["sheet"]]
    rows = params["rdap"].get("rows", {})
    assert set(rows) <= set(table)
    for node, (rdap, opendss) in table.items():
        within = params["opendss"]["tolerance"]  # its table has whole amperes
        assert by_opendss[node] == pytest.approx(opendss, rel=within), node
        usual = params["rdap"]["tolerance"]
        own = rows.get(node, {"tolerance": usual})["tolerance"]
        assert own <= WITHIN
        assert by_rdap[node] == pytest.approx(rdap, rel=own), node
        # a row is named only for as long as it is needed
        assert (by_rdap[node] == pytest.approx(rdap, rel=usual)) != (node in rows), node
