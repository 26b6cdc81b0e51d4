"""Models as sets, against sets of Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from cim.model import Model, sets
from cim.model.terms import Terms
from tests.cim.model.made import IDS, SPELLINGS, Statement, made, said
from tests.cim.model.made import sets as statement_sets


@given(statement_sets(), statement_sets(SPELLINGS))
def test_minus_common_plus(one: list[Statement], other: list[Statement]) -> None:
    a, b = made(one), made(other)
    assert said(sets.minus(a, b)) == said(a) - said(b)
    assert said(sets.common(a, b)) == said(a) & said(b)
    assert said(sets.plus(a, b)) == said(a) | said(b)
    assert sets.same(a, b) == (said(a) == said(b))
    assert sets.same(a, made(reversed(one)))


@given(statement_sets(), statement_sets())
def test_aligned_models_say_what_they_said(one: list[Statement], other: list[Statement]) -> None:
    a, b = sets.aligned((made(one, IDS[:2]), made(other, IDS[2:4])))
    assert a.ids is b.ids
    assert (said(a), said(b)) == (said(made(one)), said(made(other)))
    assert {a.ids[row] for row in np.flatnonzero(a.born).tolist()} == set(IDS[:2])
    assert {b.ids[row] for row in np.flatnonzero(b.born).tolist()} == set(IDS[2:4])


@given(statement_sets(), statement_sets())
def test_compact_tables_hold_what_is_spoken_of(one: list[Statement], more: list[Statement]) -> None:
    a = made(one, IDS[:3])
    whole = sets.plus(a, made(more))
    small = sets.compact(whole.of(np.arange(len(whole)) < len(a)))
    assert said(small) == said(a)
    assert set(small.ids) == {s for s, *_ in one} | {o for _, _, kind, o in one if kind == 1}
    assert set(small.texts) == {o for _, _, kind, o in one if kind == 2}
    born = {small.ids[row] for row in np.flatnonzero(small.born).tolist()}
    assert born == set(small.ids) & set(IDS[:3])


def test_nothing_is_a_set_too() -> None:
    empty = Model.empty()
    assert said(sets.plus(empty, empty)) == set()
    assert sets.same(sets.compact(empty), sets.minus(empty, empty))


@pytest.mark.parametrize("size", [2**20, 2**31 - 2])
def test_statements_of_large_models_have_codes_of_their_own(size: int) -> None:
    """With tables of this size the product of all columns does not fit 64 bits."""
    end = size - 1
    columns = [[0, end, end, end, 0], [end, end, end, 0, 0], [1, 1, 2, 1, 1], [end, 0, 0, 0, end]]
    subject, name, kind, target = (np.array(column, np.int32) for column in columns)
    flags = np.zeros(0, np.bool_)
    tables = [_Long(size) for _ in range(3)]
    ids, names, values = tables
    model = Model(ids, names, values, subject, name, kind.astype(np.uint8), target, flags)
    assert len(sets.minus(model, model)) == 0
    for row in range(5):
        only = model.of(np.arange(5) == row)
        assert len(sets.minus(model, only)) == 4
        assert sets.common(only, model).object.tolist() == [columns[3][row]]


class _Long(Terms):
    """A table that says it has so many rows."""

    def __init__(self, size: int) -> None:
        super().__init__(np.empty(0, np.uint8), np.zeros(1, np.int64))
        self.size = size

    def __len__(self) -> int:
        return self.size
