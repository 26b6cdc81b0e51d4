"""MeterReadings as the first edition of IEC 61968-9 (2009) says them, and as head-ends do since.

What that edition calls things is known from classes that were generated from its schema (namespace
http://iec.ch/TC57/2009/MeterReadings#) and are public.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from cim.dialect.corrections import Change, Frame
from cim.dialect.headers import removed
from cim.dialect.namespaces import up_to_date
from cim.dialect.parts import child, children, local_name, nouns, shown
from cim.profiles.meter_readings import MeterReading, MeterReadings, ReadingType

_RENAMED = {"MeterAsset": "Meter", "ServiceDeliveryPoint": "UsagePoint"}
_PENDING, _CALCULATION = "Pending", "PendingCalculation"
_QUALITY, _QUALITY_TYPE = "quality", "ReadingQualityType"
_AGREEMENT = "CustomerAgreement"


def first_edition_readings(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """MeterAsset, ServiceDeliveryPoint and Pending get the names of 2011, the text of a quality is
    pointed at as ReadingQualityType.

    CustomerAgreement, and a ReadingType without a name, for which 2011 has no place, go away.
    """
    for element in _readings(root):
        old = [one for one in children(element) if local_name(one) == MeterReading.__name__]
        for reading in old:
            yield from _renewed(reading)
        for kind in children(element):
            if local_name(kind) == ReadingType.__name__ and child(kind, "Names") is None:
                yield Change(kind, shown(kind), "")
                removed(kind)


def name_type_alone(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """The NameType of a meter's name goes away when it does not say who issues such names."""
    for element in _readings(root):
        for kind in list(element.iterfind("{*}MeterReading/{*}Meter/{*}Names/{*}NameType")):
            if child(kind, "NameTypeAuthority") is None:
                name = child(kind, "name")
                yield Change(kind, f"NameType {'' if name is None else name.text or ''}", "")
                removed(kind)


def _readings(root: etree._Element) -> Iterator[etree._Element]:
    return (element for element, noun in nouns(root) if noun is MeterReadings)


def _renewed(reading: etree._Element) -> Iterator[Change]:
    for one in children(reading):
        name = local_name(one)
        if name in _RENAMED:
            yield from _renamed(one, _RENAMED[name])
        elif name == _AGREEMENT:
            yield Change(one, shown(one), "")
            removed(one)
        elif name == "IntervalBlocks":
            pending = child(one, _PENDING)
            if pending is not None:
                yield from _renamed(pending, _CALCULATION)
    for quality in list(reading.iterfind(f".//{{*}}ReadingQualities/{{*}}{_QUALITY}")):
        said = (quality.text or "").strip()
        yield Change(quality, f"{_QUALITY} {said}", f"{_QUALITY_TYPE} {said}")
        quality.tag = f"{{{MeterReadings.namespace}}}{_QUALITY_TYPE}"
        quality.text = None
        quality.set("ref", said)
    up_to_date(reading, MeterReadings)


def _renamed(element: etree._Element, name: str) -> Iterator[Change]:
    yield Change(element, local_name(element), name)
    element.tag = f"{{{MeterReadings.namespace}}}{name}"
