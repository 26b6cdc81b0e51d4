"""Documents within documents, taken out and put in as bytes: a feeder is too big to be a tree."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from lxml import etree

from cim.gate import PASSED, Gate, Limits, admit, gate
from cim.parse import parse

_NAME = re.compile(rb"<([^\s/>]+)")
_SPACE = re.compile(rb"\s*")
_END = re.compile(rb"</[^\s<>]+\s*>\s*\Z|/>\s*\Z")
_TAIL = 4096  # bytes at the end of a document in which its last tag is looked for


@dataclass(frozen=True)
class Root:
    """The root element of a document, as UTF-8 that stands by itself.

    name: "namespace\\nlocal", or "local" without a namespace.
    text: from its start tag to its end tag; no declaration, no byte order mark, nothing around it.
    """

    name: str
    text: memoryview


def root_of(data: bytes, limits: Limits) -> Root:
    """The root element of `data`, gated.  Raises: Refusal."""
    gate(data, limits)
    first = _First(limits)
    first.find(data)
    end = _end(data)
    if end is None or not first.is_utf8(data):
        data = etree.tostring(parse(data, limits), encoding="UTF-8")
        return Root(first.name, memoryview(data))
    return Root(first.name, memoryview(data)[first.begin : end])


def cut(data: bytes, limits: Limits, path: Sequence[str]) -> tuple[bytes, list[bytes]]:
    """Take out the elements that stand alone in those at `path`, in one gated pass.

    Returns `data` with an empty element of the same name in the place of each, on as many lines,
    and the elements, which have thereby passed `limits` as documents of their own.  Where that
    cannot be done for all of them (another encoding than UTF-8, namespaces declared farther out),
    nothing is cut: `data` as it is, and no elements.

    path: the names of root, child and so on, as in `Root.name`; the last is that of the elements,
          whose local name is another than that of the one around.
    Raises: Refusal.
    """
    admit(data, limits)
    found = _Cut(data, limits, path)
    found.read(data)
    if found.leans or not found.places or not found.is_utf8(data):
        PASSED.add(data, limits)
        return data, []
    pieces, rest, done = [], [], 0
    for begin, end in found.places:
        piece = data[begin:end]
        PASSED.add(piece, limits)
        pieces.append(piece)
        rest += [data[done:begin], _empty(path[-1], data.count(b"\n", begin, end))]
        done = end
    return b"".join((*rest, data[done:])), pieces


def opened(
    data: bytes, limits: Limits, headers: Collection[str]
) -> tuple[bytes, memoryview] | None:
    """The root element of `data`, gated, in two: its beginning, made whole, and the rest.

    The beginning holds the start tag, and the first child with the white space behind it if that
    is one of `headers`; an end tag is added, and lines before, so that each keeps its number.
    None, when there is no child, or `data` is not UTF-8 that ends with the root.

    headers: names, as in `Root.name`.
    Raises: Refusal.
    """
    gate(data, limits)
    head = _Head(data, limits, headers)
    with suppress(_Found):
        head.read(data)
    end = _end(data)
    if not head.split or end is None or not head.is_utf8(data):
        return None
    lines = b"\n" * data.count(b"\n", 0, head.begin)
    begun = data[head.begin : head.split]
    whole = b"%s%s</%s>" % (lines, begun, _raw(data, head.begin))
    return whole, memoryview(data)[head.split : end]


def root_name(data: bytes, limits: Limits) -> str:
    """The name of the root, as in `Root.name`, of a document of which no more is read.

    Raises: Refusal, for what stands before it.
    """
    admit(data, limits)
    first = _First(limits)
    first.find(data)
    return first.name


def _empty(name: str, lines: int) -> bytes:
    namespace, _, local = name.rpartition("\n")
    return b'<e:%s xmlns:e="%s"%s/>' % (local.encode(), namespace.encode(), b"\n" * lines)


def _end(data: bytes) -> int | None:
    """Where the root element ends; None when anything but white space may follow it.

    A document that is well-formed ends with the tag that closes its root, a comment or an
    instruction; the latter two end differently.
    """
    start = max(0, len(data) - _TAIL)
    found = _END.search(data[start:])
    if found is None or found[0].rstrip().endswith((b"-->", b"?>")):
        return None
    return start + found.start() + len(found[0].rstrip())


class _Placed(Gate):
    """A gate that knows how the document is encoded."""

    encoding: str | None = None

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        super().declaration(version, encoding, standalone)
        self.encoding = encoding

    def is_utf8(self, data: bytes) -> bool:
        """Whether the bytes of a document that was read are UTF-8, told by mark or declaration."""
        if data.startswith((b"\xfe\xff", b"\xff\xfe")) or b"\0" in data[:2]:
            return False
        return (self.encoding or "utf-8").lower() in ("utf-8", "us-ascii")


class _Found(Exception):
    """What is looked for has been read."""


class _First(_Placed):
    """Where the root begins; the rest is not read."""

    def find(self, data: bytes) -> None:
        with suppress(_Found):
            self.read(data)

    def start(self, name: str, attributes: list[str]) -> None:
        super().start(name, attributes)
        self.name, self.begin = name, self.parser.CurrentByteIndex
        raise _Found


class _Head(_Placed):
    """Where the first child of the root begins or, if it is one of `headers`, has ended.

    split: that place, after white space; 0 without a child.
    """

    def __init__(self, data: bytes, limits: Limits, headers: Collection[str]) -> None:
        super().__init__(limits)
        self.data, self.headers = data, headers
        self.begin = self.child = self.split = 0

    def start(self, name: str, attributes: list[str]) -> None:
        super().start(name, attributes)
        if self.depth == 1:
            self.begin = self.parser.CurrentByteIndex
        elif self.depth == 2:
            self.child = self.parser.CurrentByteIndex
            if name not in self.headers:
                self.split = self.child
                raise _Found

    def end(self, name: str) -> None:
        if self.depth == 2:
            after = _after(self.data, self.child, self.parser.CurrentByteIndex)
            self.split = _SPACE.match(self.data, after).end()  # type: ignore[union-attr]
            raise _Found
        super().end(name)


class _Cut(_Placed):
    """The places of the elements at `path`, each as begin and end.

    leans: whether something in one of them has a name whose namespace is declared outside of it.
    """

    def __init__(self, data: bytes, limits: Limits, path: Sequence[str]) -> None:
        super().__init__(limits)
        self.data, self.path = data, path
        self.places: list[tuple[int, int]] = []
        self.leans = False
        self.begin = self.matched = 0  # matched: how many of the open elements are those of `path`
        self.scope: list[str] = []
        self.outer: tuple[str, ...] = ()

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        super().namespace(prefix, uri)
        self.scope.append(f"{uri}\n")

    def namespace_end(self, prefix: str | None) -> None:
        super().namespace_end(prefix)
        self.scope.pop()

    def start(self, name: str, attributes: list[str]) -> None:
        super().start(name, attributes)
        if self.matched < len(self.path):
            if self.matched < self.depth - 1 or name != self.path[self.matched]:
                return
            self.matched += 1
            if self.matched < len(self.path):
                self.outer = tuple(self.scope)
                return
            self.begin = self.parser.CurrentByteIndex
        if name.startswith(self.outer):
            self.leans = True
        for attribute in attributes[::2]:
            if attribute.startswith(self.outer):
                self.leans = True

    def end(self, name: str) -> None:
        if self.matched == self.depth:
            if self.matched == len(self.path):
                index = self.parser.CurrentByteIndex
                self.places.append((self.begin, _after(self.data, self.begin, index)))
            self.matched -= 1
        super().end(name)


def _after(data: bytes, begin: int, index: int) -> int:
    """The end of the element from `begin`, which ends at `index`: there stands its end tag, if it
    has one."""
    if re.compile(rb"</%s[\s>]" % re.escape(_raw(data, begin))).match(data, index):
        return data.index(b">", index) + 1
    return index


def _raw(data: bytes, begin: int) -> bytes:
    """The name, with its prefix, in the start tag at `begin`."""
    return _NAME.match(data, begin)[1]  # type: ignore[index]
