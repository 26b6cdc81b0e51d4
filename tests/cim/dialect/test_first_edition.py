"""Events of the first edition of IEC 61968-9, with or without an envelope of SOAP; what is refused.

A case of what stays refused is a folder: input.xml and params.toml.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from lxml import etree

from cim.codes import Codes
from cim.dialect import STRICT, Dialect, Dialects, correct, read
from cim.dialect.times import in_zone
from cim.envelope.compression import pack
from cim.message import Message
from cim.parse import parse
from cim.profiles.end_device_events import EndDeviceEvents
from cim.validation import violations
from cim.violation import Refusal

REFUSED = sorted((Path(__file__).parents[2] / "cases" / "dialect_refused").iterdir())
CODES = {"6.1.1.7": "3.26.0.85", "6.1.1.8": "3.26.0.216", "17": "3.26.38.47"}
GRANTED = (
    "soap-envelope",
    "older-namespace",
    "event-as-create",
    "wrapper-element",
    "first-edition-events",
)
HEAD_END = Dialect.of(tolerances=GRANTED, codes=CODES)
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
FORMAT = "%m/%d/%Y %I:%M:%S %p"
text = st.text("abcXYZ-019", min_size=1, max_size=12)
moments = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
events = st.lists(
    st.fixed_dictionaries(
        {"category": st.sampled_from(list(CODES)), "created": moments, "meter": text},
        optional={"mRID": text, "reason": text, "status": text},
    ),
    min_size=1,
    max_size=4,
)


def element(event: Mapping[str, Any], order: random.Random) -> str:
    """One event as a head-end says it, its elements in any order."""
    parts = [
        f"<category>{event['category']}</category>",
        f"<createdDateTime>{event['created'].isoformat()}</createdDateTime>",
        f"<Assets><mRID>{event['meter']}</mRID></Assets>",
    ]
    parts += [f"<{name}>{event[name]}</{name}>" for name in ("mRID", "reason") if name in event]
    parts += [f"<status><value>{event['status']}</value></status>"] if "status" in event else []
    order.shuffle(parts)
    return f"<EndDeviceEvent>{''.join(parts)}</EndDeviceEvent>"


def noun(*contents: str, year: int = 2009) -> str:
    space = f"http://iec.ch/TC57/{year}/EndDeviceEvents#"
    return f'<EndDeviceEvents xmlns="{space}">{"".join(contents)}</EndDeviceEvents>'


def message(payload: str) -> str:
    return (
        '<RequestMessage xmlns="http://www.iec.ch/TC57/2008/schema/message"><Header><Verb>created'
        "</Verb><Noun>EndDeviceEvents</Noun></Header><Request><Option>any</Option></Request>"
        f"<Payload>{payload}</Payload></RequestMessage>"
    )


def soap(body: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def payload(found: object) -> EndDeviceEvents:
    assert isinstance(found, Message)
    assert isinstance(found.payload, EndDeviceEvents)
    return found.payload


@given(events, st.randoms(use_true_random=False), st.booleans())
def test_what_was_corrected_is_valid_and_says_the_same(
    said: list[dict[str, Any]], order: random.Random, wrapped: bool
) -> None:
    inside = noun(*(element(event, order) for event in said))
    if wrapped:
        inside = f'<any:List xmlns:any="urn:vendor">{inside}</any:List>'
    root, corrections = correct(parse(soap(message(inside))), HEAD_END)
    assert violations(root) == ()
    assert violations(root[1][0]) == ()
    assert {c.tolerance for c in corrections} >= {"soap-envelope", "first-edition-events"}
    found = payload(read(etree.tostring(root), STRICT).message).end_device_event
    assert [
        {
            "category": next(old for old, new in CODES.items() if new == e.end_device_event_type),
            "created": e.created_date_time,
            "meter": e.assets and e.assets.mrid,
            "mRID": e.mrid,
            "reason": e.reason,
            "status": e.status and e.status.value,
        }
        for e in found
    ] == [dict.fromkeys(("mRID", "reason", "status")) | event for event in said]


@example(datetime(2024, 11, 3, 1, 30))
@given(st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)))
def test_a_time_in_the_senders_format_is_the_same_moment(local: datetime) -> None:
    local = local.replace(microsecond=0, fold=0)  # of an hour that comes twice the first is taken
    zone = ZoneInfo("America/Chicago")
    try:
        moment = in_zone(local, zone)
    except ValueError:
        assume(False)
    event = {"category": "17", "created": datetime(2026, 1, 1, tzinfo=UTC), "meter": "M"}
    said = element(event, random.Random(0))  # noqa: S311
    said = said.replace("2026-01-01T00:00:00+00:00", local.strftime(FORMAT))
    granted = [*GRANTED, "time-format"]
    dialect = Dialect.of("tolerant", granted, "America/Chicago", FORMAT, CODES)
    [found] = payload(read(soap(message(noun(said))), dialect).message).end_device_event
    assert found.created_date_time == moment


@pytest.mark.parametrize("case", REFUSED, ids=lambda path: path.name)
def test_what_stays_refused(case: Path) -> None:
    table = tomllib.loads((case / "params.toml").read_text())
    given = table.get("tolerances", GRANTED)
    zone, format = table.get("zone", "UTC"), table.get("time_format", "")
    dialect = Dialect.of("tolerant", given, zone, format, table.get("codes", CODES))
    with pytest.raises(Refusal) as refusal:
        read((case / "input.xml").read_bytes(), dialect)
    found = [
        {"code": v.code, "line": v.line, "xpath": v.xpath, "rule": v.rule}
        for v in refusal.value.violations
    ]
    assert found == table["violation"]


def test_what_comes_compressed_is_corrected_too() -> None:
    event = {"category": "17", "created": datetime(2026, 1, 1, tzinfo=UTC), "meter": "M"}
    inside = noun(element(event, random.Random(0)))  # noqa: S311
    packed = message(f"<Compressed>{pack([inside.encode()])}</Compressed>")
    found, corrections = read(soap(packed), HEAD_END)
    assert payload(found).end_device_event[0].end_device_event_type == "3.26.38.47"
    last = corrections[-1]
    at = "/Envelope/Body/EventMessage/Payload/Compressed/EndDeviceEvents/EndDeviceEvent"
    assert (last.tolerance, last.notes[0].xpath) == ("first-edition-events", f"{at}/category")


def test_a_bare_noun_in_soap_is_corrected_too() -> None:
    event = {"category": "17", "created": datetime(2026, 1, 1, tzinfo=UTC), "meter": "M"}
    root, corrections = correct(
        parse(soap(noun(element(event, random.Random(0))))),  # noqa: S311
        HEAD_END,
    )
    assert violations(root) == ()
    assert [c.tolerance for c in corrections] == [
        "soap-envelope",
        "older-namespace",
        "first-edition-events",
    ]


def test_an_event_that_says_its_type_is_not_of_the_first_edition() -> None:
    """A category beside it is left for the schema to refuse."""
    content = '<category>17</category><EndDeviceEventType ref="3.26.0.85"/>'
    inside = noun(
        f"<EndDeviceEvent><createdDateTime>2026-01-01T00:00:00Z</createdDateTime>{content}"
        "</EndDeviceEvent>"
    )
    with pytest.raises(Refusal, match="EndDeviceEvent has no element category") as refusal:
        read(soap(message(inside)), HEAD_END)
    assert "tolerance" not in str(refusal.value)


def test_each_system_has_its_own_codes() -> None:
    spoken = Dialect.of(tolerances=GRANTED)
    codes = Codes({"hes": {"17": "3.26.0.85", "3.26.0.47": "voltage"}, "*": {"18": "3.26.0.216"}})
    dialects = Dialects({"*": spoken}, codes=codes)
    assert dialects.of("hes").codes == {"17": "3.26.0.85", "18": "3.26.0.216"}
    assert dialects.of("other").codes == {"18": "3.26.0.216"}
    assert replace(dialects.of("other"), codes={}) == spoken
