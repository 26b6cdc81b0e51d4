"""The CIM's classes, attributes and associations as data, for several versions side by side.

    known = choose(model) or vocabulary("cim100-distribution")
    for finding in validate(model, known):
        print(finding)

Further versions come from their RDFS or OWL files: `from_rdfs([Path("Mine.rdfs")], "mine")`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cim.vocabulary.facts import Class, Datatype, Enumeration, Profile, Property
from cim.vocabulary.findings import ERROR, REMARK, RULES, WARNING, Finding
from cim.vocabulary.shacl import shacl
from cim.vocabulary.sources import facts_of
from cim.vocabulary.validation import validate
from cim.vocabulary.versions import choose, names, vocabulary
from cim.vocabulary.vocabulary import Vocabulary, union

__all__ = [
    "ERROR",
    "REMARK",
    "RULES",
    "WARNING",
    "Class",
    "Datatype",
    "Enumeration",
    "Finding",
    "Profile",
    "Property",
    "Vocabulary",
    "choose",
    "from_rdfs",
    "names",
    "shacl",
    "union",
    "validate",
    "vocabulary",
]


def from_rdfs(files: Sequence[bytes | Path], name: str, origin: str = "") -> Vocabulary:
    """The vocabulary of schema files, RDFS (2019 or 2020) or OWL, each of which is a profile.

    A profile is called what its file calls it, else by the name of the file up to the first dot.

    Raises: Refusal, when a file is no RDF/XML; ValueError, when it is no schema of the CIM.
    """
    return Vocabulary(facts_of(files, name, origin))
