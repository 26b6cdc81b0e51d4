"""What an app hears of a message: every time in it has a zone, and is one.

Senders whose clock is not set say the year 1 or 1970, and others 9999 for what has no end.  Nothing
can be reckoned with such a time, and by it all that is said later would seem older.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from inspect import getattr_static
from typing import Any, TypeVar

from cim.message import Kind, Message, Operation, OperationSet, Request
from cim.objects import identity
from cim.profile import Attribute, Later, Profile, attributes
from cim.times import FIRST, LAST, is_time, time_of, zoned
from cim.violation import Violation

P = TypeVar("P", bound=Profile)
RULE = "6.1"


def heard(message: Message, now: datetime) -> Message:
    """The same, with times that have a zone, UTC where none is said, and are such.

    What is none (`cim.times.is_time`) counts as not said; what a noun must say counts as when the
    message was made, or `now` where its header does not say that.  A request asks for all from, or
    until, a time that is none.
    """
    header, payload, request = message.header, message.payload, message.request
    made = time_of(header.timestamp)
    if isinstance(payload, Profile):
        is_partial = header.verb.is_partial(type(payload))
        payload = _heard(payload, None if is_partial else made or now)
    elif isinstance(payload, OperationSet):
        operations = tuple(_operation(one, made or now) for one in payload.operations)
        payload = replace(payload, operations=operations)
    if request is not None:
        request = _asked(request)
    if made == header.timestamp and payload is message.payload and request is message.request:
        return message
    return replace(
        message, header=replace(header, timestamp=made), payload=payload, request=request
    )


def odd(message: Message) -> tuple[Violation, ...]:
    """What a request says that is no time, by object and field; nothing of an event."""
    if message.kind is not Kind.REQUEST:
        return ()
    if isinstance(message.payload, OperationSet):
        return tuple(
            replace(found, operation_id=one.operation_id)
            for one in message.payload.operations
            if one.payload is not None
            for found in _odd(one.payload)
        )
    return tuple(_odd(message.payload)) if isinstance(message.payload, Profile) else ()


def _operation(one: Operation, now: datetime) -> Operation:
    if one.payload is None:
        return one
    is_partial = one.verb is not None and one.verb.is_partial(type(one.payload))
    return replace(one, payload=_heard(one.payload, None if is_partial else now))


def _asked(request: Request) -> Request:
    start, end = (
        None if at is None else min(max(zoned(at), FIRST), LAST)
        for at in (request.start_time, request.end_time)
    )
    query = None if request.query is None else _heard(request.query, None)
    is_same = (start, end) == (request.start_time, request.end_time) and query is request.query
    return request if is_same else replace(request, start_time=start, end_time=end, query=query)


def _heard(value: P, otherwise: datetime | None) -> P:
    """otherwise: when what must be said was that is no time; None: nothing must be."""
    held = vars(value)
    said: dict[str, Any] = {}
    for one in _timed(type(value)):
        if one.later and _later(type(value), one.name).change(
            value, said, lambda some: _all(some, otherwise)
        ):
            continue
        before = getattr(value, one.name)
        after = _one(before, one, otherwise)
        if after is not before:
            said[one.name] = after
    if not said:
        return value
    # Not `replace`, which would ask for what is made later.
    same = object.__new__(type(value))
    vars(same).update(held | said)
    return same


def _one(before: Any, of: Attribute, otherwise: datetime | None) -> Any:
    if before is None or before == ():
        return before
    if of.type is not datetime:
        return _all(before, otherwise) if of.many else _heard(before, otherwise)
    if of.many:
        return tuple(filter(None, map(time_of, before)))
    if before.tzinfo is not None and is_time(before):
        return before
    return time_of(before) or (otherwise if of.required else None)


def _all(before: tuple[P, ...], otherwise: datetime | None) -> tuple[P, ...]:
    after = tuple(_heard(one, otherwise) for one in before)
    is_same = all(a is b for a, b in zip(after, before, strict=True))
    return before if is_same else after


_known: dict[type[Profile], tuple[Attribute, ...]] = {}


def _timed(profile: type[Profile]) -> tuple[Attribute, ...]:
    """The attributes that are times or hold some."""
    if profile not in _known:
        _known[profile] = tuple(
            one
            for one in attributes(profile)
            if one.type is datetime or (issubclass(one.type, Profile) and _says(one.type, set()))
        )
    return _known[profile]


def _says(profile: type[Profile], seen: set[type[Profile]]) -> bool:
    """Whether a time may be said in it.  seen: where it was looked for."""
    seen.add(profile)
    return any(
        one.type is datetime
        or (issubclass(one.type, Profile) and one.type not in seen and _says(one.type, seen))
        for one in attributes(profile)
    )


def _later(profile: type[Profile], name: str) -> Later:
    later: Later = getattr_static(profile, name)
    return later


def _odd(value: Profile, of: str = "", path: tuple[str, ...] = ()) -> Iterator[Violation]:
    """of: the object, for people; path: where in it."""
    for one in _timed(type(value)):
        inner = getattr(value, one.name)
        for each in inner if isinstance(inner, tuple) else (inner,):
            if isinstance(each, Profile):
                name = f"{type(each).__name__} {identity(each) or ''}".rstrip()
                yield from _odd(each, of or name, (*path, one.tag) if of else ())
            elif each is not None and not is_time(each):
                field, said = ".".join((*path, one.tag)), each.isoformat()
                rule = (
                    f"{of}, {field} {said}: it is no time; one lies between {FIRST:%Y-%m-%d} and"
                    f" {LAST:%Y-%m-%d}."
                )
                yield Violation(code=RULE, rule=rule, value=said)
