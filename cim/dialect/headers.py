"""Dirt in the values of the header and of the reply."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from cim.dialect.corrections import Change, Frame
from cim.dialect.parts import OPERATION_SET, child, header, operations
from cim.message import Result, Verb
from cim.profiles import NOUNS

SYNONYMS = {"cancelled": Verb.CANCELED, "response": Verb.REPLY}
"""Verbs that can mean nothing else."""

RESULTS = {
    **dict.fromkeys(("ok", "okay", "success", "successful", "succeeded"), Result.OK),
    **dict.fromkeys(("failed", "fail", "failure", "error"), Result.FAILED),
    **dict.fromkeys(("partial", "partially", "partial success"), Result.PARTIAL),
}
PLACEHOLDERS = frozenset({"", "?", "string", "messageid", "correlationid", "null", "none", "n/a"})
"""What tools put where an id should be."""


def verb_case(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """Create -> create."""
    return _replaced(_verbs(root), _lower)


def verb_synonym(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """cancelled -> canceled."""
    return _replaced(_verbs(root), SYNONYMS.get)


def noun_spelling(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """meter readings -> MeterReadings."""
    known = _nouns()
    return _replaced(_noun_elements(root), lambda text: known.get(_bare(text)))


def result_synonym(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """Success -> OK."""
    result = child(child(root, "Reply"), "Result")
    found = [] if result is None else [result]
    return _replaced(found, lambda text: RESULTS.get(text.strip().casefold()))


def message_id_any(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """An id that says nothing, such as "?", counts as none; any other is an id, a UUID or not."""
    for name in ("MessageID", "CorrelationID"):
        found = header(root, name)
        if found is None:
            continue
        text = found.text or ""
        if text.strip().casefold() in PLACEHOLDERS:
            yield Change(found, text, "")
            removed(found)
        elif text != text.strip():
            yield Change(found, text, text.strip())
            found.text = text.strip()


def removed(element: etree._Element) -> None:
    """Take it away."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _replaced(
    elements: Iterator[etree._Element] | list[etree._Element],
    right: Callable[[str], str | None],
) -> Iterator[Change]:
    for element in elements:
        text = element.text or ""
        value = right(text)
        if value is not None and value != text:
            yield Change(element, text, str(value))
            element.text = str(value)


def _lower(text: str) -> str | None:
    lower = text.strip().lower()
    return lower if lower in {*Verb, *SYNONYMS} else None


def _verbs(root: etree._Element) -> Iterator[etree._Element]:
    yield from _named(root, "Verb", "verb")


def _noun_elements(root: etree._Element) -> Iterator[etree._Element]:
    yield from _named(root, "Noun", "noun")


def _named(root: etree._Element, name: str, of_operation: str) -> Iterator[etree._Element]:
    """The element of the header and that of each operation."""
    found = [header(root, name), *(child(one, of_operation) for one in operations(root))]
    return (element for element in found if element is not None)


def _nouns() -> Mapping[str, str]:
    return {_bare(name): name for name in (*NOUNS, OPERATION_SET)}


def _bare(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).casefold()
