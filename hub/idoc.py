"""IDocs of SAP in XML: their frame, whatever they are about.

A document holds IDOC elements, each with the control record EDI_DC40 and segments in segments, each
with fields.  They come without a namespace, or in that of SAP's messages over SOAP.  Which segments
there are and what they say is for who reads them to know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

CONTROL = "EDI_DC40"
_SOAP = "{urn:sap-com:document:sap:idoc:soap:messages}"


@dataclass(frozen=True)
class Segment:
    """One segment, with what those above and below it say, and the control record.

    type:   what its IDoc is.
    raw:    it alone, as an IDoc that is read like the whole document.
    values: "SEGMENT.FIELD" -> text; the names of `twice` occur more than once.
    """

    type: str
    raw: bytes
    values: Mapping[str, str]
    twice: frozenset[str]


def idocs(root: etree._Element) -> list[etree._Element]:
    """The IDocs of a parsed document, their tags without namespace; none when it is another one."""
    for element in root.iter(etree.Element):
        element.tag = element.tag.removeprefix(_SOAP)
    return [root] if root.tag == "IDOC" else root.findall("IDOC")


def kind(name: str, idoc: etree._Element, field: str, known: Collection[str], setting: str) -> str:
    """What an IDoc is, by a field of its control record, e.g. MESTYP or IDOCTYP.

    known: the kinds that `setting` names.
    Raises: ValueError for an IDoc without control record, and for one of another kind.
    """
    if (control := idoc.find(CONTROL)) is None:
        raise ValueError(f"{name} line {idoc.sourceline}: the IDOC has no control record {CONTROL}")
    said = (control.findtext(field) or "").strip()
    if said not in known:
        listed = ", ".join(known) or "none"
        raise ValueError(f"{name}: {field} {said!r} is not in {setting}; known are {listed}")
    return said


def segments(idoc: etree._Element, segment: str, type: str) -> Iterator[Segment]:
    """The segments of this name, wherever in an IDoc with a control record they are."""
    control = idoc.find(CONTROL)
    assert control is not None  # noqa: S101 - `kind` has looked
    for one in idoc.iter(segment):
        above = [up for up in one.iterancestors() if up is not idoc and _within(up, idoc)][::-1]
        values, twice = _fields([control, *above, *one.iter(etree.Element)])
        yield Segment(type, _chain(control, above, one), values, twice)


def _within(element: etree._Element, idoc: etree._Element) -> bool:
    return any(up is idoc for up in element.iterancestors())


def _fields(found: Sequence[etree._Element]) -> tuple[dict[str, str], frozenset[str]]:
    """What the leaves of segments say; those that several segments of one name have are `twice`."""
    values: dict[str, str] = {}
    twice: set[str] = set()
    for segment in found:
        for leaf in segment.iterchildren(etree.Element):
            if len(leaf) or leaf.get("SEGMENT"):
                continue
            name = f"{segment.tag}.{leaf.tag}"
            if name in values:
                twice.add(name)
            values[name] = leaf.text or ""
    return values, frozenset(twice)


def _chain(control: etree._Element, above: Sequence[etree._Element], one: etree._Element) -> bytes:
    """An IDoc with one segment, and of those above it what they say themselves."""
    idoc = etree.Element("IDOC")
    idoc.append(deepcopy(control))
    place = idoc
    for segment in above:
        place = etree.SubElement(place, segment.tag)
        for leaf in segment:
            if isinstance(leaf.tag, str) and not len(leaf) and not leaf.get("SEGMENT"):
                place.append(deepcopy(leaf))
    place.append(deepcopy(one))
    written: bytes = etree.tostring(idoc, xml_declaration=True, encoding="utf-8")
    return written
