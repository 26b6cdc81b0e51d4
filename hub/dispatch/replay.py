"""ReplayDetection: a nonce counts once, and not long (IEC 61968-100, HeaderType)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from cim.bounds import LONGEST
from cim.message import Header, Message
from cim.times import zoned
from hub.config import Replay as Settings
from hub.dispatch.duplicates import same_fact
from hub.dispatch.rights import Denied
from hub.journal import Entry, nonces, queries

POLICY = "7.7"
EVERYBODY = "*"
_XPATH = "/Header/ReplayDetection"


class Replay:
    """Refuses what is sent a second time as something new."""

    def __init__(self, settings: Settings) -> None:
        self._window = timedelta(seconds=settings.seconds)
        self._required = frozenset(settings.required)

    def check(self, message: Message, principal: str) -> None:
        """Raises: Denied when it must be there and is not, or cannot be remembered."""
        given = message.header.replay_detection
        if given is None:
            if not self._required.isdisjoint({principal, EVERYBODY}):
                raise _denied(f"Header/ReplayDetection is missing: {principal} must send it")
        elif len(given.nonce) > LONGEST or not given.nonce.strip():
            raise _denied(f"the Nonce must have 1 to {LONGEST} characters", given.nonce)

    def refusals(
        self, connection: Connection, entries: Sequence[Entry], now: datetime
    ) -> dict[int, Denied]:
        """Why some of `entries`, by their place, may not be taken; the nonces of the others are
        remembered.  A message that is in the journal may come again."""
        # In one order: two transactions would otherwise wait for one another.
        wanted = sorted(
            (entry.principal, replay.nonce, place)
            for place, entry in enumerate(entries)
            if (replay := entry.message.header.replay_detection)
        )
        if not wanted:
            return {}
        nonces.forget(connection, now)
        found = {place: self._refusal(connection, entries[place], now) for *_, place in wanted}
        return {place: refusal for place, refusal in found.items() if refusal is not None}

    def _refusal(self, connection: Connection, entry: Entry, now: datetime) -> Denied | None:
        header = entry.message.header
        why = self._objection(connection, header, entry.principal, now)
        if why is None or _is_known(connection, entry):
            return None
        return _denied(why, header.replay_detection.nonce if header.replay_detection else "")

    def _objection(
        self, connection: Connection, header: Header, principal: str, now: datetime
    ) -> str | None:
        given = header.replay_detection
        if given is None or header.message_id is None:
            return None
        created = zoned(given.created)
        seconds = self._window.total_seconds()
        if now - created > self._window:
            return f"it was created at {created.isoformat()}, more than {seconds:g} s ago"
        if created - now > self._window:
            return f"it was created at {created.isoformat()}, more than {seconds:g} s from now"
        until = created + self._window
        first = nonces.first(connection, principal, given.nonce, header.message_id, until)
        if first == header.message_id:
            return None
        return f"its Nonce came before, in message {first}"


def _is_known(connection: Connection, entry: Entry) -> bool:
    """Whether it is in the journal already."""
    known = queries.message(connection, entry.message.header.message_id or "")
    return known is not None and same_fact(known.body, entry)


def _denied(rule: str, nonce: str = "") -> Denied:
    return Denied.of(POLICY, rule, xpath=_XPATH, value=nonce[:80] or None)
