"""Compiled loops over tables of strings: hash, find, enter, gather.

A table of strings is three arrays, known here by their addresses.  blob: the bytes of the strings,
one behind the other.  ends: where they end, 64 bits each, from 0 on.  slots: a hash table, a power
of two of them; in each the lower half of a hash above a row plus one, or 0 when it is free.
"""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.model.memory import byte, njit, number, put_byte, put_word, word

PROBES = 256
"""So many steps no honest document needs to find a string; whoever crafted one is sent away."""

_ONES = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)
_P1 = np.uint64(0x9E3779B97F4A7C15)
_P2 = np.uint64(0xC2B2AE3D27D4EB4F)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_URN_UUID, _COLON = np.uint64(int.from_bytes(b"urn:uuid", "little")), 58
_HASH, _UNDERSCORE, _HYPHEN = 35, 95, 45


# -- spans of bytes


@njit
def same(a: int, b: int, length: int) -> bool:
    """Whether as many bytes from `a` and from `b` are the same."""
    if length < 8:
        for k in range(length):  # noqa: SIM110 - numba compiles no generator
            if byte(a + k) != byte(b + k):
                return False
        return True
    last = length - 8
    for k in range(0, last, 8):
        if word(a + k) != word(b + k):
            return False
    return bool(word(a + last) == word(b + last))


@njit
def copy(source: int, length: int, to: int) -> None:
    if length < 8:
        for k in range(length):
            put_byte(to + k, byte(source + k))
        return
    last = length - 8
    for k in range(0, last, 8):
        put_word(to + k, word(source + k))
    put_word(to + last, word(source + last))


@njit
def mixed(state: Any, eight: Any) -> Any:
    state = (state ^ eight) * _P1
    return (state ^ (state >> np.uint64(29))) * _P2


@njit
def hashed(low: int, high: int, seed: Any) -> Any:
    """A hash of 64 bits, of which the seed has to be guessed to make two the same."""
    length = high - low
    state = mixed(seed, np.uint64(length))
    if length < 8:
        rest = np.uint64(0)
        for k in range(length):
            rest = rest << np.uint64(8) | np.uint64(byte(low + k))
        state = mixed(state, rest)
    else:
        for at in range(low, high - 8, 8):
            state = mixed(state, word(at))
        state = mixed(state, word(high - 8))
    return state ^ (state >> _HALF)


# -- keys of identities: see cim.model.terms.key


@njit
def prefix(low: int, high: int) -> int:
    """How many bytes of an identity do not belong to its key."""
    if high - low > 2 and byte(low) == _HASH and byte(low + 1) == _UNDERSCORE:
        return 2
    if high - low > 9 and word(low) == _URN_UUID and byte(low + 8) == _COLON:
        return 9
    return 0


@njit
def is_uuid(low: int, high: int) -> bool:
    """Whether a key is one in which capitals and small letters are the same."""
    if high - low != 36 or byte(low + 8) != _HYPHEN or byte(low + 13) != _HYPHEN:
        return False
    if byte(low + 18) != _HYPHEN or byte(low + 23) != _HYPHEN:
        return False
    seen = word(low + 28)
    for at in range(low, low + 32, 8):
        seen |= word(at)
    return bool((seen & _HIGH) == 0)


@njit
def upper(eight: Any) -> Any:
    """Eight ASCII characters in capitals."""
    from_a = eight + _ONES * np.uint64(0x80 - 0x61)
    past_z = eight + _ONES * np.uint64(0x80 - 0x7B)
    return eight - ((from_a & ~past_z & _HIGH) >> np.uint64(2))


@njit
def same_uuid(a: int, b: int) -> bool:
    for k in (0, 8, 16, 24, 28):  # noqa: SIM110 - numba compiles no generator
        if upper(word(a + k)) != upper(word(b + k)):
            return False
    return True


@njit
def hashed_uuid(low: int, seed: Any) -> Any:
    state = mixed(seed, np.uint64(36))
    for k in (0, 8, 16, 24, 28):
        state = mixed(state, upper(word(low + k)))
    return state ^ (state >> _HALF)


@njit
def hashed_key(low: int, high: int, seed: Any) -> Any:
    low += prefix(low, high)
    return hashed_uuid(low, seed) if is_uuid(low, high) else hashed(low, high, seed)


# -- tables


@njit
def slot_of(low: int, high: int, code: Any, blob: int, ends: int, slots: int, mask: int) -> Any:
    """The address of the slot of a string, its own or a free one; 0 when the search is too long."""
    tag = code & _LOW
    slot = np.int64(tag) & mask
    for _ in range(PROBES):
        entry = word(slots + 8 * slot)
        if entry == 0:
            return slots + 8 * slot
        if entry >> _HALF == tag:
            at = ends + 8 * (np.int64(entry & _LOW) - 1)
            a, b = blob + number(at), blob + number(at + 8)
            if b - a == high - low and same(low, a, b - a):
                return slots + 8 * slot
        slot = (slot + 1) & mask
    return 0


