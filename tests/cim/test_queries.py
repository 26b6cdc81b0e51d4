"""Queries that are no nouns go out as valid XML and come back equal, like nouns."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim.parse import parse
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.schema.xsd import noun_xsd
from cim.xml import decode, encode
from tests.strategies import profiles

QUERIES = tuple(noun.query for noun in NOUNS.values() if noun.query is not None)
every_query = pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)


@every_query
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_a_query_survives_its_xml(query: type[Profile], data: st.DataObject) -> None:
    payload = data.draw(profiles(query))
    received = parse(etree.tostring(encode(payload)))

    etree.XMLSchema(parse(noun_xsd(query))).assertValid(received)
    assert decode(received) == payload


@every_query
def test_a_query_asks_for_a_noun_and_is_none(query: type[Profile]) -> None:
    assert query.__name__.removeprefix("Get") in NOUNS
    assert query.__name__ not in NOUNS
    assert query.namespace.endswith(f"{query.__name__}#")
