"""The settings of a system that gets messages from the hub."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import DirectoryPath, Field, FilePath

from cim.dialect import Dialect
from cim.message import Edition, Format, Topic, Verb
from hub.settings import ConfigError

_CHANNELS = ("soap", "rabbitmq")  # by which partners are reached


@dataclass(frozen=True, kw_only=True)
class Partner:
    """A system that gets messages from the hub.

    channel: "soap" (then `url` and how the hub says who it is) or "rabbitmq" (then `queue`).
    topics:  e.g. "created.UnplannedOutages".
    payload: how payloads travel; None: as is usual on the channel, and XML in edition 2.
    edition: of IEC 61968-100, in which it is spoken to; 2 needs `schemas.edition2`.
    compressed:     whether payloads go compressed.
    compress_above: bytes of a message from which on its payload does; None: never for its size.

    Of SOAP only:

    typed:       whether strongly typed operations are called; their payloads are XML.
    schemas:     folder with the partner's WSDL and XSD; None: the hub's own contract.
    token:       sent as a Bearer token.
    username:    with `password`, sent as a WS-Security UsernameToken.
    certificate: client certificate, `key` its key, PEM files.
    authority:   PEM file with whom the partner's certificate must be signed; None: the usual ones.
    strictness, tolerances, zone, time_format: how its replies are read, see `Strictness`.
    """

    name: str
    channel: str
    topics: tuple[str, ...]
    url: str = ""
    queue: str = ""
    token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    certificate: FilePath | None = None
    key: FilePath | None = None
    authority: FilePath | None = None
    schemas: DirectoryPath | None = None
    payload: Format | None = None
    edition: Edition = Edition.FIRST
    compressed: bool = False
    compress_above: Annotated[int, Field(ge=0)] | None = None
    typed: bool = False
    strictness: str = "tolerant"
    tolerances: tuple[str, ...] | None = None
    zone: str = "UTC"
    time_format: str = ""

    def check(self, broker: str, *, second: bool = False) -> None:
        """broker: `rabbitmq.url`.  second: whether there is an envelope of edition 2.

        Raises: ConfigError for what does not go together.
        """
        self.subscribed()
        try:
            self.dialect()
        except ValueError as error:
            raise ConfigError(f"partner {self.name}: {error}") from None
        for rule, broken in (
            ('channel is "soap" or "rabbitmq"', self.channel not in _CHANNELS),
            ("soap needs url", self.channel == "soap" and not self.url),
            (
                "rabbitmq needs queue, and rabbitmq.url",
                self.channel == "rabbitmq" and not (self.queue and broker),
            ),
            ("username and password go together", bool(self.username) != bool(self.password)),
            ("edition 2 needs schemas.edition2", self.edition is Edition.SECOND and not second),
            ("typed operations are of edition 1", self.edition is Edition.SECOND and self.typed),
            ("key needs certificate", self.key is not None and self.certificate is None),
            ("typed operations carry XML", self.typed and self.payload is Format.RDF),
            (
                "typed operations carry nothing compressed",
                self.typed and (self.compressed or self.compress_above is not None),
            ),
        ):
            if broken:
                raise ConfigError(f"partner {self.name}: {rule}")

    def dialect(self) -> Dialect:
        """How its replies are read.  Raises: ValueError for what cannot be."""
        return Dialect.of(self.strictness, self.tolerances, self.zone, self.time_format)

    def subscribed(self) -> frozenset[Topic]:
        """Raises: ConfigError for a topic that is not <verb>.<Noun>."""
        return frozenset(topic(text, f"partner {self.name}") for text in self.topics)


def topic(text: str, where: str) -> Topic:
    """ "created.UnplannedOutages" as a topic.  Raises: ConfigError."""
    verb, _, noun = text.partition(".")
    if verb not in {*Verb} or not noun:
        raise ConfigError(
            f"{where}: {text!r} is no topic: write <verb>.<Noun>, e.g. created.UnplannedOutages"
        )
    return Topic(Verb(verb), noun)
