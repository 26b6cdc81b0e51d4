"""As whom, and in which form, the hub goes to an address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cim.dialect import Dialect, read_element
from cim.envelope.edition2 import Edition2
from cim.message import Edition, Format, Header, Kind, Message, Verb
from cim.parse import parse
from cim.replies import done
from cim.violation import Refusal
from hub.channels.addresses import Addresses
from hub.channels.soap.envelope import opened
from hub.journal.entry import ReplyTo
from hub.main.outlets import SoapReplies, Way, called, named
from hub.partner_settings import Partner as Settings
from tests.listening import Listener, free_port, listening
from tests.second_edition import supplied

URL = "https://oms.example/soap"
REPLY = Message(
    header=Header(verb=Verb.REPLY, noun="EndDeviceEvents", correlation_id="q-1"),
    kind=Kind.RESPONSE,
    reply=done(),
)


@pytest.fixture
def second(tmp_path: Path) -> Edition2:
    return Edition2(supplied(tmp_path))


def oms(**settings: Any) -> Settings:
    return Settings(**{"name": "oms", "channel": "soap", "topics": (), "url": URL, **settings})


def test_a_partner_is_called_in_its_edition_and_read_in_both(second: Edition2) -> None:
    assert called(oms(edition=Edition.SECOND), second).second is second
    first = called(oms(), second)
    assert first.second is None
    assert first.dialect.edition2 is second
    with pytest.raises(Refusal, match=r"schemas\.edition2 of hub\.toml is gone"):
        called(oms(edition=Edition.SECOND), None)


@pytest.mark.parametrize(
    ("partners", "asked", "expected"),
    [
        ((), None, Edition.FIRST),
        ((), Edition.SECOND, Edition.SECOND),
        ((oms(edition=Edition.SECOND),), None, Edition.SECOND),
        ((oms(edition=Edition.SECOND),), Edition.FIRST, Edition.FIRST),
    ],
)
def test_an_address_has_the_edition_asked_for_or_that_of_its_partner(
    second: Edition2, partners: tuple[Settings, ...], asked: Edition | None, expected: Edition
) -> None:
    way = Way(f"{URL}/callbacks", Format.XML, edition=asked)
    partner = named(Addresses(partners), way, second)
    assert (partner.second is not None) == (expected is Edition.SECOND)
    assert (partner.address, partner.silent) == (way.url, True)


@pytest.fixture
def listener() -> Iterator[tuple[str, Listener]]:
    port = free_port()
    with listening(port) as found:
        yield f"http://127.0.0.1:{port}/replies", found


def test_a_reply_elsewhere_is_in_the_edition_of_its_request(
    second: Edition2, listener: tuple[str, Listener]
) -> None:
    url, heard = listener
    replies = SoapReplies(Addresses(allow=[url]), Format.RDF, second)
    for edition in Edition:
        replies.send(REPLY, ReplyTo("replies-soap", url, edition=edition))
    replies.close()
    bodies = [opened(parse(body))[1] for body in heard.bodies]
    found = [read_element(body, Dialect((), edition2=second)).message for body in bodies]
    assert found == [REPLY, REPLY]
    assert [m.edition for m in found if isinstance(m, Message)] == list(Edition)


def test_without_the_envelope_it_is_refused_for_good(listener: tuple[str, Listener]) -> None:
    url, heard = listener
    replies = SoapReplies(Addresses(allow=[url]), Format.XML, None)
    with pytest.raises(Refusal, match="It is to be in edition 2"):
        replies.send(REPLY, ReplyTo("replies-soap", url, edition=Edition.SECOND))
    replies.close()
    assert heard.bodies == []
