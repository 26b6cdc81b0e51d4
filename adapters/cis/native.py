"""Write the files of a CIS, as `adapters.cis` reads them; used by the demo utility."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lxml import etree

from adapters.cis.documents import MULTISPEAK, MULTISPEAK_NAMES
from adapters.cis.fields import KNOWN
from hub.idoc import CONTROL
from hub.rows import written

COLUMNS = (
    "service_point_id",
    "premise_id",
    "account_number",
    "customer_type",
    "life_support",
    "critical_class",
    "meter_number",
    "equipment_mrid",
    "phase",
)
ALL = KNOWN
"""All columns that are read, but for area codes of telephones apart: `phone_area` and so on."""

_OF_CHANGES = ("change", "as_of", "effective", "removed_meter_number")

IDOC_TYPE, IDOC_SEGMENT = "ZSERVICEPOINT", "Z1POINT"
IDOC_NAMES: Mapping[str, str] = {column: f"{IDOC_SEGMENT}.{column.upper()}" for column in ALL}
"""Names of our own; every installation has others."""

Rows = Iterable[Mapping[str, str]]


def write(rows: Rows, columns: Sequence[str] = COLUMNS) -> bytes:
    """A table; each row has a value for every one of `columns`."""
    return written(columns, rows, delimiter=";")


def write_all(rows: Rows) -> bytes:
    """A whole snapshot, with everything that is read of a service point."""
    return write(rows, [column for column in ALL if column not in _OF_CHANGES])


def write_fixed(rows: Rows) -> tuple[bytes, dict[str, tuple[int, int]]]:
    """Lines of fixed width with the trailer END, and the places of all columns in them."""
    found = list(rows)
    positions: dict[str, tuple[int, int]] = {}
    start = 1
    for column in ALL:
        width = max((len(row[column]) for row in found), default=0) + 1
        positions[column] = (start, width)
        start += width
    lines = ["".join(row[c].ljust(width) for c, (_, width) in positions.items()) for row in found]
    text = "".join(f"{line}\r\n" for line in [*lines, f"END{len(found):06}"])
    return text.encode("utf-8"), positions


def write_idoc(rows: Rows) -> bytes:
    """An IDoc with a segment for each service point, by `IDOC_NAMES`."""
    root = etree.Element("ZPOINT01")
    idoc = etree.SubElement(root, "IDOC", BEGIN="1")
    control = etree.SubElement(idoc, CONTROL, SEGMENT="1")
    etree.SubElement(control, "MESTYP").text = IDOC_TYPE
    for row in rows:
        segment = etree.SubElement(idoc, IDOC_SEGMENT, SEGMENT="1")
        for column, value in row.items():
            if value:
                etree.SubElement(segment, column.upper()).text = value
    return _written(root)


def write_multispeak(rows: Rows) -> bytes:
    """Objects of MultiSpeak 3.0: customers, then service locations, with what there is room for."""
    root = etree.Element(_tag("objects"), nsmap={None: MULTISPEAK})  # type: ignore[dict-item]
    found = list(rows)
    for row in {row["customer_id"]: row for row in found if row["customer_id"]}.values():
        customer = etree.SubElement(root, _tag("customer"), objectID=row["customer_id"])
        _fill(customer, row, "customer/")
    for row in found:
        place = etree.SubElement(root, _tag("serviceLocation"), objectID=row["service_point_id"])
        if row["change"]:
            place.set("verb", row["change"])
        _fill(place, row, "")
    return _written(root)


def _fill(element: etree._Element, row: Mapping[str, str], prefix: str) -> None:
    for column, path in MULTISPEAK_NAMES.items():
        name = path.removeprefix(prefix)
        is_other = path.startswith("customer/") is not bool(prefix)
        if is_other or name.startswith("@") or not row.get(column):
            continue
        place = element
        for step in name.split("/"):
            found = place.find(_tag(step))
            place = etree.SubElement(place, _tag(step)) if found is None else found
        place.text = row[column]


def _tag(name: str) -> str:
    return f"{{{MULTISPEAK}}}{name}"


def _written(root: etree._Element) -> bytes:
    etree.indent(root, space=" ")
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return written
