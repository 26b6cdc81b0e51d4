"""What the head-end is asked for: a case folder for each format, and the way through a hub."""

from __future__ import annotations

import re
import tomllib
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.ami import AmiAdapter
from cim import envelope
from cim.message import Message, Property, Request, Topic, Verb
from cim.profile import Reference
from cim.profiles import plain_names
from cim.profiles.end_device_controls import (
    EndDevice,
    EndDeviceControl,
    EndDeviceControls,
    EndDeviceGroup,
)
from cim.profiles.get_meter_readings import GetMeterReadings
from cim.profiles.identification import Name, UsagePoint
from cim.violation import Refusal
from hub.channels.soap.partner import Partner, PartnerClient
from hub.config import Config, Http
from hub.handover import Parcel
from hub.journal import Journal
from hub.journal.handed_over import HandedOver
from hub.journal.tables import handed_over
from hub.journal.tables import message as table
from hub.main import Running
from hub.security import audit, systems
from hub.security.roles import Role
from hub.settings import ConfigError, build, read
from tests import fakes
from tests.head_end import HeadEnd, listening
from tests.installed import until

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "cases" / "adapters" / "ami_requests").iterdir())
SETTINGS = ROOT / "config" / "adapters" / "ami.toml"
ACTIONS = {
    "3.31.0.23": {"native": "DISCONNECT"},
    "3.1.0.1": {"native": "PING", "again": True},  # a code of this test's own
}


def adapter(**out: Any) -> AmiAdapter:
    table = {"ways": ["files"], "actions": ACTIONS, **out}
    return build(AmiAdapter, {"out": table}, SETTINGS)


def control(code: str, *meters: str, **more: Any) -> EndDeviceControl:
    devices = tuple(EndDevice(names=(Name(name=meter),)) for meter in meters)
    kind = Reference(code)
    return EndDeviceControl(end_device_control_type=kind, end_devices=devices, **more)


def asked(*controls: EndDeviceControl, message_id: str = "C-1") -> Message:
    payload = EndDeviceControls(end_device_control=controls)
    noun = "EndDeviceControls"
    return fakes.message(payload, Verb.CREATE, message_id=message_id, noun=noun, source="oms")


