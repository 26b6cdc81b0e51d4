"""Findings as the changes of a ConnectivityChanges message."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cim.network import Change, Network
from cim.profiles.connectivity_changes import (
    ConnectivityChange,
    ConnectivityChangeKind,
    EnergySource,
    Equipment,
    Switch,
)
from cim.profiles.identification import (
    ConnectivityNode,
    Feeder,
    IdentifiedObject,
    Name,
    UsagePoint,
)
from cim.profiles.phases import PhaseCode
from dms_apps.network_connectivity.wording import sentence

_CHANGES = uuid.UUID("5b0b6c6e-1c86-5c43-9d6f-8f3f0f2f7a01")  # namespace of our version 5 UUIDs
_T = TypeVar("_T", bound=IdentifiedObject)


@dataclass(frozen=True)
class Notices:
    """Writes the changes that one message has caused.

    message_id: of it; the same change has the same mRID whenever it is found.
    told:       what was done, in words; empty where the message does not say.
    listed:     usage points and pieces of equipment listed in one change at most.
    """

    message_id: str
    at: datetime
    told: str
    before: Network
    after: Network
    listed: int

    def change(self, part: Change, number: int) -> ConnectivityChange:
        """What became of one part of the network, the `number`th change of the message."""
        return ConnectivityChange(
            mrid=self._mrid(number),
            created_date_time=self.at,
            description=sentence(part, self._called, self.told),
            equipment_count=len(part.equipment),
            kind=ConnectivityChangeKind(part.kind),
            node_count=len(part.nodes),
            phases=phase_code(part.phases),
            usage_point_count=len(part.usage_points),
            connectivity_node=self._at(part),
            equipments=tuple(Equipment(mrid=mrid) for mrid in self._first(part.equipment)),
            feeder=self._one(Feeder, part.feeder),
            feed_point=self._one(EnergySource, part.feed_point),
            previous_feeder=self._one(Feeder, part.previous_feeder),
            previous_feed_point=self._one(EnergySource, part.previous_feed_point),
            switches=tuple(self._known(Switch, mrid) for mrid in part.switches),
            usage_points=tuple(UsagePoint(mrid=mrid) for mrid in self._first(part.usage_points)),
        )

    def not_applied(self, why: str, things: Collection[str], number: int) -> ConnectivityChange:
        """Something was reported that does not fit the network.

        why:    a sentence.
        things: what the message names of it, mRIDs or names.
        """
        return ConnectivityChange(
            mrid=self._mrid(number),
            created_date_time=self.at,
            description=why,
            equipment_count=len(things),
            kind=ConnectivityChangeKind.NOT_APPLIED,
            node_count=0,
            usage_point_count=0,
            equipments=tuple(Equipment(names=(Name(name=thing),)) for thing in things),
        )

    def _mrid(self, number: int) -> str:
        return str(uuid.uuid5(_CHANGES, f"{self.message_id} {number}"))

    def _at(self, part: Change) -> ConnectivityNode | None:
        """The node of a live earth; of other parts the nodes are only counted."""
        alone = part.kind.startswith("liveEarth")
        return self._known(ConnectivityNode, part.nodes[0]) if alone else None

    def _first(self, mrids: Sequence[str]) -> Iterator[str]:
        """As many as are listed; of very many only those are put into words."""
        return (mrids[place] for place in range(min(len(mrids), self.listed)))

    def _one(self, kind: type[_T], mrid: str) -> _T | None:
        return self._known(kind, mrid) if mrid else None

    def _known(self, kind: type[_T], mrid: str) -> _T:
        """By mRID, and by the name people know it by."""
        name = self._name(mrid)
        return kind(mrid=mrid, names=(Name(name=name),) if name else ())

    def _called(self, mrid: str) -> str:
        return self._name(mrid) or mrid

    def _name(self, mrid: str) -> str:
        """As the network calls it, or did before."""
        for network in (self.after, self.before):
            if network.knows(mrid):
                return network.name(mrid)
        return ""


def phase_code(phases: frozenset[str]) -> PhaseCode | None:
    """The code of a set of A, B, C, s1, s2; where both kinds are there, of the primary ones."""
    primary = "".join(one for one in "ABC" if one in phases)
    secondary = "".join(one[1] for one in ("s1", "s2") if one in phases)
    code = primary or (f"s{secondary}" if secondary else "")
    return PhaseCode(code) if code else None
