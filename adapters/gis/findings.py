"""What is odd about a network, each with a place: told to whoever tries the file, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.gis.faults import Faults
from adapters.gis.mapping import Found

_MOST = 50


@dataclass(frozen=True)
class Finding:
    """One oddity.

    sentence: what it is, with the names of the objects.
    lon, lat: where, in degrees of WGS 84; None where no geometry tells.
    """

    kind: Found
    sentence: str
    lon: float | None = None
    lat: float | None = None

    def __str__(self) -> str:
        place = "" if self.lon is None else f" (at {self.lon:.6f}, {self.lat:.6f})"
        return f"{self.kind}: {self.sentence}{place}."


def told(
    name: str, findings: Sequence[Finding], refuse: Sequence[Found], faults: Faults
) -> list[str]:
    """The sentences on findings; those in `refuse` become faults."""
    counts: Counter[str] = Counter()
    said = []
    for finding in findings:
        if finding.kind in refuse:
            faults.say(f"{name}: {finding}")
            continue
        counts[finding.kind] += 1
        if counts[finding.kind] <= _MOST:
            said.append(f"{name}: {finding}")
    more = {kind: count - _MOST for kind, count in counts.items() if count > _MOST}
    return said + [f"{name}: {kind}: {count:,} more of these." for kind, count in more.items()]