def test_as_configured_nothing_is_written() -> None:
    assert build(AmiAdapter, read(SETTINGS, {}), SETTINGS).topics == frozenset()
    assert adapter().topics == {Topic(Verb.CREATE, "EndDeviceControls")}
    assert adapter(reads=True).topics == {
        Topic(Verb.CREATE, "EndDeviceControls"),
        Topic(Verb.GET, "MeterReadings"),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_a_message_becomes_native_requests(case: Path) -> None:
    params = tomllib.loads((case / "params.toml").read_text())
    message = envelope.read((case / "message.xml").read_bytes())
    assert isinstance(message, Message)
    ami = adapter(**params["out"])
    made = list(ami.from_cim(message))
    expected = sorted(path for path in case.iterdir() if path.stem.startswith("M-"))
    assert [(p.name, p.raw.decode()) for p in made] == [
        (path.name, path.read_bytes().decode()) for path in expected
    ]
    assert {p.again for p in made} == {params["again"]}
    assert list(ami.from_cim(message)) == made  # pure


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (control("3.9.9.9", "m"), "no word for the control 3.9.9.9; known: 3.1.0.1, 3.31.0.23"),
        (control("3.31.0.23"), "neither device nor usage point"),
        (
            replace(control("3.31.0.23"), end_device_groups=(EndDeviceGroup(mrid="g"),)),
            "a control with a group cannot be said as csv",
        ),
        (replace(control("3.31.0.23"), end_devices=(EndDevice(),)), "neither name nor mRID"),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(made: EndDeviceControl, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        list(adapter(format="csv").from_cim(asked(made)))


def test_what_belongs_to_no_head_end_is_refused_by_its_name() -> None:
    ami = adapter(serves=["A-*", "M"])
    theirs = [control("3.31.0.23", "M", "A-1"), control("3.1.0.1", "a-1", "B-1", "C", "D")]
    assert list(ami.from_cim(asked(theirs[0])))
    with pytest.raises(Refusal, match=r"meter a-1, B-1, C \.\.\. belongs to no head-end") as caught:
        list(ami.from_cim(asked(*theirs)))
    points = replace(control("3.1.0.1"), usage_points=(UsagePoint(mrid="p"),))
    with pytest.raises(Refusal, match="usage point p belongs") as other:
        list(ami.from_cim(asked(points)))
    said = [one.code for found in (caught, other) for one in found.value.violations]
    assert said == ["2.4", "2.12"]
    read = fakes.message(None, Verb.GET, noun="MeterReadings")
    query = GetMeterReadings(end_device=(plain_names.PlainEndDevice(mrid="B"),))
    request = Request(query=query, options=(Property("OnDemand", "true"),))
    with pytest.raises(Refusal, match="meter B belongs to no head-end"):
        list(adapter(serves=["A"], reads=True).from_cim(replace(read, request=request)))


def test_an_action_with_a_key_nobody_knows_stops_the_start() -> None:
    with pytest.raises(ConfigError, match=r"out\.actions\.a\.agian"):
        adapter(actions={"a": {"native": "A", "agian": True}})


def test_only_a_read_on_demand_reaches_the_head_end() -> None:
    query = GetMeterReadings()
    plain = fakes.message(None, Verb.GET, noun="MeterReadings")
    message = replace(plain, request=Request(query=query))
    assert list(adapter(reads=True).from_cim(message)) == []
    options = (Property("OnDemand", "true"),)
    with pytest.raises(ValueError, match="1 to 500 meters"):
        list(
            adapter(reads=True).from_cim(
                replace(message, request=Request(query=query, options=options))
            )
        )


def test_the_name_of_a_file_is_harmless_whatever_the_message_id() -> None:
    message = asked(control("3.1.0.1", "m"), message_id="../../etc/passwd")
    [parcel] = adapter().from_cim(message)
    assert re.fullmatch(r"______etc_passwd-1-[0-9a-f]{16}\.xml", parcel.name)


def test_an_answer_says_which_request_it_answers() -> None:
    head = b"meter_number,event_time,event_code,correlation_id\n"
    data = head + b"m-1,2026-07-14T15:00:00Z,3.26.0.216,C-1\nm-1,2026-07-14T15:00:00Z,3.26.0.85,\n"
    ami = AmiAdapter(folder=Path("unused"))
    said = [o for record in ami.records("a.csv", data) for o in ami.to_cim(record)]
    assert [o.correlation_id for o in said] == ["C-1", None]


def test_from_who_asks_to_the_head_end_and_back(tmp_path: Path) -> None:
    """Over SOAP into a whole hub, over HTTP to the head-end, by a file back; all is audited."""
    with listening() as head_end:
        out = {"ways": ["http"], "url": head_end.url, "actions": ACTIONS, "format": "json"}
        out["serves"] = ["m-*"]
        settings = {"ami": {"out": out, "settle": 0.05, "interval": 0.05}}
        config = Config(
            data=tmp_path, adapters=("ami",), apps=(), http=Http(port=0), folder=ROOT / "config"
        )
        with Running(config, {}, settings) as hub:
            _ask(hub, head_end)
            answer = b"meter_number,event_time,event_code,correlation_id\r\n"
            answer += b"m-1,2026-07-14T15:00:00Z,3.26.0.216,C-1\r\n"
            (tmp_path / "feeds" / "ami" / "answers.csv").write_bytes(answer)
            until(lambda: _events(hub) == ["C-1"], "the meter's event", pace=0.05)
            with hub.journal.reading() as connection:
                noted = connection.execute(sa.select(handed_over.c.identity, handed_over.c.mark))
                assert list(noted) == [("http C-1-1", "sent")]
                assert audit.verify(connection) == []
                acts = [(e.actor, e.action) for e in audit.entries(connection)]
    wanted = [("oms", "control.accept"), ("oms", "control.send"), ("oms", "control.accept")]
    assert [act for act in acts if act[1].startswith("control")] == wanted
    assert not (tmp_path / "feeds" / "ami" / ".sent").exists()


def _ask(hub: Running, head_end: HeadEnd) -> None:
    with hub.journal.transaction() as transaction:
        oms = systems.named("oms", roles=(Role.OPERATOR,))
        token = systems.add(transaction.connection, "test", oms, hub.roles, transaction.now)
    partner = Partner(name="hub", address=f"{hub.url}/soap", schemas=ROOT / "schemas", token=token)
    client = PartnerClient(partner)
    client.send([asked(control("3.31.0.23", "m-1"))])  # returns when it has a reply that says OK
    with pytest.raises(Refusal, match="meter x-9 belongs to no head-end here") as refused:
        client.send([asked(control("3.31.0.23", "x-9"), message_id="C-2")])
    assert refused.value.violations[0].code == "2.4"
    client.close()
    assert head_end.identities == ["C-1-1"]
    assert b'"action": "DISCONNECT"' in head_end.got[0][1]


def _events(hub: Running) -> list[str | None]:
    with hub.journal.reading() as connection:
        query = sa.select(table.c.correlation_id).where(table.c.noun == "EndDeviceEvents")
        return list(connection.execute(query).scalars())


def test_files_go_to_the_outbox_of_the_adapter(tmp_path: Path) -> None:
    ami = replace(adapter(format="csv"), folder=tmp_path)
    ami.note_in(fakes.Noted())
    [parcel] = ami.from_cim(asked(control("3.31.0.23", "m-1")))
    ami.write(parcel)
    ami.write(Parcel(parcel.origin, b"other", parcel.name))
    assert (tmp_path / "outbox" / "C-1-1.csv").read_bytes() == parcel.raw
    ami.stop()


def on_machine(folder: Path, journal: Journal, url: str) -> AmiAdapter:
    """The adapter of one of several hubs that share a database, and nothing else."""
    out = adapter(ways=["http"], url=url, timeout=0.2)
    ami = replace(out, folder=folder)
    ami.note_in(HandedOver(journal, "ami"))
    return ami


def test_the_hub_that_takes_over_on_another_machine_sends_nothing_twice(
    tmp_path: Path, database_url: str
) -> None:
    done, lost, away, fresh = (
        parcel
        for name in ("done", "lost", "away", "fresh")
        for parcel in adapter().from_cim(asked(control("3.31.0.23", "m"), message_id=name))
    )
    with closing(Journal.open(database_url)) as journal, listening() as head_end:
        first = on_machine(tmp_path / "first", journal, head_end.url)
        second = on_machine(tmp_path / "second", journal, head_end.url)
        first.write(done)
        head_end.says = 503  # it has not taken it
        with pytest.raises(ConnectionError):
            first.write(away)
        head_end.says = 0  # it takes it, and then the line, or the hub, is cut
        with pytest.raises(Refusal, match="UNKNOWN whether lost-1"):
            first.write(lost)
        head_end.says = 204
        for parcel in (done, away, fresh):
            second.write(parcel)
        with pytest.raises(Refusal, match="UNKNOWN whether lost-1"):
            second.write(lost)
        for parcel in (done, away, fresh):
            first.write(parcel)
    assert head_end.identities == ["done-1", "away-1", "lost-1", "away-1", "fresh-1"]


def test_of_two_that_begin_it_at_once_one_may(tmp_path: Path, sqlite_url: str) -> None:
    with closing(Journal.open(sqlite_url)) as journal, listening() as head_end:
        both = [on_machine(tmp_path / name, journal, head_end.url) for name in "ab"]
        [parcel] = both[0].from_cim(asked(control("3.31.0.23", "m")))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(HandedOver, "of", lambda *_: None)  # each has looked before the other
            both[0].write(parcel)
            with pytest.raises(Refusal, match="another hub has begun it"):
                both[1].write(parcel)
    assert head_end.identities == ["C-1-1"]


def test_what_the_file_of_an_earlier_version_knows_counts(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / ".sent").write_text("begun http a-1\nsent http b-1\n")
    with closing(Journal.open(sqlite_url)) as journal, listening() as head_end:
        ami = on_machine(tmp_path, journal, head_end.url)
        for name in "cba":
            [parcel] = ami.from_cim(asked(control("3.31.0.23", "m"), message_id=name))
            if name == "a":
                with pytest.raises(Refusal, match="UNKNOWN"):
                    ami.write(parcel)
            else:
                ami.write(parcel)
    assert head_end.identities == ["c-1"]


def test_without_the_database_nothing_is_sent(tmp_path: Path, sqlite_url: str) -> None:
    with closing(Journal.open(sqlite_url)) as journal, listening() as head_end:
        ami = on_machine(tmp_path, journal, head_end.url)
        [parcel] = ami.from_cim(asked(control("3.31.0.23", "m")))
        with journal.transaction() as transaction:
            transaction.connection.exec_driver_sql("ALTER TABLE handed_over RENAME TO gone")
        with pytest.raises(ConnectionError):
            ami.write(parcel)
        with journal.transaction() as transaction:
            transaction.connection.exec_driver_sql("ALTER TABLE gone RENAME TO handed_over")
        ami.write(parcel)
    assert head_end.identities == ["C-1-1"]
