"""Service points in XML: IDocs of SAP, and objects of MultiSpeak 3.0.

Of an IDoc only its frame is known (`hub.idoc`); which segment says what is for the settings to
tell.  The objects of MultiSpeak, serviceLocation and customer, are those of its version 3.0 as the
Java classes generated from its schema, in public repositories, give them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from cim import parse
from hub.idoc import idocs, kind, segments

MULTISPEAK = "http://www.multispeak.org/Version_3.0"
_IN_MULTISPEAK = f"{{{MULTISPEAK}}}"

MULTISPEAK_NAMES: Mapping[str, str] = {
    "service_point_id": "@objectID",
    "premise_id": "@objectID",
    "change": "@verb",
    "customer_id": "custID",
    "account_number": "accountNumber",
    "address": "servAddr1",
    "address2": "servAddr2",
    "city": "servCity",
    "state": "servState",
    "postal_code": "servZip",
    "phase": "network/phaseCd",
    "transformer": "network/linkedTransformer/bankID",
    "special_need": "specialNeeds",
    "first_name": "customer/firstName",
    "last_name": "customer/lastName",
    "organisation": "customer/dBAName",
    "phone_area": "customer/homeAc",
    "phone": "customer/homePhone",
    "day_phone_area": "customer/dayAc",
    "day_phone": "customer/dayPhone",
}


@dataclass(frozen=True)
class Element:
    """One service point out of a document.

    raw:    it alone, as a document that is read like the whole one.
    values: their name -> text; the names of `twice` occur more than once.
    names:  our name -> theirs.
    """

    origin: str
    raw: bytes
    values: Mapping[str, str]
    twice: frozenset[str]
    names: Mapping[str, str]

    @property
    def alone(self) -> bytes:
        return self.raw

    def has(self, column: str) -> bool:
        """Whether anything is said of it, be it nothing."""
        return self.names.get(column, "") in self.values

    def __getitem__(self, column: str) -> str:
        name = self.names.get(column, "")
        if name in self.twice:
            raise ValueError(f"{self.origin}: {name} occurs more than once")
        return self.values.get(name, "").strip()

    def wrong(self, column: str, rule: str) -> ValueError:
        name = self.names.get(column, column)
        return ValueError(f"{self.origin}: {name} {self[column]!r} {rule}")


def elements(
    name: str, data: bytes, segment: str, types: Sequence[str], names: Mapping[str, str]
) -> Sequence[Element]:
    """The service points of a document.

    segment: of an IDoc, the one that stands once for each service point; types: its MESTYP.
    names:   our name -> "SEGMENT.FIELD" or a path from a serviceLocation.
    Raises: ValueError when the document is unusable as a whole.
    """
    root = parse.parse(data)
    if any(one.tag.startswith(_IN_MULTISPEAK) for one in root.iter(etree.Element)):
        return list(_locations(name, root, {**MULTISPEAK_NAMES, **names}))
    documents = idocs(root)
    if not documents:
        raise ValueError(f"{name}: in {root.tag} is neither an IDOC nor an object of {MULTISPEAK}")
    if not segment:
        raise ValueError(f"{name}: the setting idoc_segment must say which segment to read")
    found = [
        one
        for idoc in documents
        for one in segments(idoc, segment, kind(name, idoc, "MESTYP", types, "idoc_types"))
    ]
    return [
        Element(f"{name} {segment} {number}", one.raw, one.values, one.twice, names)
        for number, one in enumerate(found, 1)
    ]


def _locations(name: str, root: etree._Element, names: Mapping[str, str]) -> Iterator[Element]:
    """Every serviceLocation, with the customer of its custID where the document has it."""
    customers: dict[str, etree._Element] = {}
    for one in root.iter(f"{_IN_MULTISPEAK}customer"):
        if customers.setdefault(one.get("objectID", ""), one) is not one:
            raise ValueError(f"{name}: customer {one.get('objectID', '')!r} is there twice")
    for number, place in enumerate(root.iter(f"{_IN_MULTISPEAK}serviceLocation"), 1):
        customer = customers.get((place.findtext(f"{_IN_MULTISPEAK}custID") or "").strip())
        values = dict(_paths(place, ""))
        if customer is not None:
            values |= _paths(customer, "customer/")
        yield Element(
            f"{name} serviceLocation {number}",
            _together(place, customer),
            values,
            frozenset(_repeated(place, "")),
            names,
        )


def _paths(element: etree._Element, prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in element.items():
        yield f"{prefix}@{key!s}", str(value)
    for child in element.iterchildren(etree.Element):
        path = f"{prefix}{etree.QName(child).localname}"
        if len(child):
            yield from _paths(child, f"{path}/")
        else:
            yield path, child.text or ""


def _repeated(element: etree._Element, prefix: str) -> Iterator[str]:
    seen: set[str] = set()
    for path, _ in _paths(element, prefix):
        if path in seen:
            yield path
        seen.add(path)


def _together(place: etree._Element, customer: etree._Element | None) -> bytes:
    document = etree.Element(f"{_IN_MULTISPEAK}objects", nsmap={"m": MULTISPEAK})
    if customer is not None:
        document.append(deepcopy(customer))
    document.append(deepcopy(place))
    return _written(document)


def _written(element: etree._Element) -> bytes:
    written: bytes = etree.tostring(element, xml_declaration=True, encoding="utf-8")
    return written
