"""Subscriptions at run time: who may make one, and the threads that call back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection

from cim.message import Edition, Format, Kind
from cim.profiles import NOUNS
from hub.channels.addresses import Addresses
from hub.dispatch.decoded import Decoded
from hub.dispatch.retry import Retry
from hub.dispatch.sending import Sender
from hub.dispatch.threads import Threads
from hub.journal import Journal, callbacks
from hub.journal.callbacks import Callback
from hub.journal.commits import Commits
from hub.message_channel import Outlet
from hub.partner_settings import topic
from hub.security import audit, systems
from hub.security.systems import System

_LOOK = 0.5  # seconds between looks for what another process has added or removed
_POLL = 0.2
_MOST = 100  # topics of one
_MOST_OF_ONE_SYSTEM = 100  # each has a thread of its own

Connect = Callable[[Callback], Outlet]
"""A way to call back; `close` ends it."""


def subscribe(
    connection: Connection,
    actor: str,
    system: System,
    url: str,
    topics: Sequence[str],
    format_: Format,
    addresses: Addresses,
    now: datetime,
    edition: Edition | None = None,
) -> Callback:
    """Make a subscription of `system`, which must have a right to all of it.

    Raises: ValueError with a sentence when it must not be made.
    """
    one = Callback(
        id=uuid4().hex[:16],
        system=system.name,
        url=url,
        topics=tuple(dict.fromkeys(topics)),
        format=format_,
        created_at=now,
        edition=edition,
    )
    _check_topics(one.topics)
    if why := objection(one, system, addresses):
        raise ValueError(why)
    if len(callbacks.everyone(connection, system.name)) >= _MOST_OF_ONE_SYSTEM:
        held = f"{_MOST_OF_ONE_SYSTEM} subscriptions already"
        raise ValueError(f"the system {system.name} has {held}: end one of them first")
    callbacks.add(connection, one)
    detail = {"system": system.name, "url": url, "topics": list(one.topics)}
    audit.record(connection, actor, "subscription.add", one.id, audit.OK, detail, now)
    return one


def unsubscribe(connection: Connection, actor: str, one: Callback, now: datetime) -> int:
    """Forget a subscription; how many messages it had not got."""
    dropped = callbacks.remove(connection, one)
    detail = {"system": one.system, "url": one.url, "not delivered": dropped}
    audit.record(connection, actor, "subscription.remove", one.id, audit.OK, detail, now)
    return dropped


def objection(one: Callback, system: System | None, addresses: Addresses) -> str | None:
    """Why nothing may be sent to it; None when all is well."""
    if system is None:
        return f"there is no system {one.system} any more"
    for wanted in one.subscription.topics:
        if not system.may_use(wanted.noun):
            return f"the system {system.name} may not have {wanted.noun}"
    try:
        place = addresses.place(one.url, "soap")
    except ValueError as error:
        return f"the address {error}"
    if place.url is None:
        return f"the address {one.url!r} is no SOAP address"
    if one.edition is Edition.SECOND and not addresses.second:
        return "edition 2 needs its envelope schema: schemas.edition2 in hub.toml"
    return None


def _check_topics(topics: Sequence[str]) -> None:
    """Raises: ValueError."""
    if not 0 < len(topics) <= _MOST:
        raise ValueError(f"a subscription has 1 to {_MOST} topics")
    for text in topics:
        wanted = topic(text, "topics")
        if Kind.of(wanted.verb) is not Kind.EVENT:
            raise ValueError(f"topics: {text!r} is no event; its verb must be in the past tense")
        if wanted.noun not in NOUNS and wanted.noun != "OperationSet":
            raise ValueError(f"topics: the noun of {text!r} is unknown")


@dataclass
class _Calling:
    """The thread of one subscription."""

    threads: Threads
    outlet: Outlet

    def end(self) -> None:
        self.threads.stop(10.0)
        close: Callable[[], None] = getattr(self.outlet, "close", lambda: None)
        close()


class Callbacks:
    """Calls back all subscriptions that are in the database, one thread each.

    holds: whether it is this process that sends.
    """

    def __init__(
        self,
        journal: Journal,
        connect: Connect,
        addresses: Addresses,
        holds: Callable[[], bool],
        retry: Retry = Retry(),  # noqa: B008 - immutable
    ) -> None:
        self._journal = journal
        self._connect = connect
        self._addresses = addresses
        self._holds = holds
        self._retry = retry
        self._decoded = Decoded()
        self._threads = Threads()
        self._calling: dict[str, _Calling] = {}
        self._objections: dict[str, str] = {}

    def run(self) -> None:
        """Start; returns at once."""
        self._threads.work("callbacks", self.look, Commits(), lambda: _LOOK)

    def stop(self) -> None:
        """End all threads."""
        self._threads.stop(10.0)
        for name in list(self._calling):
            self._calling.pop(name).end()

    def seen(self) -> dict[str, BaseException | None]:
        """Each subscriber with what is wrong with it at present."""
        found: dict[str, BaseException | None] = {
            name: PermissionError(why) for name, why in self._objections.items()
        }
        for name, one in list(self._calling.items()):
            found[name] = next(iter(one.threads.failing().values()), None)
        return found

    def look(self) -> bool:
        """Follow what is in the database; False, so that its thread waits before the next look."""
        with self._journal.reading() as connection:
            known = callbacks.everyone(connection)
            objections = {
                one.subscriber: why
                for one in known
                if (why := objection(one, systems.find(connection, one.system), self._addresses))
            }
        wanted = {one.subscriber: one for one in known if one.subscriber not in objections}
        for name in self._calling.keys() - wanted.keys():
            self._calling.pop(name).end()
        for name in wanted.keys() - self._calling.keys():
            try:
                self._calling[name] = self._start(wanted[name])
            except Exception as error:  # the others are called all the same
                objections[name] = f"it cannot be called: {type(error).__name__}: {error}"
        self._objections = objections
        return False

    def _start(self, one: Callback) -> _Calling:
        outlet = self._connect(one)
        name = one.subscriber
        sender = Sender(name, outlet.send, self._journal, self._decoded, self._retry)
        calling = _Calling(Threads(), outlet)
        calling.threads.work(
            name,
            lambda: self._holds() and sender.step(range(1)),
            self._journal.work[name],
            lambda: _POLL,
        )
        return calling
