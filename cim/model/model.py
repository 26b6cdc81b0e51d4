"""A model: everything that CIM RDF/XML documents say, as columns with one row a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cim.model.header import Header, Said, bare
from cim.model.packing import packed, unpacked
from cim.model.terms import Bools, Ints, Terms, union

TYPE, LINK, TEXT = 0, 1, 2
"""Kinds of statements: what its object is a row of, `names`, `ids` or `texts`."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE = RDF + "type"

Kinds = NDArray[np.uint8]
Floats = NDArray[np.float64]
Pairs = tuple[Ints, Ints]


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """The statements of one document, or of several put together, in their order.

    ids:      subjects and what references point at, as first spelled: "#_x" (rdf:ID="_x" as well as
              rdf:about="#_x"), "urn:uuid:x", "http://...#PhaseCode.A", "_:b" for a blank node.
    names:    IRIs of properties and classes.
    texts:    literals as written; behind "\\0" stands a data type ("5\\0^^IRI") or a language
              ("Haus\\0@de").
    subject:  row in `ids`, of each statement.
    property: row in `names`; rdf:type for kind TYPE.
    kind:     TYPE, LINK or TEXT.
    object:   row in `names`, `ids` or `texts`, as `kind` says.
    born:     for each of `ids` whether an rdf:ID created it here.
    header:   what stands in md:FullModel; it is not among the statements.
    problems: sentences about what is odd in the documents.
    """

    ids: Terms
    names: Terms
    texts: Terms
    subject: Ints
    property: Ints
    kind: Kinds
    object: Ints
    born: Bools
    header: Header | None = None
    problems: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        name = self.header.mrid if self.header else "without header"
        return f"Model({name}, {len(self)} statements, {len(self.ids)} identities)"

    def __len__(self) -> int:
        return len(self.subject)

    @classmethod
    def empty(cls) -> Model:
        """A model that says nothing."""
        none = np.empty(0, np.int32)
        nothing = Terms.of(())
        ids = Terms.of((), folded=True)
        flags = np.empty(0, np.bool_)
        return cls(ids, nothing, nothing, none, none, np.empty(0, np.uint8), none, flags)

    # -- names without namespaces

    def name_rows(self, *locals_: str) -> Ints:
        """Rows in `names` of these local names, e.g. "Terminal.phases", in whatever namespace."""
        found = [row for local in locals_ for row in self._by_local.get(local, ())]
        return np.array(found, np.int32)

    def local(self, name_row: int) -> str:
        """The local name in a row of `names`."""
        return self._locals[name_row]

    @cached_property
    def _locals(self) -> tuple[str, ...]:
        return tuple(local_name(name) for name in self.names)

    @cached_property
    def _by_local(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row, local in enumerate(self._locals):
            found.setdefault(local, []).append(row)
        return found

    # -- columns of one property

    @cached_property
    def _by_property(self) -> tuple[Ints, NDArray[np.int64]]:
        """Statement rows ordered by property, and where those of each property begin."""
        order = np.argsort(self.property, kind="stable").astype(np.int32)
        starts = np.searchsorted(self.property[order], np.arange(len(self.names) + 1))
        return order, starts

    def rows(self, *locals_: str) -> Ints:
        """The statement rows of these properties, of each in the order of the document."""
        order, starts = self._by_property
        parts = [order[starts[p] : starts[p + 1]] for p in self.name_rows(*locals_).tolist()]
        return np.concatenate(parts) if parts else np.empty(0, np.int32)

    def column(self, *locals_: str) -> tuple[Ints, Ints, Kinds]:
        """Subjects, objects and kinds of these properties."""
        rows = self.rows(*locals_)
        return self.subject[rows], self.object[rows], self.kind[rows]

    def links(self, *locals_: str) -> Pairs:
        """Subjects and what they refer to, rows in `ids`."""
        subjects, objects, kinds = self.column(*locals_)
        return subjects[kinds == LINK], objects[kinds == LINK]

    def values(self, *locals_: str) -> Pairs:
        """Subjects and their literals, rows in `texts`."""
        subjects, objects, kinds = self.column(*locals_)
        return subjects[kinds == TEXT], objects[kinds == TEXT]

    def numbers(self, *locals_: str) -> tuple[Ints, Floats]:
        """Subjects and their literals as numbers; NaN for what is none."""
        subjects, texts = self.values(*locals_)
        distinct, place = np.unique(texts, return_inverse=True)
        read = np.array([_number(self.texts[row]) for row in distinct.tolist()], np.float64)
        return subjects, read[place] if len(read) else np.empty(0, np.float64)

    def one(self, pairs: Pairs, absent: int = -1) -> Ints:
        """One number for each identity, that of the first pair; `absent` without one."""
        column = np.full(len(self.ids), absent, np.int32)
        column[pairs[0][::-1]] = pairs[1][::-1]
        return column

    # -- objects

    @cached_property
    def _classes(self) -> Ints:
        return self.one(self._types)

    @cached_property
    def _types(self) -> Pairs:
        """Subjects and their classes, rows in `names`."""
        typed = self.kind == TYPE
        return self.subject[typed], self.object[typed]

    def class_of(self) -> Ints:
        """For each identity the row in `names` of its (first) class; -1 where none is stated."""
        return self._classes

    def of_class(self, *locals_: str) -> Bools:
        """Which identities are of one of these classes."""
        subjects, classes = self._types
        found = np.zeros(len(self.ids), np.bool_)
        found[subjects[np.isin(classes, self.name_rows(*locals_))]] = True
        return found

    def class_name(self, row: int) -> str:
        """The local name of the class of an identity; empty where none is stated."""
        code = int(self._classes[row])
        return self._locals[code] if code >= 0 else ""

    def text(self, text_row: int) -> str:
        """A literal without data type or language."""
        return self.texts[text_row].partition("\0")[0]

    def mrid(self, row: int) -> str:
        """An identity without its prefix."""
        return bare(self.ids[row])

    def row(self, identity: str) -> int:
        """The row in `ids` of this identity, in any spelling, or of this mRID.

        Raises: KeyError.
        """
        for spelled in (identity, f"#{identity}"):
            if (row := self.ids.find(spelled)) >= 0:
                return row
        if (text := self.texts.find(identity)) >= 0:
            subjects, texts = self.values("IdentifiedObject.mRID")
            if len(found := subjects[texts == text]):
                return int(found[0])
        raise KeyError(identity)

    def statements(self) -> Iterator[tuple[str, str, int, str]]:
        """Subject, property, kind and object of each, spelled out."""
        ids, names, texts = list(self.ids), list(self.names), list(self.texts)
        tables = (names, ids, texts)
        columns = (c.tolist() for c in (self.subject, self.property, self.kind, self.object))
        for subject, name, kind, target in zip(*columns, strict=True):
            yield ids[subject], names[name], kind, tables[kind][target]

    def of(self, keep: Bools | Ints) -> Model:
        """These statements only (a mask or rows); the tables stay as they are."""
        return replace(
            self,
            subject=self.subject[keep],
            property=self.property[keep],
            kind=self.kind[keep],
            object=self.object[keep],
        )

    # -- as bytes

    def to_bytes(self) -> bytes:
        """Everything in it, as `from_bytes` reads it."""
        header = self.header
        said = {
            "header": header and [header.identity, header.kind, [list(s) for s in header.said]],
            "problems": list(self.problems),
        }
        arrays: dict[str, NDArray[np.generic]] = {
            "subject": self.subject,
            "property": self.property,
            "kind": self.kind,
            "object": self.object,
            "born": self.born,
        }
        for name, table in (("ids", self.ids), ("names", self.names), ("texts", self.texts)):
            arrays |= {f"{name}.blob": table.blob, f"{name}.ends": table.ends}
        return packed(arrays, said)

    @classmethod
    def from_bytes(cls, data: bytes) -> Model:
        """Raises: ValueError, when these are not the bytes of a model of this format."""
        arrays, said = unpacked(data)
        ids, names, texts = (
            Terms(arrays[f"{name}.blob"], arrays[f"{name}.ends"], folded=name == "ids")
            for name in ("ids", "names", "texts")
        )
        header = None
        if given := said["header"]:
            header = Header(given[0], given[1], tuple(Said(*one) for one in given[2]))
        return cls(
            ids,
            names,
            texts,
            arrays["subject"],
            arrays["property"],
            arrays["kind"],
            arrays["object"],
            arrays["born"],
            header,
            tuple(said["problems"]),
        )


def put_together(models: Sequence[Model]) -> Model:
    """All that `models` say, each statement once; an object is the same where its key is the same.

    It has no header; the problems of all are in it.
    """
    if not models:
        return Model.empty()
    ids, id_places = union([model.ids for model in models])
    names, name_places = union([model.names for model in models])
    texts, text_places = union([model.texts for model in models])
    born = np.zeros(len(ids), np.bool_)
    columns: list[tuple[Ints, Ints, Kinds, Ints]] = []
    for model, i, n, t in zip(models, id_places, name_places, text_places, strict=True):
        born[i[model.born]] = True
        target = np.empty(len(model), np.int32)
        for kind, places in ((TYPE, n), (LINK, i), (TEXT, t)):
            here = model.kind == kind
            target[here] = places[model.object[here]]
        columns.append((i[model.subject], n[model.property], model.kind, target))
    subject, name, kinds, target = (np.concatenate(column) for column in zip(*columns, strict=True))
    keep = first_of_each(subject, name, kinds, target)
    problems = tuple(problem for model in models for problem in model.problems)
    whole = Model(ids, names, texts, subject, name, kinds, target, born, None, problems)
    return whole if keep.all() else whole.of(keep)


def first_of_each(subject: Ints, name: Ints, kind: Kinds, target: Ints) -> Bools:
    """Which statements are the first that say what they say."""
    high = subject.astype(np.int64) << 32 | target.astype(np.int64)
    low = name.astype(np.int64) << 8 | kind
    order = np.lexsort((low, high))
    again = np.zeros(len(subject), np.bool_)
    if len(order):
        again[order[1:]] = (np.diff(high[order]) == 0) & (np.diff(low[order]) == 0)
    return ~again


def local_name(iri: str) -> str:
    """What stands behind the last "#" or "/" of an IRI."""
    return iri.rpartition("#" if "#" in iri else "/")[2]


def _number(text: str) -> float:
    try:
        return float(text.partition("\0")[0])
    except ValueError:
        return float("nan")
