"""Statements gathered column by column; a model comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cim.model import TEXT, TYPE, Model
from cim.model.model import RDF_TYPE, first_of_each
from cim.model.terms import Ints, Terms, key


class Gathering:
    """The tables and columns of a model in the making."""

    def __init__(self) -> None:
        self._by_key: dict[str, int] = {}
        self._spelled: list[str] = []
        self._names: dict[str, int] = {}
        self._texts: dict[str, int] = {}
        self._columns: list[tuple[Ints, int, int, Ints]] = []

    def identities(self, spelled: Iterable[str]) -> Ints:
        """Their rows; of spellings with the same key the first stays."""
        rows, by_key, known = [], self._by_key, self._spelled
        for one in spelled:
            row = by_key.setdefault(key(one), len(known))
            if row == len(known):
                known.append(one)
            rows.append(row)
        return np.array(rows, np.int32)

    def spelled(self, row: int) -> str:
        return self._spelled[row]

    def texts(self, texts: Iterable[str]) -> Ints:
        """The rows of literals."""
        known = self._texts
        return np.array([known.setdefault(text, len(known)) for text in texts], np.int32)

    def type(self, subjects: Ints, iri: str) -> None:
        """They are of this class."""
        self.say(subjects, RDF_TYPE, TYPE, np.full(len(subjects), self._name(iri), np.int32))

    def say(self, subjects: Ints, iri: str, kind: int, objects: Ints) -> None:
        """A property of subjects: one object for each, rows of literals or of identities."""
        if len(subjects):
            self._columns.append((subjects, self._name(iri), kind, objects))

    def text(self, subjects: Ints, iri: str, texts: Sequence[str]) -> None:
        """As `say`, with literals spelled out."""
        self.say(subjects, iri, TEXT, self.texts(texts))

    def _name(self, iri: str) -> int:
        return self._names.setdefault(iri, len(self._names))

    def model(self) -> Model:
        """What was gathered, each statement once."""
        subject = _joined([subjects for subjects, *_ in self._columns])
        target = _joined([objects for *_, objects in self._columns])
        lengths = [len(subjects) for subjects, *_ in self._columns]
        name = np.repeat(np.array([c[1] for c in self._columns], np.int32), lengths)
        kind = np.repeat(np.array([c[2] for c in self._columns], np.uint8), lengths)
        keep = first_of_each(subject, name, kind, target)
        born: NDArray[np.bool_] = np.zeros(len(self._spelled), np.bool_)
        whole = Model(
            Terms.of(self._spelled, folded=True),
            Terms.of(self._names),
            Terms.of(self._texts),
            subject,
            name,
            kind,
            target,
            born,
        )
        return whole if keep.all() else whole.of(keep)


def _joined(columns: list[Ints]) -> Ints:
    return np.concatenate([np.empty(0, np.int32), *columns])
