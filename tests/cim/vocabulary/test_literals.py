"""Literals are told apart as XML Schema does, by the word of two libraries that are not ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xmlschema
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from cim.model.terms import Terms
from cim.parse import parse
from cim.vocabulary.facts import PRIMITIVES
from cim.vocabulary.literals import is_checked, unfit

ORACLES = {p: x for x, p in reversed(PRIMITIVES.items()) if is_checked(p) and p != "URI"}
ELEMENTS = (f'<xs:element name="{x}" type="xs:{x}"/>' for x in ORACLES.values())
XSD = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{"".join(ELEMENTS)}</xs:schema>'
BUILTIN: dict[str, Any] = dict(xmlschema.XMLSchema.builtin_types())
LIBXML2 = etree.XMLSchema(parse(XSD.encode()))
WORDS = "1 0 12 2023 02 29 30 - -- --- + . E e 5 INF NaN true True T : Z P Y M D H S 24:00:00"
DATES = "2024-02-29 1900-02-29 2000-02-29 12:00:00 +01:00 +14:00 -15:00"
PIECES = st.sampled_from([*WORDS.split(), *DATES.split(), " ", "\n"])
TEXTS = st.lists(PIECES, max_size=7).map("".join)


def fits(text: str, primitive: str) -> bool:
    return not unfit(Terms.of([text]), np.array([0], np.int32), primitive)


def by_libxml2(text: str, primitive: str) -> bool:
    element = etree.Element(ORACLES[primitive])
    element.text = text
    return bool(LIBXML2.validate(element))


def by_xmlschema(text: str, primitive: str) -> bool:
    try:
        return bool(BUILTIN[ORACLES[primitive]].is_valid(text))
    except OverflowError:  # a year of ten digits
        return True


@pytest.mark.parametrize("primitive", ORACLES)
@given(text=TEXTS)
@example(text="2024-02-29T12:00:00Z")
@example(text="2023-02-29T12:00:00Z")
@example(text="2024-03-31")
@example(text="--02-29")
@example(text="PT15M")
@example(text="P1DT")
@example(text="5E9")
@example(text=".5")
@example(text="-.E1")
@example(text="12345678901234567890")
def test_as_xml_schema_has_it(primitive: str, text: str) -> None:
    """Each has its faults (libxml2 takes "1E" for a float, xmlschema "1 1" for a decimal): what
    both say must be so."""
    one, other = by_libxml2(text, primitive), by_xmlschema(text, primitive)
    assert one is not other or fits(text, primitive) is one


@given(text=TEXTS, mark=st.sampled_from(["\0^^http://www.w3.org/2001/XMLSchema#float", "\0@en"]))
def test_a_data_type_behind_a_literal_changes_nothing(text: str, mark: str) -> None:
    assert fits(text + mark, "Float") is fits(text, "Float")


def test_only_the_rows_asked_for_are_looked_at() -> None:
    texts = Terms.of(["x", "1", "y", "2.5"])
    assert unfit(texts, np.array([1, 2, 3], np.int32), "Integer") == [2, 3]


@pytest.mark.parametrize("text", ["urn:x", "", "http://a/b?c#d"])
def test_iris(text: str) -> None:
    assert fits(text, "URI")


@pytest.mark.parametrize("text", ["a b", "<x>", "a\\b"])
def test_no_iris(text: str) -> None:
    assert not fits(text, "URI")
