"""What the hub does for a caller before it knows who it is: next to nothing."""

from __future__ import annotations

import asyncio
import base64
import gzip

import pytest
from lxml import etree

from cim import envelope
from cim.dialect import Dialect, Read, read_element
from cim.message import Fault, Message
from hub.channels.soap import conversation
from hub.channels.soap import envelope as soap_envelope
from hub.channels.soap.endpoint import STRANGERS_BYTES
from tests.soap_clients import MESSAGE, PUBLISH, event, soap
from tests.soap_served import Served

OTHER = "/soap/GetUnplannedOutages"  # no operation there takes an EventMessage


def packed() -> bytes:
    """An event whose payload is compressed."""
    root = etree.fromstring(event("M-1"))  # noqa: TID251
    [payload] = root.iter(f"{{{MESSAGE}}}Payload")
    content = gzip.compress(etree.tostring(payload[0]))
    payload[:] = []
    etree.SubElement(payload, f"{{{MESSAGE}}}Compressed").text = base64.b64encode(content).decode()
    return soap(etree.tostring(root))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each message that is read, whether it was on the event loop."""
    seen: list[bool] = []

    def noted() -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            seen.append(False)
        else:
            seen.append(True)

    def reading(element: etree._Element, dialect: Dialect) -> Read:
        noted()
        return read_element(element, dialect)

    def explaining(element: etree._Element) -> Message | Fault:
        noted()
        return envelope.read_element(element)

    monkeypatch.setattr(conversation, "read_element", reading)
    monkeypatch.setattr(soap_envelope, "read_element", explaining)
    return seen


@pytest.mark.parametrize("body", [packed(), soap(event("M-1"))])
@pytest.mark.parametrize("path", ["/soap", OTHER])
def test_nothing_is_read_for_a_stranger(
    served: Served, read: list[bool], body: bytes, path: str
) -> None:
    assert served.post(body, PUBLISH, path, authorization="").status_code in {401, 500}
    assert read == []
    assert served.hub.taken == []


def test_nothing_is_inflated_for_a_message_that_has_no_operation(
    served: Served, read: list[bool]
) -> None:
    assert "No operation here takes EventMessage" in served.post(packed(), PUBLISH, OTHER).text
    assert read == []


def test_what_is_compressed_is_read_off_the_loop(served: Served, read: list[bool]) -> None:
    assert served.post(packed(), PUBLISH).status_code == 200
    assert served.post(soap(event("M-1")), PUBLISH).status_code == 200
    assert read == [False, True]


def test_a_stranger_sends_a_small_body(served: Served) -> None:
    padding = b" " * STRANGERS_BYTES
    refused = served.post(soap(event("M-1")) + padding, PUBLISH, authorization="")
    assert refused.status_code == 413
    assert "taken only from who shows a Bearer token" in refused.text
    assert served.post(soap(event("M-1")) + padding, PUBLISH).status_code == 200
