"""What we write gives the same frame in triplets as the original."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from triplets.parser import parse

from tests.interop.conftest import CGMES, Exported, Sets

_ITS_OWN = {"Distribution", "NamespaceMap"}
"""Classes of what triplets adds: the name of the file, the namespaces."""


def test_frames_are_equal(feeder: Exported) -> None:
    theirs = _frame(feeder.original)

    assert theirs == _frame(feeder.ours)
    assert theirs.total() == len(feeder.model)


def test_frames_of_a_set_are_equal(balanced: list[Exported]) -> None:
    for document in balanced:
        theirs = _frame(document.original)

        assert theirs == _frame(document.ours), document.original.name
        assert document.model.header is not None
        said = len(document.model.header.said) + 1  # its class
        assert theirs.total() == len(document.model) + said


@pytest.mark.reference
@pytest.mark.parametrize("name", CGMES)
def test_frames_of_cgmes_sets_are_equal(name: str, cgmes: Sets) -> None:
    for document in cgmes(name):
        assert _frame(document.original) == _frame(document.ours), document.original.name


def _frame(path: Path) -> Counter[tuple[str, str, str]]:
    """Subject, property and value of each row that is not triplets' own."""
    frame = parse([str(path)])
    own = frame.loc[(frame["KEY"] == "Type") & frame["VALUE"].isin(_ITS_OWN), "ID"]
    rows = frame.loc[~frame["ID"].isin(own), ["ID", "KEY", "VALUE"]]
    return Counter(rows.itertuples(index=False, name=None))
