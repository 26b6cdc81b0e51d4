"""Write NEM13 files (AEMO, Meter Data File Format), as `adapters.ami.mdff` reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from adapters.ami.mdff import writing
from adapters.ami.mdff.fields import Quality
from adapters.ami.mdff.registers import Read, Register


def write(
    registers: Iterable[Register], made: datetime, sender: str = "", receiver: str = ""
) -> bytes:
    """The file; made: in the time of the market, as all other times.

    Raises: ValueError, when a text cannot stand in such a file.
    """
    rows = [writing.header("NEM13", made, sender, receiver), *map(_register, registers), ["900"]]
    return writing.written(rows)


def _register(one: Register) -> list[str]:
    return [
        *("250", one.nmi, "", one.register, one.suffix, "", one.meter, one.direction),
        *_read(one.previous),
        *_read(one.current),
        *(one.quantity, one.unit, "", writing.moment(one.updated), ""),
    ]


def _read(read: Read) -> tuple[str, ...]:
    return read.value, writing.moment(read.when), *writing.judged(read.quality)


def write_rows(rows: Iterable[Mapping[str, str]], made: str) -> bytes:
    """The file, of actual values; a row is one register.

    rows: nmi, meter, suffix, direction (E or I), unit, previous, previous_time, current,
          current_time (times ISO 8601) and quantity.
    made: ISO 8601; all times are those of the market.
    """
    return write([_of(row) for row in rows], datetime.fromisoformat(made))


def _of(row: Mapping[str, str]) -> Register:
    def read(which: str) -> Read:
        return Read(
            value=row[which],
            when=datetime.fromisoformat(row[f"{which}_time"]),
            quality=Quality("A"),
        )

    return Register(
        nmi=row["nmi"],
        suffix=row["suffix"],
        direction=row["direction"],
        unit=row["unit"],
        meter=row["meter"],
        register="",
        previous=read("previous"),
        current=read("current"),
        quantity=row["quantity"],
        updated=None,
    )
