"""Of what is read again and again only what is news is looked at."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.scada.blocks import Block
from adapters.scada.points import Data, Kind, Point, Table
from adapters.scada.quality import Flag
from adapters.scada.samples import Look
from adapters.scada.watch import Flapping, Watch
from adapters.scada.words import Reader

AT = datetime(2026, 7, 14, 12, tzinfo=UTC)
BLOCK = Block(
    Table.HOLDING,
    10,
    6,
    (
        Point(name="A", kind=Kind.ANALOG, place=Table.HOLDING, address=10, data=Data.UINT16),
        Point(name="B", kind=Kind.ANALOG, place=Table.HOLDING, address=11, data=Data.UINT32),
        Point(name="C", kind=Kind.DISCRETE, place=Table.HOLDING, address=13, bit=0),
        Point(name="D", kind=Kind.DISCRETE, place=Table.HOLDING, address=13, bit=1),
        Point(name="E", kind=Kind.ANALOG, place=Table.HOLDING, address=15, data=Data.INT16),
    ),
)
FIRST = [7, 0, 9, 0b01, 0, 5]


def news(look: Look) -> dict[str, float | None]:
    return {sample.point: sample.raw for sample in look.news}


def test_the_points_of_registers_that_changed_are_news() -> None:
    reader = Reader(BLOCK)
    assert news(reader.look(FIRST)) == {"A": 7, "B": 9, "C": 1, "D": 0, "E": 5}
    assert news(reader.look(FIRST.copy())) == {}
    # the word of two bits, the high word of B, and a register (14) of no point
    look = reader.look([7, 1, 9, 0b10, 3, 5])
    assert news(look) == {"B": 65_545, "C": 0, "D": 1}
    assert [sample.raw for sample in look.samples] == [7, 65_545, 0, 1, 5]
    reader.forget()
    assert len(news(reader.look([7, 1, 9, 0b10, 3, 5]))) == 5


class Watched:
    """A watch of the block; a second passes from look to look."""

    def __init__(self, **flapping: float) -> None:
        self.watch = Watch(BLOCK.points, Flapping(**{"changes": 0, **flapping}))  # type: ignore[arg-type]
        self._reader = Reader(BLOCK)
        self._clock = 0.0

    def look(self, words: list[int]) -> tuple[int, dict[str, float | None]]:
        """How many samples were looked at, and what was told."""
        self._clock += 1
        looked = list[str]()
        told = {}
        for sample in self.watch.news(self._reader.look(words)):
            looked.append(sample.point)
            if one := self.watch.take(sample, AT, self._clock):
                told[one.point] = one.value
        return len(looked), told


def test_a_block_that_is_as_before_is_not_looked_at() -> None:
    watched = Watched()
    assert watched.look(FIRST) == (5, {"A": 7, "B": 9, "C": 1, "D": 0, "E": 5})
    assert watched.look(FIRST) == (0, {})
    assert watched.look([8, *FIRST[1:]]) == (1, {"A": 8})


def test_after_a_loss_a_refusal_and_for_integrity_all_is_looked_at() -> None:
    watched = Watched()
    watched.look(FIRST)
    watched.watch.integrity()
    assert watched.look(FIRST)[1].keys() == set("ABCDE")
    assert watched.look(FIRST) == (0, {})
    assert len(list(watched.watch.lost(AT))) == 5
    assert watched.look(FIRST)[1].keys() == set("ABCDE")
    [told] = watched.watch.failed(["E"], AT)
    assert told.flags == {Flag.FAILURE}
    assert watched.look(FIRST) == (5, {"E": 5})


def test_a_point_that_is_held_is_looked_at_until_it_is_still() -> None:
    watched = Watched(changes=1, seconds=2.5)
    moved = [*FIRST[:3], 0b00, *FIRST[4:]]
    watched.look(FIRST)
    assert watched.look(moved) == (2, {"C": 0})
    assert watched.look(FIRST) == (2, {"C": 0})  # held where it was
    assert watched.look(FIRST) == (5, {})
    assert watched.look(FIRST) == (5, {})
    assert watched.look(FIRST) == (5, {"C": 1})
    assert watched.look(FIRST) == (0, {})
