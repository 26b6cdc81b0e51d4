"""The one place where XML is parsed.  All XML is hostile until it has passed `gate`.

`gate` reads the bytes once with expat and lets through neither a DTD nor a processing instruction
(but a model may have the one of IEC 61970-552), nor more depth, elements, attributes, namespaces or
text than `Limits` allow; then a hardened lxml parser builds the tree.  Nothing else in the project
calls an XML parser.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, Protocol, cast
from xml.parsers import expat  # noqa: TID251

from lxml import etree

from cim.violation import Refusal

NOT_VALID = "1.8"
TOO_MUCH = "3.1"
ENCODINGS = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "iso-8859-1"})
RATIO = 200
"""More than this many bytes out of one compressed byte is an attack, not a message."""

_MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """How much one document may hold.

    bytes:      of the document as received.
    depth:      of nested elements.
    elements:   in all.
    attributes: of one element.
    namespaces: declared and in scope at one place.
    name:       characters of a name with its namespace.
    value:      characters of an attribute value.
    text:       characters between two tags.
    comment:    characters of a comment.
    instructions: targets of the processing instructions that are passed over.
    """

    bytes: int
    depth: int = 64
    elements: int = 2_000_000
    attributes: int = 128
    namespaces: int = 128
    name: int = 512
    value: int = 65_536
    text: int = 32 * _MEGABYTE
    comment: int = 65_536
    instructions: frozenset[str] = frozenset()


MESSAGE = Limits(bytes=32 * _MEGABYTE)
MODEL = Limits(bytes=512 * _MEGABYTE, elements=20_000_000, instructions=frozenset({"iec61970-552"}))


def parse(data: bytes, limits: Limits = MESSAGE) -> etree._Element:
    """The root element of `data`, without comments.

    Raises: Refusal, code 3.1 for too much of something and 1.8 for all else.
    """
    gate(data, limits)
    try:
        return etree.fromstring(data, _parsers.lxml)  # noqa: TID251
    except etree.XMLSyntaxError as error:
        raise _not_well_formed(error.msg, error.lineno) from None


def gate(data: bytes, limits: Limits = MESSAGE) -> None:
    """Look at `data` from beginning to end before any other parser does.  Raises: Refusal."""
    _admit(data, limits)
    _Gate(limits).read(data)


def _admit(data: bytes, limits: Limits) -> None:
    if not data.strip():
        raise Refusal.of(NOT_VALID, "There is no document: the body is empty.")
    if len(data) > limits.bytes:
        raise Refusal.of(
            TOO_MUCH, f"The document has {len(data)} bytes; at most {limits.bytes} are accepted."
        )


def line_of(element: etree._Element) -> int | None:
    """The line of `element` in the bytes it was parsed from, from 1."""
    return cast("int | None", element.sourceline)


class Target(Protocol):
    """Takes the elements of a document as `scan` comes by them.

    What it raises as ValueError is a rule in words; the document is refused with it.
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
    _admit(data, limits)
    _Scan(limits, target).read(data)


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


class _Gate:
    """One pass of expat over one document."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.depth = self.elements = self.namespaces = self.text = 0
        self.parser = expat.ParserCreate(namespace_separator="\n")

    def read(self, data: bytes) -> None:
        parser, limits = self.parser, self.limits
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.XmlDeclHandler = self.declaration
        parser.StartDoctypeDeclHandler = self.forbidden("A document type definition (DTD)")
        parser.ProcessingInstructionHandler = self.instruction
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.StartNamespaceDeclHandler = self.namespace
        parser.EndNamespaceDeclHandler = self.namespace_end
        # A document that is shorter than the limit cannot hold a text that is longer.
        if len(data) > limits.text:
            parser.CharacterDataHandler = self.characters
        if len(data) > limits.comment:
            parser.CommentHandler = self.comment
        try:
            # One call: fed in pieces, expat before 2.6 scans a long token again and again.
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise _not_well_formed(expat.ErrorString(error.code), error.lineno) from None
        except (LookupError, ValueError) as error:
            if isinstance(error, Refusal):
                raise
            raise _not_well_formed(str(error), 1) from None

    def refuse(self, code: str, rule: str) -> NoReturn:
        raise Refusal.of(code, rule, line=self.parser.CurrentLineNumber)

    def too_many(self, what: str, limit: int) -> NoReturn:
        self.refuse(TOO_MUCH, f"{what}: at most {limit} are accepted.")

    def forbidden(self, what: str) -> Callable[..., None]:
        def refuse(*_: object) -> None:
            self.refuse(NOT_VALID, f"{what} is not accepted; messages need none.")

        return refuse

    def instruction(self, target: str, _data: str) -> None:
        if target not in self.limits.instructions:
            self.forbidden("A processing instruction")()

    def declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0":
            self.refuse(NOT_VALID, f"XML {version} is not accepted; write XML 1.0.")
        if encoding is not None and encoding.lower() not in ENCODINGS:
            self.refuse(NOT_VALID, f"The encoding {encoding} is not accepted; write UTF-8.")

    def start(self, name: str, attributes: list[str]) -> None:
        limits = self.limits
        self.depth += 1
        self.elements += 1
        self.text = 0
        if self.depth > limits.depth:
            self.too_many("Elements inside one another", limits.depth)
        if self.elements > limits.elements:
            self.too_many("Elements", limits.elements)
        if len(name) > limits.name:
            self.too_many("Characters of a name", limits.name)
        if attributes:
            self.attributes(attributes)

    def attributes(self, attributes: list[str]) -> None:
        if len(attributes) > 2 * self.limits.attributes:
            self.too_many("Attributes of one element", self.limits.attributes)
        if max(map(len, attributes[0::2])) > self.limits.name:
            self.too_many("Characters of a name", self.limits.name)
        if max(map(len, attributes[1::2])) > self.limits.value:
            self.too_many("Characters of an attribute value", self.limits.value)

    def end(self, _name: str) -> None:
        self.depth -= 1
        self.text = 0

    def namespace(self, _prefix: str | None, _uri: str | None) -> None:
        self.namespaces += 1
        if self.namespaces > self.limits.namespaces:
            self.too_many("Namespaces in scope", self.limits.namespaces)

    def namespace_end(self, _prefix: str | None) -> None:
        self.namespaces -= 1

    def characters(self, text: str) -> None:
        self.text += len(text)
        if self.text > self.limits.text:
            self.too_many("Characters of one text", self.limits.text)

    def comment(self, text: str) -> None:
        if len(text) > self.limits.comment:
            self.too_many("Characters of a comment", self.limits.comment)


class _Scan(_Gate):
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
        self.lxml = etree.XMLParser(  # noqa: TID251
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            attribute_defaults=False,
            recover=False,
            remove_comments=True,
            remove_pis=True,
            huge_tree=True,  # depth and sizes are the gate's; its limits are lower than lxml's
        )


_parsers = _Parsers()


def _not_well_formed(reason: str | None, line: int | None) -> Refusal:
    return Refusal.of(NOT_VALID, f"The document is not well-formed XML: {reason}.", line=line)
