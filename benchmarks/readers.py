"""Ways to read a CIM file and to write it, ours and those of peers; prepared, in steps."""

from __future__ import annotations

from pathlib import Path

from benchmarks.apart import Steps

TINY = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    b'xmlns:cim="http://iec.ch/TC57/CIM100#"><cim:EnergySource rdf:ID="_1"/>'
    b'<cim:Terminal rdf:ID="_2"><cim:Terminal.ConductingEquipment rdf:resource="#_1"/>'
    b'<cim:Terminal.ConnectivityNode rdf:resource="#_3"/></cim:Terminal>'
    b'<cim:ConnectivityNode rdf:ID="_3"/></rdf:RDF>'
)
"""A document to load compiled code with."""


def ours(file: Path, target: Path | None = None) -> Steps:
    """Read; and write in canonical form."""
    from cim.model import Model, scan, write
    from cim.model.read import read_files

    made: list[Model] = []
    small = scan.scan(TINY)
    assert small
    write.full(small)  # loads the compiled code

    def load() -> None:
        made.extend(read_files([file]).models)

    def save() -> None:
        assert target
        with target.open("wb") as stream:
            write.full_to(stream, made[0])

    return (load, save) if target else (load,)


def ours_strict(file: Path) -> Steps:
    """Read by the path that takes whatever is well-formed."""
    from cim.model import strict

    strict.read(TINY).model()
    return (lambda: strict.read(file.read_bytes()).model(),)


def triplets(file: Path) -> Steps:
    """Into a pandas frame on Arrow columns, by its C++ engine."""
    from triplets.parser import get_engine, parse

    name, _ = get_engine("auto")
    assert name == "cython_pugixml_arrow"
    return (lambda: parse([str(file)]),)


def pyoxigraph_parse(file: Path) -> Steps:
    """Through all statements, of which nothing is kept."""
    from pyoxigraph import RdfFormat, parse

    def load() -> None:
        for _ in parse(path=str(file), format=RdfFormat.RDF_XML):
            pass

    return (load,)


def pyoxigraph_store(file: Path, target: Path | None = None) -> Steps:
    """Into a store in memory; and out of it."""
    from pyoxigraph import DefaultGraph, RdfFormat, Store

    store = Store()

    def load() -> None:
        store.load(path=str(file), format=RdfFormat.RDF_XML)

    def save() -> None:
        store.dump(str(target), format=RdfFormat.RDF_XML, from_graph=DefaultGraph())

    return (load, save) if target else (load,)


def rdflib(file: Path, target: Path) -> Steps:
    """Into a graph in memory; and out of it."""
    from rdflib import Graph

    graph = Graph()
    return (
        lambda: graph.parse(file, format="xml"),
        lambda: graph.serialize(target, format="xml"),
    )
