"""The GIS adapter: a watch folder of network models and of layers that become some."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from adapters.gis import formats
from adapters.gis.mapping import Features
from adapters.gis.table import Table
from cim.message import Outgoing
from cim.model import Model, write
from cim.parse import MODEL
from cim.violation import Refusal
from cim.vocabulary import versions
from cim.vocabulary.vocabulary import Vocabulary
from hub import model_file
from hub.file_adapter import FileAdapter
from hub.model_file import ModelFile

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class GisAdapter(FileAdapter[ModelFile]):
    """Settings beside those of every `FileAdapter`, in `config/adapters/gis.toml`.

    folder:   where the GIS drops CIM documents (*.xml, *.rdf, *.zip, *.gz) and layers (*.gpkg,
              *.geojson, *.json, shapefiles in a *.zip).
    profile:  URI of the profile of documents whose header names none.
    features: how layers become a model.
    """

    suffixes: ClassVar = (*model_file.SUFFIXES, *formats.SUFFIXES)

    folder: Path = Path("feeds/gis")
    max_bytes: int = 512 * 1024 * 1024
    profile: str = model_file.PROFILE
    features: Features = field(default_factory=Features)

    def __post_init__(self) -> None:
        if self.features.layers:
            self.features.check(self.words)

    @cached_property
    def words(self) -> Vocabulary | None:
        """What the mapping is checked against."""
        name = self.features.vocabulary
        return versions.vocabulary(name) if name else None

    def records(self, name: str, data: bytes) -> Sequence[ModelFile]:
        """The file, once it has passed the gate.  Raises: Refusal naming place and rule."""
        plan = self.features
        tables = formats.tables(name, data, plan.encoding, MODEL.bytes, plan.sources)
        if tables is None:
            file = model_file.read(name, data, self.profile)
        else:
            file = self._of_layers(name, data, tables)
        return [file]

    def read(self) -> Iterator[Sequence[ModelFile]]:
        """The records of each new file; what is odd in it is logged."""
        for batch in super().read():
            for remark in (remark for file in batch for remark in file.remarks):
                log.warning("%s", remark)
            yield batch

    def _of_layers(self, name: str, data: bytes, tables: Sequence[Table]) -> ModelFile:
        from adapters.gis import reading

        if not self.features.layers:
            rule = f"{name} holds layers, and features.layers says of none what it is in the CIM."
            raise Refusal.of("1.8", rule)
        called = self.features.model or model_file.stem(Path(name).stem)
        found = reading.read(name, tables, self.features, self.words, model_file.identity(called))
        says = found.says
        document = write.full(says) if isinstance(says, Model) else write.difference(says)
        return ModelFile(
            name,
            data,
            (model_file.of_document(called, name, document, self.profile),),
            found.remarks,
        )

    def again(self, origin: str, data: bytes) -> Sequence[ModelFile]:
        """The file that was refused, as `records`."""
        return self.records(origin, data)

    def to_cim(self, record: ModelFile) -> Iterable[Outgoing]:
        """One file, one message, with all models in it: full ones and differences."""
        yield record.outgoing()