@njit
def slot_of_key(low: int, high: int, code: Any, blob: int, ends: int, slots: int, mask: int) -> Any:
    """As `slot_of`, for what has the same key."""
    low += prefix(low, high)
    uuid = is_uuid(low, high)
    tag = code & _LOW
    slot = np.int64(tag) & mask
    for _ in range(PROBES):
        entry = word(slots + 8 * slot)
        if entry == 0:
            return slots + 8 * slot
        if entry >> _HALF == tag:
            at = ends + 8 * (np.int64(entry & _LOW) - 1)
            a, b = blob + number(at), blob + number(at + 8)
            a += prefix(a, b)
            if b - a == high - low and (same_uuid(low, a) if uuid else same(low, a, b - a)):
                return slots + 8 * slot
        slot = (slot + 1) & mask
    return 0


@njit
def entered(slot: int, low: int, high: int, code: Any, blob: int, ends: int, count: int) -> Any:
    """The row in a slot, the next one, `count`, when it was free; -1 without a slot."""
    if slot == 0:
        return -1
    entry = word(slot)
    if entry != 0:
        return np.int64(entry & _LOW) - 1
    put_word(slot, (code & _LOW) << _HALF | np.uint64(count + 1))
    at = number(ends + 8 * count)
    copy(low, high - low, blob + at)
    put_word(ends + 8 * count + 8, at + high - low)
    return count


@njit
def row_of(
    low: int, high: int, blob: int, ends: int, slots: int, mask: int, count: int, seed: Any
) -> Any:
    """The row of a string, which is entered if it is new, as row `count`; -1 as in `slot_of`."""
    code = hashed(low, high, seed)
    slot = slot_of(low, high, code, blob, ends, slots, mask)
    return entered(slot, low, high, code, blob, ends, count)


@njit
def row_of_key(
    low: int, high: int, blob: int, ends: int, slots: int, mask: int, count: int, seed: Any
) -> Any:
    """As `row_of`, in a table in which strings with the same key count as one."""
    code = hashed_key(low, high, seed)
    slot = slot_of_key(low, high, code, blob, ends, slots, mask)
    return entered(slot, low, high, code, blob, ends, count)


@njit
def spread(slots: Any, larger: Any) -> None:
    """Enter the rows of one hash table into a larger one, which is free."""
    mask = np.int64(len(larger) - 1)
    for entry in slots:
        if entry != 0:
            slot = np.int64(entry >> _HALF) & mask
            while larger[slot] != 0:
                slot = (slot + 1) & mask
            larger[slot] = entry


# -- whole tables


@njit
def hashes(blob: Any, ends: Any, folded: bool, seed: Any) -> Any:
    """A hash of each string, or of its key; uint64, one a row."""
    start = np.int64(blob.ctypes.data)
    out = np.empty(len(ends) - 1, np.uint64)
    for row in range(len(out)):
        low, high = start + ends[row], start + ends[row + 1]
        out[row] = hashed_key(low, high, seed) if folded else hashed(low, high, seed)
    return out


@njit
def gather(blob: Any, ends: Any, rows: Any, out: Any, out_ends: Any) -> None:
    """Copy the strings in `rows` into `out`, whose places are `out_ends`."""
    source, to = np.int64(blob.ctypes.data), np.int64(out.ctypes.data)
    for k in range(len(rows)):
        low, high = ends[rows[k]], ends[rows[k] + 1]
        copy(source + low, high - low, to + out_ends[k])


@njit
def _place(
    blob: Any, ends: Any, folded: bool, new_blob: Any, new_ends: Any, slots: Any, seed: Any
) -> Any:
    """Enter all strings into a new table; the row that each has got, and how many there are."""
    places = np.empty(len(ends) - 1, np.int32)
    start, mask, count = np.int64(blob.ctypes.data), len(slots) - 1, 0
    to = (np.int64(new_blob.ctypes.data), np.int64(new_ends.ctypes.data))
    table = np.int64(slots.ctypes.data)
    for k in range(len(places)):
        low, high = start + ends[k], start + ends[k + 1]
        if folded:
            row = row_of_key(low, high, to[0], to[1], table, mask, count, seed)
        else:
            row = row_of(low, high, to[0], to[1], table, mask, count, seed)
        places[k] = row
        count = max(count, row + 1)
        if row < 0:
            return places, -1
    return places, count


def put_together(
    blob: NDArray[np.uint8], ends: NDArray[np.int64], folded: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int32]]:
    """The distinct ones of these strings, as blob and ends; and for each string its row there."""
    new_blob, new_ends = np.empty(len(blob), np.uint8), np.zeros(len(ends), np.int64)
    slots = np.zeros(1 << (2 * len(ends)).bit_length(), np.uint64)
    count = -1
    while count < 0:  # another seed, when so many have the same hash; it is no accident
        seed = np.uint64(secrets.randbits(64))
        slots[:] = 0
        places, count = _place(blob, ends, folded, new_blob, new_ends, slots, seed)
    new_ends = new_ends[: count + 1].copy()
    return new_blob[: new_ends[-1]].copy(), new_ends, places


@njit
def sums(subject: Any, name: Any, kind: Any, target: Any, ids: Any, names: Any, texts: Any) -> Any:
    """Of the hashes of all statements the sum, whatever their order.

    ids, names, texts: the hash of each row of these tables.
    """
    total = np.uint64(0)
    for row in range(len(subject)):
        code = mixed(ids[subject[row]], names[name[row]])
        if kind[row] == 0:
            said = names[target[row]]
        elif kind[row] == 1:
            said = ids[target[row]]
        else:
            said = texts[target[row]]
        total += mixed(code + np.uint64(kind[row]), said)
    return total
