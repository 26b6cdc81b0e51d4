"""Line and column of what a refusal is about, looked up in the bytes that were refused.

lxml knows the line of an element and no column; a message that was cut out of another document
has lines of its own.  Both are found again by the XPath that the refusal names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace

from cim.gate import MODEL, Gate
from cim.violation import Refusal, Violation

LARGEST = 4 * 1024 * 1024
"""Bytes of a document that is looked through once more; of larger ones the lines stay as told."""

_STEP = re.compile(r"/([^/\[]+)(?:\[(\d+)\])?")


def located(violations: tuple[Violation, ...], data: bytes) -> tuple[Violation, ...]:
    """The violations with line and column in `data`, where their XPath leads to an element."""
    wanted = {v.xpath for v in violations if v.xpath}
    if not wanted or len(data) > LARGEST:
        return violations
    places = _Places({_numbered(xpath) for xpath in wanted}).of(data)
    return tuple(_at(v, places.get(_numbered(v.xpath or ""))) for v in violations)


def _at(violation: Violation, place: tuple[int, int] | None) -> Violation:
    return replace(violation, line=place[0], column=place[1]) if place else violation


def _numbered(xpath: str) -> str:
    """Every step with its number: "/a/b[2]" becomes "/a[1]/b[2]"."""
    return _STEP.sub(lambda m: f"/{m[1]}[{m[2] or 1}]", xpath)


class _AllFound(Exception):
    """Nothing more is wanted."""


class _Places(Gate):
    """Where the elements begin that certain numbered paths lead to."""

    def __init__(self, wanted: Collection[str]) -> None:
        super().__init__(MODEL)
        self._wanted = {path: path for path in wanted}  # from the root -> as it was asked
        self._found: dict[str, tuple[int, int]] = {}
        self._open: list[tuple[str, Counter[str]]] = [("", Counter())]

    def of(self, data: bytes) -> Mapping[str, tuple[int, int]]:
        """Line and column by path; of bytes that break off, what comes before."""
        with suppress(Refusal, _AllFound):
            self.read(data)
        return self._found

    def start(self, name: str, attributes: list[str]) -> None:
        super().start(name, attributes)
        above, counts = self._open[-1]
        local = name.rpartition("\n")[2]
        counts[local] += 1
        path = f"{above}/{local}[{counts[local]}]"
        self._open.append((path, Counter()))
        if not above:
            self._wanted = {_from(path, asked): asked for asked in self._wanted}
        if (asked := self._wanted.pop(path, None)) is not None:
            at = self.parser
            self._found[asked] = at.CurrentLineNumber, at.CurrentColumnNumber + 1
        if not self._wanted:
            raise _AllFound

    def end(self, name: str) -> None:
        super().end(name)
        self._open.pop()


def _from(root: str, path: str) -> str:
    """Who checks a message that is read already leaves its root out: "/Header/MessageID"."""
    return path if path == root or path.startswith(f"{root}/") else root + path
