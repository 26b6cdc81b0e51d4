"""The compiled loops, one by one, beside what Python does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.model import characters, interning, memory
from cim.model.growing import Table
from cim.model.terms import key

SEED = np.uint64(7)
HYPHENED = "aB345678-1234-abcd-ABCD-zyx456789012"
identities = st.builds(
    str.__add__,
    st.sampled_from(["#_", "urn:uuid:", "#", "", "urn:uuid"]),
    st.sampled_from([HYPHENED, HYPHENED.upper(), HYPHENED[:-1], HYPHENED[:-1] + "ä", "", "x"])
    | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
)


def in_memory(text: bytes) -> tuple[np.ndarray[tuple[int], np.dtype[np.uint8]], int, int]:
    """The bytes with zeros behind, and where they begin and end."""
    data = np.frombuffer(text + bytes(16), np.uint8).copy()
    return data, data.ctypes.data, data.ctypes.data + len(text)


@given(identities, identities)
def test_keys_hash_alike_when_they_are_the_same(one: str, other: str) -> None:
    a, low_a, high_a = in_memory(one.encode())
    b, low_b, high_b = in_memory(other.encode())
    hashes = interning.hashed_key(low_a, high_a, SEED), interning.hashed_key(low_b, high_b, SEED)
    assert (hashes[0] == hashes[1]) == (key(one) == key(other))
    assert len(a) + len(b)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_spans_are_compared_and_copied(one: bytes, other: bytes) -> None:
    a, low, _ = in_memory(one)
    b, to, _ = in_memory(other)
    length = min(len(one), len(other))
    assert interning.same(low, to, length) == (one[:length] == other[:length])
    interning.copy(low, length, to)
    assert b.tobytes() == one[:length] + other[length:] + bytes(16)
    assert a.tobytes() == one + bytes(16)


@given(st.lists(st.binary(max_size=12)))
def test_a_table_gives_rows_in_the_order_of_their_coming(strings: list[bytes]) -> None:
    table, known = Table(0, 0), dict[bytes, int]()
    for string in strings:
        row = table.enter(string, len(known), SEED)
        assert row == known.setdefault(string, len(known))


def test_a_search_that_is_too_long_is_given_up() -> None:
    """As in a table full of other strings, which only crafted hashes could bring about."""
    table = Table(512, 8192)
    table.ends[:] = 0
    for at in range(len(table.slots)):
        table.slots[at] = (at << 32 | 1) + 1
    _, low, high = in_memory(b"abc")
    assert interning.row_of(low, high, *table.addresses, 0, SEED) == -1
    assert interning.row_of_key(low, high, *table.addresses, 0, SEED) == -1


@pytest.mark.parametrize("start", range(0x80, 0x110000, 0x10F80))
def test_characters_of_several_bytes(start: int) -> None:
    for code in range(start, min(start + 0x10F80, 0x110000), 7):
        legal = not 0xD800 <= code < 0xE000 and code not in (0xFFFE, 0xFFFF)
        text = chr(code).encode("utf-8", "surrogatepass")
        _, low, _ = in_memory(text)
        assert characters.length_of(low) == (len(text) if legal else 0), hex(code)


@given(st.binary(min_size=1, max_size=4))
def test_bytes_that_are_no_characters(text: bytes) -> None:
    _, low, _ = in_memory(text)
    length = characters.length_of(low)
    if length:
        assert ord(text[:length].decode()) > 0x7F
    else:
        first = text.decode("utf-8", "ignore")[:1]
        ascii_or_none = text[0] < 0x80 or not text.startswith(first.encode() or b"\xff")
        assert ascii_or_none or first in "\ufffe\uffff"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"a&amp;b", "a&b"),
        (b"&lt;&gt;&quot;&apos;", "<>\"'"),
        (b"&#65;&#x41;&#x0041;&#0065;", "AAAA"),
        (b"&#xE4;&#x20AC;&#x10FFFF;", "ä€\U0010ffff"),
        (b"&#9;&#10;&#13;", "\t\n\r"),
        (b"a\r\nb\rc\r\r\n\n", "a\nb\nc\n\n\n"),
        (b"&;", None),
        (b"&amp", None),
        (b"&#;", None),
        (b"&#x;", None),
        (b"&#0;", None),
        (b"&#1;", None),
        (b"&#xD800;", None),
        (b"&#xFFFF;", None),
        (b"&#x110000;", None),
        (b"&#99999999999999999999999;", None),
        (b"&#6 5;", None),
        (b"&#A;", None),
        (b"&#xG;", None),
        (b"&#X41;", None),
        (b"&AMP;", None),
        (b"&nbsp;", None),
    ],
)
def test_references_are_decoded_where_they_stand(written: bytes, meant: str | None) -> None:
    data, low, high = in_memory(written)
    end = characters.decoded(low, high)
    assert (end == 0) == (meant is None)
    if meant is not None:
        assert data[: end - low].tobytes().decode() == meant


def test_a_change_in_any_file_of_loops_makes_all_of_them_anew() -> None:
    folder = Path(memory.__file__).parent
    users = {f.name for f in folder.glob("*.py") if "from cim.model.memory import" in f.read_text()}
    assert users | {"memory.py"} == set(memory._LOOPS)
    stamps = interning.row_of._cache._cache_file._source_stamp
    assert len(stamps) == len(memory._LOOPS) + 1  # and that of the loop itself
