"""Two head-ends at one hub: the same words mean different things, and each has its own meters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from cim.message import Message, Verb
from cim.profile import Reference
from cim.profiles.end_device_controls import EndDevice, EndDeviceControl, EndDeviceControls
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.identification import Name
from cim.violation import Refusal
from hub.channels.soap.partner import Partner, PartnerClient
from hub.config import Config, Http
from hub.dispatch.handed_in import hand_in
from hub.dispatch.mending import mend
from hub.feed_settings import Feed
from hub.journal import feed_files
from hub.journal.canonical import decode
from hub.journal.tables import handed_over
from hub.journal.tables import message as table
from hub.main import Running
from hub.security import audit, systems
from hub.security.roles import Role
from tests import fakes
from tests.head_end import HeadEnd, listening
from tests.installed import until

ROOT = Path(__file__).parents[2]
HEAD = "meter_number,event_time,event_code,event_id\n"
SAME = f"{HEAD}7,2026-07-14 10:00,P,E-1\n7,2026-07-14 10:00,R,E-2\n".encode()
FAILED, RESTORED, TAMPERED = "3.26.0.85", "3.26.0.216", "3.33.1.257"
SETTINGS = """
kind = "ami"
folder = "feeds/{name}"
settle = 0.05
interval = 0.05
zone = "{zone}"
[codes]
P = "{code}"
R = "{restored}"
[out]
ways = ["http"]
url = "{url}"
format = "json"
serves = ["{name}-*"]
[out.actions]
"3.31.0.23" = {{ native = "OFF of {name}" }}
"""


def configured(folder: Path, north: str, south: str) -> Config:
    (folder / "adapters").mkdir()
    (folder / "roles.toml").write_bytes((ROOT / "config" / "roles.toml").read_bytes())
    for name, zone, code, url in (
        ("north", "America/Chicago", FAILED, north),
        ("south", "UTC", TAMPERED, south),
    ):
        told = SETTINGS.format(name=name, zone=zone, code=code, restored=RESTORED, url=url)
        (folder / "adapters" / f"{name}.toml").write_text(told)
    return Config(
        data=folder / "var",
        adapters=("north", "south"),
        apps=(),
        http=Http(port=0),
        folder=folder,
        feeds={"north": Feed(late=0.0)},
    )


def test_each_has_its_own_facts_quarantine_and_controls(tmp_path: Path) -> None:
    with (
        listening() as north,
        listening() as south,
        Running(configured(tmp_path, north.url, south.url), {}) as hub,
    ):
        for name in ("north", "south"):
            (tmp_path / "var" / "feeds" / name / "events.csv").write_bytes(SAME)
        until(lambda: _taken(hub) == {"north": (2, 0), "south": (0, 2)}, "both are taken")
        assert _facts(hub) == {
            ("north", FAILED, "15:00", "E-1"),
            ("north", RESTORED, "15:00", "E-2"),
            ("south", TAMPERED, "10:00", "E-1"),
            ("south", RESTORED, "10:00", "E-2"),
        }
        _again(hub)
        _controls(hub, north, south)


def _taken(hub: Running) -> dict[str, tuple[int, int]]:
    with hub.journal.reading() as connection:
        return {one.source: (one.accepted, one.late) for one in feed_files.feeds(connection)}


def _facts(hub: Running) -> set[tuple[str, str, str, str]]:
    with hub.journal.reading() as connection:
        rows = connection.execute(sa.select(table.c.source, table.c.body)).all()
    found = set()
    for source, body in rows:
        message = decode(body)
        assert isinstance(message.payload, EndDeviceEvents)
        for one in message.payload.end_device_event:
            at = f"{one.created_date_time:%H:%M}"
            said = (str(one.end_device_event_type), at, one.issuer_tracking_id or "")
            found.add((source, *said))
    return found


def _again(hub: Running) -> None:
    """What came is known by whose it is; what is corrected is read as the words of its source."""
    given = hand_in(hub.hub, "south", "later.csv", SAME + b"8,2026-07-14 10:00,Q,E-3\n")
    assert (given.file.duplicate, given.file.quarantined) == (2, 1)
    with hub.journal.reading() as connection:
        item = fakes.quarantined(connection)
    assert (item.channel, item.principal) == ("south", "south")
    corrected = f"{HEAD}8,2026-07-14 10:00,P,E-3\n".encode()
    assert mend(hub.hub, item.id, "anna", corrected).refusal is None
    assert ("south", TAMPERED, "10:00", "E-3") in _facts(hub)


def _controls(hub: Running, north: HeadEnd, south: HeadEnd) -> None:
    with hub.journal.transaction() as transaction:
        oms = systems.named("oms", roles=(Role.OPERATOR,))
        token = systems.add(transaction.connection, "test", oms, hub.roles, transaction.now)
    partner = Partner(name="hub", address=f"{hub.url}/soap", schemas=ROOT / "schemas", token=token)
    client = PartnerClient(partner)
    client.send([_off("C-1", "south-7")])  # returns when it has a reply that says OK
    assert (north.identities, south.identities) == ([], ["C-1-1"])
    assert b'"action": "OFF of south"' in south.got[0][1]
    with pytest.raises(Refusal, match="names devices of north and of south: ask each"):
        client.send([_off("C-2", "south-7", "north-7")])
    with pytest.raises(Refusal, match="meter east-7 belongs to no head-end here"):
        client.send([_off("C-3", "east-7")])
    client.close()
    with hub.journal.reading() as connection:
        columns = handed_over.c.system, handed_over.c.identity, handed_over.c.mark
        assert list(connection.execute(sa.select(*columns))) == [("south", "http C-1-1", "sent")]
        sent = [e for e in audit.entries(connection) if e.action == "control.send"]
        assert [json.loads(one.detail)["to"] for one in sent] == ["south"]
    assert (north.identities, south.identities) == ([], ["C-1-1"])


def _off(message_id: str, *meters: str) -> Message:
    devices = tuple(EndDevice(names=(Name(name=meter),)) for meter in meters)
    one = EndDeviceControl(end_device_control_type=Reference("3.31.0.23"), end_devices=devices)
    payload = EndDeviceControls(end_device_control=(one,))
    noun = "EndDeviceControls"
    return fakes.message(payload, Verb.CREATE, message_id=message_id, noun=noun, source="oms")
