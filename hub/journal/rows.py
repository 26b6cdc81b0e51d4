"""From messages to the rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain
from typing import Any, TypeVar

from cim.message import Verb
from cim.ordering import mrids, ordering_key
from cim.times import zoned
from hub.journal.entry import Entry, ReplyTo, Routes
from hub.journal.lanes import lane
from hub.journal.tables import ACCEPTED

Identity = tuple[str | None, str]  # (None, message id) or (source, external id)
T = TypeVar("T")
_CHUNK = 5_000  # bound values in one statement; SQLite allows 32,766
_KEY = 200  # characters of an mRID or ordering key that are kept


def identities(entry: Entry, *, and_facts: bool = True) -> list[Identity]:
    """By which `entry` is recognised when it comes again; its facts may be left out."""
    message_id = entry.message.header.message_id
    if message_id is None:
        raise ValueError("a message without MessageID cannot be accepted")
    identity: list[Identity] = [(None, message_id)]
    if entry.external_id is not None:
        identity.append((entry.source, entry.external_id))
    if and_facts:
        identity += ((entry.source, fact) for fact in entry.facts)
    return identity


def wanted(entries: Sequence[Entry], last: int) -> tuple[list[str], dict[str, list[str]]]:
    """The message ids and, by source, the external ids to look for.

    last: seq of the newest message; facts that were news up to it are not looked for again.
    """
    ids: list[str] = []
    external: dict[str, list[str]] = {}
    for entry in entries:
        for source, value in identities(entry, and_facts=entry.news_upto != last):
            (ids if source is None else external.setdefault(source, [])).append(value)
    return ids, external


def chunks(values: Sequence[T], size: int = _CHUNK) -> Iterator[Sequence[T]]:
    """`values` in pieces that fit into one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class Batch:
    """The rows of a batch of entries, one list a table.

    corrected: (source, tolerance) -> messages, times.
    """

    def __init__(
        self, routes: Sequence[Routes], now: datetime, asked: Mapping[int, ReplyTo]
    ) -> None:
        """asked: where answers go, by the message they answer."""
        self.messages: list[dict[str, Any]] = []
        self.facts: list[dict[str, Any]] = []
        self.mentions: list[dict[str, Any]] = []
        self.deliveries: list[dict[str, Any]] = []
        self.corrections: list[dict[str, Any]] = []
        self.corrected: dict[tuple[str, str], tuple[int, int]] = {}
        self.addresses: list[dict[str, Any]] = []
        self._routes = routes
        self._now = now
        self._asked = asked

    def add(self, seq: int, entry: Entry) -> None:
        key = (entry.key or ordering_key(entry.message))[:_KEY]
        self.messages.append(self._message(seq, entry, key))
        source = entry.source
        self.facts += ({"source": source, "external_id": f, "seq": seq} for f in entry.facts)
        mentioned = {mrid[:_KEY] for mrid in mrids(entry.message)}
        self.mentions += ({"mrid": mrid, "seq": seq} for mrid in sorted(mentioned))
        self._correct(seq, entry)
        for subscription in chain(*(routes.of(entry.message) for routes in self._routes)):
            self._deliver(seq, subscription.subscriber, key, subscription.partitions)
        if entry.reply_to is not None:
            self.addresses.append(_address(seq, entry.reply_to))
        if answers(entry) and (to := entry.reply_to or self._asked.get(entry.cause or 0)):
            self._deliver(seq, to.subscriber, to.address[:_KEY], to.lanes)

    def _deliver(self, seq: int, subscriber: str, key: str, lanes: int) -> None:
        self.deliveries.append(
            {
                "seq": seq,
                "subscriber": subscriber,
                "lane": lane(key, lanes),
                "ordering_key": key,
                "state": ACCEPTED,
                "attempts": 0,
            }
        )

    def _correct(self, seq: int, entry: Entry) -> None:
        for one in entry.corrections:
            notes = [asdict(note) for note in one.notes]
            row = {"seq": seq, "tolerance": one.tolerance, "times": one.times, "notes": notes}
            self.corrections.append(row)
            key = entry.source, one.tolerance
            messages, times = self.corrected.get(key, (0, 0))
            self.corrected[key] = messages + 1, times + one.times

    def _message(self, seq: int, entry: Entry, key: str) -> dict[str, Any]:
        header = entry.message.header
        return {
            "seq": seq,
            "message_id": header.message_id,
            "source": entry.source,
            "external_id": entry.external_id,
            "kind": str(entry.message.kind),
            "verb": str(header.verb),
            "noun": header.noun,
            "context": header.context,
            "correlation_id": header.correlation_id,
            "ordering_key": key,
            "timestamp": _utc(header.timestamp, self._now),
            "accepted_at": self._now,
            "channel": entry.channel,
            "principal": entry.principal,
            "cause": entry.cause,
            "received": entry.received,
            "body": entry.body,
        }


def answers(entry: Entry) -> bool:
    """Whether it is an answer; what an app says on waking has no correlation id and is none."""
    header = entry.message.header
    return header.verb is Verb.REPLY and header.correlation_id is not None


def _address(seq: int, to: ReplyTo) -> dict[str, Any]:
    return {
        "seq": seq,
        "subscriber": to.subscriber,
        "address": to.address,
        "format": to.format,
        "compressed": int(to.compressed),
        "edition": int(to.edition),
    }


def _utc(value: datetime | None, now: datetime) -> datetime:
    # A sender's year 1 in a zone east of Greenwich is no instant that a database can hold.
    if value is None:
        return now
    try:
        return zoned(value).astimezone(UTC)
    except OverflowError:
        return now
