"""How far protective devices see: the lowest fault currents on the paths that they protect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.electrical.protection import Pickup
from dms_apps.short_circuit.seen import Through, in_phase, residual
from dms_apps.short_circuit.zones import Device, Zones
from dms_apps.solver.layout import Layout

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ALIKE = 0.01
_NEAR = 0.3
"""Of voltages, per unit: of one level when nominal, and when none is stated."""
_NOTHING = 1e-3


@dataclass(frozen=True)
class Seen:
    """A fault as a device sees it.

    amperes:  through the pole that carries most; `residual`: of all poles together.
    at_fault: in the phase that carries most at the fault itself.
    fault:    e.g. "1ph-earth A".
    share:    amperes over the setting that they are nearest to reach; NaN without a setting.
    """

    node: str
    fault: str
    amperes: float
    residual: float
    at_fault: float
    share: float


@dataclass(frozen=True)
class Reach:
    """What a device sees least; None where there is nothing to see.

    own:     in its zone, at its voltage, down to the next devices.
    beyond:  behind transformers of its zone.
    backup:  in the zones of the next devices, at its voltage.
    settings: by which it acts, and who says so.
    rated:   amperes; None when not given.
    lost:    share of what it saw of a fault in its zone that it does not see with distributed
             generation, of the fault that loses most; None when that was not compared.
    """

    device: Device
    own: Seen | None
    beyond: Seen | None
    backup: Seen | None
    settings: tuple[Pickup, ...]
    rated: float | None
    lost: Seen | None = None
    lost_share: float = 0.0

    def sentences(self, names: Mapping[str, str], margin: float = 1.5) -> Iterator[str]:
        """Hints, the gravest first.

        margin: how many times its setting a device should see.
        """
        of = f"{self.device.kind} {self.device.name}"
        if self.own is not None:
            yield self._own(of, self.own, names, margin)
        if self.settings and self.backup is not None and self.backup.share < 1:
            yield (
                f"{of} is no back-up for {_told(self.backup, names)}: {_amperes(self.backup)} "
                f"through it, below its {self._setting()}."
            )
        if self.settings and self.beyond is not None and self.beyond.share < 1:
            yield (
                f"{of} does not see {_told(self.beyond, names)}, behind a transformer: "
                f"{_amperes(self.beyond)} through it, below its {self._setting()}."
            )
        if self.lost is not None and self.lost_share > 0.05:
            yield (
                f"Distributed generation takes {100 * self.lost_share:,.0f} % from what {of} sees "
                f"of {_told(self.lost, names)}: {_amperes(self.lost)} are left."
            )

    def _own(self, of: str, seen: Seen, names: Mapping[str, str], margin: float) -> str:
        lowest = f"{_amperes(seen)} through it for {_told(seen, names)}"
        if not self.settings:
            if self.rated is None:
                return f"{of} states neither a setting nor a rated current; at least {lowest}."
            times = seen.amperes / self.rated
            return f"{of} has at least {lowest}, {times:,.1f} times its rated current."
        if seen.share < 1:
            return f"{of} cannot see the end of its zone: {lowest}, below its {self._setting()}."
        judged = "sees all of its zone" if seen.share >= margin else "sees its zone just so"
        return f"{of} {judged}: at least {lowest}, {seen.share:,.1f} times its {self._setting()}."

    def _setting(self) -> str:
        return " and ".join(
            f"{'earth ' if one.earth else ''}setting of {one.current:,.0f} A ({one.source})"
            for one in self.settings
        )


def _told(seen: Seen, names: Mapping[str, str]) -> str:
    return f"a {seen.fault} fault at {names.get(seen.node) or seen.node}"


def _amperes(seen: Seen) -> str:
    return f"{seen.amperes:,.0f} A"


def reaches(zones: Zones, through: Through, without: Through | None = None) -> tuple[Reach, ...]:
    """Of every device that feeds a zone.

    through: the lowest faults, with what feeds them; without: the same without distributed
             generation, of the same nodes.  Of both a device sees what is less.
    """
    levels, layout = through.levels, zones.layout
    counts = levels.highest > _NOTHING
    zone = zones.zone[levels.places[:, 0]]
    rated = {one.mrid: one.rated_current for one in layout.view.switches}
    found = []
    for device in zones.devices:
        if device.into < 0:
            continue
        settings = tuple(one for one in layout.view.pickups if one.switch == device.mrid)
        near = zones.beyond(device)
        rows = np.flatnonzero(counts & np.isin(zone, [device.into, *near]))
        fed = through.of(device.mrid, rows)
        bare = fed if without is None else without.of(device.mrid, rows)
        current = np.where((in_phase(bare) < in_phase(fed))[:, None], bare, fed)
        own = zone[rows] == device.into
        here = _at_its_voltage(layout, through, device, levels.places[rows, 0])
        look = _Look(through, rows, current, _shares(current, settings))
        found.append(
            Reach(
                device,
                look.lowest(own & here),
                look.lowest(own & ~here),
                look.lowest(~own & here),
                settings,
                rated.get(device.mrid),
                *_lost(look, fed, bare, own & here),
            )
        )
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Look:
    through: Through
    rows: Ints
    current: NDArray[np.complex128]
    shares: Floats

    def lowest(self, mask: Bools) -> Seen | None:
        """By its share of a setting, or by amperes where none is known."""
        at = np.flatnonzero(mask)
        if not len(at):
            return None
        size = in_phase(self.current[at]) if np.isnan(self.shares).any() else self.shares[at]
        return self.seen(int(at[size.argmin()]))

    def seen(self, i: int) -> Seen:
        levels, row = self.through.levels, int(self.rows[i])
        return Seen(
            levels.nodes[levels.node[row]],
            f"{levels.kinds[row]} {''.join(levels.phases(row))}",
            float(in_phase(self.current[i : i + 1])[0]),
            float(residual(self.current[i : i + 1])[0]),
            float(levels.highest[row]),
            float(self.shares[i]),
        )


def _shares(current: NDArray[np.complex128], settings: Sequence[Pickup]) -> Floats:
    """Of each fault, of the setting that it is nearest to reach."""
    found = np.full(len(current), np.nan)
    for one in settings:
        size = residual(current) if one.earth else in_phase(current)
        found = np.fmax(found, size / one.current)
    return found


def _at_its_voltage(layout: Layout, through: Through, device: Device, places: Ints) -> Bools:
    own = int(layout.conductors.place[layout.rows(device.mrid).start])
    nominal = layout.nominal
    if np.isfinite(nominal[own]):
        stated = np.abs(nominal[places] / nominal[own] - 1) < _ALIKE
    else:
        stated = np.zeros(len(places), np.bool_)
    volts = np.abs(through.before.volts_of)
    near = np.abs(volts[places] / max(float(volts[own]), 1e-9) - 1) < _NEAR
    unknown = np.isnan(nominal[places]) | np.isnan(nominal[own])
    return np.asarray(np.where(unknown, near, stated), np.bool_)


def _lost(
    look: _Look, fed: NDArray[np.complex128], bare: NDArray[np.complex128], mask: Bools
) -> tuple[Seen | None, float]:
    """The fault of which distributed generation takes most, and how much."""
    at = np.flatnonzero(mask)
    if fed is bare or not len(at):
        return None, 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.nan_to_num(1 - in_phase(fed[at]) / in_phase(bare[at]), posinf=0, neginf=0)
    most = int(lost.argmax())
    return look.seen(int(at[most])), float(max(lost[most], 0.0))
