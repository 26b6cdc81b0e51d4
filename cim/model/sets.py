"""Models as sets of statements: what is in one and not in the other, in both, in either.

A statement is the same when subject, property, kind and object are: identities by their key
(`cim.model.terms.key`), properties, classes and literals by every character.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from cim.model.model import LINK, TEXT, TYPE, Model
from cim.model.terms import Bools, Ints, Terms, union

Codes = NDArray[np.int64]


def aligned(models: Sequence[Model]) -> list[Model]:
    """The same models over one set of tables: a row means the same in all of them.

    Of two spellings of one identity that of the earlier model stays.
    """
    if all(_share(models[0], model) for model in models):
        return list(models)
    ids, id_places = union([model.ids for model in models])
    names, name_places = union([model.names for model in models])
    texts, text_places = union([model.texts for model in models])
    return [
        _moved(model, (ids, names, texts), places)
        for model, *places in zip(models, id_places, name_places, text_places, strict=True)
    ]


def minus(one: Model, other: Model) -> Model:
    """What `one` says and `other` does not."""
    one, other = aligned((one, other))
    return one.of(~_among(one, other))


def common(one: Model, other: Model) -> Model:
    """What `one` and `other` both say."""
    one, other = aligned((one, other))
    return one.of(_among(one, other))


def plus(*models: Model) -> Model:
    """What any of them says, once."""
    first, *rest = aligned(models)
    for model in rest:
        first = _joined(first, minus(model, first))
    return first


def compact(model: Model) -> Model:
    """The same statements with tables of nothing but what they speak of."""
    names, ids, texts = model.names, model.ids, model.texts
    targets = {kind: model.object[model.kind == kind] for kind in (TYPE, LINK, TEXT)}
    used_ids, ids_at = _used(len(ids), model.subject, targets[LINK])
    used_names, names_at = _used(len(names), model.property, targets[TYPE])
    used_texts, texts_at = _used(len(texts), targets[TEXT])
    tables = (ids.take(used_ids), names.take(used_names), texts.take(used_texts))
    return _moved(model, tables, (ids_at, names_at, texts_at))


def same(one: Model, other: Model) -> bool:
    """Whether both say the same, whatever their headers."""
    one, other = aligned((one, other))
    return len(one) == len(other) and bool(_among(one, other).all())


def _share(one: Model, other: Model) -> bool:
    return one.ids is other.ids and one.names is other.names and one.texts is other.texts


def _moved(model: Model, tables: Sequence[Terms], places: Sequence[Ints]) -> Model:
    """The model over other tables; `places` says where each of its rows stands in them, or -1."""
    (ids, names, texts), (id_at, name_at, text_at) = tables, places
    target = np.empty(len(model), np.int32)
    for kind, at in ((TYPE, name_at), (LINK, id_at), (TEXT, text_at)):
        here = model.kind == kind
        target[here] = at[model.object[here]]
    born = np.zeros(len(ids), np.bool_)
    born_at = id_at[model.born]
    born[born_at[born_at >= 0]] = True
    return replace(
        model,
        ids=ids,
        names=names,
        texts=texts,
        subject=id_at[model.subject],
        property=name_at[model.property],
        object=target,
        born=born,
    )


def _used(size: int, *columns: Ints) -> tuple[Ints, Ints]:
    """The rows that occur in `columns`, and for each row its place among them."""
    used = np.zeros(size, np.bool_)
    for column in columns:
        used[column] = True
    rows = np.flatnonzero(used).astype(np.int32)
    places = np.full(size, -1, np.int32)
    places[rows] = np.arange(len(rows), dtype=np.int32)
    return rows, places


def _joined(one: Model, other: Model) -> Model:
    """Two aligned models that have nothing in common, one behind the other."""
    return replace(
        one,
        subject=np.concatenate([one.subject, other.subject]),
        property=np.concatenate([one.property, other.property]),
        kind=np.concatenate([one.kind, other.kind]),
        object=np.concatenate([one.object, other.object]),
        born=one.born | other.born,
        problems=(*one.problems, *other.problems),
    )


def _among(one: Model, other: Model) -> Bools:
    """Which statements of `one` `other` makes too; both are aligned."""
    codes = _codes((one, other))
    mine, others = codes[: len(one)], np.sort(codes[len(one) :])
    places = np.searchsorted(others, mine)
    places[places == len(others)] = 0
    return others[places] == mine if len(others) else np.zeros(len(one), np.bool_)


def _codes(models: Sequence[Model]) -> Codes:
    """A number for each statement of aligned models, first of the first; the same for the same."""
    subject, name, kind, target = (
        np.concatenate([getattr(model, column) for model in models]).astype(np.int64)
        for column in ("subject", "property", "kind", "object")
    )
    tables = (models[0].ids, models[0].names, models[0].texts)
    ids, names, _ = sizes = [len(table) + 1 for table in tables]
    what = (subject * names + name) * 3 + kind
    if ids * names * 3 * max(sizes) >= 1 << 63:
        what = np.unique(what, return_inverse=True)[1].astype(np.int64)
    return cast("Codes", what * max(sizes) + target)
