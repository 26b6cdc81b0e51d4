"""A feeder with protective devices, written by hand.

                                n5
                                |  transformer t to 400 V
source s -- n1 =breaker b= n2 ==line l== n3 =recloser r= n4 ==line m== n6 =fuse f= n7 --line o-- n8
                                |
                           n2, tie breaker z (open) to n9, which nothing feeds
"""

from __future__ import annotations

from cim.electrical.view import View
from tests.cim.electrical.documents import line, terminals, viewed
from tests.dms_apps.solver.feeder import VOLTS, Objects, source

LINE = {"r": "1", "x": "2", "r0": "3", "x0": "6", "Conductor.length": "1000"}


def device(kind: str, name: str, nodes: tuple[str, str], **said: str) -> Objects:
    """A closed one; what else it says is by attribute."""
    own = {"Switch.open": "false", "Switch.normalOpen": "false", **said}
    return {f"{kind} {name}": own, **terminals(name, *nodes)}


def named(name: str, *nodes: str) -> Objects:
    return {f"ConnectivityNode {node}": {"IdentifiedObject.name": node.upper()} for node in nodes}


def transformer() -> Objects:
    found: Objects = {"PowerTransformer t": {}, **terminals("t", "n3", "n5")}
    for number, volts, kind in ((1, VOLTS, "D"), (2, 400.0, "Yn")):
        found[f"PowerTransformerEnd t_e{number}"] = {
            "PowerTransformer": "#t",
            "TransformerEnd.endNumber": f"{number}",
            "TransformerEnd.Terminal": f"#t_t{number}",
            "ratedU": f"{volts}",
            "ratedS": "250e3",
            "r": "4" if number == 1 else "0",
            "x": "16" if number == 1 else "0",
            "connectionKind": f"~WindingConnection.{kind}",
            "phaseAngleClock": "0" if number == 1 else "11",
            "TransformerEnd.grounded": "true" if number == 2 else "false",
        }
    return found


def inverter(node: str = "n3", rated: str = "2e6") -> Objects:
    return {
        "PowerElectronicsConnection i": {"ratedS": rated, "ratedU": f"{VOLTS}", "p": "0", "q": "0"},
        **terminals("i", node),
    }


def parts(*more: Objects, **said: dict[str, str]) -> tuple[Objects, ...]:
    """`said`: attributes of the devices b, r and f."""
    return (
        source(),
        device("Breaker", "b", ("n1", "n2"), **said.get("b", {})),
        line("l", LINE, "", ("n2", "n3")),
        transformer(),
        device("Recloser", "r", ("n3", "n4"), **said.get("r", {})),
        line("m", LINE, "", ("n4", "n6")),
        device("Fuse", "f", ("n6", "n7"), **said.get("f", {})),
        line("o", LINE, "", ("n7", "n8")),
        device("Breaker", "z", ("n2", "n9"), **{"Switch.open": "true"}),
        *more,
    )


def protected(*more: Objects, **said: dict[str, str]) -> View:
    """The feeder as it is read."""
    return viewed(*parts(*more, **said))
