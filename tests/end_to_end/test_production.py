"""A production site: RabbitMQ, PostgreSQL, a hub and two workers, each a process of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from cim import parse
from tests import amqp, services
from tests import soap_clients as clients
from tests.installed import Rest, Running, Site, until

CONFIG = """
context = "REHEARSAL"
# Others tell in their own time, as of when supply is expected back.
apps = ["network_connectivity", "outage", "load_flow", "study"]
database = "${GRIDBUS_DATABASE}"

[http]
port = 0

[rabbitmq]
url = "${GRIDBUS_AMQP}"
run_apps = false

[rabbitmq.inbound]
ami = "ami.to.gridbus"
"""
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
MADE = "created.UnplannedOutages"


@dataclass
class Production:
    """The site while it runs.

    observer: a plain AMQP client with the queue `heard`, bound to all of the topic exchange.
    """

    site: Site
    token: str
    street: Path
    observer: amqp.Client
    heard: str
    last_gasp: str

    def start(self) -> tuple[list[Running], Rest, str]:
        """A hub and two workers; a client; the address."""
        hub, url = self.site.serve()
        workers = []
        for _ in range(2):
            workers.append(self.site.start("worker"))
            workers[-1].says("working for .*(outage)")
        return [hub, *workers], self.site.rest(url, self.token), url

    def bring_the_street(self, rest: Rest) -> None:
        """The network from the GIS, then its customers from the CIS."""
        for feed, name in (("gis", "network.xml"), ("cis", "service-points.csv")):
            done = self.site.drop(feed, name, (self.street / name).read_bytes())
            until(done.exists, f"{name} is in done/")
        assert rest.get("network/usage-points/M-1")["energised"]

    def gasp_over_soap(self, url: str, *meters: str) -> None:
        client = clients.zeep_client(url, "ExecuteEndDeviceEvents", self.token)
        with closing(client.transport.session):
            assert clients.create_events(client, "AMI", *meters).Reply.Result == "OK"

    def gasp_over_amqp(self, meter: str) -> None:
        """An envelope with an RDF payload, from a partner who has only a plain client."""
        identity = str(uuid.uuid4())
        body = self.last_gasp.format(message_id=identity, meter=meter).encode()
        key = "created.EndDeviceEvents.AMI"
        self.observer.publish("gridbus.in.ami", key, body, message_id=identity)


@pytest.fixture
def production(
    site: Site,
    street: Path,
    broker: services.Broker,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Production]:
    monkeypatch.setenv("GRIDBUS_DATABASE", postgres_url)
    monkeypatch.setenv("GRIDBUS_AMQP", broker.url)
    site.configure(CONFIG)
    token = site.add_system("ami", "--source", "AMI")
    last_gasp = (street / "last-gasp.xml").read_text()
    observer = amqp.Client(broker.url)
    heard = observer.listener("gridbus.rehearsal")
    yield Production(site, token, street, observer, heard, last_gasp)
    observer.disconnect()
    site.end()  # before its database goes


def the_outage(rest: Rest, device: str, customers: int) -> dict[str, Any]:
    """The one active outage, once it is at that device and concerns so many."""

    found: list[Any] = []

    def look() -> dict[str, Any] | None:
        outages = rest.outages()
        found[:] = [(o["device_name"], o["customers"]) for o in outages]
        return outages[0] if found == [(device, customers)] else None

    return until(look, lambda: f"one outage at {device} of {customers}, not {found}")  # type: ignore[arg-type]


def test_outages_are_told_through_killed_workers_and_restarts(production: Production) -> None:
    processes, rest, url = production.start()
    production.bring_the_street(rest)

    production.gasp_over_soap(url, "M-1", "M-2")
    production.gasp_over_amqp("M-3")
    outage = the_outage(rest, "F1", 4)
    assert outage["why"].startswith("Fuse F1 is predicted open: ")
    assert outage["critical"] == 1
    check_what_soap_tells(url, production.token, outage)

    hub, first, second = processes
    first.kill9()
    production.gasp_over_soap(url, "M-5", "M-6")
    production.gasp_over_amqp("M-7")
    the_outage(rest, "CB1", 8)
    until(rest.is_idle, "everybody has taken everything")
    ended = [hub, second]
    for process in ended:
        process.ask_to_end()
    assert [process.end() for process in ended] == [0, 0]
    assert not [process.said for process in ended if "Traceback" in process.said]

    heard = production.observer.drain(production.heard)
    check_what_was_published(heard, outage)
    before = production.site.messages()
    assert sorted(m["message_id"] for m in before if m["kind"] == "EventMessage") == sorted(
        str(seen.properties.message_id) for seen in heard
    )
    check_a_restart_changes_nothing(production, before)


def check_what_soap_tells(url: str, token: str, outage: dict[str, Any]) -> None:
    client = clients.zeep_client(url, "GetUnplannedOutages", token)
    with closing(client.transport.session):
        answer = clients.get_outages(client, "AMI")
    assert answer.Reply.Result == "OK"
    [told] = answer.Payload.UnplannedOutages.UnplannedOutage
    assert told.mRID == outage["mrid"]


def check_what_was_published(heard: list[amqp.Seen], outage: dict[str, Any]) -> None:
    """Every event on the topic exchange, the first outage as RDF with its header mirrored."""
    topics = {seen.properties.type for seen in heard}
    assert {"created.NetworkModels", "created.EndDeviceEvents", MADE} <= topics
    first = next(seen for seen in heard if seen.properties.type == MADE)
    header = parse.parse(first.body).find("{*}Header")
    assert header is not None
    said = {etree.QName(field).localname: field.text for field in header}
    assert first.routing_key == f"{MADE}.{said['Source']}"
    assert first.properties.message_id == said["MessageID"]
    assert first.properties.app_id == said["Source"]
    assert first.properties.correlation_id == said.get("CorrelationID")
    assert first.properties.content_type == "application/xml"
    assert first.properties.delivery_mode == 2
    payload = parse.parse(first.body).find("{*}Payload")
    assert payload is not None
    assert payload[0].tag == RDF
    assert outage["mrid"].encode() in first.body


def check_a_restart_changes_nothing(production: Production, before: list[dict[str, Any]]) -> None:
    """Nothing is handled or published again; what comes now is handled."""
    processes, rest, url = production.start()
    taken = {m["seq"]: rest.get(f"messages/{m['seq']}")["deliveries"] for m in before}
    the_outage(rest, "CB1", 8)
    production.gasp_over_soap(url, "M-8")
    client = clients.zeep_client(url, "GetUnplannedOutages", production.token)
    with closing(client.transport.session):
        assert clients.get_outages(client, "AMI").Reply.Result == "OK"
    until(rest.is_idle, "everybody has taken everything")
    after = production.site.messages()
    assert after[: len(before)] == before
    assert [m["noun"] for m in after[len(before) :]][:2] == ["EndDeviceEvents", "EndDeviceEvents"]
    assert {s: rest.get(f"messages/{s}")["deliveries"] for s in taken} == taken
    heard = [seen.properties.message_id for seen in production.observer.drain(production.heard)]
    assert not {m["message_id"] for m in before} & set(heard)
    for process in processes:
        process.ask_to_end()
    assert [process.end() for process in processes] == [0, 0, 0]
