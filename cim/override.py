"""A utility's own XSD files in the place of ours, and the namespaces in which it speaks of nouns.

Installed once, before threads start, for the whole process.  What is installed changes what is said
at the doors, not what is kept: the journal holds every message in our own form (`stored`), so that
it can be read whatever is installed later.

A message must be valid by the utility's XSD, and then fit into our profile, in whatever order its
elements come: what the profile has no place for would be lost, so such a message is refused.
Nouns go out in the utility's namespace and order, in generic messages and in strongly typed ones,
whose contract refers to it then (`cim.held`); RDF has neither, and is held against it as the XML
that it stands for.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from lxml import etree

from cim import xml
from cim.parse import Documents, pinned
from cim.profile import Profile
from cim.profiles import NOUNS, declared
from cim.profiles.network_models import NetworkModels
from cim.schema import noun_xsd
from cim.schema.content import Complex, Content
from cim.schema.library import Document, Library, SchemaError, compiling
from cim.schema.names import MESSAGE, RDF, XS

SETTING = "schemas.namespaces"
_stored: ContextVar[bool] = ContextVar("stored", default=False)


@dataclass(eq=False)
class Order:
    """In which order elements stand within one, and within those."""

    places: dict[str, int] = field(default_factory=dict)
    within: dict[str, Order] = field(default_factory=dict)

    @classmethod
    def of(cls, content: Content) -> Order:
        """As a schema says it; a type within itself is one order."""
        return _order(content, content.root, {})

    def arrange(self, element: etree._Element) -> None:
        """Put the elements within `element` into this order, in place; those of a name stay as
        they are among themselves."""
        found = self._places(element)
        if found != sorted(found):
            children = list(element)
            element[:] = [children[n] for n in sorted(range(len(found)), key=found.__getitem__)]
        for child in element:
            if (order := self.within.get(_local(child))) is not None:
                order.arrange(child)

    def misplaced(self, element: etree._Element) -> etree._Element | None:
        """The first element within `element`, or itself, whose own are in another order."""
        found = self._places(element)
        if found != sorted(found):
            return element
        inside = ((self.within.get(_local(child)), child) for child in element)
        wrong = (order.misplaced(child) for order, child in inside if order is not None)
        return next((one for one in wrong if one is not None), None)

    def _places(self, element: etree._Element) -> list[int]:
        return [self.places.get(_local(child), len(self.places)) for child in element]


def _order(
    content: Content, declared_at: etree._Element, known: dict[etree._Element, Order]
) -> Order:
    kind = content.type_of(declared_at)
    if not isinstance(kind, Complex):
        return Order()
    if kind.node not in known:
        order = known[kind.node] = Order()
        members = [m for m in kind.members if not m.name.startswith("@")]
        order.places.update({member.name: n for n, member in enumerate(members)})
        for member in members:
            inner = _order(content, member.declared, known)
            if inner.places:
                order.within[member.name] = inner
    return known[kind.node]


@dataclass(frozen=True, eq=False)
class Theirs:
    """The XSD of one noun; `documents` are those of the utility, in our namespace.

    namespace: that of the utility.
    needed:    names of the documents that the file imports or includes, and those of these.
    partial:   the documents for messages that change, cancel, close or delete: nothing is required
               below the noun, as in ours.
    """

    file: str
    name: str
    namespace: str
    needed: tuple[str, ...]
    documents: Documents
    partial: Documents
    order: Order
    ours: Order

    def pinned(self, *, partial: bool) -> Documents:
        """The documents to hold a message against."""
        return self.partial if partial else self.documents


@dataclass(frozen=True, eq=False)
class Installed:
    """All of it: schemas and namespaces by noun, and the noun by its element in the utility's
    namespace."""

    schemas: Mapping[str, Theirs] = field(default_factory=dict)
    namespaces: Mapping[str, str] = field(default_factory=dict)
    nouns: Mapping[str, str] = field(default_factory=dict)


_NOTHING = Installed()
_installed = _NOTHING


def install(library: Library | None = None, namespaces: Mapping[str, str] | None = None) -> None:
    """Have messages held against `library`, and nouns accepted and sent in `namespaces`, too.

    Raises: SchemaError naming file, line and rule, or the setting; nothing is changed then.
    """
    global _installed
    spaces = dict(namespaces or {})
    for name, space in spaces.items():
        _check(name, space)
    schemas = {}
    for name, document in (library.nouns if library else {}).items():
        assert library is not None  # noqa: S101 - that it came from
        schemas[name] = _theirs(library, name)
        said = spaces.setdefault(name, document.namespace)
        if said != document.namespace:
            rule = f"{name} is in {document.namespace!r}, but {SETTING} says {said!r}."
            raise SchemaError(f"{library.folder}/{document.name}", None, rule)
    profiles = {name: declared(name) for name in spaces}
    spaces = {n: s for n, s in spaces.items() if (p := profiles[n]) and p.namespace != s}
    nouns = {f"{{{space}}}{name}": name for name, space in spaces.items()}
    _installed = Installed(schemas, spaces, nouns)


def clear() -> None:
    """Ours alone again."""
    global _installed
    _installed = _NOTHING


@contextmanager
def stored() -> Iterator[None]:
    """Within it messages are written and read in our own form, as the journal keeps them."""
    token = _stored.set(True)
    try:
        yield
    finally:
        _stored.reset(token)


def theirs(name: str) -> Theirs | None:
    """The XSD that holds for a noun instead of ours, if there is one here."""
    return None if _stored.get() else _installed.schemas.get(name)


def namespace_of(name: str) -> str | None:
    """The namespace in which a utility speaks of a noun or query, if it is not ours."""
    return None if _stored.get() else _installed.namespaces.get(name)


def noun_of(tag: str) -> str | None:
    """The noun that an element in a utility's namespace stands for."""
    return _installed.nouns.get(tag)


