"""Adapters keep apart: what one drops or takes in a folder, or calls by a number, no other one
takes for its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from hub.handover import Way
from hub.settings import ConfigError


class _Place(NamedTuple):
    """A folder of an adapter, the setting that names it, and which files of it are its."""

    name: str
    setting: str
    folder: Path
    kind: type[Any]
    suffixes: frozenset[str]


def check_apart(adapters: Mapping[str, Any], folder: Path) -> None:
    """Two may watch one folder only for files with other ends; an outbox belongs to one; two of a
    kind speak of other systems, where identifiers follow from the system.

    folder: of the settings.
    Raises: ConfigError, naming both and the folder or the system.
    """
    _check_systems(adapters, folder)
    places = [place for name, adapter in adapters.items() for place in _places(name, adapter)]
    for one, other in combinations(places, 2):
        if one.folder == other.folder and _meet(one, other):
            where = folder / "adapters" / f"{other.name}.toml"
            raise ConfigError(
                f"{where}: {other.setting}: {other.folder} is {one.setting} of {one.name}, too:"
                " each would take the other's files; give each its own"
            )


def _check_systems(adapters: Mapping[str, Any], folder: Path) -> None:
    for (name, one), (second, other) in combinations(adapters.items(), 2):
        system = getattr(one, "system", None)
        if type(one) is type(other) and system is not None and system == other.system:
            raise ConfigError(
                f"{folder / 'adapters' / f'{second}.toml'}: system: {system!r} is that of {name},"
                " too, and identifiers follow from it; give each its own"
            )


def _places(name: str, adapter: Any) -> Iterator[_Place]:
    watched: Path | None = getattr(adapter, "folder", None)
    if watched is None:
        return
    suffixes = frozenset(getattr(adapter, "suffixes", ()))
    yield _Place(name, "folder", watched.resolve(), type(adapter), suffixes)
    way = getattr(adapter, "out", None)
    if isinstance(way, Way) and "files" in way.ways:
        outbox = (watched / way.outbox).resolve()
        yield _Place(name, "out.outbox", outbox, type(adapter), frozenset())


def _meet(one: _Place, other: _Place) -> bool:
    if one.setting != other.setting:
        return True
    return one.kind is other.kind or not one.suffixes.isdisjoint(other.suffixes)
