"""The tables as they lie beside this module, read when they are first asked for."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


def end_devices() -> dict[str, Any]:
    """Events, controls and the parts of their codes."""
    return _read("end_devices")


def reading_types() -> list[dict[str, Any]]:
    """The 18 fields of a reading type, in order: name, numbers, symbols."""
    fields: list[dict[str, Any]] = _read("reading_types")["field"]
    return fields


def reading_qualities() -> dict[str, Any]:
    """The three parts of a reading quality, and whole codes."""
    return _read("reading_qualities")


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("cim.codes") / f"{name}.toml").read_text("utf-8"))
