"""Rules that no schema can hold: what fits into the journal, and what the network knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from cim.bounds import LONGEST
from cim.message import Kind, Message
from cim.profile import Profile, attributes
from cim.profiles.identification import UsagePoint
from cim.profiles.network_models import NetworkModels
from cim.violation import Refusal
from hub.dispatch import shrinking
from hub.dispatch.interlock import Interlock
from hub.dispatch.live import Live
from hub.dispatch.rights import Rights

_RUN = re.compile(rb">[^<]{%d,}<" % (LONGEST + 1))  # seven times as quick as what is looked for
_NAMED = re.compile(rb"<(?:[\w.-]+:)?(mRID|name)(?:\s[^>]*)?>([^<]{%d,})<" % (LONGEST + 1))
_LENGTH = {"message_id": LONGEST, "correlation_id": LONGEST, "source": 200, "context": 40}
_ELEMENT = {
    "message_id": "MessageID",
    "correlation_id": "CorrelationID",
    "source": "Source",
    "context": "Context",
}


class Checks:
    """rights: None for a hub that no stranger reaches: everybody may send everything."""

    def __init__(
        self, live: Live, rights: Rights | None = None, interlock: Interlock | None = None
    ) -> None:
        self._live = live
        self._rights = rights
        self._interlock = interlock

    def check(self, message: Message, principal: str, *, person: bool = False) -> None:
        """Raises: Refusal when the message cannot be taken from `principal`; the database's error.

        Events are facts and are taken though they speak of unknown objects; a request for an
        unknown usage point is refused, once a network is loaded.
        """
        if self._rights is not None and person:
            self._rights.check_person(message, principal)
        elif self._rights is not None:
            self._rights.check(message, principal)
        _check_lengths(message)
        self.check_known(message)

    def check_whole(self, message: Message, keeps: float, source: str) -> None:
        """Raises: Refusal for a snapshot that lacks too much of the model in force."""
        if keeps and message.header.noun == NetworkModels.__name__:
            models = self._live.catch_up().models
            shrinking.check(message, models, keeps, f"[feeds.{source}] keeps")

    def check_known(self, message: Message) -> None:
        """Raises: Refusal for a request about a usage point that the network does not know, and
        for a control that the interlock forbids."""
        if self._interlock is not None:
            self._interlock.check(message)
        network = self._live.current
        if message.kind is not Kind.REQUEST or not network.has_usage_points:
            return
        unknown = sorted({m for m in usage_points(message.payload) if not network.knows(m)})
        if unknown:
            named = ", ".join(unknown[:3]) + (" ..." if len(unknown) > 3 else "")
            raise Refusal.of("2.12", f"the network has no usage point {named}", value=unknown[0])


def _check_lengths(message: Message) -> None:
    for name, longest in _LENGTH.items():
        value = getattr(message.header, name)
        _check_length(_ELEMENT[name], value, longest)
    if message.header.user is not None:
        _check_length("User/UserID", message.header.user.user_id, LONGEST)


def _check_length(element: str, value: str | None, longest: int) -> None:
    if value is not None and len(value) > longest:
        raise Refusal.of(
            "1.8",
            f"{element} has {len(value)} characters, at most {longest} are taken",
            xpath=f"/Header/{element}",
            value=value[:60],
        )


def check_names(body: bytes, noun: str) -> None:
    """Raises: Refusal for an mRID or a name that is too long for what hears of it.

    body: the canonical envelope.  Models name things as they like: they are kept as documents.
    """
    if noun == NetworkModels.__name__ or not _RUN.search(body):
        return
    for found in _NAMED.finditer(body):
        text = unescape(found[2].decode()).strip()
        if len(text) > LONGEST:
            element = found[1].decode()
            rule = f"{element} has {len(text)} characters, at most {LONGEST} are taken"
            raise Refusal.of("1.8", rule, value=text[:60])


def usage_points(payload: object) -> Iterator[str]:
    """The mRIDs of the usage points that a payload names."""
    if isinstance(payload, tuple):
        for item in payload:
            yield from usage_points(item)
    elif isinstance(payload, Profile):
        if isinstance(payload, UsagePoint) and payload.mrid:
            yield payload.mrid
        for attribute in attributes(type(payload)):
            value = getattr(payload, attribute.name)
            if isinstance(value, tuple | Profile):
                yield from usage_points(value)
