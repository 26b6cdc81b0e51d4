"""What two versions of a model differ in: ours, and those of peers; both versions are in memory."""

from __future__ import annotations

from pathlib import Path

from benchmarks.apart import Steps


def ours(old: Path, new: Path) -> Steps:
    from cim.model import difference, write
    from cim.model.read import read

    one, other = read(old.read_bytes()), read(new.read_bytes())
    write.difference(difference.between(other, one))  # loads the compiled code
    return (lambda: write.difference(difference.between(one, other)),)


def pyoxigraph(old: Path, new: Path) -> Steps:
    """Of sets of statements, both ways."""
    from pyoxigraph import RdfFormat, parse

    one, other = (set(parse(path=str(file), format=RdfFormat.RDF_XML)) for file in (old, new))
    return (lambda: (one - other, other - one),)


def triplets(old: Path, new: Path) -> Steps:
    """Of frames."""
    from triplets.parser import parse
    from triplets.tools import diff_triplets

    one, other = parse([str(old)]), parse([str(new)])
    return (lambda: diff_triplets(one, other),)
