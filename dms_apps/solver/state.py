"""A solution as StateVariables (IEC 61970-456): kilovolts, megawatts, degrees, phase by phase."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from cim.model.terms import key
from cim.network import Network
from cim.profile import Reference
from cim.profiles import state_variables as noun
from cim.profiles.phases import SinglePhaseKind
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Solution
from hub.history.islands import topological

_STATES = uuid.UUID("0c7e2d0e-78a2-5a7b-b3a5-5a8f0e2f9d4c")  # namespace of our identifiers
_SAME = 1e-4
"""Per unit, by which voltages at one topological node may differ."""


def state_variables(
    solution: Solution,
    network: Network,
    now: datetime,
    case: str,
    *,
    places: NDArray[np.bool_] | None = None,
    rows: NDArray[np.bool_] | None = None,
) -> noun.StateVariables:
    """What a solution of a network says of now.

    case:   what was computed, and how; a sentence.
    places: which voltages are told; all when None.
    rows:   which powers, by conductor; all when None.
    Of what did not converge there are no voltages and no powers; `case` says why.
    """
    called, groups = _described(network)
    layout = solution.layout
    nodes = dict(called) | _made(solution, groups, called)
    known = solution.converged
    told = known & (np.ones(len(layout.places), np.bool_) if places is None else places)
    flows = known & (np.ones(len(layout.conductors.place), np.bool_) if rows is None else rows)
    stated = {key(node) for node in called}
    placed = [(node, nodes[key(node)]) for node, _ in layout.places if key(node) in nodes]
    return noun.StateVariables(
        connectivity_node=tuple(
            noun.ConnectivityNode(mrid=node, topological_node=Reference(of))
            for node, of in dict(placed).items()
            if key(node) not in stated
        ),
        model=noun.Model(
            mrid=str(uuid.uuid5(_STATES, f"{case} {now.isoformat()} {now.isoformat()}")),
            created=now,
            description=case,
            scenario_time=now,
            dependent_on=tuple(map(Reference, network.version)),
        ),
        sv_power_flow=tuple(_flows(solution, flows)),
        sv_shunt_compensator_sections=tuple(_sections(solution)),
        sv_tap_step=tuple(
            noun.SvTapStep(position=step, tap_changer=Reference(mrid))
            for mrid, step in solution.steps.items()
        ),
        sv_voltage=tuple(_voltages(solution, nodes, told)),
        topological_island=tuple(_islands(solution, nodes)),
    )


def rows_of(layout: Layout, flows: str) -> NDArray[np.bool_]:
    """The conductors whose powers are told.

    flows: "injections" (loads, generators, sources), "all", "none".
    """
    if flows != "injections":
        return np.full(len(layout.conductors.place), flows == "all")
    feeding = [kind in ("load", "generator", "source") for kind in layout.kinds]
    return np.array(feeding, np.bool_)[layout.conductors.element]


def _described(network: Network) -> tuple[dict[str, str], tuple[frozenset[str], ...]]:
    """The topological node of each connectivity node, by key, that a model describes; and groups
    of connectivity nodes that are one where none does."""
    called, made = topological(network)
    own = {node for nodes in made.values() for node in nodes}
    return {node: of for node, of in called.items() if node not in own}, tuple(made.values())


def _made(
    solution: Solution, groups: Sequence[Collection[str]], called: Mapping[str, str]
) -> dict[str, str]:
    """The topological node of each connectivity node that no model gives one.

    A group of which only some poles are closed has different voltages: each of its nodes is alone.
    """
    found: dict[str, str] = {}
    for group in groups:
        unsaid = [node for node in group if key(node) not in called]
        parts = [unsaid] if _alike(solution, unsaid) else [[node] for node in unsaid]
        for part in parts:
            first = min(part, default="")
            mrid = str(uuid.uuid5(_STATES, f"TopologicalNode {key(first)}"))
            found |= {key(node): mrid for node in part}
    return found


def _alike(solution: Solution, group: Sequence[str]) -> bool:
    if len(group) < 2:
        return True
    layout = solution.layout
    for phase in ("A", "B", "C", "s1", "s2", "N"):
        at = [layout.number[node, phase] for node in group if (node, phase) in layout.number]
        volts = solution.volts[at]
        if len(at) > 1 and np.ptp(volts.real) + np.ptp(volts.imag) > _SAME * np.abs(volts).max():
            return False
    return True


def _voltages(
    solution: Solution, nodes: Mapping[str, str], told: NDArray[np.bool_]
) -> Iterator[noun.SvVoltage]:
    seen: set[tuple[str, str]] = set()
    size, angle = np.abs(solution.volts) / 1e3, np.degrees(np.angle(solution.volts))
    for i in np.flatnonzero(told).tolist():
        node, phase = solution.layout.places[i]
        of = nodes.get(key(node))
        if of is None or (of, phase) in seen:
            continue
        seen.add((of, phase))
        yield noun.SvVoltage(
            angle=float(angle[i]),
            phase=SinglePhaseKind(phase),
            v=float(size[i]),
            topological_node=Reference(of),
        )


def _flows(solution: Solution, told: NDArray[np.bool_]) -> Iterator[noun.SvPowerFlow]:
    rows = solution.layout.conductors
    power = solution.power / 1e6
    for i in np.flatnonzero(told).tolist():
        yield noun.SvPowerFlow(
            p=float(power[i].real),
            phase=SinglePhaseKind(rows.phase[i]),
            q=float(power[i].imag),
            terminal=Reference(rows.terminal[i]),
        )


def _sections(solution: Solution) -> Iterator[noun.SvShuntCompensatorSections]:
    """By phase where the phases have different ones."""
    for shunt in solution.layout.view.shunts:
        values = solution.sections.get(shunt.mrid, ())
        alike = len(set(values)) == 1
        for (phase, _), value in list(zip(shunt.branches, values, strict=False))[
            : 1 if alike else None
        ]:
            yield noun.SvShuntCompensatorSections(
                phase=None if alike else SinglePhaseKind(phase),
                sections=value,
                shunt_compensator=Reference(shunt.mrid),
            )


def _islands(solution: Solution, nodes: Mapping[str, str]) -> Iterator[noun.TopologicalIsland]:
    """What is fed, and from where its angles are counted: the node of a source."""
    layout = solution.layout
    inside: dict[int, dict[str, None]] = {}
    for place, island in enumerate(solution.island.tolist()):
        of = nodes.get(key(layout.places[place][0]))
        if island >= 0 and of is not None:
            inside.setdefault(island, {})[of] = None
    references = dict(_references(solution, nodes))
    for island, members in sorted(inside.items()):
        reference = references.get(island)
        yield noun.TopologicalIsland(
            mrid=str(uuid.uuid5(_STATES, f"TopologicalIsland {reference or min(members)}")),
            angle_ref_topological_node=Reference(reference) if reference else None,
            topological_nodes=tuple(noun.TopologicalNode(mrid=of) for of in sorted(members)),
        )


def _references(solution: Solution, nodes: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    layout = solution.layout
    for source in reversed(layout.view.sources):
        place = layout.number[source.port.node, source.phases[0]]
        of = nodes.get(key(source.port.node))
        if of is not None:
            yield int(solution.island[place]), of
