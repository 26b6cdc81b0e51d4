"""Files in parts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hub.parts import File, Part, parts

FILE = File.of("a.csv", b"1\n2\n", 1)


@given(st.lists(st.integers(), max_size=9), st.integers(1, 4), st.integers(0, 10))
def test_what_is_left_after_some_records(numbers: list[int], size: int, done: int) -> None:
    file = File("a", "", 0, records=len(numbers))
    found = list(parts(file, numbers, size))
    assert [n for part in found for n in part] == numbers
    assert [part.is_last for part in found] == [False] * (len(found) - 1) + [True]
    rest = [part.after(done) for part in found]
    assert [n for part in rest for n in part] == numbers[done:]
    assert [part.end for part in rest] == [part.end for part in found]


def test_a_file_is_known_by_name_time_content_and_settings() -> None:
    assert FILE.key == File.of("a.csv", b"1\n2\n", 1, records=2).key
    others = [File.of("b.csv", b"1\n2\n", 1), File.of("a.csv", b"1\n", 1)]
    others.append(File.of("a.csv", b"1\n2\n", 2))
    others.append(replace(FILE, read_by="other settings"))
    assert len({FILE.key, *(one.key for one in others)}) == 5


def test_a_part_without_records_says_something() -> None:
    nothing: list[int] = []
    [part] = parts(FILE, nothing, 10)
    assert part
    assert part == Part(FILE, 0, [])
    assert part.is_last
