"""Clients that nobody here wrote create EndDeviceEvents and get UnplannedOutages over SOAP.

All they have is an address and a token; behind it are the real journal, hub and outage app.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from cim.message import Message, Outgoing
from dms_apps.outage import OutageApp
from hub.channels.soap.channel import SoapChannel
from hub.config import Get
from hub.dispatch import Hub, Retry, asked
from hub.dispatch.asked import JournalAnswers
from hub.dispatch.rights import Rights
from hub.front import Door, Limits, Principal, Server
from hub.interfaces import Context
from hub.journal import Journal, queries
from hub.security import systems
from hub.security.roles import Roles
from tests import soap_clients as clients
from tests.soap_served import SCHEMAS


@dataclass(frozen=True)
class Running:
    """A hub that answers over SOAP."""

    url: str
    token: str
    journal: Journal

    def journaled(self) -> list[tuple[str, str]]:
        """Verb and noun of every message, oldest first."""
        with self.journal.reading() as connection:
            rows = queries.search(connection, queries.Filter())
        return [(row.verb, row.noun) for row in reversed(rows)]


class Broken(OutageApp):
    """An app that fails whatever it is asked."""

    def handle(self, message: Message, _context: Context) -> Iterable[Outgoing]:
        raise RuntimeError(f"cannot handle {message.header.noun}")


@pytest.fixture
def outage() -> OutageApp:
    return OutageApp()


@pytest.fixture
def running(sqlite_url: str, outage: OutageApp) -> Iterator[Running]:
    journal = Journal.open(sqlite_url)
    answering = JournalAnswers(journal, Get(limit=1), answered={"UnplannedOutages"})
    hub = Hub(
        journal,
        {"outage": outage},
        retry=Retry(attempts=2, first=0.05),
        rights=Rights(journal),
        own={asked.NAME: answering},
    )
    ami = systems.named("ami", sources=["AMI"])
    roles = Roles.read(SCHEMAS.parent / "config" / "roles.toml")
    with journal.transaction() as transaction:
        token = systems.add(transaction.connection, "test", ami, roles, datetime.now(UTC))

    def authenticate(authorization: str | None, certificate: str | None) -> Principal | None:
        with journal.reading() as connection:
            return systems.authenticate(connection, authorization, certificate)

    channel = SoapChannel(
        schemas=SCHEMAS, source="GRIDBUS", authenticate=authenticate, replies=hub.answer
    )
    hub.attach_channel("soap", channel)
    hub.run()
    with Server(app=Door([channel.route(Limits())]), port=0).start() as front:
        yield Running(front.url, token, journal)
    hub.stop()
    channel.close()
    journal.close()


CREATED_AND_ASKED = [
    ("create", "EndDeviceEvents"),
    ("created", "EndDeviceEvents"),
    ("get", "UnplannedOutages"),
    ("reply", "UnplannedOutages"),
]


def connect(running: Running, service: str = "") -> Any:
    client = clients.zeep_client(running.url, service, running.token)
    return closing(client.transport.session), client


def test_zeep_strongly_typed(running: Running) -> None:
    session, client = connect(running, "ExecuteEndDeviceEvents")
    with session:
        created = clients.create_events(client, "AMI", "M-1", "M-2")
    session, client = connect(running, "GetUnplannedOutages")
    with session:
        found = clients.get_outages(client, "AMI")
    assert (created.Reply.Result, found.Reply.Result) == ("OK", "OK")
    assert running.journaled() == CREATED_AND_ASKED


def test_zeep_generic(running: Running) -> None:
    session, client = connect(running)
    with session:
        created = clients.create_events_generic(client, "AMI", "M-1")
        found = clients.get_outages_generic(client, "AMI")
    assert (created.Reply.Result, found.Reply.Result) == ("OK", "OK")
    assert running.journaled() == CREATED_AND_ASKED


def test_zeep_executes_an_operation_set(running: Running) -> None:
    session, client = connect(running, "ExecuteEndDeviceEventsOperationSet")
    with session:
        reply = clients.execute_events(client, "AMI", {"verb": "create"}, {"verb": "change"})
    assert (reply.Reply.Result, reply.Header.Noun) == ("OK", "OperationSet")
    assert running.journaled() == [
        ("execute", "OperationSet"),
        ("executed", "OperationSet"),
        ("created", "EndDeviceEvents"),
        ("changed", "EndDeviceEvents"),
    ]


def test_zeep_gets_from_the_journal_what_no_app_answers(running: Running) -> None:
    session, client = connect(running, "ExecuteEndDeviceEvents")
    with session:
        for meter in ("M-1", "M-2", "M-1"):
            clients.create_events(client, "AMI", meter)
    session, client = connect(running, "GetEndDeviceEvents")
    seen, options = 0, []
    with session:
        for result, code in (("PARTIAL", "0.1"), ("OK", "0.0")):
            reply = client.service.GetEndDeviceEvents(
                Header=clients.header("get", "EndDeviceEvents", "AMI"),
                Request={"Option": options, "ID": ["M-1"]},
            )
            assert (reply.Reply.Result, reply.Reply.Error[0].code) == (result, code)
            [event] = reply.Payload.EndDeviceEvents.EndDeviceEvent
            assert event.Assets.Names[0].name == "M-1"
            seen += 1
            options = [{"name": p.Name, "value": p.Value} for p in reply.Header.Property]
    assert (seen, options) == (2, [])


def test_an_operation_set_of_two_nouns_is_refused(running: Running) -> None:
    session, client = connect(running, "ExecuteEndDeviceEventsOperationSet")
    second = {"verb": "create", "noun": "MeterReadings"}
    with session:
        reply = clients.execute_events(client, "AMI", {"verb": "create"}, second)
    [error] = reply.Reply.Error
    assert (reply.Reply.Result, error.code) == ("FAILED", "2.5")
    assert "operation 2" in error.details
    assert running.journaled() == []


@pytest.mark.parametrize(
    ("integrity", "result", "codes"),
    [
        (True, "FAILED", {1: "5.9", 2: "5.9", 3: "2.9"}),
        (False, "PARTIAL", {3: "2.9"}),
    ],
)
def test_zeep_is_told_of_each_operation_that_is_not_carried_out(
    running: Running, integrity: bool, result: str, codes: dict[int, str]
) -> None:
    session, client = connect(running, "ExecuteEndDeviceEventsOperationSet")
    operations = (
        {"verb": "create"},
        {"verb": "delete", "elementOperation": True},
        {"verb": "created"},
    )
    with session:
        reply = clients.execute_events(
            client, "AMI", *operations, enforceTransactionalIntegrity=integrity
        )
    assert reply.Reply.Result == result
    assert {error.operationId: error.code for error in reply.Reply.Error} == codes
    told = [] if integrity else [("created", "EndDeviceEvents"), ("executed", "EndDeviceEvents")]
    assert running.journaled()[2:4] == told


def test_zeep_is_given_what_an_app_answers_within_a_set(running: Running) -> None:
    session, client = connect(running, "ExecuteEndDeviceEventsOperationSet")
    with session:
        reply = clients.execute_events(
            client,
            "AMI",
            {"verb": "create"},
            {"verb": "get", "_value_1": None},
            enforceMsgSequence=True,
        )
        refused = clients.execute_events(
            client,
            "AMI",
            {"verb": "create"},
            {"verb": "get", "_value_1": None},
            enforceMsgSequence=True,
            enforceTransactionalIntegrity=True,
        )
    assert reply.Reply.Result == "OK"
    [answer] = reply.Payload.OperationSet.Operation
    assert (answer.operationId, answer.noun, answer.verb) == (2, "EndDeviceEvents", "reply")
    assert answer._value_1.findtext(".//{*}name") == "M-1"
    assert refused.Reply.Result == "FAILED"
    assert {error.operationId: error.code for error in refused.Reply.Error} == {1: "5.9", 2: "5.2"}
    assert running.journaled() == [
        ("execute", "OperationSet"),
        ("created", "EndDeviceEvents"),
        ("get", "EndDeviceEvents"),
        ("reply", "EndDeviceEvents"),
        ("executed", "OperationSet"),
        ("reply", "OperationSet"),
    ]


@pytest.mark.parametrize("outage", [Broken()])
def test_zeep_is_told_when_the_app_that_was_to_answer_has_failed(running: Running) -> None:
    session, client = connect(running, "GetUnplannedOutages")
    with session:
        reply = clients.get_outages(client, "AMI")
    [error] = reply.Reply.Error
    assert (reply.Reply.Result, error.code) == ("FAILED", "5.3")
    assert "could not be handled by outage in 2 attempts; it is kept among" in error.reason
    with running.journal.reading() as connection:
        [dead] = queries.dead(connection)
    assert dead.message.message_id in error.reason


def test_npm_soap(running: Running) -> None:
    said = clients.node(running.url, running.token, "AMI", "M-1", "M-2")
    replies = json.loads(said)
    assert replies["created"]["Reply"]["Result"] == "OK"
    assert replies["found"]["Reply"]["Result"] == "OK"
    assert replies["found"]["Header"]["Noun"] == "UnplannedOutages"
    assert running.journaled() == CREATED_AND_ASKED


@pytest.fixture
def post(running: Running) -> Any:
    headers = {
        "authorization": f"Bearer {running.token}",
        "content-type": "text/xml",
        "soapaction": clients.PUBLISH,
    }

    def post(*meters: str, source: str = "AMI") -> str:
        body = clients.soap(clients.event(*meters, source=source, message_id="id-1"))
        return httpx.post(f"{running.url}/soap", content=body, headers=headers).text

    return post


def test_sent_twice_is_taken_once(running: Running, post: Any) -> None:
    assert [">OK<" in post("M-1") for _ in range(2)] == [True, True]
    assert running.journaled() == [("created", "EndDeviceEvents")]


def test_an_id_used_again_for_something_else_is_refused(running: Running, post: Any) -> None:
    assert ">OK<" in post("M-1")
    answer = post("M-2")
    assert ">FAILED<" in answer
    assert ">2.15<" in answer
    assert running.journaled() == [("created", "EndDeviceEvents")]


def test_a_source_of_another_system_is_refused(running: Running, post: Any) -> None:
    answer = post("M-1", source="SCADA")
    assert ">FAILED<" in answer
    assert ">2.14<" in answer
    assert running.journaled() == []
    with running.journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert (kept.channel, kept.principal) == ("soap", "ami")
