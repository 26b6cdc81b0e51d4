"""The fields of a row: texts, times, yes or no, lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from cim.dialect.times import in_utc
from hub.rows import Row

_YES = frozenset({"1", "y", "yes", "t", "true"})
_NO = frozenset({"0", "n", "no", "f", "false"})
_DATE = len("2025-11-20")
# XML 1.0, Char: all that a document may hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

COLUMNS = frozenset(
    {
        *("external_id", "call_source_id", "call_time", "received_time", "trouble_code"),
        *("service_point_id", "premise_id", "account_number", "caller_name", "caller_phone"),
        *("callback_flag", "callback_phone", "callback_type", "callback_after", "callback_before"),
        "callback_for",
        *("street_number", "street", "cross_street", "block", "city", "state", "postal_code"),
        *("pole_number", "longitude", "latitude", "location", "neighbours_out", "comment"),
        *("callback_time", "status", "agent"),
    }
)
"""All that is read, by our names."""


def text(row: Row, column: str) -> str:
    """The value of a column, "" where there is none.

    Raises: ValueError for a character that XML cannot carry.
    """
    assert column in COLUMNS  # noqa: S101 - else JSON lines would lose it
    value = row[column]
    if _NOT_XML.search(value):
        raise row.wrong(column, "holds a control character, which no XML message can carry")
    return value


def yes(row: Row, column: str) -> bool | None:
    """Yes or no; None where nothing is said.  Raises: ValueError."""
    value = text(row, column).lower()
    if value in _YES or value in _NO:
        return value in _YES
    if value:
        raise row.wrong(column, "is neither yes (1, Y, true) nor no (0, N, false)")
    return None


@dataclass(frozen=True)
class Fields:
    """How one system writes times and lists.

    zone:      of times that carry none; `local` says that the offset written beside them is wrong.
    form:      of times, as `strptime` reads it; "" for ISO 8601.
    separator: between the values of one field; "" when a field has one at most.
    Raises: ValueError for a form that leaves out what tells one time from another, or that takes
            the name of a zone, which strptime reads and forgets.
    """

    zone: tzinfo = UTC
    local: bool = False
    form: str = ""
    separator: str = "|"

    def __post_init__(self) -> None:
        if self.form and not _is_whole(self.form):
            raise ValueError(
                f"time_format {self.form!r} does not tell year, month, day, hour and minute"
            )

    def moment(self, row: Row, column: str) -> datetime:
        """A time in UTC; of a clock hour that comes twice in autumn the first is taken.

        Raises: ValueError when it is none, or a local time that the clock change leaves out.
        """
        read = self._time(row, column)
        try:
            return in_utc(read, self.zone, local=self.local)
        except ValueError as error:
            raise row.wrong(column, str(error)) from None

    def maybe(self, row: Row, column: str) -> datetime | None:
        """As `moment`; None where nothing is said."""
        return self.moment(row, column) if text(row, column) else None

    def parts(self, row: Row, column: str) -> list[str]:
        """The values of a field that may have several, without empty ones."""
        value = text(row, column)
        found = value.split(self.separator) if self.separator else [value]
        return [part.strip() for part in found if part.strip()]

    def _time(self, row: Row, column: str) -> datetime:
        value = text(row, column)
        try:
            if self.form:
                return datetime.strptime(value, self.form)
            if len(value) > _DATE:  # a date alone is read, too, as its midnight
                return datetime.fromisoformat(value)
        except ValueError:
            pass
        if self.form:
            raise row.wrong(column, f"is no date and time of the form {self.form}")
        raise row.wrong(column, "is no ISO 8601 date and time, e.g. 2025-11-20T16:00:00Z")


def _is_whole(form: str) -> bool:
    example = datetime(2025, 11, 20, 16, 7, tzinfo=UTC)
    read = datetime.strptime(example.strftime(form), form)
    return "%Z" not in form and read.replace(tzinfo=UTC) == example
