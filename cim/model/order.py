"""The canonical order of a model: the same statements stand in the same order, however they came.

Objects by the local name of their class, then by mRID in lower case (then by identity as spelled);
those without class come first.  Of several classes the first by local name and IRI is the element,
the others are rdf:type.  Within an object statements by local name of the property (then by its
IRI), references before literals, then by value as written.  Strings are compared by code points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.model.header import bare
from cim.model.model import LINK, TEXT, TYPE, Model, local_name
from cim.model.terms import Bools, Ints, Terms


@dataclass(frozen=True, eq=False)
class Ordered:
    """The objects and statements of a model in canonical order.

    subjects: rows in `ids`.
    tags:     of each subject the row in `names` of the class that is its element; -1 for none.
    rows:     statement rows, without those that the elements say.
    place:    of each of `rows` the place in `subjects`; it never falls.
    """

    subjects: Ints
    tags: Ints
    rows: Ints
    place: Ints


def ordered(model: Model, is_tag: Bools) -> Ordered:
    """The canonical order.

    is_tag: for each of `names` whether it can be the element of an object.
    """
    ranks = _name_ranks(model.names)
    classes, said = _classes(model, is_tag, ranks)
    subjects = _subjects(model, classes)
    place = np.zeros(len(model.ids), np.int32)
    place[subjects] = np.arange(len(subjects))
    rows = np.flatnonzero(~said).astype(np.int32)
    codes = place[model.subject[rows]].astype(np.int64) * (len(ranks) + 1)
    codes += ranks[model.property[rows]]
    order = np.argsort(codes, kind="stable")
    rows, codes = rows[order], codes[order]
    rows = rows[_by_value(model, rows, codes)]
    return Ordered(subjects, classes[subjects], rows, place[model.subject[rows]])


def _name_ranks(names: Terms) -> Ints:
    """Where each of `names` stands in the order of local names and, among the same, of IRIs."""
    spelled = list(names)
    order = sorted(range(len(spelled)), key=lambda row: (local_name(spelled[row]), spelled[row]))
    return _inverse(order)


def _classes(model: Model, is_tag: Bools, ranks: Ints) -> tuple[Ints, Bools]:
    """For each identity the class that is its element, -1 for none; and which statements say so."""
    rows = np.flatnonzero(model.kind == TYPE)
    rows = rows[is_tag[model.object[rows]]]
    first = np.full(len(model.ids), len(ranks), np.int32)
    np.minimum.at(first, model.subject[rows], ranks[model.object[rows]])
    said = np.zeros(len(model), np.bool_)
    said[rows] = ranks[model.object[rows]] == first[model.subject[rows]]
    by_rank = np.append(_inverse(ranks.tolist()), np.int32(-1))
    return by_rank[first], said


def _subjects(model: Model, classes: Ints) -> Ints:
    """The identities that anything is said of, in order."""
    spoken_of = np.zeros(len(model.ids), np.bool_)
    spoken_of[model.subject] = True
    subjects = np.flatnonzero(spoken_of).astype(np.int32)
    spelled = [model.ids[row] for row in subjects.tolist()]
    keys = [f"{bare(identity).lower()}\0{identity}" for identity in spelled]
    subjects = subjects[sorted(range(len(keys)), key=keys.__getitem__)]
    locals_ = [local_name(name) for name in model.names]
    distinct = {local: rank for rank, local in enumerate(sorted(set(locals_)))}
    by_class = np.array([*(distinct[local] for local in locals_), -1], np.int32)
    return subjects[np.argsort(by_class[classes[subjects]], kind="stable")]


def _by_value(model: Model, rows: Ints, codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """How to put `rows` so that statements with the same code are in the order of their values."""
    order = np.arange(len(rows))
    again = np.zeros(len(rows) + 1, np.bool_)
    again[1:-1] = codes[1:] == codes[:-1]
    shared = np.flatnonzero(again[1:] | again[:-1])
    kinds, objects = model.kind[rows[shared]], model.object[rows[shared]]
    values = np.zeros(len(shared), np.int32)
    for kind, table in ((TYPE, model.names), (LINK, model.ids), (TEXT, model.texts)):
        here = kinds == kind
        values[here] = _value_ranks(table, objects[here])
    order[shared] = shared[np.lexsort((values, kinds, codes[shared]))]
    return order


def _value_ranks(table: Terms, rows: Ints) -> Ints:
    """Where each of these strings stands in their order."""
    distinct, place = np.unique(rows, return_inverse=True)
    spelled = [table[row] for row in distinct.tolist()]
    return _inverse(sorted(range(len(spelled)), key=spelled.__getitem__))[place]


def _inverse(order: Sequence[int]) -> Ints:
    """Where each number stands in `order`."""
    places = np.empty(len(order), np.int32)
    places[np.asarray(order, np.int64)] = np.arange(len(order), dtype=np.int32)
    return places
