"""How sentences call an object: by its name and its mRID."""

from __future__ import annotations

from collections.abc import Mapping


def titled(name: str, mrid: str) -> str:
    """Both; the mRID alone of an object without a name, or whose name it is."""
    return f"{name} ({mrid})" if name and name != mrid else mrid


def titled_of(names: Mapping[str, str], mrid: str) -> str:
    """The same, with names by mRID."""
    return titled(names.get(mrid, ""), mrid)
