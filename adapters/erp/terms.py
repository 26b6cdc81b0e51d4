"""What the codes of a work management system stand for in IEC 61968-6, by tables, both ways.

Nothing is guessed: what a table does not have is refused, and the refusal names what it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import TypeVar

from cim.message import Verb
from cim.profiles.works import WorkKind, WorkStatusKind, WorkTaskKind

E = TypeVar("E", bound=StrEnum)

NOUNS = ("MaintenanceOrders", "WorkRequests", "ServiceOrders", "TroubleOrders")
VERBS = (Verb.CREATED, Verb.CHANGED, Verb.CLOSED, Verb.CANCELED)


@dataclass(frozen=True)
class WorkType:
    """What work of one type is in the CIM.

    noun: one of `NOUNS`.
    task: what it does to the asset; the schemas of IEC 61968-6 want it said.
    """

    noun: str
    kind: WorkKind
    task: WorkTaskKind

    @classmethod
    def of(cls, name: str, table: Mapping[str, str]) -> WorkType:
        """Raises: ValueError naming the key."""
        at = f"work_types.{name}"
        if set(table) != {"noun", "kind", "task"}:
            raise ValueError(f"{at} must have the keys noun, kind and task; it has {listed(table)}")
        if table["noun"] not in NOUNS:
            raise ValueError(f"{at}.noun {table['noun']!r} is none of {listed(NOUNS)}")
        return cls(
            table["noun"],
            one_of(WorkKind, table["kind"], f"{at}.kind"),
            one_of(WorkTaskKind, table["task"], f"{at}.task"),
        )


@dataclass(frozen=True)
class Terms:
    """The tables of the settings, checked (`adapters.erp.adapter.ErpAdapter`).

    customer_system: whose numbers those of customers, agreements and service points are.
    """

    system: str
    customer_system: str
    zone: tzinfo
    local: bool
    statuses: Mapping[str, WorkStatusKind]
    verbs: Mapping[str, Verb]
    by_maxvalue: bool
    work_types: Mapping[str, WorkType]
    priorities: Mapping[str, int]
    critical_assets: frozenset[str]
    created_again: str
    crew_statuses: Mapping[str, str]

    def __post_init__(self) -> None:
        if untold := sorted(self.statuses.keys() ^ self.verbs.keys()):
            raise ValueError(f"statuses and verbs must name the same; {listed(untold)} is in one")
        if self.created_again not in ("refuse", "change"):
            raise ValueError(f"created_again {self.created_again!r} is neither refuse nor change")


def statuses_of(table: Mapping[str, str]) -> dict[str, WorkStatusKind]:
    """Raises: ValueError naming the key."""
    return {k: one_of(WorkStatusKind, v, f"statuses.{k}") for k, v in table.items()}


def verbs_of(setting: str, table: Mapping[str, str], known: Sequence[Verb]) -> dict[str, Verb]:
    """The verbs of a table, which must be among those known.  Raises: ValueError naming the key."""
    verbs = {k: one_of(Verb, v, f"{setting}.{k}") for k, v in table.items()}
    for code, verb in verbs.items():
        if verb not in known:
            raise ValueError(f"{setting}.{code} {verb} is none of {listed(known)}")
    return verbs


def kind_of(status: str, statuses: Mapping[str, WorkStatusKind]) -> WorkStatusKind:
    """What a status of theirs is in the CIM.  Raises: ValueError naming those known."""
    if status not in statuses:
        raise ValueError(f"has no counterpart in the CIM; known are {listed(statuses)}")
    return statuses[status]


def status_of(kind: WorkStatusKind, statuses: Mapping[str, WorkStatusKind]) -> str:
    """What a status of the CIM is with them; of several the one that the table names first.

    Raises: ValueError naming those known.
    """
    for status, one in statuses.items():
        if one is kind:
            return status
    known = listed(dict.fromkeys(statuses.values()))
    raise ValueError(f"WorkStatusKind {kind} has no counterpart; known are {known}")


def listed(names: Iterable[str]) -> str:
    """Names for a sentence."""
    return ", ".join(names) or "none"


def one_of(kind: type[E], value: str, key: str) -> E:
    """A member of an enumeration.  Raises: ValueError naming `key` and the members."""
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"{key} {value!r} is none of {listed(kind)}") from None
