"""A zone that was handed over stays so: for who hears it twice, and for who learns it later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from cim.message import Kind, Message, Outgoing, Verb
from cim.profiles.trouble_orders import TroubleOrders
from dms_apps.crews import CrewsApp
from dms_apps.crews.handover import owned
from dms_apps.crews.store import history
from dms_apps.crews.zones import Zone
from hub.dispatch import Hub
from hub.dispatch.stamp import stamp
from hub.journal import Journal, queries
from hub.journal.canonical import decode, encode
from tests import fakes
from tests.dms_apps.crews.playing import DAY, Run, asked, moment
from tests.dms_apps.crews.test_hub import adapter

NAME = "crews"
ZONES = {"North": Zone(), "South": Zone()}
ANNA = {"anna": ("North", "South"), "ben": ()}
REQUESTS = (
    {"zone": "North", "dispatcher": "ben"},
    {"zone": "South", "dispatcher": ""},
    {"zone": "South", "user": "carl"},
    {"zone": "North", "dispatcher": "carl", "user": "ben"},
    {"zone": "West"},  # refused
)
OWNERS = {"North": "carl", "South": "carl"}
LOG = [
    "ben: zone North handed over from ben to carl",
    "carl: zone South handed over from nobody to carl",
    "anna: zone South handed over from anna to nobody",
    "anna: zone North handed over from anna to ben",
]


class House:
    """A hub on a journal, with the app from the beginning, or added later."""

    def __init__(self, journal: Journal, *, known: bool) -> None:
        self.journal = journal
        if not known:
            journal.subscribe()
        self.app = CrewsApp(zones=ZONES, dispatchers=ANNA)
        self.hub = Hub(journal, {NAME: self.app} if known else {})

    def take(self, message: Message) -> None:
        handed = fakes.Handed.of(message)
        self.hub.accept([handed], "test")
        assert not handed.rejected

    def ask(self, number: int, **given: str) -> None:
        message = asked({"verb": "change", **given}, self.journal.clock())
        header = replace(message.header, message_id=f"request {number}")
        self.take(replace(message, header=header))

    def add(self) -> None:
        """The app is added, and told what came before it."""
        self.journal.subscriptions = ()
        self.hub = Hub(self.journal, {NAME: self.app})
        while self.hub.past[NAME].step():
            pass

    def delivered(self) -> None:
        while self.hub.deliver(NAME):
            pass

    @property
    def heard(self) -> list[Message]:
        """The events, in their order, those of the app among them."""
        with self.journal.reading() as connection:
            rows = queries.search(connection, limit=1000)
            found = [queries.message(connection, row.seq) for row in reversed(rows)]
        messages = [decode(one.body) for one in found if one]
        return [one for one in messages if one.kind is Kind.EVENT]

    @property
    def state(self) -> tuple[dict[str, str], list[tuple[object, str]]]:
        """Who has which zone, and who decided so when."""
        with self.journal.reading() as connection:
            log = history(connection, DAY)
            owners = owned(connection, self.app)
        return owners, [(row["at"], f"{row['who']}: {row['what']}") for row in log]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    opened = []

    def begin(clock: fakes.Clock, *, known: bool) -> House:
        journal = Journal.open(f"sqlite:///{tmp_path / f'{len(opened)}.db'}", clock=clock)
        opened.append(journal)
        return House(journal, known=known)

    yield begin
    for journal in opened:
        journal.close()


def test_who_learns_it_later_knows_the_same(house: Callable[..., House]) -> None:
    clock = fakes.Clock()
    first = house(clock, known=True)
    for number, given in enumerate(REQUESTS):
        first.ask(number, **given)
        first.delivered()
        clock.forward(60)
    owners, log = first.state
    assert owners == OWNERS
    assert [what for _, what in log] == LOG

    clock.forward(3600)
    later = house(clock, known=False)
    for event in first.heard:
        later.take(event)
    clock.forward(3600)
    later.add()
    assert later.state == (owners, log)


def test_those_of_one_moment_count_in_their_order(house: Callable[..., House]) -> None:
    """Several requests that are carried out together have one clock."""
    one = house(fakes.Clock(), known=True)
    for number, to in enumerate(("ben", "carl", "anna", "ben")):
        one.ask(number, zone="North", dispatcher=to, user="carl")
    one.delivered()
    owners, log = one.state
    assert (owners["North"], len({at for at, _ in log}), len(log)) == ("ben", 4, 4)
    assert [what.rpartition(" ")[2] for _, what in log] == ["ben", "anna", "carl", "ben"]


def test_a_system_looks_after_no_zone(house: Callable[..., House]) -> None:
    """It may hand one over, but has to say to whom."""
    one = house(fakes.Clock(), known=True)
    for number, options in enumerate(({}, {"dispatcher": "console"}, {"dispatcher": "ben"})):
        message = asked({"verb": "change", "zone": "North", **options}, one.journal.clock())
        header = replace(message.header, message_id=f"request {number}", user=None)
        one.take(replace(message, header=header))
        one.delivered()
        assert one.state[0]["North"] == options.get("dispatcher", "anna").replace("console", "anna")
    assert [what for _, what in one.state[1]] == [
        "console: zone North handed over from anna to ben"
    ]


def events_of(run: Run) -> list[Outgoing]:
    return [one for one in run.said if one.verb is Verb.CHANGED]


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_the_later_one_counts_however_often_and_late_it_is_told(
    begun: Callable[..., Run], order: Sequence[int]
) -> None:
    run = begun(zones={"North": {}}, dispatchers={"anna": ["North"]})
    for minute, to in enumerate(("ben", "anna", "carl")):
        ask = {"verb": "change", "zone": "North", "dispatcher": to, "user": to}
        run.tell({"at": f"08:0{minute}", "ask": ask})
    told = [stamp(one, NAME, run.now + timedelta(hours=1)) for one in events_of(run)]
    before = run.rows("dispatchers", "dispatcher", "zones"), run.rows("log", "at", "what", "who")
    again = begun(zones={"North": {}}, dispatchers={"anna": ["North"]})
    again.until(moment("08:03"))
    for number in (*order, *order[:2]):
        assert again.take(decode(encode(told[number]))) == []
    after = again.rows("dispatchers", "dispatcher", "zones")
    assert (after, again.rows("log", "at", "what", "who")) == before


def test_others_do_not_tell_it(begun: Callable[..., Run]) -> None:
    run = begun(zones={"North": {}}, dispatchers={"anna": ["North"]})
    ask = {"verb": "change", "zone": "North", "dispatcher": "ben", "user": "ben"}
    run.tell({"at": "08:00", "ask": ask})
    [event] = [stamp(one, "erp", run.now) for one in events_of(run)]
    assert event.payload == TroubleOrders()
    again = begun(zones={"North": {}}, dispatchers={"anna": ["North"]})
    again.take(event)
    assert again.rows("dispatchers", "dispatcher", "zones") == [["anna", "North"]]


def test_a_system_of_orders_is_told_nothing(begun: Callable[..., Run], tmp_path: Path) -> None:
    run = begun(zones={"North": {}})
    ask = {"verb": "change", "zone": "North", "dispatcher": "anna"}
    run.tell({"at": "08:00", "ask": ask})
    [event] = [stamp(one, NAME, run.now) for one in events_of(run)]
    assert [*adapter(tmp_path).from_cim(event)] == []
