"""The GIS adapter: a watch folder of network models."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from adapters.gis import header
from cim.message import Outgoing, Verb
from cim.network.document import read_model
from cim.profile import RdfXml, Reference
from cim.profiles.network_models import NetworkModel, NetworkModels
from hub.folder import WatchFolder

_MODELS = uuid.UUID("8f0c3c1a-5c0e-5b4e-8a39-0d4f6e2f5b77")  # namespace of our version 5 UUIDs


@dataclass(frozen=True)
class ModelFile:
    """One file as dropped, and the model in it."""

    origin: str
    raw: bytes
    model: NetworkModel


@dataclass(frozen=True, kw_only=True)
class GisAdapter:
    """Settings, in `config/adapters/gis.toml`.

    folder:   where the GIS drops *.xml, *.rdf, *.zip or *.gz.
    settle:   seconds without change after which a file is complete.
    interval: seconds between two looks.
    profile:  URI of the profile of documents whose header names none.
    """

    folder: Path = Path("feeds/gis")
    settle: float = 2.0
    interval: float = 1.0
    max_bytes: int = 512 * 1024 * 1024
    profile: str = "http://iec.ch/TC57/CIM100"

    @cached_property
    def inbox(self) -> WatchFolder[ModelFile]:
        """The folder as watched."""
        return WatchFolder(
            self.folder,
            self.records,
            suffixes=(".xml", ".rdf", ".zip", ".gz"),
            settle=self.settle,
            interval=self.interval,
            max_bytes=self.max_bytes,
        )

    def read(self) -> Iterator[Sequence[ModelFile]]:
        """Each new file."""
        return self.inbox.batches()

    def stop(self) -> None:
        """Let `read` end."""
        self.inbox.stop()

    def records(self, name: str, data: bytes) -> Sequence[ModelFile]:
        """The file, once it has passed the gate.  Raises: Refusal naming line and rule."""
        return [ModelFile(name, data, self._model(name, read_model(data, name)))]

    def to_cim(self, record: ModelFile) -> Iterable[Outgoing]:
        """One file, one model."""
        model = record.model
        digest = hashlib.sha256(model.mrid.encode())
        digest.update(model.document)
        payload = NetworkModels(network_model=(model,))
        yield Outgoing(Verb.CREATED, payload, external_id=digest.hexdigest())

    def _model(self, name: str, document: bytes) -> NetworkModel:
        """The model; without a header in the document its identity is the name of the file."""
        mrid, said = header.read(document)
        return NetworkModel(
            mrid=mrid or str(uuid.uuid5(_MODELS, _stem(name))),
            created=_moment(said.get("Model.created", [""])[0]),
            description=said.get("Model.description", [f"{_stem(name)} from the GIS"])[0],
            profile=tuple(said.get("Model.profile", [self.profile])),
            version=next(iter(said.get("Model.version", [])), None),
            dependent_on=tuple(map(Reference, said.get("Model.DependentOn", []))),
            document=RdfXml(document),
            supersedes=tuple(map(Reference, said.get("Model.Supersedes", []))),
        )


def _stem(name: str) -> str:
    """The name of a file without its endings: feeder.xml.gz, feeder.zip -> feeder."""
    path = Path(name)
    while path.suffix.lower() in (".xml", ".rdf", ".zip", ".gz"):
        path = path.with_suffix("")
    return path.name


def _moment(text: str) -> datetime | None:
    """A time of the header; one without offset counts as UTC, one that cannot be read as none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
