"""What a demo utility owns, as its asset management tells of it: switches and transformers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from dms_apps.simulator.utility import Utility

Row = dict[str, str]

_MAKERS = ("Feederworks", "Lineside")
_WEIGHTS = {"PowerTransformer": 320.0, "Recloser": 140.0, "Breaker": 210.0}  # kg
_ELSE = 25.0  # kg


@dataclass(frozen=True)
class Owned:
    """The same for the same utility and seed; `at` says what is old."""

    utility: Utility
    at: datetime

    def assets(self) -> Iterator[Row]:
        """One for each switch and transformer of the feeder."""
        random = Random(f"{self.utility.seed} assets")  # noqa: S311 - repeatable, no secret
        network = self.utility.network
        for mrid in sorted(network.devices):
            kind = network.device_kind(mrid)
            installed = self.at.date() - timedelta(days=random.randrange(200, 12_000))
            yield {
                "siteid": "FEEDERTON",
                "assetnum": network.equipment(mrid).name,
                "status": "OPERATING",
                "assettype": kind,
                "serialnum": f"SN-{random.randrange(10**8):08}",
                "manufacturer": random.choice(_MAKERS),
                "modelnum": _model(kind),
                "equipment_mrid": mrid,
                "manufacturedate": (installed - timedelta(days=90)).isoformat(),
                "installdate": installed.isoformat(),
                "inservicedate": installed.isoformat(),
            }

    def catalogue(self) -> Iterator[Row]:
        """What both makers have of each kind."""
        network = self.utility.network
        for kind in sorted({network.device_kind(mrid) for mrid in network.devices}):
            for maker in _MAKERS:
                yield {
                    "manufacturer": maker,
                    "modelnum": _model(kind),
                    "description": f"{kind} of {maker}",
                    "assettype": kind,
                    "weight": f"{_WEIGHTS.get(kind, _ELSE):.0f}",
                }


def _model(kind: str) -> str:
    return f"{kind}-1"
