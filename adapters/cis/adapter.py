"""The CIS adapter: a watch folder of service points, all of them or what has changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from lxml import etree

from adapters.cis import customers, documents, fixed_width, linkage
from adapters.cis.fields import AREAS, KNOWN, Fields, Writing
from adapters.cis.model import document, identifier
from adapters.cis.service_points import ServicePoint, service_points
from adapters.cis.terms import CHANGES, Terms, changes_of, kinds_of, nouns_of
from cim import xml
from cim.message import Outgoing, Verb
from cim.profile import Profile, RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from hub.file_adapter import TableAdapter, check_columns
from hub.rows import Dialect, rows

PROFILE = "urn:gridbus:61968-13:2026:UsagePoint"
MODEL = "NetworkModels"


@dataclass(frozen=True)
class Snapshot:
    """One file: all service points, or it is refused.

    is_counted: whether its trailer has counted them (`hub.interfaces.Counted`).
    """

    origin: str
    raw: bytes
    points: tuple[ServicePoint, ...]
    is_counted: bool = False


@dataclass(frozen=True)
class Entry:
    """One service point of a file; in a delta, what happened to it.

    origin: where it was first read.
    """

    origin: str
    fields: Fields
    delta: bool

    @property
    def raw(self) -> bytes:
        return self.fields.raw

    @property
    def alone(self) -> bytes:
        """It as a file of its own (`hub.interfaces.Excerpt`)."""
        return self.fields.alone


CisRecord = Snapshot | Entry


@dataclass(frozen=True, kw_only=True)
class CisAdapter(TableAdapter[CisRecord]):
    """Settings beside those of every `TableAdapter`, in `config/adapters/cis.toml`.

    folder:         where the CIS drops its files.
    system:         its name; identifiers follow from it.
    nouns:          what is said: of `terms.NOUNS`.
    quote:          around fields with a delimiter in them; "" when there is none.
    at_least:       fewest rows of a whole snapshot; with fewer a file is refused as cut short.
    delta_files:    pattern of the names of files with changes only; "": those are such files
                    that have the column `change`.
    columns:        our column -> theirs; in XML their "SEGMENT.FIELD", or path in MultiSpeak.
    positions:      of fixed-width files: our column -> first character (from 1) and length.
    idoc_types, idoc_segment: MESTYP that are read, and the segment of each service point.
    equipment:      their name of a piece of equipment -> its mRID, where they have no mRIDs.
    zone, decimal, flags, phases: as `fields.Writing` says.
    changes, customer_kinds, country_code, trunk_prefix, crs: as `terms.Terms` says.
    """

    suffixes: ClassVar = (".csv", ".txt", ".dat", ".xml")
    known_columns: ClassVar = frozenset((*KNOWN, *AREAS))

    folder: Path = Path("feeds/cis")
    system: str = "CIS"
    nouns: tuple[str, ...] = (MODEL,)
    max_bytes: int = 256 * 1024 * 1024
    delimiter: str = ";"
    quote: str = '"'
    at_least: int = 1
    delta_files: str = ""
    decimal: str = "."
    country_code: str = ""
    trunk_prefix: str = ""
    crs: str = "urn:ogc:def:crs:OGC:1.3:CRS84"
    idoc_types: tuple[str, ...] = ()
    idoc_segment: str = ""
    positions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    equipment: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=lambda: {"Y": True, "N": False})
    phases: Mapping[str, str] = field(default_factory=lambda: {"Unknown": ""})
    changes: Mapping[str, str] = field(default_factory=lambda: dict(CHANGES))
    customer_kinds: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_columns("positions", self.positions, self.known_columns)
        # Now, so that a term nobody knows stops the start.
        self.terms  # noqa: B018

    @cached_property
    def terms(self) -> Terms:
        """The tables, checked.  Raises: ValueError naming key, value and rule."""
        return Terms(
            system=self.system,
            writing=Writing(
                zone=self.clock, decimal=self.decimal, flags=self.flags, phases=self.phases
            ),
            nouns=nouns_of(self.nouns),
            changes=changes_of(self.changes),
            equipment=self.equipment,
            customer_kinds=kinds_of(self.customer_kinds),
            country_code=self.country_code,
            trunk_prefix=self.trunk_prefix,
            crs=self.crs,
        )

    def records(self, name: str, data: bytes) -> Sequence[CisRecord]:
        """A snapshot, and its service points where more than the model is said; or the changes.

        Raises: ValueError with all that is wrong; of a snapshot a part is never taken.
        """
        found = self._read(name, data, self.dialect)
        if self._is_delta(name, found):
            return self._changes(name, found)
        if len(found) < self.at_least:
            raise ValueError(
                f"{name} is cut short: it has {len(found)} rows, a whole snapshot at least"
                f" {self.at_least}"
            )
        entries = [Entry(one.origin, one, delta=False) for one in found if self._says_more]
        if MODEL not in self.terms.nouns:
            return entries
        points = service_points(found, self.equipment, self.terms.writing)
        counted = bool(self.trailer) and not name.lower().endswith(".xml")
        return [Snapshot(name, data, tuple(points), counted), *entries]

    def again(self, origin: str, data: bytes) -> Sequence[CisRecord]:
        """What was kept of a refused record: a file as `records`, or a service point alone."""
        if (alone := re.fullmatch(r"(.+) \S+ \d+", origin)) is None:
            return self.records(origin, data)
        file = alone[1]
        found = self._read(file, data, replace(self.dialect, trailer=""))
        delta = self._is_delta(file, found)
        # What is corrected keeps its place: another row of the file may say the same.
        return [Entry(origin, one, delta) for one in found]

    def to_cim(self, record: CisRecord) -> Iterable[Outgoing]:
        """One snapshot, one model; one service point, a message of each of the other nouns."""
        if isinstance(record, Snapshot):
            yield self._model(record)
            return
        verb = self.terms.verb(record.fields) if record.delta else Verb.CREATED
        for said, payload in self._said(record.fields, verb):
            yield Outgoing(said, payload, external_id=self._identity(record, said, payload))

    def _model(self, snapshot: Snapshot) -> Outgoing:
        mrid = identifier("model", self.system, "service points")
        model = NetworkModel(
            mrid=mrid,
            description=f"{len(snapshot.points):,} usage points from {self.system}",
            profile=(PROFILE,),
            document=RdfXml(document(self.system, mrid, PROFILE, snapshot.points)),
        )
        # Of what the file becomes: read by a mapping that was corrected, it is news.
        digest = hashlib.sha256(model.document).hexdigest()
        models = NetworkModels(network_model=(model,))
        return Outgoing(Verb.CREATED, models, external_id=digest, state_of=model.mrid)

    def _said(self, fields: Fields, verb: Verb) -> Iterator[tuple[Verb, Profile]]:
        deleted, nouns = verb is Verb.DELETED, self.terms.nouns
        if "UsagePointConfig" in nouns:
            make = linkage.gone if deleted else linkage.usage_point
            yield verb, make(fields, self.terms)
        if "CustomerAgreements" in nouns:
            agreed = customers.ended if deleted else customers.agreements
            if (agreement := agreed(fields, self.terms)) is not None:
                yield verb, agreement
        if "MasterDataLinkageConfig" in nouns:
            link = linkage.linkage(fields, self.terms, deleted=deleted)
            if link is not None:
                yield Verb.CREATED, link

    def _identity(self, entry: Entry, verb: Verb, payload: Profile) -> str:
        """What tells the fact from others: when it was so, else where it was read.

        And what is said: that, and not the bytes, changes when the mapping is corrected.
        """
        fields = entry.fields
        since = self.terms.writing.moment(fields, "as_of")
        point, when = fields["service_point_id"], since.isoformat() if since else entry.origin
        content = _digest(fields, payload)
        return identifier(
            f"{verb} {type(payload).__name__}", self.system, f"{point} {when} {content}"
        )

    @property
    def _says_more(self) -> bool:
        return bool(self.terms.nouns - {MODEL})

    def _is_delta(self, name: str, found: Sequence[Fields]) -> bool:
        if self.delta_files:
            return fnmatchcase(name.lower(), self.delta_files.lower())
        return any(one.has("change") for one in found)

    def _changes(self, name: str, found: Sequence[Fields]) -> Sequence[CisRecord]:
        if not self._says_more:
            raise ValueError(
                f"{name} has changes only, and a model is made of all service points:"
                " name other nouns in the settings, or send a snapshot"
            )
        return [Entry(one.origin, one, delta=True) for one in found]

    def _read(self, name: str, data: bytes, dialect: Dialect) -> Sequence[Fields]:
        if name.lower().endswith(".xml"):
            return documents.elements(name, data, self.idoc_segment, self.idoc_types, self.columns)
        if not self._ends(data):
            raise ValueError(f"{name} is cut short: its last line does not end")
        if self.positions:
            return fixed_width.lines(name, data, dialect, self.positions)
        # A snapshot says of no change, nor since when it is so.
        read = [column for column in (*KNOWN, *AREAS) if column not in ("change", "as_of")]
        return rows(name, data, dialect, self._required, read)

    def _ends(self, data: bytes) -> bool:
        wide = self.encoding.lower().replace("_", "-").startswith("utf-16")
        last = data[-2:].strip(b"\0") if wide else data[-1:]
        return last in (b"\n", b"\r")

    @property
    def _required(self) -> tuple[str, ...]:
        """The columns without which nothing of the nouns could be said."""
        of_model = ("meter_number",) if MODEL in self.terms.nouns else ()
        equipped = of_model and (
            "transformer" if "transformer" in self.columns else "equipment_mrid",
        )
        return ("service_point_id", *of_model, *equipped)

    @cached_property
    def dialect(self) -> Dialect:
        """How its system writes tables, the mark around fields too."""
        return replace(super().dialect, quote=self.quote)


def _digest(fields: Fields, payload: Profile) -> str:
    """Of what is said.  Raises: ValueError for a character that no XML can hold."""
    try:
        return hashlib.sha256(etree.tostring(xml.encode(payload))).hexdigest()
    except ValueError as error:
        raise ValueError(f"{fields.origin}: {error}") from None
