"""How far something was read, kept beside the files that it became."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from hub.disk import put


@dataclass(frozen=True)
class Position:
    """How far was read.

    since: the largest key.
    rows:  digest of the rows or pages that were read last.
    """

    since: str | int
    rows: str = ""

    @classmethod
    def kept(cls, path: Path, start: str | int) -> Position:
        """The one in a file; without it the start.  Raises: OSError."""
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else cls(start)

    def keep(self, path: Path) -> None:
        """Raises: OSError, with the file as it was."""
        put(path, json.dumps(asdict(self)).encode())
