"""The network connectivity analysis: tells what each message has changed in the supply."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Annotated

from pydantic import Field
from sqlalchemy import MetaData

from cim.message import STATED, Message, Outgoing, Topic, Verb
from cim.network import Network, changed
from cim.network.overlay import patch_key
from cim.profiles.connectivity_changes import LISTED, ConnectivityChange, ConnectivityChanges
from dms_apps.network_connectivity.causes import Deed, deeds, told, when
from dms_apps.network_connectivity.notices import Notices
from hub.interfaces import Context

_NOUNS = ("NetworkModels", "PSREvents", "SwitchingEvents")
_PROBLEMS = 20  # told one by one; the others are counted
_TOGETHER = 200  # changes in one message at most
_OBJECTS = 20_000  # listed in one message, when it has more than one change


@dataclass(frozen=True, kw_only=True)
class NetworkConnectivityApp:
    """Settings, in `config/apps/network_connectivity.toml`.

    listed: usage points and pieces of equipment listed in one change at most.

    What it says of a message follows from the network just before it and just after it, and from
    nothing else.  So it keeps no state, and says the same of a message whenever it handles it.
    What the network could not take is told too: whoever reported it must not wait in vain.
    """

    listed: Annotated[int, Field(ge=0, le=LISTED)] = LISTED

    @property
    def topics(self) -> frozenset[Topic]:
        """What can change connections: measured values cannot."""
        stated = {Topic(verb, noun) for verb in STATED for noun in _NOUNS}
        return frozenset(stated | {Topic(Verb.DELETED, "NetworkModels")})

    @property
    def tables(self) -> MetaData | None:
        """None: there is nothing to remember."""
        return None

    @property
    def partitions(self) -> int:
        """One: what one switch takes another one gives back, and it is told in that order."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Tell what changed; as a rule in one message, of very much in several."""
        before, after = context.before, context.after
        done = deeds(message, after)
        message_id = message.header.message_id or ""
        at = when(done, message, context.now)
        notices = Notices(message_id, at, told(done), before, after, self.listed)
        for number, part in enumerate(_together(_changes(notices, done)), 1):
            fact = message_id if number == 1 else f"{message_id} {number}"
            payload = ConnectivityChanges(connectivity_change=part)
            yield Outgoing(Verb.CREATED, payload, external_id=fact if message_id else None)


def _changes(notices: Notices, done: Sequence[Deed]) -> Iterator[ConnectivityChange]:
    numbers = count(1)
    for part in changed(notices.before, notices.after):
        yield notices.change(part, next(numbers))
    named = tuple(dict.fromkeys(name for deed in done for name in deed.named if name))
    for problem, things in _problems(notices.before, notices.after, named):
        yield notices.not_applied(problem, things, next(numbers))
    for why, things in _gaps(done, notices.before):
        yield notices.not_applied(f"{why[:1].upper()}{why[1:]}.", things, next(numbers))


def _gaps(done: Sequence[Deed], before: Network) -> Iterator[tuple[str, list[str]]]:
    """What the message itself leaves open, and what it takes away that was not there."""
    there = set(before.overlay.patches)
    for deed in done:
        if not all(deed.named):
            yield f"{deed.told}: which is meant is not said", []
        elif deed.removed and patch_key(deed.patch, deed.removed) not in there:
            yield f"{deed.told}, but {deed.removed} was not there", [deed.removed]
        there.add(patch_key(deed.patch, deed.placed))


def _problems(
    before: Network, after: Network, named: Sequence[str]
) -> Iterator[tuple[str, list[str]]]:
    """What did not fit, and what of `named` it is about.

    That is what is new; and what was so before but is about something that the message names, as
    when a switch that nobody knows is operated again.
    """
    already = set(before.problems)
    more = 0
    for problem in after.problems:
        things = [name for name in named if _speaks_of(problem, name)]
        if things or (problem not in already and not _has_hole(problem)):
            more += 1
            if more <= _PROBLEMS:
                yield problem, things
    if more > _PROBLEMS:
        yield f"{more - _PROBLEMS:,} more things do not fit; the network lists them.", []


def _has_hole(problem: str) -> bool:
    """Whether it is about something without a name, which is told otherwise."""
    return problem.startswith(" ") or "  " in problem


def _speaks_of(problem: str, name: str) -> bool:
    return name in problem and bool(re.search(rf"(?<!\w){re.escape(name)}(?![\w-])", problem))


def _together(changes: Iterable[ConnectivityChange]) -> Iterator[tuple[ConnectivityChange, ...]]:
    """The changes in messages that are not too large."""
    part: list[ConnectivityChange] = []
    objects = 0
    for change in changes:
        size = len(change.equipments) + len(change.usage_points)
        if part and (len(part) == _TOGETHER or objects + size > _OBJECTS):
            yield tuple(part)
            part, objects = [], 0
        part.append(change)
        objects += size
    if part:
        yield tuple(part)
