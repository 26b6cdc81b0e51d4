"""Gather statements one by one; a model comes of them."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.model.header import Header
from cim.model.model import LINK, RDF_TYPE, TEXT, TYPE, Model, first_of_each
from cim.model.terms import Terms, key


class Builder:
    """The tables and columns of a model in the making."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.names: dict[str, int] = {}
        self.texts: dict[str, int] = {}
        self.problems: list[str] = []
        self._by_key: dict[str, int] = {}
        self._by_spelling: dict[str, int] = {}
        self._born: set[int] = set()
        self._subject, self._property = array("i"), array("i")
        self._kind, self._object = array("B"), array("i")

    def identity(self, spelled: str, *, born: bool = False) -> int:
        """The row of an identity; of spellings with the same key the first stays."""
        row = self._by_spelling.get(spelled)
        if row is None:
            row = self._by_key.setdefault(key(spelled), len(self.ids))
            if row == len(self.ids):
                self.ids.append(spelled)
            self._by_spelling[spelled] = row
        if born:
            if row in self._born:
                self.problems.append(f"{spelled} is created by two rdf:ID; they were put together.")
            self._born.add(row)
        return row

    def type(self, subject: int, iri: str) -> None:
        self._add(subject, RDF_TYPE, TYPE, self.names.setdefault(iri, len(self.names)))

    def link(self, subject: int, iri: str, target: str) -> None:
        self._add(subject, iri, LINK, self.identity(target))

    def text(self, subject: int, iri: str, text: str) -> None:
        self._add(subject, iri, TEXT, self.texts.setdefault(text, len(self.texts)))

    def _add(self, subject: int, iri: str, kind: int, target: int) -> None:
        self._subject.append(subject)
        self._property.append(self.names.setdefault(iri, len(self.names)))
        self._kind.append(kind)
        self._object.append(target)

    def model(self, header: Header | None = None) -> Model:
        """What was gathered, each statement once."""
        columns = tuple(map(_ints, (self._subject, self._property, self._object)))
        subject, name, target = columns
        kind = np.frombuffer(self._kind.tobytes(), np.uint8)
        keep = first_of_each(subject, name, kind, target)
        born = np.zeros(len(self.ids), np.bool_)
        born[list(self._born)] = True
        whole = Model(
            Terms.of(self.ids, folded=True),
            Terms.of(self.names),
            Terms.of(self.texts),
            subject,
            name,
            kind,
            target,
            born,
            header,
            (*self.problems, *repeated(len(keep) - int(keep.sum()))),
        )
        return whole if keep.all() else whole.of(keep)


def repeated(count: int) -> tuple[str, ...]:
    """The sentence about statements that were made more than once."""
    if not count:
        return ()
    return (
        f"{count} statement{'s are' if count > 1 else ' is'} made more than once; once is kept.",
    )


def _ints(column: Any) -> NDArray[np.int32]:
    return np.frombuffer(column.tobytes(), np.int32)
