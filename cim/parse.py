"""The one place where XML is parsed.  All XML is hostile until it has passed `gate`.

First `cim.gate` reads the bytes, then a hardened lxml parser builds the tree.  Beside these two
(and `cim.cut`, which is a gate) nothing in the project calls an XML parser.  A document that
`cim.plain` proves harmless need not pass the gate: lxml tells whether it is well-formed in all.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from lxml import etree

from cim.gate import MESSAGE, MODEL, NOT_VALID, TOO_MUCH, Gate, Limits, admit, gate, not_well_formed
from cim.plain import LOADED, Elements, elements_of
from cim.violation import Refusal

__all__ = [
    "MESSAGE",
    "MODEL",
    "NOT_VALID",
    "PINNED",
    "TOO_MUCH",
    "Documents",
    "Enough",
    "Limits",
    "Target",
    "gate",
    "inflate",
    "line_of",
    "parse",
    "parse_with",
    "parsed",
    "parsed_own",
    "pinned",
    "scan",
]

RATIO = 200
"""More than this many bytes out of one compressed byte is an attack, not a message."""

_MEGABYTE = 1 << 20


def parse(data: bytes, limits: Limits = MESSAGE) -> etree._Element:
    """The root element of `data`, without comments.

    Raises: Refusal, code 3.1 for too much of something and 1.8 for all else.
    """
    return parsed(data, limits)[0]


def parsed(
    data: bytes, limits: Limits = MESSAGE, spaced: Collection[bytes] = ()
) -> tuple[etree._Element, Elements | None]:
    """As `parse`; and the elements once more, as `cim.plain` has read them, when it has.

    spaced: namespaces in which white space between elements says nothing.  Of a document in these
            alone it is left out where that can be told; a third of a document may be such.

    Raises: Refusal, in the words of the gate, whoever has found the fault.
    """
    elements = elements_of(data, limits) if LOADED.done() else None
    parser = _parsers.lxml
    if elements is None:
        gate(data, limits)
    elif elements.namespaces is not None and elements.namespaces.issubset(spaced):
        parser = _parsers.dense
    try:
        return etree.fromstring(data, parser), elements  # noqa: TID251
    except etree.XMLSyntaxError as error:
        if elements is not None:
            gate(data, limits)
        raise not_well_formed(error.msg, error.lineno) from None


def parsed_own(data: bytes) -> etree._Element | None:
    """The root element of what this hub itself has just written; None, when it is no XML.

    It passes no gate.
    """
    try:
        return etree.fromstring(data, _parsers.lxml)  # noqa: TID251
    except etree.XMLSyntaxError:
        return None


PINNED = "http://pinned.invalid/"
"""Where documents are said to lie that are in memory; the name can belong to nobody (RFC 2606)."""


@dataclass(frozen=True, eq=False)
class Documents:
    """Documents that have passed the gate, by file name, and which of them is meant."""

    name: str
    files: Mapping[str, bytes]

    def of(self, location: str) -> str | None:
        """Which file an absolute location means; of another place than ours, by its last name."""
        if location.startswith(PINNED):
            name = location.removeprefix(PINNED)
            return name if name in self.files else None
        last = location.rpartition("/")[2]
        return next((name for name in self.files if name.rpartition("/")[2] == last), None)


def pinned(documents: Documents) -> etree._Element:
    """The root of the document that is meant; what it imports is taken from the others alone."""

    def load(address: str) -> bytes:
        name = documents.of(address)
        if name is None:
            raise FileNotFoundError(address)
        return documents.files[name]

    data = documents.files[documents.name]
    return parse_with(data, load, PINNED + documents.name)


def parse_with(data: bytes, load: Callable[[str], bytes], address: str = "") -> etree._Element:
    """The root of a schema; what it imports comes from `load`, by address, and from nowhere else.

    address: of `data`, from which relative ones are counted.
    Raises: Refusal.  What `load` raises as OSError comes out where the schema is compiled.
    """
    gate(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True)  # noqa: TID251
    parser.resolvers.add(_Loader(load))
    return etree.fromstring(data, parser, base_url=address or "")  # noqa: TID251


class _Loader(etree.Resolver):
    def __init__(self, load: Callable[[str], bytes]) -> None:
        self._load = load

    # The stubs leave out the context, which lxml hands over and wants back.
    def resolve(  # type: ignore[override]
        self,
        system_url: str,
        public_id: str,  # noqa: ARG002
        context: Any,
    ) -> Any:
        content = self._load(system_url)
        gate(content)
        return self.resolve_string(content, context, base_url=system_url)


def line_of(element: etree._Element) -> int | None:
    """The line of `element` in the bytes it was parsed from, from 1."""
    return cast("int | None", element.sourceline)


class Enough(Exception):
    """Raised by a target that has seen what it wants."""


class Target(Protocol):
    """Takes the elements of a document as `scan` comes by them.

    What it raises as ValueError is a rule in words; the document is refused with it.  `Enough`
    says that it need not see the rest.
    """

    def start(self, name: str, attributes: list[str]) -> None:
        """An element begins.

        A name is "namespace\\nlocal" or, without namespace, "local"; `attributes` holds name,
        value, name, value.
        """
        ...

    def end(self, text: str) -> None:
        """It ends; `text` is what stands between its end and the tag before."""
        ...


def scan(data: bytes, limits: Limits, target: Target) -> None:
    """Hand every element of `data` to `target` in one gated pass; no tree is built.

    Raises: Refusal; the target may have seen the elements before the fault.
    """
    admit(data, limits)
    try:
        _Scan(limits, target).read(data)
    except Enough:
        gate(data, limits)


def inflate(data: bytes, limit: int) -> bytes:
    """The content of one gzip member.

    Raises: Refusal, when it is not one, is cut short or corrupt, is followed by other bytes, or
    holds more than `limit` bytes or more than `RATIO` times its size.
    """
    cap = min(limit, max(_MEGABYTE, RATIO * len(data)))
    stream = zlib.decompressobj(wbits=31)
    try:
        out = stream.decompress(data, cap + 1)
    except zlib.error as error:
        raise Refusal.of(NOT_VALID, f"The compressed payload is no gzip: {error}.") from None
    if len(out) > cap:
        raise Refusal.of(
            TOO_MUCH,
            f"The compressed payload holds more than {cap} bytes, the most that are accepted.",
        )
    if not stream.eof:
        raise Refusal.of(NOT_VALID, "The compressed payload is cut short.")
    if stream.unused_data:
        raise Refusal.of(NOT_VALID, "The compressed payload is followed by other bytes.")
    return out


class _Scan(Gate):
    """The same pass, with somebody who takes what is let through."""

    def __init__(self, limits: Limits, target: Target) -> None:
        super().__init__(limits)
        self.target = target
        self.pieces: list[str] = []
        self.parser.CharacterDataHandler = self.characters

    def start(self, name: str, attributes: list[str]) -> None:
        super().start(name, attributes)
        self.pieces.clear()
        try:
            self.target.start(name, attributes)
        except ValueError as error:
            self.refuse(NOT_VALID, str(error))

    def end(self, name: str) -> None:
        super().end(name)
        try:
            self.target.end("".join(self.pieces))
        except ValueError as error:
            self.refuse(NOT_VALID, str(error))
        self.pieces.clear()

    def characters(self, text: str) -> None:
        super().characters(text)
        self.pieces.append(text)


class _Parsers(threading.local):
    """A hardened parser for each thread: sharing one would make threads wait for each other."""

    def __init__(self) -> None:
        self.lxml = _hardened()
        self.dense = _hardened(remove_blank_text=True)


def _hardened(*, remove_blank_text: bool = False) -> etree.XMLParser:  # noqa: TID251
    return etree.XMLParser(  # noqa: TID251
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        recover=False,
        remove_blank_text=remove_blank_text,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # depth and sizes are the gate's; its limits are lower than lxml's
    )


_parsers = _Parsers()
