"""What REST answers: the shapes, and the forms one message comes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cim import override
from cim.profiles import NOUNS
from cim.reference_model import exchange_of
from hub.console.alarms import Alarm
from hub.console.network import Described
from hub.console.outages import Outage
from hub.console.pages.overview import Line
from hub.console.search import FIELDS
from hub.console.view import Component
from hub.journal import queries
from hub.journal.attempts import Attempt
from hub.journal.corrections import Corrected, Correction
from hub.journal.queries import DeliveryRow, Detail, Lineage, Row

__all__ = ["Alarm", "Described", "Outage"]

JSON = "application/json"
XML = "application/xml"
RDF = "application/rdf+xml"
MEDIA = (JSON, XML, RDF)

FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {XML: {"schema": {"type": "string"}}, RDF: {"schema": {"type": "string"}}}}
}
SEARCH: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
        for name in (*FIELDS, "before")
    ]
}


@dataclass(frozen=True)
class Messages:
    """One page of a search; `window` says its time span in words."""

    messages: Sequence[Row]
    next: str | None
    window: str


@dataclass(frozen=True)
class Origin:
    """The item in quarantine that a message came of: corrected or sent again by `actor`."""

    item: int
    action: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class Mended:
    """What became of an item in quarantine: its state, and the messages it is now."""

    item: int
    state: str
    messages: Sequence[int]


@dataclass(frozen=True)
class OneMessage:
    """What is known of one message; itself comes as XML or RDF/XML."""

    message: Row
    deliveries: Sequence[DeliveryRow]
    mentions: Sequence[str]
    causes: Sequence[Row]
    effects: Sequence[Row]
    quarantine: Sequence[Origin]
    corrections: Sequence[Correction]


@dataclass(frozen=True)
class Noun:
    """One noun; `publishers` and `subscribers` are codes of business functions (IEC 61968-1)."""

    noun: str
    standard: str
    namespace: str
    verbs: tuple[str, ...]
    publishers: tuple[str, ...]
    subscribers: tuple[str, ...]


@dataclass(frozen=True)
class Replayed:
    seq: int
    subscriber: str


@dataclass(frozen=True)
class Quarantined:
    """`violations`: code, rule, line, column, xpath and value of each.

    `at`, `origin`: when and where it came since it is open; `times`, and when and where last.
    """

    id: int
    at: datetime
    channel: str
    principal: str
    origin: str
    reason: str
    violations: Sequence[Mapping[str, Any]]
    state: str
    times: int
    last_at: datetime
    last_origin: str


@dataclass(frozen=True)
class Status:
    """The state of the hub at `now`."""

    now: datetime
    messages: int
    accepted_last_minute: int
    waiting: int
    dead: int
    quarantined: int
    active_outages: int
    customers_without_supply: int
    violated_limits: int
    components: Sequence[Component]
    subscribers: Sequence[Line]
    network: Mapping[str, int]
    corrected: Sequence[Corrected]


def one(detail: Detail, lineage: Lineage, made: Sequence[Attempt]) -> OneMessage:
    """A message without its bytes."""
    return OneMessage(
        detail.row,
        detail.deliveries,
        detail.mentions,
        lineage.causes,
        lineage.effects,
        [Origin(a.item, a.action, a.actor, a.at) for a in made],
        detail.corrections,
    )


def noun(name: str) -> Noun:
    """A noun as the list of contracts tells it."""
    profile, ends = NOUNS[name], exchange_of(name)
    sides = (tuple(end.code for end in side) for side in (ends.publishers, ends.subscribers))
    namespace = override.namespace_of(name) or profile.namespace
    return Noun(name, profile.standard, namespace, profile.verbs, *sides)


def quarantined(item: queries.Quarantined) -> Quarantined:
    """An item without its bytes."""
    return Quarantined(**{name: getattr(item, name) for name in Quarantined.__dataclass_fields__})


def status(state: Mapping[str, Any], now: datetime, corrected: Sequence[Corrected]) -> Status:
    """From the figures of the overview."""
    return Status(
        now=now,
        messages=state["messages"],
        accepted_last_minute=state["pace"][-1],
        waiting=state["waiting"],
        dead=state["dead"],
        quarantined=state["quarantined"],
        active_outages=len(state["active"]),
        customers_without_supply=state["customers"],
        violated_limits=len(state["alarms"]),
        components=state["components"],
        subscribers=state["backlog"],
        network=state["counts"],
        corrected=corrected,
    )


def preferred(accept: str, forms: Sequence[str] = MEDIA) -> str | None:
    """The form that an Accept header likes best, the first when it does not care; None: none."""
    if not accept.strip():
        return forms[0]
    liked = {media: _quality(accept, media) for media in forms}
    best = max(forms, key=lambda media: liked[media])
    return best if liked[best] > 0 else None


def _quality(accept: str, media: str) -> float:
    """RFC 9110: the most specific range that fits says how much it is liked."""
    ranges = dict(_range(part) for part in accept.split(","))
    fitting = (media, media.split("/")[0] + "/*", "*/*")
    return next((ranges[name] for name in fitting if name in ranges), 0.0)


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0.0
