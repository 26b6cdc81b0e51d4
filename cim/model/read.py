"""Read CIM RDF/XML: one document, or files of them in any order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cim.gate import MODEL, PASSED, TOO_MUCH
from cim.model import difference, scan, strict
from cim.model.archive import Archive, is_packed, named
from cim.model.building import Builder
from cim.model.difference import Difference
from cim.model.header import Header
from cim.model.model import Model
from cim.model.strict import Content
from cim.violation import Refusal

FAST = 1 << 20
"""Bytes from which the fast path is worth the half second that numba takes to load."""

LARGE = 5_000_000
"""Bytes from which somebody may want to see how far reading has come."""

Progress = Callable[[int, int], None]
"""Told how many bytes are done, and of how many."""

File = str | os.PathLike[str] | tuple[str, bytes]
"""A path, or the name of a file and its bytes."""


class Document(NamedTuple):
    """What one document says, and the name of its file and member."""

    name: str
    says: Model | Difference


@dataclass(frozen=True)
class Files:
    """What several files say, document by document, in the order in which they were given.

    remarks: sentences on what was passed over in them.
    """

    documents: tuple[Document, ...]
    remarks: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[Model, ...]:
        return tuple(d.says for d in self.documents if isinstance(d.says, Model))

    @property
    def differences(self) -> tuple[Difference, ...]:
        return tuple(d.says for d in self.documents if isinstance(d.says, Difference))


def read(document: bytes, name: str = "", *, note: bool = False) -> Model:
    """What a document says.

    name: of the file, for sentences.
    note: whether to take note for `cim.gate` that these bytes have passed, so that it need not look
          at them again; that costs a digest, half of what reading does.
    Raises: Refusal, with line and rule.
    """
    return content(document, name, note=note).model()


def content(document: bytes, name: str = "", *, note: bool = False) -> Content:
    """As `read`, with the parts of a difference model beside it."""
    try:
        held = _scanned(document) or _content(document)
    except Refusal as refusal:
        raise named(refusal, name) from None
    if note:
        PASSED.add(document, MODEL)
    return held


def read_files(files: Iterable[File], progress: Progress | None = None) -> Files:
    """Read documents out of files: plain ones, gzip, and zips of many.

    progress: called now and then while more than `LARGE` bytes are read.
    Raises: Refusal naming file, line and rule; OSError.
    """
    files = list(files)
    reading = _Reading(sum(map(_size, files)), progress)
    documents = [document for file in files for document in reading.documents(file)]
    return Files(tuple(documents), tuple(reading.remarks))


class _Reading:
    """How far the reading of some files has come.

    done: bytes of the files before, and of the members before in the one at hand.
    """

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.done = total, 0
        self.progress = progress if total > LARGE else None
        self.remarks: list[str] = []

    def tell(self, taken: int) -> None:
        if self.progress is not None:
            self.progress(min(self.done + taken, self.total), self.total)

    def finish(self, size: int) -> None:
        self.done += size
        self.tell(0)

    def documents(self, file: File) -> Iterator[Document]:
        if isinstance(file, tuple):
            yield from self.unpacked(*file)
            return
        path = Path(file)
        with path.open("rb", buffering=0) as stream:
            packed = is_packed(stream.read(4))
            stream.seek(0)
            if not packed and _size(path) >= FAST:
                model = scan.scan_stream(stream, _size(path), self.tell)
                if model is not None:
                    yield Document(str(path), model)
                    self.finish(_size(path))
                    return
                stream.seek(0)
            data = _all_of(stream, str(path))
        yield from self.unpacked(str(path), data)

    def unpacked(self, name: str, data: bytes) -> Iterator[Document]:
        archive, end = Archive(data, name), self.done + len(data)
        for member in archive.members():
            yield Document(member.name, _says(content(member.document, member.name), member.name))
            self.finish(min(member.share, end - self.done))
        self.finish(end - self.done)
        self.remarks += archive.remarks


def _says(held: Content, name: str) -> Model | Difference:
    if held.header is None or not held.header.is_difference:
        return held.model()
    try:
        return difference.of(held)
    except Refusal as refusal:
        raise named(refusal, name) from None


def _size(file: File) -> int:
    return len(file[1]) if isinstance(file, tuple) else Path(file).stat().st_size


def _all_of(stream: BinaryIO, name: str) -> bytes:
    data = stream.read(MODEL.bytes + 1)
    if len(data) > MODEL.bytes:
        rule = f"The file has more than {MODEL.bytes} bytes, the most that are accepted."
        raise named(Refusal.of(TOO_MUCH, rule), name)
    return data


# -- the paths


def _content(document: bytes) -> Content:
    try:
        return strict.read(document)
    except strict.NotFlat:
        from cim.model import general

        return general.read(document)


def _scanned(document: bytes) -> Content | None:
    """By the fast path, if it takes the document."""
    if not FAST <= len(document) <= MODEL.bytes:
        return None
    model = scan.scan(document)
    if model is None:
        return None
    held = Content()
    held.builder, held.header = _Built(model), model.header
    return held


class _Built(Builder):
    """A builder whose model is there."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model

    def model(self, header: Header | None = None) -> Model:
        return replace(self._model, header=header)
