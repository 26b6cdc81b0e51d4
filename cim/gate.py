"""The gate: one pass of expat over a document before anything else may look at it.

It lets through neither a DTD nor a processing instruction (but a model may have the one of
IEC 61970-552), nor more depth, elements, attributes, namespaces or text than `Limits` allow.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import NoReturn
from xml.parsers import expat  # noqa: TID251

from cim.violation import Refusal

NOT_VALID = "1.8"
TOO_MUCH = "3.1"
ENCODINGS = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "iso-8859-1"})

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


class Passed:
    """Remembers which documents of late have passed the gate.

    Safe, because a verdict depends on nothing but the bytes and the limits, and both are the key:
    the limits as a whole, neither laxer nor stricter ones, and the 256-bit BLAKE2b digest of all
    the bytes, of which nobody can make two documents with the same one.  Refusals are not kept.

    smallest: bytes from which a digest is cheaper than another look.
    most:     digests that are kept, those of late.
    """

    def __init__(self, smallest: int = _MEGABYTE, most: int = 64) -> None:
        self._smallest, self._most = smallest, most
        self._keys: OrderedDict[tuple[bytes, Limits], None] = OrderedDict()
        self._lock = Lock()

    def knows(self, data: bytes, limits: Limits) -> bool:
        """Whether exactly these bytes have passed exactly these limits."""
        if len(data) < self._smallest:
            return False
        key = _digest(data), limits
        with self._lock:
            return key in self._keys

    def add(self, data: bytes, limits: Limits) -> None:
        """Take note that they have."""
        if len(data) < self._smallest:
            return
        key = _digest(data), limits
        with self._lock:
            self._keys[key] = None
            self._keys.move_to_end(key)
            while len(self._keys) > self._most:
                self._keys.popitem(last=False)


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=32).digest()


PASSED = Passed()


def gate(data: bytes, limits: Limits = MESSAGE) -> None:
    """Look at `data` from beginning to end before any other parser does.  Raises: Refusal.

    Of what has passed, a document of more than a megabyte is known again by its digest.
    """
    admit(data, limits)
    if not PASSED.knows(data, limits):
        Gate(limits).read(data)
        PASSED.add(data, limits)


def admit(data: bytes, limits: Limits) -> None:
    """Refuse what is empty or too long."""
    if not data or data.isspace():
        raise Refusal.of(NOT_VALID, "There is no document: the body is empty.")
    if len(data) > limits.bytes:
        raise Refusal.of(
            TOO_MUCH, f"The document has {len(data)} bytes; at most {limits.bytes} are accepted."
        )


class Gate:
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
            reason = expat.ErrorString(error.code)
            raise not_well_formed(reason, error.lineno, error.offset + 1) from None
        except (LookupError, ValueError) as error:
            if isinstance(error, Refusal):
                raise
            raise not_well_formed(str(error), 1) from None
        finally:
            # It holds our methods: together with all we know we would wait to be collected.
            del self.parser

    def refuse(self, code: str, rule: str) -> NoReturn:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise Refusal.of(code, rule, line=line, column=column)

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


def not_well_formed(reason: str | None, line: int | None, column: int | None = None) -> Refusal:
    """The refusal of what no XML parser could read."""
    rule = f"The document is not well-formed XML: {reason}."
    return Refusal.of(NOT_VALID, rule, line=line, column=column)
