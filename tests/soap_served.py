"""A served SOAP channel with a small hub behind it, for tests of the channel alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from cim.message import Header, Kind, Message, Reply, Result, Verb
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from cim.violation import Refusal
from hub.channels.soap.channel import SoapChannel
from hub.channels.soap.intake import SoapDelivery
from hub.channels.soap.partner import Partner, PartnerClient
from hub.front import Door, Limits, Principal, Server
from tests.soap_clients import TOKEN

SCHEMAS = Path(__file__).parents[1] / "schemas"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OUTAGES = UnplannedOutages(
    unplanned_outage=(UnplannedOutage(mrid="outage-1", original_customers_served=17),)
)


@dataclass(frozen=True)
class System:
    """A principal for tests."""

    name: str


SYSTEMS = {f"Bearer {TOKEN}": System("ami")}


def authenticate(authorization: str | None, certificate: str | None) -> Principal | None:
    return SYSTEMS.get(authorization or "") or SYSTEMS.get(certificate or "")


Take = Callable[[SoapDelivery], None]


@dataclass
class FakeHub:
    """Takes what the channel receives, keeps it in memory and answers `get`.

    take: what is done with each delivery; a test may put its own.
    """

    taken: list[SoapDelivery] = field(default_factory=list)
    take: Take = SoapDelivery.ack
    known: set[str] = field(default_factory=set)
    replies: dict[str, Message] = field(default_factory=dict)

    def run(self, channel: SoapChannel, stop: threading.Event) -> None:
        for batch in channel.receive():
            for delivery in batch:
                self.taken.append(delivery)
                self.take(delivery)
            if stop.is_set():
                return

    @property
    def messages(self) -> list[Message]:
        return [d.content for d in self.taken if isinstance(d.content, Message)]

    @property
    def refusals(self) -> list[Refusal]:
        return [d.content for d in self.taken if isinstance(d.content, Refusal)]

    def answer(self, message_id: str, _seconds: float) -> Message | None:
        """What an app or the hub would say; nobody ever answers about MeterReadings."""
        asked = next(m.header for m in self.messages if m.header.message_id == message_id)
        if asked.noun == "MeterReadings":
            return None
        payload = OUTAGES if asked.verb is Verb.GET else None
        header = Header(
            verb=Verb.REPLY,
            noun=asked.noun,
            source="HUB",
            message_id=f"reply-to-{asked.message_id}",
            correlation_id=asked.correlation_id or message_id,
        )
        return Message(
            header=header, kind=Kind.RESPONSE, reply=Reply(result=Result.OK), payload=payload
        )


@dataclass(frozen=True)
class Served:
    """A running channel: where it is, and what stands behind."""

    url: str
    hub: FakeHub
    channel: SoapChannel

    def post(
        self, body: bytes, action: str = "", path: str = "/soap", **headers: str
    ) -> httpx.Response:
        """POST bytes as they are, as the system "ami"."""
        named = {
            "content-type": "text/xml; charset=utf-8",
            "soapaction": f'"{action}"',
            "authorization": f"Bearer {TOKEN}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        sent = {name: value for name, value in named.items() if value}
        return httpx.post(f"{self.url}{path}", content=body, headers=sent, timeout=60)


LIMITS = Limits(body_seconds=0.5)
NO_TLS: Mapping[str, Path] = {}


@contextmanager
def serve(
    partner: PartnerClient | None = None, tls: Mapping[str, Path] = NO_TLS, **settings: Any
) -> Iterator[Served]:
    """A channel with `settings`, listening with the PEM files of `tls`."""
    hub = FakeHub()
    channel = SoapChannel(
        schemas=SCHEMAS,
        source="HUB",
        replies=hub.answer,
        clock=lambda: NOW,
        partner=partner,
        **{"authenticate": authenticate, **settings},
    )
    stop = threading.Event()
    thread = threading.Thread(target=hub.run, args=(channel, stop))
    thread.start()
    door = Door([channel.route(LIMITS)])
    try:
        with Server(app=door, port=0, header_seconds=0.5, **tls).start() as front:  # type: ignore[arg-type]
            yield Served(front.url, hub, channel)
    finally:
        stop.set()
        channel.close()
        thread.join()


def accepted(message_id: str, _seconds: float) -> Message:
    """The reply of a hub that only takes."""
    header = Header(verb=Verb.REPLY, noun="EndDeviceEvents", correlation_id=message_id)
    return Message(header=header, kind=Kind.RESPONSE, reply=Reply(result=Result.OK))


@contextmanager
def pair_of_ends() -> Iterator[tuple[SoapChannel, SoapChannel, Callable[[bytes], None]]]:
    """A channel that sends, the channel that receives it, and a way to post any bytes there.

    What the receiving side leaves lying is refused after a second, so that it is sent again.
    """
    receiver = SoapChannel(
        schemas=SCHEMAS,
        source="HUB",
        authenticate=lambda *_: System("partner"),
        replies=accepted,
        journal_seconds=1.0,
    )
    with Server(app=Door([receiver.route(Limits())]), port=0).start() as front:
        partner = Partner(name="hub", address=f"{front.url}/soap", schemas=SCHEMAS, token=TOKEN)
        sender = SoapChannel(
            schemas=SCHEMAS,
            source="PARTNER",
            authenticate=authenticate,
            replies=accepted,
            partner=PartnerClient(partner),
        )

        def inject(body: bytes) -> None:
            httpx.post(f"{front.url}/soap", content=body, headers=_HEADERS, timeout=20)

        yield sender, receiver, inject
        sender.close()
    receiver.close()


_HEADERS = {"content-type": "text/xml", "soapaction": "", "authorization": f"Bearer {TOKEN}"}
