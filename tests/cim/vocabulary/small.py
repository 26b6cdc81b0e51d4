"""Random vocabularies and models of them, small enough that every rule is met often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from cim.model.building import Builder
from cim.model.model import Model
from cim.vocabulary.facts import Class, Datatype, Enumeration, Facts, Profile, Property
from cim.vocabulary.vocabulary import Vocabulary

NS, OTHER = "urn:ns#", "urn:other#"
CLASSES = ("A", "B", "C", "D")
NAMES = ("A.n", "A.d", "B.k", "B.ds", "C.n", "D.b", "D.x")
TYPES = (("Integer",), ("Text",), ("Kind",), ("D",), ("B", "C"), ("Integer", "Kind"), (), ("Lost",))
PROFILES = ("P", "Q")
OBJECTS = ("#_1", "#_2", "#_3", "#_4")
VALUES = (f"{NS}Kind.x", f"{NS}Kind.y", f"{NS}Kind.z", *OBJECTS, "#_lost")
TEXTS = ("1", "x", "5E9", "2\0^^urn:int")

Draw = Callable[[st.SearchStrategy[Any]], Any]


def _profiles() -> st.SearchStrategy[tuple[str, ...]]:
    return st.sampled_from([("P",), ("Q",), ("P", "Q")])


@st.composite
def classes(draw: Draw) -> Class:
    name = draw(st.sampled_from(CLASSES))
    above = CLASSES[: CLASSES.index(name)]
    parents = draw(st.sets(st.sampled_from(above), max_size=2)) if above else ()
    concrete = draw(st.sampled_from([True, True, False, None]))
    marks = draw(st.booleans()), draw(st.integers(0, 9)) == 0
    return Class(name, NS, tuple(sorted(parents)), concrete, *marks, draw(_profiles()))


@st.composite
def properties(draw: Draw) -> Property:
    name = draw(st.sampled_from(NAMES))
    least = draw(st.integers(0, 2))
    most = draw(st.sampled_from([None, max(least, 1), 2]))
    return Property(
        name,
        draw(st.sampled_from([NS, NS, OTHER])),
        name[0],
        draw(st.sampled_from(TYPES)),
        least,
        most,
        draw(st.sampled_from(["", *NAMES])),
        draw(st.booleans()),
        draw(_profiles()),
    )


def _distinct(rows: Sequence[Any]) -> tuple[Any, ...]:
    """Rows of which no profile states two of one name."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for row in rows:
        keys = {(row.name, profile) for profile in row.profiles}
        if seen.isdisjoint(keys):
            kept.append(row)
            seen |= keys
    return tuple(kept)


@st.composite
def vocabularies(draw: Draw) -> Vocabulary:
    """Of two profiles, of one version or of two, one perhaps canonical; some or none claimed."""
    versions = draw(st.sampled_from([("v", "v"), ("v", "w")]))
    canonical = draw(st.booleans())
    facts = Facts(
        "small",
        "",
        (Profile("P", (), canonical, versions[0]), Profile("Q", (), False, versions[1])),
        _distinct(draw(st.lists(classes(), min_size=3, max_size=8))),
        _distinct(draw(st.lists(properties(), min_size=3, max_size=9))),
        (Enumeration("Kind", NS, (("x", NS), ("y", NS))),),
        (Datatype("Integer", NS, "Integer"), Datatype("Text", NS, "String")),
    )
    return Vocabulary(facts).claiming(*draw(st.sets(st.sampled_from(PROFILES))))


@st.composite
def models(draw: Draw) -> Model:
    builder = Builder()
    kinds = st.lists(st.sampled_from([*CLASSES, *CLASSES, "Z"]), max_size=2)
    said = st.tuples(
        st.sampled_from([NS, NS, OTHER]),
        st.sampled_from([*NAMES, "Z.z"]),
        st.sampled_from([*(("link", v) for v in VALUES), *(("text", t) for t in TEXTS)]),
    )
    for subject in OBJECTS:
        for kind in draw(kinds):
            builder.type(builder.identity(subject), f"{NS}{kind}")
        for namespace, name, (how, value) in draw(st.lists(said, max_size=5)):
            add = builder.link if how == "link" else builder.text
            add(builder.identity(subject), f"{namespace}{name}", value)
    return builder.model()
