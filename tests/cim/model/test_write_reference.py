"""Every model in the reference data: written, read again, and read by others."""

from __future__ import annotations

from pathlib import Path

import pytest

from cim.model import Model, difference, write
from cim.model.read import content
from cim.model.sets import same
from tests.cim.model.triples import by_oxigraph, by_rdflib, document
from tests.conftest import SHARED

pytestmark = pytest.mark.reference
DATA = SHARED / "data" / "cim"
FILES = sorted(
    str(file.relative_to(DATA))
    for folder in ("as_operated", "cgmes", "feeders", "transformer_cases")
    for file in (DATA / folder).rglob("*")
    if file.suffix in (".xml", ".rdf", ".zip")
)
DIFFERENCES = [name for name in FILES if "_DIFF_" in name]
MODELS = [name for name in FILES if "_DIFF_" not in name]
NOT_FOR_OXIGRAPH = {"feeders/gmdm_cim18/Planning Golden Assembly.xml"}
"""Its lines end in NEL (U+0085), which oxigraph takes for text between objects."""
SMALL = 300_000


@pytest.mark.parametrize("name", MODELS)
def test_models_are_written_without_loss(shared: Path, name: str) -> None:
    original = document(shared / "data" / "cim" / name)
    model = content(original).model()
    data = write.full(model)
    again = content(data).model()
    assert same(again, model)
    assert write.full(again) == data
    check_headers(again, model)
    if name not in NOT_FOR_OXIGRAPH:
        assert by_oxigraph(data) == by_oxigraph(original)
    if len(original) < SMALL:
        assert by_rdflib(data) == by_rdflib(original)


def check_headers(one: Model, other: Model) -> None:
    assert (one.header is None) == (other.header is None)
    if one.header is not None and other.header is not None:
        assert one.header.identity == other.header.identity
        assert sorted(one.header.said) == sorted(other.header.said)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_differences_are_written_without_loss(shared: Path, name: str) -> None:
    change = difference.of(content((shared / "data" / "cim" / name).read_bytes()))
    data = write.difference(change)
    again = difference.of(content(data))
    assert write.difference(again) == data
    assert change.header is not None
    assert again.header is not None
    assert sorted(again.header.said) == sorted(change.header.said)
    for part in ("preconditions", "reverse", "forward"):
        assert same(getattr(again, part), getattr(change, part))
