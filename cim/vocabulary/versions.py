"""The versions that come with the project, and which of them a model is written in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from cim.model.model import TYPE, Model
from cim.vocabulary import table
from cim.vocabulary.nodes import namespace_of
from cim.vocabulary.vocabulary import Vocabulary, union

CGMES_3 = "cgmes-3.0"
GMDM = "cim18-gmdm"
CIM18 = "cim18"
CIM100_DISTRIBUTION = "cim100-distribution"
CIM18_DISTRIBUTION = "cim18-distribution"

UNIONS = {
    CIM100_DISTRIBUTION: (CGMES_3, GMDM, CIM18),
    CIM18_DISTRIBUTION: (GMDM, CIM18),
}
"""Versions that are put together of others, for models that follow no published profile.

Distribution models in CIM100 (exports of OpenDSS and GridAPPS-D) use classes of IEC 61968 that
CGMES lacks, such as ACLineSegmentPhase and TransformerTank.  No CIM100 schema with them is
published; the same names are in CIM18, in another namespace, and names are matched without it.
Where the parts differ either is right, and an object must have what each profile that defines its
class demands.  The canonical CIM18 (`cim18`) demands next to nothing by itself.
"""

NAMESPACES = {
    "http://iec.ch/TC57/CIM100#": CIM100_DISTRIBUTION,
    "http://iec.ch/TC57/2016/CIM-schema-cim17#": CIM100_DISTRIBUTION,
    "https://cim.ucaiug.io/ns#": CIM18_DISTRIBUTION,
    "http://cim.ucaiug.io/ns#": CIM18_DISTRIBUTION,
    "http://cim.ucaiug.io/CIM101/draft#": CIM18_DISTRIBUTION,
    "http://iec.ch/TC57/CIM101#": CIM18_DISTRIBUTION,
    "http://ucaiug.org/61970cim18v02_61968cim14v00#": CIM18_DISTRIBUTION,
}
"""The version of a model without a profile that we know, by namespace.

CIM17 and CIM100 are two namespaces of one version.
"""


def names() -> list[str]:
    """Of the versions that `vocabulary` has."""
    return sorted({CGMES_3, GMDM, CIM18, *UNIONS})


@cache
def vocabulary(name: str) -> Vocabulary:
    """One of the versions that come with the project.  Raises: KeyError, with those there are."""
    if name in UNIONS:
        return union(name, [vocabulary(part) for part in UNIONS[name]])
    if name not in names():
        raise KeyError(f"There is no vocabulary {name!r}; there are {', '.join(names())}.")
    return Vocabulary(table.read((files(__package__) / "tables" / f"{name}.tsv").read_bytes()))


def choose(
    model: Model, profiles: Sequence[str] = (), known: Sequence[Vocabulary] = ()
) -> Vocabulary | None:
    """The vocabulary in which a model is written; None where there is none.

    First by the profiles of its header, or `profiles` where models were merged and their headers
    are gone; they are claimed.  Else by the namespace of most of its objects, of those known.

    known: further vocabularies, looked at before those of the project.
    """
    iris = {*profiles, *(model.header.profiles if model.header else ())}
    for one in (*known, vocabulary(CGMES_3), vocabulary(GMDM)) if iris else ():
        if (claiming := one.claiming(*iris)).claimed:
            return claiming
    spoken = _namespaces(model)
    if found := [one for one in known if not one.namespaces.isdisjoint(spoken)]:
        return found[0]
    return next((vocabulary(NAMESPACES[n]) for n in spoken if n in NAMESPACES), None)


def _namespaces(model: Model) -> list[str]:
    """The namespaces of classes, that of most objects first; of properties if there is no class."""
    typed = model.kind == TYPE
    rows = model.object[typed] if typed.any() else model.property
    counts: Counter[str] = Counter()
    for row, count in Counter(rows.tolist()).items():
        counts[namespace_of(model.names[row])] += count
    return sorted(counts, key=lambda iri: (-counts[iri], iri))
