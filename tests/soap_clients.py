"""SOAP clients as a partner would write them: all they know is the address and a token."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import requests
import zeep
from lxml import etree
from zeep.transports import Transport

EVENTS = "http://iec.ch/TC57/2011/EndDeviceEvents#"
MESSAGE = "http://iec.ch/TC57/2011/schema/message"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
LAST_GASP = "3.26.0.85"
TOKEN = "token-of-ami"
PUBLISH = "urn:gridbus:61968-100:2013:PublishEvent"
REQUEST = "urn:gridbus:61968-100:2013:Request"
RESPONSE = "urn:gridbus:61968-100:2013:Response"


def zeep_client(url: str, service: str = "", token: str = "", **options: Any) -> zeep.Client:
    """A client of one service from its served WSDL; no name means the generic one.

    The caller closes `client.transport.session`.
    """
    session = requests.Session()
    session.trust_env = False
    if token:
        session.headers["Authorization"] = f"Bearer {token}"
    transport = Transport(session=session, timeout=10, operation_timeout=30)
    path = f"/soap/{service}?wsdl" if service else "/soap?wsdl"
    return zeep.Client(f"{url}{path}", transport=transport, **options)


def header(verb: str, noun: str, source: str, message_id: str | None = None) -> dict[str, Any]:
    """HeaderType for zeep."""
    return {
        "Verb": verb,
        "Noun": noun,
        "Timestamp": datetime.now(UTC),
        "Source": source,
        "MessageID": message_id or str(uuid.uuid4()),
    }


def last_gasps(*meters: str) -> dict[str, Any]:
    """The payload of a strongly typed EndDeviceEvents message, for zeep."""
    events = [
        {
            "createdDateTime": datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
            "EndDeviceEventType": {"ref": LAST_GASP},
            "Assets": {"Names": [{"name": meter}]},
        }
        for meter in meters
    ]
    return {"EndDeviceEvents": {"EndDeviceEvent": events}}


def last_gasps_element(*meters: str) -> etree._Element:
    """The same as an element, for a generic message."""
    root = etree.Element(f"{{{EVENTS}}}EndDeviceEvents", nsmap={None: EVENTS})
    for meter in meters:
        event = etree.SubElement(root, f"{{{EVENTS}}}EndDeviceEvent")
        etree.SubElement(event, f"{{{EVENTS}}}createdDateTime").text = "2026-03-01T12:00:00Z"
        asset = etree.SubElement(event, f"{{{EVENTS}}}Assets")
        names = etree.SubElement(asset, f"{{{EVENTS}}}Names")
        etree.SubElement(names, f"{{{EVENTS}}}name").text = meter
        etree.SubElement(event, f"{{{EVENTS}}}EndDeviceEventType", ref=LAST_GASP)
    return root


def create_events(client: zeep.Client, source: str, *meters: str) -> Any:
    """Call CreateEndDeviceEvents; the reply as zeep gives it."""
    return client.service.CreateEndDeviceEvents(
        Header=header("create", "EndDeviceEvents", source), Payload=last_gasps(*meters)
    )


def create_events_generic(client: zeep.Client, source: str, *meters: str) -> Any:
    """The same by the generic operation."""
    return client.service.Request(
        Header=header("create", "EndDeviceEvents", source),
        Payload={"_value_1": [last_gasps_element(*meters)]},
    )


def get_outages(client: zeep.Client, source: str) -> Any:
    """Call GetUnplannedOutages; the reply as zeep gives it."""
    return client.service.GetUnplannedOutages(Header=header("get", "UnplannedOutages", source))


def get_outages_generic(client: zeep.Client, source: str) -> Any:
    """The same by the generic operation."""
    return client.service.Request(Header=header("get", "UnplannedOutages", source))


def event(
    *meters: str, source: str = "AMI", message_id: str | None = None, verb: str = "created"
) -> bytes:
    """A generic EventMessage with last gasps."""
    payload = etree.tostring(last_gasps_element(*meters)).decode()
    return (
        f'<EventMessage xmlns="{MESSAGE}"><Header><Verb>{verb}</Verb>'
        f"<Noun>EndDeviceEvents</Noun><Timestamp>2026-03-01T12:00:01Z</Timestamp>"
        f"<Source>{source}</Source><MessageID>{message_id or uuid.uuid4()}</MessageID></Header>"
        f"<Payload>{payload}</Payload></EventMessage>"
    ).encode()


def request(verb: str, noun: str, message_id: str, payload: str = "") -> bytes:
    """A generic RequestMessage."""
    body = f"<Payload>{payload}</Payload>" if payload else ""
    return (
        f'<RequestMessage xmlns="{MESSAGE}"><Header><Verb>{verb}</Verb><Noun>{noun}</Noun>'
        f"<Source>AMI</Source><MessageID>{message_id}</MessageID></Header>{body}</RequestMessage>"
    ).encode()


def soap(body: bytes, blocks: bytes = b"") -> bytes:
    """A SOAP 1.1 envelope."""
    head = b"<s:Header>" + blocks + b"</s:Header>" if blocks else b""
    start = f'<s:Envelope xmlns:s="{ENVELOPE}">'.encode()
    return start + head + b"<s:Body>" + body + b"</s:Body></s:Envelope>"
