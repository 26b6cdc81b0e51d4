"""Tables of strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.model.terms import Terms, key, union

UUID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
texts = st.lists(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40), unique=True
)
cores = st.sampled_from([UUID, UUID.upper(), "x", "X", "_x", "ä" * 36, "", "urn:uuid:"])
identities = st.builds(
    str.__add__, st.sampled_from(["#_", "urn:uuid:", "#", "", "http://a#"]), cores
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (f"#_{UUID}", f"urn:uuid:{UUID.upper()}", True),
        ("#_x", "urn:uuid:x", True),
        ("#_x", "#_X", False),
        ("#x", "#_x", False),
        ("http://iec.ch/TC57/CIM100#PhaseCode.A", "#_PhaseCode.A", False),
    ],
)
def test_spellings_of_one_identity_share_a_key(one: str, other: str, *, same: bool) -> None:
    assert (key(one) == key(other)) is same


@given(texts)
def test_a_table_holds_its_strings_and_finds_each(given: list[str]) -> None:
    table = Terms.of(given)
    assert list(table) == given
    assert [table.find(text) for text in given] == list(range(len(given)))
    assert table.find("\0 not there") == -1
    assert len(given) == 0 or (table[-1] == given[-1] and table[0:] == given)


@given(st.lists(identities))
def test_a_folded_table_finds_by_key(spelled: list[str]) -> None:
    by_key = {}
    for one in spelled:
        by_key.setdefault(key(one), one)
    table = Terms.of(by_key.values(), folded=True)
    places = list(by_key)
    assert [table.find(one) for one in spelled] == [places.index(key(one)) for one in spelled]


@given(st.lists(st.lists(identities, unique_by=key), min_size=1, max_size=4))
def test_a_union_knows_where_everything_went(parts: list[list[str]]) -> None:
    tables = [Terms.of(part, folded=True) for part in parts]
    whole, places = union(tables)
    first: dict[str, str] = {}
    for one in (one for part in parts for one in part):
        first.setdefault(key(one), one)
    assert list(whole) == list(first.values())
    for part, place in zip(parts, places, strict=True):
        assert [whole[row] for row in place.tolist()] == [first[key(one)] for one in part]


@given(texts, st.randoms())
def test_rows_are_taken_in_the_order_asked(given: list[str], random: object) -> None:
    import numpy as np

    rows = list(range(len(given)))
    random.shuffle(rows)  # type: ignore[attr-defined]
    taken = Terms.of(given).take(np.array(rows, np.int32))
    assert list(taken) == [given[row] for row in rows]
