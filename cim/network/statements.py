"""What models say about connectivity, as columns; everything else in them is passed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.model.terms import Terms, union
from cim.network.index import Hashes, hashes
from cim.network.topology import NOTHING, Bools, Ints, grouped

Floats = NDArray[np.float64]
Numbers = NDArray[Any]
Pairs = tuple[Ints, Ints]
NumberPairs = tuple[Ints, Numbers]

_TOP = 22  # bits of a hash that are looked at first

NO_PAIRS: Pairs = (NOTHING, NOTHING)


@dataclass(frozen=True, eq=False, repr=False)
class Statements:
    """The columns of one model, or of several put together.

    An object is its row in `ids`; the other columns refer to that row.

    ids:     mRID of each object spoken of, as read; and other names by which it is referred to.
    stands:  for each of these rows the one that it stands for: itself, but for such other names
             and where several models speak of one object.
    classes: row in `class_names`; 0 where the model only refers to the object.
    links:   for each property of LINKS, subjects and objects.
    values:  for each property of VALUES and NUMBERS, subjects and numbers.
    names:   subjects, and for each the row of its name in `name_texts`.
    """

    ids: Terms
    stands: Ints
    classes: NDArray[np.int16]
    class_names: tuple[str, ...]
    links: Mapping[str, Pairs]
    values: Mapping[str, NumberPairs]
    names: Pairs
    name_texts: Terms
    problems: tuple[str, ...] = ()

    @classmethod
    def none(cls) -> Statements:
        """What no model says."""
        nobody = Terms.of((), folded=True)
        classes = np.empty(0, np.int16)
        return cls(nobody, NOTHING, classes, ("",), {}, {}, NO_PAIRS, Terms.of(()))

    @cached_property
    def hashes(self) -> Hashes:
        """Of the keys of the mRIDs."""
        return hashes(self.ids)

    @cached_property
    def name_hashes(self) -> Hashes:
        """Of the names."""
        return hashes(self.name_texts)

    def link(self, name: str) -> Pairs:
        return self.links.get(name, NO_PAIRS)

    def value(self, *names: str) -> NumberPairs:
        """Subjects and numbers of the named properties; of several the last counts."""
        return _joined([self.values[name] for name in names if name in self.values])

    def column(self, pairs: NumberPairs, absent: int = -1) -> Ints:
        """One number for each object, `absent` where nothing is stated."""
        column = np.full(len(self.ids), absent, np.int32)
        column[pairs[0]] = pairs[1]
        return column

    def of(self, rows: Ints, pairs: NumberPairs, absent: int = -1) -> Ints:
        """One number for each of these objects; row -1 is none."""
        if not len(pairs[0]) or not len(rows):
            return np.full(len(rows), absent, np.int32)
        found: Ints = np.where(rows >= 0, self.column(pairs, absent)[rows], np.int32(absent))
        return found

    def is_of(self, rows: Ints, *names: str) -> Bools:
        """Which of these objects are of one of these classes."""
        wanted = np.array([name in names for name in self.class_names], np.bool_)
        found: Bools = wanted[self.classes[rows]]
        return found

    def of_class(self, *names: str) -> Ints:
        """The objects of these classes, in order."""
        codes = [code for code, name in enumerate(self.class_names) if name in names]
        start, rows = self._by_class
        parts = [rows[start[code] : start[code + 1]] for code in codes]
        return np.sort(np.concatenate([NOTHING, *parts]))

    def flags(self, *names: str) -> Bools:
        """For each object whether it is of one of these classes."""
        found = np.zeros(len(self.ids), np.bool_)
        found[self.of_class(*names)] = True
        return found

    @cached_property
    def _by_class(self) -> tuple[Ints, Ints]:
        return grouped(self.classes.astype(np.int32), len(self.class_names))


def merged(parts: Sequence[Statements]) -> Statements:
    """All that `parts` say, in any order: an object is the same wherever its mRID is the same."""
    if len(parts) <= 1:
        return parts[0] if parts else Statements.none()
    begins = np.cumsum([0, *(len(part.ids) for part in parts)])[:-1].astype(np.int32)
    names_begin = np.cumsum([0, *(len(part.name_texts) for part in parts)])[:-1].astype(np.int32)
    ids = _together([part.ids for part in parts])
    stands = _stand_ins(parts, begins, ids)
    places = _Places(begins, stands)
    class_names = tuple(dict.fromkeys(name for part in parts for name in part.class_names))
    whole = Statements(
        ids,
        stands,
        _classes(parts, stands, class_names),
        class_names,
        {name: places.links(parts, name) for name in _said(part.links for part in parts)},
        {name: places.values(parts, name) for name in _said(part.values for part in parts)},
        places.names(parts, names_begin),
        _together([part.name_texts for part in parts]),
        tuple(problem for part in parts for problem in part.problems),
    )
    whole.__dict__["hashes"] = np.concatenate([part.hashes for part in parts])
    whole.__dict__["name_hashes"] = np.concatenate([part.name_hashes for part in parts])
    return whole


def _together(tables: Sequence[Terms]) -> Terms:
    """All strings of the tables, one table behind the other; alike ones are not put together."""
    blob = np.concatenate([table.blob for table in tables])
    sizes = np.cumsum([0, *(len(table.blob) for table in tables)])
    ends = [table.ends[:-1] + size for table, size in zip(tables, sizes, strict=False)]
    return Terms(blob, np.concatenate([*ends, sizes[-1:]]), folded=tables[0].folded)


def _stand_ins(parts: Sequence[Statements], begins: Ints, ids: Terms) -> Ints:
    """For each identity the one it stands for, whichever model uses which name.

    Of those that are alike the first one stands for all; rather one that has other names.
    """
    stands = np.concatenate([part.stands + at for part, at in zip(parts, begins, strict=True)])
    named = np.flatnonzero(stands != np.arange(len(stands))).astype(np.int32)
    alike, first = _alike(np.concatenate([part.hashes for part in parts]), ids)
    one, two = np.concatenate([named, alike]), np.concatenate([stands[named], first])
    if not len(one):
        return stands
    island = _islands(one, two, len(stands))
    rows = np.unique(np.concatenate([one, two]))
    for candidates in (rows[stands[rows] == rows], stands[named]):
        best = np.full(len(stands), len(stands), np.int32)
        np.minimum.at(best, island[candidates], candidates)
        here = best[island[rows]] < len(stands)
        stands[rows[here]] = best[island[rows[here]]]
    return stands


def _alike(codes: Hashes, ids: Terms) -> Pairs:
    """The rows of identities whose keys occur more than once, and for each the first of its key."""
    in_order = np.sort(codes)
    twice = in_order[1:][in_order[1:] == in_order[:-1]]
    if not len(twice):
        return NO_PAIRS
    suspect = np.zeros(1 << _TOP, np.bool_)
    suspect[twice >> np.uint64(64 - _TOP)] = True
    alike = np.flatnonzero(suspect[codes >> np.uint64(64 - _TOP)]).astype(np.int32)
    alike = alike[np.isin(codes[alike], twice)]
    _, [place] = union([ids.take(alike)])
    first = np.full(int(place.max()) + 1, len(ids), np.int32)
    np.minimum.at(first, place, alike)
    return alike, first[place]


def _islands(one: Ints, two: Ints, count: int) -> Ints:
    """For each row the lowest that pairs connect it with."""
    island = np.arange(count, dtype=np.int32)
    while True:
        low = np.minimum(island[one], island[two])
        if (island[one] == low).all() and (island[two] == low).all():
            return island
        np.minimum.at(island, one, low)
        np.minimum.at(island, two, low)


def _classes(parts: Sequence[Statements], stands: Ints, names: Sequence[str]) -> NDArray[np.int16]:
    """The class of each object; what was stated first stays."""
    codes = {name: code for code, name in enumerate(names)}
    classes = np.concatenate(
        [np.array([codes[name] for name in p.class_names], np.int16)[p.classes] for p in parts]
    )
    other = np.flatnonzero(stands != np.arange(len(stands)))
    stated = other[classes[other] > 0][::-1]
    heirs = np.zeros_like(classes)
    heirs[stands[stated]] = classes[stated]
    unsaid = np.flatnonzero((classes == 0) & (heirs > 0))
    classes[unsaid] = heirs[unsaid]
    classes[other] = 0
    return classes


def _said(columns: Iterable[Mapping[str, object]]) -> list[str]:
    return list(dict.fromkeys(name for column in columns for name in column))


@dataclass(frozen=True, eq=False)
class _Places:
    """Where the objects of each part stand in the whole."""

    begins: Ints
    stands: Ints

    def moved(self, part: int, rows: Ints) -> Ints:
        there: Ints = self.stands[rows + self.begins[part]]
        return there

    def links(self, parts: Sequence[Statements], name: str) -> Pairs:
        said = [(n, part.links[name]) for n, part in enumerate(parts) if name in part.links]
        return _joined([(self.moved(n, a), self.moved(n, b)) for n, (a, b) in said])

    def values(self, parts: Sequence[Statements], name: str) -> NumberPairs:
        said = [(n, part.values[name]) for n, part in enumerate(parts) if name in part.values]
        return _joined([(self.moved(n, a), numbers) for n, (a, numbers) in said])

    def names(self, parts: Sequence[Statements], begins: Ints) -> Pairs:
        said = [(n, part.names) for n, part in enumerate(parts)]
        return _joined([(self.moved(n, a), b + begins[n]) for n, (a, b) in said])


def _joined(found: Sequence[NumberPairs]) -> NumberPairs:
    if not found:
        return NO_PAIRS
    return np.concatenate([rows for rows, _ in found]), np.concatenate([n for _, n in found])
