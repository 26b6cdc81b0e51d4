"""XSD files of somebody else's in one folder, read once: what they import lies beside them.

Nothing is fetched: a schemaLocation, whatever address it says, means the file of that name in the
folder.
"""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

from lxml import etree

from cim.parse import PINNED, Documents, line_of, parse, pinned
from cim.profiles import declared
from cim.schema.names import XS
from cim.violation import Refusal

compiling = threading.Lock()
"""libxml2 sets up its built-in types with the first schema, and two threads at once break them for
the rest of the process."""

_LINKS = tuple(f"{{{XS}}}{name}" for name in ("import", "include", "redefine"))


class SchemaError(ValueError):
    """An XSD that cannot be used; the text names file, line and rule."""

    def __init__(self, file: str, line: int | None, rule: str) -> None:
        where = file if line is None else f"{file}, line {line}"
        super().__init__(f"{where}: {rule}")


@dataclass(frozen=True)
class Document:
    """One file."""

    name: str
    data: bytes
    root: etree._Element = field(repr=False)

    @property
    def namespace(self) -> str:
        """Its targetNamespace."""
        return self.root.get("targetNamespace", "")

    @property
    def elements(self) -> dict[str, etree._Element]:
        """Its global elements, by name."""
        found = self.root.iterchildren(f"{{{XS}}}element")
        return {element.get("name", ""): element for element in found}

    def linked(self, documents: Mapping[str, bytes]) -> Iterator[tuple[etree._Element, str | None]]:
        """What it imports or includes by a location, and the file that is meant."""
        for link in self.root.iterchildren(*_LINKS):
            if location := link.get("schemaLocation"):
                absolute = urljoin(PINNED + self.name, location)
                yield link, Documents(self.name, documents).of(absolute)


@dataclass(frozen=True)
class Library:
    """All files of a folder, by name relative to it.

    nouns:   noun or query -> the file that declares it.
    remarks: sentences on files that are of no use here.
    """

    folder: str
    documents: Mapping[str, Document]
    nouns: Mapping[str, Document]
    remarks: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Library:
        """Raises: SchemaError; OSError."""
        if not folder.is_dir():
            raise SchemaError(str(folder), None, "there is no such folder.")
        paths = sorted(p for p in folder.rglob("*.xsd") if p.is_file())
        if not paths:
            raise SchemaError(str(folder), None, "the folder holds no *.xsd.")
        data = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        return cls.of(data, str(folder))

    @classmethod
    def of(cls, data: Mapping[str, bytes], folder: str = "") -> Library:
        """The files in `data`, by name.  Raises: SchemaError."""
        documents = {n: Document(n, d, _root(_shown(folder, n), d)) for n, d in data.items()}
        used = set()
        for name, document in documents.items():
            used |= _checked(document, data, _shown(folder, name))
        nouns = _nouns(documents, folder)
        idle = documents.keys() - used - {document.name for document in nouns.values()}
        remarks = (f"{_shown(folder, n)} declares no noun of this hub." for n in sorted(idle))
        return cls(folder, documents, nouns, tuple(remarks))

    @property
    def data(self) -> dict[str, bytes]:
        """The bytes of every file, by name."""
        return {name: document.data for name, document in self.documents.items()}

    def compile(self, noun: str) -> etree.XMLSchema:
        """The schema of a noun.  Raises: SchemaError."""
        name = self.nouns[noun].name
        try:
            with compiling:
                return etree.XMLSchema(pinned(Documents(name, self.data)))
        except etree.XMLSchemaParseError as error:
            raise self._broken(name, error) from None

    def _broken(self, name: str, error: etree.XMLSchemaParseError) -> SchemaError:
        entries = [entry for entry in error.error_log if entry.line]
        if not entries:
            return SchemaError(_shown(self.folder, name), None, str(error))
        first = entries[0]
        file = str(first.filename).removeprefix(PINNED)
        rule = first.message.replace(f"{{{XS}}}", "xs:")
        return SchemaError(_shown(self.folder, file), first.line, rule)


def _shown(folder: str, name: str) -> str:
    return posixpath.join(folder, name) if folder else name


def _root(shown: str, data: bytes) -> etree._Element:
    try:
        root = parse(data)
    except Refusal as refusal:
        first = refusal.violations[0]
        raise SchemaError(shown, first.line, first.rule) from None
    if root.tag != f"{{{XS}}}schema":
        raise SchemaError(shown, line_of(root), "the root must be xs:schema of XML Schema 1.0.")
    return root


def _checked(document: Document, data: Mapping[str, bytes], shown: str) -> set[str]:
    """The files it names.  Raises: SchemaError, when one of them is not there."""
    used: set[str] = set()
    for link, name in document.linked(data):
        if name is None:
            what = etree.QName(link).localname
            rule = f"{what} of {link.get('schemaLocation')}: no file of this name lies in the"
            rule += " folder, and nothing is fetched."
            raise SchemaError(shown, line_of(link), rule)
        used.add(name)
    return used


def _nouns(documents: Mapping[str, Document], folder: str) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for document in documents.values():
        for name, element in document.elements.items():
            if declared(name) is None:
                continue
            if other := found.get(name):
                rule = f"{name} is declared in {_shown(folder, other.name)}, too."
                raise SchemaError(_shown(folder, document.name), line_of(element), rule)
            found[name] = document
    return found
