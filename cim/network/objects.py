"""The objects of the network by mRID and by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.network.statements import Statements
from cim.network.texts import Index, Ints, Texts, mrid_key


@dataclass(frozen=True)
class Objects:
    """Identity, class and name of every object that the models speak of.

    A document may know an object by an rdf:ID that is not its mRID: `aliases` finds it too.
    """

    ids: Texts
    classes: NDArray[np.int16]
    class_names: tuple[str, ...]
    by_id: Index
    aliases: tuple[Ints, Index]
    names: Texts
    name_row: Ints
    named: Ints
    by_name: Index

    @classmethod
    def of(cls, said: Statements) -> Objects:
        named, names = said.names
        rows = np.arange(len(named), dtype=np.int32)
        return cls(
            said.ids,
            said.classes,
            said.class_names,
            Index(said.ids, mrid_key),
            (said.aliases[0], Index(said.aliases[1], mrid_key)),
            names,
            said.column((named, rows)),
            named,
            Index(names),
        )

    def row(self, mrid: str) -> int:
        """Where the object stands.  Raises: KeyError, when no model describes it."""
        found = self.by_id.rows(mrid)
        found += self.aliases[0][self.aliases[1].rows(mrid)].tolist()
        for row in found:
            if self.classes[row]:
                return int(row)
        raise KeyError(mrid)

    def rows_named(self, name: str) -> list[int]:
        """The objects of that name."""
        return sorted({int(self.named[row]) for row in self.by_name.rows(name)})

    def name(self, row: int) -> str:
        """The name of an object, empty when it has none."""
        place = self.name_row[row]
        return self.names[place] if place >= 0 else ""

    def cim_class(self, row: int) -> str:
        """The class of an object, empty when no model describes it."""
        name: str = self.class_names[self.classes[row]]
        return name

    def counts(self) -> dict[str, int]:
        """How many objects of each class there are."""
        counted = Counter(self.classes.tolist())
        return {self.class_names[code]: n for code, n in sorted(counted.items()) if code}
