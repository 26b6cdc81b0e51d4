"""Whom the IVR is to call back: the lists, and the whole way from a call to its end."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.ivr import IvrAdapter
from cim import envelope
from cim.message import Header, Kind, Message, ObjectId, Request, Verb
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.incident_information import IncidentInformation
from cim.profiles.trouble_tickets import TroubleTickets
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from cim.violation import Refusal
from dms_apps.trouble_calls import TroubleCallsApp
from hub.config import Config, Http
from hub.dispatch import Hub
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from hub.main import Running
from hub.security import systems
from hub.security.roles import Role
from hub.settings import build, read
from tests import fakes
from tests.head_end import listening
from tests.installed import until

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "cases" / "adapters" / "ivr_callback_lists").iterdir())
SETTINGS = ROOT / "config" / "adapters" / "ivr.toml"
HEADER = "external_id,call_time,trouble_code,service_point_id,callback_flag,callback_phone"
APP = "trouble_calls"
RESULTS = "external_id,callback_time,status"


def adapter(folder: Path = Path("unused"), **changed: Any) -> IvrAdapter:
    given = read(SETTINGS, {}) | {"folder": str(folder)} | changed
    given["callback_list"] = {"outbox": "callbacks", "ways": ["files"]} | changed.get(
        "callback_list", {}
    )
    return build(IvrAdapter, given, SETTINGS)


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_a_message_becomes_a_list(case: Path) -> None:
    message = envelope.read((case / "message.xml").read_bytes())
    assert isinstance(message, Message)
    for form in ("csv", "json"):
        way = {"ways": ["files"], "format": form, "reasons": {"powerRestored": "ON"}}
        [made] = adapter(callback_list=way).from_cim(message)
        expected = case / f"callbacks-N-1.{form}"
        assert (made.name, made.raw.decode()) == (expected.name, expected.read_bytes().decode())


def test_a_reason_nobody_knows_stops_the_start() -> None:
    with pytest.raises(ValueError, match=r"callback_list\.reasons\.powerRestord is none of"):
        adapter(callback_list={"reasons": {"powerRestord": "ON"}})
    with pytest.raises(ValueError, match=r"triggers\.ETA: 'etr' is none of etrChange"):
        adapter(triggers={"ETA": "etr"})


def test_when_to_call_back_is_said_in_the_words_of_the_ivr() -> None:
    ivr = adapter(troubles={"1": {"light": "allOut"}}, triggers={"ETA": "etrChange"})
    head = f"{HEADER},callback_for"
    row = "7,2025-11-20T10:00:00Z,1,sp-1,1,555"
    data = f"{head}\n{row},ETA|powerRestored\n{row},\n{row},soon\n".encode()
    several, usual, wrong = ivr.records("calls.csv", data)
    wanted = []
    for record in (several, usual):
        [said] = ivr.to_cim(record)
        assert isinstance(said.payload, TroubleTickets)
        wanted.append([n.trigger for n in said.payload.trouble_ticket[0].notification])
    assert wanted == [["etrChange", "powerRestored"], ["powerRestored"]]
    with pytest.raises(ValueError, match=r"callback_for 'soon' names 'soon', which is none of ETA"):
        list(ivr.to_cim(wrong))


@pytest.mark.parametrize(("once", "sent"), [(False, 2), (True, 1)])
def test_a_list_without_an_answer_comes_again_unless_it_must_not(
    tmp_path: Path, once: bool, sent: int
) -> None:
    [case] = CASES
    message = envelope.read((case / "message.xml").read_bytes())
    assert isinstance(message, Message)
    notes = fakes.Noted()
    with listening() as ivr:
        way = {"ways": ["http"], "url": ivr.url, "once": once}
        for ivr.says in (500, 204, 204):  # the hub starts anew each time
            one = adapter(tmp_path, callback_list=way)
            one.note_in(notes)
            [parcel] = one.from_cim(message)
            with suppress(ConnectionError, Refusal):
                one.write(parcel)
    assert ivr.identities == ["N-1"] * sent


@dataclass
class Site:
    """A hub with the adapter and the app on one database, started anew for every step."""

    folder: Path
    journal: Journal
    clock: fakes.Clock
    notes: fakes.Noted

    def after(self, minutes: float, *, file: str = "", told: Message | None = None) -> list[str]:
        """The files of the outbox of lists, after something has come in."""
        self.clock.forward(minutes * 60)
        hub, ivr = Hub(self.journal, {APP: TroubleCallsApp()}), adapter(self.folder)
        ivr.note_in(self.notes)
        if file:
            hub.take("ivr", ivr, ivr.records("one.csv", file.encode()))
        if told:
            hub.accept([fakes.Handed.of(told)], "test")
        hub.wake(APP)
        for _ in range(3):  # what the app says it hears, too
            hub.deliver(APP)
        for message in self.said("CustomerNotifications"):
            for parcel in ivr.from_cim(message):
                ivr.write(parcel)
        return [path.read_text() for path in sorted((self.folder / "callbacks").glob("*.csv"))]

    def said(self, noun: str) -> list[Message]:
        """What the app has said, the first first."""
        with self.journal.reading() as connection:
            found = queries.search(connection, queries.Filter(source=APP, noun=noun), limit=100)
            rows = [queries.message(connection, row.seq) for row in reversed(found)]
        return [decode(row.body) for row in rows if row is not None]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    clock = fakes.Clock()
    with closing(Journal.open(f"sqlite:///{tmp_path / 'gridbus.db'}", clock=clock)) as journal:
        yield Site(tmp_path, journal, clock, fakes.Noted())


def outage(verb: Verb, at: datetime, *points: str) -> Message:
    one = UnplannedOutage(
        mrid="o-1",
        last_modified_date_time=at,
        original_customers_served=1,
        de_energized_usage_point=tuple(UsagePoint(names=(Name(name=p),)) for p in points),
    )
    payload = UnplannedOutages(unplanned_outage=(one,))
    return fakes.message(payload, verb, noun="UnplannedOutages", source="outage")


def test_from_a_call_to_its_end_through_a_hub_that_starts_anew_each_time(site: Site) -> None:
    call = f"{HEADER}\n7,{site.clock.now.isoformat()},LIGHTS_OUT,sp-1,1,555-0100\n"
    assert site.after(0, file=call) == []
    assert site.after(1, told=outage(Verb.CREATED, site.clock.now, "sp-1")) == []
    [tied] = site.said("TroubleTickets")
    assert isinstance(tied.payload, TroubleTickets)
    [ticket] = tied.payload.trouble_ticket
    assert ticket.unplanned_outage is not None
    assert ticket.unplanned_outage.mrid == "o-1"
    assert site.after(1, told=outage(Verb.CLOSED, site.clock.now)) == []
    [made] = site.after(3)
    [row] = csv.DictReader(made.splitlines())
    assert (row["contact"], row["reason"], row["external_id"]) == ("555-0100", "powerRestored", "7")
    assert site.after(60) == [made]
    answer = f"{RESULTS}\n{row['external_id']},{site.clock.now.isoformat()},POWER_ON\n"
    assert site.after(1, file=answer) == [made]
    assert [one.header.verb for one in site.said("TroubleTickets")] == [Verb.CHANGED, Verb.CLOSED]


def test_an_app_that_is_added_later_knows_who_has_called_and_calls_nobody_for_what_is_over(
    site: Site,
) -> None:
    ivr, without = adapter(site.folder), Hub(site.journal, {})

    def call(number: int, point: str) -> None:
        row = f"{number},{site.clock.now.isoformat()},LIGHTS_OUT,{point},1,555-010{number}"
        without.take("ivr", ivr, ivr.records(f"{number}.csv", f"{HEADER}\n{row}\n".encode()))

    def tell(verb: Verb, *points: str) -> Message:
        site.clock.forward(60)
        return outage(verb, site.clock.now, *points)

    call(7, "sp-1")
    without.accept([fakes.Handed.of(tell(Verb.CREATED, "sp-1", "sp-2"))], "test")
    without.accept([fakes.Handed.of(tell(Verb.CHANGED, "sp-2"))], "test")  # sp-1 has supply
    call(8, "sp-2")
    site.clock.forward(7200)
    learning = Hub(site.journal, {APP: TroubleCallsApp()}).past[APP]
    while learning.step():
        pass
    assert site.after(10) == []
    assert site.said("TroubleTickets") == []
    assert site.after(1, told=tell(Verb.CLOSED)) == []
    [made] = site.after(3)
    assert [row["contact"] for row in csv.DictReader(made.splitlines())] == ["555-0108"]


def test_a_running_hub_tells_the_ivr_and_answers_the_menu(tmp_path: Path) -> None:
    journal = Journal.open(f"sqlite:///{tmp_path / 'gridbus.db'}")
    with closing(journal), listening() as ivr:
        hub = Hub(journal, {APP: TroubleCallsApp(settle=0)})
        one = adapter(tmp_path, callback_list={"ways": ["http"], "url": ivr.url})
        hub.attach_adapter("ivr", one)
        hub.run()
        now = datetime.now(UTC)
        call = f"{HEADER}\n7,{now.isoformat()},LIGHTS_OUT,sp-1,1,555-0100\n"
        hub.take("ivr", one, one.records("one.csv", call.encode()))
        hub.accept([fakes.Handed.of(outage(Verb.CREATED, now, "sp-1"))], "test")
        asked = Request(ids=(ObjectId(value="5550100", id_type="TelephoneNumber"),))
        header = Header(verb=Verb.GET, noun="IncidentInformation", source="ami", message_id="Q-1")
        question = Message(header=header, kind=Kind.REQUEST, request=asked)
        hub.accept([fakes.Handed.of(question)], "test")
        answer = hub.answer("Q-1", 10)
        hub.accept([fakes.Handed.of(outage(Verb.CLOSED, now))], "test")
        until(lambda: bool(ivr.got), "a list", pace=0.02)
        hub.stop()
    assert answer is not None
    assert isinstance(answer.payload, IncidentInformation)
    [incident] = answer.payload.incident
    assert (incident.mrid, incident.trouble_tickets[0].names[0].name) == ("o-1", "7")
    [row] = csv.DictReader(ivr.got[0][1].decode().splitlines())
    assert (row["contact"], row["outage_id"]) == ("555-0100", "o-1")


def asked_by_the_readme(url: str, token: str) -> httpx.Response:
    """What the line of curl in the README brings, of this hub."""
    [line] = re.findall(r"^curl .*$", (ROOT / "adapters/ivr/README.md").read_text(), re.MULTILINE)
    curl, flag, header, address = shlex.split(line.replace("$TOKEN", token))
    assert (curl, flag) == ("curl", "-H")
    name, _, value = header.partition(": ")
    there = address.replace("https://hub.example", url)
    return httpx.get(there, headers={name: value}, trust_env=False, timeout=30)


def test_the_menu_asks_by_the_line_in_the_readme(tmp_path: Path) -> None:
    config = Config(
        data=tmp_path,
        adapters=("ivr",),
        apps=(APP,),
        http=Http(port=0),
        folder=ROOT / "config",
    )
    now, one = datetime.now(UTC), adapter(tmp_path)
    call = f"{HEADER}\n7,{now.isoformat()},LIGHTS_OUT,sp-1,1,555-0100\n"
    with closing(Journal.open(f"sqlite:///{tmp_path / 'gridbus.db'}")) as journal:
        # Before the app is added.
        Hub(journal, {}).take("ivr", one, one.records("one.csv", call.encode()))
    with Running(config, {}, {}) as running:
        with running.journal.transaction() as transaction:
            ivr = systems.named("ivr", sources=("ivr", "outage"), roles=(Role.VIEWER,))
            shown = systems.add(transaction.connection, "test", ivr, running.roles, transaction.now)
        supplied = asked_by_the_readme(running.url, shown)
        told = fakes.Handed(outage(Verb.CREATED, now, "sp-1"), b"<as-received/>", "ivr")
        running.hub.accept([told], "test")
        off = asked_by_the_readme(running.url, shown)
    assert [supplied.status_code, off.status_code] == [200, 200], off.text
    assert (supplied.json()["result"], supplied.json()["payload"]) == ("OK", None)
    [incident] = off.json()["payload"]["Incident"]
    assert incident["mRID"] == "o-1"
    assert incident["UnplannedOutage"]["mRID"] == "o-1"
