"""A model laid beside a vocabulary: what the checks of its columns need to know of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cim.model.model import LINK, RDF_TYPE, TYPE, Model, local_name
from cim.model.terms import Bools, Ints
from cim.vocabulary.facts import Property
from cim.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class Column:
    """The statements of one known property.

    statements: rows of the model; subjects, objects and kinds are theirs.
    """

    of: Property
    statements: Ints
    subjects: Ints
    objects: Ints
    kinds: NDArray[np.uint8]

    @property
    def linked(self) -> Ints:
        """At what its references point."""
        found: Ints = self.objects[self.kinds == LINK]
        return found


@dataclass(frozen=True)
class Kinds:
    """What the types of a property are: data types with their primitives, enumerations, classes.

    unknown: there is none, or one of which nobody knows what it is.
    """

    literals: list[tuple[str, str]]
    enumerations: list[str]
    classes: list[str]
    unknown: bool


class Ground:
    """Names are local names; a class is a place in `class_names`, and -1 stands for none.

    However many names a document makes up, the checks go over those that the vocabulary knows.
    """

    def __init__(self, model: Model, vocabulary: Vocabulary) -> None:
        self.model, self.vocabulary = model, vocabulary
        self.class_names, self.class_of = self._classes()
        known = vocabulary.classes
        self.known_classes = {n: at for at, n in enumerate(self.class_names) if n in known}

    def _classes(self) -> tuple[list[str], Ints]:
        rows, places = np.unique(self.model.class_of(), return_inverse=True)
        names: dict[str, int] = {}
        stated = [row for row in rows.tolist() if row >= 0]
        codes = [-1] * (len(rows) - len(stated))
        codes += (names.setdefault(self.model.local(row), len(names)) for row in stated)
        return list(names), np.array(codes, np.int32)[places]

    @cached_property
    def spoken(self) -> Bools:
        """Which identities the model says anything about."""
        found = np.zeros(len(self.model.ids), np.bool_)
        found[self.model.subject] = True
        return found

    # -- properties

    @cached_property
    def property_rows(self) -> dict[str, list[int]]:
        """Rows in `names` of the properties of all statements but those of classes."""
        rows = np.unique(self.model.property[self.model.kind != TYPE]).tolist()
        found: dict[str, list[int]] = {}
        for row in rows:
            if self.model.names[row] != RDF_TYPE:
                found.setdefault(self.model.local(row), []).append(row)
        return found

    def columns(self) -> Iterator[Column]:
        """The statements of each property that the vocabulary knows."""
        for name in self.property_rows:
            if known := self.vocabulary.properties.get(name):
                yield self.column(known)

    def column(self, of: Property) -> Column:
        statements = self.model.rows(of.name)
        model = self.model
        subjects, objects = model.subject[statements], model.object[statements]
        return Column(of, statements, subjects, objects, model.kind[statements])

    # -- classes

    @cached_property
    def _by_class(self) -> tuple[Ints, NDArray[np.int64]]:
        """Objects in the order of their classes, and where those of each class begin."""
        order = np.argsort(self.class_of, kind="stable").astype(np.int32)
        codes = np.arange(len(self.class_names) + 1)
        return order, np.searchsorted(self.class_of[order], codes)

    def objects_of(self, name: str) -> Ints:
        """The objects of a known class."""
        order, starts = self._by_class
        at = self.known_classes[name]
        return order[starts[at] : starts[at + 1]]

    def below(self, ancestors: Sequence[str]) -> Bools:
        """For each class, and last for no class: may it pass for one of `ancestors`?

        So may a class that the vocabulary does not know.
        """
        key = tuple(ancestors)
        if key not in self._below:
            passes = np.ones(len(self.class_names) + 1, np.bool_)
            for name, at in self.known_classes.items():
                passes[at] = self._passes(name, key)
            self._below[key] = passes
        return self._below[key]

    @cached_property
    def _below(self) -> dict[tuple[str, ...], Bools]:
        return {}

    def _passes(self, name: str, ancestors: tuple[str, ...]) -> bool:
        if name not in self.vocabulary.classes:
            return True
        return any(self.vocabulary.is_a(name, ancestor) for ancestor in ancestors)

    def without(self, objects: Ints, ancestors: Sequence[str]) -> Bools:
        """Which of `objects` are of no class that may pass for one of `ancestors`."""
        wrong = ~self.below(ancestors)[self.class_of[objects]]
        for place in np.flatnonzero(wrong).tolist() if self._more_classes else ():
            others = self._more_classes.get(int(objects[place]), ())
            wrong[place] = not any(self._passes(name, tuple(ancestors)) for name in others)
        return wrong

    @cached_property
    def _more_classes(self) -> dict[int, list[str]]:
        """The classes of objects that are said to be of several, beside the first."""
        typed = np.flatnonzero(self.model.kind == TYPE)
        first = self.model.class_of()[self.model.subject[typed]] == self.model.object[typed]
        more: dict[int, list[str]] = {}
        for row in typed[~first].tolist():
            name = self.model.local(int(self.model.object[row]))
            more.setdefault(int(self.model.subject[row]), []).append(name)
        return more

    # -- objects of statements

    def kinds(self, of: Property) -> Kinds:
        known = self.vocabulary
        literals = [(t, known.datatypes[t].base) for t in of.types if t in known.datatypes]
        listed = [t for t in of.types if t in known.enumerations and known.enumerations[t].values]
        classes = [t for t in of.types if t in known.classes]
        found = len(literals) + len(listed) + len(classes)
        return Kinds(literals, listed, classes, not of.types or found < len(of.types))

    def enumeration_values(self, names: Sequence[str]) -> frozenset[str]:
        """The local names of all values of these enumerations, "PhaseCode.A"."""
        known = (self.vocabulary.enumerations[name] for name in names)
        return frozenset(f"{e.name}.{value}" for e in known for value, _ in e.values)

    def target_locals(self, objects: Ints) -> tuple[list[str], Ints]:
        """The distinct local names at which links point, and for each link its place there."""
        rows, places = np.unique(objects, return_inverse=True)
        names = [local_name(self.model.ids[row]) for row in rows.tolist()]
        return names, places.astype(np.int32)
