"""Envelopes of the second edition (IEC 61968-100:2022), by the schema that a utility supplies.

The standard's own envelope schema is not public.  Who has it names it, and the hub validates
against it; what then has the names of edition 1 is read as that, and what the hub says is written
with these names and goes out where the schema allows it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from cim import override
from cim.envelope.aliases import current
from cim.message import Edition
from cim.parse import parse, parse_with
from cim.places import local_name, place_of
from cim.profiles import NOUNS, declared
from cim.schema.build import maker
from cim.schema.edition2 import EDITION_2
from cim.schema.names import MESSAGE, XS
from cim.validation import compile_schema, told
from cim.violation import Refusal

_NOUN = "urn:gridbus:edition2:"
_LARGEST = 4 * 1024 * 1024  # of one schema file
_KEPT = 64  # schemas of one thread


class Edition2:
    """The envelope schema at `path`, with whatever lies beside it.

    Nouns are not its business: it lets any stand for its AbstractPayload, and they are held against
    their own schemas (or those of the utility) afterwards, as in edition 1.

    Raises: ValueError, when it cannot be used; what is outside its folder is never read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._compiled = threading.local()
        self._schema(())
        first = next(iter(NOUNS.values()))
        self._schema((f"{{{first.namespace}}}{first.__name__}",))

    def to_edition_1(self, root: etree._Element) -> None:
        """Rename, in place, a valid envelope of edition 2 to one of edition 1.  Raises: Refusal."""
        schema = self._schema(_nouns(root))
        if not schema.validate(root):
            raise Refusal(told(root, schema))
        for element in root.iter(f"{{{EDITION_2}}}*"):
            element.tag = f"{{{MESSAGE}}}{local_name(element)}"

    def of_edition_1(self, root: etree._Element) -> etree._Element:
        """An envelope that was written as one of edition 1, as one of edition 2; `root` is used up.

        Raises: Refusal, when the schema does not let it be said.
        """
        made = _moved(root)
        schema = self._schema(_nouns(made))
        if schema.validate(made):
            return made
        why = f"{self.path.name}, the envelope of edition 2, does not let the hub say it."
        broken = told(made, schema)
        raise Refusal(tuple(replace(v, rule=f"{v.rule} {why}", line=None) for v in broken))

    def _schema(self, nouns: tuple[str, ...]) -> etree.XMLSchema:
        """For messages that carry `nouns`; for each thread its own: error logs are not shared."""
        known: dict[tuple[str, ...], etree.XMLSchema]
        known = self._compiled.__dict__.setdefault("known", {})
        if nouns not in known:
            if len(known) >= _KEPT:
                known.clear()
            known[nouns] = self._compile(nouns)
        return known[nouns]

    def _compile(self, nouns: tuple[str, ...]) -> etree.XMLSchema:
        names: dict[str, list[str]] = {}
        for name in map(etree.QName, nouns):
            names.setdefault(name.namespace or "", []).append(name.localname)
        stubs = {_NOUN + space: _stub(space, locals_) for space, locals_ in names.items()}
        xs = maker(XS, {"xs": XS})
        driver = xs("schema", xs("import", namespace=EDITION_2, schemaLocation=self.path.as_uri()))
        for space in names:
            driver.append(xs("import", namespace=space, schemaLocation=_NOUN + space))
        try:
            data = etree.tostring(driver)
            return compile_schema(parse_with(data, lambda address: self._load(address, stubs)))
        except (etree.XMLSchemaParseError, OSError, Refusal) as error:
            raise ValueError(f"{self.path} is no schema of an envelope: {error}") from None

    def _load(self, address: str, stubs: Mapping[str, bytes]) -> bytes:
        """Raises: OSError for what is not beside the schema."""
        if address in stubs:
            return stubs[address]
        path = Path(unquote(urlsplit(address).path)).resolve()
        if path.parent != self.path.parent and self.path.parent not in path.parents:
            raise OSError(f"{address} is not beside it")
        if path.stat().st_size > _LARGEST:
            raise OSError(f"{address} is too large")
        content = path.read_bytes()
        parse(content)
        return content


def edition_of(root: etree._Element) -> Edition:
    """That of an envelope; of anything else the first."""
    space = etree.QName(root).namespace
    return Edition.SECOND if space == EDITION_2 else Edition.FIRST


def refuse(root: etree._Element) -> None:
    """Raises: Refusal for an envelope of edition 2, whose schema nobody has supplied."""
    if edition_of(root) is Edition.SECOND:
        line, xpath = place_of(root)
        rule = (
            f"{local_name(root)} is an envelope of IEC 61968-100 ed.2, whose schema is not public:"
        )
        rule += " supply it and name it in schemas.edition2 of hub.toml, or send edition 1."
        raise Refusal.of("1.9", rule, line=line, xpath=xpath, value=EDITION_2)


def _moved(root: etree._Element) -> etree._Element:
    """The same in the namespace of edition 2, as the default one; `root` is used up."""
    for element in list(root.iter(f"{{{MESSAGE}}}*")):
        element.tag = f"{{{EDITION_2}}}{local_name(element)}"
    default: Any = {None: EDITION_2}
    made = etree.Element(root.tag, nsmap=default)
    made.extend(list(root))
    return made


def _nouns(root: etree._Element) -> tuple[str, ...]:
    """The nouns and queries that an envelope carries, as {namespace}name."""
    return tuple(sorted({one.tag for one in _carried(root) if _is_noun(one)}))


def _carried(root: etree._Element) -> Iterator[etree._Element]:
    yield from root.iterfind("*/*")
    yield from root.iterfind("{*}Payload/{*}OperationSet/{*}Operation/*")


def _is_noun(element: etree._Element) -> bool:
    """Whether it is one of ours, by today's namespace, an older one or that of the utility."""
    name = etree.QName(element)
    profile = declared(name.localname)
    if profile is None:
        return False
    return current(name.namespace or "") == profile.namespace or bool(override.noun_of(element.tag))


def _stub(space: str, names: Iterable[str]) -> bytes:
    """A schema in which these nouns stand for AbstractPayload, whatever is in them."""
    xs = maker(XS, {"xs": XS, "part100": EDITION_2})
    anything = xs(
        "any",
        namespace="##targetNamespace",
        processContents="skip",
        minOccurs="0",
        maxOccurs="unbounded",
    )
    extension = xs("extension", xs("sequence", anything), base="part100:AbstractPayloadType")
    kind = xs("complexType", xs("complexContent", extension), name="Noun")
    # The envelope is there already, from the same driver: it is not to be loaded twice.
    needed = xs("import", namespace=EDITION_2)
    schema = xs("schema", needed, kind, targetNamespace=space)
    for name in names:
        group = {"type": "m:Noun", "substitutionGroup": "part100:AbstractPayload"}
        schema.append(maker(XS, {"m": space})("element", name=name, **group))
    return etree.tostring(schema)
