"""Where equipment meets the network: its terminals, their nodes and their phases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from cim.electrical.reading import Absurd, Reading

PHASES = ("A", "B", "C", "s1", "s2", "N")
"""All phases, in the order in which they stand where a document gives none."""
ABC = PHASES[:3]

_WORD = re.compile(r"[A-CN]|s[12]")


@dataclass(frozen=True)
class Port:
    """One terminal.

    terminal, node: mRIDs, the node's of its ConnectivityNode, in bus-branch models TopologicalNode.
    phases:         as Terminal.phases has them; empty when it does not say.
    """

    terminal: str
    node: str
    phases: tuple[str, ...] = ()


@cache
def ordered(code: str) -> tuple[str, ...]:
    """The phases of a PhaseCode, OrderedPhaseCodeKind or SinglePhaseKind, in their order.

    "Ns2" is ("N", "s2"), "s12N" is ("s1", "s2", "N"), "none" and "" are ().
    Raises: Absurd, e.g. for "XY", phases that are not known.
    """
    word = code.replace("s12", "s1s2").replace("s21", "s2s1")
    if word in ("", "none"):
        return ()
    found = tuple(_WORD.findall(word))
    if "".join(found) != word or len(set(found)) < len(found):
        raise Absurd(f"{code} is not a set of known phases")
    return found


def live(phases: Sequence[str]) -> tuple[str, ...]:
    """These phases without the neutral."""
    return tuple(phase for phase in phases if phase != "N")


def sorted_phases(phases: Iterable[str]) -> tuple[str, ...]:
    """These phases in the order of `PHASES`."""
    return tuple(sorted(phases, key=PHASES.index))


def port(reading: Reading, terminal: int) -> Port:
    """Raises: Absurd when the terminal is at no node."""
    node = reading.link(terminal, "Terminal.ConnectivityNode", "Terminal.TopologicalNode")
    if node is None:
        raise Absurd(f"its {reading.called(terminal)} is at no node")
    if not reading.kind(node):
        reading.say(terminal, f"is at {reading.mrid(node)}, which is not in the model")
    phases = ordered(reading.code(terminal, "Terminal.phases"))
    return Port(reading.mrid(terminal), reading.mrid(node), phases)


def ports(reading: Reading, row: int, count: int) -> tuple[Port, ...]:
    """The terminals of equipment by sequence number.

    Raises: Absurd when there are not `count` of them, or one is at no node.
    """
    terminals = reading.behind(row, "Terminal.ConductingEquipment")
    if len(terminals) != count:
        raise Absurd(f"it has {len(terminals)} terminals, and must have {count}")
    if count > 1:
        terminals = sorted(terminals, key=lambda terminal: _number(reading, terminal))
    return tuple([port(reading, terminal) for terminal in terminals])


def _number(reading: Reading, terminal: int) -> float:
    value = reading.number(terminal, "ACDCTerminal.sequenceNumber")
    if value is None:
        value = reading.number(terminal, "Terminal.sequenceNumber")
    return value or 0.0


def stated_phases(ends: Sequence[Port]) -> tuple[str, ...]:
    """The phases that these terminals state; where none does, ABC (IEC 61970-301, Terminal.phases).

    Raises: Absurd when they contradict one another.
    """
    said = {end.terminal: end.phases for end in ends if end.phases}
    if len({frozenset(live(phases)) for phases in said.values()}) > 1:
        words = " and ".join("".join(phases) for phases in said.values())
        raise Absurd(f"its terminals have the phases {words}")
    return max(said.values(), key=len, default=ABC)


def agreed(phases: Sequence[str], ends: Sequence[Port]) -> tuple[str, ...]:
    """`phases` of a device, if its terminals do not contradict them; without any, the terminals'.

    Raises: Absurd.
    """
    if not phases:
        return stated_phases(ends)
    if len(set(phases)) < len(phases):
        raise Absurd(f"its phases are {', '.join(phases)}, one of them twice")
    for end in ends:
        if end.phases and set(live(end.phases)) != set(live(phases)):
            raise Absurd(
                f"its phases are {''.join(phases)} and its terminal's {''.join(end.phases)}"
            )
    return tuple(phases)
