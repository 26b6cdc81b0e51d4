"""What we write says to RDF libraries what the original said, statement for statement."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest
import rdflib

from tests.interop.conftest import CGMES, Exported, Sets

_BASE = "http://example.org/"


def test_rdflib_reads_the_same_statements(feeder: Exported) -> None:
    theirs = _rdflib(feeder.original)

    assert theirs == _rdflib(feeder.ours)
    assert len(theirs) == len(feeder.model)


def test_rdflib_reads_headers_and_rdf_ids(balanced: list[Exported]) -> None:
    for document in balanced:
        theirs = _rdflib(document.original)

        assert theirs == _rdflib(document.ours), document.original.name
        assert document.model.header is not None
        said = len(document.model.header.said) + 1  # its class
        assert len(theirs) == len(document.model) + said


def test_pyoxigraph_reads_the_same_statements(feeder: Exported) -> None:
    theirs = _pyoxigraph(feeder.original)

    assert theirs == _pyoxigraph(feeder.ours)
    assert len(theirs) == len(feeder.model)


def test_pyoxigraph_reads_headers_and_rdf_ids(balanced: list[Exported]) -> None:
    for document in balanced:
        assert _pyoxigraph(document.original) == _pyoxigraph(document.ours), document.original.name


@pytest.mark.reference
@pytest.mark.parametrize("name", CGMES)
def test_pyoxigraph_reads_cgmes_sets(name: str, cgmes: Sets) -> None:
    for document in cgmes(name):
        assert _pyoxigraph(document.original) == _pyoxigraph(document.ours), document.original.name


def _rdflib(path: Path) -> set[tuple[rdflib.term.Node, ...]]:
    return set(rdflib.Graph().parse(path, format="xml", publicID=_BASE))


def _pyoxigraph(path: Path) -> set[pyoxigraph.Quad]:
    return set(pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.RDF_XML, base_iri=_BASE))
