"""Models made of statements, and strategies for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from hypothesis import strategies as st

from cim.model import LINK, TEXT, TYPE, Model
from cim.model.building import Builder
from cim.model.terms import key
from tests.strategies import xml_text

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
CIM = "http://iec.ch/TC57/CIM100#"
Statement = tuple[str, str, int, str]

IDS = [
    "#_6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "urn:uuid:6BA7B811-9DAD-11D1-80B4-00C04FD430C8",
    "urn:uuid:no-uuid",
    "#plain",
    "#_A",
    "#_a",
    "_:b1",
    "http://example.org/thing?a=1&b=2",
    f"{CIM}PhaseCode.A",
]
SPELLINGS = [*IDS, "urn:uuid:6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "urn:uuid:A"]
CLASSES = [f"{CIM}Breaker", f"{CIM}Terminal", "http://example.org/own#Breaker", "urn:own:Thing"]
PROPERTIES = [
    f"{CIM}Switch.open",
    f"{CIM}IdentifiedObject.name",
    f"{CIM}Terminal.phases",
    "http://iec.ch/TC57/2013/CIM-schema-cim16#Switch.open",
    "http://entsoe.eu/CIM/SchemaExtension/3/1#IdentifiedObject.shortName",
    "http://example.org/größe/Höhe",
]
SUFFIXES = ["", "", "", "\0@de", "\0@en-GB", "\0^^http://example.org/type?a&b"]
FEW = ["", "1", "1.0", "A", "a"]

texts = st.builds(str.__add__, st.sampled_from(FEW) | xml_text, st.sampled_from(SUFFIXES))


def statements(ids: Collection[str] = tuple(IDS)) -> st.SearchStrategy[Statement]:
    """Any statement about these."""
    some = st.sampled_from(list(ids))
    names = st.sampled_from(PROPERTIES)
    return st.one_of(
        st.tuples(some, st.just(f"{RDF}type"), st.just(TYPE), st.sampled_from(CLASSES)),
        st.tuples(some, names, st.just(LINK), some),
        st.tuples(some, names, st.just(TEXT), texts),
    )


def sets(ids: Collection[str] = tuple(IDS)) -> st.SearchStrategy[list[Statement]]:
    """Distinct statements in any order."""
    return st.lists(statements(ids), max_size=25, unique_by=said_of)


def made(given: Iterable[Statement], born: Collection[str] = ()) -> Model:
    """The model of these statements, in their order."""
    builder = Builder()
    for identity in born:
        builder.identity(identity, born=True)
    for subject, name, kind, value in given:
        row = builder.identity(subject)
        if kind == TYPE:
            builder.type(row, value)
        elif kind == LINK:
            builder.link(row, name, value)
        else:
            builder.text(row, name, value)
    return builder.model()


def said_of(statement: Statement) -> Statement:
    """The statement, with identities by their key."""
    subject, name, kind, value = statement
    return key(subject), name, kind, key(value) if kind == LINK else value


def said(model: Model) -> set[Statement]:
    """What a model says, with identities by their key."""
    found = [said_of(statement) for statement in model.statements()]
    assert len(set(found)) == len(found)
    return set(found)
