"""The difference of two versions of a model, in sentences: classes and names for identities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cim.model import Model
from cim.model.difference import Change, Difference
from cim.model.header import bare
from cim.model.model import local_name


@dataclass(frozen=True)
class Object:
    """An object that only one of two versions has."""

    kind: str
    mrid: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name or self.mrid}" + (f" ({self.mrid})" if self.name else "")


@dataclass(frozen=True)
class Value:
    """A property that an object which stays has other values of."""

    object: Object
    property: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    def __str__(self) -> str:
        old, new = (", ".join(map(_short, values)) or "nothing" for values in (self.old, self.new))
        return f"{self.property} of {self.object}: {old} -> {new}."


@dataclass(frozen=True)
class Report:
    """A difference for people: statements in all, then objects and values."""

    reverse: int
    forward: int
    added: tuple[Object, ...]
    removed: tuple[Object, ...]
    changed: tuple[Value, ...]

    def sentences(self) -> Iterator[str]:
        if not self.reverse and not self.forward:
            yield "They say the same."
            return
        gone = _counted(self.reverse, "statement is", "statements are")
        added, changed = len(self.added), len(self.changed)
        yield (
            f"{gone} gone and {_counted(self.forward, 'is', 'are')} new:"
            f" {_counted(added, 'object', 'objects')} new, {len(self.removed)} gone,"
            f" {_counted(changed, 'value', 'values')} changed."
        )
        yield from (f"{one} is gone." for one in self.removed)
        yield from (f"{one} is new." for one in self.added)
        yield from map(str, self.changed)


def told(change: Difference, *models: Model) -> Report:
    """Say a difference with the classes and names that `models`, the newest last, know."""
    named = _named(models)
    return Report(
        len(change.reverse),
        len(change.forward),
        tuple(named(identity, kind) for kind, identity in change.added()),
        tuple(named(identity, kind) for kind, identity in change.removed()),
        tuple(_value(one, named) for one in change.changed()),
    )


def _named(models: tuple[Model, ...]) -> Callable[[str, str], Object]:
    names = [m.one(m.values("IdentifiedObject.name")) for m in models]

    def named(identity: str, kind: str = "") -> Object:
        name = ""
        for model, column in zip(models, names, strict=True):
            row = model.ids.find(identity)
            if row >= 0:
                kind = model.class_name(row) or kind
                name = model.text(int(column[row])) if column[row] >= 0 else name
        return Object(kind or "Object", bare(identity), name)

    return named


def _value(change: Change, named: Callable[[str, str], Object]) -> Value:
    values: list[tuple[str, ...]] = [tuple(map(_plain, side)) for side in (change.old, change.new)]
    return Value(named(change.subject, ""), local_name(change.property), *values)


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _plain(value: str) -> str:
    return value.partition("\0")[0]


def _short(value: str, most: int = 60) -> str:
    value = local_name(value) if value.startswith(("http://", "https://")) else value
    return value if len(value) <= most else f"{value[:most]}..."
