"""The endpoint reads each system as it speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from cim.codes import Codes
from cim.dialect import Dialect, Dialects
from cim.message import Message
from cim.profiles.end_device_events import EndDeviceEvents
from tests.soap_clients import PUBLISH, REQUEST, event, soap
from tests.soap_served import serve

DIRTY = soap(event("M-1").replace(b"<Verb>created<", b"<Verb>Created<"))


def test_the_verb_of_a_tolerated_system_is_corrected() -> None:
    dialects = Dialects({"ami": Dialect.of("tolerant", ["verb-case"])})
    with serve(dialects=dialects) as served:
        answer = served.post(DIRTY, PUBLISH)
        assert answer.status_code == 200
        assert b">OK<" in answer.content
        [delivery] = served.hub.taken
        assert [c.tolerance for c in delivery.corrections] == ["verb-case"]
        assert b">Created<" in delivery.body


def test_any_other_system_is_refused() -> None:
    dialects = Dialects({"other": Dialect.of("tolerant", ["verb-case"])})
    with serve(dialects=dialects) as served:
        answer = served.post(DIRTY, PUBLISH)
        assert b"2.9" in answer.content


def test_an_envelope_of_edition_2_is_refused_in_a_sentence() -> None:
    with serve() as served:
        second = event("M-1").replace(b"/2011/schema/message", b"/2021/schema/message")
        answer = served.post(soap(second), PUBLISH)
        assert b"1.9" in answer.content
        assert b"supply it and name it in schemas.edition2" in answer.content
        assert len(served.hub.refusals) == 1


FIRST_EDITION = Dialect.of(
    tolerances=["older-namespace", "event-as-create", "wrapper-element", "first-edition-events"]
)


@pytest.mark.reference
def test_the_call_of_a_real_head_end_is_taken(shared: Path) -> None:
    """Its SOAP envelope, namespaces of 2008 and 2009 and events of the first edition, as sent."""
    sample = shared / "data" / "samples" / "ami" / "landisgyr_enddeviceevent_soap" / "Sample.xml"
    codes = Codes({"ami": {"6.20.1.185": "3.26.17.185"}})
    with serve(dialects=Dialects({"ami": FIRST_EDITION}, codes=codes)) as served:
        answer = served.post(sample.read_bytes(), REQUEST)
        assert answer.status_code == 200
        assert b">OK<" in answer.content
        [delivery] = served.hub.taken
        assert isinstance(delivery.content, Message)
        assert isinstance(delivery.content.payload, EndDeviceEvents)
        [event] = delivery.content.payload.end_device_event
        assert (event.assets and event.assets.mrid, event.end_device_event_type) == (
            "abcde",
            "3.26.17.185",
        )
        assert [c.tolerance for c in delivery.corrections] == list(FIRST_EDITION.tolerances)


@pytest.mark.reference
def test_a_category_without_a_code_is_refused_by_name(shared: Path) -> None:
    sample = shared / "data" / "samples" / "ami" / "landisgyr_enddeviceevent_soap" / "Sample.xml"
    with serve(dialects=Dialects({"ami": FIRST_EDITION})) as served:
        answer = served.post(sample.read_bytes(), REQUEST)
        assert b"the category &apos;6.20.1.185&apos; is; it is empty" in answer.content.replace(
            b"'", b"&apos;"
        )
        assert len(served.hub.refusals) == 1
    with serve() as served:
        answer = served.post(sample.read_bytes(), REQUEST)
        assert b"event-as-create, wrapper-element and time-format are for" in answer.content
