"""Write models as CIM RDF/XML in the flat form of IEC 61970-552, canonically.

The same statements give the same bytes, whatever the order and layout they were read in:

* UTF-8, lines end in LF, the processing instruction of 552, the namespaces that are used (by
  prefix, see `cim.model.markup`), the header, then the objects in the order of `cim.model.order`.
* An object is an element of its class, named by rdf:ID where it was created by one, by rdf:about
  otherwise; one without class is an rdf:Description.  References are rdf:resource as spelled,
  literals as written, a data type is rdf:datatype, a language xml:lang, blank nodes rdf:nodeID.
* The statements of a header stand in the order of their local names, then of their values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import IO, TYPE_CHECKING
from uuid import UUID, uuid5

import numpy as np

from cim.model.header import DIFFERENCE, DM, FULL, Header, Said
from cim.model.markup import Names, literal, needs_escape, split
from cim.model.markup import subject as named
from cim.model.markup import target as resource
from cim.model.model import LINK, RDF, RDF_TYPE, TEXT, TYPE, Model, local_name
from cim.model.order import Ordered, ordered
from cim.model.terms import Bools, Ints, Terms

if TYPE_CHECKING:
    from cim.model.difference import Difference

_BEGIN = b'<?xml version="1.0" encoding="UTF-8"?>\n<?iec61970-552 version="2.0"?>\n<rdf:RDF%b>\n'
_END = b"</rdf:RDF>\n"
_CHUNK = 1 << 18
_NOT_ELEMENTS = frozenset(
    RDF + name for name in ("RDF", "Description", "ID", "about", "resource", "nodeID", "li")
)
_UNNAMED = UUID("5d1ee7a4-6b0c-5c0e-8f0e-0c7b7a6d1f52")
"""Names differences that have no header, by their content."""


def full(model: Model, header: Header | None = None) -> bytes:
    """The document of a model.

    header: in place of the model's own; without either the document has none.
    Raises: Refusal, when the model says what XML cannot.
    """
    return b"".join(full_pieces(model, header))


def full_to(stream: IO[bytes], model: Model, header: Header | None = None) -> None:
    """Write the document of a model to `stream`, piece by piece.  Raises: Refusal, as `full`."""
    for piece in full_pieces(model, header):
        stream.write(piece)


def full_pieces(model: Model, header: Header | None = None) -> Iterator[bytes]:
    """The document of a model in pieces of some megabytes.  Raises: Refusal, as `full`."""
    header = header or model.header
    objects = _Objects(model)
    names = Names(chain(objects.iris(), _header_iris(header)))
    yield _BEGIN % names.declarations()
    if header is not None:
        kind = names.tag(header.kind)
        yield b"  <%b%b" % (kind, named(header.identity.encode(), born=False))
        said = _said(header.said, names)
        yield b">\n%b  </%b>\n" % (said, kind) if said else b"/>\n"
    yield from objects.pieces(names, b"  ")
    yield _END


def difference(of: Difference) -> bytes:
    """The document of a difference, whose parts are in canonical order like models.

    One without header gets an identity that follows from its content.
    Raises: Refusal, when it says what XML cannot.
    """
    named_parts = (
        ("preconditions", of.preconditions),
        ("reverseDifferences", of.reverse),
        ("forwardDifferences", of.forward),
    )
    parts = [(f"{DM}{name}", _Objects(part)) for name, part in named_parts]
    said = of.header.said if of.header else ()
    iris = chain.from_iterable(objects.iris() for _, objects in parts)
    own = (RDF_TYPE, DM + DIFFERENCE, *(one.name for one in said))
    names = Names(chain(iris, own))
    content = b"".join(_part(iri, objects, names) for iri, objects in parts)
    identity = of.header.identity if of.header else uuid5(_UNNAMED, content.decode()).urn
    kind = names.tag(DM + DIFFERENCE)
    head = named(identity.encode(), born=False)
    pieces = (_BEGIN % names.declarations(), b"  <%b%b>\n" % (kind, head), _said(said, names))
    return b"".join((*pieces, content, b"  </%b>\n" % kind, _END))


def _part(iri: str, objects: _Objects, names: Names) -> bytes:
    tag = names.tag(iri)
    content = b"".join(objects.pieces(names, b"      "))
    begin = b'    <%b rdf:parseType="Statements"' % tag
    return b"%b>\n%b    </%b>\n" % (begin, content, tag) if content else begin + b"/>\n"


def _header_iris(header: Header | None) -> Iterable[str]:
    return (header.kind, *(one.name for one in header.said)) if header else ()


def _said(said: Iterable[Said], names: Names) -> bytes:
    ordered_ = sorted(set(said), key=lambda one: (local_name(one.name), one))
    return b"".join(_said_once(one, names.tag(one.name)) for one in ordered_)


def _said_once(one: Said, tag: bytes) -> bytes:
    value = one.value.encode()
    if one.is_link:
        return b"    <%b%b/>\n" % (tag, resource(value))
    return b"    <%b%b</%b>\n" % (tag, literal(value), tag)


class _Objects:
    """The objects of one model, or of one part of a difference."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.spelled = list(model.names)
        self.order = ordered(model, np.array([_can_be_element(iri) for iri in self.spelled], bool))

    def iris(self) -> Iterator[str]:
        """What elements there are."""
        used = np.zeros(len(self.spelled) + 1, np.bool_)
        used[self.model.property[self.order.rows]] = True
        used[self.order.tags] = True
        yield RDF_TYPE
        yield from (self.spelled[row] for row in np.flatnonzero(used[:-1]).tolist())

    def pieces(self, names: Names, indent: bytes) -> Iterator[bytes]:
        """The text of the objects, in pieces."""
        fragments = _Fragments(self.model, self.order, names, indent)
        numbers = fragments.numbers()
        fragment = fragments.all.__getitem__
        for start in range(0, len(numbers), _CHUNK):
            yield b"".join(map(fragment, numbers[start : start + _CHUNK].tolist()))


