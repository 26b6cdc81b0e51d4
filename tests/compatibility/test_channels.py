"""What every channel keeps to, whatever carries it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from cim.message import STUDY, Message, Verb
from cim.profiles.end_device_events import EndDeviceEvents
from cim.violation import Refusal
from hub.message_channel import Delivery
from tests.compatibility.conftest import Pair
from tests.fakes import last_gasp, message

SECONDS = 20.0


@pytest.fixture
def sending(pair: Pair) -> Iterator[Any]:
    """Send in another thread: a channel may wait until the other end has acknowledged."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda messages: pool.submit(pair.sender.send, messages)


def taken(batches: Iterator[Sequence[Delivery]], count: int) -> list[Delivery]:
    """The next `count` deliveries, not acknowledged."""
    deliveries: list[Delivery] = []
    deadline = time.monotonic() + SECONDS
    for batch in batches:
        deliveries += batch
        if len(deliveries) >= count:
            return deliveries
        assert time.monotonic() < deadline, f"{len(deliveries)} of {count} came"
    raise AssertionError("the channel has ended")


def acked(batches: Iterator[Sequence[Delivery]], count: int) -> list[Delivery]:
    """The next `count` deliveries, acknowledged batch by batch."""
    deliveries: list[Delivery] = []
    while len(deliveries) < count:
        batch = taken(batches, 1)
        for delivery in batch:
            delivery.ack()
        deliveries += batch
    return deliveries


def numbered(count: int, key: str = "up-1") -> list[Message]:
    return [message(last_gasp(key, reason=str(n))) for n in range(count)]


def reasons(deliveries: Sequence[Delivery]) -> list[str | None]:
    return [
        d.content.payload.end_device_event[0].reason
        for d in deliveries
        if isinstance(d.content, Message) and isinstance(d.content.payload, EndDeviceEvents)
    ]


@pytest.mark.parametrize("verb", [Verb.CREATED, Verb.CREATE])
def test_a_message_comes_out_as_it_went_in(pair: Pair, sending: Any, verb: Verb) -> None:
    text = "Ast <auf> Leitung & \u6f22 \U0001f600"
    sent = message(last_gasp("up-1", text), verb, correlation_id="c")
    done: Future[None] = sending([sent])
    with closing(pair.receiver.receive()) as batches:
        [delivery] = acked(batches, 1)
        done.result(SECONDS)
    assert delivery.content == sent
    assert delivery.body
    assert delivery.principal


def test_the_context_of_a_study_goes_along(pair: Pair, sending: Any) -> None:
    plain = message(last_gasp("up-1"))
    sent = replace(plain, header=replace(plain.header, context=STUDY))
    done: Future[None] = sending([sent])
    with closing(pair.receiver.receive()) as batches:
        [delivery] = acked(batches, 1)
        done.result(SECONDS)
    assert delivery.content == sent


def test_order_is_kept_within_and_between_batches(pair: Pair, sending: Any) -> None:
    messages = numbered(300)
    futures = [sending(messages[:100]), sending(messages[100:])]
    with closing(pair.receiver.receive()) as batches:
        deliveries = acked(batches, 300)
        for future in futures:
            future.result(SECONDS)
    assert [d.content for d in deliveries] == messages


def test_an_idle_channel_gives_its_caller_a_chance_to_stop(pair: Pair) -> None:
    with closing(pair.receiver.receive()) as batches:
        assert list(next(batches)) == []


def test_what_was_acknowledged_does_not_come_again(pair: Pair, sending: Any) -> None:
    first, second = numbered(2)
    done = sending([first])
    with closing(pair.receiver.receive()) as batches:
        acked(batches, 1)
        done.result(SECONDS)
        next(batches)  # resumed: the acknowledgement is on its way
    done = sending([second])
    with closing(pair.receiver.receive()) as batches:
        [delivery] = acked(batches, 1)
        done.result(SECONDS)
    assert delivery.content == second


def test_what_was_rejected_is_offered_again_in_order(pair: Pair, sending: Any) -> None:
    messages = numbered(3)
    done = sending(messages)
    with closing(pair.receiver.receive()) as batches:
        for delivery in taken(batches, 3 if done.done() else 1):
            delivery.reject("the database is away")
        done = _sent_again_if_told_so(done, sending, messages)
        deliveries = acked(batches, 3)
        done.result(SECONDS)
    assert reasons(deliveries) == ["0", "1", "2"]


def test_what_was_not_acknowledged_survives_its_receiver(pair: Pair, sending: Any) -> None:
    messages = numbered(2)
    done = sending(messages)
    with closing(pair.receiver.receive()) as batches:
        taken(batches, 1)
    done = _sent_again_if_told_so(done, sending, messages)
    with closing(pair.receiver.receive()) as batches:
        deliveries = acked(batches, 2)
        done.result(SECONDS)
    assert reasons(deliveries) == ["0", "1"]


def test_a_large_message_passes(pair: Pair, sending: Any) -> None:
    event = last_gasp("up-1", "x" * 100).end_device_event[0]
    sent = message(EndDeviceEvents(end_device_event=(event,) * 5_000))
    done = sending([sent])
    with closing(pair.receiver.receive()) as batches:
        [delivery] = acked(batches, 1)
        done.result(SECONDS)
    assert delivery.content == sent


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\x00\xff", b"not xml", b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"],
    ids=["empty", "binary", "text", "foreign", "doctype"],
)
def test_bytes_that_are_no_message_are_refused_and_block_nothing(
    inject_pair: Pair, garbage: bytes
) -> None:
    inject, [good] = inject_pair.inject, numbered(1)
    assert inject is not None
    with closing(inject_pair.receiver.receive()) as batches:
        next(batches)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(inject, garbage)
            [refused] = acked(batches, 1)
            done = pool.submit(inject_pair.sender.send, [good])
            [delivery] = acked(batches, 1)
            done.result(SECONDS)
    assert isinstance(refused.content, Refusal)
    assert refused.body == garbage
    assert delivery.content == good


def _sent_again_if_told_so(
    done: Future[None], sending: Any, messages: Sequence[Message]
) -> Future[None]:
    """A sender that gets a ConnectionError sends again; any other has handed over for good."""
    try:
        done.result(0 if done.done() else SECONDS)
    except ConnectionError:
        again: Future[None] = sending(messages)
        return again
    return done
