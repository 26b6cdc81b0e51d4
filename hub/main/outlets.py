"""How the hub reaches those it sends to: partners, and who is named in a ReplyAddress."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from cim.message import Format, Message
from cim.violation import Refusal
from hub.channels.addresses import AMQP, Addresses
from hub.channels.compression import Compression
from hub.channels.rabbitmq import Broker, QueueOutlet, Undeliverable
from hub.channels.soap import Partner, PartnerClient
from hub.config import Partner as PartnerSettings
from hub.dispatch.replying import NotTaken
from hub.journal.entry import ReplyTo

SCHEMAS = Path(__file__).parents[2] / "schemas"
_CLIENTS = 64  # that are kept open


class _Way(NamedTuple):
    """An address, and how payloads go there."""

    url: str
    format: Format
    compressed: bool


class SoapReplies:
    """Calls the generic operation Response at the address; as a partner, when it is one's."""

    def __init__(self, allowed: Addresses, payload: Format) -> None:
        self._allowed = allowed
        self._payload = payload
        self._lock = Lock()
        self._clients: OrderedDict[_Way, PartnerClient] = OrderedDict()

    def send(self, message: Message, to: ReplyTo) -> None:
        """Raises: NotTaken; Refusal when trying again is vain."""
        _check(self._allowed, to.address)
        try:
            way = _Way(to.address, to.format or self._payload, to.compressed)
            self._client(way).send([message])
        except ConnectionError as error:
            raise NotTaken(str(error)) from error

    def close(self) -> None:
        with self._lock:
            while self._clients:
                self._clients.popitem()[1].close()

    def _client(self, way: _Way) -> PartnerClient:
        with self._lock:
            client = self._clients.pop(way, None)
            if client is None:
                partner = named(self._allowed, way.url, way.format, compressed=way.compressed)
                client = PartnerClient(partner)
            self._clients[way] = client
            if len(self._clients) > _CLIENTS:
                self._clients.popitem(last=False)[1].close()
        return client


class QueueReplies:
    """Publishes into the queue that is named."""

    def __init__(self, allowed: Addresses, broker: Broker, payload: Format) -> None:
        self._allowed = allowed
        self._outlet = QueueOutlet(broker, payload)

    def send(self, message: Message, to: ReplyTo) -> None:
        """Raises: NotTaken; ConnectionError when the broker is away; Refusal."""
        _check(self._allowed, to.address)
        try:
            self._outlet.send(to.address, message, to.format, compressed=to.compressed)
        except Undeliverable as error:
            raise NotTaken(str(error)) from error

    def close(self) -> None:
        self._outlet.close()


def named(allowed: Addresses, url: str, format_: Format, *, compressed: bool = False) -> Partner:
    """Who is at `url`: with the hub's credentials for the partner whose address it is."""
    known = allowed.partner(url)
    if known is None:
        partner = Partner(name=url, address=url, schemas=SCHEMAS, format=format_)
    else:
        partner = called(replace(known, url=url, typed=False, schemas=None, payload=format_))
    compression = replace(partner.compression, always=compressed or partner.compression.always)
    return replace(partner, compression=compression, silent=True)


def _check(allowed: Addresses, address: str) -> None:
    """The configuration may have changed since.  Raises: Refusal."""
    try:
        allowed.place(address, AMQP)
    except ValueError as error:
        raise Refusal.of("1.8", f"Header/ReplyAddress {error}") from None


def called(partner: PartnerSettings) -> Partner:
    settings: dict[str, Any] = {"format": partner.payload} if partner.payload else {}
    return Partner(
        name=partner.name,
        address=partner.url,
        schemas=partner.schemas or SCHEMAS,
        typed=partner.typed,
        token=partner.token,
        username=partner.username,
        password=partner.password,
        certificate=partner.certificate,
        key=partner.key,
        authority=partner.authority,
        dialect=partner.dialect(),
        compression=Compression(partner.compressed, partner.compress_above),
        **settings,
    )
