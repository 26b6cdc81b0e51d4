"""How the hub reaches those it sends to: partners, and who is named in a ReplyAddress."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from cim.envelope.edition2 import Edition2
from cim.message import Edition, Format, Message
from cim.violation import Refusal
from hub.channels.addresses import AMQP, Addresses
from hub.channels.compression import Compression
from hub.channels.rabbitmq import Broker, QueueOutlet, Undeliverable
from hub.channels.soap.partner import Partner, PartnerClient
from hub.dispatch.replying import NotTaken
from hub.journal.entry import ReplyTo
from hub.partner_settings import Partner as PartnerSettings

SCHEMAS = Path(__file__).parents[2] / "schemas"
_CLIENTS = 64  # that are kept open


class Way(NamedTuple):
    """An address, and how messages go there.

    format:  of payloads; None: as is usual there.
    edition: of envelopes; None: as the partner whose address it is, else the first.
    """

    url: str
    format: Format | None = None
    compressed: bool = False
    edition: Edition | None = None


class SoapReplies:
    """Calls the generic operation Response at the address; as a partner, when it is one's."""

    def __init__(self, allowed: Addresses, payload: Format, second: Edition2 | None) -> None:
        self._allowed = allowed
        self._payload = payload
        self._second = second
        self._lock = Lock()
        self._clients: OrderedDict[Way, PartnerClient] = OrderedDict()

    def send(self, message: Message, to: ReplyTo) -> None:
        """Raises: NotTaken; Refusal when trying again is vain."""
        _check(self._allowed, to.address)
        try:
            usual = Format.XML if to.edition is Edition.SECOND else self._payload
            way = Way(to.address, to.format or usual, to.compressed, to.edition)
            self._client(way).send([message])
        except ConnectionError as error:
            raise NotTaken(str(error)) from error

    def close(self) -> None:
        with self._lock:
            while self._clients:
                self._clients.popitem()[1].close()

    def _client(self, way: Way) -> PartnerClient:
        """Raises: Refusal, when edition 2 cannot be written any more."""
        with self._lock:
            client = self._clients.pop(way, None)
            if client is None:
                client = PartnerClient(named(self._allowed, way, self._second))
            self._clients[way] = client
            if len(self._clients) > _CLIENTS:
                self._clients.popitem(last=False)[1].close()
        return client


class QueueReplies:
    """Publishes into the queue that is named."""

    def __init__(
        self, allowed: Addresses, broker: Broker, payload: Format, second: Edition2 | None
    ) -> None:
        self._allowed = allowed
        self._second = second
        self._outlet = QueueOutlet(broker, payload)

    def send(self, message: Message, to: ReplyTo) -> None:
        """Raises: NotTaken; ConnectionError when the broker is away; Refusal."""
        _check(self._allowed, to.address)
        try:
            second = envelope_of(to.edition, self._second)
            self._outlet.send(
                to.address, message, to.format, compressed=to.compressed, second=second
            )
        except Undeliverable as error:
            raise NotTaken(str(error)) from error

    def close(self) -> None:
        self._outlet.close()


def named(allowed: Addresses, way: Way, second: Edition2 | None = None) -> Partner:
    """Who is at the end of `way`: with the hub's credentials for the partner whose address it is.

    second: the envelope of edition 2, if there is one.
    Raises: Refusal, when it is to be used and there is none.
    """
    known = allowed.partner(way.url)
    settings = known or PartnerSettings(name=way.url, channel="soap", topics=(), url=way.url)
    settings = replace(
        settings,
        url=way.url,
        typed=False,
        schemas=None,
        payload=way.format,
        edition=way.edition or settings.edition,
    )
    partner = called(settings, second)
    compression = replace(partner.compression, always=way.compressed or settings.compressed)
    return replace(partner, compression=compression, silent=True)


def envelope_of(edition: Edition, second: Edition2 | None) -> Edition2 | None:
    """The envelope for `edition`; None stands for the first.  Raises: Refusal, code 1.9."""
    if edition is Edition.FIRST:
        return None
    if second is None:
        raise Refusal.of("1.9", "It is to be in edition 2: schemas.edition2 of hub.toml is gone.")
    return second


def _check(allowed: Addresses, address: str) -> None:
    """The configuration may have changed since.  Raises: Refusal."""
    try:
        allowed.place(address, AMQP)
    except ValueError as error:
        raise Refusal.of("1.8", f"Header/ReplyAddress {error}") from None


def called(partner: PartnerSettings, second: Edition2 | None = None) -> Partner:
    """How a partner of the configuration is called; see `named`."""
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
        dialect=replace(partner.dialect(), edition2=second),
        second=envelope_of(partner.edition, second),
        compression=Compression(partner.compressed, partner.compress_above),
        **settings,
    )
