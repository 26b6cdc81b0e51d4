"""A refusal says which tolerances, that are not granted, would put right what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from lxml import etree

from cim.dialect.corrections import Frame
from cim.dialect.dialect import HINTED, SOAP, TOLERANCES, Dialect
from cim.dialect.soap import is_soap, message_in
from cim.envelope.aliases import canonical
from cim.violation import Refusal


@contextmanager
def hinted(root: etree._Element, dialect: Dialect) -> Iterator[None]:
    """Whatever refuses `root` in here names them.  Raises: that Refusal."""
    try:
        yield
    except Refusal as refusal:
        frame = Frame(dialect.zone, dialect.time_format, dialect.codes)
        missing = [name for name in HINTED if name not in dialect.tolerances]
        inside = _message(root)
        would = [n for n in missing if _concerned(n, root if n == SOAP else inside, frame)]
        if not would:
            raise
        first, *others = refusal.violations
        raise Refusal((replace(first, rule=f"{first.rule} {_sentence(would)}"), *others)) from None


def _message(root: etree._Element) -> etree._Element:
    """What stands in an envelope of SOAP that was not opened; else `root` itself."""
    try:
        inside = message_in(root) if is_soap(root) else root
    except Refusal:
        return root
    canonical(inside)
    return inside


def _concerned(name: str, root: etree._Element, frame: Frame) -> bool:
    """Whether the tolerance finds anything; it is stopped before it changes it."""
    try:
        return next(TOLERANCES[name](root, frame), None) is not None
    except Refusal:
        return True  # it finds what it cannot put right without a code or a format


def _sentence(names: list[str]) -> str:
    *others, last = names
    if not others:
        return f"This is what the tolerance {last} is for; it is not granted to this sender."
    said = f"{', '.join(others)} and {last}"
    return f"This is what the tolerances {said} are for; they are not granted to this sender."
