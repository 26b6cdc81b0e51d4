"""What one CIS calls things, checked once at the start."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.cis.fields import Fields, Writing, listed
from cim.message import Verb
from cim.profiles.kinds import CustomerKind

NOUNS = ("NetworkModels", "CustomerAgreements", "UsagePointConfig", "MasterDataLinkageConfig")
CHANGES: Mapping[str, str] = {
    **{"I": "created", "U": "changed", "D": "deleted"},
    **{"New": "created", "Change": "changed", "Delete": "deleted"},
}
"""Those of a database's log, and the verbs of MultiSpeak."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Names and codes.

    nouns:          what is said of service points.
    changes:        their code of what happened in a delta -> verb.
    equipment:      their name of a piece of equipment -> its mRID.
    customer_kinds: their type of customer -> CustomerKind; empty: nothing is said of it.
    country_code:   of telephone numbers without one, and what stands before them within it.
    crs:            URN of the coordinate reference system of positions.
    """

    system: str
    writing: Writing
    nouns: frozenset[str]
    changes: Mapping[str, Verb]
    equipment: Mapping[str, str] = field(default_factory=dict)
    customer_kinds: Mapping[str, CustomerKind] = field(default_factory=dict)
    country_code: str = ""
    trunk_prefix: str = ""
    crs: str = "urn:ogc:def:crs:OGC:1.3:CRS84"

    def verb(self, fields: Fields) -> Verb:
        """What a record of a delta says.  Raises: ValueError for a code nobody knows."""
        if (code := fields["change"]) not in self.changes:
            raise fields.wrong("change", f"is not in changes; known are {listed(self.changes)}")
        return self.changes[code]

    def equipment_mrid(self, name: str) -> str | None:
        """The mRID of a piece of equipment: of the table, or a UUID itself; None when unknown."""
        try:
            return str(uuid.UUID(self.equipment.get(name, name)))
        except ValueError:
            return None


def nouns_of(names: Sequence[str]) -> frozenset[str]:
    """The nouns of the settings.  Raises: ValueError for one that is not among them."""
    if unknown := [name for name in names if name not in NOUNS]:
        raise ValueError(f"nouns: {unknown[0]!r} is none of {', '.join(NOUNS)}")
    return frozenset(names)


def changes_of(table: Mapping[str, str]) -> dict[str, Verb]:
    """The codes of a delta.  Raises: ValueError for a verb that is none of the three."""
    known = (Verb.CREATED, Verb.CHANGED, Verb.DELETED)
    for code, verb in table.items():
        if verb not in known:
            raise ValueError(f"changes.{code}: {verb!r} is none of {', '.join(known)}")
    return {code: Verb(verb) for code, verb in table.items()}


def kinds_of(table: Mapping[str, str]) -> dict[str, CustomerKind]:
    """Types of customers.  Raises: ValueError for a kind that the CIM does not have."""
    for code, kind in table.items():
        if kind not in list(CustomerKind):
            raise ValueError(
                f"customer_kinds.{code}: {kind!r} is none of {', '.join(CustomerKind)}"
            )
    return {code: CustomerKind(kind) for code, kind in table.items()}
