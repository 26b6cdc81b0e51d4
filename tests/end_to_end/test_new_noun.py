"""A noun that the hub was not made with: one module and one line, then SOAP and RabbitMQ."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import amqp, services
from tests import soap_clients as clients
from tests.installed import Site, until

MODULE = '''
"""Readings of river gauges."""

from cim.profile import Profile, attribute


class Gauge(Profile):
    """One gauge and its level."""

    mrid: str = attribute("IdentifiedObject.mRID", "Identifier of the gauge.")
    level: float = attribute("Gauge.level", "Level of the water.", unit="m")


class GaugeLevels(
    Profile,
    namespace="urn:example:2026:GaugeLevels#",
    standard="a river authority",
    ordering=("gauge.mrid",),
):
    """Levels of rivers, for substations that lie beside them."""

    gauge: tuple[Gauge, ...] = attribute("GaugeLevels.Gauge", "The gauges.")
'''
LINE = "[gridbus.nouns]\nGaugeLevels = gauge_levels:GaugeLevels\n"
CONFIG = """
[http]
port = 0
[rabbitmq]
url = "${GRIDBUS_AMQP}"
[rabbitmq.inbound]
river = "river.to.gridbus"
"""
ENVELOPE = """<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message"><Header>
<Verb>changed</Verb><Noun>GaugeLevels</Noun><Source>RIVER</Source><MessageID>{id}</MessageID></Header>
<Payload><GaugeLevels xmlns="urn:example:2026:GaugeLevels#"><Gauge><mRID>g-1</mRID></Gauge>
</GaugeLevels></Payload></EventMessage>"""


@pytest.fixture
def river(
    site: Site, broker: services.Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    package = tmp_path / "package"
    installed = package / "gauge_levels-1.0.dist-info"
    installed.mkdir(parents=True)
    (package / "gauge_levels.py").write_text(MODULE)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: gauge-levels\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(LINE)
    monkeypatch.setenv("PYTHONPATH", str(package))
    monkeypatch.setenv("GRIDBUS_AMQP", broker.url)
    site.configure(CONFIG)
    yield site
    site.end()


def test_a_new_noun_is_spoken_over_soap_and_rabbitmq(river: Site, broker: services.Broker) -> None:
    token = river.add_system("river", "--source", "RIVER")
    _, url = river.serve()
    observer = amqp.Client(broker.url)
    client = clients.zeep_client(url, "ExecuteGaugeLevels", token)
    with closing(client.transport.session):
        answer = client.service.CreateGaugeLevels(
            Header={
                "Verb": "create",
                "Noun": "GaugeLevels",
                "Source": "RIVER",
                "MessageID": str(uuid.uuid4()),
                "Timestamp": datetime.now(UTC),
            },
            Payload={"GaugeLevels": {"Gauge": [{"mRID": "g-1", "level": 2.5}]}},
        )
    assert answer.Reply.Result == "OK"

    identity = str(uuid.uuid4())
    body = ENVELOPE.format(id=identity).encode()
    key = "changed.GaugeLevels.RIVER"
    observer.publish("gridbus.in.river", key, body, message_id=identity)
    observer.disconnect()

    def heard() -> list[str]:
        found = [m["verb"] for m in river.messages("--noun", "GaugeLevels")]
        return found if len(found) == 3 else []

    assert sorted(until(heard, "three messages about gauges")) == ["changed", "create", "created"]
    assert "GaugeLevels" in river.run("contracts", "list").out
