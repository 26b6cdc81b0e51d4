"""Facts from schema files, RDFS and OWL, several profiles of one version put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from cim.model.read import read
from cim.vocabulary import owl, rdfs
from cim.vocabulary.facts import Class, Datatype, Enumeration, Facts, Profile, Property
from cim.vocabulary.nodes import Nodes


def facts_of(files: Sequence[bytes | Path], name: str, origin: str = "") -> Facts:
    """What these files state, as the version `name`.

    A profile is called what its file calls it, else by the name of the file up to the first dot.

    Raises: Refusal, when a file is no RDF/XML; ValueError, when it is no schema of the CIM.
    """
    parts = [_facts(file, number) for number, file in enumerate(files, 1)]
    found = joined(parts)
    profiles = tuple(replace(profile, version=name) for profile in found.profiles)
    return replace(found, name=name, origin=origin, profiles=profiles)


def _facts(file: bytes | Path, number: int) -> Facts:
    name = file.name.partition(".")[0] if isinstance(file, Path) else f"profile {number}"
    data = file.read_bytes() if isinstance(file, Path) else file
    nodes = Nodes.of(read(data, name))
    found = owl.facts(nodes, name) if owl.is_owl(nodes) else rdfs.facts(nodes, name)
    if not found.classes:
        raise ValueError(f"{name} describes no class: it is neither RDFS nor OWL of the CIM.")
    return found


def joined(parts: Sequence[Facts]) -> Facts:
    """All facts of `parts`: rows that differ in nothing but their profiles become one."""
    return Facts(
        "",
        "",
        _profiles(p for part in parts for p in part.profiles),
        _rows(c for part in parts for c in part.classes),
        _rows(p for part in parts for p in part.properties),
        _enumerations(e for part in parts for e in part.enumerations),
        _datatypes(d for part in parts for d in part.datatypes),
    )


_R = TypeVar("_R", Class, Property)


def _rows(rows: Iterable[_R]) -> tuple[_R, ...]:
    found: dict[_R, set[str]] = {}
    for row in rows:
        found.setdefault(replace(row, profiles=()), set()).update(row.profiles)
    return tuple(replace(row, profiles=tuple(sorted(found[row]))) for row in found)


def _profiles(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    found: dict[str, Profile] = {}
    for one in profiles:
        known = found.setdefault(one.name, one)
        iris = sorted({*known.iris, *one.iris})
        found[one.name] = replace(known, iris=tuple(iris))
    return tuple(found.values())


def _enumerations(enumerations: Iterable[Enumeration]) -> tuple[Enumeration, ...]:
    found: dict[str, Enumeration] = {}
    for one in enumerations:
        known = found.setdefault(one.name, one)
        values = dict(one.values) | dict(known.values)
        found[one.name] = replace(known, values=tuple(sorted(values.items())))
    return tuple(found.values())


def _datatypes(datatypes: Iterable[Datatype]) -> tuple[Datatype, ...]:
    """Each once; the first that knows its base stays."""
    found: dict[str, Datatype] = {}
    for one in datatypes:
        if one.name not in found or not found[one.name].base:
            found[one.name] = one
    return tuple(found.values())
