"""An order created twice, as a partner sees it over SOAP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from lxml import etree

from cim.contract import example
from hub.channels.soap.channel import SoapChannel
from hub.dispatch import Hub
from hub.front import Door, Limits, Principal, Server
from hub.journal import Journal
from tests.soap_clients import MESSAGE, REQUEST, TOKEN, request, soap
from tests.soap_served import System

SCHEMAS = Path(__file__).parents[2] / "schemas"
MRID = "a7ec6444-2b94-4064-94c5-17b45811afbb"


@pytest.fixture
def url(sqlite_url: str) -> Iterator[str]:
    journal = Journal.open(sqlite_url)
    hub = Hub(journal, {})

    def anybody(_authorization: str | None, _certificate: str | None) -> Principal | None:
        return System("wms")

    channel = SoapChannel(
        schemas=SCHEMAS, source="GRIDBUS", authenticate=anybody, replies=hub.answer
    )
    hub.attach_channel("soap", channel)
    hub.run()
    with Server(app=Door([channel.route(Limits())]), port=0).start() as front:
        yield front.url
    hub.stop()
    channel.close()
    journal.close()


def create(url: str, *mrids: str, message_id: str) -> tuple[str | None, list[str | None]]:
    """Result and codes of the reply."""
    payload = example("WorkRequests").partition("?>")[2]
    start, order, end = payload.partition("<WorkRequest>")
    body, _, end = end.rpartition("</WorkRequest>")
    wanted = (f"{order}{body.replace(MRID, mrid)}</WorkRequest>" for mrid in mrids)
    content = soap(request("create", "WorkRequests", message_id, start + "".join(wanted) + end))
    headers = {
        "content-type": "text/xml; charset=utf-8",
        "soapaction": f'"{REQUEST}"',
        "authorization": f"Bearer {TOKEN}",
    }
    answer = httpx.post(f"{url}/soap", content=content, headers=headers, timeout=60)
    root = etree.fromstring(answer.content)  # noqa: TID251
    codes = [one.text for one in root.iter(f"{{{MESSAGE}}}code")]
    return root.findtext(f".//{{{MESSAGE}}}Result"), codes


def test_an_order_is_created_once(url: str) -> None:
    assert create(url, MRID, message_id="first") == ("OK", [])
    assert create(url, MRID, message_id=str(uuid4())) == ("FAILED", ["6.1"])
    for _ in range(2):
        assert create(url, MRID, "another", message_id="both") == ("PARTIAL", ["6.1"])
    assert create(url, MRID, message_id="first") == ("OK", [])
    assert create(url, "another", message_id=str(uuid4())) == ("FAILED", ["6.1"])
