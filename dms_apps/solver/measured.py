"""Measurements of a network's models with the values of now: powers, currents and voltages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cim.model import Model
from cim.network import Network

QUANTITIES: Mapping[str, str] = {
    **{"ThreePhaseActivePower": "p", "ActivePower": "p", "ThreePhaseReactivePower": "q"},
    **{"ReactivePower": "q", "LineCurrent": "i", "Current": "i", "A": "i"},
    **{"PhaseVoltage": "v", "Voltage": "v", "LineToLineVoltage": "v", "PNV": "v"},
}
"""Measurement.measurementType -> watts, var, amperes or volts (IEC 61970-301, table of types)."""

_POWER_OF_TEN = {"n": -9, "micro": -6, "m": -3, "c": -2, "d": -1, "none": 0, "da": 1, "h": 2,
                 "k": 3, "M": 6, "G": 9, "T": 12}  # fmt: skip
_NAMES = ("Measurement.measurementType", "Measurement.phases", "Measurement.Terminal",
          "Measurement.unitMultiplier")  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What one measurement shows.

    quantity: "p", "q", "i" or "v".
    phases:   letters, as in the model; "" for all of them together.
    value:    in SI units.
    at:       when; None where nothing says so.
    validity: GOOD, QUESTIONABLE or INVALID; empty where nothing says so.
    """

    mrid: str
    name: str
    quantity: str
    terminal: str
    phases: str
    value: float
    at: datetime | None
    validity: str


def shown(network: Network) -> Iterator[Shown]:
    """Of all analog measurements at a terminal that have a value."""
    for model in (network.model(mrid) for mrid in network.version):
        for row, said in _analog(model).items():
            quantity = QUANTITIES.get(said.get("Measurement.measurementType", ""))
            terminal = said.get("Measurement.Terminal")
            found = network.measurement(model.mrid(row)) if quantity and terminal else None
            if found is None or found.value is None or quantity is None or terminal is None:
                continue
            scale = 10.0 ** _POWER_OF_TEN.get(said.get("Measurement.unitMultiplier", "none"), 0)
            yield Shown(
                model.mrid(row),
                network.name(model.mrid(row)) if network.knows(model.mrid(row)) else "",
                quantity,
                terminal,
                said.get("Measurement.phases", "").removeprefix("none"),
                float(found.value) * scale,
                found.at,
                found.validity,
            )


def _analog(model: Model) -> dict[int, dict[str, str]]:
    """By row of a measurement what is said of it."""
    is_analog = model.of_class("Analog")
    found: dict[int, dict[str, str]] = {}
    for name in _NAMES:
        for row, text in zip(*model.values(name), strict=True):
            if is_analog[row]:
                found.setdefault(int(row), {})[name] = model.text(int(text))
        for row, of in zip(*model.links(name), strict=True):
            if is_analog[row]:
                value = model.mrid(int(of))
                is_code = name.endswith(("phases", "unitMultiplier"))
                found.setdefault(int(row), {})[name] = (
                    value.rpartition(".")[2] if is_code else value
                )
    return found
