"""The IVR adapter: a watch folder of trouble calls and call-back results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from adapters.ivr.callback_lists import CallbackList, listed
from adapters.ivr.callbacks import Callbacks
from adapters.ivr.current import Current
from adapters.ivr.fields import COLUMNS, Fields
from adapters.ivr.lines import Unreadable, lines
from adapters.ivr.planned_lists import Notices, PlannedList, noticed
from adapters.ivr.status import TYPES, StatusList, Told, told
from adapters.ivr.tickets import Calls, Numbering
from adapters.ivr.troubles import Troubles
from cim.message import Message, Outgoing, Topic
from hub.file_adapter import TableAdapter
from hub.handover import Handover, Notes, Parcel
from hub.rows import Row, rows

REQUIRED = ("external_id",)
OF_CALLS = ("call_time", "trouble_code")
OF_CALLBACKS = ("callback_time", "status")
ONLY_CALLBACKS = ("callback_time", "status", "agent")
JSON = (".json", ".jsonl", ".ndjson")


@dataclass(frozen=True, kw_only=True)
class IvrAdapter(TableAdapter[Row | Unreadable]):
    """Settings beside those of every `TableAdapter`, in `config/adapters/ivr.toml`.

    folder:      where the IVR drops its files.
    trailer:     first field of the last row, whose second counts the rows; in JSON lines the key
                 of the last object, whose value counts the others; "" when there is none.
    local:       times are local whatever offset is written beside them ("Z" included).
    time_format: of times, as Python's strptime reads it; "" for ISO 8601.
    separator:   between several values of `service_point_id`, `premise_id` and `trouble_code`.
    groups, troubles: trouble codes, as `troubles.Troubles` says.
    several, per_source: how calls are told from one another, as `tickets.Numbering` says.
    sources:     call source -> how it was reported (TroubleReportingKind); empty: all by IVR.
    wish:        whether who says nothing of it wants to be called back.
    crs:         URN of the coordinate reference system of positions.
    triggers:    when to call back, in their word -> NotificationTriggerKind.
    callbacks:   call-back result -> powerOn, powerOff, noAnswer or other.
    out:         how the IVR is told of outages, as `status.StatusList` says.
    callback_list: how it is told whom to call back, as `callback_lists.CallbackList` says.
    planned_list: how it is told whom to tell of planned outages, as `planned_lists.PlannedList`
                 says.
    """

    suffixes: ClassVar = (".csv", *JSON)
    known_columns: ClassVar = COLUMNS

    folder: Path = Path("feeds/ivr")
    local: bool = False
    time_format: str = ""
    separator: str = "|"
    groups: bool = False
    several: bool = False
    per_source: bool = False
    wish: bool = False
    crs: str = "urn:ogc:def:crs:OGC:1.3:CRS84"
    troubles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    triggers: Mapping[str, str] = field(default_factory=dict)
    callbacks: Mapping[str, str] = field(default_factory=dict)
    out: StatusList = field(default_factory=StatusList)
    callback_list: CallbackList = field(
        default_factory=lambda: CallbackList(outbox=Path("callbacks"))
    )
    planned_list: PlannedList = field(default_factory=lambda: PlannedList(outbox=Path("planned")))

    def __post_init__(self) -> None:
        super().__post_init__()
        # Now, so that a table that says what cannot be stops the start.
        self._calls, self._callbacks  # noqa: B018

    def records(self, name: str, data: bytes) -> Sequence[Row | Unreadable]:
        """The records of one file.  Raises: ValueError when it is unusable as a whole."""
        if name.lower().endswith(JSON):
            return lines(name, data, self.dialect, self.separator)
        found = rows(name, data, self.dialect, REQUIRED)
        for row in found[:1]:
            _check_header(row, name)
        return found

    def again(self, origin: str, data: bytes) -> Sequence[Row | Unreadable]:
        """What was kept of a refused record; a row comes under its header, and alone."""
        dialect = replace(self.dialect, trailer="")
        if data.lstrip().startswith(b"{"):
            return lines(origin, data, dialect, self.separator)
        found = rows(origin, data, dialect, REQUIRED)
        for row in found[:1]:
            _check_header(row, origin)
        return found

    def to_cim(self, record: Row | Unreadable) -> Iterable[Outgoing]:
        """One call, a ticket for each of its premises; one result, the news of a ticket."""
        if isinstance(record, Unreadable):
            raise ValueError(record.why)
        if record.head and not record.raw.endswith((b"\n", b"\r")):
            # A comment or a number cut in the middle looks whole.
            raise ValueError(f"{record.origin}: the row is cut short: its line does not end")
        if _is_result(record):
            yield self._callbacks.change(record)
        elif record.has("call_time"):
            yield from self._calls.tickets(record)
        else:
            raise _neither(record, record.origin)

    @property
    def topics(self) -> frozenset[Topic]:
        """What the IVR is told; nothing without a way."""
        return self.out.topics | self.callback_list.topics | self.planned_list.topics

    def from_cim(self, message: Message) -> Iterable[Parcel]:
        """What is told of each outage of a message; or whom to call, or to tell what is planned."""
        if message.header.noun == "CustomerNotifications":
            return listed(message, self.callback_list)
        if message.header.noun == "PlannedOutageNotifications":
            return noticed(message, self.planned_list)
        return told(message, self.out)

    def write(self, record: Parcel) -> None:
        """Raises: ConnectionError; Refusal."""
        if isinstance(record, Notices):
            self._planned_lists.hand_over(record)
            return
        if not isinstance(record, Told):
            self._callback_lists.hand_over(record)
            return
        if self.out.current:
            self._current.keep(record)
        if not record.quiet:
            self._news.hand_over(record)

    def note_in(self, notes: Notes) -> None:
        """In the hub's database: whichever hub goes on, it knows what was sent, and how new."""
        self._news.note_in(notes)
        self._callback_lists.note_in(notes)
        self._planned_lists.note_in(notes)
        self._current.note_in(notes)

    def stop(self) -> None:
        """Let `read` and `write` end."""
        super().stop()
        self._news.stop()
        self._callback_lists.stop()
        self._planned_lists.stop()

    @cached_property
    def _news(self) -> Handover:
        return Handover(self.folder, self.out, TYPES[self.out.format])

    @cached_property
    def _callback_lists(self) -> Handover:
        way = self.callback_list
        return Handover(
            self.folder, way, TYPES[way.format], of="callbacks", earlier=".sent-callbacks"
        )

    @cached_property
    def _planned_lists(self) -> Handover:
        return Handover(
            self.folder, self.planned_list, TYPES[self.planned_list.format], of="planned"
        )

    @cached_property
    def _current(self) -> Current:
        return Current(self.folder / self.out.current)

    @cached_property
    def _calls(self) -> Calls:
        troubles = Troubles(self.troubles, self.groups)
        return Calls(
            self._fields,
            troubles,
            self._numbering,
            self.sources,
            crs=self.crs,
            wish=self.wish,
            triggers=self.triggers,
        )

    @cached_property
    def _callbacks(self) -> Callbacks:
        return Callbacks(self._fields, self._numbering, self.callbacks)

    @cached_property
    def _fields(self) -> Fields:
        return Fields(self.clock, self.local, self.time_format, self.separator)

    @cached_property
    def _numbering(self) -> Numbering:
        return Numbering(self.several, self.per_source)


def _is_result(row: Row) -> bool:
    """Whether it is a call-back result and no call."""
    return all(row.has(c) for c in OF_CALLBACKS) and not row.has("trouble_code")


def _check_header(row: Row, where: str) -> None:
    """Raises: ValueError when the rows of a CSV file can be neither."""
    if not _is_result(row) and not all(row.has(column) for column in OF_CALLS):
        raise _neither(row, where)
    read = (*REQUIRED, *ONLY_CALLBACKS) if _is_result(row) else COLUMNS - {*ONLY_CALLBACKS}
    row.layout.check(where, sorted(read))


def _neither(row: Row, where: str) -> ValueError:
    calls, results = (
        " and ".join(row.layout.native(column) for column in columns)
        for columns in (OF_CALLS, OF_CALLBACKS)
    )
    return ValueError(
        f"{where}: neither a call ({calls}) nor a call-back result ({results});"
        f" there are {', '.join(map(_printable, row.layout.names))}"
    )


def _printable(name: str) -> str:
    """No database takes half a character or a null in the reason of a refusal."""
    return repr(name)[1:-1]
