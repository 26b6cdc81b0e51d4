"""Events of meters and usage points that the network does not know: taken, and easy to find."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from cim.message import Message
from cim.network import Network
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stray:
    """What one source has said of things unknown, since the start of this process.

    count:      events.
    named:      what the latest named.
    message_id: of the latest.
    """

    source: str
    count: int
    named: str
    message_id: str

    def __str__(self) -> str:
        events = "event names" if self.count == 1 else "events name"
        return (
            f"{self.count:,} {events} what the network does not know, the latest {self.named}"
            f" in message {self.message_id}"
        )


class Unknown:
    """Counts by source, and logs the first, the tenth, the hundredth ... of each."""

    def __init__(self) -> None:
        self._by_source: dict[str, Stray] = {}
        self._lock = Lock()

    def look(self, message: Message, network: Network) -> None:
        """Note the events in a message that was taken; nothing while there is no network."""
        if not isinstance(message.payload, EndDeviceEvents) or not network.has_usage_points:
            return
        for event in message.payload.end_device_event:
            names = list(_names(event))
            if names and all(network.usage_point_of(name) is None for name in names):
                self._note(message.header.source or "", names[0], message.header.message_id or "")

    def strays(self) -> tuple[Stray, ...]:
        """All sources that named anything unknown."""
        with self._lock:
            return tuple(self._by_source[source] for source in sorted(self._by_source))

    def _note(self, source: str, named: str, message_id: str) -> None:
        with self._lock:
            before = self._by_source.get(source)
            stray = Stray(source, before.count + 1 if before else 1, named, message_id)
            self._by_source[source] = stray
        if str(stray.count).strip("0") == "1":
            log.warning("%s: %s", source, stray)


def _names(event: EndDeviceEvent) -> Iterator[str]:
    """By which an event tells its usage point or meter, mRIDs first."""
    things = [thing for thing in (event.usage_point, event.assets) if thing is not None]
    yield from (thing.mrid for thing in things if thing.mrid)
    yield from (one.name for thing in things for one in thing.names)
