"""`get` without an app: answered from the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from lxml import etree

from cim.message import (
    Message,
    ObjectId,
    Operation,
    OperationSet,
    Property,
    Reply,
    Request,
    Result,
    Verb,
)
from cim.profile import Profile, Reference
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.get_end_device_events import EndDeviceEventType, GetEndDeviceEvents
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.plain_names import PlainUsagePoint
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from cim.violation import Violation
from hub.channels.addresses import Addresses
from hub.config import Get
from hub.dispatch import Hub
from hub.dispatch.asked import NAME, JournalAnswers
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from tests import fakes

GET = Get(limit=2, replies=3)
ALLOWED = Addresses(allow=["https://oms.example/"])


def outage(mrid: str | None, customers: int = 1, point: str = "up", **more: Any) -> UnplannedOutage:
    return UnplannedOutage(
        mrid=mrid,
        original_customers_served=customers,
        de_energized_usage_point=(UsagePoint(mrid=point),) if point else (),
        **more,
    )


def outages(*found: UnplannedOutage) -> UnplannedOutages:
    return UnplannedOutages(unplanned_outage=found)


class Asked:
    """A hub whose journal answers."""

    def __init__(self, journal: Journal, get: Get = GET) -> None:
        self.journal = journal
        self.hub = Hub(
            journal,
            {},
            own={NAME: JournalAnswers(journal, get, "PRODUCTION", {"MeasurementValues"})},
            addresses=ALLOWED,
        )

    def tell(self, *payloads: Profile, verb: Verb = Verb.CREATED, **header: Any) -> None:
        for payload in payloads:
            content = fakes.message(payload, verb, noun=type(payload).__name__)
            content = replace(content, header=replace(content.header, **header))
            assert self.hub.accept([fakes.Handed.of(content)], "test") != [None]

    def ask(
        self, *ids: str, noun: str = "UnplannedOutages", header: Any = None, **given: Any
    ) -> list[Message]:
        """The replies."""
        options = given.pop("options", {})
        request = Request(
            ids=tuple(ObjectId(value=one) for one in ids),
            options=tuple(Property(k, v) for k, v in options.items()),
            **given,
        )
        content = fakes.message(None, Verb.GET, noun=noun)
        content = replace(content, request=request)
        content = replace(content, header=replace(content.header, **(header or {})))
        [seq] = self.hub.accept([fakes.Handed.of(content)], "soap")
        assert seq
        self.hub.deliver(NAME)
        with self.journal.reading() as connection:
            effects = queries.lineage(connection, seq).effects
            details = [queries.message(connection, row.seq) for row in effects]
        return [decode(detail.body) for detail in details if detail is not None]


@pytest.fixture
def asked(journal: Journal) -> Asked:
    return Asked(journal)


def reply(messages: Sequence[Message]) -> Reply:
    [one] = messages
    assert one.reply is not None
    return one.reply


def found(messages: Sequence[Message]) -> list[list[UnplannedOutage]]:
    """The outages of each reply."""
    return [
        list(m.payload.unplanned_outage) if isinstance(m.payload, UnplannedOutages) else []
        for m in messages
    ]


def test_one_object_is_its_newest_version_and_the_deleted_are_left_out(asked: Asked) -> None:
    asked.tell(outages(outage("o-1", 1)), outages(outage("o-2", 2), outage("o-3", 3)))
    asked.tell(outages(outage("o-1", 5, point="")), verb=Verb.CHANGED)
    asked.tell(outages(outage("o-3")), verb=Verb.DELETED)
    messages = asked.ask()
    assert found(messages) == [[outage("o-1", 5), outage("o-2", 2)]]
    assert reply(messages).result is Result.OK


def test_an_object_is_asked_for_by_mrid_by_name_or_by_what_it_speaks_of(asked: Asked) -> None:
    named = outage(None, 3, "up-3", names=(Name(name="Feeder <7> & co"),))
    asked.tell(outages(outage("o-1", 1, "up-1")), outages(outage("o-2", 2, "up-2"), named))
    asked.tell(outages(outage("o-1", 9, "")), verb=Verb.CLOSED)  # without its usage point
    assert found(asked.ask("o-2")) == [[outage("o-2", 2, "up-2")]]
    assert found(asked.ask("Feeder <7> & co")) == [[named]]
    assert found(asked.ask("up-1", "o-2")) == [[outage("o-1", 9, "up-1"), outage("o-2", 2, "up-2")]]
    nothing = reply(asked.ask("o-9"))
    assert (nothing.result, nothing.errors[0].code) == (Result.FAILED, "5.7")


def test_what_has_changed_since_and_what_was_known_then(asked: Asked, clock: fakes.Clock) -> None:
    asked.tell(outages(outage("o-1")), outages(outage("o-2")))
    clock.forward(60)
    asked.tell(outages(outage("o-1", 2)), verb=Verb.CHANGED)
    assert found(asked.ask(start_time=clock.now)) == [[outage("o-1", 2)]]
    before = clock.now - timedelta(seconds=30)
    assert found(asked.ask(end_time=before)) == [[outage("o-1"), outage("o-2")]]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=14)), None])
def test_since_ever_and_until_ever_are_all(asked: Asked, zone: tzinfo | None) -> None:
    asked.tell(outages(outage("o-1")), outages(outage("o-2")))
    first, last = (one.replace(tzinfo=zone) for one in (datetime.min, datetime.max))
    assert found(asked.ask(start_time=first)) == [[outage("o-1"), outage("o-2")]]
    assert found(asked.ask(end_time=last)) == [[outage("o-1"), outage("o-2")]]
    asked.tell(fakes.last_gasp("up-1"))
    [page] = asked.ask(noun="EndDeviceEvents", start_time=first, end_time=last)
    assert page.payload == fakes.last_gasp("up-1")


def test_another_context_is_another_world(asked: Asked) -> None:
    asked.tell(outages(outage("o-1")), context="TESTING")
    asked.tell(outages(outage("o-2")))
    assert found(asked.ask()) == [[outage("o-2")]]
    assert found(asked.ask(header={"context": "TESTING"})) == [[outage("o-1")]]


def test_an_element_that_was_deleted_is_gone(asked: Asked) -> None:
    asked.tell(outages(outage("o-1", comment="wrong")))
    part = Operation(
        operation_id=1,
        noun="UnplannedOutages",
        verb=Verb.DELETE,
        element_operation=True,
        payload=outages(outage("o-1", point="", comment="any")),
    )
    content = fakes.message(None, Verb.EXECUTE, noun="OperationSet")
    content = replace(content, payload=OperationSet(operations=(part,)))
    assert asked.hub.accept([fakes.Handed.of(content)], "soap") != [None]
    assert found(asked.ask()) == [[outage("o-1")]]


def test_who_waits_asks_on_and_nothing_moves_meanwhile(asked: Asked) -> None:
    asked.tell(outages(*(outage(f"o-{n}") for n in range(5))))
    seen: list[str | None] = []
    options: dict[str, str] = {}
    for more in (True, True, False):
        messages = asked.ask(options=options)
        seen += (o.mrid for page in found(messages) for o in page)
        told = messages[0].header.properties
        options = {"continue": told[0].value or ""} if told else {}
        assert [p.name for p in told] == (["continue"] if more else [])
        assert reply(messages).errors[0].code == ("0.1" if more else "0.0")
        asked.tell(outages(outage("o-0", 9)), verb=Verb.CHANGED)
    assert seen == [f"o-{n}" for n in range(5)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"limit": "1"}, ["o-0"]),
        ({"limit": "1", "offset": "2"}, ["o-2"]),
        ({"limit": "99"}, ["o-0", "o-1"]),
        ({"offset": "4"}, ["o-4"]),
    ],
)
def test_limit_and_offset(asked: Asked, options: dict[str, str], said: list[str]) -> None:
    asked.tell(outages(*(outage(f"o-{n}") for n in range(5))))
    assert [[o.mrid for o in page] for page in found(asked.ask(options=options))] == [said]


@pytest.mark.parametrize(
    "options",
    [
        {"limit": "many"},
        {"offset": "-1"},
        {"continue": "1.x"},
        {"continue": "1.2.x"},
        {"continue": "9" * 30},
    ],
)
def test_an_option_that_cannot_be_is_named(asked: Asked, options: dict[str, str]) -> None:
    said = reply(asked.ask(options=options))
    assert said.errors[0].code == "1.8"
    assert f"the Option {next(iter(options))} is" in (said.errors[0].details or "")


def test_who_does_not_wait_gets_every_reply(asked: Asked) -> None:
    asked.tell(outages(*(outage(f"o-{n}") for n in range(5))))
    header = {"async_reply_flag": True, "reply_address": "https://oms.example/x"}
    messages = asked.ask(header=header)
    assert [[o.mrid for o in page] for page in found(messages)] == [
        ["o-0", "o-1"],
        ["o-2", "o-3"],
        ["o-4"],
    ]
    said = [m.reply.errors[0].code for m in messages if m.reply]
    assert said == ["0.1", "0.1", "0.0"]


def gasp(minute: int, point: str = "a") -> EndDeviceEvents:
    payload = fakes.last_gasp(point, f"minute {minute}")
    at = fakes.START + timedelta(minutes=minute)
    [event] = payload.end_device_event
    return replace(payload, end_device_event=(replace(event, created_date_time=at),))


def reasons(messages: Sequence[Message]) -> list[str | None]:
    return [
        event.reason
        for m in messages
        if isinstance(m.payload, EndDeviceEvents)
        for event in m.payload.end_device_event
    ]


def test_of_a_series_all_in_the_interval_are_told(asked: Asked) -> None:
    asked.tell(*(gasp(minute, point) for minute in range(4) for point in ("a", "b")))
    start, end = (fakes.START + timedelta(minutes=n) for n in (1, 2))
    messages = asked.ask("a", noun="EndDeviceEvents", start_time=start, end_time=end)
    assert reasons(messages) == ["minute 1", "minute 2"]
    none = asked.ask("c", noun="EndDeviceEvents")
    assert reply(none).errors[0].code == "5.7"


def test_a_series_goes_on_with_the_next_message(asked: Asked) -> None:
    asked.tell(*(gasp(minute) for minute in range(5)))
    ask: Callable[..., list[Message]] = asked.ask
    first = ask(noun="EndDeviceEvents", options={"offset": "1"})
    assert reasons(first) == ["minute 1", "minute 2"]
    token = first[0].header.properties[0].value or ""
    rest = ask(noun="EndDeviceEvents", options={"continue": token})
    assert (reasons(rest), rest[0].header.properties) == (["minute 3", "minute 4"], ())


def test_what_is_passed_over_may_be_more_than_is_read_for_one_reply(journal: Journal) -> None:
    asked = Asked(journal, Get(scan=2, replies=9))
    asked.tell(*(gasp(minute) for minute in range(7)))
    ask: Callable[..., list[Message]] = asked.ask
    header = {"async_reply_flag": True, "reply_address": "https://oms.example/x"}
    said = ask(noun="EndDeviceEvents", options={"offset": "5"}, header=header)
    assert reasons(said) == ["minute 5", "minute 6"]
    found, options = list[str | None](), {"offset": "5"}
    while True:
        said = ask(noun="EndDeviceEvents", options=options)
        found += reasons(said)
        if not (told := said[0].header.properties):
            break
        options["continue"] = told[0].value or ""
    assert found == ["minute 5", "minute 6"]


def test_what_is_out_of_reach_is_said(journal: Journal) -> None:
    asked = Asked(journal, Get(scan=2))
    asked.tell(*(outages(outage(f"o-{n}")) for n in range(4)))
    messages = asked.ask()
    assert [[o.mrid for o in page] for page in found(messages)] == [["o-2", "o-3"]]
    said = reply(messages)
    assert (said.result, said.errors[0].code) == (Result.PARTIAL, "0.2")


def test_what_is_known_in_part_only_is_left_out_and_said(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shaky(element: etree._Element) -> tuple[Violation, ...]:
        return (Violation(code="1.8", rule="no"),) if b"o-2" in etree.tostring(element) else ()

    asked.tell(outages(outage("o-1"), outage("o-2")))
    monkeypatch.setattr("hub.dispatch.asked.violations", shaky)
    messages = asked.ask()
    assert found(messages) == [[outage("o-1")]]
    [error] = reply(messages).errors
    assert (error.code, error.details) == ("0.2", "1 are known in part only and left out: o-2")


def test_what_an_app_answers_it_leaves_alone(asked: Asked) -> None:
    nouns = {topic.noun for topic in JournalAnswers(asked.journal, GET, None, {"X"}).topics}
    assert "NetworkModels" not in nouns
    content = fakes.message(None, Verb.GET, noun="MeasurementValues", message_id="nobody")
    asked.hub.accept([fakes.Handed.of(content)], "soap")
    message = asked.hub.answer("nobody", 1)
    assert message is not None
    assert message.reply is not None
    assert message.reply.errors[0].code == "2.5"


def test_a_query_asks_for_the_type_the_device_and_the_interval(asked: Asked) -> None:
    asked.tell(*(gasp(minute, point) for minute in range(2) for point in ("a", "b")))
    restored = fakes.last_gasp("a", "restored")
    [event] = restored.end_device_event
    event = replace(event, end_device_event_type=Reference("3.26.0.216"))
    asked.tell(replace(restored, end_device_event=(event,)))

    def told(query: Profile) -> list[str | None]:
        return sorted(reasons(asked.ask(noun="EndDeviceEvents", query=query)), key=str)

    gasps = EndDeviceEventType(mrid="3.26.0.85")
    points = PlainUsagePoint(mrid="b")
    assert told(GetEndDeviceEvents(end_device_event_type=(gasps,), usage_point=(points,))) == [
        "minute 0",
        "minute 1",
    ]
    back = EndDeviceEventType(mrid="3.26.0.216")
    assert told(GetEndDeviceEvents(end_device_event_type=(back,))) == ["restored"]
    none = asked.ask(
        noun="EndDeviceEvents",
        query=GetEndDeviceEvents(end_device_event_type=(back,), usage_point=(points,)),
    )
    assert reply(none).errors[0].code == "5.7"
