"""What a verb demands of a noun, and by what a noun is asked for."""

from __future__ import annotations

import re

import pytest

import cim.profiles as profiles_package
from cim.envelope import read, write
from cim.message import Format, Header, Kind, Message, ObjectId, Request, Verb
from cim.profile import Profile, attribute
from cim.profiles.end_device_events import EndDeviceEvents
from cim.violation import Refusal

MESSAGE = "http://iec.ch/TC57/2011/schema/message"
PARTIAL = (
    '<EventMessage xmlns="{m}"><Header><Verb>{verb}</Verb><Noun>EndDeviceEvents</Noun></Header>'
    '<Payload><n:EndDeviceEvents xmlns:n="http://iec.ch/TC57/2011/EndDeviceEvents#">'
    "<n:EndDeviceEvent><n:mRID>e-1</n:mRID><n:severity>low</n:severity></n:EndDeviceEvent>"
    "</n:EndDeviceEvents></Payload></EventMessage>"
)


@pytest.mark.parametrize("verb", ["changed", "deleted", "closed", "canceled"])
@pytest.mark.parametrize("format", Format)
def test_what_is_known_is_changed_by_its_identity_and_what_is_new(
    verb: str, format: Format
) -> None:
    message = read(PARTIAL.format(m=MESSAGE, verb=verb).encode())

    assert isinstance(message, Message)
    assert isinstance(message.payload, EndDeviceEvents)
    [event] = message.payload.end_device_event
    assert (event.mrid, event.severity, event.created_date_time) == ("e-1", "low", None)
    assert read(write(message, format=format)) == message


def test_what_is_new_must_say_all_that_is_required() -> None:
    with pytest.raises(Refusal, match="EndDeviceEvent lacks createdDateTime") as caught:
        read(PARTIAL.format(m=MESSAGE, verb="created").encode())
    assert caught.value.violations[0].code == "1.7"


class GetGauges(Profile, namespace="urn:test:GetGauges#", standard="none"):
    """Which gauges are asked for."""

    colour: str = attribute("Gauge.colour", "Of these.")


class Gauges(
    Profile,
    namespace="urn:test:Gauges#",
    standard="none",
    query=GetGauges,
    verbs=("get", "created"),
):
    """Gauges."""

    gauge: str | None = attribute("Gauges.Gauge", "A gauge.", default=None)


@pytest.fixture
def gauges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(profiles_package._nouns.known, "Gauges", Gauges)


@pytest.mark.usefixtures("gauges")
def test_a_noun_is_asked_for_by_its_query() -> None:
    request = Request(ids=(ObjectId(value="g-1"),), query=GetGauges(colour="red"))
    asked = Message(header=Header(verb=Verb.GET, noun="Gauges"), kind=Kind.REQUEST, request=request)

    data = write(asked)

    assert read(data) == asked
    with pytest.raises(Refusal, match="GetGauges lacks colour"):
        read(re.sub(rb"<[^<]*colour>", b"", data))


@pytest.mark.usefixtures("gauges")
def test_a_noun_travels_in_its_own_verbs_only() -> None:
    message = Message(
        header=Header(verb=Verb.DELETED, noun="Gauges"), kind=Kind.EVENT, payload=Gauges()
    )

    with pytest.raises(Refusal, match="Gauges knows no deleted; its verbs are get, created"):
        read(write(message))
