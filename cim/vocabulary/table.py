"""Facts as a table of tab-separated lines, sorted, and back.

The lines, by their first cell:

    version      name
    namespace    key, IRI                  the key "" is that of most names
    profile      name, marks, IRIs...
    datatype     key, name, base, unit, multiplier
    enumeration  key, name, values...      a value of another namespace is written key:value
    class        key, name, parents, marks, profiles
    property     key, name, types, multiplicity, marks, inverse, profiles, domain if not in the name

Marks are letters: C canonical; c concrete, a abstract, d described, v compound (a value);
u unused end.  Lists inside a cell are separated by "|".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from cim.vocabulary.facts import Class, Datatype, Enumeration, Facts, Profile, Property

FORMAT = "# Gridbus vocabulary, format 1: names, parents, types, multiplicities and values only."


def write(facts: Facts) -> bytes:
    """The table of `facts`; the same facts give the same bytes.

    Raises: ValueError, when a name holds a tab, a line break or "|".
    """
    keys = _keys(facts)
    lines = [FORMAT, *(f"# {line}" for line in facts.origin.splitlines())]
    rows = [["version", facts.name], *(["namespace", k, iri] for iri, k in keys.items())]
    rows += sorted(["profile", p.name, "C" * p.canonical, *p.iris] for p in facts.profiles)
    rows += sorted(_datatype(d, keys) for d in facts.datatypes)
    rows += sorted(_enumeration(e, keys) for e in facts.enumerations)
    rows += sorted((_class(c, keys) for c in facts.classes), key=lambda row: row[2:])
    rows += sorted((_property(p, keys) for p in facts.properties), key=lambda row: row[2:])
    lines += map(_line, rows)
    return ("\n".join(lines) + "\n").encode()


def read(table: bytes) -> Facts:
    """The facts of a table that `write` has written.  Raises: ValueError, naming the line."""
    reader = _Reader()
    lines = table.decode().splitlines()
    if lines[:1] != [FORMAT]:
        raise ValueError("This is no vocabulary table of format 1.")
    for number, line in enumerate(lines, 1):
        try:
            reader.line(line)
        except (LookupError, ValueError) as error:
            raise ValueError(f"Line {number} of the vocabulary table: {error}.") from None
    return reader.facts()


# -- writing


def _keys(facts: Facts) -> dict[str, str]:
    """A key for each namespace: "" for the most used one, n1, n2 ... for the others by name."""
    used = Counter(namespace for namespace in _namespaces(facts))
    ranked = sorted(used, key=lambda iri: (-used[iri], iri))
    others = sorted(ranked[1:])
    return dict.fromkeys(ranked[:1], "") | {iri: f"n{n}" for n, iri in enumerate(others, 1)}


def _namespaces(facts: Facts) -> Iterator[str]:
    for rows in (facts.classes, facts.properties, facts.datatypes, facts.enumerations):
        yield from (row.namespace for row in rows)
    yield from (namespace for e in facts.enumerations for _, namespace in e.values)


def _line(cells: list[str]) -> str:
    for cell in cells:
        if not cell.isprintable():
            raise ValueError(f"{cell!r} is no name.")
    return "\t".join(cells).rstrip("\t")


def _list(names: Iterable[str]) -> str:
    names = list(names)
    if any("|" in name for name in names):
        raise ValueError(f"{names} are no names.")
    return "|".join(names)


def _datatype(d: Datatype, keys: dict[str, str]) -> list[str]:
    return ["datatype", keys[d.namespace], d.name, d.base, d.unit, d.multiplier]


def _enumeration(e: Enumeration, keys: dict[str, str]) -> list[str]:
    cells = (
        f"{keys[namespace]}:{value}" if namespace != e.namespace or ":" in value else value
        for value, namespace in e.values
    )
    return ["enumeration", keys[e.namespace], e.name, *cells]


def _class(c: Class, keys: dict[str, str]) -> list[str]:
    marks = {None: "", True: "c", False: "a"}[c.concrete] + "d" * c.described + "v" * c.compound
    return ["class", keys[c.namespace], c.name, _list(c.parents), marks, _list(c.profiles)]


def _property(p: Property, keys: dict[str, str]) -> list[str]:
    domain = "" if p.name.partition(".")[0] == p.domain else p.domain
    number = f"{p.least}..{'n' if p.most is None else p.most}"
    marks = "" if p.used else "u"
    cells = [_list(p.types), number, marks, p.inverse, _list(p.profiles), domain]
    return ["property", keys[p.namespace], p.name, *cells]


# -- reading


class _Reader:
    def __init__(self) -> None:
        self.origin: list[str] = []
        self.name = ""
        self.namespaces: dict[str, str] = {}
        self.profiles: list[Profile] = []
        self.classes: list[Class] = []
        self.properties: list[Property] = []
        self.enumerations: list[Enumeration] = []
        self.datatypes: list[Datatype] = []
        self.lists: dict[str, tuple[str, ...]] = {"": ()}
        self.kinds: dict[str, Callable[[list[str]], None]] = {
            "version": self.version,
            "namespace": self.namespace,
            "profile": self.profile,
            "datatype": self.datatype,
            "enumeration": self.enumeration,
            "class": self.class_,
            "property": self.property,
        }

    def facts(self) -> Facts:
        return Facts(
            self.name,
            "\n".join(self.origin[1:]),
            tuple(self.profiles),
            tuple(self.classes),
            tuple(self.properties),
            tuple(self.enumerations),
            tuple(self.datatypes),
        )

    def line(self, line: str) -> None:
        if line.startswith("#"):
            self.origin.append(line[2:])
        else:
            kind, *cells = line.split("\t")
            self.kinds[kind](cells + [""] * (8 - len(cells)))

    def listed(self, cell: str) -> tuple[str, ...]:
        found = self.lists.get(cell)
        if found is None:
            found = self.lists[cell] = tuple(cell.split("|"))
        return found

    def version(self, cells: list[str]) -> None:
        self.name = cells[0]

    def namespace(self, cells: list[str]) -> None:
        self.namespaces[cells[0]] = cells[1]

    def profile(self, cells: list[str]) -> None:
        iris = tuple(filter(None, cells[2:]))
        self.profiles.append(Profile(cells[0], iris, cells[1] == "C", self.name))

    def datatype(self, cells: list[str]) -> None:
        key, name, base, unit, multiplier = cells[:5]
        self.datatypes.append(Datatype(name, self.namespaces[key], base, unit, multiplier))

    def enumeration(self, cells: list[str]) -> None:
        own = self.namespaces[cells[0]]
        values = tuple(self.value(cell, own) for cell in cells[2:] if cell)
        self.enumerations.append(Enumeration(cells[1], own, values))

    def value(self, cell: str, own: str) -> tuple[str, str]:
        key, colon, value = cell.partition(":")
        return (value, self.namespaces[key]) if colon else (cell, own)

    def class_(self, cells: list[str]) -> None:
        key, name, parents, marks, profiles = cells[:5]
        concrete = True if "c" in marks else False if "a" in marks else None
        flags = (concrete, "d" in marks, "v" in marks)
        self.classes.append(
            Class(name, self.namespaces[key], self.listed(parents), *flags, self.listed(profiles))
        )

    def property(self, cells: list[str]) -> None:
        key, name, types, number, marks, inverse, profiles, domain = cells[:8]
        low, _, high = number.partition("..")
        self.properties.append(
            Property(
                name,
                self.namespaces[key],
                domain or name.partition(".")[0],
                self.listed(types),
                int(low),
                None if high == "n" else int(high),
                inverse,
                marks != "u",
                self.listed(profiles),
            )
        )
