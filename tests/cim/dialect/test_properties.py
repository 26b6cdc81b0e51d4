"""What holds of all messages: the right ones are left alone, disorder comes back in order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim import xml
from cim.dialect import STRICT, TOLERANCES, Dialect, correct, read
from cim.dialect.corrections import KEPT
from cim.dialect.parts import noun_of
from cim.envelope.compression import pack
from cim.message import Message, OperationSet
from cim.profiles import NOUNS
from cim.violation import Refusal
from tests.strategies import FEW, profiles

FORMAT = "%m/%d/%Y %I:%M:%S %p"
SPEAKS_OF_TIME = ("padded-time", "time-format", "time-without-zone")
OF_STRUCTURE = Dialect.of("tolerant", [name for name in TOLERANCES if name not in SPEAKS_OF_TIME])
EVENTS = "http://iec.ch/TC57/2011/EndDeviceEvents#"
EVENT = (
    "<EndDeviceEvent><createdDateTime>{when}</createdDateTime>"
    '<EndDeviceEventType ref="3.26.0.85"/></EndDeviceEvent>'
)


def message(content: str) -> bytes:
    return (
        '<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>created</Verb>'
        f"<Noun>EndDeviceEvents</Noun></Header><Payload>{content}</Payload></EventMessage>"
    ).encode()


def events(*moments: str, namespace: str = EVENTS) -> str:
    inside = "".join(EVENT.format(when=when) for when in moments)
    return f'<EndDeviceEvents xmlns="{namespace}">{inside}</EndDeviceEvents>'


@pytest.mark.parametrize("noun", NOUNS)
@settings(max_examples=FEW)
@given(data=st.data())
def test_a_valid_payload_is_left_alone(noun: str, data: st.DataObject) -> None:
    element = xml.encode(data.draw(profiles(NOUNS[noun])))
    before = etree.tostring(element)
    assert correct(element, OF_STRUCTURE).corrections == ()
    assert etree.tostring(element) == before


@pytest.mark.parametrize("noun", NOUNS)
@settings(max_examples=FEW)
@given(data=st.data(), seed=st.integers())
def test_disorder_comes_back_in_order(noun: str, data: st.DataObject, seed: int) -> None:
    """Strange elements are put in, and the children of each class shuffled, like ones in order."""
    payload = data.draw(profiles(NOUNS[noun]))
    element = xml.encode(payload)
    chance = random.Random(seed)  # noqa: S311
    for one in list(element.iter(f"{{{NOUNS[noun].namespace}}}*")):
        if len(one) and not one[0].tag.endswith("}RDF"):
            by_tag: dict[str, list[etree._Element]] = {}
            for child in one:
                by_tag.setdefault(child.tag, []).append(child)
            tags = list(by_tag)
            chance.shuffle(tags)
            one[:] = [child for tag in tags for child in by_tag[tag]]
            one.insert(0, etree.Element("{urn:strange}unheard-of"))
    correct(element, OF_STRUCTURE)
    assert xml.decode(element) == payload


@given(st.text(max_size=60), st.sampled_from(list(TOLERANCES)))
def test_any_text_in_the_header_is_corrected_or_left(text: str, name: str) -> None:
    root = etree.fromstring(message(events("2026-01-15T08:03:10Z")))  # noqa: TID251
    try:
        root[0][0].text = root[0][1].text = text
    except ValueError:
        return  # what XML cannot carry
    granted = [name, "older-namespace", "padded-time"]
    correct(root, Dialect.of("tolerant", granted, time_format=FORMAT))
    assert noun_of(root[1][0]) is NOUNS["EndDeviceEvents"]


def test_what_is_compressed_is_corrected_too() -> None:
    content = events(" 2026-01-15T08:03:10Z", namespace="http://iec.ch/TC57/2010/EndDeviceEvents#")
    packed = message(f"<Compressed>{pack([content.encode()])}</Compressed>")
    found, corrections = read(packed)
    assert isinstance(found, Message)
    assert found.compressed
    assert (
        found
        == read(
            message(f"<Compressed>{pack([events('2026-01-15T08:03:10Z').encode()])}</Compressed>"),
            STRICT,
        ).message
    )
    assert [(c.tolerance, c.notes[0].xpath) for c in corrections] == [
        ("older-namespace", "/EventMessage/Payload/Compressed/EndDeviceEvents"),
        (
            "padded-time",
            "/EventMessage/Payload/Compressed/EndDeviceEvents/EndDeviceEvent/createdDateTime",
        ),
    ]
    with pytest.raises(Refusal, match="older-namespace is not granted"):
        read(packed, STRICT)


def test_a_compressed_operation_set_is_corrected_too() -> None:
    operations = (
        '<OperationSet xmlns="http://iec.ch/TC57/2011/schema/message"><Operation>'
        "<operationId>1</operationId><noun>end device events</noun><verb>Created</verb>"
        f"{events('2026-01-15T08:03:10Z')}</Operation></OperationSet>"
    )
    data = message(f"<Compressed>{pack([operations.encode()])}</Compressed>")
    data = data.replace(
        b"<Verb>created</Verb><Noun>EndDeviceEvents<", b"<Verb>executed</Verb><Noun>OperationSet<"
    )
    found, corrections = read(data, Dialect.of(tolerances=["noun-spelling", "verb-case"]))
    assert isinstance(found, Message)
    assert isinstance(found.payload, OperationSet)
    [operation] = found.payload.operations
    assert (operation.noun, operation.verb) == ("EndDeviceEvents", "created")
    at = "/EventMessage/Payload/Compressed/OperationSet/Operation"
    assert [(c.tolerance, c.notes[0].xpath) for c in corrections] == [
        ("noun-spelling", f"{at}/noun"),
        ("verb-case", f"{at}/verb"),
    ]


def test_of_many_corrections_the_first_are_told_and_all_counted() -> None:
    _, [correction] = read(message(events(*["2026-01-15T08:03:10Z "] * 500)))
    assert (correction.times, len(correction.notes)) == (500, KEPT)


@pytest.mark.parametrize(
    ("when", "becomes"),
    [
        ("2026-07-01T12:00:00", "2026-07-01T12:00:00-05:00"),
        ("2026-11-01T01:30:00", "2026-11-01T01:30:00-05:00"),  # comes twice; the first
        ("2026-01-01T12:00:00.25", "2026-01-01T12:00:00.25-06:00"),
        ("2026-01-01T12:00:00Z", None),
    ],
)
def test_a_time_without_zone_is_the_senders(when: str, becomes: str | None) -> None:
    dialect = Dialect.of("tolerant", ["time-without-zone"], "America/Chicago")
    _, corrections = read(message(events(when)), dialect)
    assert [c.notes[0].after for c in corrections] == ([becomes] if becomes else [])


def test_a_time_that_the_clocks_leave_out_is_refused() -> None:
    dialect = Dialect.of("tolerant", ["time-without-zone"], "America/Chicago")
    with pytest.raises(Refusal, match=r"createdDateTime: .*does not exist in America/Chicago"):
        read(message(events("2026-03-08T02:30:00")), dialect)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"tolerances": ["verb-csae"]}, "there is no tolerance 'verb-csae'; known are soap-env"),
        ({"strictness": "lax"}, 'strictness is "strict" or "tolerant", not \'lax\''),
        ({"strictness": "strict", "tolerances": ["verb-case"]}, "strict grants no tolerances"),
        ({"zone": "Mars/Olympus"}, "'Mars/Olympus' is no time zone"),
        ({"tolerances": ["time-format"]}, "time-format needs time_format, e.g. %m/%d/%Y"),
        ({"time_format": "%I:%M %d.%m.%Y"}, "must say year, month, day, hour and minute"),
        ({"time_format": "%Q"}, "'%Q' is no format of a time"),
        ({"time_format": "%d.%m.%Y %H:%M %Z"}, "has names of zones; only offsets"),
    ],
)
def test_a_dialect_that_cannot_be_is_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Dialect.of(**settings)  # type: ignore[arg-type]


def test_tolerances_are_exactly_those_that_are_named() -> None:
    assert Dialect.of().tolerances == ("older-namespace", "header-in-noun", "padded-time")
    assert Dialect.of("strict").tolerances == ()
    assert Dialect.of("tolerant", ["padded-time", "verb-case"]).tolerances == (
        "verb-case",
        "padded-time",
    )
