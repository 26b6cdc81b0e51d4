"""Replies that go elsewhere: over SOAP through a power cut, and over RabbitMQ."""

from __future__ import annotations

import uuid
from contextlib import closing
from itertools import product
from typing import Any

import pytest
from lxml import etree

from cim.dialect import Dialect, read
from cim.envelope.edition2 import Edition2
from cim.message import Edition, Message
from tests import amqp, services
from tests import soap_clients as clients
from tests.installed import Site, until
from tests.listening import free_port, listening
from tests.second_edition import second, supplied


def ask(url: str, token: str, address: str | None, **header: Any) -> Any:
    """Have an event created and answered at `address`; what is said at once."""
    client = clients.zeep_client(url, "ExecuteEndDeviceEvents", token)
    given = {
        **clients.header("create", "EndDeviceEvents", "AMI"),
        "AsyncReplyFlag": True,
        "ReplyAddress": address,
        **header,
    }
    with closing(client.transport.session):
        return client.service.CreateEndDeviceEvents(Header=given, Payload=clients.last_gasps("M-1"))


@pytest.mark.fault
def test_a_reply_outlives_a_power_cut_and_waits_for_its_receiver(site: Site) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/replies"
    allow = f'[replies]\nallow = ["{address}"]\n'
    site.configure(f"[http]\nport = 0\n[retry]\nfirst = 0.1\nlongest = 0.5\n{allow}")
    token = site.add_system("ami", "--source", "AMI")
    hub, url = site.serve()
    answer = ask(url, token, address, MessageID="R-1")
    assert (answer.Reply.Result, answer.Reply.Error[0].code) == ("OK", "0.3")
    refused = ask(url, token, "http://127.0.0.1:9/replies")
    assert refused.Reply.Result == "FAILED"
    assert "Header/ReplyAddress" in refused.Reply.Error[0].details
    missing = ask(url, token, None)
    assert missing.Reply.Error[0].code == "1.5"
    hub.kill9()

    with listening(port) as listener:
        hub, url = site.serve()
        until(listener.said, "the reply comes")
        assert ask(url, token, address, MessageID="R-2").Reply.Error[0].code == "0.3"
        until(lambda: len(listener.said()) > 1, "the second reply comes")
        assert listener.said() == [("R-1", "OK"), ("R-2", "OK")]
        assert hub.terminate() == 0
    assert "Traceback" not in hub.said


CONFIG = """
database = "${{GRIDBUS_DATABASE}}"
[http]
port = 0
[rabbitmq]
url = "${{GRIDBUS_AMQP}}"
[rabbitmq.inbound]
ami = "ami.to.gridbus"
[schemas]
edition2 = "{edition2}"
"""
WANTED = "<AckRequired>true</AckRequired>"
ASYNC = f"<AsyncReplyFlag>true</AsyncReplyFlag>{WANTED}"
TOO_LONG = f"<Context>{'x' * 41}</Context>"


def publish(
    partner: amqp.Client,
    queue: str,
    root: str,
    verb: str,
    *more: str,
    edition: Edition = Edition.FIRST,
) -> str:
    """A message from a partner who reads `queue`; its id."""
    message_id = str(uuid.uuid4())
    context, wants = more
    header = (
        f"<Verb>{verb}</Verb><Noun>EndDeviceEvents</Noun>{context}<Source>AMI</Source>{wants}"
        f"<MessageID>{message_id}</MessageID>"
    )
    payload = etree.tostring(clients.last_gasps_element("M-1")).decode()
    body = (
        f'<{root} xmlns="{clients.MESSAGE}"><Header>{header}</Header>'
        f"<Payload>{payload}</Payload></{root}>"
    )
    key = f"{verb}.EndDeviceEvents.AMI"
    data = second(body.encode()) if edition is Edition.SECOND else body.encode()
    partner.publish("gridbus.in.ami", key, data, reply_to=queue, message_id=message_id)
    return message_id


def said(
    partner: amqp.Client, queue: str, count: int, edition2: Edition2
) -> list[tuple[str | None, str, int]]:
    """Correlation id, code or result, and edition of so many replies."""
    seen: list[amqp.Seen] = []

    def look() -> bool:
        seen.extend(partner.drain(queue))
        return len(seen) >= count

    until(look, lambda: f"{count} replies, not {seen}")
    found = []
    for one in seen:
        message = read(one.body, Dialect((), edition2=edition2)).message
        assert isinstance(message, Message)
        assert message.reply is not None
        assert one.properties.correlation_id == message.header.correlation_id
        errors = message.reply.errors
        code = errors[0].code if errors else message.reply.result
        found.append((message.header.correlation_id, code, int(message.edition)))
    return found


def test_requests_and_events_on_a_queue_are_answered_on_another(
    site: Site, broker: services.Broker, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDBUS_DATABASE", postgres_url)
    monkeypatch.setenv("GRIDBUS_AMQP", broker.url)
    envelope = supplied(site.folder)
    site.configure(CONFIG.format(edition2=envelope))
    edition2 = Edition2(envelope)
    site.add_system("ami", "--source", "AMI")
    hub, url = site.serve()
    partner = amqp.Client(broker.url)
    queue = partner.queue()
    ops = site.rest(url, site.add_system("ops"))
    until(lambda: all(c["state"] == "running" for c in ops.get("status")["components"]), "it runs")
    requests = (
        ("RequestMessage", "create", "", ASYNC, ["0.3", "OK"]),
        ("RequestMessage", "create", "", "", ["OK"]),
        ("EventMessage", "created", "", WANTED, ["0.3"]),
        ("RequestMessage", "create", TOO_LONG, "", ["1.8"]),
    )
    for (root, verb, context, wants, codes), edition in product(requests, Edition):
        sent = publish(partner, queue, root, verb, context, wants, edition=edition)
        replies = said(partner, queue, len(codes), edition2)
        assert replies == [(sent, code, edition) for code in codes]
    partner.disconnect()
    assert hub.terminate() == 0
    site.end()  # before its database goes
