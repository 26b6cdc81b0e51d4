"""Compiled loops over the characters of XML 1.0 in UTF-8.

They stop at a zero, so there have to be some behind the document.  What cannot stand in XML stops
them too; they then return ~ of its address, which is negative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.model.memory import byte, njit, put_byte

TEXT, VALUE, SPACE, NAME, TAG = 1, 2, 4, 8, 16
"""What a byte may be without a second look: in a text, in a value, white space, in a name; and
whether it may follow the name in a tag."""


def _classes() -> NDArray[np.uint8]:
    table = np.zeros(256, np.uint8)
    table[0x20:0x80] = TEXT | VALUE
    table[[9, 10]] = TEXT
    table[list(b"<&>")] &= 0xFF & ~TEXT
    table[list(b"<&\"'")] &= 0xFF & ~VALUE
    table[list(b"\t\n\r ")] |= SPACE | TAG
    table[list(b"/>")] |= TAG
    letters = range(ord("a"), ord("z") + 1)
    table[[*b"-.:_0123456789", *letters, *(letter - 32 for letter in letters)]] |= NAME
    return table


_CLASS = _classes()
LT, GT, SLASH, BANG, DASH, EQUALS, HASH = b"<>/!-=#"
_AMP, _QUOTE, _APOSTROPHE, _SEMICOLON, _CR, _LF, _X, _BRACKET = b"&\"';\r\nx]"


@njit
def is_of(kind: int, value: int) -> bool:
    """Whether a byte is of a class."""
    return bool(_CLASS[value] & kind)


@njit
def after(kind: int, at: int) -> int:
    """The first address from `at` on where no byte of this class stands."""
    while _CLASS[byte(at)] & kind:
        at += 1
    return at


@njit
def length_of(at: int) -> int:
    """Bytes of the character at `at`; 0 when it is ASCII or XML has no such one."""
    a, b = byte(at), byte(at + 1)
    if b & 0xC0 != 0x80 or a < 0xC2 or a > 0xF4:
        return 0
    if a < 0xE0:
        return 2
    c = byte(at + 2)
    if c & 0xC0 != 0x80:
        return 0
    if a < 0xF0:
        code = (a & 0x0F) << 12 | (b & 0x3F) << 6 | (c & 0x3F)
        return 0 if code < 0x800 or 0xD800 <= code < 0xE000 or code > 0xFFFD else 3
    if byte(at + 3) & 0xC0 != 0x80:
        return 0
    high = (a & 0x07) << 6 | (b & 0x3F)
    return 0 if high < 0x10 or high > 0x10F else 4


@njit
def text_end(begin: int) -> tuple[int, bool]:
    """Where the text from `begin` ends, at a "<"; and whether it has to be decoded."""
    at, coded = begin, False
    while True:
        at = after(TEXT, at)
        here = byte(at)
        if here == LT:
            return at, coded
        if here in (_AMP, _CR):
            coded = True
            at += 1
        elif here == GT:
            if at - begin >= 2 and byte(at - 1) == _BRACKET and byte(at - 2) == _BRACKET:
                return ~at, False
            at += 1
        else:
            length = length_of(at)
            if length == 0:
                return ~at, False
            at += length


@njit
def value_end(begin: int, quote: int) -> tuple[int, bool]:
    """Where the value from `begin` ends, at its quote; and whether it has to be decoded."""
    at, coded = begin, False
    while True:
        at = after(VALUE, at)
        here = byte(at)
        if here == quote:
            return at, coded
        if here == _AMP:
            coded = True
            at += 1
        elif here in (_QUOTE, _APOSTROPHE):
            at += 1
        else:
            length = length_of(at)
            if length == 0:
                return ~at, False
            at += length


@njit
def comment_end(begin: int) -> int:
    """The address behind the comment from `begin`, where "<!" stands."""
    for k in (2, 3):
        if byte(begin + k) != DASH:
            return ~(begin + k)
    at = begin + 4
    while True:
        here = byte(at)
        if here == DASH and byte(at + 1) == DASH:
            return at + 3 if byte(at + 2) == GT else ~(at + 2)
        if 32 <= here < 128 or _CLASS[here] & SPACE:
            at += 1
        else:
            length = length_of(at)
            if length == 0:
                return ~at
            at += length


# -- tags


@njit
def value(at: int) -> tuple[int, int, bool]:
    """Begin and end of the value of an attribute, from behind its name on.

    And whether it has to be decoded; the begin is negative when something stops it.
    """
    at = after(SPACE, at)
    if byte(at) != EQUALS:
        return ~at, 0, False
    at = after(SPACE, at + 1)
    quote = byte(at)
    if quote != _QUOTE and quote != _APOSTROPHE:
        return ~at, 0, False
    end, coded = value_end(at + 1, quote)
    return (at + 1, end, coded) if end > 0 else (end, 0, False)


@njit
def tag_end(at: int) -> tuple[int, bool]:
    """The address behind a start tag, of which nothing else is left; and whether it ends itself."""
    at = after(SPACE, at)
    if byte(at) == GT:
        return at + 1, False
    if byte(at) != SLASH:
        return ~at, False
    return (at + 2, True) if byte(at + 1) == GT else (~(at + 1), False)


# -- decoding


@njit
def decoded(low: int, high: int) -> int:
    """Replace references and line ends where they stand; the new end, 0 for what is no XML."""
    out = at = low
    while at < high:
        here = byte(at)
        at += 1
        if here == _AMP:
            here, at = reference(at, high)
            if here < 0:
                return 0
            out = encode(here, out)
            continue
        if here == _CR:
            here = _LF
            if at < high and byte(at) == _LF:
                at += 1
        put_byte(out, here)
        out += 1
    return out


_ENTITIES = np.frombuffer(b"lt;gt;amp;quot;apos;", np.uint8)
_ENTITY_ENDS = np.array([0, 3, 6, 10, 15, 20])
_ENTITY_CODES = np.frombuffer(b"<>&\"'", np.uint8)


@njit
def reference(at: int, high: int) -> Any:
    """The character that is meant from behind an "&" on, -1 for none, and the address behind."""
    if byte(at) == HASH:
        return numbered(at + 1, high)
    for k in range(5):
        low, length = _ENTITY_ENDS[k], _ENTITY_ENDS[k + 1] - _ENTITY_ENDS[k]
        match = at + length <= high
        for j in range(length):
            match = match and byte(at + j) == _ENTITIES[low + j]
        if match:
            return np.int64(_ENTITY_CODES[k]), at + length
    return -1, at


@njit
def numbered(at: int, high: int) -> tuple[int, int]:
    """As `reference`, from behind "&#" on."""
    radix = 10
    if byte(at) == _X:
        radix, at = 16, at + 1
    code, begin = 0, at
    while at < high and byte(at) != _SEMICOLON:
        digit = digit_of(byte(at))
        if digit >= radix or code > 0x10FFFF:
            return -1, at
        code = code * radix + digit
        at += 1
    if at in (high, begin) or not is_character(code):
        return -1, at
    return code, at + 1


@njit
def digit_of(here: int) -> int:
    if 48 <= here <= 57:
        return here - 48
    if 97 <= here <= 102:
        return here - 87
    return here - 55 if 65 <= here <= 70 else 99


@njit
def is_character(code: int) -> bool:
    """Whether XML 1.0 has this character (production 2)."""
    if code < 0x20:
        return code == 9 or code == 10 or code == 13
    return code < 0xD800 or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


@njit
def encode(code: int, at: int) -> int:
    """Write a character; the address behind it."""
    if code < 0x80:
        put_byte(at, code)
        return at + 1
    length = 2 if code < 0x800 else 3 if code < 0x10000 else 4
    for k in range(length - 1, 0, -1):
        put_byte(at + k, 0x80 | code & 0x3F)
        code >>= 6
    put_byte(at, (0xF00 >> length) & 0xFF | code)
    return at + length
