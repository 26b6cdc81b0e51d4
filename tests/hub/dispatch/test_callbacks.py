"""Subscriptions at run time: who may make one, what each gets, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

import pytest

from cim.message import Edition, Format, Message
from hub.channels.addresses import Addresses
from hub.dispatch import Hub, callbacks
from hub.dispatch.callbacks import Callbacks
from hub.journal import Journal, queries
from hub.journal import callbacks as kept
from hub.journal.callbacks import Callback
from hub.security import systems
from hub.security.roles import Roles
from tests import fakes
from tests.installed import until
from tests.soap_served import SCHEMAS

URL = "https://oms.example/callbacks"
ADDRESSES = Addresses(allow=[URL])
OMS = systems.named("oms", nouns=["EndDeviceEvents"])
CREATED = "created.EndDeviceEvents"


@dataclass
class Outlet:
    """What one callback got; it may be away."""

    sent: list[str | None] = field(default_factory=list)
    away: bool = False

    def send(self, messages: Sequence[Message]) -> None:
        if self.away:
            raise ConnectionError("away")
        self.sent += (m.header.message_id for m in messages)


Outlets = dict[str, Outlet]


@pytest.fixture
def registered(journal: Journal) -> Journal:
    roles = Roles.read(SCHEMAS.parent / "config" / "roles.toml")
    with journal.transaction() as transaction:
        systems.add(transaction.connection, "test", OMS, roles, transaction.now)
    return journal


@pytest.fixture
def outlets() -> Outlets:
    return {}


@pytest.fixture
def running(registered: Journal, outlets: Outlets) -> Iterator[Callbacks]:
    def connect(one: Callback) -> Outlet:
        return outlets.setdefault(one.id, Outlet())

    running = Callbacks(registered, connect, ADDRESSES, lambda: True)
    yield running
    running.stop()


def subscribe(
    journal: Journal, *topics: str, url: str = URL, edition: Edition | None = None
) -> Callback:
    with journal.transaction() as transaction:
        return callbacks.subscribe(
            transaction.connection,
            "test",
            OMS,
            url,
            topics or (CREATED,),
            Format.XML,
            ADDRESSES,
            transaction.now,
            edition,
        )


def opened(journal: Journal) -> int:
    with journal.reading() as connection:
        return queries.counts(connection).accepted


def take(hub: Hub, *ids: str) -> None:
    messages = [fakes.message(fakes.last_gasp("a"), message_id=one) for one in ids]
    hub.accept([fakes.Handed.of(m) for m in messages], "test")


def test_it_gets_what_comes_from_then_on_in_order(
    registered: Journal, running: Callbacks, outlets: Outlets
) -> None:
    hub = Hub(registered, {})
    take(hub, "before")
    one = subscribe(registered)
    take(hub, "m-1", "m-2")
    running.look()
    take(hub, "m-3")
    until(lambda: len(outlets[one.id].sent) == 3, "three have been sent")
    assert outlets[one.id].sent == ["m-1", "m-2", "m-3"]


def test_what_comes_while_it_is_away_or_the_hub_down_waits(
    registered: Journal, running: Callbacks, outlets: Outlets, database_url: str
) -> None:
    one = subscribe(registered)
    outlets[one.id] = Outlet(away=True)
    running.look()
    elsewhere = Journal.open(database_url)  # as a worker's
    take(Hub(elsewhere, {}), "m-1", "m-2")
    elsewhere.close()
    until(lambda: running.seen()[one.subscriber], "it is seen to fail")
    running.stop()
    with registered.reading() as connection:
        [backlog] = queries.backlog(connection)
    assert (backlog.subscriber, backlog.accepted, backlog.dead) == (one.subscriber, 2, 0)
    outlets[one.id].away = False
    again = Callbacks(registered, lambda one: outlets[one.id], ADDRESSES, lambda: True)
    again.look()
    until(lambda: len(outlets[one.id].sent) == 2, "two have been sent")
    assert outlets[one.id].sent == ["m-1", "m-2"]
    again.stop()


def test_one_that_is_ended_gets_nothing_more(
    registered: Journal, running: Callbacks, outlets: Outlets
) -> None:
    gone, stays = subscribe(registered), subscribe(registered)
    outlets[gone.id] = Outlet(away=True)
    running.look()
    hub = Hub(registered, {})
    take(hub, "m-1")
    with registered.transaction() as transaction:
        dropped = callbacks.unsubscribe(transaction.connection, "test", gone, transaction.now)
    take(hub, "m-2")
    running.look()
    until(lambda: len(outlets[stays.id].sent) == 2, "two have been sent")
    assert (dropped, outlets[gone.id].sent, list(running.seen())) == (1, [], [stays.subscriber])
    until(lambda: not opened(registered), "nothing is open")
    with registered.reading() as connection:
        assert kept.everyone(connection) == [stays]


def test_what_is_being_taken_while_one_is_ended_is_not_left_over(
    registered: Journal,
) -> None:
    one = subscribe(registered)

    def end() -> None:
        with registered.transaction() as transaction:
            callbacks.unsubscribe(transaction.connection, "test", one, transaction.now)

    with ThreadPoolExecutor() as threads:
        with registered.transaction() as transaction:
            transaction.accept([fakes.entry(fakes.message(fakes.last_gasp("a")))])
            ending = threads.submit(end)
            wait([ending], 1)  # it may have to wait for this transaction
        ending.result()
    assert opened(registered) == 0


def test_one_that_cannot_be_called_keeps_no_other_waiting(
    registered: Journal, outlets: Outlets
) -> None:
    wrong, right = subscribe(registered), subscribe(registered)

    def connect(one: Callback) -> Outlet:
        if one == wrong:
            raise OSError("no such certificate")
        return outlets.setdefault(one.id, Outlet())

    running = Callbacks(registered, connect, ADDRESSES, lambda: True)
    running.look()
    take(Hub(registered, {}), "m-1")
    until(lambda: outlets[right.id].sent == ["m-1"], "the other one has got it")
    assert "no such certificate" in str(running.seen()[wrong.subscriber])
    running.stop()


def test_nothing_is_sent_any_more_to_who_has_lost_the_right(
    registered: Journal, running: Callbacks, outlets: Outlets
) -> None:
    one = subscribe(registered)
    running.look()
    with registered.transaction() as transaction:
        systems.remove(transaction.connection, "test", "oms", transaction.now)
    running.look()
    assert str(running.seen()[one.subscriber]) == "there is no system oms any more"
    take(Hub(registered, {}), "m-1")
    assert outlets[one.id].sent == []


@pytest.mark.parametrize(
    ("topics", "url", "says"),
    [
        (["created.MeterReadings"], URL, "the system oms may not have MeterReadings"),
        (["create.EndDeviceEvents"], URL, "its verb must be in the past tense"),
        (["created.Nonsense"], URL, "the noun of 'created.Nonsense' is unknown"),
        (["EndDeviceEvents"], URL, "is no topic"),
        ([CREATED], "http://169.254.169.254/", "nor in replies.allow"),
        ([CREATED], "queue", "names a queue"),
    ],
)
def test_what_must_not_be_subscribed(
    registered: Journal, topics: list[str], url: str, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        subscribe(registered, *topics, url=url)
    with registered.reading() as connection:
        assert kept.everyone(connection) == []


def test_a_system_that_subscribes_without_end_is_stopped(registered: Journal) -> None:
    """Each costs a thread, and a look by every transaction that accepts."""
    made = [subscribe(registered) for _ in range(100)]
    with pytest.raises(ValueError, match="the system oms has 100 subscriptions already"):
        subscribe(registered)
    with registered.transaction() as transaction:
        callbacks.unsubscribe(transaction.connection, "test", made[0], transaction.now)
    subscribe(registered)


def test_edition_2_needs_its_envelope(
    registered: Journal, running: Callbacks, outlets: Outlets, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=r"schemas\.edition2 in hub\.toml"):
        subscribe(registered, edition=Edition.SECOND)
    monkeypatch.setattr(ADDRESSES, "second", True)
    one = subscribe(registered, edition=Edition.SECOND)
    with registered.reading() as connection:
        assert kept.everyone(connection) == [one]
    running.look()
    assert one.id in outlets
    monkeypatch.undo()
    running.look()
    assert "edition 2 needs its envelope schema" in str(running.seen()[one.subscriber])


def test_a_callback_answers_no_request(registered: Journal) -> None:
    subscribe(registered)
    assert registered.subscribers(fakes.message(fakes.last_gasp("a"))) == []


def test_a_subscription_says_who_it_is() -> None:
    one = Callback(
        id="x", system="s", url=URL, topics=(CREATED,), format=Format.RDF, created_at=fakes.START
    )
    assert one.subscription.topics == {fakes.REPORTED}
    assert replace(one, id="y").subscriber == "callback-y"
