"""What the console gets from the hub, and how it shows figures."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from cim.codes import Codes
from cim.message import Message, Outgoing
from cim.network import Network
from cim.violation import Refusal
from hub.channels.addresses import Addresses
from hub.dispatch.handed_in import HandedIn, hand_in_nothing
from hub.dispatch.mending import Mended, NotOpen
from hub.dispatch.models import Brought
from hub.dispatch.requested import act_not, request_nothing
from hub.history.fold import At
from hub.interfaces import App
from hub.journal import Journal
from hub.model_file import ModelFile
from hub.public_settings import Public
from hub.report import Cell
from hub.security.roles import Roles
from hub.security.sessions import Timeouts


@dataclass(frozen=True, kw_only=True)
class Component:
    """A part of the running hub.

    kind:  "channel", "adapter", "app" or "callback"; "link" to a peer that an adapter does not
           reach; "source" for one whose messages want looking at, "clock" for one whose clock
           cannot be right, "folder" for one with files that nobody takes.
    state: "running", "waiting" (for its peer, or for the network to know what it speaks of),
           "failed" or "stopped".
    note:  what to know about it, a sentence.
    """

    kind: str
    name: str
    state: str
    note: str = ""


def nothing() -> Sequence[Component]:
    """No parts at all."""
    return ()


Bring = Callable[[str, ModelFile, bool], Brought]
"""Source, file, and whether it is taken although the same came before.  Raises: Refusal."""


def bring_nothing(_source: str, _file: ModelFile, _again: bool) -> Brought:
    """For a console without a hub that takes anything."""
    raise Refusal.of("5.3", "Models are not taken here.")


Mend = Callable[[int, str, bytes | None, str], Mended]
"""Item in quarantine, who, corrected bytes or None for those of the item, remark.

Raises: NoItem, NotOpen (`hub.dispatch.mending`)."""


def mend_nothing(_item: int, _who: str, _data: bytes | None, _remark: str) -> Mended:
    """For a console without a hub that takes anything."""
    raise NotOpen("Nothing is taken here.")


HandIn = Callable[[str, str, bytes], HandedIn]
"""Adapter, name of the file, its bytes.  Raises: NoFeed, ValueError (`hub.dispatch.handed_in`)."""


Ask = Callable[[str, bytes | Message], Message]
"""Who, and the request as an envelope or by itself -> its reply.

Raises: Refusal, NoRequest, Late (`hub.dispatch.requested`)."""

Act = Callable[[str, Outgoing], Message]
"""A person, and what he or she asks for -> the reply.  Raises: as `Ask`."""


@dataclass(frozen=True, kw_only=True)
class ConsoleView:
    """The hub as the console sees it.

    network:    the newest as-operated network.
    at:         the same, and how far it goes; None: questions about now are answered like those
                about the past.
    bring:      takes a file of models.
    mend:       takes what lies in quarantine.
    hand_in:    takes a file for an adapter.
    request:    takes a request, and waits for its reply.
    act:        the same of a person.
    apps:       those that are loaded, by name; they are asked for their reports.
    components: what runs in this process.
    addresses:  where subscriptions may be delivered.
    clock:      UTC.
    codes:      what the codes of each source stand for.
    public:     what anybody is told of outages.
    secure:     whether browsers come over https; the cookie is then bound to it.
    origin:     "scheme://host:port" as browsers see it, when a proxy hides it; None: as asked.
    """

    journal: Journal
    roles: Roles
    network: Callable[[], Network]
    clock: Callable[[], datetime]
    at: Callable[[], At] | None = None
    bring: Bring = bring_nothing
    mend: Mend = mend_nothing
    hand_in: HandIn = hand_in_nothing
    request: Ask = request_nothing
    act: Act = act_not
    apps: Mapping[str, App] = field(default_factory=dict)
    addresses: Addresses = field(default_factory=Addresses)
    components: Callable[[], Sequence[Component]] = nothing
    codes: Codes = field(default_factory=Codes)
    public: Public = field(default_factory=Public)
    secure: bool = False
    origin: str | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction on the hub's tables."""
        with self.journal.transaction() as transaction:
            yield transaction.connection


def moment(when: datetime | None) -> str:
    """A UTC instant, to the second."""
    return when.strftime("%Y-%m-%d %H:%M:%S") if when else "–"


def hour(when: datetime | None, now: datetime) -> str:
    """A UTC instant to the minute; with its day when that is not today's."""
    if when is None:
        return "–"
    return when.strftime("%H:%M" if when.date() == now.date() else "%Y-%m-%d %H:%M")


def words(name: str) -> str:
    """A name of the CIM as people write it, e.g. "partially restored"."""
    return re.sub(r"(?<=[a-z])([A-Z])", lambda m: f" {m[1].lower()}", name)


def figure(number: int) -> str:
    """A whole number with thin groups of three."""
    return f"{number:,}".replace(",", " ")


def shown(cell: Cell) -> str:
    """What stands in a place of a table: numbers to six figures, without an exponent below 1e15."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return "–"
    if isinstance(cell, datetime):
        return moment(cell)
    if isinstance(cell, float):
        return f"{cell:.0f}" if 999_999.5 <= abs(cell) < 1e15 else f"{cell:.6g}"
    return str(cell)


def counted(number: int, one: str, several: str) -> str:
    """How many, and of what; e.g. "1 node", "2 nodes"."""
    return f"{figure(number)} {one if number == 1 else several}"


def span(length: timedelta) -> str:
    """A length of time in its largest sensible unit."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
