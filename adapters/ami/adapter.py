"""The AMI adapter: a watch folder of files that the head-end or a meter data provider drops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from adapters.ami import espi, mapping, mdff, reading_types, words
from adapters.ami.documents import Element, WrongElement, elements
from adapters.ami.events import check_heard_of, from_row
from adapters.ami.mdff.fields import offset
from adapters.ami.requests import TYPES, Requests, parcels, serves
from cim import parse
from cim.dialect import Dialect as XmlDialect
from cim.message import Message, Outgoing, Topic
from hub.file_adapter import TableAdapter
from hub.handover import Handover, Notes, Parcel
from hub.rows import Row, rows

REQUIRED = ("meter_number", "event_time", "event_code")
COLUMNS = (*REQUIRED, "event_name", "event_id", "usage_point", "correlation_id")
MOST = 1_000
"""Events of one message."""

AmiRecord = Row | Element | WrongElement | mdff.Block | espi.FeedBlock
"""An event by row or element; readings by element or block."""


@dataclass(frozen=True, kw_only=True)
class AmiAdapter(TableAdapter[AmiRecord]):
    """Settings beside those of every `TableAdapter`, in `config/adapters/ami.toml`.

    folder:   where the head-end drops *.csv and *.xml.
    zone:     of event times that carry no offset, e.g. "America/Chicago".
    local:    event times are local whatever offset is written beside them ("Z" included).
    strictness, tolerances, time_format: how strictly XML files are read, as `cim.dialect.Dialect`
              says.
    codes:    native event code, or category of the first edition, -> EndDeviceEventType; empty when
              the files carry the standard's.
    known_codes: whether an event is refused whose code has a number that no table of `gridbus
              codes` has at its place, and that no code of `codes` stands for.
    reading_types, reading_qualities: of XML files, native code -> that of the standard; what is
              not in them must be the standard's.
    batch:    events of one file in one message at most; 1: each event is a message.
    columns:  our column -> theirs; ours are meter_number, event_time, event_code, event_name,
              event_id, usage_point and correlation_id, of which the last four may be missing.
    nem:      NMISuffix, or its letter, -> reading type of intervals in NEM12 files; the second `*`
              is the multiplier of the file's unit, the first the length of its intervals.
    nem_registers, nem_quantities: the same for reads of registers (500 and 250 rows), and for what
              was used between two of them; DirectionIndicator is a key, too.
    nem_quality, espi_quality: quality of NEM12, NEM13 or Green Button -> that of IEC 61968-9.
    out:      how the head-end is asked for something, as `requests.Requests` says.
    nem_offset: from UTC, of all times in NEM12 and NEM13 files; the market knows no summer time.
    """

    suffixes: ClassVar = (".csv", ".xml")
    known_columns: ClassVar = frozenset(COLUMNS)

    folder: Path = Path("feeds/ami")
    local: bool = False
    strictness: str = "tolerant"
    tolerances: tuple[str, ...] | None = None
    time_format: str = ""
    batch: int = 200
    codes: Mapping[str, str] = field(default_factory=dict)
    known_codes: bool = False
    reading_types: Mapping[str, str] = field(default_factory=dict)
    reading_qualities: Mapping[str, str] = field(default_factory=dict)
    nem: Mapping[str, str] = field(default_factory=mapping.nem)
    nem_registers: Mapping[str, str] = field(default_factory=mapping.nem_registers)
    nem_quantities: Mapping[str, str] = field(default_factory=mapping.nem_quantities)
    nem_quality: Mapping[str, str] = field(default_factory=mapping.nem_quality)
    nem_offset: str = "+10:00"
    espi_quality: Mapping[str, str] = field(default_factory=mapping.espi_quality)
    out: Requests = field(default_factory=Requests)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.batch <= MOST:
            raise ValueError(f"batch: {self.batch} is not from 1 to {MOST:,}")
        # Now, so that a tolerance nobody knows and a code that is none stop the start.
        self._dialect_of_xml  # noqa: B018
        self._mapped  # noqa: B018
        self._words  # noqa: B018

    def records(self, name: str, data: bytes) -> Sequence[AmiRecord]:
        """The records of one file.  Raises: ValueError when it is unusable as a whole."""
        if name.lower().endswith(".xml"):
            return self._of_xml(name, data)
        if mdff.is_mdff(data):
            return mdff.blocks(name, data, self.encoding)
        return rows(name, data, self.dialect, REQUIRED, COLUMNS)

    def again(self, origin: str, data: bytes) -> Sequence[AmiRecord]:
        """What was kept of a refused record: it comes in a file of its own."""
        if data.lstrip().startswith(b"<"):
            return self._of_xml(origin, data)
        if mdff.is_mdff(data):
            return mdff.blocks(origin, data, self.encoding)
        return rows(origin, data, replace(self.dialect, trailer=""), REQUIRED, COLUMNS)

    def _of_xml(self, name: str, data: bytes) -> Sequence[Element | WrongElement | espi.FeedBlock]:
        if espi.may_be_feed(data) and espi.is_feed(feed := parse.parse(data, espi.LIMITS)):
            return espi.blocks(name, feed)
        return elements(name, data, self._dialect_of_xml)

    def to_cim(self, record: AmiRecord) -> Iterable[Outgoing]:
        """One event or one block of readings, one message; several of a long Green Button block."""
        found = self._said(record)
        if not self.known_codes:
            return found
        heard = list(found)
        for one in heard:
            check_heard_of(record.origin, one, self.codes)
        return heard

    def _said(self, record: AmiRecord) -> Iterator[Outgoing]:
        if isinstance(record, WrongElement):
            raise record.refusal
        if isinstance(record, Element):
            yield words.outgoing(record, self._words)
        elif isinstance(record, mdff.Block):
            yield mdff.outgoing(record, self._mapped)
        elif isinstance(record, espi.FeedBlock):
            yield from espi.outgoing(record, self.espi_quality)
        elif not record.raw.endswith((b"\n", b"\r")):
            # A code cut in the middle may be another code.
            raise ValueError(f"{record.origin}: the row is cut short: its line does not end")
        else:
            yield from_row(record, self.codes, self.clock, local=self.local)

    @property
    def together(self) -> Mapping[str, int]:
        """Events of a file go together (`hub.interfaces.Gathering`)."""
        return {"EndDeviceEvents": self.batch} if self.batch > 1 else {}

    @property
    def topics(self) -> frozenset[Topic]:
        """What the head-end is asked for; nothing without a way."""
        return self.out.topics

    def from_cim(self, message: Message) -> Iterable[Parcel]:
        """The native requests of one message."""
        return parcels(message, self.out)

    def serves(self, message: Message) -> bool:
        """Whether it names any meter of the head-end (`hub.interfaces.Serving`)."""
        return serves(message, self.out)

    def write(self, record: Parcel) -> None:
        """Raises: ConnectionError; Refusal, also when nobody knows what became of it."""
        self._handover.hand_over(record)

    def note_in(self, notes: Notes) -> None:
        """In the hub's database: whichever hub goes on, nothing is sent twice."""
        self._handover.note_in(notes)

    def stop(self) -> None:
        """Let `read` and `write` end."""
        super().stop()
        self._handover.stop()

    @cached_property
    def _handover(self) -> Handover:
        return Handover(self.folder, self.out, TYPES[self.out.format])

    @cached_property
    def _mapped(self) -> mdff.Mapped:
        reading_types.check("nem", self.nem, (reading_types.PERIOD, reading_types.MULTIPLIER))
        reading_types.check("nem_registers", self.nem_registers, (reading_types.MULTIPLIER,))
        reading_types.check("nem_quantities", self.nem_quantities, (reading_types.MULTIPLIER,))
        reading_types.check_qualities("nem_quality", self.nem_quality)
        reading_types.check_qualities("espi_quality", self.espi_quality)
        return mdff.Mapped(
            intervals=self.nem,
            registers=self.nem_registers,
            quantities=self.nem_quantities,
            qualities=self.nem_quality,
            zone=offset(self.nem_offset),
        )

    @cached_property
    def _words(self) -> words.Words:
        reading_types.check("reading_types", self.reading_types, ())
        reading_types.check_qualities("reading_qualities", self.reading_qualities)
        return words.Words(
            codes=self.codes,
            reading_types=self.reading_types,
            reading_qualities=self.reading_qualities,
        )

    @cached_property
    def _dialect_of_xml(self) -> XmlDialect:
        return XmlDialect.of(
            self.strictness, self.tolerances, self.zone, self.time_format, self.codes
        )
