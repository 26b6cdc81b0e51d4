"""Requests over REST: answered in the same call, or refused in words."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from cim import envelope
from cim.dialect import Dialects
from cim.message import Kind, Message, Topic, Verb
from cim.profile import Reference
from cim.profiles.end_device_controls import EndDevice, EndDeviceControl, EndDeviceControls
from cim.profiles.identification import Name
from hub.dispatch import Hub
from hub.dispatch.requested import request
from hub.dispatch.rights import Rights
from hub.journal import queries
from hub.message_channel import Subscription
from hub.security.roles import Role
from tests import fakes
from tests.hub.console.house import House

SENT, ASKED = "/api/v1/requests", "/api/v1/replies"
XML = {"Accept": "application/xml"}


@pytest.fixture
def ami(house: House) -> httpx.Client:
    return house.system("ami", Role.VIEWER)


def create(message_id: str = "R-1", **header: Any) -> bytes:
    made = fakes.message(fakes.last_gasp("up-1"), Verb.CREATE, message_id=message_id)
    return envelope.write(replace(made, header=replace(made.header, **header)))


def test_a_request_is_taken_and_its_reply_is_the_answer(house: House, ami: httpx.Client) -> None:
    answer = ami.post(SENT, content=create())
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["result"], said["correlation_id"]) == ("OK", "R-1")
    assert (said["noun"], said["payload"]) == ("EndDeviceEvents", None)
    again = envelope.read(ami.post(SENT, content=create(), headers=XML).content)
    assert isinstance(again, Message)
    assert again.header.correlation_id == "R-1"
    with house.journal.reading() as connection:
        assert [row.verb for row in queries.search(connection)] == ["created", "create"]
    assert ami.post(SENT, content=create(), headers={"Accept": "text/csv"}).status_code == 406


def test_a_question_that_nobody_answers_is_a_reply(ami: httpx.Client) -> None:
    asked = {"id": ["m-1", "m-2"], "type": "Meter", "option": "limit=3", "start": "2026-03-01"}
    answer = ami.get(f"{ASKED}/MeterReadings", params=asked)
    assert answer.status_code == 200, answer.text
    [error] = answer.json()["errors"]
    assert answer.json()["result"] == "FAILED"
    assert (error["code"], error["details"]) == ("2.5", "nobody here answers get MeterReadings")


def test_a_question_says_what_is_asked(house: House, ami: httpx.Client) -> None:
    asked: list[Message] = []

    def note(_who: str, given: bytes | Message) -> Message:
        assert isinstance(given, Message)
        asked.append(given)
        return fakes.message(fakes.last_gasp("up-1"), Verb.REPLY)

    house.view = replace(house.view, request=note)
    client = house.system("oms", Role.VIEWER)
    params = {"id": "m-1", "type": "Meter", "option": "limit=3", "start": "2026-03-01T00:00:00Z"}
    said = client.get(f"{ASKED}/EndDeviceEvents", params=params).json()
    [event] = said["payload"]["EndDeviceEvent"]
    assert event["EndDeviceEventType"] == "3.26.0.85"
    assert event["UsagePoint"] == {"mRID": "up-1"}
    assert event["createdDateTime"] == "2026-07-14T15:00:00+00:00"
    rdf = client.get(f"{ASKED}/EndDeviceEvents", headers={"Accept": "application/rdf+xml"})
    assert b"rdf:RDF" in rdf.content
    [first, _] = asked
    assert (first.header.verb, first.header.source, first.kind) == (Verb.GET, "oms", Kind.REQUEST)
    assert first.request is not None
    assert [(one.value, one.id_type) for one in first.request.ids] == [("m-1", "Meter")]
    assert [(one.name, one.value) for one in first.request.options] == [("limit", "3")]
    assert str(first.request.start_time) == "2026-03-01 00:00:00+00:00"
    assert first.request.end_time is None


def test_a_control_that_nobody_carries_out_is_refused(house: House, ami: httpx.Client) -> None:
    one = EndDeviceControl(
        end_device_control_type=Reference("3.31.0.23"),
        end_devices=(EndDevice(names=(Name(name="m-1"),)),),
    )
    payload = EndDeviceControls(end_device_control=(one,))
    message = fakes.message(payload, Verb.CREATE, noun="EndDeviceControls")
    answer = ami.post(SENT, content=envelope.write(message))
    assert answer.status_code == 422
    [why] = answer.json()["violations"]
    assert (why["code"], why["rule"]) == ("2.5", "nobody here carries out EndDeviceControls")
    with house.journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert (kept.channel, kept.principal) == ("rest", "ami")


def test_what_is_no_message_is_kept_and_refused(house: House, ami: httpx.Client) -> None:
    answer = ami.post(SENT, content=b"<not xml")
    assert (answer.status_code, answer.json()["violations"][0]["code"]) == (422, "1.8")
    with house.journal.reading() as connection:
        assert len(queries.quarantined(connection)) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (envelope.write(fakes.message(fakes.last_gasp("a"))), "Only a request is answered here"),
        (create(async_reply_flag=True, reply_address="https://a.example"), "leave AsyncReplyFlag"),
    ],
)
def test_what_is_answered_elsewhere_or_never(ami: httpx.Client, body: bytes, why: str) -> None:
    answer = ami.post(SENT, content=body)
    assert answer.status_code == 422
    assert why in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status", "why"),
    [
        ("Nothing", 404, "There is no noun Nothing."),
        ("MeterReadings?option=x", 422, "option 'x' is not of the form name=value."),
        ("MeterReadings?ids=x", 422, "There is no parameter 'ids' here"),
    ],
)
def test_what_cannot_be_asked(ami: httpx.Client, path: str, status: int, why: str) -> None:
    answer = ami.get(f"{ASKED}/{path}")
    assert answer.status_code == status
    assert why in answer.json()["detail"]


def test_people_do_not_ask(house: House) -> None:
    answer = house.person("vera", Role.VIEWER).client.get(f"{ASKED}/MeterReadings")
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "Only a system asks; show its API token.",
    )


def test_who_may_not_and_who_waits_too_long_are_told(house: House) -> None:
    hub = Hub(house.journal, {}, rights=Rights(house.journal, house.roles))
    house.journal.subscribe(Subscription("slow", frozenset({Topic(Verb.GET, "MeterReadings")})))
    asks = partial(request, hub, dialects=Dialects(), seconds=0.01)
    house.view = replace(house.view, request=asks)
    bound = house.system("bound", Role.VIEWER, nouns=("MeterReadings",))
    denied = bound.get(f"{ASKED}/EndDeviceEvents")
    assert (denied.status_code, denied.json()["violations"][0]["code"]) == (403, "7.5")
    late = bound.get(f"{ASKED}/MeterReadings")
    assert late.status_code == 504
    assert "sent again waits for it" in late.json()["detail"]
