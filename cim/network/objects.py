"""The objects of the network by mRID and by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.model.terms import Terms, key
from cim.network.index import Index
from cim.network.statements import Statements
from cim.network.topology import Ints, at, grouped


@dataclass(frozen=True, eq=False)
class Objects:
    """Identity, class and name of every object that the models speak of.

    ids:      mRIDs, and other names by which models refer to objects; `stands` leads from those to
              the object itself.
    names:    in which the same name may be more than once.
    name_row: for each object the row of its name in `names`, -1 where it has none.
    named:    objects by the rows of their names (CSR): begin, objects.
    by_id, by_name: for `ids` and `names`.
    """

    ids: Terms
    stands: Ints
    classes: NDArray[np.int16]
    class_names: tuple[str, ...]
    names: Terms
    name_row: Ints
    named: tuple[Ints, Ints]
    by_id: Index
    by_name: Index

    @classmethod
    def of(cls, said: Statements) -> Objects:
        subjects, rows = said.names
        start, order = grouped(rows, len(said.name_texts))
        return cls(
            said.ids,
            said.stands,
            said.classes,
            said.class_names,
            said.name_texts,
            said.column(said.names),
            (start, subjects[order]),
            Index(said.ids, said.hashes),
            Index(said.name_texts, said.name_hashes),
        )

    def row(self, mrid: str) -> int:
        """Where the object stands.  Raises: KeyError, when no model describes it."""
        for found in self.by_id.rows(mrid):
            if self.classes[row := int(self.stands[found])]:
                return row
        raise KeyError(mrid)

    def rows(self, mrids: Collection[str]) -> Ints:
        """The same of many at once; -1 of what no model describes."""
        if not len(self.ids):
            return np.full(len(mrids), -1, np.int32)
        found = at(self.stands, self.by_id.first_rows(Terms.of(map(key, mrids), folded=True)))
        names = [*mrids]
        for place in np.flatnonzero((found >= 0) & (self.classes[found] == 0)).tolist():
            found[place] = self.row(names[place]) if self.knows(names[place]) else -1
        return found

    def knows(self, mrid: str) -> bool:
        """Whether a model describes this object."""
        try:
            self.row(mrid)
        except KeyError:
            return False
        return True

    def rows_named(self, name: str) -> list[int]:
        """The objects of that name."""
        start, named = self.named
        found = (named[start[row] : start[row + 1]] for row in self.by_name.rows(name))
        return sorted({row for rows in found for row in rows.tolist()})

    def name(self, row: int) -> str:
        """The name of an object, empty when it has none."""
        place = int(self.name_row[row])
        return self.names[place] if place >= 0 else ""

    def names_at(self, rows: Ints) -> list[str]:
        """The same of many objects."""
        places = self.name_row[rows]
        names = ["" for _ in places]
        named = np.flatnonzero(places >= 0)
        if len(named):
            for place, name in zip(named.tolist(), self.names.take(places[named]), strict=True):
                names[place] = name
        return names

    def cim_class(self, row: int) -> str:
        """The class of an object, empty when no model describes it."""
        return self.class_names[int(self.classes[row])]

    def counts(self) -> dict[str, int]:
        """How many objects of each class there are."""
        counted = np.bincount(self.classes, minlength=1)
        named = zip(self.class_names[1:], counted[1:].tolist(), strict=False)
        return {name: count for name, count in named if count}
