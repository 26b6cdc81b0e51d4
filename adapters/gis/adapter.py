"""The GIS adapter: a watch folder of network models."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cim.message import Outgoing
from hub import model_file
from hub.folder import WatchFolder
from hub.model_file import ModelFile

log = logging.getLogger(__name__)


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
    profile: str = model_file.PROFILE

    @cached_property
    def inbox(self) -> WatchFolder[ModelFile]:
        """The folder as watched."""
        return WatchFolder(
            self.folder,
            self.records,
            suffixes=model_file.SUFFIXES,
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
