"""The GIS adapter: a watch folder of network models."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cim.message import Outgoing
from hub import model_file
from hub.file_adapter import FileAdapter
from hub.model_file import ModelFile

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class GisAdapter(FileAdapter[ModelFile]):
    """Settings beside those of every `FileAdapter`, in `config/adapters/gis.toml`.

    folder:   where the GIS drops *.xml, *.rdf, *.zip or *.gz.
    profile:  URI of the profile of documents whose header names none.
    """

    suffixes: ClassVar = model_file.SUFFIXES

    folder: Path = Path("feeds/gis")
    max_bytes: int = 512 * 1024 * 1024
    profile: str = model_file.PROFILE

    def records(self, name: str, data: bytes) -> Sequence[ModelFile]:
        """The file, once it has passed the gate.  Raises: Refusal naming line and rule."""
        file = model_file.read(name, data, self.profile)
        for remark in file.remarks:
            log.warning("%s", remark)
        return [file]

    def again(self, origin: str, data: bytes) -> Sequence[ModelFile]:
        """The file that was refused, as `records`."""
        return self.records(origin, data)

    def to_cim(self, record: ModelFile) -> Iterable[Outgoing]:
        """One file, one message, with all models in it: full ones and differences."""
        yield record.outgoing()
