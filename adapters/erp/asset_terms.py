"""What the codes of assets and products stand for in IEC 61968-4, by tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from adapters.erp.fields import Fields
from adapters.erp.terms import Terms, listed
from cim.message import Verb
from cim.profiles.asset_list import AssetLifecycleStateKind, InUseStateKind
from cim.profiles.kinds import AssetModelUsageKind, CorporateStandardKind
from cim.profiles.product_asset_models import AssetKind

T = TypeVar("T")

CHANGES = (Verb.CREATED, Verb.CHANGED, Verb.DELETED)
LENGTHS: Mapping[str, float] = {"m": 1.0, "cm": 0.01, "mm": 0.001, "ft": 0.3048, "in": 0.0254}
WEIGHTS: Mapping[str, float] = {"kg": 1.0, "t": 1000.0, "lb": 0.45359237}

State = InUseStateKind | AssetLifecycleStateKind


@dataclass(frozen=True)
class AssetTerms:
    """The tables of the settings, checked (`adapters.erp.adapter.ErpAdapter`).

    terms:     those that orders have as well.
    length, weight: units of theirs in m and kg.
    """

    terms: Terms
    statuses: Mapping[str, State]
    kinds: Mapping[str, AssetKind]
    changes: Mapping[str, Verb]
    equipment: Mapping[str, str]
    standards: Mapping[str, CorporateStandardKind]
    usages: Mapping[str, AssetModelUsageKind]
    length: float
    weight: float


def states_of(table: Mapping[str, str]) -> dict[str, State]:
    """No two of both enumerations have one name.  Raises: ValueError naming the key."""
    known: dict[str, State] = {one.value: one for one in InUseStateKind}
    known |= {one.value: one for one in AssetLifecycleStateKind}
    for code, state in table.items():
        if state not in known:
            raise ValueError(f"asset_statuses.{code} {state!r} is none of {listed(known)}")
    return {code: known[state] for code, state in table.items()}


def unit_of(name: str, units: Mapping[str, float], key: str) -> float:
    """Raises: ValueError naming the key."""
    if name not in units:
        raise ValueError(f"{key} {name!r} is none of {listed(units)}")
    return units[name]


def coded(fields: Fields, column: str, table: Mapping[str, T], called: str) -> T | None:
    """What a code stands for, None without one.  Raises: ValueError naming those known."""
    if not (code := fields[column]):
        return None
    if code not in table:
        raise fields.wrong(column, f"is not in the table {called}; known are {listed(table)}")
    return table[code]
