"""The codes with which a reply says what went wrong (IEC 61968-9, IEC 61968-100 ErrorType)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType


def _table() -> Mapping[str, str]:
    text = (resources.files("cim") / "reply_codes.toml").read_text("utf-8")
    codes: dict[str, str] = tomllib.loads(text)["codes"]
    return MappingProxyType(codes)


REPLY_CODES: Mapping[str, str] = _table()
"""Meaning of each code, in the order of the standard's table."""
