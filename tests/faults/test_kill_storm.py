"""kill -9 of the hub in a storm, again and again: no call is lost, and who was without power from
when until when, and the indices of reliability, are known exactly: as by a hub that was never
killed, and as a count by hand of what truly happened gives them."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from cim.message import Message
from dms_apps.outage.tables import interruption, outage
from dms_apps.outage.tables import ticket as heard
from dms_apps.trouble_calls.tables import ticket
from hub.dispatch import Hub
from hub.dispatch.reports import Given, ask
from hub.journal import Journal
from hub.report import Cell
from tests.faults.outages_process import PARTNER, Site, unfolding
from tests.faults.storm_network import FEEDER, volt_amperes, zones
from tests.faults.storm_story import BACK, BEFORE, CALLS, FEEDERS, STORM, apps
from tests.faults.test_kill_embedded import wait_for
from tests.faults.test_kill_rabbitmq import Partner
from tests.services import Broker

PATIENCE = 240.0  # seconds
KILLS = 5
ON_THE_WAY = 20  # messages at most, where they go over a broker: so each kill finds some there
LOOKED = timedelta(minutes=15)  # after the beginning: when indices are asked for
EVERYBODY = FEEDERS * FEEDER
LIMIT = timedelta(seconds=300)  # what lasts longer is sustained; also how long one event is
Span = tuple[datetime, datetime]


def without(begin: datetime) -> dict[str, list[Span]]:
    """Usage point -> from when until when it was without power, as far as anybody can know.

    A meter tells when it was; where it could not, it was when the first below the same device was.
    """
    found: dict[str, list[Span]] = defaultdict(list)
    for point, spans in BEFORE.items():
        for at, lasts in spans:
            start = begin + timedelta(seconds=at)
            found[point].append((start, start + timedelta(seconds=lasts)))
    gasps, heard = {point for _, point in STORM.gasps}, dict[str, float]()
    for at, point in (*STORM.gasps, *STORM.calls):
        heard[point] = min(at, heard.get(point, at))
    for below in below_devices().values():
        first = min(heard[point] for point in below & heard.keys())
        for point in below:
            seconds = heard[point] if point in gasps else first
            found[point].append((begin + timedelta(seconds=seconds), begin + BACK))
    return found


def below_devices() -> dict[str, set[str]]:
    """Device that truly opens -> the usage points below it."""
    return {
        zone.name(device): {zone.name(point) for point in below}
        for zone in zones(FEEDERS)
        for some in zone.opens.values()
        for device, below in some
        if zone.name(device) in STORM.devices
    }


def counted(every: Mapping[str, list[Span]], begin: datetime) -> dict[str, Cell]:
    """The indices of IEEE 1366, customer by customer."""
    lasting = {p: [s for s in spans if s[1] - s[0] > LIMIT] for p, spans in every.items()}
    brief = {p: [s for s in spans if s[1] - s[0] <= LIMIT] for p, spans in every.items()}
    events = {p: _events(brief[p], lasting[p]) for p in every}
    lengths = {p: [(end - start) / timedelta(microseconds=1) for start, end in lasting[p]]
               for p in every}  # fmt: skip
    times = sum(len(some) for some in lasting.values())
    minutes = Fraction(int(sum(map(sum, lengths.values()))), 60_000_000)
    hit = sum(bool(some) for some in lasting.values())
    va = volt_amperes(FEEDERS)
    all_va = sum(va.values())
    exact: dict[str, Fraction | int] = {
        "customers served": Fraction(EVERYBODY),
        "customers interrupted": times,
        "customer minutes": minutes,
        "SAIFI": Fraction(times, EVERYBODY),
        "SAIDI": minutes / EVERYBODY,
        "CAIDI": minutes / times,
        "CAIFI": Fraction(times, hit),
        "CTAIDI": minutes / hit,
        "ASAI": 1 - minutes / EVERYBODY / _minutes(begin + LOOKED - _first_day(begin)),
        "ASIFI": Fraction(sum(va[p] * len(some) for p, some in lasting.items()), all_va),
        "ASIDI": sum(va[p] * _minutes(e - s) for p, some in lasting.items() for s, e in some)
        / Fraction(all_va),
        "MAIFI": Fraction(sum(map(len, brief.values())), EVERYBODY),
        "MAIFI_E": Fraction(sum(events.values()), EVERYBODY),
    }
    for n in (1, 2, 3, 5):
        more = sum(len(some) > n for some in lasting.values())
        both = sum(len(lasting[p]) + events[p] > n for p in every)
        exact[f"CEMI_{n}"] = Fraction(more, EVERYBODY)
        exact[f"CEMSMI_{n}"] = Fraction(both, EVERYBODY)
    hour = 3_600_000_000
    for n in (2, 8):
        long = sum(max(some, default=0) >= n * hour for some in lengths.values())
        exact[f"CELID-s {n} h"] = Fraction(long, EVERYBODY)
    together = sum(sum(some) >= 10 * hour for some in lengths.values())
    exact["CELID-t 10 h"] = Fraction(together, EVERYBODY)
    return {name: one if isinstance(one, int) else float(one) for name, one in exact.items()}


def _minutes(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), 60_000_000)


def _first_day(begin: datetime) -> datetime:
    """The begin of the day before, from which on indices are asked for."""
    return datetime.combine(begin.date(), datetime.min.time(), UTC) - timedelta(days=1)


def _events(brief: list[Span], lasting: list[Span]) -> int:
    """Momentary ones within the time of an event are one; what ends in a sustained one is none."""
    count, begun = 0, datetime.min.replace(tzinfo=UTC)
    for start, _ in sorted(brief):
        if start - begun > LIMIT:
            begun = start
            count += not any(begun < at <= begun + LIMIT for at, _ in lasting)
    return count


class Storm(Site):
    """A hub with the storm to come, and what is known of it afterwards."""

    def is_over(self) -> bool:
        """Whether all has come in, everybody has power again, and every call is settled."""
        return self.has(len(self.sent)) and (
            self._count(interruption) >= len(STORM.dark) + sum(map(len, BEFORE.values()))
            and not self._count(interruption, interruption.c.ended_at.is_(None))
            and not self._count(outage, outage.c.closed_at.is_(None))
            and self._count(ticket, ticket.c.restored_at.is_not(None)) == CALLS
        )

    def _count(self, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        with self.engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(table).where(*conditions)
            return connection.execute(query).scalar_one()

    def rows(self) -> dict[str, list[Span]]:
        """Usage point -> from when until when it was without power."""
        found = defaultdict[str, list[Span]](list)
        with self.engine.connect() as connection:
            for row in connection.execute(
                sa.select(interruption).order_by(interruption.c.started_at)
            ):
                found[row.point].append((row.started_at, row.ended_at))
        return found

    def indices(self) -> dict[str, Cell]:
        """As a new hub reports them."""
        days = {"from": _first_day(self.begin), "to": self.begin + timedelta(days=1)}
        asked = {name: f"{day:%Y-%m-%d}" for name, day in days.items()}
        with closing(Journal.open(self.database)) as journal, journal.reading() as connection:
            hub = Hub(journal, known := dict(apps()))
            hub.live.catch_up()
            given = Given(connection, self.begin + LOOKED, lambda: hub.network)
            report = ask(known, "outage", "reliability", asked, given)
        [row] = [row for row in report.rows if row[0] == "all days"]
        return {column.name: cell for column, cell in zip(report.columns, row, strict=True)}

    def check_tickets(self) -> None:
        """Every call has one ticket with an outage behind it, and its caller was in one then."""
        with self.engine.connect() as connection:
            kept = connection.execute(sa.select(ticket)).all()
            ledger = connection.execute(sa.select(interruption)).all()
            outages = set(connection.scalars(sa.select(outage.c.mrid)))
        assert Counter(one.name for one in kept) == Counter(f"call-{n}" for n in range(CALLS))
        assert all(one.document for one in kept)
        behind = {one.name: one.outage for one in kept}
        for number, (seconds, point) in enumerate(STORM.calls):
            at = self.begin + timedelta(seconds=seconds)
            of = [r.outage for r in ledger if r.point == point and r.started_at <= at < r.ended_at]
            assert of == [behind[f"call-{number}"]]
            assert of[0] in outages

    def devices(self) -> dict[str | None, set[str]]:
        """Open device, or None for services alone -> who was without power for it."""
        found = defaultdict[str | None, set[str]](set)
        query = sa.select(outage.c.device, interruption.c.point).join(
            outage, outage.c.mrid == interruption.c.outage
        )
        with self.engine.connect() as connection:
            for device, point in connection.execute(query):
                found[device].add(point)
        return found

    def calls(self) -> tuple[set[str], set[str]]:
        """The calls that the outage app has heard, and those that have an outage behind them."""
        with self.engine.connect() as connection:
            tied = sa.select(ticket.c.id).where(ticket.c.outage.is_not(None))
            return (
                set(connection.scalars(sa.select(heard.c.id))),
                set(connection.scalars(tied)),
            )


def weather(site: Storm, moments: list[int]) -> None:
    """Let the storm pass, with a kill at each of these counts of messages."""
    for moment in moments:
        with site.running():
            wait_for(partial(site.has, moment), f"{moment} messages")
    with site.running():
        deadline = time.monotonic() + PATIENCE
        while not site.is_over():
            assert time.monotonic() < deadline, f"the storm is not over after {PATIENCE:.0f} s"
            time.sleep(0.5)  # looking costs more than in the other tests


def some_moments(site: Storm, seed: int) -> list[int]:
    """The last of them when everything has come in."""
    count = random.Random(seed).sample(range(1, len(site.sent)), KILLS - 1)  # noqa: S311
    return [*sorted(count), len(site.sent)]


def compare(site: Storm, calm: Storm) -> None:
    assert sorted(site.taken()) == sorted(site.sent)
    truly = without(site.begin)
    by_hand = counted(truly, site.begin)
    for one in (calm, site):
        assert one.rows() == truly
        found = one.indices()
        assert {name: found[name] for name in by_hand} == by_hand
        one.check_tickets()
    assert by_hand["MAIFI"] > by_hand["MAIFI_E"] > 0 < by_hand["CEMI_2"]
    assert by_hand["ASIFI"] != by_hand["SAIFI"]
    assert site.devices() == calm.devices()
    assert site.devices() | {None: set()} == below_devices() | {None: set()}
    assert site.calls() == calm.calls()
    assert [len(some) for some in site.calls()] == [CALLS, CALLS]


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    """A hub that has gone through the storm and was never killed."""
    folder = tmp_path_factory.mktemp("calm")
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=15)
    site = Storm("storm_story", folder, f"sqlite:///{folder / 'calm.db'}", begin)
    weather(site, [])
    yield site
    site.engine.dispose()


def check(calm: Storm, folder: Path, database: str) -> None:
    site = Storm("storm_story", folder, database, calm.begin)
    weather(site, some_moments(site, seed=3))
    compare(site, calm)
    site.engine.dispose()


@pytest.mark.fault
def test_sqlite(calm: Storm, tmp_path: Path) -> None:
    check(calm, tmp_path, f"sqlite:///{tmp_path / 'killed.db'}")


@pytest.mark.fault
def test_postgresql(calm: Storm, tmp_path: Path, postgres_url: str) -> None:
    check(calm, tmp_path, postgres_url)


def on_the_way(site: Storm) -> Iterator[Message]:
    """What the partner hands to the broker, a little ahead of what the hub has taken."""
    for number, [one] in enumerate(unfolding(site.parts, site.engine, 1)):
        while number - len(site.taken()) >= ON_THE_WAY:
            time.sleep(0.05)
        yield one


@pytest.mark.fault
def test_over_rabbitmq(calm: Storm, tmp_path: Path, postgres_url: str, broker: Broker) -> None:
    """The partner hands everything to the broker once, however often the hub is killed."""
    site = Storm("storm_story", tmp_path, postgres_url, calm.begin, broker.url)
    partner = Partner(broker.url, on_the_way(site), f"gridbus.in.{PARTNER}")
    partner.start()
    weather(site, some_moments(site, seed=4))
    partner.join(PATIENCE)
    assert partner.taken == set(site.sent)
    compare(site, calm)
    site.engine.dispose()
