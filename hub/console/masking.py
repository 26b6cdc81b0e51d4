"""Customer data in a payload, hidden from those who may not see it.

What is customer data is said once, in the profile: `attribute(..., personal=True)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from cim.message import Message, Operation, OperationSet
from cim.profile import Attribute, Profile, Reference, attributes

HIDDEN = "•••"

P = TypeVar("P", bound=Profile)

_known: dict[type[Profile], bool] = {}


def masked(message: Message) -> Message:
    """The message with every personal text replaced and other personal values left out."""
    payload = message.payload
    if isinstance(payload, Profile):
        return replace(message, payload=masked_profile(payload))
    if isinstance(payload, OperationSet):
        return replace(message, payload=replace(payload, operations=_operations(payload)))
    return message


def is_personal(profile: type[Profile]) -> bool:
    """Whether values of that class can carry customer data."""
    if profile not in _known:
        _known[profile] = any(a.personal for part in _parts(profile) for a in attributes(part))
    return _known[profile]


def masked_profile(profile: P) -> P:
    """The profile itself when there is nothing to hide in it."""
    if not is_personal(type(profile)):
        return profile
    changed: Mapping[str, Any] = {
        a.name: _masked(a, getattr(profile, a.name)) for a in attributes(type(profile))
    }
    return replace(profile, **changed)  # type: ignore[type-var]  # every Profile is a dataclass


def _operations(payload: OperationSet) -> tuple[Operation, ...]:
    return tuple(
        replace(o, payload=masked_profile(o.payload)) if o.payload else o
        for o in payload.operations
    )


def _masked(attribute: Attribute, value: Any) -> Any:
    if value is None or value == ():
        return value
    if attribute.many:
        return tuple(_masked_one(attribute, item) for item in value)
    return _masked_one(attribute, value)


def _masked_one(attribute: Attribute, value: Any) -> Any:
    if isinstance(value, Profile):
        return _hidden(value) if attribute.personal else masked_profile(value)
    if not attribute.personal:
        return value
    return type(value)(HIDDEN) if type(value) in (str, Reference) else None


def _hidden(profile: P) -> P:
    """A compound that is personal as a whole."""
    whole = {
        a.name: _masked(replace(a, personal=True), getattr(profile, a.name))
        for a in attributes(type(profile))
    }
    return replace(profile, **whole)  # type: ignore[type-var]


def _parts(profile: type[Profile]) -> set[type[Profile]]:
    """The class and all classes below it."""
    found: set[type[Profile]] = set()
    open_ = [profile]
    while open_:
        part = open_.pop()
        if part not in found:
            found.add(part)
            open_ += [a.type for a in attributes(part) if issubclass(a.type, Profile)]
    return found
