"""Several facts in one message: each is known, accounted for and refused alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import pytest
import sqlalchemy as sa

from cim.dialect import Correction
from cim.message import Message, Outgoing
from cim.profiles.end_device_events import EndDeviceEvents
from hub.dispatch import Hub
from hub.dispatch.records import STREAMS
from hub.dispatch.taken import Taken
from hub.dispatch.window import Window
from hub.journal import Journal, known, queries
from hub.journal.canonical import decode
from hub.journal.lanes import lane
from hub.journal.tables import delivery
from hub.parts import File, Part, parts
from tests import fakes
from tests.hub.dispatch import test_files
from tests.hub.dispatch.test_files import FILE, LINES, Line

BAD = "\x01"  # no character of XML: only whoever writes the message sees it


@dataclass(frozen=True)
class Meters(test_files.Meters):
    """Lines as there, or "id hours reason"; so many of them in a message."""

    most: int = 100

    @property
    def together(self) -> Mapping[str, int]:
        return {"EndDeviceEvents": self.most}

    def to_cim(self, line: Line) -> list[Outgoing]:
        text, _, reason = line.text.partition(" because ")
        told = super().to_cim(Line(text))
        if not reason:
            return told
        [one] = told
        assert one.external_id
        return [replace(one, payload=fakes.last_gasp(one.external_id, reason))]


@pytest.fixture
def hub(journal: Journal, app: fakes.CountingApp) -> Hub:
    return Hub(journal, {"counting": app}, windows={"meters": Window(late=86_400)})


def take(hub: Hub, *lines: str, most: int = 100, changed: int = 1) -> Taken:
    file = File.of("events.txt", repr(lines).encode(), changed, records=len(lines))
    return hub.take("meters", Meters(most), Part(file, 0, [Line(text) for text in lines]))


def messages(journal: Journal) -> list[Message]:
    """In the order of the journal."""
    with journal.reading() as connection:
        found = [queries.message(connection, row.seq) for row in queries.search(connection)]
    return [decode(one.body) for one in reversed(found) if one]


def points(journal: Journal) -> list[list[str]]:
    """The usage points of each message."""
    return [
        [
            event.usage_point.mrid or ""
            for event in message.payload.end_device_event
            if event.usage_point
        ]
        for message in messages(journal)
        if isinstance(message.payload, EndDeviceEvents)
    ]


def of_stream(stream: int, count: int) -> list[str]:
    """Usage points that are told of in this stream."""
    named = (f"up-{number}" for number in range(1_000))
    return [name for name in named if lane(name, STREAMS) == stream][:count]


def verdicts(journal: Journal) -> list[tuple[int, int, int, int]]:
    """Accepted, duplicate, quarantined, late of each file, the newest first."""
    return [
        (one.accepted, one.duplicate, one.quarantined, one.late)
        for one in test_files.files(journal)
    ]


@pytest.mark.parametrize(("size", "most"), [(3, 100), (100, 2)])
def test_each_is_accounted_for_as_if_it_were_alone(
    hub: Hub, journal: Journal, size: int, most: int
) -> None:
    again = replace(FILE, changed=8)
    for part in (*parts(FILE, LINES, size), *parts(again, LINES, 100)):
        hub.take("meters", Meters(most), part)
    assert verdicts(journal) == [(1, 5, 1, 0), (4, 1, 1, 1)]
    assert sorted(chain.from_iterable(points(journal))) == ["a", "b", "d", "e"]


def test_those_of_a_stream_go_together_in_their_order(hub: Hub, journal: Journal) -> None:
    a, b, c = of_stream(2, 3)
    [other] = of_stream(5, 1)
    taken = take(hub, *(f"{one} 0" for one in (a, other, b, c)), most=2)
    assert points(journal) == [[a, b], [other], [c]]
    assert taken.results == [1, 2, 3]
    with journal.reading() as connection:
        keys = list(connection.execute(sa.select(delivery.c.ordering_key)).scalars())
    of_2 = "EndDeviceEvents of meters, 3 of 8"
    assert keys == [of_2, "EndDeviceEvents of meters, 6 of 8", of_2]


def test_what_came_alone_before_is_a_duplicate_and_the_other_way_round(
    hub: Hub, journal: Journal
) -> None:
    hub.take("meters", test_files.Meters(), [Line("a 0")])
    take(hub, "a 0", "b 0")
    alone = File.of("alone.txt", b"", 1, records=2)
    hub.take("meters", test_files.Meters(), Part(alone, 0, [Line("b 0"), Line("c 0")]))
    assert points(journal) == [["a"], ["b"], ["c"]]
    assert verdicts(journal) == [(1, 1, 0, 0), (1, 1, 0, 0)]


def test_one_that_cannot_be_written_is_refused_alone(hub: Hub, journal: Journal) -> None:
    a, b, c = of_stream(0, 3)
    take(hub, f"{a} 0", f"{b} 0 because {BAD}", f"{c} 0")
    assert points(journal) == [[a], [c]]
    assert verdicts(journal) == [(2, 0, 1, 0)]
    with journal.reading() as connection:
        assert fakes.quarantined(connection).received == f"{b} 0 because {BAD}".encode()
    take(hub, f"{a} 0", f"{b} 0", changed=2)
    assert verdicts(journal)[0] == (1, 1, 0, 0)


def test_late_ones_go_together_and_say_how_old_the_oldest_is(hub: Hub, journal: Journal) -> None:
    a, b, c, d = of_stream(1, 4)
    take(hub, f"{a} 30", f"{b} 40", f"{c} 0", f"{d} 30")
    assert points(journal) == [[a, b], [c], [d]]
    late = [[p.value for p in one.header.properties] for one in messages(journal)]
    assert late == [["PT144000S"], [], ["PT108000S"]]
    assert verdicts(journal) == [(1, 0, 0, 3)]


def test_what_was_corrected_is_told_with_the_first_of_a_message(hub: Hub, journal: Journal) -> None:
    @dataclass(frozen=True)
    class Corrected(Line):
        corrections: Sequence[Correction] = (Correction("time-format", 1, ()),)

    a, b, c = of_stream(1, 3)
    hub.take("meters", Meters(), [Line(f"{a} 0"), Corrected(f"{b} 0"), Line(f"{c} 0")])
    assert points(journal) == [[a], [b, c]]
    with journal.reading() as connection:
        found = queries.message(connection, 2)
    assert found
    assert [one.tolerance for one in found.corrections] == ["time-format"]
    assert found.received == f"{b} 0{c} 0".encode()


def test_when_another_brings_some_of_it_meanwhile_each_is_taken_alone(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = of_stream(4, 2)
    ask = hub._intake._known

    def and_then(source: str, facts: Sequence[str]) -> known.Before:
        found = ask(source, facts)
        monkeypatch.setattr(hub._intake, "_known", ask)
        take(hub, f"{a} 0")  # by the other one, just after it was news
        return found

    monkeypatch.setattr(hub._intake, "_known", and_then)
    take(hub, f"{a} 0", f"{b} 0", changed=2)
    assert points(journal) == [[a], [b]]
    assert verdicts(journal)[0] == (1, 1, 0, 0)


def test_when_a_batch_cannot_be_taken_together_it_is_accounted_for_alike(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = hub._intake._together

    def moody(items: Sequence[object], *rest: object) -> object:
        if len(items) > 1:
            raise RuntimeError("of a moment")
        return together(items, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(hub._intake, "_together", moody)
    for part in parts(FILE, LINES, 100):
        hub.take("meters", Meters(), part)
    assert verdicts(journal) == [(4, 1, 1, 1)]


def test_a_message_that_fails_is_tried_again_whole_and_keeps_only_its_stream(
    hub: Hub, journal: Journal, app: fakes.CountingApp, effects: fakes.Effects, clock: fakes.Clock
) -> None:
    a, b = of_stream(3, 2)
    [other] = of_stream(6, 1)
    app.failing = {a}
    take(hub, f"{a} 0", f"{b} 0", f"{other} 0")
    take(hub, f"{of_stream(3, 3)[2]} 0", changed=2)
    hub.deliver("counting")
    assert effects() == [other]
    app.failing = set()
    clock.forward(1)
    while hub.deliver("counting"):
        pass
    assert effects() == [other, a, of_stream(3, 3)[2]]
