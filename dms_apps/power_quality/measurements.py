"""Analog measurements of voltage quality, as models or messages describe them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cim.model import Model
from cim.network import Network
from cim.objects import identity
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.units import UnitSymbol

VOLTAGE = "voltage"

_VOLTS = ("PhaseVoltage", "Voltage", "LineToLineVoltage", "PNV")
"""Measurement.measurementType of voltages (IEC 61970-301; PNV is that of GridAPPS-D)."""

_POWER_OF_TEN = {"": 0, "n": -9, "micro": -6, "m": -3, "c": -2, "d": -1, "none": 0, "da": 1, "h": 2,
                 "k": 3, "M": 6, "G": 9, "T": 12}  # fmt: skip
_PLACES = ("Measurement.Terminal", "Measurement.PowerSystemResource")
_NAMES = ("Measurement.measurementType", "Measurement.phases", "Measurement.unitMultiplier",
          *_PLACES)  # fmt: skip


@dataclass(frozen=True)
class Described:
    """What a model or a message says of an analog measurement.

    called:   its mRID, or its name.
    quantity: voltage, thd, pst or plt.
    at:       terminal and equipment, by mRID or name, as far as they are said.
    phases:   letters; "" for all of them together.
    scale:    of its values to volts; of other quantities 1.
    """

    called: str
    quantity: str
    at: tuple[str, ...]
    phases: str
    scale: float = 1.0


def of_models(network: Network, types: Mapping[str, str]) -> Iterator[Described]:
    """Those of the models.

    types: Measurement.measurementType -> thd, pst or plt.
    """
    for model in (network.model(mrid) for mrid in network.version):
        for row, said in _analog(model).items():
            kind = said.get("Measurement.measurementType", "")
            quantity = VOLTAGE if kind in _VOLTS else types.get(kind)
            at = [said[name] for name in _PLACES if name in said]
            scale = _scale(said.get("Measurement.unitMultiplier", "")) if kind in _VOLTS else 1.0
            if quantity and at and scale:
                phases = _letters(said.get("Measurement.phases", ""))
                yield Described(model.mrid(row), quantity, tuple(at), phases, scale)


def of_message(values: MeasurementValues, types: Mapping[str, str]) -> Iterator[Described]:
    """Those of a message; what another application has computed is measured by none."""
    for said in values.analog_value:
        one, quality = said.analog, said.measurement_value_quality
        is_voltage = one.measurement_type in _VOLTS or one.unit_symbol is UnitSymbol.VOLT
        quantity = VOLTAGE if is_voltage else types.get(one.measurement_type or "")
        spots = (one.terminal, one.power_system_resource)
        at = tuple(called for spot in spots if spot and (called := identity(spot)))
        scale = _scale(str(one.unit_multiplier or "")) if is_voltage else 1.0
        called = identity(one)
        if called and quantity and at and scale and not (quality and quality.estimator_replaced):
            yield Described(called, quantity, at, _letters(str(one.phases or "")), scale)


def places(network: Network) -> Callable[[Sequence[str]], str | None]:
    """Finds the node of a terminal or of equipment, the first that is known; by mRID."""
    nodes = {
        model.mrid(int(terminal)): model.mrid(int(node))
        for model in (network.model(mrid) for mrid in network.version)
        for terminal, node in zip(*model.links("Terminal.ConnectivityNode"), strict=True)
    }

    def node(at: Sequence[str]) -> str | None:
        for called in at:
            if called in nodes:
                return nodes[called]
            found = network.nodes_of(called) if network.knows(called) else ()
            if len(found):
                return next(iter(found))
        return None

    return node


def _letters(code: str) -> str:
    """The phases of a PhaseCode without neutral."""
    return "" if code in ("none", "ABC", "ABCN") else code.removesuffix("N")


def _scale(multiplier: str) -> float | None:
    return 10.0 ** _POWER_OF_TEN[multiplier] if multiplier in _POWER_OF_TEN else None


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
