"""Write the files that `adapters.erp` reads by default; for demonstrations and tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo

from lxml import etree

from adapters.erp.documents import NAMESPACE
from adapters.erp.idocs import FIELDS, HEADS, ORDER
from hub.idoc import CONTROL
from hub.rows import written

ORDERS = (
    "action",
    "wonum",
    "siteid",
    "description",
    "assetnum",
    "location",
    "status",
    "worktype",
    "wopriority",
    "crew",
    "reportdate",
    "statusdate",
    "changedate",
    "targstartdate",
    "targcompdate",
    "schedstart",
    "schedfinish",
    "actstart",
    "actfinish",
)
"""Our names of what an order says; all but the action are elements in the XML."""

PLANNED = ("outage", "change", "as_of", "reason", "outage_start", "outage_end", "devices")

CREWS = (
    "crew",
    "as_of",
    "description",
    "crew_type",
    "capability",
    "status",
    "status_time",
    "shift",
    "shift_type",
    "shift_start",
    "shift_end",
)

ASSETS = (
    "change",
    "siteid",
    "assetnum",
    "description",
    "status",
    "changedate",
    "assettype",
    "serialnum",
    "lotnum",
    "manufacturer",
    "modelnum",
    "condition",
    "location",
    "parent",
    "equipment_mrid",
    "manufacturedate",
    "purchasedate",
    "receiveddate",
    "installdate",
    "inservicedate",
    "removaldate",
    "retireddate",
)

PRODUCTS = (
    "manufacturer",
    "modelnum",
    "cataloguenum",
    "description",
    "assettype",
    "standard",
    "usage",
    "weight",
    "length",
    "datasheet",
    "changedate",
)

_ELEMENTS: Mapping[str, str] = {"crew": "AMCREW"}
_SAME: Mapping[str, str] = {}


def write(
    rows: Iterable[Mapping[str, str]],
    *,
    operation: str = "Sync",
    elements: Mapping[str, str] = _ELEMENTS,
) -> bytes:
    """Orders as Maximo's XML, e.g. SyncMXWO; what a row says nothing of is left out.

    elements: our name -> theirs; the same in capitals where left out.
    """
    root = etree.Element(f"{{{NAMESPACE}}}{operation}MXWO", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    orders = etree.SubElement(root, f"{{{NAMESPACE}}}MXWOSet")
    for row in rows:
        order = etree.SubElement(orders, f"{{{NAMESPACE}}}WORKORDER")
        if row.get("action"):
            order.set("action", row["action"])
        for column in ORDERS[1:]:
            if row.get(column):
                name = elements.get(column, column.upper())
                etree.SubElement(order, f"{{{NAMESPACE}}}{name}").text = row[column]
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return written


def write_idocs(
    rows: Iterable[Mapping[str, str]],
    *,
    zone: tzinfo = UTC,
    fields: Mapping[str, str] = _SAME,
) -> bytes:
    """Orders as IORDER01, an IDoc each; what a row says nothing of is left out.

    zone:   in which SAP tells times.
    fields: our name -> theirs, where it is not that of `idocs.FIELDS`.
    """
    root = etree.Element("IORDER01")
    names = {**FIELDS[ORDER], **fields}
    for row in rows:
        idoc = etree.SubElement(root, "IDOC", BEGIN="1")
        control = etree.SubElement(idoc, CONTROL, SEGMENT="1")
        etree.SubElement(control, "IDOCTYP").text = "IORDER01"
        _fill(control, "CREDAT CRETIM", row.get("changedate", ""), zone)
        head = etree.SubElement(idoc, HEADS[ORDER], SEGMENT="1")
        for column, name in names.items():
            if row.get(column) and "." not in name:
                _fill(head, name, row[column], zone)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return written


def _fill(segment: etree._Element, name: str, value: str, zone: tzinfo) -> None:
    """A field, or those of day and hour."""
    values = [value]
    if value and len(name.split()) > 1:
        moment = datetime.fromisoformat(value).astimezone(zone)
        values = [f"{moment:%Y%m%d}", f"{moment:%H%M%S}"]
    for field, text in zip(name.split(), values, strict=False):
        if text:
            etree.SubElement(segment, field).text = text


def write_orders(rows: Iterable[Mapping[str, str]], *, columns: Mapping[str, str] = _SAME) -> bytes:
    """Orders as CSV; what a row says nothing of is empty.

    columns: our name -> theirs; the same where left out.
    """
    theirs = [columns.get(column, column) for column in ORDERS]
    renamed = ({columns.get(c, c): value for c, value in row.items()} for row in rows)
    return written(theirs, renamed)


def write_crews(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Crews as CSV, a row for each shift or capability; what a row says nothing of is empty."""
    return written(CREWS, rows)


def write_planned(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Planned outages as CSV, a row each."""
    return written(PLANNED, rows)


def write_assets(rows: Iterable[Mapping[str, str]]) -> bytes:
    """All assets as CSV, or changes of some when a row says `change`."""
    told = list(rows)
    some = any("change" in row for row in told)
    return written(ASSETS if some else ASSETS[1:], told)


def write_catalogue(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Products as CSV; what a row says nothing of is empty."""
    return written(PRODUCTS, rows)
