"""Every noun over SOAP by toolkits that nobody here wrote: its descriptions load, its calls arrive.

zeep reads the served contract, takes the example of the noun apart into its own objects and writes
them again: what the journal then holds is what the example says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import zeep
from lxml import etree

from cim import xml
from cim.contract import example
from cim.envelope import typed
from cim.message import Header, Kind, Message, Verb
from cim.parse import parse
from cim.profiles import NOUNS
from cim.schema import services
from cim.schema.names import target
from hub.channels.soap.channel import SoapChannel
from hub.dispatch import Hub
from hub.front import Door, Limits, Principal, Server
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from tests import soap_clients as clients
from tests.soap_served import SCHEMAS

TOLD = sorted(noun for noun, profile in NOUNS.items() if "created" in profile.verbs)
ASKED = sorted(noun for noun, profile in NOUNS.items() if profile.verbs == ("get",))
ORDERED = sorted(set(NOUNS) - set(TOLD) - set(ASKED))
TOKEN = "of anybody"
BEYOND_ZEEP = {
    "CustomerMeterDataSet",  # zeep does not write what it has read of a choice within a choice
    "NetworkModels",  # a document in another vocabulary, which zeep does not copy
}


@dataclass(frozen=True)
class Anybody:
    name: str = "test"


@dataclass(frozen=True)
class Running:
    """A hub that answers over SOAP, and a client of its generic service."""

    url: str
    journal: Journal
    generic: zeep.Client

    def payload(self, message_id: str) -> object:
        """What the journal holds."""
        return self.message(message_id).payload

    def message(self, message_id: str) -> Message:
        with self.journal.reading() as connection:
            found = queries.message(connection, message_id)
        assert found is not None
        return decode(found.body)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    file = tmp_path_factory.mktemp("journal") / "journal.db"
    journal = Journal.open(f"sqlite:///{file}")
    hub = Hub(journal, {})

    def anybody(_authorization: str | None, _certificate: str | None) -> Principal | None:
        return Anybody()

    channel = SoapChannel(
        schemas=SCHEMAS, source="GRIDBUS", authenticate=anybody, replies=hub.answer
    )
    hub.attach_channel("soap", channel)
    hub.run()
    with Server(app=Door([channel.route(Limits())]), port=0).start() as front:
        generic = clients.zeep_client(front.url, token=TOKEN)
        with closing(generic.transport.session):
            yield Running(front.url, journal, generic)
    hub.stop()
    channel.close()
    journal.close()


def shown(noun: str) -> etree._Element:
    return parse(example(noun).encode())


def said(noun: str, verb: str) -> tuple[str, dict[str, Any]]:
    message_id = str(uuid4())
    return message_id, clients.header(verb, noun, "TEST", message_id)


def taken_apart(client: zeep.Client, noun: str) -> Any:
    """The example as zeep's own objects."""
    element = client.get_element(f"{{{NOUNS[noun].namespace}}}{noun}")
    return element.parse(shown(noun), client.wsdl.types)


@pytest.mark.parametrize("noun", sorted(set(TOLD) - BEYOND_ZEEP))
def test_a_strongly_typed_call_of_zeep_arrives_whole(running: Running, noun: str) -> None:
    client = clients.zeep_client(running.url, f"Receive{noun}", TOKEN)
    message_id, header = said(noun, "created")
    with closing(client.transport.session):
        call = client.service[f"Created{noun}"]
        answer = call(Header=header, Payload={noun: taken_apart(client, noun)})

    assert answer.Reply.Result == "OK", answer
    assert running.payload(message_id) == xml.decode(shown(noun))


@pytest.mark.parametrize("noun", TOLD)
def test_a_generic_call_of_zeep_arrives_whole(running: Running, noun: str) -> None:
    message_id, header = said(noun, "created")

    answer = running.generic.service.PublishEvent(
        Header=header, Payload={"_value_1": [shown(noun)]}
    )

    assert answer.Reply.Result == "OK", answer
    assert running.payload(message_id) == xml.decode(shown(noun))


@pytest.mark.parametrize("noun", sorted(BEYOND_ZEEP))
def test_what_zeep_cannot_say_arrives_in_its_strongly_typed_form(
    running: Running, noun: str
) -> None:
    said_by_us = Message(
        header=Header(verb=Verb.CREATED, noun=noun, source="TEST", message_id=str(uuid4())),
        kind=Kind.EVENT,
        payload=xml.decode(shown(noun)),
    )

    answer = httpx.post(
        f"{running.url}/soap/Receive{noun}",
        content=clients.soap(etree.tostring(typed(said_by_us))),
        headers={
            "Content-Type": "text/xml",
            "SOAPAction": f'"{target(NOUNS[noun], f"{noun}/Created{noun}")}"',
            "Authorization": f"Bearer {TOKEN}",
        },
        timeout=30,
        trust_env=False,
    )

    assert "Result>OK<" in answer.text, answer.text
    assert running.payload(said_by_us.header.message_id or "") == said_by_us.payload


@pytest.mark.parametrize("noun", sorted(set(TOLD) - BEYOND_ZEEP))
def test_zeep_changes_what_is_known(running: Running, noun: str) -> None:
    client = clients.zeep_client(running.url, f"Receive{noun}Change", TOKEN)
    message_id, header = said(noun, "changed")
    with closing(client.transport.session):
        call = client.service[f"Changed{noun}"]
        answer = call(Header=header, Payload={noun: taken_apart(client, noun)})

    assert answer.Reply.Result == "OK", answer
    assert running.message(message_id).header.verb == "changed"


@pytest.mark.parametrize("noun", ASKED)
def test_a_noun_that_only_asks_travels_in_its_query(running: Running, noun: str) -> None:
    client = clients.zeep_client(running.url, f"Get{noun}", TOKEN)
    message_id, header = said(noun, "get")
    with closing(client.transport.session):
        call = client.service[f"Get{noun}"]
        call(Header=header, Payload={noun: taken_apart(client, noun)})

    assert running.payload(message_id) == xml.decode(shown(noun))


def test_one_noun_does_nothing_but_order() -> None:
    assert ORDERED == ["Controls"]


@pytest.mark.parametrize("noun", ["Controls", "EndDeviceControls", "DERGroupDispatches"])
def test_an_order_to_operate_arrives_and_is_refused_where_nobody_carries_it_out(
    running: Running, noun: str
) -> None:
    client = clients.zeep_client(running.url, f"Execute{noun}", TOKEN)
    _, header = said(noun, "create")
    with closing(client.transport.session):
        call = client.service[f"Create{noun}"]
        answer = call(Header=header, Payload={noun: taken_apart(client, noun)})

    [error] = answer.Reply.Error
    assert (answer.Reply.Result, error.code) == ("FAILED", "2.5")
    assert error.details == f"nobody here carries out {noun}"


def test_npm_soap_reads_every_description() -> None:
    read = json.loads(clients.described_by_node(Path(SCHEMAS)))

    expected = {f"{s.name}.wsdl": [o.name for o in s.operations] for s in services()}
    expected["Generic.wsdl"] = ["Request", "Response", "PublishEvent"]
    assert {name: sorted(found) for name, found in read.items()} == {
        name: sorted(operations) for name, operations in expected.items()
    }
