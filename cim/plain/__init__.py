"""Documents in a plain form, which one compiled pass proves harmless and takes apart."""

from __future__ import annotations

from cim.plain.elements import LOADED, Elements, elements_of

__all__ = ["LOADED", "Elements", "elements_of"]
