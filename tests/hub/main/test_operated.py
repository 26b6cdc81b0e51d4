"""A switch is opened through the front door: what a client is then told of the state, over SOAP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from lxml import etree

from cim.envelope import read_element, write_element
from cim.message import Format, Message
from cim.parse import parse
from cim.profile import Profile
from cim.profiles.state_variables import StateVariables
from hub.channels.soap.envelope import opened
from hub.config import Config, Http, Soap
from hub.dispatch import operated
from hub.main import Running
from hub.partner_settings import Partner
from hub.security import systems
from tests import fakes
from tests import soap_clients as clients
from tests.cim.network.drawing import Drawing, model, moved

FOLDER = Path(__file__).parents[3] / "config"


@dataclass
class House:
    """A hub with a network, and the token of a system."""

    hub: Running
    token: str

    def post(self, body: bytes, action: str) -> etree._Element:
        """The element of the reply."""
        headers = {
            "content-type": "text/xml",
            "soapaction": f'"{action}"',
            "authorization": f"Bearer {self.token}",
        }
        url = f"{self.hub.url}/soap"
        answer = httpx.post(url, content=clients.soap(body), headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return opened(parse(answer.content))[1]

    def tell(self, message: Message) -> None:
        assert isinstance(message.payload, Profile)
        said = fakes.message(message.payload, noun=message.header.noun, source="SCADA")
        reply = read_element(self.post(etree.tostring(write_element(said)), clients.PUBLISH))
        assert isinstance(reply, Message)
        assert reply.reply is not None
        assert reply.reply.result == "OK"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    config = Config(
        data=tmp_path,
        adapters=(),
        apps=(),
        http=Http(port=0),
        folder=FOLDER,
        soap=Soap(payload=Format.RDF),
    )
    with Running(config, {}) as hub:
        with hub.journal.transaction() as transaction:
            system = systems.named("scada", sources=["SCADA", "AMI"])
            token = systems.add(transaction.connection, "t", system, hub.roles, transaction.now)
        found = House(hub, token)
        drawing = Drawing().source("a").switch("x", "a", "b", poles="AB").line("l", "b", "c")
        found.tell(model("drawing", drawing.document()))
        yield found


def test_a_client_is_told_what_was_operated_in_both_forms(house: House) -> None:
    house.tell(moved("open", "x", phases="B"))
    client = clients.zeep_client(house.hub.url, "GetStateVariables", house.token)
    with closing(client.transport.session):
        typed = client.service.GetStateVariables(
            Header=clients.header("get", "StateVariables", "SCADA"), Request={"ID": ["x"]}
        )
    assert typed.Reply.Result == "OK"
    told = typed.Payload.StateVariables.SvSwitch
    assert [(one.phase, one.open, one.Switch.ref) for one in told] == [
        ("A", False, "x"),
        ("B", True, "x"),
    ]

    reply = house.post(clients.request("get", "StateVariables", "all"), clients.REQUEST)
    assert reply.findtext("{*}Payload/{*}Format") == "RDF"
    message = read_element(reply)
    assert isinstance(message, Message)
    said = message.payload
    assert isinstance(said, StateVariables)
    assert [(one.phase, one.open) for one in said.sv_switch] == [("A", False), ("B", True)]
    assert len(said.topological_island) == 1


def test_who_answers_it_himself_is_not_answered_for(tmp_path: Path) -> None:
    partner = Partner(
        name="dms", channel="soap", topics=("get.StateVariables",), url="http://127.0.0.1:9/"
    )
    config = Config(
        data=tmp_path, adapters=(), apps=(), http=Http(port=0), folder=FOLDER, partners=(partner,)
    )
    with Running(config, {}) as hub:
        names = {one.subscriber for one in hub.journal.subscriptions}
    assert "dms" in names
    assert operated.NAME not in names
