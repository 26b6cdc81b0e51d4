"""The fast path: CIM RDF/XML of the flat form straight from bytes into columns.

It reads only what it can prove to be well-formed and of the form that IEC 61970-552 prescribes;
everything else is left to the strict path, which then says what is wrong.  Whatever it reads has
passed every check of `cim.gate` with the limits of a model.

Proved: the document is UTF-8 without DTD; the root is rdf:RDF and declares all namespaces; below it
stand objects with one rdf:about or rdf:ID, in these properties with text or one rdf:resource, and
comments; end tags have the names of their start tags; there is one header at most, and the strict
path read it.  Names are ASCII.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cim.gate import MODEL
from cim.model import strict
from cim.model.building import repeated
from cim.model.growing import Columns, Table, room
from cim.model.header import DIFFERENCE, FULL, Header
from cim.model.model import RDF, RDF_TYPE, Model, first_of_each
from cim.model.root import AROUND, Root, is_trailer, root_of
from cim.model.terms import Terms
from cim.violation import Refusal

Progress = Callable[[int], None]
"""Told how many bytes have been read."""

_PIECE = 1 << 20
_BEYOND = 64  # zeros behind the data, which stop every loop over them
_NEAR = 4096  # what stops the loop so near to the end of a piece may be nothing but the end
_MOST_NAMES = 4096
_ALONE = re.compile(
    rb"<[A-Za-z0-9._:-]+[ \t\r\n]+[A-Za-z0-9._:-]+[ \t\r\n]*="
    rb"[ \t\r\n]*(?:\"[^\"<]*\"|'[^'<]*')[ \t\r\n]*/>"
)


class Stream(Protocol):
    """Where a document comes from."""

    def readinto(self, buffer: Any, /) -> int | None: ...


class OtherForm(Exception):
    """The document is of another form, or is not proved to be of this."""


def scan(document: bytes, progress: Progress | None = None) -> Model | None:
    """The model in a document; None when the strict path has to see it."""
    return scan_stream(io.BytesIO(document), len(document), progress)


def scan_stream(stream: Stream, size: int, progress: Progress | None = None) -> Model | None:
    """As `scan`; no more than a megabyte of the document is held at a time.

    size: how many bytes there will be, at a guess.
    """
    try:
        return _Scan(stream, min(size, MODEL.bytes), progress).model()
    except OtherForm:
        return None


class _Scan:
    """One document on its way through `kernels.flat`.

    data:  the piece at hand, up to `end`; behind it zeros.
    state: where the loop stands, see `kernels.AT`.
    raw:   the names of elements as written; of each its row in `names`, the role that it has as
           name of an object, and the name that came next the last time.
    flags: of identities, see `kernels.BORN`.
    """

    root: Root
    words: NDArray[np.uint8]

    def __init__(self, stream: Stream, size: int, progress: Progress | None) -> None:
        from cim.model import kernels

        self.k = kernels
        self.stream, self.progress = stream, progress
        self.data = np.zeros(min(size, _PIECE) + _BEYOND, np.uint8)
        self.end = self.taken = 0
        self.ended = False
        self.seed = np.uint64(secrets.randbits(64))
        self.state = np.zeros(kernels.STATES, np.int64)
        self.raw, self.raw_count = Table(_MOST_NAMES, 0), 0
        self.raw_name, self.raw_next = (np.zeros(_MOST_NAMES, np.int32) for _ in range(2))
        self.raw_role = np.zeros(_MOST_NAMES, np.uint8)
        self.ids, self.texts = (Table(size // 512, size // 10) for _ in range(2))
        self.flags = np.zeros(0, np.uint8)
        self.columns = Columns(size // 64)
        self.names: dict[str, int] = {}
        self.header: Header | None = None

    def model(self) -> Model:
        self.begin()
        steps = self.steps()
        while (verdict := self.flat()) != self.k.END:
            if verdict not in steps:
                raise OtherForm
            steps[verdict]()
        self.finish()
        return self.made()

    def steps(self) -> Mapping[int, Callable[[], None]]:
        """What to do when the loop stops; nothing helps against the other reasons."""
        k = self.k
        return {
            k.HALT: self.go_on,
            k.WANT_NAME: self.know_name,
            k.WANT_TYPE: self.know_type,
            k.HEADER: self.read_header,
        }

    def at(self, place: int) -> int:
        return int(self.state[place])

    # -- the document, piece by piece

    def more(self) -> None:
        """Get more of the document; what stands from AT on is kept."""
        at = self.at(self.k.AT)
        left = self.end - at
        self.data[:left] = self.data[at : self.end]
        while not self.ended and left < self.capacity:
            got = self.stream.readinto(self.data[left : self.capacity].data)
            self.ended = not got
            left += got or 0
            self.taken += got or 0
        self.data[left:] = 0
        self.end, self.state[self.k.AT] = left, 0
        if self.taken > MODEL.bytes:
            raise OtherForm
        self.reserve(left)

    @property
    def capacity(self) -> int:
        return len(self.data) - _BEYOND

    def reserve(self, length: int) -> None:
        """Have room for whatever so many bytes may say.

        A statement takes 4 bytes at least, one with another literal or identity 8.
        """
        k, rows = self.k, length // 8 + 2
        ids = self.at(k.IDS)
        self.ids.reserve(ids, rows, length)
        self.texts.reserve(self.at(k.TEXTS), rows, length)
        self.flags = room(self.flags, ids + rows)
        self.columns.reserve(self.at(k.COUNT) + 2 * rows)

    def go_on(self) -> None:
        """Let the loop go on in the next piece, if it has come to the end of this one."""
        stuck = not self.at(self.k.AT) and self.end == self.capacity
        if self.ended or stuck or self.at(self.k.STOP) < self.end - _NEAR:
            raise OtherForm
        self.more()
        if self.progress is not None:
            self.progress(self.taken)

    def text(self, low: int, high: int) -> bytes:
        return self.data[low:high].tobytes()

    # -- before and behind the objects

    def begin(self) -> None:
        k = self.k
        self.more()
        root = root_of(self.text(0, min(self.end, AROUND)))
        if root is None:
            raise OtherForm
        self.root = root
        self.words = np.frombuffer(b"".join(self.attributes), np.uint8)
        self.state[[k.AT, k.SUBJECT, k.TYPE_ROW]] = root.end, -1, -1
        self.state[k.ELEMENTS] = 1
        self.know(root.name, -1, k.HEADING)
        self.know(root.prefix + b":Description", -1, k.UNTYPED)

    @cached_property
    def attributes(self) -> tuple[bytes, ...]:
        return tuple(self.root.prefix + local for local in (b":about", b":ID", b":resource"))

    def finish(self) -> None:
        self.more()
        if not self.ended or not is_trailer(self.text(0, self.end)):
            raise OtherForm
        if self.at(self.k.ELEMENTS) > MODEL.elements:
            raise OtherForm

    # -- what the loop asks for

    def know(self, name: bytes, row: int, role: int) -> None:
        """Enter a name as written, its row in the names of the model, and its role."""
        if (count := self.raw_count) == _MOST_NAMES:
            raise OtherForm
        if self.raw.enter(name, count, self.seed) != count:
            raise OtherForm
        self.raw_name[count], self.raw_role[count] = row, role
        self.raw_count += 1

    def know_name(self) -> None:
        name = self.text(self.at(self.k.LOW), self.at(self.k.HIGH))
        iri = self.root.iri(name)
        if iri is None or iri.startswith(RDF):
            raise OtherForm
        if iri.rpartition("#")[2] in (FULL, DIFFERENCE):
            self.know(name, -1, self.k.HEADING)
        else:
            self.know(name, self.names.setdefault(iri, len(self.names)), self.k.OBJECT)

    def know_type(self) -> None:
        self.state[self.k.TYPE_ROW] = self.names.setdefault(RDF_TYPE, len(self.names))

    def read_header(self) -> None:
        if self.header is not None:
            raise OtherForm
        if not self.ended:
            self.more()
        at = self.at(self.k.AT)
        rest = self.text(at, self.end)
        length = _length_of_header(rest)
        self.header = self.header_in(rest[:length])
        self.state[self.k.ELEMENTS] += rest.count(b"<", 0, length)
        self.state[[self.k.AT, self.k.GAP]] = at + length, 0

    def header_in(self, element: bytes) -> Header:
        """The header in what seems to be its element.

        It is, when the root with nothing else in it is a document: behind the element, as behind
        the root's start tag, an XML parser is inside the root and of nothing else.
        """
        document = b"".join((self.root.tag, element, b"</", self.root.name, b">"))
        try:
            content = strict.read(document)
        except (Refusal, strict.NotFlat):
            raise OtherForm from None
        if content.header is None or content.header.is_difference or content.parts:
            raise OtherForm
        if len(content.builder.model()):
            raise OtherForm
        return content.header

    # -- the objects

    def flat(self) -> int:
        """Let the loop run until it stops; why it does."""
        k, lengths = self.k, [len(word) for word in self.attributes]
        first = self.words.ctypes.data
        words = (first, first + lengths[0], first + lengths[0] + lengths[1])
        tables = (*self.raw.addresses, *self.ids.addresses, *self.texts.addresses)
        places = np.array((self.data.ctypes.data, *words, *lengths, *tables), np.int64)
        names = (self.raw_name, self.raw_role, self.raw_next)
        columns = self.columns.arrays
        return int(k.flat(self.state, places, *names, self.flags, *columns, self.seed))

    def made(self) -> Model:
        k, ids = self.k, self.at(self.k.IDS)
        flags = self.flags[:ids]
        subject, name, kind, target = self.columns.cut(self.at(k.COUNT))
        identities = self.ids.terms(ids, folded=True)
        texts, names = self.texts.terms(self.at(k.TEXTS)), Terms.of(self.names)
        born = (flags & k.BORN) != 0
        model = Model(identities, names, texts, subject, name, kind, target, born, self.header)
        return _said_once(model, (flags & k.AGAIN) != 0)


def _length_of_header(data: bytes) -> int:
    """How long the element seems to be with which `data` begin."""
    if (alone := _ALONE.match(data)) is not None:
        return alone.end()
    name = data[1:].split(maxsplit=1)[0].partition(b">")[0]
    closing = re.search(rb"</%s[ \t\r\n]*>" % re.escape(name), data)
    if closing is None:
        raise OtherForm
    return closing.end()


def _said_once(model: Model, again: NDArray[np.bool_]) -> Model:
    """The model without statements made before; only those about `again` may be."""
    if not again.any():
        return model
    rows = np.flatnonzero(again[model.subject])
    keep = np.ones(len(model), np.bool_)
    keep[rows] = first_of_each(
        model.subject[rows], model.property[rows], model.kind[rows], model.object[rows]
    )
    if keep.all():
        return model
    return replace(model.of(keep), problems=repeated(len(keep) - int(keep.sum())))
