"""JSON whose numbers stay the texts that they are written as."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn


def as_written(text: str) -> Any:
    """The value of a JSON document.

    Raises: json.JSONDecodeError; ValueError for NaN, Infinity and for an object that says a key
    twice; RecursionError.
    """
    return json.loads(
        text,
        parse_int=str,
        parse_float=str,
        parse_constant=_no_number,
        object_pairs_hook=_once,
    )


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"{twice!r} is said twice")
    return found
