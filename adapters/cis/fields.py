"""The fields of one service point by our names, whatever kind of file it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Protocol

from cim.dialect.times import in_utc

# XML 1.0, Char: all that a document may hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

KNOWN = (
    *("service_point_id", "premise_id", "account_number", "customer_type", "life_support"),
    *("critical_class", "meter_number", "equipment_mrid", "phase"),
    *("change", "as_of", "effective", "removed_meter_number", "transformer"),
    *("customer_id", "first_name", "last_name", "organisation", "customer_status", "language"),
    *("special_need", "vip", "phone", "mobile_phone", "day_phone", "email"),
    *("agreement_id", "agreement_type", "agreement_status", "tariff", "billing_cycle"),
    *("valid_from", "valid_to", "address", "address2", "street", "street_number", "suite"),
    *("city", "state", "postal_code", "country", "access", "longitude", "latitude"),
)
"""Our names of all that is read, but for area codes of telephones."""
AREAS = ("phone_area", "mobile_phone_area", "day_phone_area")


class Fields(Protocol):
    """A row of a table, a line of fixed width, or an element of XML (`hub.interfaces.Record`)."""

    @property
    def origin(self) -> str: ...

    @property
    def raw(self) -> bytes: ...

    @property
    def alone(self) -> bytes:
        """Its bytes as a file of their own."""
        ...

    def has(self, column: str) -> bool:
        """Whether the file has a place for it."""
        ...

    def __getitem__(self, column: str) -> str:
        """The value by our name, "" where there is none.  Raises: ValueError when it has two."""
        ...

    def wrong(self, column: str, rule: str) -> ValueError:
        """The error for a value that breaks `rule`, with their name of it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Writing:
    """How one system writes times, numbers, flags and phases.

    zone:    of times that carry no offset.
    decimal: the mark before the fraction, "." or ",".
    flags:   their code of yes or no, in capitals -> which.
    phases:  their code of phases -> ours, where it is another one.
    """

    zone: tzinfo = UTC
    decimal: str = "."
    flags: Mapping[str, bool] = field(default_factory=lambda: {"Y": True, "N": False})
    phases: Mapping[str, str] = field(default_factory=dict)

    def moment(self, fields: Fields, column: str) -> datetime | None:
        """A time in UTC, None where nothing is said; a date alone is its first moment in `zone`.

        Raises: ValueError when it is none, or a local time that the clock change leaves out.
        """
        if not (value := fields[column]):
            return None
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            raise fields.wrong(column, "is no ISO 8601 date or time, e.g. 2025-11-20") from None
        try:
            return in_utc(read, self.zone)
        except ValueError as error:
            raise fields.wrong(column, str(error)) from None

    def number(self, fields: Fields, column: str, most: int) -> str | None:
        """A number from -most to most with the point as mark, None where nothing is said.

        Raises: ValueError; a mark other than the agreed one is no number.
        """
        if not (value := fields[column]):
            return None
        if not re.fullmatch(rf"[+-]?\d+(?:{re.escape(self.decimal)}\d+)?", value, re.ASCII):
            rule = f"is no number such as 12{self.decimal}5 (decimal = {self.decimal!r})"
            raise fields.wrong(column, rule)
        number = Decimal(value.replace(self.decimal, "."))
        if abs(number) > most:
            raise fields.wrong(column, f"is not from -{most} to {most}")
        return str(number)

    def flag(self, fields: Fields, column: str) -> bool:
        """Yes or no; no where nothing is said.  Raises: ValueError for a code nobody knows."""
        if not (value := fields[column].upper()):
            return False
        if value not in self.flags:
            raise fields.wrong(column, f"is neither {' nor '.join(self.flags)}")
        return self.flags[value]


def text(fields: Fields, column: str) -> str | None:
    """The value of a column, None where nothing is said.

    Raises: ValueError for a character that XML cannot carry.
    """
    value = fields[column]
    if _NOT_XML.search(value):
        raise fields.wrong(column, "holds a control character, which no XML message can carry")
    return value or None


def needed(fields: Fields, column: str) -> str:
    """A value that must be there.  Raises: ValueError."""
    if not (value := text(fields, column)):
        raise fields.wrong(column, "is empty")
    return value


def listed(known: Mapping[str, object]) -> str:
    """The keys of a table, for a sentence."""
    return ", ".join(known) or "none"
