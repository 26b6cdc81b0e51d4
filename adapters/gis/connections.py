"""Terminals and connectivity nodes, from columns of node names or from where ends lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adapters.gis import identities, phases
from adapters.gis.faults import Faults
from adapters.gis.gathering import Gathering
from adapters.gis.mapping import Features
from adapters.gis.parts import Part, tell
from adapters.gis.snapping import Snapped
from adapters.gis.table import Cells, Ints
from cim.model import LINK


@dataclass(frozen=True, eq=False)
class Nodes:
    """The connectivity nodes at the terminals of a part.

    ends: of each terminal the node of each row, as a document spells it; "" for none.
    """

    ends: Sequence[Sequence[str]]


def by_columns(part: Part, into: Gathering, plan: Features, faults: Faults) -> Nodes:
    """The nodes that columns name; those that no layer describes are made here."""
    ends = [_named(part, column, into, plan, faults) for column in part.layer.nodes]
    return Nodes(ends)


def _named(
    part: Part, column: str, into: Gathering, plan: Features, faults: Faults
) -> Sequence[str]:
    cells = part.column(column)
    for row in np.flatnonzero(cells.codes < 0).tolist():
        faults.say(f"{part.place(row)}: {column} is empty; it names a node.")
    of = part.layer.node_layer or "ConnectivityNode"
    spelled = [plan.identity(of, value) for value in cells.values]
    if not part.layer.node_layer:
        used = cells.used()
        _make([spelled[code] for code in used], into, plan)
        names = [identities.text(cells.values[code]) for code in used]
        into.text(
            into.identities(spelled[code] for code in used),
            plan.iri("IdentifiedObject.name"),
            names,
        )
    return [spelled[code] if code >= 0 else "" for code in cells.codes.tolist()]


def by_geometry(snapped: Snapped, part: Part, into: Gathering, plan: Features) -> Nodes:
    """The nodes at which the ends of a part were found to lie."""
    ends = snapped.ends[part.name]
    _make(list(dict.fromkeys(node for end in ends for node in end if node)), into, plan)
    return Nodes(ends)


def _make(spelled: Sequence[str], into: Gathering, plan: Features) -> None:
    into.type(into.identities(spelled), plan.iri("ConnectivityNode"))


def connect(part: Part, nodes: Nodes, into: Gathering, plan: Features, faults: Faults) -> None:
    """Give each object of a part its terminals at these nodes."""
    codes = _phases(part, plan, faults)
    for number, end in enumerate(nodes.ends, 1):
        there = [row for row, node in enumerate(end) if node and part.subjects[row]]
        subjects = [part.subjects[row] for row in there]
        made = [identities.made(subject, "Terminal", str(number)) for subject in subjects]
        terminals = into.identities(made)
        into.type(terminals, plan.iri("Terminal"))
        equipment = into.identities(subjects)
        into.say(terminals, plan.iri("Terminal.ConductingEquipment"), LINK, equipment)
        at = into.identities(end[row] for row in there)
        into.say(terminals, plan.iri("Terminal.ConnectivityNode"), LINK, at)
        iri = plan.iri("ACDCTerminal.sequenceNumber")
        into.text(terminals, iri, [str(number)] * len(terminals))
        if codes is not None:
            _say_phases(terminals, np.array(there, np.int32), codes, into, plan)


def _say_phases(terminals: Ints, rows: Ints, codes: Cells, into: Gathering, plan: Features) -> None:
    known = np.flatnonzero(codes.codes[rows] >= 0)
    said = [codes.values[code] for code in codes.codes[rows[known]].tolist()]
    kept = [place for place, code in enumerate(said) if code]
    targets = into.identities(plan.iri(f"PhaseCode.{said[place]}") for place in kept)
    into.say(terminals[known[kept]], plan.iri("Terminal.phases"), LINK, targets)


def _phases(part: Part, plan: Features, faults: Faults) -> Cells | None:
    """Of each row its PhaseCode."""
    said = part.layer.phases
    if said is None:
        return None
    cells = part.column(said.column)
    found = [""] * len(cells.values)
    for place in cells.used():
        try:
            found[place] = phases.code(cells.values[place], said, plan.phase_bits)
        except ValueError as error:
            tell(part, cells, place, f"{said.column} {error}", faults)
    return Cells(found, cells.codes)
