"""Loads as StateVariables: what each draws at nominal voltage, phase by phase (IEC 61970-456)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from cim.profile import Reference
from cim.profiles.phases import SinglePhaseKind
from cim.profiles.state_variables import Model, StateVariables, SvPowerFlow
from dms_apps.load_model.moment import Loads

_LOADS = uuid.UUID("6f5b0a52-7f0c-5a0e-9c39-6f6c0d6f8b1e")  # namespace of our identifiers


def notice(loads: Loads, now: datetime, models: Sequence[str]) -> StateVariables:
    """Megawatts and megavar at the terminals of loads; of a part between phases at its first."""
    said = f"{loads.at.isoformat()} {now.isoformat()} {' '.join(models)}"
    return StateVariables(
        model=Model(
            mrid=str(uuid.uuid5(_LOADS, said)),
            created=now,
            description=loads.case,
            scenario_time=loads.at,
            dependent_on=tuple(map(Reference, models)),
        ),
        sv_power_flow=tuple(_flows(loads)),
    )


def _flows(loads: Loads) -> Iterator[SvPowerFlow]:
    for load in loads.layout.view.loads:
        for (phase, _), power in zip(load.branches, loads.power[load.mrid].tolist(), strict=True):
            yield SvPowerFlow(
                p=power.real / 1e6,
                phase=SinglePhaseKind(phase),
                q=power.imag / 1e6,
                terminal=Reference(load.port.terminal),
            )
