"""Transformers written by hand: banks by their ends, tanks by catalogue and tests."""

from __future__ import annotations

from cim.electrical.transformers import Transformer
from tests.cim.electrical.documents import terminals, viewed

Objects = dict[str, dict[str, str]]


def bank(*ends: dict[str, str], **said: str) -> Objects:
    """A PowerTransformer t with ends e1, e2 ... at nodes n1, n2 ..."""
    objects: Objects = {"PowerTransformer t": said}
    nodes = [f"n{i}" for i in range(1, len(ends) + 1)]
    objects |= terminals("t", *nodes)
    for number, end in enumerate(ends, 1):
        objects[f"PowerTransformerEnd e{number}"] = {
            "PowerTransformer": "#t",
            "TransformerEnd.Terminal": f"#t_t{number}",
            "TransformerEnd.endNumber": str(number),
            **end,
        }
    return objects


def end(connection: str, volts: float, clock: int = 0, **said: str) -> dict[str, str]:
    grounded = "true" if connection in ("Yn", "A") else "false"
    return {
        "connectionKind": f"~WindingConnection.{connection}",
        "ratedU": f"{volts}",
        "ratedS": "1e6",
        "phaseAngleClock": str(clock),
        "TransformerEnd.grounded": grounded,
        **said,
    }


def tank(*ends: dict[str, str], **tests: dict[str, str]) -> Objects:
    """A TransformerTank k by catalogue; ends have phases and data, tests are by name."""
    objects: Objects = {
        "PowerTransformer t": {},
        "TransformerTank k": {"PowerTransformer": "#t", "TransformerTankInfo": "#info"},
        "TransformerTankInfo info": {},
        **terminals("t", *(f"n{i}" for i in range(1, len(ends) + 1))),
    }
    for number, said in enumerate(ends, 1):
        said = dict(said)
        objects[f"TransformerTankEnd e{number}"] = {
            "TransformerTank": "#k",
            "orderedPhases": f"~OrderedPhaseCodeKind.{said.pop('phases')}",
            "TransformerEnd.Terminal": f"#t_t{number}",
            "TransformerEnd.endNumber": str(number),
            "TransformerEnd.grounded": said.pop("grounded", "true"),
        }
        objects[f"TransformerEndInfo i{number}"] = {
            "TransformerTankInfo": "#info",
            "endNumber": str(number),
            "ratedS": "25000",
            "connectionKind": "~WindingConnection.I",
            **said,
        }
    for name, test in tests.items():
        kind = "NoLoadTest" if "EnergisedEnd" in test and "GroundedEnds" not in test else ""
        objects[f"{kind or 'ShortCircuitTest'} {name}"] = {
            "TransformerTest.basePower": "25000",
            **test,
        }
    return objects


def short_circuit(one: int, two: int, ohm: float, kilowatts: float) -> dict[str, str]:
    return {
        "EnergisedEnd": f"#i{one}",
        "GroundedEnds": f"#i{two}",
        "leakageImpedance": f"{ohm}",
        "loss": f"{kilowatts}",
    }


CENTRE = tank(
    {"phases": "AN", "ratedU": "7200"},
    {"phases": "s1N", "ratedU": "120"},
    {"phases": "Ns2", "ratedU": "120", "phaseAngleClock": "6"},
    s12=short_circuit(1, 2, 50, 0.4),
    s13=short_circuit(1, 3, 52, 0.4),
    s23=short_circuit(2, 3, 0.02, 0.6),
    n={
        "EnergisedEnd": "#i1",
        "energisedEndVoltage": "7200",
        "excitingCurrent": "0.8",
        "loss": "0.09",
    },
)


def only(objects: Objects, *problems: str) -> Transformer:
    """The only transformer of a document with these problems."""
    found = viewed(objects)
    assert found.problems == problems
    [one] = found.transformers
    return one


def why(objects: Objects) -> str:
    """Why no transformer of a document is read."""
    found = viewed(objects)
    assert found.transformers == ()
    return found.problems[-1]
