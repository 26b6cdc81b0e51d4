"""Analog measurements as the models of a network describe them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cim.model import Model
from cim.network import Network

_VOLTS = ("PhaseVoltage", "Voltage", "LineToLineVoltage", "PNV")
"""Measurement.measurementType of voltages (IEC 61970-301; PNV is that of GridAPPS-D)."""

_POWER_OF_TEN = {"n": -9, "micro": -6, "m": -3, "c": -2, "d": -1, "none": 0, "da": 1, "h": 2,
                 "k": 3, "M": 6, "G": 9, "T": 12}  # fmt: skip
_NAMES = ("Measurement.measurementType", "Measurement.phases", "Measurement.Terminal",
          "Measurement.unitMultiplier")  # fmt: skip


@dataclass(frozen=True)
class Described:
    """What a model says of an analog measurement.

    quantity: "v" of a voltage, else its measurementType.
    node:     connectivity node of the terminal; "" where the model says none.
    phases:   letters, as in the model; "" for all of them together.
    scale:    of its values to SI units.
    """

    mrid: str
    quantity: str
    terminal: str
    node: str
    phases: str
    scale: float


def described(network: Network) -> Iterator[Described]:
    """All analog measurements of the models that are at a terminal."""
    models = [network.model(mrid) for mrid in network.version]
    nodes = {
        model.mrid(int(terminal)): model.mrid(int(node))
        for model in models
        for terminal, node in zip(*model.links("Terminal.ConnectivityNode"), strict=True)
    }
    for model in models:
        for row, said in _analog(model).items():
            kind = said.get("Measurement.measurementType", "")
            if terminal := said.get("Measurement.Terminal"):
                yield Described(
                    model.mrid(row),
                    "v" if kind in _VOLTS else kind,
                    terminal,
                    nodes.get(terminal, ""),
                    said.get("Measurement.phases", "").removeprefix("none"),
                    10.0 ** _POWER_OF_TEN.get(said.get("Measurement.unitMultiplier", "none"), 0),
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
