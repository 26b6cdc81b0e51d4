"""Native files of the demo utility's systems, dropped as those systems would drop them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from dms_apps.simulator.storm import Storm
from dms_apps.simulator.utility import Utility

Rows = Iterable[Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Writers:
    """The native formats: `adapters.gis.native.write`, `adapters.cis.native.write` and
    `adapters.ami.native.write`, given by whoever puts the demo together."""

    gis: Callable[[str, bytes], bytes]
    cis: Callable[[Rows], bytes]
    ami: Callable[[Rows], bytes]

    def network(self, utility: Utility) -> tuple[str, bytes]:
        """Name and bytes of the GIS's file."""
        return f"{utility.name}.zip", self.gis(utility.name, utility.document)

    def customers(self, utility: Utility) -> tuple[str, bytes]:
        """Name and bytes of the CIS's file."""
        return f"{utility.name}-service-points.csv", self.cis(utility.service_points())

    def storm(self, storm: Storm, name: str) -> list[tuple[str, bytes]]:
        """Names and bytes of the head-end's files, the late one last."""
        parts = {"1": storm.prompt, "2-late": storm.late}
        return [(f"{name}-{part}.csv", self.ami(rows)) for part, rows in parts.items() if rows]

    def restoration(self, rows: Rows, name: str) -> tuple[str, bytes]:
        """Name and bytes of the head-end's file."""
        return f"{name}-restored.csv", self.ami(rows)


def writer(name: str) -> Callable[..., Any]:
    """The writer of a native format, which lies beside its reader.  Raises: KeyError."""
    found: Callable[..., Any] = entry_points(group="gridbus.native")[name].load()
    return found


def drop(folder: Path, name: str, data: bytes) -> Path:
    """Put a file into a watch folder so that it is never seen half-written."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{name}.part"
    part.write_bytes(data)
    return part.rename(folder / name)
