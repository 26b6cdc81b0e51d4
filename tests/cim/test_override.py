"""A utility's own XSD files hold instead of ours, in its namespace and its order; what our profile
cannot hold is refused and not lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from cim import dialect, envelope, override, xml
from cim.message import Format, Header, Kind, Message, Operation, OperationSet, Request, Verb
from cim.parse import parse
from cim.profiles import NOUNS
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.unplanned_outages import UnplannedOutages
from cim.schema import noun_xsd
from cim.schema.library import Library
from cim.schema.names import MESSAGE
from cim.validation import check_outward, violations
from cim.violation import Refusal
from hub.journal import canonical
from tests.fakes import last_gasp

EVENTS = EndDeviceEvents.namespace
OUTAGES = UnplannedOutages.namespace
IEC = "http://iec.ch/TC57/2099/UnplannedOutages#"
REASON = b'<xs:element name="reason" minOccurs="0" type="xs:string"'
MUST = REASON, b'<xs:element name="reason" type="xs:string"'


@pytest.fixture(autouse=True)
def _ours_again() -> Iterator[None]:
    yield
    override.clear()


def ours(noun: str) -> bytes:
    return noun_xsd(NOUNS[noun])


def changed(noun: str, *changes: tuple[bytes, bytes]) -> bytes:
    """Our schema with each of these once replaced."""
    data = ours(noun)
    for old, new in changes:
        assert old in data
        data = data.replace(old, new, 1)
    return data


def holds(noun: str, data: bytes, **more: bytes) -> None:
    files = {f"{name}.xsd": content for name, content in more.items()}
    override.install(Library.of({f"{noun}.xsd": data, **files}))


def event(content: str = "", when: bool = True) -> bytes:
    moment = "<createdDateTime>2026-01-15T08:03:10Z</createdDateTime>" if when else ""
    return (
        f'<EventMessage xmlns="{MESSAGE}">\n<Header><Verb>created</Verb>'
        "<Noun>EndDeviceEvents</Noun>"
        f'</Header>\n<Payload><EndDeviceEvents xmlns="{EVENTS}"><EndDeviceEvent>{moment}\n{content}'
        '<EndDeviceEventType ref="3.26.0.85"/></EndDeviceEvent></EndDeviceEvents></Payload>'
        "</EventMessage>"
    ).encode()


def outage(space: str = OUTAGES) -> bytes:
    return (
        f'<RequestMessage xmlns="{MESSAGE}">\n<Header><Verb>create</Verb>'
        f'<Noun>UnplannedOutages</Noun></Header>\n<Payload><u:UnplannedOutages xmlns:u="{space}">\n'
        "<u:UnplannedOutage><u:mRID>o-1</u:mRID><u:originalCustomersServed>3</u:originalCustomersServed><u:outageKind>predicted</u:outageKind>"
        "</u:UnplannedOutage></u:UnplannedOutages></Payload></RequestMessage>"
    ).encode()


def refused(data: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        envelope.read(data)
    return "; ".join(map(str, caught.value.violations))


def read(data: bytes) -> Message:
    message = envelope.read(data)
    assert isinstance(message, Message)
    return message


def test_their_rule_holds_and_is_told_in_words() -> None:
    assert read(event()).payload
    holds("EndDeviceEvents", changed("EndDeviceEvents", MUST))
    said = refused(event())
    assert said == (
        "line 3, /EventMessage/Payload/EndDeviceEvents/EndDeviceEvent: EndDeviceEvent lacks reason,"
        " which comes before EndDeviceEventType. EndDeviceEvents.xsd says so, which holds for"
        " EndDeviceEvents here."
    )
    assert read(event("<reason>wind</reason>")).payload
    override.clear()
    assert read(event()).payload


def test_a_message_about_something_known_need_not_say_all() -> None:
    holds("EndDeviceEvents", changed("EndDeviceEvents", MUST))
    about = event(when=False).replace(b">created<", b">changed<")
    assert read(about).header.verb is Verb.CHANGED


def test_what_the_profile_has_no_place_for_is_refused() -> None:
    weather = b'<xs:element name="weather" minOccurs="0" type="xs:string"/>'
    holds("EndDeviceEvents", changed("EndDeviceEvents", (REASON, weather + REASON)))
    assert read(event()).payload
    said = refused(event("<weather>snow</weather>"))
    assert "EndDeviceEvent has no element weather" in said
    assert said.endswith("EndDeviceEvents.xsd allows it, but the hub cannot hold it.")
    assert "line 4, /EventMessage/Payload/EndDeviceEvents/EndDeviceEvent/weather" in said


@pytest.mark.parametrize(
    ("old", "new", "content", "why"),
    [
        (REASON, REASON + b' maxOccurs="2"', "<reason>a</reason><reason>b</reason>", "once"),
        (
            b'<xs:attribute name="ref" type="xs:string" use="required"/>',
            b'<xs:attribute name="ref" type="xs:string"/><xs:attribute name="x" type="xs:string"/>',
            "",
            "",
        ),
    ],
)
def test_nothing_is_lost_that_occurs_too_often(
    old: bytes, new: bytes, content: str, why: str
) -> None:
    holds("EndDeviceEvents", changed("EndDeviceEvents", (old, new)))
    if why:
        assert why in refused(event(content))
    else:
        marked = event().replace(b'ref="3.26.0.85"', b'ref="3.26.0.85" x="1"')
        assert "the hub cannot hold it" in refused(marked)
        assert read(event()).payload


def test_what_the_hub_needs_must_be_there_all_the_same() -> None:
    lax = (b'name="createdDateTime" type', b'name="createdDateTime" minOccurs="0" type')
    holds("EndDeviceEvents", changed("EndDeviceEvents", lax))
    said = refused(event(when=False))
    assert "EndDeviceEvent lacks createdDateTime" in said
    assert "EndDeviceEvents.xsd allows it, but the hub cannot hold it." in said


def reordered() -> bytes:
    """severity before reason."""
    root = parse(ours("EndDeviceEvents"))
    [kind] = (
        e for e in root if e.get("name") == "EndDeviceEvent" and e.tag.endswith("complexType")
    )
    found = {e.get("name"): e for e in kind.iter("{*}element")}
    found["reason"].addprevious(found["severity"])
    return etree.tostring(root)


def test_their_order_holds_on_the_way_in_and_out_and_ours_in_the_journal() -> None:
    holds("EndDeviceEvents", reordered())
    mixed = event("<severity>high</severity><reason>wind</reason>")
    assert "out of order" in refused(event("<reason>wind</reason><severity>high</severity>"))
    message = replace(read(mixed), header=replace(read(mixed).header, timestamp=None))
    sent = envelope.write(message)
    assert sent.index(b"<severity>") < sent.index(b"<reason>")
    assert envelope.read(sent) == message
    kept = canonical.encode(message)
    assert kept.index(b"<reason>") < kept.index(b"<severity>")
    assert canonical.decode(kept) == message
    assert canonical.encode_checked(message) == kept
    override.clear()
    assert canonical.decode(kept) == message


def test_rdf_knows_no_order() -> None:
    holds("EndDeviceEvents", reordered())
    message = read(event("<severity>high</severity><reason>wind</reason>"))
    assert read(envelope.write(message, format=Format.RDF)).payload == message.payload


def test_a_noun_of_the_iec_is_accepted_and_sent_in_its_namespace() -> None:
    assert "must be in" in refused(outage(IEC))
    override.install(namespaces={"UnplannedOutages": IEC})
    theirs, same = read(outage(IEC)), read(outage())
    assert theirs == same
    sent = envelope.write(theirs)
    assert IEC.encode() in sent
    assert OUTAGES.encode() not in sent
    assert b"ns0" not in sent
    assert read(sent) == theirs
    assert OUTAGES.encode() in canonical.encode(theirs)
    packed = envelope.write(theirs, compress=True)
    assert replace(read(packed), compressed=False) == theirs


def test_an_operation_set_is_in_it_too() -> None:
    override.install(namespaces={"UnplannedOutages": IEC})
    inner = outage(IEC).partition(b"<Payload>")[2].partition(b"</Payload>")[0]
    data = (
        f'<RequestMessage xmlns="{MESSAGE}"><Header><Verb>execute</Verb><Noun>OperationSet</Noun>'
        "</Header><Payload><OperationSet><Operation><operationId>1</operationId>"
        "<noun>UnplannedOutages</noun><verb>create</verb>"
    ).encode()
    data += inner + b"</Operation></OperationSet></Payload></RequestMessage>"
    message = read(data)
    sent = envelope.write(message)
    assert IEC.encode() in sent
    assert read(sent) == message


def test_strongly_typed_messages_are_in_it_and_held_against_it() -> None:
    override.install(namespaces={"UnplannedOutages": IEC})
    message = read(outage(IEC))
    typed = envelope.typed(message)
    assert IEC.encode() in etree.tostring(typed)
    assert OUTAGES.encode() not in etree.tostring(typed)
    again = envelope.typed(message)
    assert envelope.read_element(typed) == read(outage())
    data = ours("UnplannedOutages").replace(OUTAGES.encode(), IEC.encode())
    holds("UnplannedOutages", data.replace(b'name="comment" minOccurs="0"', b'name="comment"', 1))
    with pytest.raises(Refusal) as caught:
        envelope.read_element(again)
    [broken] = caught.value.violations
    at = "/CreateUnplannedOutages/Payload/UnplannedOutages/UnplannedOutage"
    assert (broken.code, broken.xpath) == ("1.7", at)
    assert broken.rule.startswith("UnplannedOutage lacks comment")
    assert broken.rule.endswith(
        "UnplannedOutages.xsd says so, which holds for UnplannedOutages here."
    )


def test_rdf_is_held_against_it_as_the_xml_that_it_stands_for() -> None:
    data = envelope.write(read(event()), format=Format.RDF)
    assert read(data).format is Format.RDF
    holds("EndDeviceEvents", changed("EndDeviceEvents", MUST))
    said = refused(data)
    assert said == (
        "line 2, /EventMessage/Payload/RDF: As XML, /EndDeviceEvents/EndDeviceEvent: EndDeviceEvent"
        " lacks reason, which comes before EndDeviceEventType. EndDeviceEvents.xsd says so, which"
        " holds for EndDeviceEvents here."
    )


def test_an_xsd_in_the_iecs_namespace_says_it_by_itself() -> None:
    data = ours("UnplannedOutages").replace(OUTAGES.encode(), IEC.encode())
    required = data.replace(b'name="comment" minOccurs="0"', b'name="comment"', 1)
    holds("UnplannedOutages", required)
    for space in (IEC, OUTAGES):
        said = refused(outage(space))
        assert said.startswith(
            "line 4, /RequestMessage/Payload/UnplannedOutages/UnplannedOutage: UnplannedOutage"
            " lacks comment"
        )
    holds("UnplannedOutages", data)
    message = read(outage(IEC))
    assert IEC.encode() in envelope.write(message)
    assert violations(xml.encode(message.payload, namespace=IEC)) == ()  # type: ignore[arg-type]


def test_what_would_break_it_does_not_go_out() -> None:
    message = read(event())
    operation = Operation(operation_id=1, verb=Verb.CREATE, payload=message.payload)  # type: ignore[arg-type]
    many = replace(message, payload=OperationSet(operations=(operation,)))
    check_outward(message, "oms")
    holds("EndDeviceEvents", changed("EndDeviceEvents", MUST))
    for one in (message, many):
        with pytest.raises(Refusal, match=r"EndDeviceEvent lacks reason.*\.xsd.* not sent to oms"):
            check_outward(one, "oms")
    check_outward(replace(message, header=replace(message.header, verb=Verb.CHANGED)), "oms")
    changes = replace(operation, verb=Verb.CHANGE)
    check_outward(replace(many, payload=OperationSet(operations=(changes,))), "oms")


def test_many_threads_say_the_same() -> None:
    holds("EndDeviceEvents", changed("EndDeviceEvents", MUST))
    with ThreadPoolExecutor(4) as pool:
        said = set(pool.map(lambda _: refused(event()), range(40)))
    assert len(said) == 1


def test_a_query_and_a_request_are_written_as_ever() -> None:
    override.install(namespaces={"UnplannedOutages": IEC})
    header = Header(
        verb=Verb.GET, noun="UnplannedOutages", timestamp=datetime(2026, 1, 1, tzinfo=UTC)
    )
    message = Message(header=header, kind=Kind.REQUEST, request=Request())
    assert envelope.read(envelope.write(message)) == message
    assert read(
        envelope.write(
            Message(
                header=Header(verb=Verb.CREATED, noun="EndDeviceEvents"),
                kind=Kind.EVENT,
                payload=last_gasp("a"),
            )
        )
    ).payload == last_gasp("a")


def test_a_namespace_that_is_set_is_no_older_spelling() -> None:
    year = EVENTS.replace("2011", "2016")
    said = event().replace(EVENTS.encode(), year.encode())
    with pytest.raises(Refusal, match="older-namespace is not granted"):
        dialect.read(said, dialect.STRICT)
    override.install(namespaces={"EndDeviceEvents": year})
    message, corrections = dialect.read(said, dialect.STRICT)
    assert corrections == ()
    assert isinstance(message, Message)
    assert year.encode() in envelope.write(message)


def test_a_tolerated_order_becomes_theirs() -> None:
    holds("EndDeviceEvents", reordered())
    granted = dialect.Dialect.of(tolerances=["payload-order"])
    wrong = event("<reason>wind</reason><severity>high</severity>")
    message, [correction] = dialect.read(wrong, granted)
    assert (correction.tolerance, correction.times) == ("payload-order", 1)
    assert correction.notes[0].after == "the order of EndDeviceEvents.xsd"
    assert dialect.read(event("<severity>high</severity><reason>wind</reason>"), granted) == (
        message,
        (),
    )


def test_events_of_the_first_edition_are_put_into_their_order() -> None:
    holds("EndDeviceEvents", reordered())
    granted = dialect.Dialect.of(tolerances=["first-edition-events"], codes={"17": "3.26.0.85"})
    content = "<Assets><mRID>M-1</mRID></Assets><reason>wind</reason><severity>high</severity>"
    old = event(content).replace(
        b'<EndDeviceEventType ref="3.26.0.85"/>', b"<category>17</category>"
    )
    assert b"category" in old
    message, [correction] = dialect.read(old, granted)
    assert correction.tolerance == "first-edition-events"
    assert isinstance(message, Message)
    assert isinstance(message.payload, EndDeviceEvents)
    [found] = message.payload.end_device_event
    assert (found.end_device_event_type, found.reason, found.severity) == (
        "3.26.0.85",
        "wind",
        "high",
    )
