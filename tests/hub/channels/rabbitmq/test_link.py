"""The connection that one thread owns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from hub.channels.rabbitmq.link import Link, Refused
from tests.amqp import Client
from tests.services import free_port


def test_no_broker_is_a_connection_error() -> None:
    with pytest.raises(ConnectionError, match=r"no connection to the broker: .*refused"):
        Link(f"amqp://guest:guest@127.0.0.1:{free_port()}/", "test")


def test_a_wrong_password_is_a_connection_error(amqp_url: str) -> None:
    with pytest.raises(ConnectionError, match="ACCESS_REFUSED"):
        Link(amqp_url.replace(":guest@", ":wrong@"), "test")


def test_a_refusal_does_not_end_the_link(link: Link) -> None:
    with pytest.raises(Refused, match="NOT_FOUND") as refused:
        link.attempt(
            lambda channel, answer: channel.queue_declare("no", passive=True, callback=answer)
        )
    assert refused.value.code == 404
    assert link.is_open


def test_what_the_broker_closes_ends_the_link_and_all_who_wait(
    link: Link, stranger: Client
) -> None:
    lost = Event()
    link.watch(lost.set)
    channel = link.channel()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(link.ask, lambda _: None, None)
        link.post(lambda: channel.basic_publish(f"no-{stranger.name()}", "", b""))
        with pytest.raises(Refused, match="no exchange"):
            waiting.result(20)
    assert lost.wait(20)
    with pytest.raises(Refused):
        link.post(lambda: None)


def test_an_answer_that_does_not_come_ends_the_link(link: Link) -> None:
    with pytest.raises(ConnectionError, match="no answer from the broker"):
        link.ask(lambda _: None, 0.05)
    assert not link.is_open


def test_who_watches_a_broken_link_is_told_at_once(link: Link) -> None:
    link.close()
    lost = Event()
    link.watch(lost.set)
    assert lost.is_set()
