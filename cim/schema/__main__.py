"""Write schemas/: `python -m cim.schema [FOLDER]`; those for edition 2: `... FOLDER 2`."""

from __future__ import annotations

import sys
from pathlib import Path

from cim.schema import edition2, files


def main(folder: Path, edition: str = "1") -> None:
    """Write every generated file, and remove those that are generated no longer."""
    folder.mkdir(parents=True, exist_ok=True)
    made = edition2.files() if edition == "2" else files()
    for name, content in made.items():
        (folder / name).write_bytes(content)
    for path in folder.iterdir():
        if path.suffix in (".xsd", ".wsdl", ".rdfs") and path.name not in made:
            path.unlink()


if __name__ == "__main__":
    main(Path(*sys.argv[1:2] or ["schemas"]), *sys.argv[2:3])
