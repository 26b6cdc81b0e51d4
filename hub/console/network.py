"""One object of the network, in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cim.network import Network


@dataclass(frozen=True)
class Step:
    """A device on the way to the feeder head."""

    mrid: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Described:
    """What the network knows of one object.

    phases:    those it has; of a usage point those supplied now.
    energised: per the switch positions; None for what is no usage point.
    closed:    the phases in which a switch is closed, "none" when open; None for what is no switch.
    path:      protective devices from the nearest upstream to the feeder head.
    below:     how many usage points are fed through it.
    """

    mrid: str
    name: str
    kind: str
    phases: str
    feeder: str
    energised: bool | None = None
    closed: str | None = None
    path: tuple[Step, ...] = ()
    below: int = 0


def described(network: Network, wanted: str) -> Described | None:
    """The object of that mRID or name, or the usage point of that meter; None when unknown."""
    if not wanted:
        return None
    if point := network.usage_point_of(wanted):
        return _usage_point(network, point)
    try:
        known = network.knows(wanted)
        return _device(network, wanted if known else network.equipment_named(wanted).mrid)
    except KeyError:
        return None


def _usage_point(network: Network, mrid: str) -> Described:
    return Described(
        mrid=mrid,
        name=network.name(mrid),
        kind="UsagePoint",
        phases=_together(network.energised_phases(mrid)),
        feeder=_named(network, network.feeder_of(mrid)),
        energised=network.is_energised(mrid),
        path=tuple(Step(d, _named(network, d)) for d in network.protective_path(mrid)),
    )


def _device(network: Network, mrid: str) -> Described:
    equipment = network.equipment(mrid)
    return Described(
        mrid=equipment.mrid,
        name=equipment.name,
        kind=equipment.cim_class,
        phases=_together(equipment.phases),
        feeder=_named(network, network.feeder_of(mrid)),
        closed=_closed(network, mrid),
        below=len(network.usage_points_below(mrid)),
    )


def _closed(network: Network, mrid: str) -> str | None:
    try:
        return _together(network.switch_closed(mrid)) or "none"
    except KeyError:
        return None


def _named(network: Network, mrid: str) -> str:
    """Its name, or else its mRID: a container need not be in the model."""
    return (network.name(mrid) if network.knows(mrid) else "") or mrid


def _together(phases: Collection[str]) -> str:
    return " ".join(sorted(phases))
