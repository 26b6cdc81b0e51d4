"""Every noun goes out as valid XML and comes back equal."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim.parse import parse
from cim.profile import Profile, RdfXml, Reference
from cim.profiles import NOUNS
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.profiles.meter_config import Meter, MeterConfig
from cim.profiles.meter_readings import MeterReading, MeterReadings, Reading
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.schema.xsd import noun_xsd
from cim.violation import Refusal
from cim.xml import date_time, date_time_text, decode, encode
from tests.strategies import CIM, RDF, profiles

READING_TYPE = Reference("0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0")


@cache
def lxml_schema(noun: str) -> etree.XMLSchema:
    return etree.XMLSchema(parse(noun_xsd(NOUNS[noun])))


@cache
def second_schema(noun: str) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(noun_xsd(NOUNS[noun]), allow="none", defuse="always")


@pytest.mark.parametrize("noun", NOUNS)
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_a_noun_survives_its_xml_which_two_validators_accept(
    noun: str, data: st.DataObject
) -> None:
    payload = data.draw(profiles(NOUNS[noun]))
    received = parse(etree.tostring(encode(payload)))

    lxml_schema(noun).assertValid(received)
    second_schema(noun).validate(received)
    assert decode(received) == payload


def reading(value: float) -> MeterReadings:
    one = Reading(value=value, reading_type=READING_TYPE)
    return MeterReadings(meter_reading=(MeterReading(readings=(one,)),))


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.inf, "INF"), (-math.inf, "-INF"), (math.nan, "NaN"), (0.1, "0.1"), (1e300, "1e+300")],
)
def test_floats_are_written_as_xsd_writes_them(value: float, text: str) -> None:
    root = encode(reading(value))

    assert root.findtext(".//{*}value") == text
    lxml_schema("MeterReadings").assertValid(root)
    [back] = decode(root).meter_reading[0].readings  # type: ignore[attr-defined]
    assert repr(back.value) == repr(value)


PLUS_ONE = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-15T08:03:10Z", datetime(2026, 1, 15, 8, 3, 10, tzinfo=UTC)),
        ("2026-01-15T08:03:10.5Z", datetime(2026, 1, 15, 8, 3, 10, 500_000, tzinfo=UTC)),
        ("2026-01-15T08:03:10.123456789Z", datetime(2026, 1, 15, 8, 3, 10, 123_456, tzinfo=UTC)),
        ("2026-01-15T08:03:10+01:00", datetime(2026, 1, 15, 8, 3, 10, tzinfo=PLUS_ONE)),
        ("2026-01-15T08:03:10", datetime(2026, 1, 15, 8, 3, 10)),
        ("2026-12-31T24:00:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
        (" 2026-01-15T08:03:10Z\n", datetime(2026, 1, 15, 8, 3, 10, tzinfo=UTC)),
    ],
)
def test_date_times_with_any_fraction_and_zone_are_read(text: str, value: datetime) -> None:
    assert date_time(text) == value
    assert date_time(text).tzinfo == value.tzinfo
    assert date_time(date_time_text(value)) == value


def test_a_time_after_the_year_9999_is_refused_with_its_line() -> None:
    namespace = EndDeviceEvents.namespace
    root = parse(
        f'<EndDeviceEvents xmlns="{namespace}"><EndDeviceEvent>\n'
        "<createdDateTime>12026-01-15T08:03:10Z</createdDateTime>"
        '<EndDeviceEventType ref="3.26.0.85"/></EndDeviceEvent></EndDeviceEvents>'.encode()
    )
    lxml_schema("EndDeviceEvents").assertValid(root)

    with pytest.raises(Refusal) as refusal:
        decode(root)

    [violation] = refusal.value.violations
    assert (violation.code, violation.line) == ("1.8", 2)
    assert violation.value == "12026-01-15T08:03:10Z"


def test_a_model_document_is_kept_without_the_namespaces_around_it() -> None:
    document = RdfXml(
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:cim="{CIM}"><cim:Fuse/></rdf:RDF>'.encode()
    )
    models = NetworkModels(network_model=(NetworkModel(mrid="m", document=document),))

    back = decode(parse(etree.tostring(encode(models))))

    assert back == models


def test_alternatives_that_repeat_may_come_mixed() -> None:
    a, b, c = map(Reference, "abc")
    meter = Meter(com_function=(a, b), simple_end_device_function=(c,))
    payload = MeterConfig(meter=(meter,))
    root = encode(payload)
    root[0].insert(1, root[0][2])

    lxml_schema("MeterConfig").assertValid(root)
    second_schema("MeterConfig").validate(root)
    assert [etree.QName(e).localname for e in root[0]] == [
        "ComFunction",
        "SimpleEndDeviceFunction",
        "ComFunction",
    ]
    assert decode(root) == payload


@pytest.mark.parametrize("tag", ["{urn:x}EndDeviceEvents", "EndDeviceEvents", "{urn:x}Nothing"])
def test_an_element_that_is_no_noun_is_refused(tag: str) -> None:
    with pytest.raises(Refusal, match="no noun of this hub"):
        decode(etree.Element(tag))


def test_text_that_xml_cannot_carry_is_an_error_where_it_is_written() -> None:
    event = EndDeviceEvent(
        created_date_time=datetime(2026, 1, 15, tzinfo=UTC),
        end_device_event_type=Reference("3.26.0.85"),
        reason="a\x00b",
    )
    with pytest.raises(ValueError, match="XML compatible"):
        encode(EndDeviceEvents(end_device_event=(event,)))


@pytest.mark.parametrize("noun", NOUNS.values(), ids=NOUNS)
def test_a_noun_is_named_like_its_namespace(noun: type[Profile]) -> None:
    assert noun.namespace.endswith(f"{noun.__name__}#")
