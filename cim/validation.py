"""Is this element valid against its schema, and if not, which rule is broken where?

lxml gives the verdict; xmlschema, thirty to sixty times slower, only explains a rejection.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from functools import cache
from itertools import islice
from typing import Any

from lxml import etree

from cim import override
from cim.explanation import Flaw, explain, missing_code
from cim.message import Message, OperationSet, Verb
from cim.override import Theirs
from cim.parse import Documents, line_of, parse, pinned
from cim.places import follow, place_of, xpath_of
from cim.profile import Profile, attributes
from cim.profiles import NOUNS, declared
from cim.schema import envelope_xsd, noun_xsd
from cim.schema.library import compiling
from cim.schema.names import MESSAGE
from cim.schema.xsd import reachable
from cim.violation import Refusal, Violation

REPORTED = 5
"""How many broken rules are told of one document."""

EXPLAINED = 5_000
"""Documents of more elements get lxml's own words: explaining would take seconds."""

Source = bytes | Documents
"""A schema that imports nothing, or one with all that it imports."""

TIME = re.compile(r"\s*[-0-9]\S*\s*")
"""A time, with white space around it or not."""


def violations(root: etree._Element, *, partial: bool = False) -> tuple[Violation, ...]:
    """The rules that `root`, an envelope or a noun, breaks; empty when it is schema valid.

    partial: whether the noun only says which object and what is new (`cim.message.Verb`).

    White space around a time is removed in place: XML Schema allows it, libxml2 does not.  What an
    envelope carries as payload is not looked at.  Where a utility's XSD holds (`cim.override`), the
    elements are put into our order in place, once they are valid by that.
    """
    root = override.own(root)
    name = schema_of(root)
    if name is None:
        return (_unknown(root),)
    theirs = override.theirs(name)
    if theirs is None:
        return _broken(root, name, _source(name, partial))
    if broken := _broken(root, name, theirs.pinned(partial=partial)):
        return tuple(_by(v, theirs) for v in broken)
    theirs.ours.arrange(root)
    return tuple(_unfit(v, theirs) for v in _broken(root, name, _source(name, partial)))


def _broken(root: etree._Element, name: str, source: Source) -> tuple[Violation, ...]:
    schema = _schemas.get(source)
    if schema.validate(root) or (_unpad(root, name) and schema.validate(root)):
        return ()
    return tuple(islice(_told(root, source, schema), REPORTED))


def _by(violation: Violation, theirs: Theirs) -> Violation:
    """A rule of the utility's, with the file that says so."""
    rule = f"{violation.rule} {theirs.file} says so, which holds for {theirs.name} here."
    return replace(violation, rule=rule)


def _unfit(violation: Violation, theirs: Theirs) -> Violation:
    """What the utility's XSD allows and the profile has no place for would be lost."""
    rule = f"{violation.rule} {theirs.file} allows it, but the hub cannot hold it."
    return replace(violation, rule=rule)


def check_outward(message: Message, to: str) -> None:
    """Look at what goes out, in whatever form, by the utility's own XSD files.

    to: who gets it, for the sentence.
    Raises: Refusal, when it breaks one; what our own schemas say was looked at before.
    """
    for said, verb in _said(message):
        if override.theirs(type(said).__name__) is None:
            continue
        if broken := violations(override.encode(said), partial=verb.is_partial(type(said))):
            why = f"It is not sent to {to}."
            raise Refusal(tuple(replace(v, rule=f"{v.rule} {why}", line=None) for v in broken))


def _said(message: Message) -> Iterator[tuple[Profile, Verb]]:
    """The nouns and the query of a message, each with its verb."""
    verb, payload = message.header.verb, message.payload
    if message.request is not None and message.request.query is not None:
        yield message.request.query, verb
    if isinstance(payload, Profile):
        yield payload, verb
    elif isinstance(payload, OperationSet):
        for one in payload.operations:
            if one.payload is not None:
                yield one.payload, one.verb or verb


def schema_of(root: etree._Element) -> str | None:
    """The name of the schema that `root` must follow: "Message", a noun, or a query."""
    name = etree.QName(root)
    if name.namespace == MESSAGE:
        return "Message"
    if (known := override.noun_of(root.tag)) is not None:
        return known
    noun = declared(name.localname)
    return name.localname if noun is not None and noun.namespace == name.namespace else None


def compile_schema(source: etree._Element) -> etree.XMLSchema:
    """One after the other, whoever asks.  Raises: etree.XMLSchemaParseError."""
    with compiling:
        return etree.XMLSchema(source)


def told(root: etree._Element, schema: etree.XMLSchema) -> tuple[Violation, ...]:
    """What `schema`, which has just rejected `root`, says of it, in libxml2's words."""
    return tuple(islice(_logged(root, schema), REPORTED))


class _Schemas(threading.local):
    """Compiled schemas, for each thread its own: the error log of one is not thread safe."""

    def __init__(self) -> None:
        self._compiled: dict[Source, etree.XMLSchema] = {}

    def get(self, source: Source) -> etree.XMLSchema:
        if source not in self._compiled:
            root = parse(source) if isinstance(source, bytes) else pinned(source)
            self._compiled[source] = compile_schema(root)
        return self._compiled[source]


_schemas = _Schemas()


@cache
def _source(name: str, partial: bool) -> bytes:
    noun = declared(name)
    return envelope_xsd() if noun is None else noun_xsd(noun, partial=partial)


def _told(root: etree._Element, source: Source, schema: etree.XMLSchema) -> Iterator[Violation]:
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
