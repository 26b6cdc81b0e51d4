"""The compiled pass that proves a document plain; imported only where it pays.

It goes by address, as all of `cim.model`'s loops do: the caller keeps the arrays alive, and zeros
behind the document.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.model.characters import (
    GT,
    LT,
    NAME,
    SLASH,
    SPACE,
    after,
    decoded,
    text_end,
    value,
)
from cim.model.interning import copy, row_of, same
from cim.model.memory import byte, njit, number, put_byte

DEPTH, ELEMENTS, ATTRIBUTES, NAMESPACES, LENGTH, VALUE, TEXT = range(7)
"""Places of the limits of `cim.gate.Limits`."""

REF = b"ref"
_R, _E, _F = REF
_XMLNS = b"xmlns"
_X, _M, _L, _N, _S = _XMLNS
_COLON, _UNDERSCORE = b":_"
_OWN_SPACE = len("http://www.w3.org/XML/1998/namespace")


@njit
def begins_name(here: int) -> bool:
    """Whether a name may begin with this byte, one of ASCII."""
    return bool(here == _UNDERSCORE or 65 <= here <= 90 or 97 <= here <= 122)


@njit
def is_qualified(low: int, high: int) -> bool:
    """Whether these bytes, all of them of names, are a name with one prefix or none."""
    if not begins_name(byte(low)):
        return False
    colons = 0
    for at in range(low, high):
        if byte(at) == _COLON:
            colons += 1
            if at + 1 == high or not begins_name(byte(at + 1)):
                return False
    return colons < 2


@njit
def declares(low: int, high: int) -> bool:
    """Whether an attribute of this name declares a namespace."""
    if high - low < 5 or not (byte(low) == _X and byte(low + 1) == _M and byte(low + 2) == _L):
        return False
    if not (byte(low + 3) == _N and byte(low + 4) == _S):
        return False
    return bool(high - low == 5 or byte(low + 5) == _COLON)


@njit
def is_ref(low: int, high: int) -> bool:
    return bool(high - low == 3 and byte(low) == _R and byte(low + 1) == _E and byte(low + 2) == _F)


@njit
def put(low: int, high: int, coded: bool, out: int) -> int:
    """Write the characters that a text or value stands for; the end, 0 for what is no XML."""
    copy(low, high - low, out)
    return decoded(out, out + high - low) if coded else out + high - low


@njit
def survey(
    document: Any,
    begun: int,
    limits: Any,
    shapes: Any,
    stops: Any,
    values: Any,
    stack: Any,
    spaces: Any,
    name_blob: Any,
    name_ends: Any,
    name_slots: Any,
    seed: Any,
    uris: Any,
) -> Any:
    """Go over the root element that begins in `document` at `begun`.

    Returns where it ends, how many elements and names there are, how much of `values` is written,
    and how many declarations of namespaces there are; the first is 0 when something is not plain or
    not within `limits`.

    shapes: of each element, the row of its name, times 256, plus its depth.
    stops:  the element after the last one within it.
    values: each with a zero behind it: of an element with an attribute `ref` that, else its text
            when it has no children, else nothing.
    stack, spaces: of each depth, the element that is open, and the namespaces it declares.
    uris:   where the first namespaces that are declared begin and end, in turn.
    name_blob, name_ends, name_slots, seed: the table of names, see `cim.model.interning`; free.
    """
    nothing = (0, 0, 0, 0, 0)
    start, first = np.int64(document.ctypes.data), np.int64(values.ctypes.data)
    blob, ends = np.int64(name_blob.ctypes.data), np.int64(name_ends.ctypes.data)
    slots, mask = np.int64(name_slots.ctypes.data), len(name_slots) - 1
    at, out = start + begun, first
    depth = count = names = scope = longest = spoken = 0
    space = _OWN_SPACE
    while True:
        if byte(at) != LT:
            return nothing
        if byte(at + 1) == SLASH:
            if depth == 0:
                return nothing  # an end tag, and nothing has begun
            depth -= 1
            row = shapes[stack[depth]] >> 8
            low, length = number(ends + 8 * row), number(ends + 8 * row + 8)
            length -= low
            if not same(at + 2, blob + low, length):
                return nothing
            at = after(SPACE, at + 2 + length)
            if byte(at) != GT:
                return nothing
            at += 1
            stops[stack[depth]] = count
            scope -= spaces[depth]
            if depth == 0:
                break
            end, _coded = text_end(at)
            if end < 0 or end - at > limits[TEXT]:
                return nothing
            at = end
            continue
        # -- a start tag: its name
        if depth >= limits[DEPTH] or count >= limits[ELEMENTS] or count >= len(shapes):
            return nothing
        low = at + 1
        at = after(NAME, low)
        length = at - low
        room = len(name_blob) - number(ends + 8 * names)
        if length == 0 or length > room or names + 1 >= len(name_ends):
            return nothing
        row = row_of(low, at, blob, ends, slots, mask, names, seed)
        if row == names:
            if not is_qualified(low, at):
                return nothing
            longest = max(longest, length)
            names += 1
        if row < 0:
            return nothing
        # -- its attributes
        attributes = declared = ref = ref_end = 0
        ref_coded = False
        here = byte(at)
        while here != GT and here != SLASH:
            low = after(SPACE, at)
            here = byte(low)
            if here in (GT, SLASH):
                at = low
                break
            high = after(NAME, low)
            if low == at or high == low or not is_qualified(low, high):
                return nothing
            begin, end, coded = value(high)
            if begin < 0 or end < 0:
                return nothing
            longest = max(longest, high - low)
            if declares(low, high):
                declared += 1
                space = max(space, end - begin)
                if 2 * spoken < len(uris):
                    uris[2 * spoken], uris[2 * spoken + 1] = begin - start, end - start
                spoken += 1
            else:
                attributes += 1
                if end - begin > limits[VALUE]:
                    return nothing
                if is_ref(low, high):
                    ref, ref_end, ref_coded = begin, end, coded
            at = end + 1
            here = byte(at)
        scope += declared
        if attributes > limits[ATTRIBUTES] or scope > limits[NAMESPACES]:
            return nothing
        # -- what it is, and what it holds
        shapes[count] = row << 8 | depth
        stack[depth], spaces[depth] = count, declared
        count += 1
        if here == SLASH:
            if byte(at + 1) != GT:
                return nothing
            at += 2
            stops[count - 1] = count
            scope -= declared
            begin = end = at
            coded = False
        else:
            at += 1
            depth += 1
            begin = at
            end, coded = text_end(at)
            if end < 0 or end - begin > limits[TEXT]:
                return nothing
            at = end
            if byte(at + 1) != SLASH:
                begin = end
        if ref:
            begin, end, coded = ref, ref_end, ref_coded
        out = put(begin, end, coded, out)
        if out == 0:
            return nothing
        put_byte(out, 0)
        out += 1
        if here == SLASH:
            if depth == 0:
                break
            end, coded = text_end(at)
            if end < 0 or end - at > limits[TEXT]:
                return nothing
            at = end
    if longest + 1 + space > limits[LENGTH]:
        return nothing
    return at - start, count, names, out - first, spoken
