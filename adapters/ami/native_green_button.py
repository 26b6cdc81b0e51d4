"""Write Green Button feeds (NAESB ESPI), as `adapters.ami.espi` reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from adapters.ami.espi.feed import ATOM, ESPI
from adapters.ami.espi.readings import PARTS

_ORDER = (
    *("accumulationBehaviour", "commodity", "consumptionTier", "currency", "dataQualifier"),
    *("flowDirection", "kind", "phase", "powerOfTenMultiplier", "timeAttribute", "tou", "uom"),
    *("cpp", "interharmonic/numerator", "interharmonic/denominator", "measuringPeriod"),
    *("argument/numerator", "argument/denominator"),
)
"""Of the elements of a ReadingType."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The values of one usage point, one after the other.

    point:   what the entry of the usage point is called, e.g. "urn:uuid:0b8c...".
    reading: the same for the MeterReading.
    code:    reading type, 18 numbers.
    start:   of the first value.
    seconds: how long each is.
    values:  whole numbers.
    quality: of ESPI, of all values.
    """

    point: str
    reading: str
    code: str
    start: datetime
    seconds: int
    values: Sequence[int]
    quality: str = "0"


def write(usages: Iterable[Usage], updated: str) -> bytes:
    """The feed.  updated: ISO 8601, of all entries."""
    feed = etree.Element(f"{ATOM}feed", nsmap={None: ATOM[1:-1]})  # type: ignore[dict-item]
    for number, usage in enumerate(usages, 1):
        point, kind = f"UsagePoint/{number}", f"ReadingType/{number}"
        reading = f"{point}/MeterReading/1"
        block = _block(usage)
        its = [f"{point}/MeterReading"]
        its_point = _entry(feed, usage.point, "UsagePoint", point, its, updated)
        _text(its_point, "ServiceCategory/kind", "0")  # electricity
        its = [f"{reading}/IntervalBlock", kind]
        _entry(feed, usage.reading, "MeterReading", reading, its, updated)
        its_kind = _entry(feed, f"{usage.reading}/type", "ReadingType", kind, [], updated)
        _fill(its_kind, usage)
        at = f"{reading}/IntervalBlock/1"
        entry = _entry(feed, f"{usage.reading}/1", "IntervalBlock", at, [], updated)
        entry.extend(block)
    etree.indent(feed, space=" ")
    written: bytes = etree.tostring(feed, xml_declaration=True, encoding="utf-8")
    return written


def _entry(
    feed: etree._Element, id: str, kind: str, at: str, related: Sequence[str], updated: str
) -> etree._Element:
    """The resource in a new entry.  at: where it lies, below it the number or name."""
    entry = etree.SubElement(feed, f"{ATOM}entry")
    etree.SubElement(entry, f"{ATOM}id").text = id
    links = [("self", at), ("up", at.rpartition("/")[0]), *(("related", one) for one in related)]
    for rel, href in links:
        etree.SubElement(entry, f"{ATOM}link", rel=rel, href=f"/espi/{href}")
    content = etree.SubElement(entry, f"{ATOM}content")
    etree.SubElement(entry, f"{ATOM}updated").text = updated
    return etree.SubElement(content, f"{ESPI}{kind}", nsmap={None: ESPI[1:-1]})  # type: ignore[dict-item]


def _fill(element: etree._Element, usage: Usage) -> None:
    numbers = dict(zip(PARTS, usage.code.split("."), strict=True))
    for name in _ORDER:
        if name == "kind":
            _text(element, "intervalLength", str(usage.seconds))
        if numbers[name] != "0":
            _text(element, name, numbers[name])


def _block(usage: Usage) -> list[etree._Element]:
    """What is in the IntervalBlock."""
    start = int(usage.start.timestamp())
    whole = etree.Element(f"{ESPI}interval")
    _period(whole, start, usage.seconds * len(usage.values))
    found = [whole]
    for number, value in enumerate(usage.values):
        reading = etree.Element(f"{ESPI}IntervalReading")
        judged = etree.SubElement(reading, f"{ESPI}ReadingQuality")
        _text(judged, "quality", usage.quality)
        period = etree.SubElement(reading, f"{ESPI}timePeriod")
        _period(period, start + number * usage.seconds, usage.seconds)
        _text(reading, "value", str(value))
        found.append(reading)
    return found


def _period(element: etree._Element, start: int, seconds: int) -> None:
    _text(element, "duration", str(seconds))
    _text(element, "start", str(start))


def _text(element: etree._Element, path: str, text: str) -> None:
    for step in path.split("/"):
        found = element.find(ESPI + step)
        element = etree.SubElement(element, ESPI + step) if found is None else found
    element.text = text


def write_rows(rows: Iterable[Mapping[str, str]], updated: str) -> bytes:
    """The feed.

    rows: point, reading, code, start (ISO 8601 with an offset), seconds, and values with blanks
          between them.
    """
    return write([_of(row) for row in rows], updated)


def _of(row: Mapping[str, str]) -> Usage:
    return Usage(
        point=row["point"],
        reading=row["reading"],
        code=row["code"],
        start=datetime.fromisoformat(row["start"]),
        seconds=int(row["seconds"]),
        values=[int(value) for value in row["values"].split()],
    )
