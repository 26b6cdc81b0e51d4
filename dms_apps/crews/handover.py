"""Zones are handed over: another dispatcher looks after one from now on, or nobody.

It is asked for by a `change TroubleOrders` without an order, with the Option `zone` and the Option
`dispatcher`, a user: whoever asks where it is left out, nobody where it is empty.  It holds against
the settings until it is handed over again.

It is told, to the app itself as well, by the event of that request: `changed TroubleOrders` without
an order.  What was asked is in its Header.Property, as no event has Options, and as the CIM ties an
operator to an incident or a step of switching, and to no zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from cim.message import Header, Message, Outgoing, Property, Verb
from cim.objects import meant
from cim.profiles.trouble_orders import TroubleOrders
from cim.replies import done, failed
from cim.violation import Refusal
from dms_apps.crews import store
from dms_apps.crews.parts import text
from dms_apps.crews.queue import Day
from dms_apps.crews.requests import MISSING, RULE, UNKNOWN, Asked
from dms_apps.crews.settings import Settings
from dms_apps.crews.tables import owner
from dms_apps.crews.trouble import ORDERS
from dms_apps.crews.zones import owners

ZONE, DISPATCHER = "zone", "dispatcher"
_NOBODY = "nobody"
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Handover:
    """From one dispatcher to the next, each a user, or "" for nobody; as the event says it.

    by: who asked for it; at: since when.
    """

    zone: str
    dispatcher: str
    before: str
    by: str
    at: datetime

    @classmethod
    def of(cls, header: Header) -> Handover | None:
        """None when an event tells of none.  Raises: ValueError for what is no time."""
        said = {one.name: one.value or "" for one in header.properties}
        if header.verb is not Verb.CHANGED or not said.keys() >= cls.__dataclass_fields__.keys():
            return None
        texts = {name: said[name] for name in (ZONE, DISPATCHER, "before", "by")}
        return cls(**texts, at=datetime.fromisoformat(said["at"]))

    @property
    def event(self) -> Outgoing:
        said = asdict(self) | {"at": text(self.at)}
        properties = tuple(Property(name, value) for name, value in said.items())
        return Outgoing(Verb.CHANGED, TroubleOrders(), properties=properties)

    def keep(self, connection: sa.Connection) -> None:
        """In place of what was before, unless that is newer; with who decided so.  Once, however
        often it is told."""
        since = connection.scalar(sa.select(owner.c.at).where(owner.c.zone == self.zone))
        if since is None or since < self.at:
            connection.execute(sa.delete(owner).where(owner.c.zone == self.zone))
            row = {"zone": self.zone, "user": self.dispatcher, "who": self.by, "at": self.at}
            connection.execute(sa.insert(owner), row)
        which = f"from {self.before or _NOBODY} to {self.dispatcher or _NOBODY}"
        store.decide(connection, self.at, "", f"zone {self.zone} handed over {which}", self.by)


def owned(connection: sa.Connection, settings: Settings) -> dict[str, str]:
    """Zone -> dispatcher, of the zones that there are; by the settings and what was handed over."""
    found = owners(settings.dispatchers, settings.zones)
    for row in connection.execute(sa.select(owner.c.zone, owner.c.user)):
        if not settings.zones or row.zone in settings.zones:
            found[row.zone] = row.user
    return {zone: user for zone, user in found.items() if user}


def handed_over(message: Message, asked: Asked, day: Callable[[], Day]) -> list[Outgoing]:
    """The reply, and the event of what was done; nothing when a message is about no zone.

    day: makes that of now.
    """
    options = {o.name: o.value or "" for o in message.request.options} if message.request else {}
    if message.header.verb is not Verb.CHANGE or ZONE not in options:
        return []
    try:
        if (named := meant(message, TroubleOrders)) and named.trouble_order:
            rule = "Option zone: it is about no TroubleOrder, and none may be named."
            raise Refusal.of(RULE, rule, value=options[ZONE])
        if not asked.user and DISPATCHER not in options:
            rule = f"Option dispatcher: {asked.who} asks for no user, so one must be named."
            raise Refusal.of(MISSING, rule)
        done_so = _handover(asked, day, options[ZONE], options.get(DISPATCHER, asked.user))
    except Refusal as refusal:
        return [Outgoing(Verb.REPLY, reply=failed(refusal.violations), noun=ORDERS)]
    done_so.keep(asked.connection)  # as of now, and not only when word of it comes back
    return [Outgoing(Verb.REPLY, reply=done(), noun=ORDERS), done_so.event]


def _handover(asked: Asked, day: Callable[[], Day], zone: str, user: str) -> Handover:
    """Raises: Refusal."""
    now = owned(asked.connection, asked.settings)
    before = now.get(zone, "")
    _check(asked, day, zone, user, now)
    if user == before:
        rule = f"Option dispatcher: {user or _NOBODY} looks after {zone} already."
        raise Refusal.of(RULE, rule, value=user)
    since = asked.connection.scalar(sa.select(owner.c.at).where(owner.c.zone == zone))
    at = max(asked.now, since + _MOMENT) if since else asked.now
    return Handover(zone=zone, dispatcher=user, before=before, by=asked.who, at=at)


def _check(
    asked: Asked, day: Callable[[], Day], zone: str, user: str, now: Mapping[str, str]
) -> None:
    """Raises: Refusal for a zone or a dispatcher that nobody knows."""
    zones = {*asked.settings.zones} or {one.zone for one in day().queue if one.zone} | now.keys()
    if zone not in zones:
        known = ", ".join(sorted(zones)) or "none"
        rule = f"Option zone: there is no zone {zone!r}; known are {known}."
        raise Refusal.of(UNKNOWN, rule, value=zone)
    users = {*asked.settings.dispatchers, *now.values(), asked.user, ""}
    if user not in users:
        known = ", ".join(sorted(users - {""}))
        rule = f"Option dispatcher: there is no dispatcher {user!r}; known are {known}."
        raise Refusal.of(UNKNOWN, rule, value=user)
