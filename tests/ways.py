"""The ways on which a system asks: SOAP, REST, RabbitMQ, the hub itself; all say the same."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

import httpx
import zeep
from lxml import etree
from zeep.helpers import serialize_object

from cim import xml
from cim.dialect import Dialect, read
from cim.envelope import write_element
from cim.message import Header, Kind, Message, ObjectId, Request, Verb
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.schema import services
from hub.console.plain import plain
from hub.dispatch.requested import Call
from hub.journal.canonical import encode
from hub.main import Running
from tests import amqp
from tests import soap_clients as clients
from tests.installed import until


@dataclass(frozen=True)
class Answer:
    """A reply, the same by whatever way it came.

    errors:  code and words of each; remarks, which are no errors, are among them.
    payload: by the names of the schema.
    """

    result: str
    errors: Sequence[tuple[str, str]] = ()
    ids: Sequence[str] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, message: Message) -> Answer:
        reply, payload = message.reply, message.payload
        assert reply is not None
        return cls(
            result=str(reply.result),
            errors=[(one.code, one.details or one.reason or "") for one in reply.errors],
            ids=[one.value for one in reply.ids],
            payload=plain(payload) if isinstance(payload, Profile) else {},
        )

    def objects(self, noun: str) -> list[Mapping[str, Any]]:
        """What it tells of, the noun's own objects."""
        return list(self.payload.get(noun.removesuffix("s")) or ())


class Way(Protocol):
    """How a system asks."""

    def ask(self, wanted: Message) -> Answer: ...


def request(
    source: str, verb: Verb, noun: str, payload: Profile | None = None, *ids: str
) -> Message:
    """A request of a system."""
    header = Header(
        verb=verb, noun=noun, timestamp=datetime.now(UTC), source=source,
        message_id=str(uuid.uuid4()),
    )  # fmt: skip
    asked = Request(ids=tuple(ObjectId(value=one) for one in ids)) if ids else None
    return Message(header=header, kind=Kind.REQUEST, request=asked, payload=payload)


@dataclass(frozen=True)
class Soap:
    """The strongly typed services, by zeep."""

    url: str
    token: str

    def ask(self, wanted: Message) -> Answer:
        verb, noun = wanted.header.verb, wanted.header.noun
        name = f"{verb.capitalize()}{noun}"
        client = self._clients.get(name) or self._client(name)
        said: dict[str, Any] = {}
        if wanted.request is not None:
            said["Request"] = {"ID": [one.value for one in wanted.request.ids]}
        if isinstance(wanted.payload, Profile):
            said["Payload"] = {noun: _taken_apart(client, noun, xml.encode(wanted.payload))}
        header = clients.header(verb, noun, wanted.header.source or "", wanted.header.message_id)
        return _told(client.service[name](Header=header, **said), noun)

    def close(self) -> None:
        for one in self._clients.values():
            one.transport.session.close()

    @cached_property
    def _clients(self) -> dict[str, zeep.Client]:
        return {}

    def _client(self, operation: str) -> zeep.Client:
        [service] = [
            one.name for one in services() if operation in {o.name for o in one.operations}
        ]
        made = self._clients[operation] = clients.zeep_client(self.url, service, self.token)
        return made


def _taken_apart(client: zeep.Client, noun: str, said: etree._Element) -> Any:
    """A payload as zeep's own objects."""
    element = client.get_element(f"{{{NOUNS[noun].namespace}}}{noun}")
    return element.parse(said, client.wsdl.types)


def _told(answer: Any, noun: str) -> Answer:
    reply = answer.Reply
    told = answer.Payload and answer.Payload[noun]
    return Answer(
        result=reply.Result,
        errors=[(one.code, one.details or one.reason or "") for one in reply.Error],
        ids=[one["_value_1"] for one in reply.ID],
        payload=serialize_object(told, dict) if told else {},
    )


@dataclass(frozen=True)
class Rest:
    """`POST /api/v1/requests`, and `GET /api/v1/replies/<Noun>` for what is only asked."""

    url: str
    token: str

    def ask(self, wanted: Message) -> Answer:
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/xml"}
        with httpx.Client(timeout=60, trust_env=False, headers=headers) as client:
            if wanted.header.verb is Verb.GET:
                ids = [one.value for one in wanted.request.ids] if wanted.request else []
                url = f"{self.url}/api/v1/replies/{wanted.header.noun}"
                answer = client.get(url, params={"id": ids})
            else:
                body = etree.tostring(write_element(wanted))
                answer = client.post(f"{self.url}/api/v1/requests", content=body)
        said = answer.json()
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            return Answer("FAILED", [(one["code"], one["rule"]) for one in said["violations"]])
        assert answer.status_code == httpx.codes.OK, answer.text
        return Answer(
            result=said["result"],
            errors=[(one["code"], one["details"] or one["reason"]) for one in said["errors"]],
            ids=said["ids"],
            payload=said["payload"] or {},
        )


@dataclass(frozen=True)
class Queue:
    """The exchange of RabbitMQ for what a system says, and a queue of its own for the replies."""

    partner: amqp.Client
    exchange: str
    replies: str

    @classmethod
    @contextmanager
    def open(cls, url: str, exchange: str) -> Iterator[Queue]:
        with amqp.client(url) as partner:
            yield cls(partner, exchange, partner.queue())

    def ask(self, wanted: Message) -> Answer:
        header = wanted.header
        self.partner.publish(
            self.exchange,
            f"{header.verb}.{header.noun}.{header.source}",
            etree.tostring(write_element(wanted)),
            reply_to=self.replies,
            message_id=header.message_id,
        )
        seen: list[amqp.Seen] = []

        def look() -> bool:
            seen.extend(self.partner.drain(self.replies))
            return bool(seen)

        until(look, f"a reply to {header.verb} {header.noun}", pace=0.05)
        [one] = seen
        message = read(one.body, Dialect(())).message
        assert isinstance(message, Message)
        assert message.header.correlation_id == header.message_id
        return Answer.of(message)


@dataclass(frozen=True)
class Embedded:
    """The hub itself, without a broker: what is handed to it is in its journal."""

    hub: Running

    def ask(self, wanted: Message) -> Answer:
        call = Call(wanted, encode(wanted), "scada")
        self.hub.hub.accept([call], "embedded")
        if call.refusal is not None:
            return Answer("FAILED", [(one.code, one.rule) for one in call.refusal.violations])
        reply = self.hub.hub.answer(wanted.header.message_id or "", 30)
        assert reply is not None, f"nobody answers {wanted.header.verb} {wanted.header.noun}"
        return Answer.of(reply)
