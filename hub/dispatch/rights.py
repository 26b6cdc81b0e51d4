"""Which nouns and sources a system may use, the same whatever channel it comes by."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from cim.message import Message, OperationSet
from cim.violation import Refusal
from hub.dispatch.controls import is_control
from hub.journal import Journal
from hub.security import people, systems
from hub.security.roles import Right, Roles
from hub.security.systems import System

NOT_AUTHORIZED, INVALID_SOURCE = "7.5", "2.14"
LED = frozenset(
    {"Incidents", "PlannedOutages", "TroubleOrders", "TroubleTickets", "UnplannedOutages"}
)
"""What people ask for on the console, with the right `outages`."""


class Denied(Refusal):
    """The message may be valid, but its sender may not send it; this goes into the audit."""


class Rights:
    """Knows each registered system for a moment, so that a message costs no question.

    roles:   what each role may do; None: nobody may ask for controls.
    seconds: how long a right that was withdrawn may still be good.  A system that is not known is
             looked up every time: once registered it is let in at once.
    """

    def __init__(
        self,
        journal: Journal,
        roles: Roles | None = None,
        *,
        seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._roles = roles
        self._seconds = seconds
        self._clock = clock
        self._known: dict[str, tuple[float, System]] = {}

    def check(self, message: Message, principal: str) -> None:
        """Raises: Denied when `principal` may not send it; the database's error."""
        system = self._system(principal)
        if system is None:
            rule = f"no system {principal} is registered: `gridbus system add {principal}` does it"
            raise Denied.of(NOT_AUTHORIZED, rule)
        for noun in _nouns(message):
            if not system.may_use(noun):
                rule = f"the system {principal} may not send or ask for {noun}"
                raise Denied.of(NOT_AUTHORIZED, rule, xpath="/Header/Noun", value=noun)
        self._check_control(message, system)
        source = message.header.source
        if source is not None and not system.may_speak_for(source):
            shown = source[:60]
            rule = f'the system {principal} may not speak for the source "{shown}"'
            raise Denied.of(INVALID_SOURCE, rule, xpath="/Header/Source", value=shown)

    def check_person(self, message: Message, name: str) -> None:
        """The same of a person who is logged in on the console."""
        with self._journal.reading() as connection:
            person = people.find(connection, name)
        held = self._roles.allowed(person.roles) if self._roles and person else frozenset()
        noun = message.header.noun
        if Right.OUTAGES not in held or noun not in LED:
            rule = f'{name} may not ask for {noun}: the right "{Right.OUTAGES}" lets people ask for'
            rule += f" {', '.join(sorted(LED))}"
            raise Denied.of(NOT_AUTHORIZED, rule, xpath="/Header/Noun", value=noun)

    def _check_control(self, message: Message, system: System) -> None:
        if not is_control(message):
            return
        if self._roles is None or Right.CONTROL not in self._roles.allowed(system.roles):
            rule = f"the system {system.name} may not ask for controls: none of its roles has the"
            rule += f' right "{Right.CONTROL}"'
            raise Denied.of(NOT_AUTHORIZED, rule, xpath="/Header/Noun", value=message.header.noun)

    def _system(self, name: str) -> System | None:
        until, system = self._known.get(name, (0.0, None))
        if system is not None and self._clock() < until:
            return system
        self._known.pop(name, None)
        with self._journal.reading() as connection:
            found = systems.find(connection, name)
        if found is not None:
            self._known[name] = (self._clock() + self._seconds, found)
        return found


def _nouns(message: Message) -> Iterator[str]:
    """What it is about, by its header and by each of its operations."""
    yield message.header.noun
    if isinstance(message.payload, OperationSet):
        yield from (one.noun for one in message.payload.operations if one.noun)
