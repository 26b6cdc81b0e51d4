"""What a trouble code says was seen, by the table of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

from cim.profiles.customer_contacts import Hazard
from cim.profiles.trouble_symptoms import (
    TroubleSymptoms,
    TroubleSymptomsExtentKind,
    TroubleSymptomsLightKind,
    TroubleSymptomsPoleKind,
    TroubleSymptomsTransformerKind,
    TroubleSymptomsTreeKind,
    TroubleSymptomsWireKind,
)

ANY = "*"
"""The code that stands for every code that is not in the table."""

HAZARD = "hazard"

KINDS: Mapping[str, type[StrEnum]] = {
    "extent": TroubleSymptomsExtentKind,
    "light": TroubleSymptomsLightKind,
    "pole": TroubleSymptomsPoleKind,
    "transformer": TroubleSymptomsTransformerKind,
    "tree": TroubleSymptomsTreeKind,
    "wire": TroubleSymptomsWireKind,
}
"""What may be seen -> how it may be."""

_OTHER = "other"  # in every kind


@dataclass(frozen=True)
class Seen:
    """What was seen, and what is dangerous in it."""

    symptoms: TroubleSymptoms | None
    hazards: tuple[Hazard, ...]


@dataclass(frozen=True)
class Troubles:
    """The table of trouble codes.

    table:  native code -> what it says: "light" = "dim" and so on for each of `KINDS`, and
            "hazard" = a danger in words.
    groups: a code is a string of digits, one for each group of troubles, 0 where it says nothing:
            one that the table has not is the sum of those with one digit, 1010 of 1000 and 0010.
    Raises: ValueError, naming code, key and rule.
    """

    table: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    groups: bool = False

    def __post_init__(self) -> None:
        for code, says in self.table.items():
            for what, how in says.items():
                _check(code, what, how)

    def seen(self, codes: Iterable[str]) -> Seen:
        """What codes say together.  Raises: ValueError when one is unknown, or they disagree."""
        kinds: dict[str, tuple[str, str]] = {}
        hazards: dict[str, None] = {}
        for code in chain.from_iterable(map(self._parts, codes)):
            for what, how in self._says(code).items():
                if what == HAZARD:
                    hazards[how] = None
                elif kinds.setdefault(what, (how, code))[0] != how:
                    raise ValueError(
                        f"of {what} it says {kinds[what][0]} and {how}; a ticket has room for one"
                    )
        return Seen(_symptoms(kinds), tuple(Hazard(type=one) for one in hazards))

    def _parts(self, code: str) -> list[str]:
        if not self.groups or code in self.table or not (code.isascii() and code.isdigit()):
            return [code]
        zeros = "0" * len(code)
        digits = (
            zeros[:place] + digit + zeros[place + 1 :]
            for place, digit in enumerate(code)
            if digit != "0"
        )
        return list(digits) or [code]

    def _says(self, code: str) -> Mapping[str, str]:
        says = self.table.get(code, self.table.get(ANY))
        if says is None:
            raise ValueError(
                f"{code!r} is not in the table of troubles;"
                f" known are {', '.join(sorted(self.table)) or 'none'}"
            )
        return says


def _check(code: str, what: str, how: str) -> None:
    if what == HAZARD and how.strip():
        return
    if what not in KINDS:
        raise ValueError(
            f"troubles.{code}: unknown {what}; known: {', '.join(sorted([*KINDS, HAZARD]))}"
        )
    if how not in set(KINDS[what]):
        raise ValueError(
            f"troubles.{code}: {what} {how!r} is none of {', '.join(sorted(KINDS[what]))}"
        )


def _symptoms(kinds: Mapping[str, tuple[str, str]]) -> TroubleSymptoms | None:
    """The kinds as the profile has them; where one is other, the code says it in words."""
    said: dict[str, str] = {}
    for what, (how, code) in kinds.items():
        said[f"trouble_symptoms_{what}"] = KINDS[what](how)
        if how == _OTHER and code:
            said[f"trouble_symptoms_{what}_other"] = code
    return TroubleSymptoms(**said) if said else None  # type: ignore[arg-type]  # kinds by name