def is_spoken(namespace: str) -> bool:
    """Whether a noun is accepted and sent in it, so that it is no older spelling."""
    return namespace in _installed.namespaces.values()


def inward(element: etree._Element) -> None:
    """Rename a noun in a utility's namespace, with all within it, to ours, in place."""
    name = noun_of(element.tag)
    profile = declared(name) if name else None
    if profile is None:
        return
    space = etree.QName(element).namespace
    for one in element.iter(f"{{{space}}}*"):
        one.tag = f"{{{profile.namespace}}}{_local(one)}"


def own(element: etree._Element) -> etree._Element:
    """`element`, or, when it is a noun in a utility's namespace, a copy in ours."""
    if noun_of(element.tag) is None:
        return element
    element = copy.deepcopy(element)
    inward(element)
    return element


def encode(payload: Profile) -> etree._Element:
    """The element of a noun or query as the utility wants it: its namespace, its order."""
    name = type(payload).__name__
    if _stored.get():
        return xml.encode(payload)
    element = xml.encode(payload, namespace=_installed.namespaces.get(name))
    if found := _installed.schemas.get(name):
        found.order.arrange(element)
    return element


def text_of(payload: Profile) -> bytes | None:
    """The bytes of that element; None, when it takes a tree to make them."""
    name = type(payload).__name__
    theirs = name in _installed.namespaces or name in _installed.schemas
    return None if theirs and not _stored.get() else xml.text_of(payload)


def _check(name: str, space: str) -> None:
    if declared(name) is None:
        known = ", ".join(sorted(NOUNS))
        raise SchemaError(SETTING, None, f"{name} is no noun of this hub; it knows {known}.")
    if name == NetworkModels.__name__ or not space or space in (MESSAGE, RDF):
        raise SchemaError(SETTING, None, f"{name} cannot be in the namespace {space!r}.")


def _theirs(library: Library, name: str) -> Theirs:
    """Raises: SchemaError, when libxml2 cannot make a schema of it."""
    document, profile = library.nouns[name], declared(name)
    file = f"{library.folder}/{document.name}" if library.folder else document.name
    if profile is None or profile is NetworkModels:
        raise SchemaError(file, None, f"{name} holds models in RDF: no other XSD is taken for it.")
    library.compile(name)
    space = profile.namespace
    ours = Library.of({f"{name}.xsd": noun_xsd(profile)})
    documents = Documents(
        document.name, {n: moved(d, document.namespace, space) for n, d in library.data.items()}
    )
    return Theirs(
        file=document.name,
        name=name,
        namespace=document.namespace,
        needed=_needed(library, document),
        documents=documents,
        partial=documents if profile.whole else _relaxed(documents, name),
        order=Order.of(Content(library, name)),
        ours=Order.of(Content(ours, name)),
    )


def _needed(library: Library, document: Document) -> tuple[str, ...]:
    found: dict[str, None] = {}
    todo = [document]
    while todo:
        for _, name in todo.pop().linked(library.data):
            if name is not None and name not in found:
                found[name] = None
                todo.append(library.documents[name])
    return tuple(found)


def moved(data: bytes, old: str, new: str) -> bytes:
    """A schema with one namespace for another, every line where it was."""
    for quote in (b'"', b"'"):
        data = data.replace(quote + old.encode() + quote, quote + new.encode() + quote)
    return data


def _relaxed(documents: Documents, name: str) -> Documents:
    """The same with nothing required below the noun; as it is where that would be ambiguous."""
    files = dict(documents.files)
    for file, data in files.items():
        root = pinned(Documents(file, {file: data}))
        noun = {e.get("type", "").rpartition(":")[2] for e in root if e.get("name") == name}
        for element in root.iter(f"{{{XS}}}element"):
            kind = next(element.iterancestors(f"{{{XS}}}complexType"), None)
            if kind is not None and not _is_of_noun(kind, name, noun):
                element.set("minOccurs", "0")
        files[file] = etree.tostring(root)
    relaxed = Documents(documents.name, files)
    try:
        with compiling:
            etree.XMLSchema(pinned(relaxed))
    except etree.XMLSchemaParseError:
        return documents
    return relaxed


def _is_of_noun(kind: etree._Element, name: str, types: set[str]) -> bool:
    """Whether it is the type of the noun itself."""
    if kind.get("name"):
        return kind.get("name") in types
    parent = kind.getparent()
    return parent is not None and parent.get("name") == name and parent.getparent() is not None


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
