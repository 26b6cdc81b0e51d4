"""The CIS adapter: a watch folder of snapshots of all service points."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from adapters.cis.model import document, identifier
from adapters.cis.service_points import ServicePoint, service_points
from cim.message import Outgoing, Verb
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from hub.file_adapter import FileAdapter
from hub.rows import Dialect, rows

REQUIRED = ("service_point_id", "meter_number", "equipment_mrid")
PROFILE = "urn:gridbus:61968-13:2026:UsagePoint"


@dataclass(frozen=True)
class Snapshot:
    """One file: all service points, or it is refused."""

    origin: str
    raw: bytes
    points: tuple[ServicePoint, ...]


@dataclass(frozen=True, kw_only=True)
class CisAdapter(FileAdapter[Snapshot]):
    """Settings beside those of every `FileAdapter`, in `config/adapters/cis.toml`.

    folder:    where the CIS drops *.csv.
    system:    its name; identifiers follow from it.
    trailer:   first field of the last row, whose second counts the rows; "" when there is none.
    at_least:  fewest rows of a whole snapshot; with fewer a file is refused as cut short.
    columns:   our column -> theirs; ours are those of `native.COLUMNS`.
    equipment: their name of a piece of equipment -> its mRID, where they have no mRIDs.
    """

    suffixes: ClassVar = (".csv",)

    folder: Path = Path("feeds/cis")
    system: str = "CIS"
    max_bytes: int = 256 * 1024 * 1024
    delimiter: str = ";"
    encoding: str = "utf-8"
    trailer: str = ""
    at_least: int = 1
    columns: Mapping[str, str] = field(default_factory=dict)
    equipment: Mapping[str, str] = field(default_factory=dict)

    def records(self, name: str, data: bytes) -> Sequence[Snapshot]:
        """The snapshot.  Raises: ValueError with all that is wrong; a part is never taken."""
        if not data.endswith((b"\n", b"\r")):
            raise ValueError(f"{name} is cut short: its last line does not end")
        found = rows(name, data, self._dialect, REQUIRED)
        if len(found) < self.at_least:
            raise ValueError(
                f"{name} is cut short: it has {len(found)} rows, a whole snapshot at least"
                f" {self.at_least}"
            )
        return [Snapshot(name, data, tuple(service_points(found, self.equipment)))]

    def again(self, origin: str, data: bytes) -> Sequence[Snapshot]:
        """The file that was refused, as `records`."""
        return self.records(origin, data)

    def to_cim(self, record: Snapshot) -> Iterable[Outgoing]:
        """One snapshot, one model; it takes the place of the snapshot before."""
        mrid = identifier("model", self.system, "service points")
        model = NetworkModel(
            mrid=mrid,
            description=f"{len(record.points):,} usage points from {self.system}",
            profile=(PROFILE,),
            document=RdfXml(document(self.system, mrid, PROFILE, record.points)),
        )
        digest = hashlib.sha256(record.raw).hexdigest()
        yield Outgoing(Verb.CREATED, NetworkModels(network_model=(model,)), external_id=digest)

    @cached_property
    def _dialect(self) -> Dialect:
        return Dialect(
            delimiter=self.delimiter,
            encoding=self.encoding,
            trailer=self.trailer,
            columns=self.columns,
        )
