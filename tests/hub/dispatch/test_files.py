"""Every record of a file is accounted for, and one that is read again is gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from cim.message import Outgoing, Verb
from hub.dispatch import Hub
from hub.dispatch.window import Window
from hub.journal import Journal, feed_files, queries, source_clocks
from hub.journal.canonical import decode
from hub.journal.feed_files import FeedFile
from hub.parts import File, Part, parts
from tests import fakes


@dataclass(frozen=True)
class Line:
    """ "id hours": a last gasp so many hours ago; one without hours cannot be read."""

    text: str

    @property
    def origin(self) -> str:
        return f"line {self.text}"

    @property
    def raw(self) -> bytes:
        return self.text.encode()


class Meters:
    """An adapter of such lines; "-" says nothing."""

    def read(self) -> Iterator[Sequence[Line]]:
        return iter(())

    def to_cim(self, line: Line) -> list[Outgoing]:
        if line.text == "-":
            return []
        one, hours = line.text.split()
        at = fakes.START - timedelta(hours=float(hours))
        return [Outgoing(Verb.CREATED, fakes.last_gasp(one), external_id=one, at=at)]


LINES = [Line(text) for text in ("a 0", "b 1", "a 0", "c", "-", "d 30", "e 0")]
FILE = File.of("events.txt", b"a b c", 7, records=len(LINES))


@pytest.fixture
def hub(journal: Journal, app: fakes.CountingApp) -> Hub:
    return Hub(journal, {"counting": app}, windows={"meters": Window(late=86_400)})


def files(journal: Journal, **wanted: str) -> list[FeedFile]:
    with journal.reading() as connection:
        return feed_files.listed(connection, **wanted)  # type: ignore[arg-type]


def take(hub: Hub, *taken: Part[Line]) -> None:
    for part in taken:
        hub.take("meters", Meters(), part)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_every_record_is_accounted_for(hub: Hub, journal: Journal, size: int) -> None:
    take(hub, *parts(FILE, LINES, size))
    [file] = files(journal)
    assert (file.source, file.name, file.records, file.done) == ("meters", "events.txt", 7, 7)
    assert (file.accepted, file.duplicate, file.quarantined, file.late) == (4, 1, 1, 1)
    assert file.ended_at == fakes.START


def test_a_fact_of_the_future_goes_to_quarantine_until_its_time_has_come(journal: Journal) -> None:
    clock = fakes.Clock()
    window = Window(ahead=300.0, setting="feeds.meters.ahead")
    hub = Hub(journal, {}, windows={"meters": window}, clock=clock)
    lines = [Line("a -7"), Line("b -7.1"), Line("c -0.08")]
    take(hub, *parts(File.of("f.txt", b"f", 7, records=3), lines, 100))
    [file] = files(journal)
    assert (file.accepted, file.quarantined) == (1, 2)
    with journal.reading() as connection:
        whys = [str(one.reason) for one in queries.quarantined(connection)]
        [alarm] = source_clocks.wrong(connection)
    assert all("in the future: it is 2026-07-14T15:00:00+00:00" in why for why in whys)
    assert (alarm.source, alarm.since) == ("meters", fakes.START)
    assert alarm.why.endswith("of its last 3 facts one lies 7 h 06 min in the future")
    clock.forward(7 * 3600)
    take(hub, *parts(File.of("g.txt", b"g", 7, records=3), lines, 100))
    last = files(journal)[0]  # b is still 6 min ahead
    assert (last.accepted, last.duplicate, last.quarantined) == (1, 1, 1)


def test_the_alarm_of_a_clock_outlasts_a_restart_and_ends_when_the_clock_is_right(
    journal: Journal,
) -> None:
    clock, window = fakes.Clock(), Window(usual=3_000.0)

    def send(name: str, hours: float, count: int) -> list[str]:
        lines = [Line(f"{name}{number} {hours}") for number in range(count)]
        restarted = Hub(journal, {}, windows={"meters": window}, clock=clock)
        take(restarted, *parts(File.of(name, b"", 1, records=count), lines, 7))
        with journal.reading() as connection:
            [feed] = feed_files.feeds(connection)
            whys = [one.why for one in source_clocks.wrong(connection)]
            assert [feed.clock] == (whys or [""])
            assert [one.since for one in source_clocks.wrong(connection)] in ([], [fakes.START])
        return whys

    assert send("a", 2, 19) == []
    [why] = send("b", 3, 1)
    assert why.endswith("each of its last 20 facts was at least 2 h 00 min ago when it came")
    clock.forward(60)
    [why] = send("c", 2.5, 5)
    assert "its last 25 facts" in why
    clock.forward(60)
    assert send("d", 0, 1) == []
    assert send("e", 2, 90) == []


def test_a_late_fact_is_taken_and_says_so(hub: Hub, journal: Journal) -> None:
    take(hub, *parts(FILE, LINES, 100))
    with journal.reading() as connection:
        bodies = {
            row.external_id: queries.message(connection, row.seq)
            for row in queries.search(connection)
        }
    late = {one: decode(found.body).header for one, found in bodies.items() if found}
    assert [one for one, header in late.items() if header.is_late] == ["d"]
    assert late["d"].properties[0].value == "PT108000S"


def test_a_file_that_is_read_again_after_a_power_cut_is_gone_on_with(
    hub: Hub, journal: Journal
) -> None:
    first, *_ = parts(FILE, LINES, 4)
    take(hub, first)
    [file] = files(journal)
    assert (file.done, file.ended_at) == (4, None)
    take(hub, *parts(FILE, LINES, 3), *parts(FILE, LINES, 100))
    [file] = files(journal)
    assert (file.accepted, file.duplicate, file.quarantined, file.late) == (4, 1, 1, 1)
    assert file.done == 7
    with journal.reading() as connection:
        assert queries.counts(connection).messages == 4
        assert len(queries.quarantined(connection, "open", None, 50)) == 1


def test_a_file_that_comes_twice_is_all_duplicates(hub: Hub, journal: Journal) -> None:
    take(hub, *parts(FILE, LINES, 100), *parts(replace(FILE, changed=8), LINES, 100))
    second, first = files(journal)
    assert (first.number, second.number) == (1, 2)
    assert (second.accepted, second.duplicate, second.quarantined) == (1, 5, 1)
    with journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert kept.times == 2


def test_a_file_that_is_refused_as_a_whole_or_ignored_is_told(hub: Hub, journal: Journal) -> None:
    take(hub, Part(File("x.csv", "", 1, refused="x.csv has no header line"), 0, []))
    [file] = files(journal)
    assert (file.records, file.refused) == (0, "x.csv has no header line")
    assert file.ended_at is not None
    for why in ("it is empty", "it is empty", "its name does not end in .txt"):
        take(hub, Part(File("y.csv", "", len(why), ignored=why), 0, []))
    ends, empty, refused = files(journal)
    assert (ends.name, ends.ignored) == ("y.csv", "its name does not end in .txt")
    assert (empty.ignored, empty.records, refused.ignored) == ("it is empty", 0, None)
    with journal.reading() as connection:
        [feed] = feed_files.feeds(connection)
    assert (feed.files, feed.ignored, feed.refused, feed.open) == (1, 2, 1, 0)


def test_when_a_batch_cannot_be_taken_together_it_is_accounted_for_alike(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, hub_intake = hub._intake._together, hub._intake

    def moody(items: Sequence[object], *rest: object) -> object:
        if len(items) > 1:
            raise RuntimeError("of a moment")
        return together(items, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(hub_intake, "_together", moody)
    take(hub, *parts(FILE, LINES, 100))
    [file] = files(journal)
    assert (file.accepted, file.duplicate, file.quarantined, file.late) == (4, 1, 1, 1)


def test_how_long_a_file_took_is_told_once_it_is_taken(journal: Journal) -> None:
    clock = fakes.Clock()
    hub = Hub(journal, {}, clock=clock)
    first, second = parts(FILE, LINES, 4)
    take(hub, first)
    [file] = files(journal)
    assert (file.ended_at, file.seconds, file.per_second) == (None, None, None)
    clock.forward(2.5)
    take(hub, second)
    [file] = files(journal)
    assert (file.seconds, file.per_second) == (2.5, 2.8)  # 7 records
    take(hub, *parts(replace(FILE, changed=8), LINES, 100))
    assert (files(journal)[0].seconds, files(journal)[0].per_second) == (0.0, None)


def test_files_of_a_source_are_listed_in_pages_and_summed(hub: Hub, journal: Journal) -> None:
    for number in range(3):
        take(hub, *parts(replace(FILE, changed=number), LINES, 100))
    with journal.reading() as connection:
        newest = feed_files.listed(connection, "meters", limit=2)
        older = feed_files.listed(connection, "meters", before=newest[-1].number)
        nothing = feed_files.listed(connection, "others")
        [feed] = feed_files.feeds(connection)
    assert [one.number for one in (*newest, *older)] == [3, 2, 1]
    assert nothing == []
    assert (feed.source, feed.files, feed.open, feed.refused) == ("meters", 3, 0, 0)
    assert (feed.records, feed.accepted, feed.duplicate) == (21, 6, 11)
