"""The header of a model (IEC 61970-552): what kind it is, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from cim.model.terms import key

MD = "http://iec.ch/TC57/61970-552/ModelDescription/1#"
DM = "http://iec.ch/TC57/61970-552/DifferenceModel/1#"
FULL, DIFFERENCE = "FullModel", "DifferenceModel"


class Said(NamedTuple):
    """One statement of a header.

    name:    IRI of the property, e.g. MD + "Model.created".
    value:   literal, or what a reference points at, as written.
    is_link: whether it is a reference.
    """

    name: str
    value: str
    is_link: bool


@dataclass(frozen=True)
class Header:
    """md:FullModel or dm:DifferenceModel.

    identity: of this version of the model, as written, e.g. "urn:uuid:...".
    kind:     IRI of its class.
    said:     its statements in the order of the document.
    """

    identity: str
    kind: str = MD + FULL
    said: tuple[Said, ...] = ()

    @property
    def mrid(self) -> str:
        """Its identity without prefix."""
        return bare(self.identity)

    @property
    def is_difference(self) -> bool:
        return self.kind.endswith(f"#{DIFFERENCE}")

    def values(self, name: str) -> tuple[str, ...]:
        """All values of e.g. "Model.profile", in any namespace; references without prefix."""
        return tuple(
            bare(said.value) if said.is_link else said.value
            for said in self.said
            if said.name.rpartition("#")[2] == name
        )

    def value(self, name: str) -> str:
        """The first value of e.g. "Model.version"; empty without one."""
        return next(iter(self.values(name)), "")

    @property
    def supersedes(self) -> tuple[str, ...]:
        """mRIDs of the models that this one replaces."""
        return self.values("Model.Supersedes")

    @property
    def dependent_on(self) -> tuple[str, ...]:
        """mRIDs of the models that this one refers to."""
        return self.values("Model.DependentOn")

    @property
    def profiles(self) -> tuple[str, ...]:
        """URIs of the profiles it follows."""
        return self.values("Model.profile")

    def with_said(self, *said: Said) -> Header:
        """This header with `said` in place of what it says of the same properties."""
        names = {one.name for one in said}
        return replace(self, said=(*(s for s in self.said if s.name not in names), *said))


def bare(identity: str) -> str:
    """An identity without "#_", "#" or "urn:uuid:", in its own spelling."""
    for prefix in ("urn:uuid:", "#_", "#"):
        if identity.startswith(prefix):
            return identity[len(prefix) :]
    return identity


def same(one: str, other: str) -> bool:
    """Whether two spellings, with or without prefix, name the same object."""
    return key(bare(one)) == key(bare(other))
