"""SOAP clients as a partner would write them: all they know is the address and a token."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import uuid
from datetime import UTC, datetime
from pathlib import Path
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


def execute_events(
    client: zeep.Client, source: str, *operations: dict[str, Any], **enforced: bool
) -> Any:
    """Call ExecuteEndDeviceEventsOperationSet; the noun is written by the same description."""
    noun = client.get_element(f"{{{EVENTS}}}EndDeviceEvents")
    payload = zeep.xsd.AnyObject(noun, noun(**last_gasps("M-1")["EndDeviceEvents"]))
    numbered = [
        {"operationId": number, "_value_1": payload, **operation}
        for number, operation in enumerate(operations, 1)
    ]
    return client.service.ExecuteEndDeviceEventsOperationSet(
        Header=header("execute", "OperationSet", source),
        Payload={"OperationSet": {**enforced, "Operation": numbered}},
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


NODE = Path(__file__).parent / "end_to_end" / "soap_client"


def node(url: str, token: str, source: str, *meters: str) -> str:
    """Create events and get outages with npm soap; both replies as JSON."""
    return _node("client.cjs", url, token, source, *meters)


def described_by_node(folder: Path) -> str:
    """The operations of every WSDL in a folder as npm soap reads them, as JSON."""
    return _node("descriptions.cjs", str(folder))


def _node(script: str, *arguments: str) -> str:
    command = ["node", str(NODE / script), *arguments]
    env = {**os.environ, "NODE_PATH": str(_npm_soap() / "node_modules")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _npm_soap() -> Path:
    """The folder with npm soap, outside the tree; installed once for each lock file."""
    lock = (NODE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "gridbus" / f"npm-soap-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE / name, folder)
        install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        (folder / "complete").touch()
    return folder
