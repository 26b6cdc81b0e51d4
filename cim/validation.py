"""Is this element valid against its schema, and if not, which rule is broken where?

lxml gives the verdict; xmlschema, thirty to sixty times slower, only explains a rejection.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from functools import cache
from itertools import islice
from typing import Any

from lxml import etree

from cim.explanation import Flaw, explain, missing_code
from cim.parse import line_of, parse
from cim.places import follow, place_of, xpath_of
from cim.profile import Profile, attributes
from cim.profiles import NOUNS, declared
from cim.schema import envelope_xsd, noun_xsd
from cim.schema.names import MESSAGE
from cim.schema.xsd import reachable
from cim.violation import Violation

REPORTED = 5
"""How many broken rules are told of one document."""

EXPLAINED = 5_000
"""Documents of more elements get lxml's own words: explaining would take seconds."""

TIME = re.compile(r"\s*[-0-9]\S*\s*")
"""A time, with white space around it or not."""
"""A time, with white space around it or not."""


def violations(root: etree._Element, *, partial: bool = False) -> tuple[Violation, ...]:
    """The rules that `root`, an envelope or a noun, breaks; empty when it is schema valid.

    partial: whether the noun only says which object and what is new (`cim.message.Verb`).

    White space around a time is removed in place: XML Schema allows it, libxml2 does not.  What an
    envelope carries as payload is not looked at.
    """
    name = schema_of(root)
    if name is None:
        return (_unknown(root),)
    schema = _schemas.get(name, partial)
    if schema.validate(root) or (_unpad(root, name) and schema.validate(root)):
        return ()
    return tuple(islice(_told(root, _source(name, partial), schema), REPORTED))


def schema_of(root: etree._Element) -> str | None:
    """The name of the schema that `root` must follow: "Message", a noun, or a query."""
    name = etree.QName(root)
    if name.namespace == MESSAGE:
        return "Message"
    noun = declared(name.localname)
    return name.localname if noun is not None and noun.namespace == name.namespace else None


_compiling = threading.Lock()
"""libxml2 sets up its built-in types with the first schema, and two threads at once break them for
the rest of the process."""


def compile_schema(source: etree._Element) -> etree.XMLSchema:
    """One after the other, whoever asks.  Raises: etree.XMLSchemaParseError."""
    with _compiling:
        return etree.XMLSchema(source)


def told(root: etree._Element, schema: etree.XMLSchema) -> tuple[Violation, ...]:
    """What `schema`, which has just rejected `root`, says of it, in libxml2's words."""
    return tuple(islice(_logged(root, schema), REPORTED))


class _Schemas(threading.local):
    """Compiled schemas, for each thread its own: the error log of one is not thread safe."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, bool], etree.XMLSchema] = {}

    def get(self, name: str, partial: bool) -> etree.XMLSchema:
        key = name, partial
        if key not in self._compiled:
            self._compiled[key] = compile_schema(parse(_source(name, partial)))
        return self._compiled[key]


_schemas = _Schemas()


@cache
def _source(name: str, partial: bool) -> bytes:
    noun = declared(name)
    return envelope_xsd() if noun is None else noun_xsd(noun, partial=partial)


def _told(root: etree._Element, source: bytes, schema: etree.XMLSchema) -> Iterator[Violation]:
    """What is wrong, by whoever can say it; an explanation that finds nothing yields to lxml."""
    flaws: Iterator[Flaw] = iter(())
    if next(islice(root.iter(), EXPLAINED, None), None) is None:
        flaws = explain(root, source)
    first = next(flaws, None)
    if first is None:
        yield from _logged(root, schema)
    else:
        yield _violation(first)
        yield from map(_violation, flaws)


def _violation(flaw: Flaw) -> Violation:
    line, xpath = place_of(flaw.element)
    return Violation(code=flaw.code, rule=flaw.rule, line=line, xpath=xpath, value=flaw.value)


def _logged(root: etree._Element, schema: etree.XMLSchema) -> Iterator[Violation]:
    log: Iterable[Any] = schema.error_log  # type: ignore[assignment]
    for entry in log:
        element = follow(root, entry.path or "")
        rule = re.sub(r"\{[^}]*\}", "", entry.message)
        code = missing_code(element) if "Missing child element" in rule else "1.8"
        yield Violation(code=code, rule=rule, line=entry.line, xpath=xpath_of(element))


def _unknown(root: etree._Element) -> Violation:
    name = etree.QName(root)
    noun = NOUNS.get(name.localname)
    if noun is None:
        rule = f"{name.localname} is no noun of this hub; it knows {', '.join(NOUNS)}."
        code = "2.5"
    else:
        rule = f"{name.localname} is in the namespace {name.namespace!r}; it must be in "
        rule += f"{noun.namespace!r}."
        code = "1.8"
    return Violation(code=code, rule=rule, line=line_of(root), xpath=xpath_of(root))


def _unpad(root: etree._Element, name: str) -> bool:
    """Remove white space around times; whether there was any."""
    changed = False
    for element in root.iter(*times_of(name)):
        text = element.text or ""
        if text != text.strip() and TIME.fullmatch(text):
            element.text = text.strip()
            changed = True
    return changed


_MOMENTS = (datetime, date, time)
_ENVELOPE_TIMES = ("Timestamp", "Created", "StartTime", "EndTime")


@cache
def times_of(name: str) -> tuple[str, ...]:
    """The tags that hold a time in the schema called `name`."""
    noun = declared(name)
    if noun is None:
        return tuple(f"{{{MESSAGE}}}{tag}" for tag in _ENVELOPE_TIMES)
    classes = [kind for kind in reachable(noun) if issubclass(kind, Profile)]
    tags = {a.tag for kind in classes for a in attributes(kind) if a.type in _MOMENTS}
    return tuple(f"{{{noun.namespace}}}{tag}" for tag in sorted(tags))
