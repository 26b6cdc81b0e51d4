"""NEM13: two reads of a register and what was used between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from adapters.ami.mdff import fields
from adapters.ami.mdff.fields import Quality
from adapters.ami.mdff.rows import Block, Line


@dataclass(frozen=True, kw_only=True)
class Read:
    """One read of the register; value "" when there is no data (N)."""

    value: str
    when: datetime
    quality: Quality


@dataclass(frozen=True, kw_only=True)
class Register:
    """A 250 row.  direction: E, from the grid to the customer, or I, into the grid."""

    nmi: str
    suffix: str
    direction: str
    unit: str
    meter: str
    register: str
    previous: Read
    current: Read
    quantity: str
    updated: datetime | None


def register(block: Block) -> Register:
    """The register of a block.  Raises: ValueError naming line, row, field, value and rule."""
    line = block.rows[0]
    for row in block.rows:
        row.over()
    for field in ("NMI", "NMISuffix", "UOM", "Quantity"):
        if not line[field]:
            raise line.wrong(field, "is empty")
    if line["DirectionIndicator"] not in ("E", "I"):
        raise line.wrong("DirectionIndicator", "is neither E (from the grid) nor I (into it)")
    if not fields.is_number(line["Quantity"]):
        raise line.wrong("Quantity", "is no number without sign")
    previous, current = _read(line, "Previous"), _read(line, "Current")
    if current.when < previous.when:
        raise line.wrong("CurrentRegisterReadDateTime", "is before PreviousRegisterReadDateTime")
    updated = fields.moment(line["UpdateDateTime"])
    if line["UpdateDateTime"] and updated is None:
        raise line.wrong("UpdateDateTime", "is no date and time, ccyymmddhhmmss")
    return Register(
        nmi=line["NMI"],
        suffix=line["NMISuffix"],
        direction=line["DirectionIndicator"],
        unit=line["UOM"],
        meter=line["MeterSerialNumber"],
        register=line["RegisterID"],
        previous=previous,
        current=current,
        quantity=line["Quantity"],
        updated=updated,
    )


def _read(line: Line, which: str) -> Read:
    when = fields.moment(line[f"{which}RegisterReadDateTime"])
    if when is None:
        raise line.wrong(f"{which}RegisterReadDateTime", "is no date and time, ccyymmddhhmmss")
    try:
        quality = fields.quality(
            line[f"{which}QualityMethod"],
            line[f"{which}ReasonCode"],
            line[f"{which}ReasonDescription"],
        )
    except ValueError as error:
        raise line.wrong(f"{which}QualityMethod", str(error)) from None
    if quality.flag == "V":
        raise line.wrong(f"{which}QualityMethod", "stands in 300 rows alone")
    value = line[f"{which}RegisterRead"]
    if not (fields.is_number(value) or (quality.flag == "N" and not value)):
        raise line.wrong(f"{which}RegisterRead", "is no number without sign")
    if quality.flag == "N" and float(value or 0):
        raise line.wrong(f"{which}RegisterRead", "must be 0: its quality is N, no data")
    return Read(value=value, when=when, quality=quality)
