"""The files of the contracts as they hold here: a utility's own XSD in the place of ours.

What is served and exported is generated from the profiles; where a utility's XSD or namespace holds
(`cim.override`), the files that say something of the noun say that.  WSDL and RDF schemas do not.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import quote, urljoin

from cim import override
from cim.override import Theirs, moved
from cim.parse import PINNED, Documents
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.schema import files_of, noun_xsd

FOLDER = "theirs"
"""Where the utility's files lie beside ours: their names may be the same."""

_LOCATION = re.compile(rb"""(schemaLocation\s*=\s*)(["'])(.*?)\2""", re.DOTALL)


def held() -> dict[str, bytes]:
    """All files that differ from the generated ones, and those they refer to, by name."""
    return {name: data for noun in NOUNS.values() for name, data in held_of(noun).items()}


def held_of(noun: type[Profile]) -> dict[str, bytes]:
    """Those of one noun and its query; empty where nothing but our own holds."""
    roots = [root for root in (noun, noun.query) if root is not None and _differs(root)]
    made = {name: data for root in roots for name, data in _schemas(root, noun)}
    if roots:
        messages = (f for f in files_of(noun) if f[0].endswith("Message.xsd"))
        made |= {name: _imports_theirs(data, roots) for name, data in messages}
    return made


def _differs(root: type[Profile]) -> bool:
    name = root.__name__
    return override.theirs(name) is not None or override.namespace_of(name) is not None


def _imports_theirs(data: bytes, roots: list[type[Profile]]) -> bytes:
    """The schema of messages, with the nouns in the namespaces of the utility."""
    for root in roots:
        data = moved(data, root.namespace, _space(root))
    return data


def _space(root: type[Profile]) -> str:
    return override.namespace_of(root.__name__) or root.namespace


def _schemas(root: type[Profile], noun: type[Profile]) -> Iterator[tuple[str, bytes]]:
    """The schema of a noun or query and, of a noun, that of what changes it."""
    name = root.__name__
    theirs = override.theirs(name)
    forms = {f"{name}.xsd": False}
    if root is noun and any(file == f"{name}Change.xsd" for file, _ in files_of(noun)):
        forms[f"{name}Change.xsd"] = True
    for file, partial in forms.items():
        if theirs is None:
            data = noun_xsd(root, partial=partial and not root.whole)
            yield file, moved(data, root.namespace, _space(root))
        else:
            yield from _theirs(root, theirs, file, partial=partial)


def _theirs(
    root: type[Profile], theirs: Theirs, file: str, *, partial: bool
) -> Iterator[tuple[str, bytes]]:
    folder = posixpath.join(FOLDER, file.removesuffix(".xsd"))
    documents = theirs.pinned(partial=partial)
    places = {name: posixpath.join(folder, name) for name in theirs.needed}
    places[theirs.file] = file
    for name, place in places.items():
        data = moved(documents.files[name], root.namespace, theirs.namespace)
        yield place, _located(data, name, documents, places)


def _located(data: bytes, name: str, documents: Documents, places: dict[str, str]) -> bytes:
    """A document whose imports lead to where the others lie now."""

    def located(found: re.Match[bytes]) -> bytes:
        location = found[3].decode("utf-8", "replace")
        meant = documents.of(urljoin(PINNED + name, location))
        if meant not in places:
            return found[0]
        place = posixpath.relpath(places[meant], posixpath.dirname(places[name]) or ".")
        return found[1] + found[2] + quote(place).encode() + found[2]

    return _LOCATION.sub(located, data)
