"""Parts of low and medium voltage circuits as CIM, with every figure that a load flow needs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from tests.cim.electrical.documents import line, matrix, terminals

Objects = dict[str, dict[str, str]]
Rows = Sequence[Sequence[complex]]

RATED = 500e3
"""Volt-amperes of each winding."""


def said(value: float) -> str:
    """A number with the digits that a float has."""
    return f"{value:.15g}"


def joined(*parts: Objects) -> Objects:
    return reduce(lambda one, other: one | other, parts, {})


def source(node: str, volts: float, ohm: float) -> Objects:
    """Very stiff: the ohm of its short-circuit power, three phases or one, X over R as OpenDSS."""
    z = {"r": ohm * 0.2425, "x": ohm * 0.9701, "r0": ohm * 0.3162, "x0": ohm * 0.9487}
    return {
        "EnergySource source": {
            "nominalVoltage": said(volts),
            "voltageMagnitude": said(volts),
            "voltageAngle": "0",
            **{name: said(value) for name, value in z.items()},
        },
        **terminals("source", node),
    }


def table(name: str, z: Rows, b: Rows = (), per: float = 1.0) -> Objects:
    """A matrix of ohm and siemens; `per` metres.  Lower triangles."""
    entries = {
        f"{i},{j}": " ".join(
            said(value / per)
            for value in (ohm.real, ohm.imag, *([b[i - 1][j - 1].real] if b else []))
        )
        for i, row in enumerate(z, 1)
        for j, ohm in enumerate(row, 1)
    }
    return matrix(name, entries)


def wires(
    name: str, nodes: tuple[str, str], of: str, metres: float, phases: str = "ABCN"
) -> Objects:
    about = {"PerLengthImpedance": f"#{of}", "Conductor.length": said(metres)}
    return line(name, about, phases, nodes)


def base(volts: float) -> tuple[str, Objects]:
    name = f"v{volts:g}"
    return f"#{name}", {f"BaseVoltage {name}": {"nominalVoltage": said(volts)}}


def load(
    name: str, node: str, power: complex, phases: str = "ABC", connection: str = "Y",
    volts: float = 400.0, response: str = "",
) -> Objects:  # fmt: skip
    """Watts and var of all phases together, in equal parts."""
    at, known = base(volts)
    found: Objects = {
        **known,
        f"EnergyConsumer {name}": {
            "p": said(power.real),
            "q": said(power.imag),
            "phaseConnection": f"~PhaseShuntConnectionKind.{connection}",
            "grounded": "true" if connection == "Y" else "false",
            "ConductingEquipment.BaseVoltage": at,
            **({"LoadResponse": response} if response else {}),
        },
        **terminals(name, node),
    }
    for phase in phases if len(phases) < 3 else "":
        found[f"EnergyConsumerPhase {name}_{phase}"] = {
            "EnergyConsumer": f"#{name}",
            "phase": f"~SinglePhaseKind.{phase}",
            "p": said(power.real / len(phases)),
            "q": said(power.imag / len(phases)),
        }
    return found


def lagging(volt_amperes: float, factor: float) -> complex:
    return complex(volt_amperes * factor, volt_amperes * math.sqrt(1 - factor**2))


def infeed(name: str, node: str, watts: float, unit: Objects, phases: str = "ABC") -> Objects:
    """An inverter; CIM counts what it draws."""
    kind = "PowerElectronicsConnection"
    [(what, about)] = unit.items()
    found: Objects = {
        f"{kind} {name}": {"p": said(-watts), "q": "0"},
        f"{what} {name}_unit": {**about, f"PowerElectronicsUnit.{kind}": f"#{name}"},
        **terminals(name, node),
    }
    for phase in phases if len(phases) < 3 else "":
        found[f"{kind}Phase {name}_{phase}"] = {
            kind: f"#{name}",
            "phase": f"~SinglePhaseKind.{phase}",
            "p": said(-watts / len(phases)),
            "q": "0",
        }
    return found


PHOTOVOLTAIC: Objects = {"PhotovoltaicUnit": {}}
BATTERY: Objects = {
    "BatteryUnit": {
        "ratedE": "5000",
        "storedE": "5000",
        "batteryState": "~BatteryStateKind.discharging",
    }
}

# -- transformers


@dataclass(frozen=True)
class End:
    """A winding: per cent of resistance, of reactance in a star equivalent, and of the tap.

    phases: of the end of a tank, in the order of its legs.
    """

    node: str
    connection: str
    volts: float
    clock: int
    r: float
    x: float
    tap: float
    grounded: bool = False
    phases: str = ""

    @property
    def ohm(self) -> dict[str, str]:
        whole = self.volts**2 / RATED / 100
        return {"r": said(self.r * whole), "x": said(self.x * whole)}

    @property
    def core(self) -> dict[str, str]:
        """5 per cent of loss and 11 of magnetising current."""
        whole = RATED / self.volts**2 / 100
        return {"g": said(5 * whole), "b": said(-11 * whole)}

    @property
    def rated(self) -> dict[str, str]:
        return {
            "connectionKind": f"~WindingConnection.{self.connection}",
            "ratedU": said(self.volts),
            "ratedS": said(RATED),
            "phaseAngleClock": str(self.clock),
        }

    def at(self, number: int) -> dict[str, str]:
        return {
            "TransformerEnd.Terminal": f"#t_t{number}",
            "TransformerEnd.endNumber": str(number),
            "TransformerEnd.grounded": "true" if self.grounded else "false",
        }


def bank(*ends: End) -> Objects:
    """A transformer t by its ends; the core is at the second, where OpenDSS has it."""
    found: Objects = {"PowerTransformer t": {}, **terminals("t", *(end.node for end in ends))}
    for i, end in enumerate(ends, 1):
        about = {"PowerTransformer": "#t", **end.at(i), **end.rated, **end.ohm}
        found[f"PowerTransformerEnd e{i}"] = about | (end.core if i == 2 else {})
    return joined(found, *(tap(f"e{i}", end.tap) for i, end in enumerate(ends, 1)))


def tank(*ends: End) -> Objects:
    """The same as a tank, whose ends say the order of their phases."""
    found: Objects = {
        "PowerTransformer t": {},
        "TransformerTank k": {"PowerTransformer": "#t", "TransformerTankInfo": "#info"},
        "TransformerTankInfo info": {},
        **terminals("t", *(end.node for end in ends)),
    }
    for i, end in enumerate(ends, 1):
        found[f"TransformerTankEnd e{i}"] = {
            "TransformerTank": "#k",
            "orderedPhases": f"~OrderedPhaseCodeKind.{end.phases}",
            **end.at(i),
        }
        found[f"TransformerEndInfo i{i}"] = {
            "TransformerTankInfo": "#info",
            "endNumber": str(i),
            **end.rated,
        }
        found[f"TransformerStarImpedance z{i}"] = {"TransformerEndInfo": f"#i{i}", **end.ohm}
    found["TransformerCoreAdmittance c"] = {"TransformerEnd": "#e2", **ends[1].core}
    return joined(found, *(tap(f"e{i}", end.tap) for i, end in enumerate(ends, 1)))


def tap(end: str, percent: float) -> Objects:
    """One step from neutral."""
    return {
        f"RatioTapChanger {end}_tap": {
            "TransformerEnd": f"#{end}",
            "stepVoltageIncrement": said(abs(percent)),
            "TapChanger.step": "1" if percent > 0 else "-1",
            "TapChanger.lowStep": "-1",
            "TapChanger.highStep": "1",
            "TapChanger.neutralStep": "0",
            "TapChanger.normalStep": "0",
            "TapChanger.ltcFlag": "false",
        }
    }
