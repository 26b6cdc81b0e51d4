"""Zones are handed over: another dispatcher looks after one from now on, or nobody.

It is asked for by a `change TroubleOrders` without an order, with the Option `zone` and the Option
`dispatcher`, a user: whoever asks where it is left out, nobody where it is empty.  It holds against
the settings until it is handed over again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import sqlalchemy as sa

from cim.message import Message, Reply, Verb
from cim.objects import meant
from cim.profiles.trouble_orders import TroubleOrders
from cim.replies import done, failed
from cim.violation import Refusal
from dms_apps.crews import store
from dms_apps.crews.queue import Day
from dms_apps.crews.requests import RULE, UNKNOWN, Asked
from dms_apps.crews.settings import Settings
from dms_apps.crews.tables import owner
from dms_apps.crews.zones import owners

ZONE, DISPATCHER = "zone", "dispatcher"
_NOBODY = "nobody"


def owned(connection: sa.Connection, settings: Settings) -> dict[str, str]:
    """Zone -> dispatcher, of the zones that there are; by the settings and what was handed over."""
    found = owners(settings.dispatchers, settings.zones)
    for row in connection.execute(sa.select(owner.c.zone, owner.c.user)):
        if not settings.zones or row.zone in settings.zones:
            found[row.zone] = row.user
    return {zone: user for zone, user in found.items() if user}


def handed_over(message: Message, asked: Asked, day: Callable[[], Day]) -> Reply | None:
    """What came of it; None when a message is about no zone.

    day: makes that of now.
    """
    options = {o.name: o.value or "" for o in message.request.options} if message.request else {}
    if message.header.verb is not Verb.CHANGE or ZONE not in options:
        return None
    try:
        if (named := meant(message, TroubleOrders)) and named.trouble_order:
            rule = "Option zone: it is about no TroubleOrder, and none may be named."
            raise Refusal.of(RULE, rule, value=options[ZONE])
        _hand_over(asked, day, options[ZONE], options.get(DISPATCHER, asked.who))
    except Refusal as refusal:
        return failed(refusal.violations)
    return done()


def _hand_over(asked: Asked, day: Callable[[], Day], zone: str, user: str) -> None:
    """Raises: Refusal."""
    now = owned(asked.connection, asked.settings)
    before = now.get(zone, "")
    _check(asked, day, zone, user, now)
    if user == before:
        rule = f"Option dispatcher: {user or _NOBODY} looks after {zone} already."
        raise Refusal.of(RULE, rule, value=user)
    _keep(asked.connection, zone, user, asked.who, asked.now)
    said = f"zone {zone} handed over from {before or _NOBODY} to {user or _NOBODY}"
    store.decide(asked.connection, asked.now, "", said, asked.who)


def _check(
    asked: Asked, day: Callable[[], Day], zone: str, user: str, now: Mapping[str, str]
) -> None:
    """Raises: Refusal for a zone or a dispatcher that nobody knows."""
    zones = {*asked.settings.zones} or {one.zone for one in day().queue if one.zone} | now.keys()
    if zone not in zones:
        known = ", ".join(sorted(zones)) or "none"
        rule = f"Option zone: there is no zone {zone!r}; known are {known}."
        raise Refusal.of(UNKNOWN, rule, value=zone)
    users = {*asked.settings.dispatchers, *now.values(), asked.who, ""}
    if user not in users:
        known = ", ".join(sorted(users - {""}))
        rule = f"Option dispatcher: there is no dispatcher {user!r}; known are {known}."
        raise Refusal.of(UNKNOWN, rule, value=user)


def _keep(connection: sa.Connection, zone: str, user: str, who: str, now: datetime) -> None:
    """From now on; in place of what was before."""
    connection.execute(sa.delete(owner).where(owner.c.zone == zone))
    connection.execute(sa.insert(owner), {"zone": zone, "user": user, "who": who, "at": now})
