"""An order is created once: whoever creates it again is refused (IEC 61968-6).

What is read of it, in EPRI's test script for part 6 (draft of 2015), not in the standard itself: a
second `create` of a work request, maintenance order or service order fails, one of two orders of
which one is new is answered PARTIAL, and there is no code beside 0.0 but 6.1; `cancel` withdraws a
request, `close` ends it, `delete` removes the record; an object is known by its mRID or by Names,
which type and authority tell apart.

Ours: that 6.1 is the code of these refusals; that an order which is closed or canceled still
exists, and one that is deleted does not; that one with an mRID is looked for by that alone, one
without by name, type and authority; that each Header.Context has orders of its own; that an
operation of a set is carried out whole or not; and that an application which answers `create`
decides for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from cim.bounds import LONGEST
from cim.message import Kind, Message, Operation, OperationSet, Verb
from cim.objects import main_fields
from cim.profile import Profile, attributes
from cim.violation import Refusal, Violation
from hub.journal import about
from hub.journal.canonical import decode

NOUNS = frozenset({"WorkRequests", "MaintenanceOrders", "ServiceOrders"})
EXISTS = "6.1"

Called = tuple[str, ...]
"""An mRID; or a name, its type and the authority of that."""


class Order(NamedTuple):
    """One order of a payload: the element it stands in, its place there from 0, and itself."""

    field: str
    element: str
    place: int
    value: Profile


def creates(message: Message) -> bool:
    """Whether it is a request, or holds an operation, that creates orders."""
    if message.kind is not Kind.REQUEST:
        return False
    payload = message.payload
    if isinstance(payload, OperationSet):
        return any(
            one.verb is Verb.CREATE and _is_of_orders(one.payload) for one in payload.operations
        )
    return message.header.verb is Verb.CREATE and _is_of_orders(payload)


def may_be_in_part(message: Message) -> bool:
    """Whether a request may be answered PARTIAL: an operation set, or more orders than one."""
    payload = message.payload
    if isinstance(payload, Profile) and creates(message):
        return sum(1 for _ in orders(payload)) > 1
    return isinstance(payload, OperationSet)


class Book:
    """Which orders exist, by the journal and by what one request does itself.

    context, default: Header.Context of the request, and of messages that name none.
    """

    def __init__(self, connection: Connection, context: str | None, default: str | None) -> None:
        self._connection = connection
        self._default = default or ""
        self._context = context or self._default
        self._done: dict[tuple[str, Called], bool] = {}

    def known(self, payload: object) -> list[Order]:
        """The orders of a payload that exist already, or stand in it twice."""
        if not isinstance(payload, Profile) or not _is_of_orders(payload):
            return []
        noun = type(payload).__name__
        told = self._mentioned(noun, payload)
        done, found = dict(self._done), []
        for order in orders(payload):
            if any(self._exists(noun, one, told, done) for one in _sought(order.value)):
                found.append(order)
            else:
                done |= {(noun, one): True for one in _called(order.value)}
        return found

    def carry_out(self, one: Operation) -> None:
        """Let the next operations of a set follow on this.

        Raises: Refusal when it creates an order that exists.
        """
        if one.element_operation or one.payload is None or not _is_of_orders(one.payload):
            return
        if one.verb is Verb.CREATE and (known := self.known(one.payload)):
            raise Refusal(violations(one.payload, known))
        if one.verb in (Verb.CREATE, Verb.DELETE):
            noun, exists = type(one.payload).__name__, one.verb is Verb.CREATE
            for order in orders(one.payload):
                self._done |= {(noun, called): exists for called in _called(order.value)}

    def _mentioned(self, noun: str, payload: Profile) -> Set[str]:
        sought = (one for order in orders(payload) for one in _sought(order.value))
        mrids = {_key(one) for one in sought if _is_mrid(one)}
        return about.mentioned(self._connection, self._wanted(noun, mrids)) if mrids else set()

    def _exists(
        self, noun: str, one: Called, told: Set[str], done: Mapping[tuple[str, Called], bool]
    ) -> bool:
        if (noun, one) in done:
            return done[noun, one]
        if _is_mrid(one) and _key(one) not in told:
            return False
        wanted = self._wanted(noun, {_key(one) if _is_mrid(one) else one[0]})
        bodies = about.backwards(self._connection, wanted, indexed=_is_mrid(one))
        said = (_leaves(decode(body), noun, one) for body in bodies)
        return next((exists for exists in said if exists is not None), False)

    def _wanted(self, noun: str, ids: Set[str]) -> about.Wanted:
        return about.Wanted(
            noun=noun, ids=frozenset(ids), context=self._context, default=self._default
        )


def orders(payload: Profile) -> Iterator[Order]:
    """The orders that a payload is about."""
    main = main_fields(type(payload))
    for attribute in attributes(type(payload)):
        if attribute.name in main:
            for place, value in enumerate(getattr(payload, attribute.name)):
                yield Order(attribute.name, attribute.tag, place, value)


def without(payload: Profile, known: Sequence[Order]) -> Profile:
    """A payload with its other orders only."""
    gone = {(one.field, one.place) for one in known}
    left: dict[str, tuple[Profile, ...]] = {one.field: () for one in known}
    for one in orders(payload):
        if one.field in left and (one.field, one.place) not in gone:
            left[one.field] += (one.value,)
    return replace(payload, **left)  # type: ignore[type-var]  # every Profile is a dataclass


def violations(payload: Profile, known: Sequence[Order]) -> tuple[Violation, ...]:
    """One for each order that exists already."""
    return tuple(_violation(type(payload).__name__, one) for one in known)


def _violation(noun: str, one: Order) -> Violation:
    called = _sought(one.value)[0][0]
    return Violation(
        code=EXISTS,
        rule=f"{one.element} {called} exists already: it can be changed, or created once deleted",
        xpath=f"/RequestMessage/Payload/{noun}/{one.element}[{one.place + 1}]",
        value=called,
    )


def _is_of_orders(payload: object) -> bool:
    return type(payload).__name__ in NOUNS


def _leaves(message: Message, noun: str, called: Called) -> bool | None:
    """Whether an order exists after an event; None for one that is not about it."""
    payload = message.payload
    if isinstance(payload, OperationSet):
        for one in reversed(payload.operations):
            if type(one.payload).__name__ == noun and _is_about(one.payload, called):
                return one.verb is not Verb.DELETED or bool(one.element_operation)
        return None
    if _is_about(payload, called):
        return message.header.verb is not Verb.DELETED
    return None


def _is_about(payload: object, called: Called) -> bool:
    if isinstance(payload, Profile):
        return any(called in _called(order.value) for order in orders(payload))
    return isinstance(payload, tuple) and any(one.value == called[0] for one in payload)


def _sought(value: Profile) -> list[Called]:
    """By what of it an order is looked for."""
    called = _called(value)
    return [one for one in called if _is_mrid(one)] or called


def _called(value: Profile) -> list[Called]:
    mrid = getattr(value, "mrid", None)
    found: list[Called] = [(mrid,)] if mrid else []
    for name in getattr(value, "names", ()):
        kind = name.name_type
        authority = kind.name_type_authority if kind else None
        found.append((name.name, kind.name if kind else "", authority.name if authority else ""))
    return found


def _is_mrid(called: Called) -> bool:
    return len(called) == 1


def _key(called: Called) -> str:
    """An mRID as far as the journal's index has it."""
    return called[0][:LONGEST]
