"""A Python partner: zeep, with nothing but the served WSDL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import zeep
from zeep.exceptions import Fault
from zeep.wsse.username import UsernameToken

from cim.message import Message, Verb
from cim.profiles.end_device_events import EndDeviceEvents
from tests import soap_clients as clients
from tests.soap_served import Served

Connect = Callable[..., zeep.Client]


@pytest.fixture
def connect(served: Served) -> Iterator[Connect]:
    with ExitStack() as stack:

        def make(service: str = "", token: str = clients.TOKEN, **options: Any) -> zeep.Client:
            client = clients.zeep_client(served.url, service, token, **options)
            stack.callback(client.transport.session.close)
            return client

        yield make


def events_of(message: Message) -> list[str]:
    assert isinstance(message.payload, EndDeviceEvents)
    return [e.assets.names[0].name for e in message.payload.end_device_event if e.assets]


def test_create_strongly_typed(served: Served, connect: Connect) -> None:
    reply = clients.create_events(connect("ExecuteEndDeviceEvents"), "AMI", "M-1", "M-2")
    [message] = served.hub.messages
    assert (message.header.verb, events_of(message)) == (Verb.CREATE, ["M-1", "M-2"])
    assert reply.Reply.Result == "OK"
    assert reply.Header.Verb == "reply"
    assert reply.Header.CorrelationID == message.header.message_id


def test_create_generic(served: Served, connect: Connect) -> None:
    reply = clients.create_events_generic(connect(), "AMI", "M-1")
    assert reply.Reply.Result == "OK"
    assert events_of(served.hub.messages[0]) == ["M-1"]


def test_an_event_strongly_typed(served: Served, connect: Connect) -> None:
    reply = connect("ReceiveEndDeviceEvents").service.CreatedEndDeviceEvents(
        Header=clients.header("created", "EndDeviceEvents", "AMI", "id-1"),
        Payload=clients.last_gasps("M-1"),
    )
    assert (reply.Reply.Result, reply.Reply.Error[0].code) == ("OK", "0.0")
    assert (reply.Header.CorrelationID, reply.Header.Source) == ("id-1", "HUB")
    assert served.hub.messages[0].header.message_id == "id-1"


@pytest.mark.parametrize("service", ["GetUnplannedOutages", ""], ids=["typed", "generic"])
def test_get_outages(connect: Connect, service: str) -> None:
    get = clients.get_outages if service else clients.get_outages_generic
    reply = get(connect(service), "AMI")
    assert reply.Reply.Result == "OK"
    assert reply.Payload is not None


def test_every_service_can_be_loaded(served: Served, connect: Connect) -> None:
    for name in served.channel.contract.services:
        assert connect(name).service


def test_a_username_token_says_who_it_is(served: Served, connect: Connect) -> None:
    security = UsernameToken("ami", clients.TOKEN)
    client = connect("ReceiveEndDeviceEvents", token="", wsse=security)
    reply = client.service.CreatedEndDeviceEvents(
        Header=clients.header("created", "EndDeviceEvents", "AMI"),
        Payload=clients.last_gasps("M-1"),
    )
    assert reply.Reply.Result == "OK"
    assert served.hub.taken[0].principal == "ami"
    assert clients.TOKEN.encode() not in served.hub.taken[0].body


@pytest.mark.parametrize(
    ("security", "code"),
    [
        (None, "7.2"),
        (UsernameToken("ami", "another"), "7.4"),
        (UsernameToken("gis", clients.TOKEN), "7.4"),
        (UsernameToken("ami", clients.TOKEN, use_digest=True), "7.3"),
    ],
    ids=["nobody", "wrong token", "token of another", "digest"],
)
def test_strangers_are_told_why(
    served: Served, connect: Connect, security: UsernameToken | None, code: str
) -> None:
    client = connect("ReceiveEndDeviceEvents", token="", wsse=security)
    with pytest.raises(Fault) as raised:
        client.service.CreatedEndDeviceEvents(
            Header=clients.header("created", "EndDeviceEvents", "AMI"),
            Payload=clients.last_gasps("M-1"),
        )
    assert raised.value.detail.find(".//{*}code").text == code
    assert served.hub.taken == []


def test_concurrent_clients_get_their_own_replies(served: Served, connect: Connect) -> None:
    def ask(number: int) -> tuple[str, str, str]:
        message_id = f"get-{number}"
        reply = client.service.GetUnplannedOutages(
            Header=clients.header("get", "UnplannedOutages", "AMI", message_id)
        )
        return message_id, reply.Header.CorrelationID, reply.Header.MessageID

    client = connect("GetUnplannedOutages")
    with ThreadPoolExecutor(8) as pool:
        for message_id, correlation_id, answer_id in pool.map(ask, range(40)):
            assert correlation_id == message_id
            assert answer_id == f"reply-to-{message_id}"
