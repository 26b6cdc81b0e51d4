"""What does not fit together in the models, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cim.network.classes import SOURCES
from cim.network.statements import Statements
from cim.network.topology import Bools, Ints

LISTED = 50
"""So many objects of one kind of problem are named; the rest is counted."""


def remarks(said: Statements, supplies: tuple[Ints, Ints]) -> Iterator[str]:
    """Sentences about objects that lead nowhere.

    supplies: pairs of usage points and equipment.
    """
    described = said.classes > 0
    for link, what in (
        ("Terminal.ConnectivityNode", "Terminal {0} is at node {1}"),
        ("Terminal.ConductingEquipment", "Terminal {0} belongs to equipment {1}"),
        ("TransformerEnd.Terminal", "Transformer end {0} is at terminal {1}"),
        ("EndDevice.UsagePoint", "Meter {0} is at usage point {1}"),
    ):
        subjects, objects = said.link(link)
        yield from _dangling(said, what, subjects, objects, described)
    points, equipment = supplies
    yield from _dangling(said, "Usage point {0} is on equipment {1}", points, equipment, described)
    yield from _unconnected(said, points, equipment)
    if len(said.of_class("ConnectivityNode")) and not len(said.of_class(*SOURCES)):
        yield "No model describes a source of supply: everything counts as de-energised."


def _dangling(
    said: Statements, what: str, subjects: Ints, objects: Ints, described: Bools
) -> Iterator[str]:
    lost = np.flatnonzero(~described[objects])
    for one in lost[:LISTED].tolist():
        sentence = what.format(said.ids[subjects[one]], said.ids[objects[one]])
        yield f"{sentence}, which no model describes."
    if len(lost) > LISTED:
        yield f"{what.format('...', '...')}, which no model describes: {len(lost) - LISTED} more."


def _unconnected(said: Statements, points: Ints, equipment: Ints) -> Iterator[str]:
    """Usage points on no equipment, or on equipment without a terminal at a node."""
    terminals, owners = said.link("Terminal.ConductingEquipment")
    at_node = said.of(terminals, said.link("Terminal.ConnectivityNode"))
    joined = np.zeros(len(said.ids), np.bool_)
    joined[owners[at_node >= 0]] = True
    supplied = np.zeros(len(said.ids), np.bool_)
    supplied[points[joined[equipment] | (said.classes[equipment] == 0)]] = True
    all_points = said.of_class("UsagePoint")
    lost = all_points[~supplied[all_points]]
    for row in lost[:LISTED].tolist():
        yield f"Usage point {said.ids[row]} is on no equipment that is connected to a node."
    if len(lost) > LISTED:
        yield f"{len(lost) - LISTED} more usage points are on no equipment connected to a node."
