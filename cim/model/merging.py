"""Put models together, and say in sentences where they do not agree or refer to nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cim.model.model import LINK, TEXT, TYPE, Model, put_together
from cim.model.terms import Bools, Ints, Terms, union

MOST = 100
"""So many sentences of one kind, and one that says how many more there would be."""

_BLANK = "_:"


def merged(models: Sequence[Model], names: Sequence[str] = ()) -> Model:
    """All that `models` say, each statement once, whatever their order.

    Nothing is dropped: where they contradict each other both statements are kept, and the problems
    of the result say so.  A contradiction is
    - an object that two documents create by rdf:ID,
    - another class of the same object; but a document that speaks of what another one creates may
      call it by a more general class, as the profiles of CGMES 3 do,
    - another value of a property that no object has two of within one document.
    Blank nodes of different documents are different; their labels are changed if need be.

    names: of the documents, for the sentences.
    """
    named = names or [f"document {number}" for number in range(1, len(models) + 1)]
    models = list(_apart(models))
    whole = put_together(models)
    if len(models) < 2:
        return whole
    sentences = _Contradictions(models, named, whole).sentences()
    return replace(whole, problems=(*whole.problems, *sentences))


def dangling(model: Model) -> tuple[str, ...]:
    """What is referred to and never described, a sentence each.

    Values of enumerations and other absolute IRIs are described in no model.
    """
    links = np.flatnonzero(model.kind == LINK)
    described = np.zeros(len(model.ids), np.bool_)
    described[model.subject] = True
    rows = links[~described[model.object[links]]]
    targets, first, count = np.unique(model.object[rows], return_index=True, return_counts=True)
    order = np.argsort(first)
    found = (
        _reference(model, int(rows[first[k]]), int(count[k]))
        for k in order.tolist()
        if _is_own(model.ids[int(targets[k])])
    )
    return tuple(_capped(found, "identities are referred to and described nowhere"))


def _reference(model: Model, row: int, count: int) -> str:
    others = f" and {count - 1:,} more" if count > 1 else ""
    subject, name = int(model.subject[row]), model.local(int(model.property[row]))
    return (
        f"{model.ids[int(model.object[row])]} is described nowhere; "
        f"{name} of {_object(model, subject)}{others} refers to it."
    )


def _is_own(identity: str) -> bool:
    """Whether this names an object of a model, and not a value or something in the world."""
    if identity.startswith(("#", "urn:uuid:", _BLANK)) or ":" not in identity:
        return True
    return identity.partition("#")[2].startswith("_")


def _object(model: Model, row: int) -> str:
    return f"{model.class_name(row)} {model.ids[row]}".lstrip()


def _capped(sentences: Iterable[str], what: str) -> Iterator[str]:
    """At most `MOST` sentences, and one on how many more there are."""
    left = 0
    for number, sentence in enumerate(sentences):
        if number < MOST:
            yield sentence
        else:
            left += 1
    if left:
        yield f"{left:,} more {what}."


# -- blank nodes


def _apart(models: Sequence[Model]) -> Iterator[Model]:
    """The models, with labels of blank nodes that no two of them share."""
    used: set[str] = set()
    for number, model in enumerate(models, 1):
        labels = {label for label in _blanks(model) if label in used}
        if labels:
            model = _relabelled(model, labels, number)
        used.update(_blanks(model))
        yield model


def _blanks(model: Model) -> list[str]:
    blob, starts = model.ids.blob, model.ids.ends[:-1]
    here = np.flatnonzero(np.diff(model.ids.ends) > len(_BLANK))
    at = starts[here]
    rows = here[(blob[at] == ord("_")) & (blob[at + 1] == ord(":"))]
    return [model.ids[row] for row in rows.tolist()]


def _relabelled(model: Model, labels: set[str], number: int) -> Model:
    """Another name for each of `labels` that is not in the model."""
    taken, names = set(_blanks(model)), {}
    for label in labels:
        fresh = f"{label}.{number}"
        while fresh in taken:
            fresh += f".{number}"
        names[label] = fresh
    return replace(model, ids=Terms.of([names.get(i, i) for i in model.ids], folded=True))


# -- contradictions


class _Contradictions:
    """Where models that are put together contradict each other.

    id_places: of each model, where its identities stand in the whole; names and texts likewise.
    shared:    the identities that several models describe.
    created:   how many models create each.
    of, subject, property, kind, value: columns with one row for each statement of a model about
               what is shared; which model, and the rows in the whole.
    """

    def __init__(self, models: Sequence[Model], names: Sequence[str], whole: Model) -> None:
        self.models, self.names, self.whole = models, names, whole
        self.id_places = union([model.ids for model in models])[1]
        self.shared = self._count(lambda model: np.unique(model.subject)) > 1
        self.created = self._count(lambda model: model.born.nonzero()[0])

    def sentences(self) -> Iterator[str]:
        if not self.shared.any():
            return
        self.name_places = union([model.names for model in self.models])[1]
        self.text_places = union([model.texts for model in self.models])[1]
        parts = [self._columns(number) for number in range(len(self.models))]
        columns = (np.concatenate(column) for column in zip(*parts, strict=True))
        self.of, self.subject, self.property, self.kind, self.value = columns
        yield from _capped(self._created(), "objects are created by an rdf:ID in two documents")
        yield from _capped(self._classes(), "objects are of different classes")
        yield from _capped(self._values(), "values contradict each other")

    def _count(self, rows: Callable[[Model], NDArray[np.intp]]) -> Ints:
        """For each identity of the whole, of how many models it is one of `rows`."""
        count = np.zeros(len(self.whole.ids), np.int32)
        for model, places in zip(self.models, self.id_places, strict=True):
            count[places[rows(model)]] += 1
        return count

    def _columns(self, number: int) -> tuple[Ints, ...]:
        """Of one model the statements about what others describe too."""
        model, ids = self.models[number], self.id_places[number]
        rows = np.flatnonzero(self.shared[ids[model.subject]])
        value, kind = model.object[rows], model.kind[rows]
        places = {TYPE: self.name_places[number], LINK: ids, TEXT: self.text_places[number]}
        for one, table in places.items():
            value[kind == one] = table[value[kind == one]]
        return (
            np.full(len(rows), number, np.int32),
            ids[model.subject[rows]],
            self.name_places[number][model.property[rows]],
            kind.astype(np.int32),
            value,
        )

    def _created(self) -> Iterator[str]:
        """Objects that several models create."""
        for row in np.flatnonzero(self.created > 1).tolist():
            who = [
                name
                for name, model, places in zip(self.names, self.models, self.id_places, strict=True)
                if row in places[model.born]
            ]
            yield f"{self.whole.ids[row]} is created by an rdf:ID in {' and in '.join(who)}."

    def _classes(self) -> Iterator[str]:
        rows = np.flatnonzero((self.kind == TYPE) & (self.created[self.subject] != 1))
        for found in self._differing(rows):
            subject = self.whole.ids[int(self.subject[found[0]])]
            yield f"{subject} is of class {self._said(found)}; both are kept."

    def _values(self) -> Iterator[str]:
        rows = np.flatnonzero((self.kind != TYPE) & self._single()[self.property])
        for found in self._differing(rows):
            if (self.kind[found] == TEXT).all() and _is_one_number(map(self._spelled, found)):
                continue
            name = self.whole.local(int(self.property[found[0]]))
            subject = _object(self.whole, int(self.subject[found[0]]))
            yield f"{name} of {subject} is {self._said(found)}; both are kept."

    def _single(self) -> Bools:
        """The properties of which no object has two values within one document."""
        single = np.ones(len(self.whole.names), np.bool_)
        for number, model in enumerate(self.models):
            pairs = model.subject.astype(np.int64) * len(model.names) + model.property
            pairs = np.sort(pairs[model.kind != TYPE])
            again = pairs[1:][pairs[1:] == pairs[:-1]]
            single[self.name_places[number][np.unique(again % len(model.names))]] = False
        return single

    def _differing(self, rows: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
        """Of these statements those that say something else of the same, in another document."""
        order = rows[np.lexsort((self.of[rows], self.property[rows], self.subject[rows]))]
        same = np.ones(max(len(order) - 1, 0), np.bool_)
        for column in (self.subject, self.property):
            same &= column[order[1:]] == column[order[:-1]]
        starts = np.concatenate([[0], np.flatnonzero(~same) + 1, [len(order)]])
        for low, high in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            group = order[low:high]
            if high - low > 1 and self._differs(group):
                yield group

    def _differs(self, group: NDArray[np.intp]) -> bool:
        says = {(int(self.kind[r]), int(self.value[r])) for r in group}
        return len(says) > 1 and len(set(self.of[group].tolist())) > 1

    def _spelled(self, row: int) -> str:
        """The object of a statement."""
        whole = self.whole
        table = {TYPE: whole.names, LINK: whole.ids, TEXT: whole.texts}[int(self.kind[row])]
        return table[int(self.value[row])].partition("\0")[0]

    def _said(self, rows: NDArray[np.intp]) -> str:
        said = [f"{self._spelled(row)[:80]!r} in {self.names[int(self.of[row])]}" for row in rows]
        return " and ".join(dict.fromkeys(said))


def _is_one_number(texts: Iterable[str]) -> bool:
    """Whether these are spellings of the same number."""
    try:
        return len({float(text) for text in texts}) == 1
    except ValueError:
        return False
