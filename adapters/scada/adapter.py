"""The SCADA adapter: RTUs that are polled, and values that come in files."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import ClassVar

from adapters.scada import controls, export, messages, samples, table
from adapters.scada.controls import Order
from adapters.scada.front import Front, Station
from adapters.scada.lines import Line, Rtu
from adapters.scada.links import Link, summary
from adapters.scada.operating import Operator
from adapters.scada.outcomes import Outcomes
from adapters.scada.points import NODE, Point, Points, Table
from adapters.scada.quality import flags
from adapters.scada.samples import Exported, Scan
from adapters.scada.watch import Flapping, Watch
from cim.message import Message, Outgoing, Topic
from hub.file_adapter import TableAdapter, check_columns
from hub.folder import WatchFolder
from hub.handover import Notes
from hub.rows import Dialect, rows

log = logging.getLogger(__name__)

ScadaRecord = Scan | Exported
_EXTRAS = {"opcua": ("asyncua", "LGPL-3.0")}
"""Protocol -> its library, an extra of the same name as the protocol, and the library's licence."""
_LANES = 8
_BATCH = 500  # scans handed over at once


@dataclass(frozen=True, kw_only=True)
class ScadaAdapter(TableAdapter[ScadaRecord]):
    """Settings, in `config/adapters/scada.toml`; `delimiter`, `encoding`, `trailer`, `zone` and
    `columns`, ours are point, time, value and status, are of files with values.

    points:      table of all points (CSV), beside the hub's working directory unless absolute.
    point_columns, kinds: our column of it -> theirs; their kind -> Analog, Discrete, Accumulator or
                 Control.
    system:      which MeasurementValueSource keeps the values.
    rtus:        how each RTU is reached.
    scan, groups: seconds between two polls of a point; of those of a group.
    integrity:   seconds after which all values are told again.
    flapping, flapping_seconds: a Discrete that changes more often in that time is held.
    oldest:      seconds after which a control is refused, not carried out late.
    gather:      seconds for which values are gathered before they are handed over.
    time_format: of times in files that are not ISO 8601.
    bad:         words in the place of a value that say that there is none.
    quality:     their status -> quality flags; none is a good value.
    """

    points: Path | None = None
    point_columns: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    system: str = "SCADA"
    rtus: Mapping[str, Rtu] = field(default_factory=dict)
    scan: float = 2.0
    groups: Mapping[str, float] = field(default_factory=dict)
    integrity: float = 600.0
    flapping: int = 6
    flapping_seconds: float = 10.0
    oldest: float = 30.0
    gather: float = 0.2
    folder: Path = Path("feeds/scada")
    time_format: str = ""
    bad: tuple[str, ...] = ("Bad",)
    quality: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"": ()})

    suffixes: ClassVar = (".csv",)
    known_columns: ClassVar = frozenset(export.COLUMNS)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_columns("point_columns", self.point_columns, table.COLUMNS)
        # Now, so that a wrong table, RTU or word stops the start.
        self._check_numbers()
        for name, rtu in self.rtus.items():
            rtu.check(name)
            _check_extra(name, rtu.protocol)
        for point in self._points.values():
            self._check_point(point)
        for status, words in self.quality.items():
            try:
                flags(words)
            except ValueError as error:
                raise ValueError(f"quality.{status!r}: {error}") from None
        self._form  # noqa: B018
        self._stations()

    # -- what comes in

    def read(self) -> Iterator[Sequence[ScadaRecord]]:
        """What the RTUs tell, and the values of each new file."""
        # Anew each time: what was read and not handed over is told again.
        self._live.update(self._stations())
        front = Front(self._live)
        front.start()
        self._running.append(front)
        try:
            files, look, told = self.inbox.batches(), 0.0, time.monotonic()
            while front in self._running and not self._stopped.wait(self.gather):
                yield front.take(_BATCH, 0.0)
                if time.monotonic() >= look:
                    while found := next(files, ()):
                        yield found
                    look = time.monotonic() + self.interval
                if time.monotonic() >= told + self.integrity:
                    log.info("%s", summary(self.links().values()))
                    told = time.monotonic()
        finally:
            self._end(front)

    @property
    def exclusive(self) -> bool:
        """Whether there are RTUs: they have one master at a time (`hub.interfaces.FrontEnd`)."""
        return any(self._points.of(name) for name in self.rtus)

    def stand_by(self) -> None:
        """Let go of the RTUs; `read` ends."""
        for front in list(self._running):
            self._end(front)
            self._live.clear()

    def _end(self, front: Front) -> None:
        with suppress(ValueError):  # it was told to end already
            self._running.remove(front)
        front.stop()

    def stop(self) -> None:
        """Let `read`, and who waits for a control, end."""
        self._stopped.set()
        if self._points.controls:
            self._operator.stop()
        super().stop()

    def records(self, name: str, data: bytes) -> Sequence[ScadaRecord]:
        """The values of one file.  Raises: ValueError when it is unusable as a whole."""
        return self._exported(name, data, self.dialect)

    def again(self, origin: str, data: bytes) -> Sequence[ScadaRecord]:
        """What was kept of a refused record: a scan as JSON, or a row under its header."""
        if data.lstrip().startswith(b"{"):
            return [samples.again(origin, data)]
        return self._exported(origin, data, replace(self.dialect, trailer=""))

    def to_cim(self, record: ScadaRecord) -> Iterable[Outgoing]:
        """One message of values; one more for each switch that moved."""
        if isinstance(record, Scan):
            return messages.said(record.told, self._points, self.system, record.origin)
        if record.told is None:
            raise ValueError(record.why)
        if not record.raw.endswith((b"\n", b"\r")):
            # A number cut in the middle looks whole.
            raise ValueError(f"{record.origin}: the row is cut short: its line does not end")
        one = export.identity(record)
        return messages.said([record.told], self._points, self.system, record.origin, one)

    # -- what goes out

    @property
    def topics(self) -> frozenset[Topic]:
        """Controls, where the table has any that may be operated."""
        return frozenset({controls.TOPIC} if self._points.controls else ())

    @property
    def lanes(self) -> int:
        """How many controls may be in progress (`hub.interfaces.Operating`)."""
        return _LANES

    def from_cim(self, message: Message) -> Iterable[Order]:
        """The one control of a message.  Raises: ValueError for what the table does not allow."""
        return controls.orders(message, self._points)

    def serves(self, message: Message) -> bool:
        """Whether it is for any device of the table (`hub.interfaces.Serving`)."""
        return controls.serves(message, self._points)

    def write(self, record: Order) -> None:
        """Carry it out, and wait until its indication shows it.

        Raises: Refusal: it was not tried, has failed or nobody knows; ConnectionError: the hub
        stops, or has no database.
        """
        self._operator.carry_out(record)

    def recall(self, record: Order) -> None:
        """What became of a control that may have been begun; raises as `write`."""
        self._operator.recall(record)

    def note_in(self, notes: Notes) -> None:
        """In the hub's database: whichever hub goes on, no control is carried out twice."""
        self._outcomes.note_in(notes)

    def links(self) -> Mapping[str, Link]:
        """RTU -> how its link fares."""
        return {name: station.line.link for name, station in list(self._live.items())}

    def unreached(self) -> Mapping[str, str]:
        """RTU -> why it is not reached, and how it has fared (`hub.interfaces.Linked`)."""
        return {name: str(link) for name, link in self.links().items() if not link.is_reached}

    def _exported(self, name: str, data: bytes, dialect: Dialect) -> Sequence[Exported]:
        if not self._points:
            raise ValueError(f"{name}: there is no table of points (setting: points)")
        found = rows(name, data, dialect, export.REQUIRED, export.COLUMNS)
        return export.exported(found, self._points, self._form)

    # -- parts

    @cached_property
    def _stopped(self) -> Event:
        return Event()

    @cached_property
    def _points(self) -> Points:
        if self.points is None:
            return Points()
        dialect = Dialect(columns=self.point_columns)
        try:
            data = self.points.read_bytes()
        except OSError as error:
            raise ValueError(f"points: {error}") from error
        return table.read(self.points.name, data, dialect, self.kinds)

    @cached_property
    def _running(self) -> list[Front]:
        """The front end that runs."""
        return []

    @cached_property
    def _operator(self) -> Operator:
        return Operator(lambda: next(iter(self._running), None), self._outcomes, self.oldest)

    @cached_property
    def _outcomes(self) -> Outcomes:
        return Outcomes()

    @cached_property
    def _live(self) -> dict[str, Station]:
        """The stations that are listened to."""
        return {}

    def _stations(self) -> Mapping[str, Station]:
        """The RTUs that have points."""
        flapping = Flapping(changes=self.flapping, seconds=self.flapping_seconds)
        return {
            name: Station(
                name,
                self._line(name, rtu),
                Watch(points, flapping),
                self.integrity,
                confirming=frozenset(point.indication for point in self._points.controls),
            )
            for name, rtu in self.rtus.items()
            if (points := self._points.of(name))
        }

    def _line(self, name: str, rtu: Rtu) -> Line:
        # Here, so that who reads files only needs no protocol.
        if rtu.protocol == "iec104":
            from adapters.scada.iec104 import Iec104Line

            return Iec104Line(name, rtu, self._points.of(name))
        groups = {"": self.scan, **self.groups}
        if rtu.protocol == "opcua":
            from adapters.scada.opcua import OpcUaLine

            return OpcUaLine(name, rtu, self._points.of(name), groups)
        from adapters.scada.modbus import ModbusLine

        operates = any(point.rtu == name for point in self._points.controls)
        return ModbusLine(name, rtu, self._points.of(name), groups, operates=operates)

    @cached_property
    def inbox(self) -> WatchFolder[ScadaRecord]:
        """The folder as watched; `read` waits between two looks, for RTUs do not."""
        return WatchFolder(
            self.folder,
            self.records,
            suffixes=self.suffixes,
            settle=self.settle,
            interval=0.0,
            max_bytes=self.max_bytes,
        )

    @cached_property
    def _form(self) -> export.Form:
        return export.Form(
            zone=self.clock,
            time_format=self.time_format,
            bad=self.bad,
            quality=self.quality,
        )

    # -- rules

    def _check_numbers(self) -> None:
        for name, value in {
            "scan": self.scan,
            "integrity": self.integrity,
            "oldest": self.oldest,
            **self.groups,
        }.items():
            if value <= 0:
                raise ValueError(f"{name}: {value!r} seconds; they must be above 0")

    def _check_point(self, point: Point) -> None:
        where = f"points: point {point.name}"
        known = ("", *self.groups)
        if point.group not in known:
            raise ValueError(f"{where}: group {point.group!r} is not in groups: {', '.join(known)}")
        if not point.place:
            return
        if point.rtu not in self.rtus:
            raise ValueError(f"{where}: rtu {point.rtu!r} is not among the rtus of the settings")
        spoken, (protocol, name) = self.rtus[point.rtu].protocol, _protocol(point)
        if protocol != spoken:
            raise ValueError(
                f"{where}: type {point.place} is of {name}, the RTU {point.rtu} speaks {spoken}"
            )
        if point.indication and (rule := controls.wrong(point, self._points)):
            raise ValueError(f"{where}: {rule}")


def _protocol(point: Point) -> tuple[str, str]:
    """Of its type, and how it is called."""
    if isinstance(point.place, Table):
        return "modbus", "Modbus"
    return ("opcua", "OPC UA") if point.place == NODE else ("iec104", "IEC 60870-5-104")


def _check_extra(name: str, protocol: str) -> None:
    library, licence = _EXTRAS.get(protocol, ("", ""))
    if library and find_spec(library) is None:
        raise ValueError(
            f"rtus.{name}: protocol {protocol} needs the library {library}, which is under the"
            f" {licence} and so never installed by itself: pip install 'gridbus[{protocol}]'"
        )
