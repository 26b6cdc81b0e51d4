"""A table holds all facts, in one order, and says where it is none."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.vocabulary import table
from cim.vocabulary.facts import Class, Datatype, Enumeration, Facts, Profile, Property
from cim.vocabulary.vocabulary import Vocabulary
from tests.cim.vocabulary.small import vocabularies

WORD = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="|"), min_size=1)
NAMESPACES = st.sampled_from(["urn:a#", "urn:b#", "urn:c/"])


@st.composite
def odd_facts(draw: st.DrawFn) -> Facts:
    """Facts with names as no CIM has them: "a:b", spaces inside values, other scripts."""
    values = st.tuples(st.one_of(WORD, st.just("fax machine"), st.just("n1:x")), NAMESPACES)
    return Facts(
        draw(WORD),
        "of nobody\nfree",
        (Profile("P", ("urn:p",), version="?"), Profile("Q", canonical=True, version="?")),
        (Class(draw(WORD), draw(NAMESPACES), (draw(WORD), draw(WORD)), None, True, True, ("P",)),),
        (Property(draw(WORD), draw(NAMESPACES), draw(WORD), (draw(WORD),), 1, 7, "", False, ()),),
        (Enumeration(draw(WORD), draw(NAMESPACES), tuple(draw(st.lists(values, max_size=3)))),),
        (Datatype(draw(WORD), draw(NAMESPACES), "Float", "m", "k"),),
    )


def named(facts: Facts) -> Facts:
    """Profiles carry the name of the version."""
    return replace(facts, profiles=tuple(replace(p, version=facts.name) for p in facts.profiles))


def same(one: Facts, other: Facts) -> bool:
    rows = ("profiles", "classes", "properties", "enumerations", "datatypes")
    alike = all(set(getattr(one, name)) == set(getattr(other, name)) for name in rows)
    return alike and (one.name, one.origin) == (other.name, other.origin)


@given(facts=odd_facts())
def test_what_is_written_is_read(facts: Facts) -> None:
    assert same(table.read(table.write(facts)), named(facts))


@given(known=vocabularies())
def test_rows_stay_apart(known: Vocabulary) -> None:
    facts = named(known.facts)
    assert same(table.read(table.write(facts)), facts)


@given(known=vocabularies(), data=st.data())
def test_the_order_of_facts_does_not_matter(known: Vocabulary, data: st.DataObject) -> None:
    facts = known.facts
    shuffled = replace(
        facts,
        profiles=data.draw(st.sampled_from(list(permutations(facts.profiles)))),
        classes=tuple(data.draw(st.permutations(facts.classes))),
        properties=tuple(data.draw(st.permutations(facts.properties))),
        datatypes=facts.datatypes[::-1],
    )
    assert table.write(shuffled) == table.write(facts)


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "a\u2028b"])
def test_a_name_that_would_break_a_line_is_refused(name: str) -> None:
    facts = Facts("x", "", classes=(Class(name, "urn:a#"),))
    with pytest.raises(ValueError, match="is no name"):
        table.write(facts)


def test_a_name_that_would_break_a_list_is_refused() -> None:
    facts = Facts("x", "", classes=(Class("A", "urn:a#", ("B|C",)),))
    with pytest.raises(ValueError, match="are no names"):
        table.write(facts)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("colour\tred", "Line 2 of the vocabulary table: 'colour'."),
        ("class\tn9\tA", "Line 2 of the vocabulary table: 'n9'."),
        ("namespace\t\turn:a#\nproperty\t\tA.b\tC\tmany", "Line 3 of the vocabulary table: "),
    ],
)
def test_a_fault_is_named_with_its_line(line: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        table.read(f"{table.FORMAT}\n{line}\n".encode())


def test_other_bytes_are_no_table() -> None:
    with pytest.raises(ValueError, match="no vocabulary table of format 1"):
        table.read(b"name;parent\n")
