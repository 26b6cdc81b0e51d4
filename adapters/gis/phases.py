"""Phases of a row as a CIM PhaseCode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.gis import identities
from adapters.gis.mapping import Phases
from cim.network import phases

_ORDER = "ABCN"


def code(value: Any, said: Phases, bits: Mapping[str, int]) -> str:
    """ "AB" of a mask or a text.  Raises: ValueError with what is known."""
    text = identities.text(value)
    if said.codes:
        if text not in said.codes:
            raise ValueError(f"{text!r} is none of the codes known, {', '.join(said.codes)}")
        text = said.codes[text]
    elif said.bits:
        text = _of_mask(value, bits)
    if text and not phases.bits(text):
        raise ValueError(f"{text!r} names no phases")
    return "".join(sorted(text, key=_ORDER.find)) if set(text) <= set(_ORDER) else text


def _of_mask(value: Any, bits: Mapping[str, int]) -> str:
    try:
        mask = int(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is no bit mask") from None
    known = sum(bits.values())
    if mask <= 0 or mask & ~known:
        said = ", ".join(f"{phase} = {bit}" for phase, bit in bits.items())
        raise ValueError(f"{mask} has none or other bits than {said}")
    found = [phase for phase in bits if mask & bits[phase]]
    return "".join(found)
