"""One sentence that explains an outage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from cim.network import Network
from dms_apps.outage.evidence import Evidence
from dms_apps.outage.forest import Forest
from dms_apps.outage.outages import CONFIRMED, RETURNING, Outage

_KINDS = {"PowerTransformer": "transformer", "LoadBreakSwitch": "load break switch"}


class Wording:
    """Speaks of outages in the names of the network."""

    def __init__(self, network: Network, forest: Forest, evidence: Evidence) -> None:
        self._network, self._forest, self._evidence = network, forest, evidence
        self._dark = Counter(forest.feeder.get(point, "") for point in evidence.dark)

    def told(self, outage: Outage) -> str:
        """Why this outage is believed in."""
        if not outage.placed:
            return self._unplaced(outage)
        if outage.device is None:
            return self._service(outage)
        if outage.state == RETURNING:
            return (
                f"Power is coming back below {self._device(outage.device)}:"
                f" {_count(len(outage.points), 'customer')} of {outage.served:,} are still without."
            )
        if outage.state == CONFIRMED and outage.opened_at:
            return (
                f"{self._subject(outage)} was reported open at {_time(outage.opened_at)}:"
                f" {_count(len(outage.points), 'customer')} below it have no other supply;"
                f" {_count(len(outage.dark), 'meter')} reported power lost."
            )
        return (
            f"{self._subject(outage)} is predicted open: {len(outage.dark):,} of"
            f" {_count(outage.served, 'meter')} below it reported power lost"
            f" {self._between(outage.dark)}; {self._elsewhere(outage)}."
        )

    def ended(self, outage: Outage, heir: Outage | None) -> str:
        """Why an outage that was told is none any more, without being restored."""
        if heir is not None:
            return f"Now part of the outage {heir.mrid}, {self._place(heir)}."
        return f"Not borne out: no meter {self._place(outage)} is known to be without power."

    def restored(self, outage: Outage, left: int) -> str:
        """How it ended."""
        place = self._place(outage)
        if left:
            return (
                f"Power is back {place}; {_count(left, 'customer')} left without power now have"
                " outages of their own."
            )
        return f"Power is back {place}: no meter there is still known to be without."

    def _unplaced(self, outage: Outage) -> str:
        names = ", ".join(sorted(outage.dark)[:5])
        more = f" and {len(outage.dark) - 5:,} more" if len(outage.dark) > 5 else ""
        return (
            f"{_count(len(outage.dark), 'meter')} reported power lost and cannot be placed, because"
            f" the network does not know {names}{more}."
        )

    def _service(self, outage: Outage) -> str:
        [point] = outage.dark
        heard = self._evidence.dark.get(point)
        nearest = next(self._forest.above(point), None)
        others = f"; the others below {self._device(nearest)} have not" if nearest else ""
        when = f" at {_time(heard.at)}" if heard else ""
        return f"The meter at {self._name(point)} reported power lost{when}{others}."

    def _elsewhere(self, outage: Outage) -> str:
        feeder = next((self._forest.feeder[p] for p in outage.dark if p in self._forest.feeder), "")
        count = self._forest.on_feeder[feeder] - outage.served
        silent = count - self._dark[feeder] + len(outage.dark)
        name = f"feeder {self._name(feeder)}" if feeder else "the network"
        if not count:
            return f"{name} has no other meters"
        return f"{_count(silent, 'meter')} elsewhere on {name} have not"

    def _between(self, dark: Iterable[str]) -> str:
        times = [self._evidence.dark[p].at for p in dark if p in self._evidence.dark]
        if not times:
            return "before"
        first, last = min(times), max(times)
        if first == last:
            return f"at {_time(first)}"
        return f"between {_time(first)} and {_time(last)}"

    def _subject(self, outage: Outage) -> str:
        device = self._device(outage.device or "")
        if outage.poles:
            return f"Phase {outage.poles} of {device}"
        return device[0].upper() + device[1:]

    def _place(self, outage: Outage) -> str:
        if not outage.placed:
            return "outside the known network"
        if outage.device:
            return f"below {self._device(outage.device)}"
        return f"at {self._name(next(iter(outage.dark)))}"

    def _device(self, mrid: str) -> str:
        if not self._network.knows(mrid):
            return f"device {mrid}"
        kind = self._network.equipment(mrid).cim_class
        return f"{_KINDS.get(kind, kind.lower())} {self._name(mrid)}"

    def _name(self, mrid: str) -> str:
        return (self._network.equipment(mrid).name or mrid) if self._network.knows(mrid) else mrid


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
