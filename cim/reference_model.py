"""Who says what to whom in a utility: the interface reference model (IEC 61968-1), as one table."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class SubFunction:
    """A part of a business function.

    code: e.g. "NO.FLT".
    """

    code: str
    name: str
    function: str


@dataclass(frozen=True)
class Exchange:
    """Which sub-functions publish a noun, and which subscribe to it, as a rule."""

    publishers: tuple[SubFunction, ...] = ()
    subscribers: tuple[SubFunction, ...] = ()


@cache
def functions() -> Mapping[str, str]:
    """Business functions, code to name, e.g. "NO" to "Network operations"."""
    return {code: table["name"] for code, table in _tables()["functions"].items()}


@cache
def sub_functions() -> Mapping[str, SubFunction]:
    """All sub-functions by code."""
    return {
        f"{function}.{code}": SubFunction(f"{function}.{code}", name, table["name"])
        for function, table in _tables()["functions"].items()
        for code, name in table.items()
        if code != "name"
    }


def exchange_of(noun: str) -> Exchange:
    """Between whom a noun goes; between nobody known for one that the table does not have."""
    row = _tables()["nouns"].get(noun, {})
    known = sub_functions()
    return Exchange(*(tuple(known[c] for c in row.get(key, ())) for key in ("from", "to")))


@cache
def _tables() -> dict[str, dict[str, dict[str, str]]]:
    data = (resources.files("cim") / "reference_model.toml").read_text("utf-8")
    return tomllib.loads(data)
