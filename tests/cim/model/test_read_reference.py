"""Every file of the reference data: by all paths, beside rdflib, oxigraph and the counts known."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from cim.model import Model, scan, strict
from cim.model.merging import dangling, merged
from cim.model.read import read_files
from tests.cim.model.oracles import BASE, by_rdflib, by_us
from tests.cim.model.test_write_reference import DATA, MODELS, NOT_FOR_OXIGRAPH
from tests.cim.model.triples import document

pytestmark = pytest.mark.reference
SMALL = 300_000

STATEMENTS = {
    "feeders/acep_psil.xml": 898,
    "feeders/ieee13.xml": 3_392,
    "feeders/ieee13_assets.xml": 2_927,
    "feeders/ieee37_cimhub.xml": 5_197,
    "feeders/ieee123_cimhub.xml": 13_160,
    "feeders/ieee123_pv.xml": 22_498,
    "feeders/lvtest_cimhub.zip": 43_137,
    "feeders/gmdm_cim18/planning.xml": 2_573,
    "feeders/ieee13_opendss.xml": 3_511,
    "feeders/ieee34_opendss.xml": 6_825,
    "feeders/ieee37_opendss.xml": 5_197,
    "feeders/ieee123_opendss.xml": 13_180,
    "feeders/lvtest_eu_opendss.zip": 43_412,
    "feeders/ieee8500_opendss.zip": 375_453,
    "feeders/swiss_lv_demo_cim17.rdf": 9_927,
    "as_operated/ieee123_open1/ieee123_open1.xml": 13_180,
    "as_operated/ieee8500u_open1/ieee8500u_open1.zip": 407_232,
    "transformer_cases/YYD.xml": 1_149,
}
"""Statements in each file, repeated ones counted, by other readers (research/cim.md)."""


@pytest.mark.parametrize("name", MODELS)
def test_what_every_file_says(shared: Path, name: str) -> None:
    file = shared / "data" / "cim" / name
    data = document(file)
    [model] = read_files([file]).models
    by_strict = strict.read(data).model()
    assert model.to_bytes() == by_strict.to_bytes()
    by_scan = scan.scan(data)
    assert by_scan is not None or name in NOT_FOR_OXIGRAPH
    assert by_scan is None or by_scan.to_bytes() == by_strict.to_bytes()
    header = model.header.identity if model.header else ""
    if name not in NOT_FOR_OXIGRAPH:
        assert _triples(model) == _by_oxigraph(data, header)
    if len(data) < SMALL:
        assert by_us(model) == by_rdflib(data, leave_out=header)


def _triples(model: Model) -> set[str]:
    return {f"{s} {p} {_absolute(o) if k < 2 else o}" for s, p, k, o in _resolved(model)}


def _resolved(model: Model) -> list[tuple[str, str, int, str]]:
    return [(_absolute(s), p, k, o) for s, p, k, o in model.statements()]


def _absolute(identity: str) -> str:
    return f"{BASE}{identity}" if identity.startswith("#") else identity


def _by_oxigraph(data: bytes, header: str) -> set[str]:
    triples = ox.parse(data, format=ox.RdfFormat.RDF_XML, base_iri=BASE)
    values = ((t.subject.value, t.predicate.value, t.object.value) for t in triples)
    return {f"{s} {p} {o}" for s, p, o in values if s != header}


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_count_of_statements(shared: Path, name: str) -> None:
    [model] = read_files([shared / "data" / "cim" / name]).models
    assert len(model) + _repeated(model) == STATEMENTS[name]


def _repeated(model: Model) -> int:
    """How many statements the problems say were left out."""
    return sum(int(p.split(maxsplit=1)[0]) for p in model.problems if "more than once" in p)


@pytest.mark.parametrize(
    ("folder", "statements", "nowhere"),
    [
        ("fullgrid_cgmes3", 11_839, 0),
        ("smallgrid_cgmes24", 130_767, 14),
        ("microgrid_t1", 6_338, 15),
    ],
)
def test_sets_of_several_files(shared: Path, folder: str, statements: int, nowhere: int) -> None:
    """The profiles of a set fit together, without the boundary that is not there."""
    files = sorted((shared / "data" / "cim" / "cgmes" / folder).iterdir())
    found = read_files(files)
    assert sum(map(_with_header, found.models)) == statements
    whole = merged(found.models, [one.name for one in found.documents])
    assert whole.problems == ()
    assert len(dangling(whole)) == nowhere
    backwards = merged(found.models[::-1])
    assert _triples(backwards) == _triples(whole)


def _with_header(model: Model) -> int:
    header = 0 if model.header is None else len(model.header.said) + 1
    return len(model) + _repeated(model) + header


def test_the_data_are_there() -> None:
    assert len(MODELS) > 60
    assert set(STATEMENTS) <= set(MODELS)
    assert DATA.is_dir()
