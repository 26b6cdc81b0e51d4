"""What is remembered of decoded messages, and what is not."""

from __future__ import annotations

import weakref

from cim.message import Message, Outgoing, Verb
from cim.profile import Profile, RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.switching_events import SwitchingEvents
from cim.schema.names import RDF
from hub.dispatch.decoded import Decoded
from hub.dispatch.stamp import stamp
from hub.journal.canonical import encode
from tests import fakes

DOCUMENT = RdfXml(f'<rdf:RDF xmlns:rdf="{RDF}"/>'.encode())


def said(payload: Profile) -> Message:
    return stamp(Outgoing(Verb.CREATED, payload), "gis", fakes.Clock()())


def model() -> Message:
    return said(NetworkModels(network_model=(NetworkModel(mrid="m", document=DOCUMENT),)))


def test_a_message_of_late_is_not_decoded_again() -> None:
    decoded = Decoded(limit=10)
    first, second = said(SwitchingEvents(switching_event=())), model()
    decoded.remember(1, first, 8)
    decoded.remember(2, second, 8)
    assert decoded.get(1, b"") is first
    assert decoded.get(2, b"") is second


def test_the_oldest_are_forgotten_first() -> None:
    decoded = Decoded(limit=10)
    first, second = (said(SwitchingEvents(switching_event=())) for _ in range(2))
    body = encode(model())
    for seq, message in enumerate((first, second), start=1):
        decoded.remember(seq, message, 8)
    assert decoded.get(2, b"") is second
    assert isinstance(decoded.get(1, body).payload, NetworkModels)


def test_a_network_model_is_known_only_while_somebody_holds_it() -> None:
    decoded = Decoded()
    message = model()
    body, payload, there = encode(message), message.payload, weakref.ref(message)
    decoded.remember(1, message, len(body))
    assert decoded.get(1, body) is message

    del message

    assert there() is None
    assert decoded.get(1, body).payload == payload
