"""The AMI adapter: a watch folder of files that the head-end drops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.ami.documents import EventElement, elements
from adapters.ami.events import from_row, outgoing
from cim.dialect import Dialect as XmlDialect
from cim.message import Outgoing
from hub.folder import WatchFolder
from hub.rows import Dialect, Row, rows

REQUIRED = ("meter_number", "event_time", "event_code")


@dataclass(frozen=True, kw_only=True)
class AmiAdapter:
    """Settings, in `config/adapters/ami.toml`.

    folder:   where the head-end drops *.csv and *.xml.
    settle:   seconds without change after which a file is complete.
    interval: seconds between two looks.
    zone:     of event times that carry no offset, e.g. "America/Chicago".
    local:    event times are local whatever offset is written beside them ("Z" included).
    strictness, tolerances: how strictly XML files are read, as `cim.dialect.Dialect.of` says.
    codes:    native event code -> EndDeviceEventType; empty when the files carry the standard's.
    columns:  our column -> theirs; ours are meter_number, event_time, event_code, event_name,
              event_id and usage_point, of which the last three may be missing.
    """

    folder: Path = Path("feeds/ami")
    settle: float = 2.0
    interval: float = 1.0
    max_bytes: int = 64 * 1024 * 1024
    delimiter: str = ","
    encoding: str = "utf-8"
    trailer: str = ""
    zone: str = "UTC"
    local: bool = False
    strictness: str = "tolerant"
    tolerances: tuple[str, ...] | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Now, so that a tolerance nobody knows stops the start.
        self._dialect_of_xml  # noqa: B018

    @cached_property
    def inbox(self) -> WatchFolder[Row | EventElement]:
        """The folder as watched."""
        return WatchFolder(
            self.folder,
            self.records,
            suffixes=(".csv", ".xml"),
            settle=self.settle,
            interval=self.interval,
            max_bytes=self.max_bytes,
        )

    def read(self) -> Iterator[Sequence[Row | EventElement]]:
        """The rows and events of each new file."""
        return self.inbox.batches()

    def stop(self) -> None:
        """Let `read` end."""
        self.inbox.stop()

    def records(self, name: str, data: bytes) -> Sequence[Row | EventElement]:
        """The records of one file.  Raises: ValueError when it is unusable as a whole."""
        if name.lower().endswith(".xml"):
            return elements(name, data, self._dialect_of_xml)
        return rows(name, data, self._dialect, REQUIRED)

    def again(self, origin: str, data: bytes) -> Sequence[Row | EventElement]:
        """What was kept of a refused row or event; a row comes under its header, and alone."""
        if data.lstrip().startswith(b"<"):
            return elements(origin, data, self._dialect_of_xml)
        return rows(origin, data, replace(self._dialect, trailer=""), REQUIRED)

    def to_cim(self, record: Row | EventElement) -> Iterable[Outgoing]:
        """One event, one message."""
        if isinstance(record, EventElement):
            yield outgoing(record.event)
        elif not record.raw.endswith((b"\n", b"\r")):
            # A code cut in the middle may be another code.
            raise ValueError(f"{record.origin}: the row is cut short: its line does not end")
        else:
            yield outgoing(from_row(record, self.codes, self._zone, local=self.local))

    @cached_property
    def _dialect(self) -> Dialect:
        return Dialect(
            delimiter=self.delimiter,
            encoding=self.encoding,
            trailer=self.trailer,
            columns=self.columns,
        )

    @cached_property
    def _dialect_of_xml(self) -> XmlDialect:
        return XmlDialect.of(self.strictness, self.tolerances, self.zone)

    @cached_property
    def _zone(self) -> tzinfo:
        return UTC if self.zone == "UTC" else ZoneInfo(self.zone)
