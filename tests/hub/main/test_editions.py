"""Edition 2 through a whole hub: taken, kept in edition 1, answered and passed on in edition 2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from lxml import etree

from cim.dialect import Dialect, read_element
from cim.envelope import write_element
from cim.envelope.edition2 import Edition2
from cim.message import Edition, Header, Kind, Message, Verb
from cim.parse import parse
from cim.replies import done
from cim.schema.names import MESSAGE
from hub.channels.soap.envelope import opened
from hub.config import Config, Http, Replies, Schemas
from hub.journal import queries
from hub.main import Running
from hub.partner_settings import Partner
from hub.security import systems
from tests.installed import until
from tests.listening import Listener, free_port, listening
from tests.second_edition import second, supplied
from tests.soap_clients import PUBLISH, REQUEST, event, last_gasps_element, request, soap

FOLDER = Path(__file__).parents[3] / "config"
CREATED = "created.EndDeviceEvents"
OK = Message(
    header=Header(verb=Verb.REPLY, noun="EndDeviceEvents"), kind=Kind.RESPONSE, reply=done()
)


@dataclass
class House:
    """A hub, the token of the system AMI, and what was posted to partner, callback and replies."""

    hub: Running
    token: str
    edition2: Edition2
    heard: Listener
    at: str

    def post(self, body: bytes, action: str) -> Message:
        """The reply."""
        headers = {
            "content-type": "text/xml",
            "soapaction": f'"{action}"',
            "authorization": f"Bearer {self.token}",
        }
        answer = httpx.post(f"{self.hub.url}/soap", content=soap(body), headers=headers, timeout=60)
        return self.read(answer.content)

    def read(self, content: bytes) -> Message:
        """What is in a SOAP envelope, of either edition."""
        body = opened(parse(content))[1]
        found = read_element(body, Dialect((), edition2=self.edition2)).message
        assert isinstance(found, Message)
        return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "iec").mkdir()
    envelope = supplied(tmp_path / "iec")
    port = free_port()
    at = f"http://127.0.0.1:{port}"
    partner = Partner(
        name="oms",
        channel="soap",
        topics=(CREATED,),
        url=f"{at}/oms",
        edition=Edition.SECOND,
    )
    config = Config(
        data=tmp_path / "var",
        adapters=(),
        apps=(),
        http=Http(port=0),
        folder=FOLDER,
        partners=(partner,),
        replies=Replies(allow=(f"{at}/other",)),
        schemas=Schemas(edition2=envelope),
    )
    with listening(port) as heard:
        heard.answer = soap(etree.tostring(write_element(OK, second=Edition2(envelope))))
        yield from _running(config, heard, at, Edition2(envelope))


def _running(config: Config, heard: Listener, at: str, edition2: Edition2) -> Iterator[House]:
    with Running(config, {}) as hub:
        with hub.journal.transaction() as transaction:
            system = systems.named("ami", sources=["AMI"])
            token = systems.add(transaction.connection, "t", system, hub.roles, transaction.now)
        yield House(hub, token, edition2, heard, at)


def test_it_is_kept_in_the_first_edition_and_goes_on_in_that_of_the_partner(house: House) -> None:
    for sent, edition in ((event("M-1"), Edition.FIRST), (second(event("M-2")), Edition.SECOND)):
        reply = house.post(sent, PUBLISH)
        assert (str(reply.reply and reply.reply.result), reply.edition) == ("OK", edition)
    until(lambda: len(house.heard.bodies) == 2, "the partner is called twice")
    got = [house.read(body) for body in house.heard.bodies]
    assert {message.edition for message in got} == {Edition.SECOND}
    with house.hub.journal.reading() as connection:
        kept = [queries.message(connection, seq) for seq in (1, 2)]
    spaces = [etree.QName(parse(one.body)).namespace for one in kept if one is not None]
    assert spaces == [MESSAGE, MESSAGE]


def test_a_callback_is_in_the_edition_asked_for_or_that_of_the_partner_there(house: House) -> None:
    headers = {"authorization": f"Bearer {house.token}"}
    for path, more in (("/oms/a", {}), ("/other/b", {"edition": 2}), ("/other/c", {})):
        given = {"url": house.at + path, "topics": [CREATED], **more}
        api = f"{house.hub.url}/api/v1/subscriptions"
        made = httpx.post(api, json=given, headers=headers, timeout=60)
        assert made.status_code == 201, made.text
    house.post(event("M-1"), PUBLISH)
    until(lambda: len(house.heard.bodies) == 4, "partner and callbacks are called")
    editions = sorted(house.read(body).edition for body in house.heard.bodies)
    assert editions == [1, 2, 2, 2]


@pytest.mark.parametrize("edition", Edition)
def test_a_reply_elsewhere_is_in_the_edition_of_its_request(house: House, edition: Edition) -> None:
    noun = etree.tostring(last_gasps_element("M-1")).decode()
    asks = f"<AsyncReplyFlag>true</AsyncReplyFlag><ReplyAddress>{house.at}/other/r</ReplyAddress>"
    sent = request("create", "EndDeviceEvents", "r-1", noun)
    sent = sent.replace(b"<MessageID>", asks.encode() + b"<MessageID>")
    reply = house.post(second(sent) if edition is Edition.SECOND else sent, REQUEST)
    assert reply.reply is not None
    assert (reply.reply.errors[0].code, reply.edition) == ("0.3", edition)
    until(lambda: len(house.heard.bodies) == 2, "the reply comes, and the event to the partner")
    found = [m for m in map(house.read, house.heard.bodies) if m.reply is not None]
    assert [(m.header.correlation_id, m.edition) for m in found] == [("r-1", edition)]
