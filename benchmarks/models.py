"""CIM files: in, out, what two of them differ in, and from a file to what is energised.

Each measurement is made in a process of its own.  Its memory is what it held at most beyond what
it held with the libraries loaded.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import RUNS, Figures, Row, differences, feeders, islands, readers
from benchmarks.apart import MEGABYTE, apart

_SLOW = 3  # runs of what takes long
_SWITCH = re.compile(rb"(<cim:Switch\.open>)false")

Works = Mapping[str, Callable[[], Figures]]
Columns = list[list[float]]
"""All runs of each figure: seconds and megabytes of each step."""


def rows() -> list[Row]:
    one, many = feeders.ieee9500(), feeders.replicated()
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        return [
            *_in_and_out(one, Path(folder)),
            *(row for file in feeders.published(Path(folder)) for row in _in(file)),
            *_in(many),
            *_islands(one),
            *_islands(many),
            *_differences(one, Path(folder)),
        ]


def _in_and_out(file: Path, folder: Path) -> list[Row]:
    target = folder / "out.xml"
    ours, peers = _measured(
        apart(readers.ours, file, target), {"triplets[arrow]": apart(readers.triplets, file)}
    )
    slower = {
        "pyoxigraph, nothing kept (3 runs)": apart(readers.pyoxigraph_parse, file),
        "pyoxigraph Store (3 runs)": apart(readers.pyoxigraph_store, file, target),
    }
    peers |= _by_name(slower, _SLOW)
    peers |= _by_name({"rdflib (once)": apart(readers.rdflib, file, target)}, 1)
    strict = _by_name({"": apart(readers.ours_strict, file)}, 1)[""]
    out = {peer: columns[2:] for peer, columns in peers.items() if len(columns) > 2}
    return [
        *_rows(f"Import, {_size(file)}", ours, peers),
        *_rows(f"Import by the strict path, once, {_size(file)}", strict, {"our fast path": ours}),
        *_rows(f"Canonical export, {_size(file)}", ours[2:], out),
    ]


def _in(file: Path) -> list[Row]:
    ours, peers = _measured(
        apart(readers.ours, file), {"triplets[arrow]": apart(readers.triplets, file)}
    )
    slower = {
        "pyoxigraph, nothing kept (3 runs)": apart(readers.pyoxigraph_parse, file),
        "pyoxigraph Store (3 runs)": apart(readers.pyoxigraph_store, file),
    }
    strict = _by_name({"": apart(readers.ours_strict, file)}, 1)[""]
    return [
        *_rows(f"Import, {_size(file)}", ours, peers | _by_name(slower, _SLOW)),
        *_rows(f"Import by the strict path, once, {_size(file)}", strict, {"our fast path": ours}),
    ]


def _islands(file: Path) -> list[Row]:
    works = {
        "triplets + scipy, one phase": apart(islands.triplets_scipy, file),
        "triplets + networkx, one phase": apart(islands.triplets_networkx, file),
    }
    return _rows(
        f"File to energised phases, {_size(file)}", *_measured(apart(islands.ours, file), works)
    )


def _differences(file: Path, folder: Path) -> list[Row]:
    """Of the feeder and the same with every switch turned."""
    other = folder / "turned.xml"
    other.write_bytes(_SWITCH.sub(rb"\1true", file.read_bytes()))
    works = {
        "pyoxigraph, sets": apart(differences.pyoxigraph, file, other),
        "triplets, frames": apart(differences.triplets, file, other),
    }
    return _rows(
        f"Difference of two models, {_size(file)}",
        *_measured(apart(differences.ours, file, other), works),
    )


def _measured(
    ours: Callable[[], Figures], peers: Works, runs: int = RUNS
) -> tuple[Columns, dict[str, Columns]]:
    """Ours and theirs by turns."""
    columns = _by_name({"": ours, **peers}, runs)
    return columns.pop(""), columns


def _by_name(works: Works, runs: int) -> dict[str, Columns]:
    """The columns of each work; all run by turns."""
    taken: dict[str, list[Figures]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            taken[name].append(work())
    return {name: [list(c) for c in zip(*figures, strict=True)] for name, figures in taken.items()}


def _rows(what: str, ours: Columns, peers: Mapping[str, Columns]) -> list[Row]:
    """Of the first step: its seconds beside each peer's, then its megabytes."""
    seconds = [Row.of(what, "s", ours[0], theirs[0], peer) for peer, theirs in peers.items()]
    memory = [
        Row.of(f"{what}: memory", "MB", ours[1], theirs[1], peer)
        for peer, theirs in peers.items()
        if max(theirs[1]) > 5  # one that keeps nothing is no measure
    ]
    return [*seconds, *memory]


def _size(file: Path) -> str:
    return f"{file.stat().st_size / MEGABYTE:.0f} MB"
