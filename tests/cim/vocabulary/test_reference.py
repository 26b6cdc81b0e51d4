"""Against the published schemas and models: the tables are theirs, and the findings are believed.

What the published models break was looked at one by one; see the notes beside the numbers.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cim.model import Model, merged
from cim.model.read import read
from cim.vocabulary import REMARK, choose, from_rdfs, validate, vocabulary
from cim.vocabulary.sources import facts_of
from cim.vocabulary.table import write
from cim.vocabulary.versions import __file__ as versions

pytestmark = pytest.mark.reference

TABLES = Path(versions).with_name("tables")
GMDM, CGMES = "profiles/gmdm_iop", "profiles/cgmes300_rdfs"
SOURCES = {
    "cgmes-3.0": (f"{CGMES}/*RDFS2020*.rdf",),
    "cim18": (f"{GMDM}/CIM18Canonical.owl",),
    "cim18-gmdm": (f"{GMDM}/*.rdfs", f"{GMDM}/profile_artifacts/DiagramLayout/*.rdfs"),
}
HEADER = f"{CGMES}/61970-600-2_Header-AP-Voc-RDFS2019_v3-0-0.rdf"

Broken = dict[tuple[str, str], int]


def files(shared: Path, patterns: tuple[str, ...]) -> list[Path]:
    return [path for p in patterns for path in sorted((shared / "data" / "cim").glob(p))]


@pytest.mark.parametrize("name", SOURCES)
def test_the_committed_table_is_what_the_schemas_state(shared: Path, name: str) -> None:
    sources = files(shared, SOURCES[name])
    fresh = write(facts_of(sources, name, vocabulary(name).facts.origin))
    assert fresh == (TABLES / f"{name}.tsv").read_bytes()


def test_a_header_profile_of_rdfs2019(shared: Path) -> None:
    known = from_rdfs([shared / "data" / "cim" / HEADER], "header")
    assert [p.name for p in known.profiles] == ["FileHeaderProfile"]
    assert known.is_a("FullModel", "Model")
    created = known.find("FullModel", "created")
    assert created is not None
    assert (created.types, created.least, created.most) == (("DateTime",), 1, 1)
    assert known.properties["Model.DependentOn"].inverse == "Model.Depending"


def documents(path: Path) -> Iterator[bytes]:
    if path.suffix != ".zip":
        yield path.read_bytes()
        return
    with zipfile.ZipFile(path) as packed:
        yield from (packed.read(name) for name in packed.namelist())


def broken(model: Model, profiles: tuple[str, ...] = ()) -> Broken:
    """What is worse than a remark, counted by rule and property."""
    known = choose(model, profiles)
    assert known is not None
    found: Counter[tuple[str, str]] = Counter()
    for one in validate(model, known):
        if one.severity != REMARK:
            found[one.rule, one.property] += one.count
    return dict(found)


EXPORTS = [
    "feeders/acep_psil.xml",
    "feeders/ieee123_cimhub.xml",
    "feeders/ieee123_opendss.xml",
    "feeders/ieee123_pv.xml",
    "feeders/ieee13.xml",
    "feeders/ieee13_assets.xml",
    "feeders/ieee13_opendss.xml",
    "feeders/ieee34_opendss.xml",
    "feeders/ieee37_cimhub.xml",
    "feeders/ieee37_opendss.xml",
    "feeders/ieee8500_opendss.zip",
    "feeders/lvtest_cimhub.zip",
    "feeders/lvtest_eu_opendss.zip",
    "transformer_cases/*.xml",
    "as_operated/ieee123_open1/*.xml",
]


@pytest.mark.parametrize("pattern", EXPORTS)
def test_distribution_exports_break_no_rule(shared: Path, pattern: str) -> None:
    """They write nothing that any published profile forbids; what CIM100 had and CIM18 has no
    more, such as TransformerEndInfo.ratedU, is remarked as unknown."""
    for path in files(shared, (pattern,)):
        for document in documents(path):
            assert broken(read(document)) == {}


OTHERS: dict[str, Broken] = {
    # Fuses without a normal position, which CGMES and GMDM both demand of every switch.
    "feeders/swiss_lv_demo_cim17.rdf": {("missing", "Switch.normalOpen"): 89},
    # An mRID was written into every object, also those that are no IdentifiedObject.
    "feeders/gmdm_cim18/adapted.xml": {
        ("wrong-class", "IdentifiedObject.mRID"): 47,
        ("missing", "Switch.normalOpen"): 6,
    },
    "feeders/gmdm_cim18/planning.xml": {},
    # Parts of an assembly refer to the boundary, which is a document of its own.
    "feeders/gmdm_cim18/D Plan Basic Golden InstanceSet.xml": {
        ("dangling", "Equipment.AdditionalEquipmentContainer"): 28,
        ("dangling", "Terminal.ConnectivityNode"): 1,
    },
    "feeders/gmdm_cim18/T Plan Basic Golden InstanceSet.xml": {
        ("dangling", "Equipment.AdditionalEquipmentContainer"): 1,
        ("dangling", "Substation.NormalEnergizedFeeder"): 1,
        ("dangling", "Terminal.ConnectivityNode"): 1,
    },
    "cgmes/fullgrid_cgmes3/FullGrid_EQ.xml": {},
    "cgmes/fullgrid_cgmes3/FullGrid_EQBD.xml": {},
    "cgmes/fullgrid_cgmes3/FullGrid_OP.xml": {},
    "cgmes/fullgrid_cgmes3/FullGrid_SC.xml": {},
    "cgmes/fullgrid_cgmes3/FullGrid_TP.xml": {},
    # The profiles demand mRID and name of every object, the files leave both to EQ.
    "cgmes/fullgrid_cgmes3/FullGrid_SSH.xml": {("missing", "IdentifiedObject.mRID"): 62},
    "cgmes/fullgrid_cgmes3/FullGrid_SV.xml": {("missing", "IdentifiedObject.name"): 4},
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_the_others_break_is_known(shared: Path, name: str) -> None:
    [path] = files(shared, (name.replace("[", "[[]"),))
    assert broken(read(path.read_bytes())) == OTHERS[name]


def test_fullgrid_as_a_whole_keeps_all_its_seven_profiles(shared: Path) -> None:
    models = [read(path.read_bytes()) for path in files(shared, ("cgmes/fullgrid_cgmes3/*.xml",))]
    profiles = tuple(p for model in models if model.header for p in model.header.profiles)
    whole = merged(models)
    known = choose(whole, profiles)
    assert known is not None
    assert len(known.claimed) == 7
    assert validate(whole, known) == []


def test_for_cgmes_2_there_is_no_vocabulary(shared: Path) -> None:
    [path] = files(shared, ("cgmes/microgrid_t1/*_BE_EQ_3.xml",))
    model = read(path.read_bytes())
    assert choose(model) is None
    assert validate(model, vocabulary("cgmes-3.0"))