def _can_be_element(iri: str) -> bool:
    """Whether an object of this class can be an element and is not taken for something else."""
    local = split(iri)[1]
    return bool(local) and local not in (FULL, DIFFERENCE) and iri not in _NOT_ELEMENTS


class _Fragments:
    """The distinct fragments of a text, of which `numbers` tells the order.

    An object is four of them: what opens it, its name, the end of its start tag, its end tag.
    A statement is three: what opens it, its value, its end tag.
    """

    def __init__(self, model: Model, order: Ordered, names: Names, indent: bytes) -> None:
        self.model, self.order, self.names, self.indent = model, order, names, indent
        self.all: list[bytes] = [b"", b">\n", b"/>\n"]
        self.iris = list(model.names)

    def numbers(self) -> Ints:
        """The number of each fragment of the text, in order."""
        order = self.order
        counts = np.bincount(order.place, minlength=len(order.subjects))
        starts = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(4 + 3 * counts, out=starts[1:])
        numbers = np.zeros(starts[-1], np.int32)
        opens, closes = self.elements()
        numbers[starts[:-1]] = opens[order.tags]
        numbers[starts[:-1] + 1] = self.identities()
        numbers[starts[:-1] + 2] = np.where(counts, 1, 2)
        numbers[starts[1:] - 1] = np.where(counts, closes[order.tags], 0)
        places = 3 * np.arange(len(order.rows)) + 4 * order.place.astype(np.int64) + 3
        for offset, column in enumerate(self.statements()):
            numbers[places + offset] = column
        return numbers

    def add(self, fragments: Iterable[bytes]) -> int:
        """Add these; the number of the first."""
        first = len(self.all)
        self.all.extend(fragments)
        return first

    def elements(self) -> tuple[Ints, Ints]:
        """What opens and what closes an object of each of `names`; the last row is of no class."""
        used = np.append(_among(self.order.tags[self.order.tags >= 0], len(self.iris)), True)
        tags = [self.names.tag(self.iris[r]) for r in np.flatnonzero(used[:-1]).tolist()]
        tags.append(self.names.tag(f"{RDF}Description"))
        opens = self.column(used, [b"%b<%b" % (self.indent, tag) for tag in tags])
        return opens, self.column(used, [b"%b</%b>\n" % (self.indent, tag) for tag in tags])

    def identities(self) -> Ints:
        """The attributes that name the subjects."""
        subjects = self.order.subjects
        spelled = _spelled(self.model.ids, subjects)
        born = self.model.born[subjects].tolist()
        first = self.add(named(s, born=b) for s, b in zip(spelled, born, strict=True))
        return np.arange(first, first + len(subjects), dtype=np.int32)

    def statements(self) -> tuple[Ints, Ints, Ints]:
        """The three fragments of each statement."""
        rows, model = self.order.rows, self.model
        name, kind, target = model.property[rows], model.kind[rows], model.object[rows]
        used = _among(name, len(self.iris))
        tags = [self.names.tag(self.iris[row]) for row in np.flatnonzero(used).tolist()]
        opens = self.column(used, [b"%b  <%b" % (self.indent, tag) for tag in tags])
        closes = self.column(used, [b"</%b>\n" % tag for tag in tags])
        values = np.zeros(len(rows), np.int32)
        for of_kind, table in ((TYPE, model.names), (LINK, model.ids), (TEXT, model.texts)):
            here = kind == of_kind
            values[here] = self.values(of_kind, table, target[here])
        return opens[name], values, np.where(kind == TEXT, closes[name], 0).astype(np.int32)

    def values(self, kind: int, table: Terms, rows: Ints) -> Ints:
        """The fragment of each of these objects."""
        used = _among(rows, len(table))
        spelled = _spelled(table, np.flatnonzero(used).astype(np.int32))
        if kind == TEXT:
            plain = not needs_escape(table.blob.tobytes())
            texts = [b">" + s for s in spelled] if plain else list(map(literal, spelled))
            return self.column(used, texts)[rows]
        return self.column(used, [b"%b/>\n" % resource(s) for s in spelled])[rows]

    def column(self, used: Bools, fragments: Sequence[bytes]) -> Ints:
        """Add the fragments of the rows that are used; for each row its number."""
        first = self.add(fragments)
        numbers = np.zeros(len(used), np.int32)
        numbers[used] = np.arange(first, first + len(fragments))
        return numbers


def _among(rows: Ints, size: int) -> Bools:
    """Which of so many rows are among these."""
    found = np.zeros(size, np.bool_)
    found[rows] = True
    return found


def _spelled(table: Terms, rows: Ints) -> list[bytes]:
    """These strings in UTF-8."""
    blob = table.blob.tobytes()
    bounds = zip(table.ends[rows].tolist(), table.ends[rows + 1].tolist(), strict=True)
    return [blob[low:high] for low, high in bounds]
