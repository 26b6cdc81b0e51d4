"""The SOAP channel: the served endpoint receives, a partner's endpoint is sent to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cim.dialect import Dialects
from cim.held import held
from cim.message import Format, Message
from cim.profiles import NOUNS
from cim.schema import files_of
from hub.channels.soap.answers import Answers
from hub.channels.soap.contract import Contract
from hub.channels.soap.conversation import Conversation, Replies
from hub.channels.soap.endpoint import MOUNT, Endpoint
from hub.channels.soap.intake import Intake, SoapDelivery
from hub.channels.soap.partner import PartnerClient
from hub.front import Authenticate, Identity, Limits, Route

MEDIA_TYPES = frozenset({"text/xml"})
BATCH = 200
WAITING = 2_000
IDLE_SECONDS = 0.5


def added(schemas: Path) -> dict[str, bytes]:
    """The files of nouns that were added to those the folder was made from."""
    strangers = (n for n in NOUNS.values() if not (schemas / f"{n.__name__}.xsd").exists())
    return {name: content for noun in strangers for name, content in files_of(noun)}


def _utc() -> datetime:
    return datetime.now(UTC)


class SoapChannel:
    """Carries messages over SOAP 1.1 (`hub.message_channel.Channel`)."""

    def __init__(
        self,
        *,
        schemas: Path,
        source: str,
        authenticate: Authenticate,
        replies: Replies,
        answer_seconds: float = 20.0,
        journal_seconds: float = 30.0,
        payload: Format = Format.XML,
        address: str = "",
        partner: PartnerClient | None = None,
        dialects: Dialects | None = None,
        clock: Callable[[], datetime] = _utc,
    ) -> None:
        """
        schemas:         folder of the WSDL and XSD files, served as they lie, but where a utility's
                         own hold.
        source:          Header/Source of the hub's own answers.
        authenticate:    who is behind an Authorization header or a certificate.
        replies:         waits for the reply to a request, which an app or the hub gives.
        answer_seconds:  how long a sender waits for such a reply.
        journal_seconds: how long for the journal.
        payload:         how payloads are written in replies of the generic endpoint, unless the
                         request's own came as RDF.
        address:         how the hub is called from outside; empty takes the Host header.
        partner:         where `send` goes; None for a channel that only receives.
        dialects:        how strictly each system is read.
        """
        self._intake = Intake(WAITING)
        self._partner = partner
        self._conversation = Conversation(
            intake=self._intake,
            dialects=dialects or Dialects(),
            answers=Answers(source, clock),
            replies=replies,
            answer_seconds=answer_seconds,
            journal_seconds=journal_seconds,
            payload=payload,
        )
        self.contract = Contract.read(schemas, {**added(schemas), **held()})
        self.asgi = Endpoint(self.contract, self._conversation, Identity(authenticate), address)

    def route(self, limits: Limits) -> Route:
        """The place of the endpoint behind the front door."""
        return Route(
            prefix=MOUNT,
            app=self.asgi,
            limits=limits,
            media_types=MEDIA_TYPES,
            refuse=self.asgi.refuse,
        )

    def receive(self) -> Iterator[Sequence[SoapDelivery]]:
        """Yield what clients have sent; each waits for `ack` or `reject` of its delivery."""
        return self._intake.batches(BATCH, IDLE_SECONDS)

    def send(self, messages: Sequence[Message]) -> None:
        """Hand over to the partner.

        Raises: ConnectionError; PartnerRefusal and Refusal, after which sending again is vain.
        """
        if self._partner is None:
            raise ConnectionError("this SOAP channel has no partner to send to")
        self._partner.send(messages)

    def close(self) -> None:
        """Let nobody wait for replies any more."""
        self._conversation.close()
        if self._partner is not None:
            self._partner.close()
