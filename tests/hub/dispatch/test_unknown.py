"""Events of what the network does not know are taken, counted and logged sparingly."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from cim.message import Message
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name, UsagePoint
from hub.dispatch import Hub
from hub.journal import Journal
from tests import fakes
from tests.cim.network.drawing import Drawing, model


def drawing() -> Drawing:
    # source - a: load, with usage point p and meter m
    return Drawing().source("a").consumer("load", "a").usage_point("p", "load").meter("m", "p")


@pytest.fixture
def hub(sqlite_url: str) -> Iterator[Hub]:
    hub = Hub(Journal.open(sqlite_url), {})
    take(hub, model("grid", drawing().document()))
    yield hub
    hub.journal.close()


def take(hub: Hub, *messages: Message) -> list[int | None]:
    return hub.accept([fakes.Handed.of(m) for m in messages], "test")


def said(*events: EndDeviceEvent, source: str = "ami", message_id: str = "") -> Message:
    payload = EndDeviceEvents(end_device_event=events)
    return fakes.message(payload, source=source, message_id=message_id or None)


def gasp(point: str | None = None, meter: str | None = None) -> EndDeviceEvent:
    return EndDeviceEvent(
        created_date_time=fakes.START,
        end_device_event_type=fakes.LAST_GASP,
        usage_point=UsagePoint(mrid=point) if point else None,
        assets=Asset(names=(Name(name=meter),)) if meter else None,
    )


def test_what_is_known_is_not_counted(hub: Hub) -> None:
    known = [gasp("p"), gasp(meter="m"), gasp("moved away", meter="m"), gasp()]
    assert take(hub, said(*known)) == [2]
    assert hub.unknown.strays() == ()


def test_what_is_unknown_is_taken_and_counted_by_source(hub: Hub) -> None:
    messages = [
        said(gasp("p"), gasp("q", meter="n"), message_id="one"),
        said(gasp(meter="n"), message_id="two"),
        said(gasp("r"), source="ivr", message_id="three"),
    ]
    assert take(hub, *messages) == [2, 3, 4]
    assert [f"{s.source}: {s}" for s in hub.unknown.strays()] == [
        "ami: 2 events name what the network does not know, the latest n in message two",
        "ivr: 1 event names what the network does not know, the latest r in message three",
    ]


def test_a_message_taken_before_counts_once(hub: Hub) -> None:
    message = said(gasp("q"))
    take(hub, message, message)
    take(hub, message)
    [stray] = hub.unknown.strays()
    assert stray.count == 1


def test_the_log_is_not_flooded(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "hub.dispatch.unknown"):
        take(hub, said(*[gasp("q")] * 120, message_id="many"))
    assert [record.getMessage().partition(" events ")[0] for record in caplog.records[1:]] == [
        "ami: 10",
        "ami: 100",
    ]
    assert caplog.records[0].getMessage() == (
        "ami: 1 event names what the network does not know, the latest q in message many"
    )


def test_without_a_network_nothing_is_unknown(sqlite_url: str) -> None:
    hub = Hub(Journal.open(sqlite_url), {})
    take(hub, said(gasp("q")))
    assert hub.unknown.strays() == ()
    hub.journal.close()
