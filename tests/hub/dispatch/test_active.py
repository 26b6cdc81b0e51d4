"""Front ends: of two hubs on one database one is active, and the other one follows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cim.message import Message, Outgoing, Topic, Verb
from hub.dispatch import Hub, Retry, active
from hub.dispatch.active import SURE, Active, Turn
from hub.dispatch.alone import Alone
from hub.dispatch.interlock import Interlock
from hub.dispatch.operating import OperatingSender
from hub.journal import Journal, holders
from hub.main.parts import Parts, standing
from hub.parts import File, Part
from tests import fakes, installed
from tests.cim.network.drawing import model
from tests.hub.dispatch.test_interlock import command, street
from tests.hub.dispatch.test_outbound import Written

PATIENCE = 20.0
until = partial(installed.until, pace=0.005)
RIGHT = "sending-scada"


@dataclass(kw_only=True)
class Device:
    """What all front ends reach: who has it, and whether two have had it at once."""

    masters: set[str] = field(default_factory=set)
    shared: bool = False
    executed: list[str] = field(default_factory=list)

    def take(self, who: str) -> None:
        self.masters.add(who)
        self.shared |= len(self.masters) > 1


@dataclass(kw_only=True)
class Poller:
    """An adapter with a front end (`hub.interfaces.FrontEnd`) that tells who polls, and how often
    it has begun to."""

    name: str
    device: Device
    exclusive: bool = True
    topics: frozenset[Topic] = frozenset({Topic(Verb.CREATE, "Controls")})
    lanes: int = 1
    begun: int = 0
    goes_on: Event = field(default_factory=Event)
    _stopped: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.goes_on.set()

    def read(self) -> Iterator[Sequence[fakes.Line]]:
        self.begun += 1
        self.device.take(self.name)
        try:
            yield [fakes.Line(f"{self.name}-{self.begun} UP-{self.name}-{self.begun}")]
            while self.name in self.device.masters and not self._stopped.wait(0.01):
                yield ()
        finally:
            self.stand_by()

    def to_cim(self, record: fakes.Line) -> Iterable[Outgoing]:
        return fakes.Lines([]).to_cim(record)

    def stand_by(self) -> None:
        self.device.masters.discard(self.name)

    def stop(self) -> None:
        self.goes_on.set()
        self._stopped.set()

    def from_cim(self, message: Message) -> Iterable[Written]:
        yield Written(message.header.message_id or "")

    def write(self, record: Written) -> None:
        self.device.executed.append(f"{self.name} {record.origin}")
        self.goes_on.wait(PATIENCE)

    def recall(self, record: Written) -> None:
        self.device.executed.append(f"{self.name} recalls {record.origin}")


class Site:
    """A hub of its own with one front end."""

    def __init__(self, name: str, url: str, device: Device) -> None:
        self.journal = Journal.open(url)
        self.poller = Poller(name=name, device=device)
        self.hub = Hub(self.journal, {}, retry=Retry())
        self.hub.attach_adapter("scada", self.poller)

    def is_active(self) -> bool:
        return bool(self.hub.reading["scada"].turn.sure())

    @contextmanager
    def running(self) -> Iterator[None]:
        self.hub.run()
        try:
            yield
        finally:
            self.hub.stop()
            self.journal.close()


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def pair(
    postgres_url: str, device: Device, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Site, Site, sa.Engine]]:
    """Two hubs that run, of which the first is active; it has a login of its own.  And a way to
    the server past both."""
    monkeypatch.setattr(active, "BEAT", 0.05)
    monkeypatch.setattr(active, "GRACE", 0.1)
    admin = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    role = f"first_{uuid4().hex}"
    with admin.connect() as connection:
        connection.execute(sa.text(f"create role {role} login superuser password 'x'"))
    url = sa.make_url(postgres_url).set(username=role, password="x")
    second = Site("second", postgres_url, device)
    first = Site("first", url.render_as_string(hide_password=False), device)
    with first.running():
        until(lambda: first.poller.begun, "the first begins")
        with second.running():
            yield first, second, admin
    admin.dispose()


def cut_off(first: Site, admin: sa.Engine) -> None:
    """The first hub has no database any more."""
    role = first.journal.engine.url.username
    with admin.connect() as connection:
        connection.execute(sa.text(f"alter role {role} nologin"))
        connection.execute(
            sa.text("select pg_terminate_backend(pid) from pg_stat_activity where usename = :role"),
            {"role": role},
        )


Pair = tuple[Site, Site, sa.Engine]


def seen(site: Site) -> list[str]:
    """The external ids of what is in the journal."""
    with site.journal.reading() as connection:
        found = connection.execute(
            sa.text("select external_id from message where external_id is not null order by seq")
        )
        return [str(row[0]) for row in found]


def test_one_is_active_and_the_other_follows_when_it_ends(pair: Pair, device: Device) -> None:
    first, second, _ = pair
    until(lambda: seen(second) == ["first-1"], "what the first reads")
    assert (first.is_active(), second.is_active()) == (True, False)
    assert str(second.hub.reading["scada"]).startswith("stands by; active is gridbus ")
    assert second.poller.begun == 0
    first.hub.stop()
    until(lambda: seen(second) == ["first-1", "second-1"], "what the second reads")
    assert (first.is_active(), second.is_active()) == (False, True)
    assert not device.shared


def test_who_is_cut_off_from_the_database_lets_go_and_comes_back_later(
    pair: Pair, device: Device
) -> None:
    first, second, admin = pair
    cut_off(first, admin)
    until(lambda: device.masters == {"second"}, "the second takes over")
    assert not first.is_active()
    role = first.journal.engine.url.username
    with admin.connect() as connection:
        connection.execute(sa.text(f"alter role {role} login"))
    until(
        lambda: str(first.hub.reading["scada"]).startswith("stands by; active is"), "it stands by"
    )
    second.hub.stop()
    until(lambda: first.poller.begun == 2, "the first takes over again")


def test_a_control_in_flight_is_told_once_by_one_of_them(pair: Pair, device: Device) -> None:
    first, second, admin = pair
    loaded = model("street", street().document())
    second.hub.accept([fakes.Handed.of(loaded)], "test")
    until(lambda: first.hub.live.catch_up() and first.hub.network.knows("x"), "the model")
    first.poller.goes_on.clear()
    second.hub.accept([fakes.Handed.of(command(0, "x"))], "test")
    until(lambda: device.executed, "the first has it")
    cut_off(first, admin)
    assert second.hub.answer("C-1", PATIENCE)
    first.poller.goes_on.set()
    assert device.executed == ["first C-1", "second recalls C-1"]


def test_whoever_says_nothing_for_too_long_has_lost_it(postgres_url: str) -> None:
    journal = Journal.open(postgres_url)
    still, another = Alone(journal.engine, RIGHT), Alone(journal.engine, RIGHT)
    next_one = Alone(journal.engine, RIGHT, silent=0.2)
    assert still.hold()
    assert not another.hold()
    with journal.reading() as connection:
        assert holders.holders(connection, [RIGHT, "other"])[RIGHT].startswith("gridbus ")
    until(next_one.hold, "the next one wins")
    assert not still.hold()
    next_one.release()
    assert still.hold()
    assert still.term == 2
    still.release()
    journal.close()


def test_who_wins_it_waits_until_whoever_had_it_has_noticed(postgres_url: str) -> None:
    journal, now = Journal.open(postgres_url), [100.0]
    turn = Turn(Alone(journal.engine, RIGHT), journal, lambda: now[0])
    assert turn.hold()
    now[0] += active.GRACE - 0.01
    assert (turn.sure(), turn.settled()) == (1, 0)
    now[0] += 0.01
    assert (turn.sure(), turn.settled()) == (1, 1)
    now[0] = 100.0 + SURE
    assert (turn.sure(), turn.settled()) == (0, 0)
    turn.release()
    journal.close()


class Right(Turn):
    """One that is held as it is told, by a clock that is moved."""

    def __init__(self, journal: Journal) -> None:
        self.at, self.term = 100.0, 1
        super().__init__(Alone(journal.engine, RIGHT), journal, lambda: self.at)

    def hold(self) -> bool:
        self._held = self.term, self.at
        return bool(self.term)


@pytest.fixture
def right(sqlite_url: str) -> Iterator[Right]:
    journal = Journal.open(sqlite_url)
    yield Right(journal)
    journal.close()


def test_after_seconds_without_an_answer_it_lets_go_by_itself(right: Right, device: Device) -> None:
    poller = Poller(name="one", device=device)
    front = Active("scada", poller, right)
    right.hold()
    batches = front.read()
    assert len(next(batches)) == 1
    right.at += SURE - 0.1
    front.look()
    assert device.masters == {"one"}
    right.at += 0.1
    front.look()  # as its watch does while the thread that reads waits for the database
    assert device.masters == set()
    assert [*next(batches)] == []
    right.hold()
    until(lambda: next(batches), "it reads again")
    assert poller.begun == 2


def test_what_was_read_before_it_was_lost_is_not_told_but_of_files(
    right: Right, device: Device
) -> None:
    front, taken = Active("scada", Poller(name="one", device=device), right), list[object]()
    right.hold()
    batches = front.read()
    batch = next(batches)
    front.take(batch, lambda: taken.append("first"))
    right.term = 2  # lost and won again, without anybody noticing
    front.take(batch, lambda: taken.append("old"))
    front.take(Part(File.of("a", b"", 0), 0, batch), lambda: taken.append("of a file"))
    assert taken == ["first", "of a file"]
    assert device.masters == set()


class Once(Turn):
    """A right that is lost between two questions."""

    asked = 0

    def hold(self) -> bool:
        self.asked += 1
        return self.asked == 1


def test_a_control_that_was_leased_is_not_sent_when_the_right_is_lost_since(
    sqlite_url: str, device: Device
) -> None:
    site = Site("one", sqlite_url, device)
    loaded = model("street", street().document())
    for one in (loaded, command(0, "x")):
        site.hub.accept([fakes.Handed.of(one)], "test")
    turn = Once(Alone(site.journal.engine, RIGHT), site.journal)
    hub = site.hub
    sender = OperatingSender(
        *("scada", site.poller, site.journal, hub.decoded, Retry(), hub.voice),
        Interlock(hub.live, site.journal.subscribers, None, hub.adapters),
        turn,
    )
    with pytest.raises(ConnectionError, match="another hub operates scada now"):
        sender.step([0])
    assert device.executed == []
    assert len(site.journal.lease("scada", [0], 1)) == 1  # still open, for who has the right
    site.journal.close()


def test_on_sqlite_it_is_active_whatever_the_clock_says(sqlite_url: str) -> None:
    journal, now = Journal.open(sqlite_url), [0.0]
    turn = Turn(Alone(journal.engine, RIGHT), journal, lambda: now[0])
    assert not turn.sure()
    assert turn.hold()
    now[0] += 10 * SURE
    assert turn.sure() == 1
    turn.release()
    assert not turn.sure()
    journal.close()


def test_the_console_says_which_one_is_active(right: Right, device: Device) -> None:
    parts = Parts()
    parts.note("adapter", ["gis", "scada"])
    fronts = {"scada": Active("scada", Poller(name="one", device=device), right)}
    shown = [(p.name, p.state, p.note) for p in standing(parts.seen(), fronts)]
    assert shown == [("gis", "running", ""), ("scada", "waiting", "stands by")]
    right.hold()
    shown = [(p.name, p.state, p.note) for p in standing(parts.seen(), fronts)]
    assert shown == [("gis", "running", ""), ("scada", "running", "active")]
