"""The envelope written without a tree is the one that lxml writes, or is left to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim.envelope.texts import begun_with
from cim.envelope.writing import write_element
from cim.message import Message, Property, User, Verb
from tests import fakes

TEXTS = st.none() | st.sampled_from(["", "a b", "a<b", "x&y", ">", "ü", "\t", "0", "]]>"])
TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]))


def whole(message: Message) -> bytes:
    """As lxml writes it, without a payload."""
    root = write_element(replace(message, payload=()))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


@settings(max_examples=25)
@given(TEXTS, TEXTS, TIMES, st.sampled_from([Verb.CREATED, Verb.CREATE, Verb.CLOSED]))
def test_it_is_what_lxml_writes(
    source: str | None, context: str | None, when: datetime, verb: Verb
) -> None:
    made = fakes.message(fakes.last_gasp("up-1"), verb)
    header = replace(made.header, source=source, context=context, timestamp=when)
    message = replace(made, header=header)
    if (begun := begun_with(message)) is not None:
        assert begun + b"<Payload/></" + message.kind.encode() + b">" == whole(message)


def test_plain_headers_are_written_so() -> None:
    assert begun_with(fakes.message(fakes.last_gasp("up-1"))) is not None


@pytest.mark.parametrize(
    "more",
    [
        {"comment": "a"},
        {"user": User(user_id="anna")},
        {"properties": (Property("a", "b"),)},
        {"ack_required": False},
        {"reply_address": "amqp:a"},
        {"extensions": (b"<a/>",)},
        {"source": ""},
        {"source": "a&b"},
    ],
)
def test_all_else_is_for_lxml(more: dict[str, object]) -> None:
    made = fakes.message(fakes.last_gasp("up-1"))
    assert begun_with(replace(made, header=replace(made.header, **more))) is None  # type: ignore[arg-type]
