"""The objects in payloads: which they are, what they are called, when they were, their versions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from cim.message import Message, ObjectId
from cim.profile import Profile, attributes
from cim.times import zoned

P = TypeVar("P", bound=Profile)
_IDENTITY = frozenset({"mRID", "Names"})


class Object(NamedTuple):
    """One object of a payload: the field it stands in, and itself."""

    field: str
    value: Profile


def main_fields(noun: type[Profile]) -> frozenset[str]:
    """The fields that hold what the noun is about; the others explain the codes that are used."""
    leading = {path.split(".")[0] for path in noun.ordering}
    many = {a.name for a in attributes(noun) if a.many and issubclass(a.type, Profile)}
    return frozenset(leading & many or many)


def objects(payload: Profile) -> Iterator[Object]:
    """All objects, those that explain codes too, in the order of the payload."""
    for attribute in attributes(type(payload)):
        if attribute.many and issubclass(attribute.type, Profile):
            yield from (Object(attribute.name, value) for value in getattr(payload, attribute.name))


def identity(value: Profile) -> str | None:
    """Its mRID, else its first name; None for one that is called nothing."""
    mrid = getattr(value, "mrid", None)
    names = getattr(value, "names", ())
    first = names[0] if isinstance(names, tuple) and names else names
    return mrid or getattr(first, "name", None)


def names(value: Any) -> Iterator[str]:
    """Every mRID and name of an object and of what it speaks of."""
    if isinstance(value, tuple):
        for one in value:
            yield from names(one)
    elif isinstance(value, Profile):
        for attribute in attributes(type(value)):
            inner = getattr(value, attribute.name)
            if attribute.cim in {"IdentifiedObject.mRID", "Name.name"} and inner:
                yield inner
            elif issubclass(attribute.type, Profile):
                yield from names(inner)


def times(value: Any) -> Iterator[datetime]:
    """Every time that an object speaks of; one without zone is UTC."""
    if isinstance(value, tuple):
        for one in value:
            yield from times(one)
    elif isinstance(value, datetime):
        yield zoned(value)
    elif isinstance(value, Profile):
        for attribute in attributes(type(value)):
            yield from times(getattr(value, attribute.name))


def changed(before: Profile, change: Profile) -> Profile:
    """`before` with what `change` says: a change carries the identity and the changed data."""
    said = {
        a.name: value
        for a in attributes(type(change))
        if (value := getattr(change, a.name)) not in (None, ())
    }
    return replace(before, **said)  # type: ignore[type-var]  # every Profile is a dataclass


def without(before: Profile, elements: Profile) -> Profile:
    """`before` without the elements that stand in `elements`, whatever their values; what it must
    have, and what it is called, stays."""
    gone = {
        a.name: () if a.many else None
        for a in attributes(type(elements))
        if getattr(elements, a.name) not in (None, ()) and not a.required and a.tag not in _IDENTITY
    }
    return replace(before, **gone)  # type: ignore[type-var]


@dataclass
class Versions:
    """The newest version of each object of one noun, in the order in which they first came, and
    when that was said.  One that is called nothing is the same when it says the same."""

    _known: dict[tuple[str, str], tuple[Object, datetime]] = field(default_factory=dict)

    def create(self, payload: Profile, at: datetime) -> None:
        for key, one in _keyed(payload):
            self._known[key] = one, at

    def change(self, payload: Profile, at: datetime) -> None:
        for key, one in _keyed(payload):
            before = self._known.get(key)
            value = changed(before[0].value, one.value) if before else one.value
            self._known[key] = Object(one.field, value), at

    def delete(self, payload: Profile) -> None:
        for key, _ in _keyed(payload):
            self._known.pop(key, None)

    def delete_named(self, names: Collection[str]) -> None:
        for key in [key for key in self._known if key[1] in names]:
            del self._known[key]

    def delete_elements(self, payload: Profile, at: datetime) -> None:
        for key, one in _keyed(payload):
            if before := self._known.get(key):
                self._known[key] = Object(one.field, without(before[0].value, one.value)), at

    def since(self, start: datetime | None) -> list[Object]:
        """All, or those of which anything was said at `start` or later."""
        return [one for one, at in self._known.values() if start is None or at >= start]


def _keyed(payload: Profile) -> Iterator[tuple[tuple[str, str], Object]]:
    for one in objects(payload):
        yield (one.field, identity(one.value) or repr(one.value)), one


def payload_of(noun: type[Profile], found: Collection[Object]) -> Profile:
    """A payload that holds `found`, each once."""
    by_field: dict[str, dict[Profile, None]] = {}
    for one in found:
        by_field.setdefault(one.field, {})[one.value] = None
    return noun(**{name: tuple(values) for name, values in by_field.items()})


def meant(message: Message, noun: type[P]) -> P | None:
    """What a request is about: what it says of objects, else those whose identifiers it has in its
    payload or as Request.ID, of which nothing else is said; None for none."""
    if isinstance(message.payload, noun):
        return message.payload
    ids: tuple[ObjectId, ...] = message.request.ids if message.request else ()
    if isinstance(message.payload, tuple):
        ids = (*ids, *message.payload)
    [main] = (a for a in attributes(noun) if a.name in main_fields(noun))
    unsaid = {a.name: () if a.many else None for a in attributes(main.type)}
    found = tuple(main.type(**{**unsaid, "mrid": one.value}) for one in ids if one.value)
    return noun(**{main.name: found}) if found else None
