"""Documents out of their packing: a file as it is, gzip, or a zip of many, as CGMES sets come."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple, NoReturn

from cim.parse import MODEL, NOT_VALID, RATIO, TOO_MUCH, inflate
from cim.violation import Refusal

MOST = 10_000
"""How many entries a zip may have."""

TOTAL = 4 * MODEL.bytes
"""How many bytes may come out of one zip."""

_SMALLEST_CAP = 1 << 20
_ENTRY = b"PK\x01\x02"
_ZIP, _GZIP = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b"
_ADDED = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED = 1
_ENDINGS = (".xml", ".rdf")
_BEGINNINGS = (b"<?xml", b"<rdf:RDF")
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)


class Member(NamedTuple):
    """One document in a file.

    name:  of the file and, in a zip, of the member.
    share: bytes of the file that it took.
    """

    name: str
    document: bytes
    share: int


def is_packed(beginning: bytes) -> bool:
    """Whether a file that begins so is a zip or gzip."""
    return beginning.startswith((*_ZIP, _GZIP))


class Archive:
    """A file of documents.

    remarks: sentences on what was passed over, once `members` has come by it.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name = data, name
        self.remarks: list[str] = []

    def members(self) -> Iterator[Member]:
        """The documents, one at a time; none has passed the gate.

        Raises: Refusal naming the file and the member: it cannot be unpacked, holds more than is
            accepted, no document, or something that is packed again.
        """
        if self.data.startswith(_GZIP):
            yield self._inflated()
        elif self.data.startswith(_ZIP):
            yield from self._unzipped()
        else:
            yield Member(self.name, self.data, len(self.data))

    def _inflated(self) -> Member:
        try:
            document = inflate(self.data, MODEL.bytes)
        except Refusal as refusal:
            raise named(refusal, self.name) from None
        self._check_packing(self.name, document)
        return Member(self.name, document, len(self.data))

    def _unzipped(self) -> Iterator[Member]:
        if self.data.count(_ENTRY) > MOST:
            self._refuse(TOO_MUCH, f"The zip has more than {MOST:,} entries.")
        found = False
        try:
            with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
                room = min(TOTAL, max(_SMALLEST_CAP, RATIO * len(self.data)))
                for entry in archive.infolist():
                    document = self._document(archive, entry, room)
                    if document is not None:
                        room -= len(document)
                        found = True
                        yield Member(f"{self.name}/{_shown(entry)}", document, entry.compress_size)
        except _BROKEN as error:
            if isinstance(error, Refusal):
                raise
            self._refuse(NOT_VALID, f"The zip cannot be read: {error}.")
        if not found:
            self._refuse(NOT_VALID, "The zip holds no RDF/XML document.")

    def _document(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int
    ) -> bytes | None:
        """What is in an entry, read no further than there is room; None when it is no document."""
        if entry.is_dir() or _is_hidden(entry):
            return None
        shown = _shown(entry)
        if entry.flag_bits & _ENCRYPTED:
            self._refuse(NOT_VALID, f"{shown} is encrypted.")
        with archive.open(entry) as stream:
            document = stream.read(64)
            self._check_packing(f"{self.name}/{shown}", document)
            if not _is_document(entry, document):
                self.remarks.append(f"{self.name}: {shown} is no RDF/XML and was passed over.")
                return None
            cap = min(room, MODEL.bytes)
            document += stream.read(max(0, cap + 1 - len(document)))
        if len(document) > cap:
            self._refuse(TOO_MUCH, f"The zip holds more than is accepted, up to {shown}.")
        return document

    def _check_packing(self, shown: str, document: bytes) -> None:
        if is_packed(document):
            rule = f"{shown} is packed once more; unpack it first."
            raise Refusal.of(NOT_VALID, rule)

    def _refuse(self, code: str, rule: str) -> NoReturn:
        raise Refusal.of(code, f"{self.name}: {rule}")


def named(refusal: Refusal, name: str) -> Refusal:
    """The same refusal, which says in what file; as it is without a name."""
    if not name:
        return refusal
    return Refusal(tuple(replace(v, rule=f"{name}: {v.rule}") for v in refusal.violations))


def _is_hidden(entry: zipfile.ZipInfo) -> bool:
    """Whether an archiver or a file system added it of its own accord."""
    parts = PurePosixPath(entry.filename).parts
    return any(part in _ADDED or part.startswith("._") for part in parts)


def _is_document(entry: zipfile.ZipInfo, beginning: bytes) -> bool:
    if entry.filename.lower().endswith(_ENDINGS):
        return True
    return beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_BEGINNINGS)


def _shown(entry: zipfile.ZipInfo) -> str:
    """The name of an entry for people; nothing is ever written to a place of this name."""
    return "".join(c if c.isprintable() else "?" for c in entry.filename[-200:])
