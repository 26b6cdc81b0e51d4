"""How many numbers a code has says of what kind it is."""

from __future__ import annotations

import re

REPLY, QUALITY, EVENT, READING = 2, 3, 4, 18

_NUMBERS = re.compile(r"-?[0-9]{1,9}(\.-?[0-9]{1,9})*")


def numbers_of(text: str) -> tuple[str, ...]:
    """The numbers of a code; none when `text` has not the shape of one."""
    numbers = tuple(text.split(".")) if _NUMBERS.fullmatch(text) else ()
    return numbers if len(numbers) in (REPLY, QUALITY, EVENT, READING) else ()
